"""The mutation run finds what it looks for, and the course's checks keep its bar."""

from __future__ import annotations

import pytest

from greenlm_edu.checks import exercises
from tests.checks import mutants


def changed(source: str) -> set[str]:
    return {f"{one.before} → {one.after}" for one in mutants.mutants(source)}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a + b", {"a + b → a - b"}),
        ("a @ b", {"a @ b → a * b"}),
        ("a < b", {"a < b → a <= b", "a < b → a > b"}),
        ("a and not b", {"a and (not b) → a or not b", "not b → b"}),
        ("x.sum(axis=-1)", {"x.sum(axis=-1) → x.mean(axis=-1)", "-1 → 1", "1 → 2", "1 → 0"}),
        ("x[1:, 2]", {"1: → :", "1 → 2", "1 → 0", "2 → 3", "2 → 1"}),
        ("x if y else z", {"x if y else z → x if True else z", "x if y else z → x if False else z"}),
        ("f(keepdims=True)", {"True → False"}),
        ("0.5", {"0.5 → 1.0", "0.5 → 0.25"}),
        ("'text'", set()),
    ],
)
def test_each_kind_of_change_is_made(source: str, expected: set[str]):
    assert changed(source) == expected


def test_a_check_that_looks_away_is_found_out():
    bits = next(one for one in exercises("09") if one.name == "09.bits")
    assert not mutants.survives(bits, "def bits(nats):\n    return nats * np.log(2)")
    assert mutants.survives(bits, bits.solution)


@pytest.mark.slow
def test_the_course_keeps_its_bar(capsys: pytest.CaptureFixture[str]):
    status = mutants.main([])
    table = capsys.readouterr().out
    with capsys.disabled():
        print(f"\n{table}")
    assert status == 0, table
