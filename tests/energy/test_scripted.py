"""The scripted source gives the area under its curve, computed by hand here."""

import pytest

from greenlm_edu.energy import Basis, EnergySource, ScriptedSource
from greenlm_edu.errors import EnergyUnavailable, InputError


class Clock:
    def __init__(self):
        self.now_s = 50.0

    def __call__(self):
        return self.now_s


def test_energy_is_the_area_under_the_curve():
    source = ScriptedSource([(0, 100), (2, 300), (4, 0)])
    # 0–2 s: mean 200 W; 2–3 s: from 300 to 150 W; after 4 s nothing
    assert source.energy_j(2) == pytest.approx(400)
    assert source.energy_j(3) == pytest.approx(400 + 225)
    assert source.energy_j(10) == pytest.approx(400 + 300)


def test_time_starts_at_the_first_reading():
    clock = Clock()
    source = ScriptedSource(10.0, clock=clock)
    assert source.read().energy_j == 0
    clock.now_s += 7
    assert source.read().energy_j == pytest.approx(70)


def test_a_step_holds_the_counter_still():
    clock = Clock()
    source = ScriptedSource(100.0, step_s=0.1, clock=clock)
    source.read()
    clock.now_s += 0.19
    reading = source.read()
    assert reading.energy_j == pytest.approx(10)
    assert reading.step_j == pytest.approx(10)


def test_it_says_that_it_is_replayed_and_is_a_source():
    source = ScriptedSource(1.0)
    assert source.basis is Basis.REPLAYED
    assert "scripted" in source.label
    assert isinstance(source, EnergySource)


def test_a_lost_device_raises_what_was_scripted():
    clock = Clock()
    source = ScriptedSource(1.0, clock=clock, fails_after_s=2, failure=EnergyUnavailable("the GPU is lost"))
    source.read()
    clock.now_s += 3
    with pytest.raises(EnergyUnavailable, match="the GPU is lost"):
        source.read()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"power_w": [(1, 5), (1, 6)]}, "times must rise"),
        ({"power_w": [(0, -5)]}, "power must be 0 or more"),
        ({"power_w": []}, "times must rise"),
        ({"power_w": 5, "step_s": -1}, "step_s must be 0 or more; got -1"),
    ],
)
def test_nonsense_is_refused(arguments, words):
    with pytest.raises(InputError, match=words):
        ScriptedSource(**arguments)
