"""The meter of one of several workers: what all of them count together is what they used, and no more."""

import itertools
import multiprocessing
import pickle
import time

import pytest

from greenlm_edu import metering
from greenlm_edu.energy import Basis, CpuModelSource, ScriptedSource
from greenlm_edu.energy.container import find_share, find_worker_share
from greenlm_edu.energy.cpu_model import IDLE_SHARE, classify_cpu, cpu_name
from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval
from greenlm_edu.training.heartbeat import Heart, spent_until_lost
from greenlm_edu.training.worker_meter import measure_worker, travelling, worker_meter

BUSY_S = 1.0


def test_power_at_rest_is_shared_out_evenly():
    alone, third = find_worker_share(1), find_worker_share(3)
    assert third.resting_cpus == pytest.approx(alone.cpus / 3)
    assert third.cpus == alone.cpus  # what it may keep busy
    at_rest_w = CpuModelSource(alone).idle_power_w
    assert sum(CpuModelSource(find_worker_share(3)).idle_power_w for _ in range(3)) == pytest.approx(at_rest_w)


def test_a_worker_counts_its_process_even_in_a_container(tmp_path):
    (tmp_path / "cgroup.type").write_text("domain\n")
    (tmp_path / "cpu.stat").write_text("usage_usec 77000000\n")
    (tmp_path / "memory.max").write_text("1000000000\n")
    assert find_share(tmp_path).scope == "this container"
    share = find_worker_share(2, tmp_path)
    assert (share.scope, share.memory_limited) == ("this process", False)
    assert share.cpu_seconds() != 77


@pytest.mark.parametrize("count", [0, -1])
def test_a_nonsense_count_of_workers_is_refused(count):
    with pytest.raises(InputError, match=f"workers_on_host must be 1 or more; got {count}"):
        worker_meter(count)


def test_what_begins_inside_reads_the_same_meter_and_is_not_announced():
    heard = []
    stop = metering.announce_to(heard.append)
    try:
        with measure_worker("run", workers_on_host=2) as m, metering.measure("inside") as inside:
            pass
    finally:
        stop()
    assert heard == []
    assert [part.meters for part in inside.components] == [part.meters for part in m.components]
    assert travelling(inside).around is None


def busy(send, go):
    """A worker: busy for a known CPU time, once everybody is ready."""
    worker_meter(2)
    send.send("ready")
    go.wait()
    with measure_worker("run", workers_on_host=2, region="FRA") as m:
        began_s = time.process_time()
        while time.process_time() - began_s < BUSY_S:
            pass
        used_s = time.process_time() - began_s
    send.send_bytes(pickle.dumps((travelling(m), used_s)))


@pytest.mark.process
def test_two_workers_joules_add_up_without_the_container_counted_twice():
    context = multiprocessing.get_context("spawn")
    go = context.Event()
    pipes, workers = [], []
    for _ in range(2):
        ours, theirs = context.Pipe()
        worker = context.Process(target=busy, args=(theirs, go))
        worker.start()
        pipes.append(ours)
        workers.append(worker)
    try:
        for pipe in pipes:
            assert pipe.poll(60)
            assert pipe.recv() == "ready"
        go.set()
        told = [pickle.loads(pipe.recv_bytes()) for pipe in pipes]
    finally:
        for worker in workers:
            worker.join(10)
            worker.kill()
    parts = [m for m, _ in told]
    whole = metering.merge(parts)
    cpus = [next(one for one in m.components if one.component.startswith("cpu")) for m in parts]
    assert len({one.meters for one in cpus}) == 2
    assert whole.processes == 2
    cpu = next(one for one in whole.components if one.component.startswith("cpu"))
    assert cpu.energy_j.best == pytest.approx(sum(one.energy_j.best for one in cpus))
    if cpu.basis is Basis.MODELLED:
        source = CpuModelSource(find_worker_share(2))
        cpu_class = classify_cpu(cpu_name())
        by_hand_j = sum(
            source.idle_power_w * m.duration_s + cpu_class.watts_per_cpu * (1 - IDLE_SHARE) * used_s
            for m, used_s in told
        )
        assert cpu.energy_j.best == pytest.approx(by_hand_j, rel=0.1)


def beat_of(watts, most_w, t_s=10.0):
    energy_j = watts * t_s
    return {
        "name": "run",
        "origin": ["one", "one/c/1", 100.0],
        "started_at": "2026-01-01T12:00:00+00:00",
        "t_s": t_s,
        "every_s": 1.0,
        "components": [
            {
                "component": "gpu0",
                "label": "GPU 0",
                "basis": "counter",
                "reason": "",
                "note": "",
                "error_group": "gpu0",
                "meters": "gpu@A",
                "energy_j": [energy_j * 0.9, energy_j, energy_j * 1.1],
                "below_resolution": False,
                "most_w": most_w,
            }
        ],
    }


def test_a_lost_worker_used_at_least_what_it_told_and_at_most_its_full_power_since():
    lost = spent_until_lost(beat_of(50.0, 400.0), 2.0, "its worker died", region="FRA", pue=1.1)
    # Told: 450 to 550 J. Since: 0 to 2 s × 400 W; best: half of one beat's second at 50 W.
    assert lost.energy_j == Interval(450, 525, 1350)
    assert (lost.status, lost.region, lost.pue, lost.duration_s) == ("failed: its worker died", "FRA", 1.1, 12.0)
    assert lost.components[0].meters == "gpu@A"
    assert "as told 2.0 s before the worker was known to be dead" in lost.components[0].note


def test_where_nobody_knows_what_it_can_draw_a_lost_workers_joules_are_unknown_and_not_zero():
    lost = spent_until_lost(beat_of(0.0, 0.0), 2.0, "its worker died", region=None, pue=1.0)
    assert lost.energy_j is None
    assert lost.unmeasured[0].reason == "the worker died before it was known what this can draw"


def test_a_heart_tells_of_a_running_measurement_and_its_last_beat_is_below_the_truth():
    beats = []
    source = ScriptedSource(100.0, component="gpu0")
    with metering.measure("run", sources=[source]) as m:
        stop = metering.follow(m, Heart(m, (source,), beats.append, every_s=0.2))
        time.sleep(1.0)
        stop()
    assert len(beats) >= 3
    assert all(later["t_s"] - earlier["t_s"] >= 0.2 for earlier, later in itertools.pairwise(beats))
    told_j = beats[-1]["components"][0]["energy_j"][1]
    assert 30 < told_j <= m.energy_j.best
    lost = spent_until_lost(beats[-1], m.duration_s - beats[-1]["t_s"], "lost", region=None, pue=1.0)
    assert lost.energy_j.low <= m.energy_j.best <= lost.energy_j.high
