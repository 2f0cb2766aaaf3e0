"""The best window against brute force: every start of a grid four times finer than the boundaries is tried."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from greenlm_edu.carbon.best_window import Step, longest_stretch, windows

FINER = 4


@st.composite
def forecasts(draw: st.DrawFn) -> list[Step]:
    """Periods of uneven length, some with a gap before them, on boundaries that are multiples of FINER."""
    steps, time = [], 0
    rows = st.tuples(st.integers(0, 1), st.integers(1, 5), st.one_of(st.integers(0, 5), st.floats(0, 900)))
    for gap, length, value in draw(st.lists(rows, min_size=1, max_size=8)):
        start = time + FINER * gap
        time = start + FINER * length
        steps.append(Step(start, time, float(value)))
    return steps


def brute_force(steps: list[Step], length: int, earliest: int, latest_end: int) -> dict[int, float]:
    """Mean value at every whole start at which each unit of time of the window has a value."""
    values = {time: step.value for step in steps for time in range(step.start, step.end)}
    starts = range(max(earliest, steps[0].start), min(latest_end, steps[-1].end) - length + 1)
    inside = {start: [values.get(time) for time in range(start, start + length)] for start in starts}
    return {start: sum(row) / length for start, row in inside.items() if None not in row}


@settings(deadline=None, max_examples=150)
@example([Step(0, 4, 3.0), Step(4, 8, 1.0), Step(8, 12, 3.0)], 6, 0, 12)  # the best start is no boundary: 2 … 4
@example([Step(0, 4, 1.0), Step(8, 12, 1.0)], 5, 0, 12)  # only across the gap
@example([Step(0, 8, 0.0)], 8, 0, 8)
@given(forecasts(), st.integers(1, 60), st.integers(-10, 60), st.integers(0, 150))
def test_no_start_of_a_finer_grid_is_better_or_worse(steps: list[Step], length: int, earliest: int, latest_end: int):
    tried = brute_force(steps, length, earliest, latest_end)
    found = windows(steps, length, earliest, latest_end)
    if not tried:
        assert found is None
        return
    assert found is not None
    least, most = min(tried.values()), max(tried.values())
    slack = 1e-7 * (1 + most)
    assert tried[found.best] == pytest.approx(least, rel=1e-7, abs=1e-7)
    assert tried[found.worst] == pytest.approx(most, rel=1e-7, abs=1e-7)
    assert not any(value < least - slack or value > most + slack for value in tried.values())
    assert not any(start < found.best for start, value in tried.items() if value == least), "of equals, not the first"
    # Between whole starts the mean is linear, so the sum of trapezoids is the oracle.
    pairs = [(tried[start], tried[start + 1]) for start in tried if start + 1 in tried]
    expected = sum((a + b) / 2 for a, b in pairs) / len(pairs) if pairs else sum(tried.values()) / len(tried)
    assert found.mean == pytest.approx(expected, rel=1e-7, abs=1e-7)


def test_the_best_start_may_lie_where_the_end_meets_a_boundary():
    # 3 units of which two are cheap: from 2 to 5 both cheap ones are inside, from boundary 3 on, too; by hand.
    found = windows([Step(0, 3, 9.0), Step(3, 5, 1.0), Step(5, 6, 8.0)], 3, 0, 6)
    assert found is not None
    assert found.best == 3  # 1 + 1 + 8 = 10 against 9 + 1 + 1 = 11
    found = windows([Step(0, 3, 7.0), Step(3, 5, 1.0), Step(5, 6, 8.0)], 3, 0, 6)
    assert found is not None
    assert found.best == 2  # 7 + 1 + 1 = 9 against 10: no boundary of a period


def test_of_equally_good_starts_the_first_is_taken():
    found = windows([Step(0, 10, 5.0), Step(10, 20, 1.0), Step(20, 30, 1.0)], 10, 0, 30)
    assert found is not None
    assert (found.best, found.worst) == (10, 0)


def test_a_gap_is_not_bridged():
    steps = [Step(0, 4, 1.0), Step(5, 9, 1.0)]
    assert windows(steps, 5, 0, 9) is None
    assert longest_stretch(steps) == 4
    assert longest_stretch([]) == 0


def test_a_year_of_five_minutes_is_searched_at_once():
    steps = [Step(300 * n, 300 * (n + 1), float(n * 7919 % 1000)) for n in range(100_000)]
    steps[54_321] = Step(300 * 54_321, 300 * 54_322, -0.0)
    found = windows(steps, 300, 0, 300 * 100_000)
    assert found is not None
    assert found.best == min(start for start in range(0, 300 * 100_000, 300) if steps[start // 300].value == 0)
