"""Several workers that train one model: what is asked of a job, who is which worker, and runs of real processes."""

import os
import socket
import threading
import time

import numpy as np
import psutil
import pytest

from greenlm_edu import metering
from greenlm_edu.errors import InputError, WorkerFailed
from greenlm_edu.training import collect_job, communication, distributed, prepare_job
from greenlm_edu.training.communication_cost import measured_communication
from greenlm_edu.training.distributed_job import Part, Round, checked_job, read_job, slice_of, tf_config, write_job
from greenlm_edu.training.distributed_worker import place_of
from greenlm_edu.training.local_workers import check_local
from greenlm_edu.training.meeting import held_ports, meet

IDS = np.random.default_rng(0).integers(0, 12, 2000)
TWO = ("127.0.0.1:2222", "127.0.0.1:2223")


def tiny(before=None):
    """A function that makes a small model, sent by value as a learner's is; `before` runs in the worker first."""

    def build():
        from greenlm_edu import lm

        if before:
            before()
        return lm.Transformer(vocab_size=12, context=8, width=16, num_layers=1, num_heads=2)

    return build


def in_worker(number, what):
    """Does `what` in one worker alone."""

    def before():
        import json
        import os

        if json.loads(os.environ["TF_CONFIG"])["task"]["index"] == number:
            what()

    return before


def job(**changed):
    return checked_job(**{"build": tiny(), "ids": IDS, "workers": 2, "steps": 3, "batch": 4, **changed})


@pytest.mark.parametrize(
    ("changed", "told"),
    {
        "batch": ({"batch": 5}, "batch=5, workers=2. Take batch=4"),
        "smaller than workers": ({"batch": 1}, "Take batch=2"),
        "workers": ({"workers": 0}, "workers must be a whole number, 1 or more; got workers=0"),
        "steps": ({"steps": 1.5}, "steps must be a whole number"),
        "rounds": ({"communication_rounds": -1}, "communication_rounds must be 0 or more; got -1"),
        "a model, not a function": ({"build": "model"}, "build must be a function without arguments"),
        "an optimizer, not a function": ({"optimizer": "adam"}, "Wrap it: optimizer=lambda: …"),
        "rows of ids": ({"ids": IDS.reshape(2, -1)}, r"got shape \(2, 1000\)"),
        "ids that are not whole": ({"ids": IDS / 2}, "of float64"),
        "too few addresses": ({"cluster": ["a:1"]}, "one address for each of 2 workers"),
        "one address twice": ({"cluster": ["a:1", "a:1"]}, "no two alike; got a:1, a:1"),
        "no port": ({"cluster": ["a", "b:2"]}, "must be host:port; got 'a'"),
    }.values(),
)
def test_a_job_that_cannot_be_done_is_refused_before_anything_starts(changed, told):
    with pytest.raises(InputError, match=told):
        job(**changed)


def test_the_slices_of_all_workers_are_the_batch_in_its_order():
    batch = np.arange(24)
    for workers in (1, 2, 3, 8):
        slices = [batch[slice_of(24, worker, workers)] for worker in range(workers)]
        assert {len(one) for one in slices} == {24 // workers}
        assert np.concatenate(slices).tolist() == batch.tolist()


def test_a_job_arrives_as_it_was_written_and_its_functions_are_not_looked_at_before_they_are_called(tmp_path):
    touched = tmp_path / "touched"

    class Loud:
        """Unpickling it leaves a trace, as importing TensorFlow would."""

        def __reduce__(self):
            return touched.touch, ()

    loud = Loud()
    write_job(tmp_path, job(build=lambda: (loud, 42)[1], seed=7))
    found = read_job(tmp_path)
    assert (found.seed, found.ids.tolist(), found.optimizer) == (7, IDS.tolist(), None)
    assert not touched.exists()
    assert found.build() == 42
    assert touched.exists()


def test_a_function_that_cannot_be_sent_is_refused(tmp_path):
    lock = threading.Lock()
    with pytest.raises(InputError, match="build and optimizer must be sendable to another process; got TypeError"):
        write_job(tmp_path, job(build=lambda: lock))


def test_other_versions_are_refused(tmp_path, monkeypatch):
    write_job(tmp_path, job())
    monkeypatch.setattr("greenlm_edu.training.distributed_job.versions", lambda: {"python": "3.0"})
    with pytest.raises(InputError, match=r"python must be .*; got 3\.0"):
        read_job(tmp_path)


@pytest.mark.parametrize(
    ("worker", "cluster", "environment", "expected"),
    {
        "told": (1, "a:1,b:2", {"SLURM_PROCID": "0"}, (1, ("a:1", "b:2"))),
        "TF_CONFIG": (
            None,
            None,
            {"TF_CONFIG": tf_config(["a:1", "b:2"], 1), "SLURM_PROCID": "0"},
            (1, ("a:1", "b:2")),
        ),
        "Slurm": (None, "a:1,b:2", {"SLURM_PROCID": "1"}, (1, ("a:1", "b:2"))),
        "Kubernetes": (None, None, {"JOB_COMPLETION_INDEX": "0"}, (0, TWO)),
    }.values(),
)
def test_a_worker_learns_its_place_from_the_first_that_tells_it(worker, cluster, environment, expected):
    assert place_of(worker, cluster, job(cluster=TWO), environment) == expected


def test_a_worker_that_nobody_told_its_number_says_where_to_tell_it():
    with pytest.raises(InputError, match=r"0 … 1; got None. Tell it with --worker, TF_CONFIG, SLURM_PROCID or JOB"):
        place_of(None, None, job(cluster=TWO), {})
    with pytest.raises(InputError, match="got 2"):
        place_of(2, None, job(cluster=TWO), {})


def test_workers_that_come_at_different_times_meet():
    with held_ports(2) as cluster:
        first = threading.Thread(target=meet, args=(cluster, 0, 10.0))
        first.start()
        time.sleep(0.3)
        assert first.is_alive(), "it waits for the other"
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        host, _, port = cluster[1].rpartition(":")
        listener.bind((host, int(port)))
        listener.listen()
        first.join(5.0)
        listener.close()
        assert not first.is_alive()


def test_a_worker_that_does_not_come_is_named_by_its_address():
    with held_ports(2) as cluster, pytest.raises(WorkerFailed, match=f"no answer from {cluster[1]}"):
        meet(cluster, 0, 0.1)


def test_a_port_that_is_taken_is_named():
    with socket.create_server(("", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port} must be free"):
            meet([f"127.0.0.1:{port}", "127.0.0.1:1"], 0, 0.1)


def test_workers_of_other_machines_are_not_started_here():
    check_local(TWO)
    with pytest.raises(InputError, match=r"this machine only; got b\.example:2222.*prepare_job"):
        check_local(["localhost:2222", "b.example:2222"])


def test_a_ring_sends_each_byte_nearly_twice():
    # 25 M parameters are 100 MB; of 4 workers each sends 2·3/4 of it, 150 MB = 1.2 Gbit, in 2·3 messages.
    found = communication(parameters=25_000_000, workers=4, bandwidth_gbit_s=10, latency_s=0.01, step_s=0.82)
    assert found.bytes_sent == pytest.approx(150e6)
    assert found.seconds == pytest.approx(0.12 + 0.06)
    assert found.share == pytest.approx(0.18)


def test_one_worker_sends_nothing():
    assert communication(1000, 1, 1.0, 0.1, 1.0).share == 0


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"workers": 0}, "workers must be 1 or more"),
        ({"bandwidth_gbit_s": 0}, "bandwidth_gbit_s must be above 0"),
        ({"latency_s": -1}, "latency_s must be 0 or more"),
        ({"step_s": float("nan")}, "step_s must be above 0"),
    ],
)
def test_nonsense_networks_are_refused(wrong, told):
    with pytest.raises(InputError, match=told):
        communication(**{"parameters": 10, "workers": 2, "bandwidth_gbit_s": 1, "latency_s": 0, "step_s": 1, **wrong})


def figures(share):
    return share.low, share.best, share.high


def part(worker, rounds=(), seconds=((9, 9, 9), (1, 2, 1))):
    return Part(worker, "host", (1.0,), None, 0.0, np.array(seconds, float), 8, 40, rounds, metering.Measurement())


def test_the_share_of_communication_is_that_of_the_slowest_in_time_and_of_all_in_joules():
    found = measured_communication(
        [
            part(0, (Round(4, 2.0, 1.0, 30.0, 20.0), Round(4, 2.0, 1.5, 30.0, 30.0)), [(9, 9, 9), (1, 2, 1)]),
            part(1, (Round(4, 2.0, 1.2, 10.0, 10.0), Round(4, 2.0, 1.0, 10.0, 20.0)), [(9, 9, 9), (2, 1, 1)]),
        ]
    )
    low, high = 1 - 1.5 / 2, 1 - 1.2 / 2
    assert figures(found.time_share) == pytest.approx((low, (low + high) / 2, high))
    assert figures(found.energy_share) == pytest.approx((0, 0.125, 0.25))  # the second round: noise, not below 0
    assert figures(found.in_sum) == pytest.approx((0.25, 0.375, 0.5))  # without the first step
    assert found.reason == ""


def test_what_was_not_measured_of_communication_is_not_zero():
    unknown = measured_communication(
        [part(0, (Round(4, 2.0, 1.0, 3.0, 2.0),)), part(1, (Round(4, 2.0, 1.0, None, None),))]
    )
    assert unknown.energy_share is None
    assert "joules not measured" in unknown.reason
    assert unknown.time_share.best == 0.5
    not_asked = measured_communication([part(0), part(1)])
    assert (not_asked.time_share, not_asked.energy_share) == (None, None)
    assert "communication_rounds=6" in str(not_asked)


def test_a_part_that_is_missing_is_named(tmp_path):
    prepare_job(tmp_path, tiny(), IDS, workers=2, steps=3, batch=4, cluster=TWO)
    (tmp_path / "worker-1.failed").write_text("no space left")
    with pytest.raises(WorkerFailed, match=r"from worker 0, 1\. worker 1 failed: no space left"):
        collect_job(tmp_path)
    with pytest.raises(InputError, match="the folder must hold no earlier run"):
        prepare_job(tmp_path, tiny(), IDS, workers=2, steps=3, batch=4)


def no_child_is_left():
    return not [child for child in psutil.Process().children() if "distributed_worker" in " ".join(child.cmdline())]


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_workers_train_as_one_process_does_and_their_joules_are_told_once(workers):
    import keras

    from greenlm_edu import lm

    steps, heard = 30, []
    stop = metering.announce_to(heard.append)
    try:
        found = distributed(tiny(), IDS, workers=workers, steps=steps, batch=8, seed=3, communication_rounds=2, pue=1.2)
    finally:
        stop()
    keras.utils.set_random_seed(3)
    model = tiny()()
    alone = lm.train(model, IDS, epochs=steps, steps_per_epoch=1, batch=8, seed=3, progress=False)
    assert len(found.losses) == steps
    assert found.losses == pytest.approx(alone.loss, abs=1e-3)
    assert found.losses[-1] < found.losses[0]
    assert found.equal_weights
    for ours, theirs in zip(found.model().get_weights(), model.get_weights(), strict=True):
        assert ours == pytest.approx(theirs, abs=1e-3)
    assert found.tokens == steps * 8 * 8
    # heard[-1] is the whole, and no part of it was announced
    (whole,) = [one for one in heard if one.parts]
    assert whole is found.measurement
    assert not {part.measurement.name for part in found.parts} & {one.name for one in heard}
    assert (whole.processes, whole.pue, whole.status) == (workers, 1.2, "finished")
    assert whole.energy_j.best == pytest.approx(sum(part.measurement.energy_j.best for part in found.parts))
    if workers == 2:
        assert 0 < found.communication.time_share.best < 1
        assert 0 <= found.communication.energy_share.best < 1
    assert no_child_is_left()


@pytest.mark.slow
def test_inside_a_measurement_the_workers_joules_belong_to_it():
    with metering.measure("cell") as m:
        found = distributed(tiny(), IDS, workers=1, steps=2, batch=4)
    assert found.measurement.around is m


@pytest.mark.slow
def test_a_worker_that_is_killed_while_it_trains_is_named_and_the_other_ends():
    def die_soon():
        import os
        import signal
        import sys
        import threading
        import time
        from pathlib import Path

        progress = Path(sys.argv[1]) / "worker-1.progress"

        def wait():
            while not progress.exists():
                time.sleep(0.05)
            os.kill(os.getpid(), signal.SIGKILL)

        threading.Thread(target=wait, daemon=True).start()

    began = time.monotonic()
    with pytest.raises(WorkerFailed, match="got signal SIGKILL from worker 1"):
        distributed(tiny(in_worker(1, die_soon)), IDS, steps=10_000_000, batch=4, timeout_s=120)
    assert time.monotonic() - began < 90
    assert no_child_is_left()


@pytest.mark.slow
def test_a_worker_that_hangs_ends_the_run_in_time():
    def stop():
        import os
        import signal

        os.kill(os.getpid(), signal.SIGSTOP)

    began = time.monotonic()
    with pytest.raises(WorkerFailed, match=r"hangs is probably worker 1\.|got nothing from worker (0, )?1"):
        distributed(tiny(in_worker(1, stop)), IDS, steps=3, batch=4, timeout_s=25)
    assert time.monotonic() - began < 90
    assert no_child_is_left()


@pytest.mark.slow
def test_a_worker_that_fails_in_build_is_named_with_its_error():
    def fail():
        raise RuntimeError("no such corpus on this node")

    with pytest.raises(WorkerFailed, match=r"(?s)exit status 1 from worker 1.*no such corpus on this node"):
        distributed(tiny(in_worker(1, fail)), IDS, steps=3, batch=4, timeout_s=60)
    assert no_child_is_left()


@pytest.mark.slow
def test_a_client_that_is_killed_leaves_no_worker_behind(tmp_path):
    import subprocess
    import sys

    client = tmp_path / "client.py"
    client.write_text(
        "from greenlm_edu.training import distributed\n"
        "def build():\n"
        "    from greenlm_edu import lm\n"
        "    return lm.Transformer(vocab_size=12, context=8, width=16, num_layers=1, num_heads=2)\n"
        "distributed(build, [n % 12 for n in range(500)], steps=10_000_000, batch=4, progress=True)\n"
    )
    started = subprocess.Popen([sys.executable, client], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert started.stdout.readline().startswith(b"step ")  # they train
    workers = psutil.Process(started.pid).children()
    assert len(workers) == 2
    started.kill()
    started.wait()
    started.stdout.close()
    _, alive = psutil.wait_procs(workers, timeout=15)
    for one in alive:
        one.kill()
    assert not alive


@pytest.mark.slow
def test_a_prepared_job_is_run_by_hand_and_collected(tmp_path):
    import subprocess
    import sys

    prepare_job(tmp_path, tiny(), IDS, workers=2, steps=4, batch=4)
    with held_ports(2) as cluster:
        started = [
            subprocess.Popen(
                [sys.executable, "-m", "greenlm_edu.training.distributed_worker", str(tmp_path), "--timeout-s", "60"],
                env={**os.environ, "TF_CONFIG": tf_config(cluster, number)},
                stderr=subprocess.DEVNULL,
            )
            for number in range(2)
        ]
        assert [process.wait(90) for process in started] == [0, 0]
    with metering.measure("cell"):
        found = collect_job(tmp_path)
    assert found.measurement.around is None  # the cell began after the workers had ended
    assert found.equal_weights
    assert len(found.losses) == 4
    assert found.model().count_params() == sum(weight.size for weight in found.weights)
