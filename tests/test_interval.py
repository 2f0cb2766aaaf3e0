"""Intervals: the rules by which doubts combine hold for any figures."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval, product, sum_independent, sum_shared

sizes = st.floats(0, 1e9, allow_nan=False)
shares = st.floats(0, 1)


@st.composite
def intervals(draw):
    best = draw(sizes)
    return Interval(best * draw(shares), best, best * (1 + draw(shares)) + draw(st.floats(0, 10)))


def is_ordered(interval):
    return 0 <= interval.low <= interval.best <= interval.high


@given(st.lists(intervals(), max_size=6))
def test_sums_and_products_keep_low_best_high_in_order(parts):
    assert all(is_ordered(combine(parts)) for combine in (sum_independent, sum_shared))
    assert is_ordered(product(parts[:3]))


@given(st.lists(intervals(), min_size=1, max_size=5), st.floats(0, 100), st.floats(0, 1))
def test_a_wider_part_never_gives_a_narrower_whole(parts, above, share):
    first = parts[0]
    wider = Interval(first.low * share, first.best, first.high + above)
    for combine in (sum_independent, sum_shared, product):
        before, after = combine(parts), combine([wider, *parts[1:]])
        slack = 1e-9 * max(1.0, before.high)
        assert after.low <= before.low + slack
        assert after.high >= before.high - slack


@given(st.lists(intervals(), max_size=6))
def test_independent_doubts_are_never_larger_than_shared_ones(parts):
    independent, shared = sum_independent(parts), sum_shared(parts)
    slack = 1e-9 * max(1.0, shared.high)
    assert shared.low - slack <= independent.low
    assert independent.high <= shared.high + slack


@given(intervals(), st.floats(0, 1e3), intervals())
def test_scaling_a_sum_is_summing_the_scaled(a, factor, b):
    whole = sum_independent([a, b]).scaled_by(factor)
    parts = sum_independent([a.scaled_by(factor), b.scaled_by(factor)])
    assert math.isclose(whole.high, parts.high, rel_tol=1e-9, abs_tol=1e-9)
    assert math.isclose(whole.low, parts.low, rel_tol=1e-6, abs_tol=1e-6 * max(1.0, parts.high))


def test_quadrature_by_hand():
    # 3 and 4 below and above make 5
    assert sum_independent([Interval(7, 10, 13), Interval(16, 20, 24)]) == Interval(25, 30, 35)
    assert sum_shared([Interval(7, 10, 13), Interval(16, 20, 24)]) == Interval(23, 30, 37)


def test_product_of_factors_adds_their_logarithms_in_quadrature():
    both = product([Interval.times_over(100, 2), Interval.times_over(3, 2)])
    factor = 2 ** math.sqrt(2)
    assert both.best == 300
    assert both.low == pytest.approx(300 / factor)
    assert both.high == pytest.approx(300 * factor)


@pytest.mark.parametrize("bounds", [(2, 1, 3), (0, 2, 1), (-1, 0, 1), (0, math.nan, 1), (0, 1, math.inf)])
def test_bounds_out_of_order_are_refused(bounds):
    with pytest.raises(InputError, match="Interval: "):
        Interval(*bounds)


def test_a_negative_scale_is_refused():
    with pytest.raises(InputError, match="factor must be 0 or more; got -1"):
        Interval(1, 2, 3).scaled_by(-1)


@pytest.mark.parametrize(
    ("bounds", "shown"),
    [
        ((14_700, 15_400, 16_200), "15.4 kJ (14.7 – 16.2 kJ)"),
        ((75, 120, 190), "120 J (75 – 190 J)"),
        ((0.0, 0.05, 0.1), "50 mJ (0 – 100 mJ)"),
        ((0, 0, 0.4), "0 mJ (0 – 400 mJ)"),
        ((999.6, 999.9, 1000.4), "0.9999 kJ (0.9996 – 1.000 kJ)"),
        ((1.23456, 1.23456, 1.23456), "1.2 J (1.2 – 1.2 J)"),
    ],
)
def test_figures_have_the_digits_that_their_range_supports(bounds, shown):
    assert Interval(*bounds).text("J") == shown
