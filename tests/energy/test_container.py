"""Whose CPU time and memory count: control groups of the test's own, and this process for real."""

import itertools
import os
import subprocess
import sys
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greenlm_edu.energy.container import find_share


def write(root, files):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def test_a_v2_container_counts_its_own_time_and_quota(tmp_path):
    write(
        tmp_path,
        {
            "cgroup.type": "domain\n",
            "cpu.stat": "usage_usec 2500000\nuser_usec 2000000\n",
            "cpu.max": "50000 100000\n",
            "memory.max": "2147483648\n",
        },
    )
    share = find_share(tmp_path)
    assert (share.scope, share.cpus, share.cpu_seconds()) == ("this container", 0.5, 2.5)
    assert (share.memory_bytes(), share.memory_limited) == (2147483648, True)


def test_a_v1_container_counts_nanoseconds(tmp_path):
    write(
        tmp_path,
        {
            "cpuacct/cpuacct.usage": "1500000000\n",
            "cpu/cpu.cfs_quota_us": "-1\n",
            "cpu/cpu.cfs_period_us": "100000\n",
            "memory/memory.limit_in_bytes": "1073741824\n",
        },
    )
    share = find_share(tmp_path)
    assert (share.scope, share.cpu_seconds()) == ("this container", 1.5)
    assert share.memory_bytes() == 1073741824


@pytest.mark.parametrize(
    "files",
    [
        {"cpu.stat": "usage_usec 99000000000\n"},  # v2: the machine's own root has no cgroup.type
        {"cpuacct/cpuacct.usage": "99000000000000\n", "cpuacct/release_agent": "\n"},  # v1: only the root has an agent
        {},
    ],
)
def test_the_whole_machines_group_is_not_taken_for_a_container(tmp_path, files):
    write(tmp_path, files)
    share = find_share(tmp_path)
    assert share.scope == "this process"
    assert share.cpu_seconds() < 10_000


@pytest.mark.parametrize("limit", ["max", "9223372036854771712"])
def test_no_limit_means_the_memory_in_use_never_the_nodes(tmp_path, limit):
    write(tmp_path, {"memory.max": limit})
    share = find_share(tmp_path)
    assert not share.memory_limited
    assert 1e6 < share.memory_bytes() < 1e11


def test_this_processs_time_grows_with_its_work_and_not_with_sleep(tmp_path):
    share = find_share(tmp_path)
    before = share.cpu_seconds()
    time.sleep(0.3)
    slept = share.cpu_seconds() - before
    deadline = time.process_time() + 0.3
    while time.process_time() < deadline:
        pass
    worked = share.cpu_seconds() - before - slept
    assert slept < 0.15
    assert worked == pytest.approx(0.3, abs=0.15)


@pytest.mark.process
def test_a_childs_time_counts_alive_and_after_its_end(tmp_path):
    share = find_share(tmp_path)
    before = share.cpu_seconds()
    code = "import time\nwhile time.process_time() < 0.5: pass\nprint(1, flush=True)\ninput()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        time.sleep(1.05)  # the children are looked for once a second
        alive = share.cpu_seconds() - before
        child.communicate(b"\n")
    ended = share.cpu_seconds() - before
    assert alive >= 0.45
    assert alive <= ended < alive + 0.4  # its time moved into the count of ended children, and was not added to it


@pytest.mark.process
def test_a_known_childs_latest_work_is_in_the_reading(tmp_path):
    share = find_share(tmp_path)
    code = (
        "import time\nprint(1, flush=True)\ninput()\nend = time.process_time() + 0.5\n"
        "while time.process_time() < end: pass\nprint(2, flush=True)\ninput()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        time.sleep(1.05)
        before = share.cpu_seconds()
        child.stdin.write(b"\n")
        child.stdin.flush()
        child.stdout.readline()
        assert share.cpu_seconds() - before >= 0.45
        child.communicate(b"\n")


@pytest.mark.process
def test_a_child_that_ended_unseen_takes_nothing_away(tmp_path):
    share = find_share(tmp_path)
    # a grandchild that works for half a second and goes on after its parent, so that nobody here reaps it
    grandchild = "import time\nwhile time.process_time() < 0.5: pass\ntime.sleep(1.6)"
    child = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {grandchild!r}]); time.sleep(1.4)"
    process = subprocess.Popen([sys.executable, "-c", child])
    readings = []
    for _ in range(40):
        readings.append(share.cpu_seconds())
        time.sleep(0.1)
    process.wait()
    assert all(a <= b for a, b in itertools.pairwise(readings))
    assert readings[-1] - readings[0] >= 0.45


FILES = st.text(alphabet="0123456789 max-usage_\nµ\x00", max_size=40)


@given(st.dictionaries(st.sampled_from(["cgroup.type", "cpu.stat", "cpu.max", "memory.max"]), FILES))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=80)
def test_whatever_a_control_group_holds_a_share_is_found_or_its_cpu_time_is_unreadable(tmp_path, files):
    for file in tmp_path.iterdir():
        file.unlink()
    write(tmp_path, files)
    share = find_share(tmp_path)
    assert 0 < share.cpus <= os.cpu_count()
    assert share.memory_bytes() > 0
    try:
        seconds = share.cpu_seconds()
    except OSError:
        return  # the CPU model tells it as not measured
    assert seconds >= 0


@given(st.integers(1, 10**9), st.integers(1, 10**6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
def test_a_quota_is_quota_over_period_and_never_more_than_the_cpus_allowed(tmp_path, quota, period):
    write(tmp_path, {"cgroup.type": "domain", "cpu.stat": "usage_usec 1", "cpu.max": f"{quota} {period}"})
    share = find_share(tmp_path)
    assert share.cpus == min(len(os.sched_getaffinity(0)), quota / period)
