"""The card: complete, self-contained, light, and honest about what is not known."""

import base64
import re
import xml.etree.ElementTree as ElementTree

import pytest

from greenlm_edu import metering
from greenlm_edu.energy import Basis, ReplaySource, ScriptedSource, load_trace
from greenlm_edu.interval import Interval
from greenlm_edu.metering import Component, measure
from greenlm_edu.notebook.card import bundle, hidden, html, text
from greenlm_edu.notebook.chart import binned, colour_of, nice_ticks, svg
from greenlm_edu.notebook.elsewhere import elsewhere
from greenlm_edu.notebook.wording import amount, basis_text, compared
from tests.notebook import measured

MOST_BYTES = 60_000


class Clock:
    now_s = 0.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def trained():
    """A minute on a scripted GPU and CPU, sampled 600 times, with twelve epochs reported."""
    clock = Clock()
    gpu = ScriptedSource(
        [(0, 80), (4, 80), (4.01, 300), (55, 300), (55.01, 80)],
        component="gpu0", label="GPU 0 · H100", basis=Basis.COUNTER, gain=Interval(0.95, 1, 1.05), clock=clock,
    )  # fmt: skip
    cpu = ScriptedSource(
        30.0, component="cpu", label="CPU", basis=Basis.MODELLED, gain=Interval.times_over(1, 1.6), clock=clock
    )
    with measure("a <run> & more", region="FRA", sources=[gpu, cpu]) as m:
        metering.mark(m, "train_begin")
        for tick in range(1, 601):
            clock.now_s = tick * 0.1
            if tick % 50 == 0:
                epoch = tick // 50
                loss = 4.0 / epoch
                metering.mark(m, "epoch", epoch=epoch, loss=loss, val_loss=loss + 0.1, steps=10, tokens=7680)
            else:
                metering.refresh(m)
    m.context.update(notebook="09_keras_transformer.ipynb", execution_count="14")
    m.duration_s = 60.0
    return m


def test_it_says_the_total_its_range_and_every_basis(trained):
    page = html(trained)
    assert "<style>" in page
    assert "09_keras_transformer · cell 14 · a &lt;run&gt; &amp; more" in page
    assert "France 44 g/kWh · 2024 · Ember" in page
    assert "counter + modelled" in page
    assert "counter ± 5 %" in page
    assert "≈ modelled ×/÷ 1.6" in page
    assert "kJ" in page
    assert "12 epochs" in page
    assert re.search(r"an epoch · [\d.]+ J a step · [\d.]+ mJ a token", page)


def test_the_text_says_the_same(trained):
    words = text(trained)
    assert "Energy of this cell: ≈ " in words
    assert "GPU 0 · H100: counter ± 5 %" in words
    assert "like heating" in words


def test_it_asks_for_nothing_from_outside_and_is_light(trained):
    kept = bundle(trained)
    assert set(kept) == {"text/html", "image/png", "text/plain"}
    assert sum(len(part) for part in kept.values()) <= MOST_BYTES
    assert not re.search(r"(src|href)=[\"'](?!data:)", kept["text/html"])
    assert "<script" not in kept["text/html"]
    assert base64.b64decode(kept["image/png"]).startswith(b"\x89PNG")


def test_the_picture_is_valid_svg_with_units_and_an_alternative_text(trained):
    root = ElementTree.fromstring(svg(trained))
    labels = [element.text for element in root.iter() if element.tag.endswith("text")]
    assert "W" in labels
    assert any(label and label.endswith(" s") for label in labels)
    assert 'alt="Power over time of GPU 0 · H100, CPU, in watts' in html(trained)


def test_the_largest_card_is_light_too_and_says_what_it_leaves_out():
    kept = bundle(measured.largest())
    assert sum(len(part.encode()) for part in kept.values()) <= MOST_BYTES
    for said in (kept["text/html"], kept["text/plain"]):
        assert "notice 4: " in said
        assert "notice 5: " not in said
        assert "… and 35 more" in said


def test_an_areas_outline_is_where_the_powers_are():
    # 2 s at 100 W and 2 s at 50 W: the axis goes to 100 W, so the area fills the plot's height and then half of it.
    m = measured.measured(
        "", measured.part("cpu", 300), duration_s=4.0, trace=measured.traced(4.0, {"cpu": [100.0, 100.0, 50.0, 50.0]})
    )
    (area,) = (path for path in ElementTree.fromstring(svg(m)) if path.find("{*}title") is not None)
    points = outline(area.get("d"))
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, floor = min(y for _, y in points), max(y for _, y in points)
    assert (left, right) == (pytest.approx(46), pytest.approx(546))
    assert floor - top == pytest.approx(120)
    shoelace = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, points[1:] + points[:1], strict=True)) / 2
    assert abs(shoelace) == pytest.approx(500 * 120 * 0.75, rel=1e-3)


def outline(path):
    """The corners of a path of M, h, v and V."""
    points = []
    for command, numbers in re.findall(r"([MhvV])([-\d.,]+)", path):
        values = [float(number) for number in numbers.split(",")]
        if command == "M":
            points.append(tuple(values))
            continue
        x, y = points[-1]
        points.append({"h": (x + values[0], y), "v": (x, y + values[0]), "V": (x, values[0])}[command])
    return points


@pytest.mark.parametrize(
    ("guess_j", "energy_j", "words"),
    [
        (500, Interval(190, 210, 230), "2.4 times the best figure, outside the range"),
        (230, Interval(190, 210, 230), "inside the range: as right as this meter can tell"),
        (190, Interval(190, 210, 230), "inside the range: as right as this meter can tell"),
        (105, Interval(50, 210, 230), "inside the range: as right as this meter can tell"),
        (105, Interval(190, 210, 230), "the best figure is 2.0 times as much, outside the range"),
        (110, Interval(99, 100, 101), "10 % above the best figure, outside the range"),
        (90, Interval(99, 100, 101), "10 % below the best figure, outside the range"),
        (1e9, Interval(99, 100, 101), "10,000,000 times the best figure, outside the range"),
        (20, Interval(0, 0, 10), "outside the range"),
        (5, Interval(0, 0, 10), "inside the range: as right as this meter can tell"),
        (5, None, "the energy is not measured, so nobody can tell how near it is"),
    ],
)
def test_a_guess_is_compared_with_no_more_than_the_range_allows(guess_j, energy_j, words):
    assert compared(guess_j, energy_j) == words


def test_a_guess_stands_on_every_form_of_the_card():
    with_guess, without = measured.trained(guess_j=40_000.0), measured.trained()
    line = "our guess: 40 kJ · 2.4 times the best figure, outside the range"  # 17 kJ, by the sum of its parts
    assert line in html(with_guess)
    assert line in text(with_guess)
    assert "guess" not in html(without) + text(without)
    assert bundle(with_guess)["image/png"] != bundle(without)["image/png"]


def test_a_result_that_waits_for_a_guess_is_folded_away():
    m = measured.trained()
    kept = hidden(m)
    assert kept.keys() == {"text/html", "text/plain"}
    open_part, folded = kept["text/html"].split("<summary", 1)
    for said in (open_part, kept["text/plain"]):
        assert "cell 14" in said
        assert "finished · 60.0 s" in said
        assert "the result waits for your guess" in said
        assert "kJ" not in said
        assert not re.search(r"\d m?g", said.replace("44 g/kWh", ""))
    assert "Show the result without guessing</summary>" in folded
    assert "≈ 17 <small>kJ</small>" in folded
    assert folded.count("<details") + open_part.count("<details") == kept["text/html"].count("</details>") == 3


def test_the_same_energy_is_shown_on_other_grids_the_cleanest_first():
    m = measured.measured("", measured.part("cpu", 3.6e6), region="POL")
    page = html(m)
    assert "The same energy elsewhere" in page
    found = elsewhere(m)
    assert [footprint.intensity.region for footprint, _ in found] == [
        "SWE", "FRA", "GBR", "USA", "WLD", "CHN", "POL", "IND"
    ]  # fmt: skip
    assert [is_own for _, is_own in found].count(True) == 1
    assert "<b>Poland</b> · this card" in page
    # One kilowatt-hour: as many grams as the grid's figure.
    assert found[1][0].emissions_g.best == pytest.approx(44.18)
    assert "44 · 2024" in page


def test_without_a_region_the_world_is_the_cards_own_and_stands_there_once():
    m = measured.measured("", measured.part("cpu", 100.0), region=None)
    assert [footprint.intensity.region for footprint, _ in elsewhere(m)].count("WLD") == 1
    assert "<b>World</b> · no region set" in html(m)


def test_nothing_measured_has_nothing_elsewhere():
    with measure(sources=[]) as m:
        pass
    assert elsewhere(m) == []
    assert "elsewhere" not in html(m)


@pytest.fixture
def mixed():
    """Four seconds of this machine's CPU with a synthetic GPU replayed beside it."""
    clock = Clock()
    cpu = ScriptedSource(5.0, component="cpu", label="CPU", basis=Basis.MODELLED, clock=clock)
    film = ReplaySource(load_trace("gpu-synthetic-bursts"), clock=clock)
    with measure("film", region="FRA", sources=[cpu], beside=[film]) as m:
        for tick in range(1, 41):
            clock.now_s = tick * 0.1
            metering.refresh(m)
    m.duration_s = 4.0
    return m


def test_a_replayed_part_is_marked_in_words_html_and_picture(mixed):
    # By hand: 4 s at 80 W and 0.7 s at 220 W more are 474 J; 4 s at 5 W are 20 J.
    assert mixed.replayed_j.best == pytest.approx(474)
    line = "▷ 474.0 J of it replayed, not used here and now · 20 J of it this machine's own"
    for said in (text(mixed), html(mixed).replace("&#x27;", "'")):
        assert line.replace("474.0", amount(mixed.replayed_j).split()[0]) in said
        assert "modelled + replayed" in said
        assert "GPU 0 · synthetic, replayed" in said
        assert "▷ replayed" in said
    assert "a synthetic trace, “gpu-synthetic-bursts”" in html(mixed)
    assert "GPU 0 · synthetic, replayed" in html(mixed).split('alt="')[1].split('"')[0]


def test_a_replayed_area_is_pale_and_dashed_and_has_its_kinds_colour(mixed):
    paths = [path for path in ElementTree.fromstring(svg(mixed)) if path.find("{*}title") is not None]
    areas = {path.find("{*}title").text: path for path in paths}
    assert areas["GPU 0 · synthetic, replayed"].get("stroke-dasharray")
    assert areas["GPU 0 · synthetic, replayed"].get("fill") == colour_of("gpu0") == colour_of("replayed-gpu0")
    assert areas["CPU"].get("stroke-dasharray") is None


def test_nothing_measured_shows_a_question_mark_never_zero():
    with measure("dark", sources=[]) as m:
        pass
    page = html(m)
    assert ">? <small>J</small>" in page
    assert "not measured" in page
    assert "0 J" not in page
    assert bundle(m).keys() == {"text/html", "text/plain"}


def test_a_notice_is_shown_escaped():
    with measure(sources=[ScriptedSource(1.0)]) as m:
        pass
    m.notices.append("ledger </div>: gone")
    assert "ledger &lt;/div&gt;: gone" in html(m)
    assert "Note: ledger </div>: gone" in text(m)


@pytest.mark.parametrize(
    ("interval", "basis", "words"),
    [
        (Interval(95, 100, 105), Basis.COUNTER, "counter ± 5 %"),
        (Interval(50, 100, 200), Basis.MODELLED, "≈ modelled ×/÷ 2"),
        (Interval(100, 100, 100), Basis.REPLAYED, "▷ replayed"),
        (Interval(0, 0, 10), Basis.COUNTER, "counter"),
        (None, Basis.UNAVAILABLE, "? not measured"),
    ],
)
def test_a_basis_says_how_far_it_may_be_off(interval, basis, words):
    assert basis_text(Component("x", "x", basis, interval)) == words


def test_binning_keeps_the_area_and_fills_no_gap_with_zero():
    steps = [(0.0, 1.0, 100.0), (1.0, 4.0, 40.0)]
    edges = [0.0, 0.5, 2.0, 4.0]
    watts = binned(steps, edges)
    assert watts == pytest.approx([100, (0.5 * 100 + 1.0 * 40) / 1.5, 40])
    assert binned(steps, [0.0, 4.0, 5.0])[1] == 40.0


@pytest.mark.parametrize("most", [0.3, 1, 7, 42, 330, 1e4])
def test_ticks_are_round_and_cover_the_curve(most):
    ticks = nice_ticks(most)
    assert ticks[0] == 0
    assert ticks[-1] >= most
    assert len(ticks) <= 6


def test_several_gpus_have_colours_of_their_own():
    assert len({colour_of(f"gpu{index}") for index in range(4)}) == 4


def test_runs_below_the_resolution_are_said_to_be_so():
    clock = Clock()
    with measure(sources=[ScriptedSource(200.0, step_s=0.1, clock=clock)]) as m:
        for number in range(1, 6):
            clock.now_s = number * 0.01
            metering.mark(m, "run", run=number)
        clock.now_s = 1.0
    assert "5 runs · 40 J (" in text(m)
    assert "single runs are below resolution" in text(m)


def test_runs_above_it_show_their_mean_and_spread():
    clock = Clock()
    with measure(sources=[ScriptedSource(100.0, clock=clock)]) as m:
        for number, now_s in enumerate([1.0, 2.2, 3.0], 1):
            clock.now_s = now_s
            metering.mark(m, "run", run=number)
    assert "3 runs · 100 J (100 – 100 J) a run · single runs 80 J to 120 J, standard deviation 20 J" in text(m)
