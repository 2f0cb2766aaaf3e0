import os
import subprocess
import sys

import pytest

from greenlm_edu.energy.place import holds, metered_at, process_place, thing


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("cpu@m/c/1-0/5-7", "cpu@m/c/1-0/5-7/9-9", True),
        ("cpu@m/c/1-0/5-7/9-9", "cpu@m/c/1-0/9-9/12-3", True),  # 5 ended since: 9 has another parent now
        ("cpu@m/c", "cpu@m/c/1-0/9-9", True),
        ("cpu@m/c/1-0/9-9", "cpu@m/c/1-0/12-3", False),
        ("cpu@m/c/1-0/9-9", "cpu@m/d/1-0/9-9/12-3", False),
        ("memory@m/c/1-0/9-9", "cpu@m/c/1-0/9-9/12-3", False),
    ],
)
def test_a_place_holds_those_below_it(outer: str, inner: str, expected: bool):
    assert holds(outer, inner) is expected
    assert not holds(inner, outer)


def test_a_process_holds_its_children_and_no_more():
    script = "from greenlm_edu.energy.place import process_place; print(process_place())"
    children = [
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()
        for _ in range(2)
    ]
    here = process_place()
    assert here.rpartition("/")[2].startswith(f"{os.getpid()}-")
    for child in children:
        assert holds(metered_at("cpu", here), metered_at("cpu", child))
    assert len({thing(metered_at("cpu", place)) for place in (here, *children)}) == 3


@pytest.mark.skipif(os.name != "posix", reason="an orphan is given to another parent by POSIX systems")
def test_a_child_is_held_also_when_its_grandparent_has_ended():
    # A shell starts a process in the background and ends; the process looks where it is before and after.
    asks = "from greenlm_edu.energy.place import process_place as here"
    child = f"{asks}; print(here())"
    middle = (
        f"{asks}; import os, subprocess, sys, time; first = here(); before = os.getppid()\n"
        "while os.getppid() == before: time.sleep(0.01)\n"
        f"print(first); subprocess.run([sys.executable, '-c', {child!r}], check=True)"
    )
    shell = subprocess.Popen(
        ["sh", "-c", '"$0" -c "$1" & sleep 3', sys.executable, middle], stdout=subprocess.PIPE, text=True
    )
    first, below = shell.communicate(timeout=60)[0].split()
    assert not below.startswith(first)
    assert holds(metered_at("cpu", first), metered_at("cpu", below))
