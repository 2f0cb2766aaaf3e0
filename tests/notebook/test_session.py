"""The whole notebook so far: sums with honest ranges, and nothing replayed among them."""

import re
import xml.etree.ElementTree as ElementTree
from urllib.parse import unquote

import pytest

from greenlm_edu.energy import Basis, ScriptedSource
from greenlm_edu.interval import Interval
from greenlm_edu.metering import measure
from greenlm_edu.notebook.session import MOST_ROWS, Session
from tests.notebook import measured as made
from tests.notebook.measured import COUNTED, part


class Clock:
    now_s = 0.0

    def __call__(self):
        return self.now_s


def measured(name, joules, basis=Basis.MODELLED, component="cpu"):
    clock = Clock()
    source = ScriptedSource(
        joules, component=component, basis=basis, gain=Interval(0.5, 1, 2), clock=clock, label=component
    )
    with measure(name, region="FRA", sources=[source]) as m:
        clock.now_s = 1.0
    return m


def test_cells_of_one_meter_are_off_together_so_their_ranges_add_linearly():
    session = Session([measured("a", 10.0), measured("b", 30.0)])
    assert session.energy_j.best == pytest.approx(40)
    assert (session.energy_j.low, session.energy_j.high) == (pytest.approx(20), pytest.approx(80))
    assert session.emissions_g.best == pytest.approx(40 / 3.6e6 * 44.18)


def test_replayed_joules_are_shown_and_never_counted():
    session = Session([measured("a", 10.0), measured("film", 5000.0, Basis.REPLAYED, "gpu0")])
    assert session.energy_j.best == pytest.approx(10)
    assert "1 metered cell: " in repr(session)
    assert "1 replayed not counted" in repr(session)
    assert "▷ replayed, not counted" in session._repr_html_()


def test_of_a_cell_with_a_replayed_part_only_its_own_joules_are_counted():
    clock = Clock()
    own = ScriptedSource(10.0, component="cpu", basis=Basis.MODELLED, clock=clock, gain=Interval(0.5, 1, 2))
    film = ScriptedSource(5000.0, component="replayed-gpu0", label="GPU 0 · replayed", clock=clock)
    with measure("mixed", region="FRA", sources=[own], beside=[film]) as mixed:
        clock.now_s = 1.0
    assert mixed.energy_j.best == pytest.approx(5010)
    assert (mixed.own_energy_j.best, mixed.replayed_j.best) == (pytest.approx(10), pytest.approx(5000))
    session = Session([measured("a", 30.0), mixed, measured("film", 7.0, Basis.REPLAYED, "gpu0")])
    assert session.energy_j.best == pytest.approx(40)
    assert session.energy_j.high == pytest.approx(80)
    assert session.emissions_g.best == pytest.approx(40 / 3.6e6 * 44.18)
    headline, *lines = repr(session).splitlines()
    assert headline.startswith("2 metered cells: 40 J (20 – 80 J) modelled")
    assert "1 replayed not counted · the replayed part of 1 not counted" in headline
    assert "10 J (5.0 – 20 J) · modelled · ▷ 5.0 kJ (5.0 – 5.0 kJ) · replayed" in lines[1]
    assert 'alt="10 J, from 5 to 20 J: modelled"' in session._repr_html_()


def test_a_cell_whose_own_meters_failed_is_replayed_alone():
    with measure("film", sources=[], beside=[ScriptedSource(5.0)]) as film:
        pass
    assert film.own_energy_j is None
    assert Session([film]).energy_j is None
    assert Session([film]).counted == ()


def test_a_cell_inside_another_is_not_counted_twice():
    with measure("outer", sources=[ScriptedSource(1.0)]) as outer, measure("inner", sources=[]) as inner:
        pass
    assert Session([inner, outer]).measurements == (outer,)


def test_what_is_not_measured_is_said_and_never_zero():
    with measure("dark", sources=[]) as dark:
        pass
    assert Session([dark]).energy_j is None
    assert "no energy is known" in repr(Session([dark]))
    assert "1 of them not measured" in repr(Session([dark, measured("a", 10.0)]))


def test_labels_are_escaped():
    assert "<b>bold" not in Session([measured("<b>bold", 1.0)])._repr_html_()


@pytest.fixture
def rerun():
    """Two cells; the second was run three times with the first between, and a cell of two blocks."""
    return Session(
        [
            made.measured("tokenise", part("cpu", 100), cell="a1", count=1),
            made.measured("train", part("gpu0", 780, Basis.COUNTER, COUNTED), part("cpu", 220), cell="b2", count=2),
            made.measured("tokenise", part("cpu", 100), cell="a1", count=3),
            made.measured("train", part("cpu", 1000), cell="b2", count=4, guess_j=500.0, status="interrupted"),
            made.measured("train", part("cpu", 1000), cell="b2", count=5),
            made.measured("block", part("cpu", 10), cell="c3"),
            made.measured("block", part("cpu", 10), cell="c3"),
        ]
    )


def test_every_run_of_a_cell_is_kept_counted_and_grouped(rerun):
    assert rerun.energy_j.best == pytest.approx(3220)
    assert [line.split(":")[0].strip() for line in repr(rerun).splitlines()[1:]] == [
        "[1] · tokenise · run 1 of this cell",
        "[3] · tokenise · run 2 of this cell",
        "[2] · train · run 1 of this cell",
        "[4] · train · run 2 of this cell",
        "[5] · train · run 3 of this cell",
        "block",
        "block",
    ]
    bodies = rerun._repr_html_().split("<tbody>")[1:]
    assert [body.count("<tr>") for body in bodies] == [2, 3, 2]
    assert "run 3 of this cell" in bodies[1]
    assert "run " not in bodies[2]  # two blocks of one cell are not two runs of it


def test_rows_link_to_their_cells_and_tell_guess_and_end(rerun):
    page = rerun._repr_html_()
    assert re.findall(r'href="([^"]*)"', page) == [
        f"#cell-id={cell}" for cell in ("a1", "a1", "b2", "b2", "b2", "c3", "c3")
    ]
    assert "10.0 s · interrupted · guess 500 J" in page
    assert page.count("guess") == 1


def test_shares_by_basis_are_told_in_words_and_in_the_bars_alternative_text():
    session = Session([made.measured("", part("cpu", 780), part("gpu0", 220, Basis.COUNTER, COUNTED))])
    assert "78 % modelled, 22 % counter" in repr(session).splitlines()[0]
    page = session._repr_html_()
    assert 'alt="Known by: 78 % modelled, 22 % counter"' in page
    assert session.joules_by_basis == {Basis.COUNTER: 220, Basis.MODELLED: 780}


def test_a_share_is_never_rounded_to_nothing_or_to_all():
    session = Session([made.measured("", part("cpu", 1), part("gpu0", 999, Basis.COUNTER, COUNTED))])
    assert "> 99 % counter, < 1 % modelled" in repr(session)


def pictures(page):
    sources = re.findall(r'src="data:image/svg\+xml,([^"]*)"', page)
    return [ElementTree.fromstring(unquote(source)) for source in sources]


def test_a_bar_is_as_long_as_its_joules_and_has_a_letter_for_each_basis():
    session = Session(
        [
            made.measured("long", part("cpu", 600), part("gpu0", 200, Basis.COUNTER, COUNTED)),
            made.measured("short", part("cpu", 80)),
        ]
    )
    most_j = session.measurements[0].energy_j.high
    whole, *_, long, short = pictures(session._repr_html_())
    widths = [[float(r.get("width").rstrip("%")) for r in bar.findall("{*}rect")] for bar in (whole, long, short)]
    assert widths[0] == pytest.approx([100 * 200 / 880, 100 * 680 / 880], abs=0.01)
    assert widths[1] == pytest.approx([99 * 200 / most_j, 99 * 600 / most_j], abs=0.01)
    assert widths[2] == pytest.approx([99 * 80 / most_j], abs=0.01)
    assert [text.text for text in long.iter() if text.tag.endswith("text")] == ["C", "M"]
    (range_line, *_) = long.iter("{http://www.w3.org/2000/svg}line")
    assert range_line.get("x2") == "99.00%"


def test_many_cells_stay_light_and_the_total_is_of_all():
    cells = [made.measured(f"cell {i}", part("cpu", 10), cell=f"c{i}", count=i) for i in range(1, 201)]
    page = Session(cells)._repr_html_()
    assert page.count("<tbody>") == MOST_ROWS
    assert f"The oldest {200 - MOST_ROWS} are not shown." in page
    assert "200 metered cells" in page
    assert "[200] · cell 200" in page
    assert len(page.encode()) <= 60_000


def test_nothing_metered_yet_says_how_to_begin():
    assert "No metered cell yet: begin one with %%meter." in Session([])._repr_html_()
    assert "<table" not in Session([])._repr_html_()


def test_it_asks_for_nothing_from_outside(rerun):
    page = rerun._repr_html_()
    assert not re.search(r"src=[\"'](?!data:)|href=[\"'](?!#)|url\((?!%23|#)", page)
    assert "<svg" not in page  # JupyterLab takes it out
