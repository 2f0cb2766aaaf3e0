"""The whole notebook so far: sums with honest ranges, and nothing replayed among them."""

import pytest

from greenlm_edu.energy import Basis, ScriptedSource
from greenlm_edu.interval import Interval
from greenlm_edu.metering import measure
from greenlm_edu.notebook.session import Session


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
    assert 'aria-label="10 J, from 5 to 20 J"' in session._repr_html_()


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
