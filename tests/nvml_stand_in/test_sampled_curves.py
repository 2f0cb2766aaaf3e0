"""The bars of issue 3 for scripted GPU curves, on the stand-in's own clock."""

import shutil

import pytest

from tests.conftest import unavailable
from tests.nvml_stand_in.sampled_curves import simulate_counter, simulate_sampled

pytestmark = pytest.mark.process


@pytest.fixture(autouse=True)
def gcc():
    if shutil.which("gcc") is None:
        unavailable("gcc is not on this machine, and the stand-in NVML library needs it")


def test_sampled_power_holds_the_truth_in_95_of_100_curves_within_four_median_errors():
    simulated = simulate_sampled(1000, seed=1)
    figures = f"truth inside {simulated.coverage:.1%}, width {simulated.width_ratio:.2f} median errors"
    assert simulated.coverage >= 0.95, figures
    assert simulated.width_ratio <= 4.0, figures


@pytest.mark.parametrize(("period_s", "within"), [(0.1, 0.85), (0.093, 0.95)])
def test_a_counter_holds_the_truth_always_and_its_best_figure_is_mostly_within_1_percent(period_s, within):
    simulated = simulate_counter(300, seed=1, period_s=period_s)
    assert simulated.misses == []
    assert simulated.meter_exact[0] == 1.0
    assert simulated.within_1_percent >= within
