"""Trace files: what is written can be read again, and whatever else is found in one is refused with words."""

import gzip
import itertools
import json
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenlm_edu.energy import load_trace, save_trace, trace_names
from greenlm_edu.energy.trace_check import MOST_BYTES
from greenlm_edu.energy.trace_file import parsed
from greenlm_edu.errors import InputError

CPU = "cpu-epyc-modelled"
GPU = "gpu-h100-training"
SYNTHETIC = "gpu-synthetic-bursts"


def content(**changes):
    """A small trace as the file holds it; `device_…` changes its device."""
    device = {
        "component": "gpu0", "label": "GPU 0", "hardware": "A100", "driver": "NVIDIA 550", "meter": "its counter",
        "basis": "counter", "gain": [0.95, 1, 1.05], "t_s": [0, 1, 2], "power_w": [5, 5, 5], "counter_mj": [0, 5, 10],
    }  # fmt: skip
    trace = {
        "format": "greenlm-trace", "version": 1, "name": "t", "kind": "recorded", "what_ran": "python",
        "recorded_at": "2026-03-01T12:00:00Z", "period_s": 0.1, "licence": "CC0-1.0", "devices": [device],
    }  # fmt: skip
    for key, value in changes.items():
        place, name = (device, key.removeprefix("device_")) if key.startswith("device_") else (trace, key)
        if value is ...:
            del place[name]
        else:
            place[name] = value
    return trace


def test_what_is_saved_is_loaded_again_equal_plain_and_compressed(tmp_path):
    trace = load_trace(CPU)
    for name in ("again.trace.json", "again.trace.json.gz"):
        save_trace(trace, tmp_path / name)
        assert load_trace(tmp_path / name) == trace
    assert load_trace(tmp_path / "again") == trace  # the ending may be left out
    assert gzip.decompress((tmp_path / "again.trace.json.gz").read_bytes()).decode() == trace.text()


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "a.trace.json").write_text("mine")
    with pytest.raises(InputError, match=r"trace a\.trace\.json: it must be a new file .* got “File exists”"):
        save_trace(load_trace(CPU), tmp_path / "a.trace.json")
    assert (tmp_path / "a.trace.json").read_text() == "mine"


def test_an_unknown_name_is_told_those_there_are():
    with pytest.raises(
        InputError, match=f"there is no trace “h100”. There are: {CPU}, {GPU}, {SYNTHETIC}; or name a file"
    ):
        load_trace("h100")


WRONG = {
    "another format": ({"format": "csv"}, "format must be “greenlm-trace”; got something else"),
    "a later version": ({"version": 2}, "version must be 1 or less for this greenlm_edu; got 2. Install a later"),
    "a version of words": ({"version": "1"}, "version must be a whole number from 1 on; got 1. Write 1."),
    "no licence": ({"licence": ...}, "licence must be words; got nothing. Write “licence” as a line of text."),
    "two lines": ({"note": "a\nb"}, "note must be one line of 2000 letters at most"),
    "half a letter": ({"note": "\ud800"}, "note must be one line"),
    "no time": ({"recorded_at": "lately"}, "recorded_at must be a time such as 2026-03-01T12:00:00Z; got “lately”"),
    "a kind of its own": ({"kind": "real"}, "kind must be recorded or synthetic; got real"),
    "no period": ({"period_s": 0}, "period_s must be a number above 0; got 0"),
    "no devices": ({"devices": []}, "devices must be a list of 1 to 64; got a list of 0"),
    "a device of words": ({"devices": ["gpu"]}, "devices[0] must be an object; got gpu"),
    "a basis of its own": ({"device_basis": "measured"}, "devices[0].basis must be counter or sampled or modelled"),
    "a synthetic device": ({"device_basis": "synthetic"}, "devices[0].basis must be counter or sampled or modelled"),
    "a strange key": ({"device_component": "<b>"}, "devices[0].component must be letters and a number, as “gpu0”"),
    "a gain of two": ({"device_gain": [1, 1]}, "devices[0].gain must be a list of 3 to"),
    "a gain of zero": ({"device_gain": [0, 1, 2]}, "devices[0].gain must be [low, 1, high], low above 0"),
    "times that stand": (
        {"device_t_s": [0, 1, 1]},
        "devices[0].t_s[2] must rise; got 1, then 1. Take this reading out.",
    ),
    "times from later on": ({"device_t_s": [1, 2, 3]}, "devices[0].t_s must begin at 0"),
    "one time": ({"device_t_s": [0]}, "devices[0].t_s must be a list of 2 to 100000 numbers; got a list of 1"),
    "a power too few": (
        {"device_power_w": [5, 5]},
        "devices[0].power_w must hold 3 numbers, one for each of t_s; got 2",
    ),
    "power below zero": ({"device_power_w": [5, -5, 5]}, "devices[0].power_w[1] must be a number from 0 on; got -5"),
    "no number": (
        {"device_power_w": [5, float("nan"), 5]},
        "devices[0].power_w[1] must be a number from 0 on; got nan",
    ),
    "endless power": (
        {"device_power_w": [5, 5, float("inf")]},
        "devices[0].power_w[2] must be a number from 0 on; got i",
    ),
    "a truth for a number": (
        {"device_power_w": [5, True, 5]},
        "devices[0].power_w[1] must be a number from 0 on; got Tr",
    ),
    "digits without end": (
        {"device_power_w": [5, 10**400, 5]},
        "devices[0].power_w[1] must be a number from 0 on; got 1",
    ),
    "a counter backwards": (
        {"device_counter_mj": [0, 9, 8]},
        "devices[0].counter_mj[2] must never fall; got 9, then 8",
    ),
    "a counter without one": (
        {"device_counter_mj": ...},
        "devices[0].counter_mj must be there for the basis “counter”",
    ),
    "a steady part outside": ({"steady_s": [1, 9]}, "steady_s must lie within the recording, 0 to 2 s, and last a"),
    "a steady part of nothing": ({"steady_s": [1, 1]}, "steady_s must lie within the recording"),
    "synthetic, not in the name": (
        {"kind": "synthetic", "device_basis": "synthetic", "device_counter_mj": ...},
        "the file name must hold the word “synthetic”, as kind does; got f.trace.json. Rename it.",
    ),
}


@pytest.mark.parametrize(("changes", "words"), WRONG.values(), ids=WRONG)
def test_a_broken_rule_names_file_field_and_repair(changes, words):
    with pytest.raises(InputError) as caught:
        parsed(json.dumps(content(**changes)), "f.trace.json")
    assert str(caught.value).startswith(f"trace f.trace.json: {words}")


def test_two_devices_of_one_key_are_refused():
    twice = content()["devices"] * 2
    with pytest.raises(InputError, match="devices must have a component key of their own each"):
        parsed(json.dumps(content(devices=twice)), "f")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{\n"format": "greenlm-trace",\n oops', "line 3 must be JSON"),
        (b"\xff\xfe\x00", "the file must be readable text"),
        (b"", "line 1 must be JSON"),
        (b"[" * 100_000, "the file must be JSON of a trace"),
        (b"1" * 10_000, "the file must be JSON of a trace"),
        (b"null", "format must be “greenlm-trace”"),
        (b" " * (MOST_BYTES + 1), "the file must hold 16 MB at most"),
    ],
)
def test_junk_is_refused_with_words(tmp_path, data, words):
    (tmp_path / "junk.trace.json").write_bytes(data)
    with pytest.raises(InputError, match=words):
        load_trace(tmp_path / "junk.trace.json")


@pytest.mark.process
def test_a_small_file_that_unpacks_without_end_is_refused(tmp_path):
    (tmp_path / "bomb.trace.json.gz").write_bytes(gzip.compress(b" " * (40 * MOST_BYTES)))
    with pytest.raises(InputError, match="the file must hold 16 MB at most"):
        load_trace(tmp_path / "bomb.trace.json.gz")
    (tmp_path / "cut.trace.json.gz").write_bytes(gzip.compress(b"{}" * 100)[:-9])
    with pytest.raises(InputError, match="the file must be readable text"):
        load_trace(tmp_path / "cut.trace.json.gz")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([*content(), *(f"device_{key}" for key in content()["devices"][0]), "steady_s"]), JUNK)
def test_any_junk_in_any_field_is_accepted_whole_or_refused_as_an_input_error(field, junk):
    try:
        trace = parsed(json.dumps(content(**{field: junk})), "f")
    except InputError:
        return
    assert parsed(trace.text(), "f") == trace
    assert trace.devices[0].total_j().best >= 0


@pytest.mark.parametrize("name", trace_names())
def test_what_is_shipped_is_small_valid_and_free(name):
    (file,) = (one for one in resources.files("greenlm_edu.energy").joinpath("data").iterdir() if name in one.name)
    trace = load_trace(name)
    assert len(file.read_bytes()) <= 30_000
    assert trace.name == name
    assert trace.licence == "CC0-1.0"
    assert "/" not in trace.what_ran + "".join(device.hardware + device.meter for device in trace.devices)


def test_the_recorded_gpus_power_and_its_counter_tell_the_same_joules_of_the_training():
    trace = load_trace(GPU)
    (gpu,) = trace.devices
    assert (trace.kind, gpu.basis) == ("recorded", "counter")
    begin, end = (next(i for i, t_s in enumerate(gpu.t_s) if t_s >= at_s) for at_s in trace.steady_s)
    counted_j = gpu.energy_j[end] - gpu.energy_j[begin]
    # The power that the board told, integrated by the trapezoidal rule: another way to know them.
    pieces = zip(*(itertools.pairwise(row[begin : end + 1]) for row in (gpu.t_s, gpu.power_w)), strict=True)
    integrated_j = sum((after_s - before_s) * (w_a + w_b) / 2 for (before_s, after_s), (w_a, w_b) in pieces)
    assert counted_j == pytest.approx(integrated_j, rel=0.05)
    assert 300 < counted_j / (gpu.t_s[end] - gpu.t_s[begin]) < 700  # an H100 may draw 700 W
    rest_w = gpu.energy_j[begin // 2] / gpu.t_s[begin // 2]
    assert 60 < rest_w < 200


def test_the_cpu_trace_says_that_it_is_modelled_and_the_synthetic_one_that_nobody_drew_it():
    assert trace_names() == (CPU, GPU, SYNTHETIC)
    cpu, gpu = load_trace(CPU), load_trace(SYNTHETIC)
    assert {device.basis for device in cpu.devices} == {"modelled"}
    assert "modelled" in cpu.note
    assert gpu.is_synthetic
    assert gpu.note.startswith("Synthetic: no device ever drew this.")
    # The truth that its note states: 9 s × 80 W + 3 × 0.7 s × 220 W.
    assert "= 1182 J" in gpu.note
    assert gpu.devices[0].total_j().best == pytest.approx(1182)
