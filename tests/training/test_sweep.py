"""sweep(): the same figures as one after the other, every joule counted once, and what happens when workers die."""

import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from greenlm_edu import metering
from greenlm_edu.energy import Basis
from greenlm_edu.errors import ClusterUnavailable, InputError, UnknownRegion
from greenlm_edu.interval import Interval
from greenlm_edu.metering import Component, Measurement, Origin
from greenlm_edu.training import SweepResult, SweepRow, sweep
from greenlm_edu.training.sweep_result import words_of
from greenlm_edu.training.sweep_task import run_once, versions
from tests.conftest import ROOT

LEAST_S = 0.5  # long enough for a meter, short enough for a test


def regression(width, seed):
    """Gradient descent on a random regression; NumPy's global seed decides the first weights."""
    random = np.random.default_rng(seed)
    x, weights = random.normal(size=(200, width)), np.random.normal(size=width)
    y, until_s = x.sum(axis=1), time.monotonic() + LEAST_S
    for _ in range(100):
        weights = weights - 0.05 * x.T @ (x @ weights - y) / len(x)
    while time.monotonic() < until_s:
        x @ weights
    return {"loss": float(((x @ weights - y) ** 2).mean()), "norm": float(np.linalg.norm(weights))}


@pytest.fixture
def heard():
    """The measurements that were announced."""
    told = []
    stop = metering.announce_to(told.append)
    yield told
    stop()


@pytest.mark.slow
def test_a_sweep_gives_what_one_after_the_other_gives_and_adds_up(heard, capsys):
    result = sweep(regression, [3, 5], seeds=(0, 7), region="FRA", pue=1.2, progress=True)
    asked = [(3, 0), (3, 7), (5, 0), (5, 7)]
    assert [(row.configuration, row.seed) for row in result.rows] == asked
    assert [row.figures for row in result.rows] == [run_once(regression, *one) for one in asked]
    assert len({row.figures["norm"] for row in result.rows}) == 4
    assert {(row.status, row.attempts) for row in result.rows} == {("finished", 1)}
    assert len({row.worker for row in result.rows}) == 2
    # One announcement: the parts as one, and not the whole that holds them.
    assert heard == [result.measurement]
    assert (result.measurement.region, result.measurement.pue) == ("FRA", 1.2)
    assert len(result.measurement.parts) == 4
    rows_j = sum(row.energy_j.best for row in result.rows)
    assert result.parts_j.best == pytest.approx(rows_j)
    assert result.parts_j.best + result.rest_j.best == pytest.approx(result.whole.energy_j.best)
    assert 0 < result.parts_j.best < result.whole.energy_j.best
    assert result.rest_note == ""
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["1/4", "2/4", "3/4", "4/4"]
    assert all("seed" in line and "loss" in line and "J (" in line for line in lines)
    assert pickle.loads(pickle.dumps(result)).rows[0].figures == result.rows[0].figures


@pytest.mark.slow
def test_nobody_else_draws_from_the_random_numbers_of_a_run():
    def same_after(seconds, seed):
        import random

        python, common = random.getstate(), np.random.get_state()[1].tolist()
        time.sleep(seconds)  # meanwhile the worker's other threads tell of its joules
        return random.getstate() == python and np.random.get_state()[1].tolist() == common

    (row,) = sweep(same_after, [4.0], workers=1).rows
    assert row.figures == {"value": 1.0}


@pytest.mark.slow
def test_inside_a_measured_cell_the_sweep_is_a_part_of_it(heard):
    with metering.measure("cell") as cell:
        result = sweep(regression, [3], workers=1)
    assert heard == [result.measurement, cell]
    assert result.measurement.parent is cell
    assert cell.energy_j.best >= result.whole.energy_j.best


@pytest.mark.slow
def test_a_killed_workers_run_begins_anew_elsewhere_and_its_joules_count(tmp_path):
    mark = str(tmp_path / "died")

    def dies_once(width, seed):
        found = regression(width, seed)
        until_s = time.monotonic() + 1.0
        while time.monotonic() < until_s:
            pass
        if width == 5 and not os.path.exists(mark):
            open(mark, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    result = sweep(dies_once, [3, 5, 7])
    assert [row.status for row in result.rows] == ["finished"] * 3
    assert [row.attempts for row in result.rows] == [1, 2, 1]
    assert result.rows[1].figures == run_once(regression, 5, 0)
    lost, again = result.rows[1].measurement.parts
    if lost.status == "finished":
        lost, again = again, lost
    assert lost.status == "failed: its worker died"
    assert (lost.origin.process != again.origin.process) or not lost.origin
    # It was busy for as long as the second attempt, which was measured to its end.
    assert 0 < lost.energy_j.low <= again.energy_j.best <= lost.energy_j.high
    assert len(result.measurement.parts) == 4
    # The whole was measured by somebody who lived: what the parts may have used must allow for it.
    assert result.parts_j.low <= result.whole.energy_j.best
    assert "what it may have used since" in " ".join(part.note for part in result.measurement.components)


@pytest.mark.slow
def test_a_run_whose_workers_all_die_fails_with_its_joules_and_the_others_go_on():
    def dies(width, seed):
        if width == 5:
            time.sleep(0.3)
            os.kill(os.getpid(), signal.SIGKILL)
        return regression(width, seed)

    result = sweep(dies, [3, 5, 7], retries=1)
    assert [row.status for row in result.rows] == ["finished", "failed: its worker died", "finished"]
    assert result.rows[1].attempts == 2
    assert result.rows[1].figures == {}
    assert "tcp://" in result.rows[1].error
    assert len(result.measurement.parts) == 4


@pytest.mark.slow
def test_a_worker_that_dies_before_its_first_beat_leaves_unknown_joules_and_not_zero():
    def dies(width, seed):
        os.kill(os.getpid(), signal.SIGKILL)

    (row,) = sweep(dies, [3], workers=1, retries=0).rows
    assert (row.status, row.attempts) == ("failed: its worker died", 1)
    reasons = {part.reason for part in row.measurement.unmeasured}
    unheard = "the worker died before it told of its joules"
    unknown_power = "the worker died before it was known what this can draw"
    assert row.energy_j is None or row.energy_j.high > 0
    assert row.energy_j is not None or reasons & {unheard, unknown_power}


@pytest.mark.slow
def test_a_train_that_raises_is_a_row_with_its_error_and_is_not_tried_again():
    def fails(width, seed):
        found = regression(width, seed)
        if width == 5:
            raise ValueError("five is right out")
        return found if width == 3 else "a text"

    result = sweep(fails, [3, 5, 7])
    finished, failed, wrong = result.rows
    assert finished.status == "finished"
    assert (failed.status, failed.attempts) == ("failed: ValueError", 1)
    assert failed.error == "ValueError: five is right out"
    assert "in fails\nValueError: five is right out" in failed.traceback
    assert failed.energy_j.best > 0
    assert wrong.status == "failed: InputError"
    assert "train must return a number, or a dict of numbers by name; got 'a text'" in wrong.error
    assert "failed: ValueError" in result.table()


@pytest.mark.slow
def test_workers_of_others_are_used_by_address_and_by_client_and_left_as_they_were():
    from distributed import Client, LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0") as cluster:
        by_address = sweep(regression, [3, 5], workers=cluster.scheduler_address)
        with Client(cluster, set_as_default=False) as client:
            by_client = sweep(regression, [3, 5], workers=client)
            assert len(client.nthreads()) == 2
    for result in (by_address, by_client):
        assert [row.figures for row in result.rows] == [run_once(regression, width, 0) for width in (3, 5)]


@pytest.mark.slow
def test_a_scheduler_that_dies_leaves_what_was_finished_and_what_was_spent(tmp_path):
    second = tmp_path / "second"

    def marks(number, seed):
        if number == 2:
            second.touch()
        until_s = time.monotonic() + (1 if number == 1 else 60)
        while time.monotonic() < until_s:
            pass
        return number

    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    dask = [sys.executable, "-m", "distributed.cli.dask_"]
    options = {"env": {**os.environ, "PYTHONPATH": str(ROOT)}, "stderr": subprocess.DEVNULL}
    port = address.rpartition(":")[2]
    scheduler = subprocess.Popen([*dask[:2], f"{dask[2]}scheduler", "--port", port, "--no-dashboard"], **options)
    worker = subprocess.Popen([*dask[:2], f"{dask[2]}worker", address, "--nthreads", "1", "--no-nanny"], **options)

    def kill_in_the_second():
        while not second.exists():
            time.sleep(0.1)
        time.sleep(1.5)
        scheduler.kill()

    threading.Thread(target=kill_in_the_second, daemon=True).start()
    try:
        deadline_s = time.monotonic() + 30
        while True:
            try:
                result = sweep(marks, [1, 2, 3], workers=address, timeout_s=5.0)
                break
            except ClusterUnavailable:  # it takes some seconds to start
                assert time.monotonic() < deadline_s
    finally:
        for process in (scheduler, worker):
            process.kill()
            process.wait()
    assert [row.status for row in result.rows] == [
        "finished",
        "failed: its worker died",
        "failed: no worker was there for 5 s",
    ]
    assert result.rows[0].figures == {"value": 1.0}
    assert result.rows[1].energy_j.low > 0
    assert (result.rows[2].attempts, result.rows[2].energy_j, result.rows[2].basis) == (0, None, "not measured")


@pytest.mark.slow
def test_workers_inside_this_process_are_refused():
    from distributed import LocalCluster

    with (
        LocalCluster(n_workers=1, processes=False, dashboard_address="127.0.0.1:0") as cluster,
        pytest.raises(InputError, match=r"to be metered apart; got inproc://.* inside this one"),
    ):
        sweep(regression, [3], workers=cluster.scheduler_address)


@pytest.mark.slow
def test_workers_without_what_train_needs_are_told():
    def train(width, seed):
        return 1.0

    class Unloadable:
        def __init__(self, *how):
            self.how = how

        def __reduce__(self):
            return self.how[0], self.how[1:]

    train.needs = Unloadable(__import__, "no_such_module_anywhere")
    with pytest.raises(InputError, match="able to load train and what it needs; got ModuleNotFoundError"):
        sweep(train, [3], workers=1)
    train.needs = Unloadable(open, "/no/such/file")  # an OSError, as of a connection that is gone
    with pytest.raises(InputError, match="able to load train and what it needs; got FileNotFoundError"):
        sweep(train, [3], workers=1)


@pytest.mark.slow
def test_an_interrupt_closes_the_own_cluster_and_tells_what_was_spent(tmp_path):
    script = tmp_path / "long.py"
    script.write_text(
        "import time, sys\n"
        "from greenlm_edu import metering\n"
        "from greenlm_edu.training import sweep\n"
        "def train(width, seed):\n"
        "    print('begun', flush=True)\n"
        "    until = time.monotonic() + 60\n"
        "    while time.monotonic() < until: pass\n"
        "if __name__ == '__main__':\n"
        "    metering.announce_to(lambda m: print('spent', m.energy_j.best > 0, m.status, flush=True))\n"
        "    try:\n"
        "        sweep(train, [1, 2])\n"
        "    except KeyboardInterrupt:\n"
        "        print('interrupted', flush=True)\n"
    )
    run = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    group = os.getpgid(run.pid)
    try:
        assert run.stdout.readline() == "begun\n"
        time.sleep(1.5)
        run.send_signal(signal.SIGINT)
        told, _ = run.communicate(timeout=30)
    finally:
        run.kill()
    assert "spent True failed: 2 of 2 parts" in told
    assert told.splitlines()[-1] == "interrupted"
    deadline_s = time.monotonic() + 10
    while _group_lives(group) and time.monotonic() < deadline_s:
        time.sleep(0.1)
    assert not _group_lives(group)


def _group_lives(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_address_that_accepts_and_says_nothing_is_given_up_in_time():
    with socket.create_server(("127.0.0.1", 0)) as server:
        held = []
        threading.Thread(target=lambda: held.append(server.accept()), daemon=True).start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        began_s = time.monotonic()
        with pytest.raises(ClusterUnavailable, match=rf"sweep {address}: a scheduler must answer there; got no answer"):
            sweep(regression, [3], workers=address, timeout_s=1.0)
        assert time.monotonic() - began_s < 5


def test_an_address_where_nobody_listens_is_told():
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(ClusterUnavailable, match="Start one with `dask scheduler`"):
        sweep(regression, [3], workers=address, timeout_s=1.0)


@pytest.mark.process
def test_a_scheduler_without_workers_is_told_in_time():
    from distributed import LocalCluster

    with (
        LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0") as cluster,
        pytest.raises(ClusterUnavailable, match=r"must have a worker; got none within 0\.5 s"),
    ):
        sweep(regression, [3], workers=cluster.scheduler_address, timeout_s=0.5)


BAD = {
    "train": ({"train": 3}, r"train must be a function of a configuration and a seed; got 3\. Write"),
    "one configuration": ({"configurations": {"width": 3}}, "must be a list of them; got .* Put a single one in brack"),
    "a text": ({"configurations": "abc"}, "configurations must be a list of them; got 'abc'"),
    "no configurations": ({"configurations": []}, "got no configurations"),
    "no seeds": ({"seeds": []}, "got no numbers in seeds"),
    "one seed": ({"seeds": 3}, "seeds must be a list of whole numbers; got 3"),
    "half a seed": ({"seeds": [0.5]}, "each seed must be a whole number, 0 or more; got 0.5"),
    "a negative seed": ({"seeds": [-1]}, "each seed must be a whole number, 0 or more; got -1"),
    "retries": ({"retries": -1}, "retries must be a whole number, 0 or more; got -1"),
    "timeout": ({"timeout_s": 0}, "timeout_s must be above 0 seconds, and finite; got 0"),
    "endless": ({"timeout_s": float("inf")}, "timeout_s must be above 0 seconds, and finite; got inf"),
    "no workers": ({"workers": 0}, "workers must be 1 or more; got 0"),
    "true workers": ({"workers": True}, "workers must be how many to start here, .* got True"),
    "half a worker": ({"workers": 1.5}, "workers must be how many to start here, .* got 1.5"),
    "no address": ({"workers": "nonsense://x"}, "workers must be an address as .* got 'nonsense://x'"),
    "unpicklable": ({"configurations": [threading.Lock()]}, "must pickle, to reach the workers; got TypeError"),
    "pue": ({"pue": 0.5}, "pue"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_told_before_anything_runs(name, heard):
    options, message = BAD[name]
    given = {"train": regression, "configurations": [3], "timeout_s": 2.0, **options}
    with pytest.raises(InputError, match=message):
        sweep(given.pop("train"), given.pop("configurations"), **given)
    assert heard == []
    assert metering.running() is None


def test_an_unknown_region_is_told():
    with pytest.raises(UnknownRegion):
        sweep(regression, [3], region="Atlantis")


def test_other_versions_are_named():
    pytest.importorskip("distributed")
    from greenlm_edu.training.sweep_cluster import different

    here = versions()
    assert different(here) == ""
    assert different({**here, "keras": "1.0"}) == f"keras 1.0 (here {here['keras']})"


class OtherVersions:
    """A client whose one worker has another Keras; everything else it would be asked is not asked for any more."""

    def __init__(self, python="3.11.4.final.0", answer=None):
        self.python, self.answer = python, answer

    def get_versions(self):
        return {"workers": {"tcp://a:1": {"host": {"python": self.python}}}}

    def run(self, function, workers, **options):
        if function is versions:
            return {address: self.answer for address in workers}
        return {address: ("another machine", "another/process", 1) for address in workers}


def test_workers_of_other_versions_are_refused_by_name_unless_allowed():
    from greenlm_edu.training.sweep_cluster import check_workers

    python = ".".join(map(str, sys.version_info[:3])) + ".final.0"
    client = OtherVersions(python, {**versions(), "keras": "1.0"})
    with pytest.raises(InputError, match=r"got tcp://a:1 has keras 1\.0 \(here .*\)\. Install the same ones .* Or"):
        check_workers(client, ["tcp://a:1"], allow_mixed_versions=False)
    assert check_workers(client, ["tcp://a:1"], allow_mixed_versions=True) == {"tcp://a:1": "another machine"}
    lacks = OtherVersions(python, ModuleNotFoundError("No module named 'greenlm_edu'"))
    with pytest.raises(InputError, match=r"tcp://a:1 has no greenlm_edu .* No module named 'greenlm_edu'"):
        check_workers(lacks, ["tcp://a:1"], allow_mixed_versions=True)
    older = OtherVersions("3.8.1.final.0")
    with pytest.raises(InputError, match=r"tcp://a:1 has Python 3\.8\.1 \(here 3\."):
        check_workers(older, ["tcp://a:1"], allow_mixed_versions=False)


def test_without_dask_it_says_what_to_install():
    code = (
        "import sys\n"
        "sys.modules['distributed'] = None\n"
        "from greenlm_edu.errors import ClusterUnavailable\n"
        "from greenlm_edu.training import sweep\n"
        "try:\n"
        "    sweep(lambda width, seed: 1.0, [3])\n"
        "except ClusterUnavailable as err:\n"
        "    print(err)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert told.stdout == (
        "sweep: Dask must be installed for workers; got no package “distributed”. "
        'Install it: pip install "greenlm-edu[notebooks]"\n'
    )


def measured(low, best, high, meters="cpu@one/c/1", host="one"):
    cpu = Component("cpu", "CPU", Basis.MODELLED, Interval(low, best, high), meters=meters, error_group="machine model")
    return Measurement("m", duration_s=2.0, components=(cpu,), status="finished", origin=Origin(host, meters, 0.0))


def result_of(whole, *parts):
    rows = tuple(
        SweepRow({"width": n}, 0, {"loss": n / 4}, 2.0, part, "tcp://a:1", 1, "finished")
        for n, part in enumerate(parts)
    )
    return SweepResult(rows, metering.merge(parts), whole)


def test_the_rest_is_the_difference_of_meters_that_are_off_together():
    result = result_of(measured(50, 100, 200, "cpu@one/c"), measured(10, 20, 40), measured(15, 30, 60, "cpu@one/c/2"))
    assert result.parts_j == Interval(25, 50, 100)
    assert result.rest_j == Interval(25, 50, 100)


def test_the_rest_is_never_below_zero():
    assert result_of(measured(50, 100, 200, "cpu@one/c"), measured(55, 110, 220)).rest_j == Interval(0, 0, 0)


def test_the_rest_is_not_known_where_the_whole_does_not_hold_the_parts():
    result = result_of(
        measured(50, 100, 200, "cpu@one/c"), measured(10, 20, 40), measured(9, 9, 9, "cpu@two/c/1", "two")
    )
    assert result.rest_j is None
    assert result.rest_note.startswith("1 of the attempts ran where this process's meters do not reach")
    assert "rest    not measured: 1 of the attempts" in result.table()


def test_what_is_not_measured_is_not_zero_in_rows_and_table():
    lost = Component("cpu", "CPU", Basis.UNAVAILABLE, None, reason="lost")
    result = result_of(measured(50, 100, 200, "cpu@one/c"), replace(measured(1, 1, 1), components=(lost,)))
    (row,) = result.to_rows()
    assert (row["energy_j"], row["basis"]) == (None, "not measured")
    assert (row["configuration"], row["figures"], row["status"]) == ({"width": 0}, {"loss": 0.0}, "finished")
    assert result.rest_j is None
    assert "width=0        0     0     2.0  not measured" in result.table()


def test_a_long_configuration_is_cut_in_the_table():
    assert words_of({"text": "x\n" * 100}) == "text=" + "x " * 27 + "…"
