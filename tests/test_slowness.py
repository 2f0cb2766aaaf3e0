import threading
import time

from tests import slowness


def test_a_machine_is_never_called_quicker_than_a_quiet_one_nor_slower_than_the_most(monkeypatch):
    for seconds, expected in ((slowness.QUIET_S / 3, 1.0), (2 * slowness.QUIET_S, 2.0), (60.0, slowness.MOST)):
        monkeypatch.setattr(slowness, "_round_s", lambda seconds=seconds: seconds)
        assert slowness.slowness() == expected


def test_work_beside_it_is_seen(monkeypatch):
    alone = min(slowness._round_s() for _ in range(5))
    ended = threading.Event()

    def compete():
        while not ended.is_set():
            sum(range(1000))

    others = [threading.Thread(target=compete, daemon=True) for _ in range(3)]
    for other in others:
        other.start()
    time.sleep(0.1)
    try:
        assert min(slowness._round_s() for _ in range(3)) > 1.3 * alone
    finally:
        ended.set()
        for other in others:
            other.join()
