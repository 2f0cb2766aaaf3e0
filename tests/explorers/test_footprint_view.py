"""The footprint explorer against arithmetic by hand, the table of published runs, and the places in its picture."""

from __future__ import annotations

import csv
import math
import re
import statistics
import subprocess
import sys
import time
from importlib.resources import files
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from greenlm_edu import carbon
from greenlm_edu.errors import InputError, UnknownAccelerator, UnknownRegion
from greenlm_edu.explorers import footprint_view
from greenlm_edu.explorers.footprint_words import amount

SVG = "{http://www.w3.org/2000/svg}"
JOULES_PER_KWH = 3.6e6
LABELS = ["GPT-3", "BLOOM", "LLaMA-7B", "Llama 3.1 405B", "OLMo 1B", "Transformer (base)", "your run"]
SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
# Energies of the computers by hand: what is printed, over the PUE where it is in.
PLACES = {
    "GPT-3": ("circle", 6 * 175e9 * 300e9, 1_287_000 / 1.10),
    "Transformer (base)": ("triangle", 6 * 65e6 * 2.5e9, 27 / 1.58),
    "GShard, active parameters": ("circle", 6 * 2.3e9 * 1e12, 24_100 / 1.09),
    "BLOOM": ("square", 6 * 176.247e9 * 366e9, 433_196),
    "Llama 3.1 405B, hours × rated power": ("square", 6 * 405_853_388_800 * 15.6e12, 30.84e6 * 0.7),
}


def table() -> list[dict[str, str]]:
    text = files("greenlm_edu.carbon").joinpath("data/published.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def line(text: str, start: str) -> str:
    (found,) = [one for one in text.splitlines() if one.startswith(start)]
    return found


def picture(explorer) -> ElementTree.Element:
    found = re.search(r'src="data:image/svg\+xml,([^"]+)"', explorer.view().html)
    return ElementTree.fromstring(unquote(found[1]))


def scales(svg: ElementTree.Element) -> tuple:
    """Two functions, from a value to its place: read off the labels of the axes."""
    ticks = {"middle": [], "end": []}
    for text in svg.iter(f"{SVG}text"):
        if power := re.fullmatch("10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", text.text or ""):
            place = float(text.get("x")) if text.get("text-anchor") == "middle" else float(text.get("y")) - 5
            ticks[text.get("text-anchor")].append((int(power[1].translate(SUPERSCRIPTS)), place))

    def through(marks):
        (first, start), (last, end) = marks[0], marks[-1]
        return lambda value: start + (math.log10(value) - first) / (last - first) * (end - start)

    return through(ticks["middle"]), through(ticks["end"])


def shapes(svg: ElementTree.Element) -> list[tuple[str, float, float, bool]]:
    """(shape, x, y, hollow) of each published run and of the legend's samples."""
    found = []
    for one in svg.iter():
        hollow = one.get("fill") == "none"
        if one.tag == f"{SVG}circle":
            found.append(("circle", float(one.get("cx")), float(one.get("cy")), hollow))
        elif one.tag == f"{SVG}rect" and one.get("x"):
            half = float(one.get("width")) / 2
            found.append(("square", float(one.get("x")) + half, float(one.get("y")) + half, hollow))
        elif one.tag == f"{SVG}path" and (
            triangle := re.fullmatch(r"M([\d.]+) ([\d.]+)l6.0 10.0h-12.0z", one.get("d"))
        ):
            found.append(("triangle", float(triangle[1]), float(triangle[2]) + 6, hollow))
    return found


def test_the_energy_is_full_speed_times_the_overhead_of_the_measured_runs():
    ratios = []
    for missed in carbon.missed_runs():
        run, board = missed.run, carbon.accelerator(missed.run.accelerator)
        operations = 6 * (run.active_parameters or run.parameters) * run.tokens
        ratios.append(missed.measured_j / (operations / board.peak_flop_s * board.tdp_w))
    computers_kwh = statistics.geometric_mean(ratios) * 1.2e20 / 312e12 * 400 / JOULES_PER_KWH
    told = line(footprint_view(1e9, 2e10, "A100", pue=1.5).view().text, "Energy")
    building, computers = re.fullmatch(r"Energy, predicted: (\d+) kWh .* \(PUE 1.5\); (\d+) kWh .*", told).groups()
    assert float(computers) == pytest.approx(computers_kwh, rel=0.03)  # two digits are printed
    assert float(building) == pytest.approx(1.5 * computers_kwh, rel=0.03)


def test_the_wall_time_takes_the_median_utilisation_of_the_published_hours():
    reached = []
    for row in table():
        hours = float(row["accelerator_hours"] or 0) or float(row["accelerators"] or 0) * float(row["hours"] or 0)
        parameters = float(row["active_parameters"] or row["parameters"] or 0)
        peak = carbon.accelerator(row["accelerator"]).peak_flop_s
        if hours and row["power_w"] and parameters and row["tokens"] and peak and not row["flag"]:
            reached.append(6 * parameters * float(row["tokens"]) / (hours * 3600 * peak))
    median = statistics.median(reached)
    text = footprint_view(1e9, 2e10, "A100", 16).view().text
    hours = 1.2e20 / (16 * 312e12 * median) / 3600
    assert re.search(rf"^Wall time, estimated: {amount(hours)} hours \(", text, re.MULTILINE)
    assert f"The wall time takes {median:.0%} of peak speed: the median of {len(reached)} published runs" in text


def test_more_accelerators_shorten_the_time_and_leave_the_energy():
    few, many = (footprint_view(1e11, 1e12, accelerators=count).view().text for count in (1000, 2000))
    days = [float(re.search(r"estimated: (\d+) days", told)[1]) for told in (few, many)]
    assert days[0] == pytest.approx(2 * days[1], rel=0.05)
    assert line(few, "Energy") == line(many, "Energy")


def test_the_building_raises_the_bill_and_not_the_computers_energy():
    told = [line(footprint_view(pue=pue).view().text, "Energy") for pue in (1.0, 2.0)]
    assert told[0].split("; ")[1] == told[1].split("; ")[1]
    bills = [float(re.search(r"predicted: (\d+) kWh", one)[1]) for one in told]
    assert bills[1] == pytest.approx(2 * bills[0], rel=0.05)


def test_emissions_are_the_energy_times_the_grid_with_its_year():
    explorer = footprint_view(1e11, 1e12, pue=1.0, region="Poland")
    told = explorer.view().text
    mwh = float(re.search(r"predicted: (\d+) MWh", told)[1])
    tonnes = re.search(r"^Emissions, predicted: (\d+) t CO2e .* · Poland 615 g/kWh · 2024 · Ember\.$", told, re.M)
    assert float(tonnes[1]) == pytest.approx(mwh * 0.61498, rel=0.06)
    explorer.set(region="FRA")
    assert "France 44 g/kWh · 2024" in explorer.view().text


def test_every_region_can_be_chosen_with_its_year():
    options = dict(footprint_view().controls["region"].options)
    assert set(options.values()) == {"", *(row.region for row in carbon.regions())}
    assert options["Iceland · 28 g/kWh · 2023"] == "ISL"
    assert all(re.search(r" · 20\d\d$", label) for label in options)


def test_no_region_is_the_world_and_says_so():
    told = footprint_view().view().text
    assert "no region set: world average 473 g/kWh" in told
    assert re.search(r"Largest doubt: the grid, as no region is set, ×/÷ 4\.8\. Then the prediction", told)


def test_the_largest_doubt_is_the_prediction_and_its_factor_that_of_the_measured_runs():
    told = footprint_view(region="FRA").view().text
    factor = re.search(r"Largest doubt: the prediction of the energy itself, .* 12 measured runs, ×/÷ ([\d.]+)\.", told)
    low, best, high = map(float, re.search(r"predicted: (\d+) kWh \((\d+) – (\d+) kWh\) with", told).group(2, 1, 3))
    assert best / low == pytest.approx(float(factor[1]), rel=0.03)
    assert high / best == pytest.approx(float(factor[1]), rel=0.03)
    assert "Then the grid's yearly average, ×/÷ 1.2." in told


def test_the_cleanest_and_the_dirtiest_grid_are_those_of_the_table():
    text = files("greenlm_edu.carbon").joinpath("data/grid.csv").read_text(encoding="utf-8")
    rows = sorted(csv.DictReader(text.splitlines()), key=lambda row: float(row["g_per_kwh"]))
    told = line(footprint_view(region="FRA").view().text, "The same run on the cleanest")
    for place, row in (("cleanest", rows[0]), ("dirtiest", rows[-1])):
        assert re.search(rf"{place}[^.]*: [\d.]+ kg CO2e \([^)]*\) \({row['name']} ", told), told
        assert f"{float(row['g_per_kwh']):.0f} g/kWh · {row['year']}" in told
    assert f"{float(rows[-1]['g_per_kwh']) / float(rows[0]['g_per_kwh']):.0f} times as much" in told


@pytest.mark.parametrize(("parameters", "tokens"), [(1e6, 1e9), (1e12, 1e13)])
def test_beyond_the_sizes_that_were_measured_it_says_so(parameters, tokens):
    assert "No run of this size was measured" in footprint_view(parameters, tokens, "H100").view().text
    assert "No run of this size was measured" not in footprint_view(1e9, 2e10, "H100").view().text


def test_hardware_on_which_nothing_was_measured_is_named():
    assert "none the NVIDIA B200." in footprint_view(accelerator="B200").view().text
    assert "none the NVIDIA H100 SXM" not in footprint_view(accelerator="H100").view().text


def test_nothing_looks_like_a_measurement():
    view = footprint_view().view()
    assert view.text.startswith("Predicted, not measured:")
    for words in ("energy, predicted", "emissions, predicted", "wall time, estimated", "your run: predicted"):
        assert words in view.html or words in unquote(view.html)


def test_published_runs_lie_where_their_figures_say():
    svg = picture(footprint_view())
    across, up = scales(svg)
    found = shapes(svg)
    for name, (shape, operations, kwh) in PLACES.items():
        x, y = across(operations), up(kwh)
        near = [one for one in found if one[0] == shape and math.hypot(one[1] - x, one[2] - y) < 0.5 and not one[3]]
        assert near, name


def test_a_run_that_contradicts_itself_is_hollow_and_named():
    explorer = footprint_view()
    svg = picture(explorer)
    across, up = scales(svg)
    hollow = [one for one in shapes(svg) if one[3]]
    x, y = across(6 * 13_716_198_400 * 5.6e12), up(230_000)  # OLMo 2 13B: measured, its emissions count the PUE twice
    assert [one for one in hollow if one[0] == "circle" and math.hypot(one[1] - x, one[2] - y) < 0.5]
    assert len(hollow) == 2 + 1  # Llama 3.3 70B, and the legend's
    told = line(explorer.view().text, "OLMo 2 13B")
    assert "its source contradicts itself: 230 MWh × PUE 1.12" in told
    assert "Hollow and crossed, as the source contradicts itself: Llama 3.3 70B, OLMo 2 13B." in explorer.view().html


def test_the_learners_run_stands_at_its_operations_and_its_range():
    explorer = footprint_view(1e10 / 6, 1e10, "H100")  # 1e20 operations
    svg = picture(explorer)
    across, up = scales(svg)
    run = carbon.predicted_training(parameters=1e10 / 6, tokens=1e10, accelerator="H100")
    span = run.energy_j.scaled_by(1 / JOULES_PER_KWH)
    bars = [one.get("d") for one in svg.iter(f"{SVG}path") if one.get("stroke-width") == "3"]
    x, low, high = map(float, re.match(r"M([\d.]+) ([\d.]+)V([\d.]+)M", bars[0]).groups())
    assert (x, low, high) == pytest.approx((across(1e20), up(span.low), up(span.high)), abs=0.2)


def test_rows_that_cannot_be_drawn_are_counted():
    rows = table()
    drawn = [
        row
        for row in rows
        if (row["active_parameters"] or row["parameters"])
        and row["tokens"]
        and (row["energy"] or row["power_basis"] == "rated")
    ]
    cards = [row for row in drawn if not row["energy"]]
    view = footprint_view().view()
    assert f"{len(drawn)} of {len(rows)} published rows are drawn" in view.html
    assert f"{len(cards)} cards state no energy: their hours × rated power are drawn" in view.html
    for row in drawn:
        told = line(view.text, f"{row['model']}: ")
        assert ("its card states no energy" in told) == (not row["energy"])
        assert ("assumed" in told) == (row["energy_basis"] in ("rated power", ""))
    assert len(shapes(picture(footprint_view()))) == len(drawn) + 4  # and the legend's


@pytest.mark.parametrize(
    ("parameters", "tokens"), [(1e9, 2e10), (175e9, 300e9), (1e6, 1e6), (1e13, 1e14), (7e10, 15e12)]
)
def test_the_chosen_models_are_labelled_wherever_the_learner_stands(parameters, tokens):
    texts = [one.text for one in picture(footprint_view(parameters, tokens)).iter(f"{SVG}text")]
    assert [name for name in LABELS if name not in texts] == []
    assert "training operations, FLOP" in texts
    assert "energy of the computers, kWh" in texts


def test_comparisons_have_their_sources_and_a_warning():
    run = carbon.predicted_training(parameters=1e9, tokens=2e10, accelerator="A100", pue=1.2, region="FRA")
    shown = footprint_view(region="FRA").view()
    for text, number, source in carbon.equivalents(run.energy_j.scaled_by(1.2), run.footprint.emissions_g):
        is_told = f"{amount(number.best)} ({amount(number.low)} – {amount(number.high)}) {text}" in shown.text
        assert is_told == (number.best >= 0.1)
        assert (f"({source})" in shown.text) == is_told
    assert "Comparisons mislead" in shown.html
    assert "US EPA calculator" in shown.html


def test_a_tiny_run_is_told_in_joules_and_by_a_lamp():
    told = footprint_view(1e6, 1e6, "H100", region="FRA").view().text
    joules = float(re.search(r"predicted: (\d+) J", told)[1])
    assert re.search(rf"^like a 10 W lamp for {joules / 10:.1f} s", told, re.MULTILINE)


@pytest.mark.parametrize(
    ("value", "digits", "words"),
    [
        (0.0261, 2, "0.026"), (0.996, 2, "1"), (9.96, 2, "10"), (99.6, 2, "100"), (2_613, 2, "2,600"),
        (999_600, 2, "1 million"), (1.75e11, 3, "175 billion"), (2.613e13, 2, "26 trillion"),
        (5e16, 2, "50,000 trillion"),
    ],
)  # fmt: skip
def test_amounts_have_no_false_digits(value, digits, words):
    assert amount(value, digits) == words


def test_presets_reach_the_controls():
    explorer = footprint_view(175e9, 300e9, "v100", 10_000, 1.1, "usa")
    assert explorer.settings == {
        "parameters": 175e9,
        "tokens": 300e9,
        "accelerator": "NVIDIA V100 SXM2",
        "accelerators": 10_000,
        "pue": 1.1,
        "region": "USA",
    }


@pytest.mark.parametrize(
    ("preset", "message"),
    [
        ({"parameters": 1e5}, "parameters must be a number from 1e+06 to 1e+13; got parameters=100000.0. Take 1e+06."),
        ({"parameters": math.nan}, "parameters must be a number .* got parameters=nan"),
        ({"tokens": 1e15}, "tokens must be a number from 1e+06 to 1e+14; got tokens=1000000000000000.0. Take 1e+14."),
        ({"tokens": "many"}, "got tokens='many'"),
        ({"accelerators": 0}, "accelerators must be a whole number from 1 to 1e+06; got accelerators=0. Take 1."),
        ({"accelerators": 2.5}, "accelerators must be a whole number .* got accelerators=2.5"),
        ({"accelerators": True}, "got accelerators=True"),
        ({"pue": 0.9}, "pue must be a number from 1 to 2; got pue=0.9. Take 1."),
        ({"pue": math.inf}, "got pue=inf"),
        ({"accelerator": "L4"}, "the accelerator's peak speed must be known; got NVIDIA L4, .* Take one of NVIDIA T4"),
    ],
)
def test_a_preset_that_cannot_be_is_refused_with_what_to_do(preset, message):
    with pytest.raises(InputError, match="footprint_view: .*" + message.replace("+", r"\+")):
        footprint_view(**preset)


def test_an_unknown_board_or_country_names_the_nearest():
    with pytest.raises(UnknownAccelerator, match="Nearest: NVIDIA H100 SXM"):
        footprint_view(accelerator="H10")
    with pytest.raises(UnknownRegion, match=r"Nearest: France \(FRA\)"):
        footprint_view(region="Frnace")


def test_what_a_control_does_not_take_changes_nothing():
    explorer = footprint_view()
    before = explorer.settings
    for settings in ({"parameters": 1e14}, {"pue": 2.5}, {"region": "Atlantis"}, {"accelerator": "abacus"}):
        with pytest.raises(InputError, match="does not take this value"):
            explorer.set(**settings)
    assert explorer.settings == before


def test_a_change_is_drawn_in_less_than_a_tenth_of_a_second():
    explorer = footprint_view()
    explorer.view()  # reads the tables
    took_s = []
    for step in range(21):
        started_s = time.perf_counter()
        explorer.set(parameters=10 ** (6 + step / 3))
        explorer._bundle()
        took_s.append(time.perf_counter() - started_s)
    assert statistics.median(took_s) < 0.1  # it takes about 4 ms


@pytest.mark.process
def test_it_needs_neither_keras_nor_matplotlib():
    code = (
        "import sys; from greenlm_edu.explorers import footprint_view; footprint_view().view();"
        "print([name for name in ('keras', 'tensorflow', 'matplotlib') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert told.strip() == "[]"
