"""A replayed trace gives the joules that were recorded, for as long as the cell runs, and says so in every place."""

import itertools
import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenlm_edu.energy import Basis, EnergySource, ReplaySource, ScriptedSource, load_trace, replay_sources
from greenlm_edu.energy import counter as counter_arithmetic
from greenlm_edu.energy.trace_file import DeviceTrace, TraceFile
from greenlm_edu.errors import EnergyUnavailable, InputError
from greenlm_edu.interval import Interval


class Clock:
    def __init__(self):
        self.now_s = 100.0

    def __call__(self):
        return self.now_s


def device(t_s, power_w, *, gain=None, **fields):
    words = {"component": "gpu0", "label": "GPU 0 · A100", "hardware": "A100", "driver": "NVIDIA driver 550.54"}
    words |= {"meter": "its NVML energy counter", "basis": "counter" if "counter_mj" in fields else "sampled"}
    return DeviceTrace(**{**words, **fields}, gain=gain or Interval(0.95, 1, 1.05), t_s=t_s, power_w=power_w)


def trace_of(*devices, kind="recorded", **fields):
    return TraceFile("t", kind, "python", "2026-03-01T12:00:00Z", 0.1, "CC0-1.0", devices, **fields)


def replayed(trace, seconds, looks=(), **options):
    """(first reading, last reading) of a replay of so many seconds, looked at in between too."""
    clock = Clock()
    source = ReplaySource(trace, clock=clock, **options)
    readings = [source.read()]
    for at in sorted([*looks, seconds]):
        clock.now_s = 100.0 + at
        readings.append(source.read())
    assert all(a.energy_j <= b.energy_j and a.doubt_j <= b.doubt_j for a, b in itertools.pairwise(readings))
    return readings[0], readings[-1]


def joules(trace, seconds, **options):
    first, last = replayed(trace, seconds, **options)
    return counter_arithmetic.energy_between(first, last, ReplaySource(trace).gain)[0]


STEPS = device((0.0, 1.0, 3.0, 4.0), (0.0, 100.0, 200.0, 50.0))  # 100 + 400 + 50 = 550 J


def test_the_whole_recording_gives_the_recorded_joules():
    assert joules(trace_of(STEPS), 4.0).best == pytest.approx(550)
    assert STEPS.total_j().best == 550


def test_a_counters_joules_are_its_own_and_its_range_comes_with_it():
    counted = device((0.0, 1.0, 2.0), (90.0, 90.0, 90.0), counter_mj=(0.0, 100e3, 300e3), step_mj=(10e3,))
    energy_j = joules(trace_of(counted), 2.0)
    # By hand: 300 J ± one step of 10 J, times 0.95 to 1.05.
    assert (energy_j.low, energy_j.best, energy_j.high) == (pytest.approx(275.5), pytest.approx(300), 310 * 1.05)


def test_the_lead_in_plays_once_and_the_steady_part_as_long_as_the_cell_runs():
    trace = trace_of(STEPS, steady_s=(1.0, 3.0))
    # 1 s lead-in of 100 J, then 200 W for ever; the tail's 50 W never come.
    for seconds, expected in ((0.5, 50), (1.0, 100), (3.0, 500), (3.5, 600), (11.0, 2100)):
        _, last = replayed(trace, seconds)
        assert last.energy_j == pytest.approx(expected), seconds


def test_a_recording_without_a_steady_part_starts_over():
    _, last = replayed(trace_of(STEPS), 4.0 * 3 + 1.0)
    assert last.energy_j == pytest.approx(3 * 550 + 100)


def test_stretched_the_power_stays_and_the_energy_grows_with_the_time():
    trace = trace_of(STEPS, steady_s=(1.0, 3.0))
    _, last = replayed(trace, 8.0, duration_s=8.0)
    assert last.energy_j == pytest.approx(2 * 550)
    _, middle = replayed(trace, 4.0, duration_s=8.0)  # 2 s of the recording: 100 + 200 J
    assert (middle.energy_j, middle.power_w) == (pytest.approx(600), 200.0)
    _, over = replayed(trace, 10.0, duration_s=8.0)  # and starts over
    assert over.energy_j == pytest.approx(2 * (550 + 100))
    note = ReplaySource(trace, duration_s=8.0).note
    assert "Stretched from 4 s to 8 s at the recorded power, so its energy is 2 times the recorded one" in note


def test_inside_a_recorded_stretch_the_range_is_as_wide_as_what_nobody_knows():
    # All 200 J of the long stretch may have fallen in its first or its last moment.
    sparse = trace_of(device((0.0, 1.0, 3.0), (0.0, 0.0, 100.0), gain=Interval.exactly(1.0)))
    energy_j = joules(sparse, 1.5)
    assert energy_j.low == 0
    assert energy_j.high >= 200
    assert joules(sparse, 3.0) == Interval.exactly(200)


def test_a_measurement_that_begins_inside_a_stretch_holds_the_truth_too():
    # All of the first 100 J fell at the stretch's beginning and all of the second at its end: between 0.1 and 1.9 s
    # nothing was used, though even power would give 180 J.
    counted = device((0.0, 1.0, 2.0), (0.0,) * 3, counter_mj=(0.0, 1e5, 2e5), gain=Interval.exactly(1.0))
    clock = Clock()
    source = ReplaySource(trace_of(counted), clock=clock)
    source.read()
    clock.now_s += 0.1
    first = source.read()
    clock.now_s += 1.8
    energy_j, _ = counter_arithmetic.energy_between(first, source.read(), source.gain)
    assert energy_j.low == 0


def test_a_synthetic_curve_is_known_at_every_moment():
    trace = load_trace("gpu-synthetic-bursts")
    # 80 W for 2 s, then half a burst of 300 W.
    energy_j = joules(trace, 2.35)
    assert energy_j == Interval.exactly(energy_j.best)
    assert energy_j.best == pytest.approx(160 + 0.35 * 300)
    assert joules(trace, 9.0, duration_s=9.0).best == pytest.approx(9 * 80 + 3 * 0.7 * 220)
    assert joules(trace, 2 + 4 * 6).best == pytest.approx(2 * 80 + 4 * 942)


def test_every_repetition_carries_the_doubt_of_where_the_steady_part_begins_and_ends():
    counted = device((0.0, 1.0, 2.0, 3.0), (0.0,) * 4, counter_mj=(0.0, 1e5, 2e5, 3e5), step_mj=(2e3,))
    _, last = replayed(trace_of(counted, steady_s=(1.0, 2.0)), 1.0 + 10.0)
    assert last.energy_j == pytest.approx(1100)
    # The steady part plays ten times, nine of them again, each off by up to the counter's step of 2 J.
    assert last.doubt_j == pytest.approx(2.0 * 9)


def test_it_says_what_was_recorded_where_and_by_which_basis():
    source = ReplaySource(trace_of(device((0.0, 1.0), (0.0, 1.0), counter_mj=(0.0, 1e3))))
    assert isinstance(source, EnergySource)
    assert source.basis is Basis.REPLAYED
    assert source.label == "GPU 0 · A100 · replayed"
    assert "recorded on A100 (NVIDIA driver 550.54) by its NVML energy counter (counter), 2026-03-01" in source.note
    assert "not drawn here and now" in source.note
    assert source.gain == Interval(0.95, 1, 1.05)


def test_the_models_of_one_recording_are_off_together_and_its_counters_are_not():
    cpu, memory = replay_sources("cpu-epyc-modelled")
    assert cpu.error_group == memory.error_group
    boards = trace_of(STEPS, replace(STEPS, component="gpu1"))
    assert ReplaySource(boards, "gpu0").error_group != ReplaySource(boards, "gpu1").error_group


def test_a_synthetic_one_says_synthetic_in_its_label_and_note():
    (source,) = replay_sources("gpu-synthetic-bursts")
    assert source.label == "GPU 0 · synthetic, replayed"
    assert "a synthetic trace" in source.note
    assert "no device ever drew this" in source.note


def test_a_device_that_was_lost_while_recording_is_not_known_from_there_on():
    lost = replace(STEPS, component="gpu1", label="GPU 1", t_s=(0.0, 0.5, 1.0, 1.5), lost="the GPU fell off the bus")
    trace = trace_of(STEPS, lost)
    assert trace.length_s == 4
    with pytest.raises(
        EnergyUnavailable, match=r"GPU 1 must be recorded up to 2.0 s; its recording ends at 1.5 s: the"
    ):
        replayed(trace, 2.0, device="gpu1")
    with pytest.raises(EnergyUnavailable, match=r"ends at 1\.5 s"):
        replayed(trace, 4.2, device="gpu1")  # also after a repetition, where it would be known again


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"duration_s": 0}, "duration_s must be above 0 seconds; got 0"),
        ({"duration_s": math.nan}, "duration_s must be above 0"),
        ({"device": "gpu7"}, "it must name a device; got “gpu7”. It holds gpu0"),
    ],
)
def test_what_cannot_be_replayed_is_refused(options, words):
    with pytest.raises(InputError, match=words):
        ReplaySource(trace_of(STEPS), **options)


@st.composite
def curves(draw):
    """(times, watts of each stretch): irregular, with gaps of many seconds, and zero power too."""
    lengths = draw(st.lists(st.floats(0.01, 0.3) | st.floats(5.0, 60.0), min_size=2, max_size=40))
    watts = draw(st.lists(st.just(0.0) | st.floats(0.1, 1e3), min_size=len(lengths), max_size=len(lengths)))
    return (0.0, *itertools.accumulate(lengths)), tuple(watts)


@settings(max_examples=150, deadline=None)
@given(curves(), st.floats(0.01, 3.0), st.lists(st.floats(0.0, 1.0), max_size=5))
def test_the_truth_of_any_curve_lies_inside_whenever_a_cell_ends(curve, step_s, looks):
    """A counter with a step records a curve that is known; the cell's true joules are the curve's own."""
    times, watts = curve
    truth = ScriptedSource(
        [
            (0.0, watts[0]),
            *itertools.chain(
                *(((a + 1e-9, w), (b, w)) for (a, b), w in zip(itertools.pairwise(times), watts, strict=True))
            ),
        ]
    )
    seen = [truth.energy_j(math.floor(t / step_s) * step_s) for t in times]  # late by up to a step
    step_j = max(watts) * step_s
    counted = device(
        times, (0.0,) * len(times), counter_mj=tuple(1e3 * j for j in seen), step_mj=(1e3 * step_j,),
        gain=Interval.exactly(1.0),
    )  # fmt: skip
    trace = trace_of(counted)
    for share in looks:
        seconds = share * times[-1]
        energy_j = joules(trace, seconds)
        expected = truth.energy_j(seconds)
        assert energy_j.low - 1e-5 <= expected <= energy_j.high + 1e-5
    laps = joules(trace, 7 * times[-1])
    assert laps.low - 1e-4 <= 7 * truth.energy_j(times[-1]) <= laps.high + 1e-4


@settings(max_examples=150, deadline=None)
@given(curves(), st.lists(st.floats(0.0, 20.0), max_size=20), st.floats(0.1, 10.0), st.booleans())
def test_any_trace_replays_without_falling_and_its_laps_are_whole_recordings(curve, looks, stretch, is_stretched):
    times, watts = curve
    trace = trace_of(device(times, (0.0, *watts)))
    whole_j = math.fsum((b - a) * w for (a, b), w in zip(itertools.pairwise(times), watts, strict=True))
    duration_s = stretch * times[-1] if is_stretched else None
    once_s, once_j = (duration_s, whole_j * stretch) if duration_s else (times[-1], whole_j)
    seconds = 20.0 * once_s
    _, last = replayed(trace, seconds, looks=[at * once_s for at in looks], duration_s=duration_s)
    assert last.energy_j == pytest.approx(20 * once_j, rel=1e-6, abs=1e-6)
