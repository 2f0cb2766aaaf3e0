"""Budgets: what can be asked for, what of it is used, and what a measurement tells of it."""

import threading
import time

import pytest

from greenlm_edu import metering
from greenlm_edu.energy import Basis, ScriptedSource
from greenlm_edu.errors import EnergyUnavailable, InputError
from greenlm_edu.interval import Interval
from greenlm_edu.metering import BUDGET_STOP, Budget, check_budget, measure


class Clock:
    now_s = 0.0

    def __call__(self):
        return self.now_s


@pytest.mark.parametrize(
    ("text", "limit_j"),
    [
        ("500 J", 500),
        ("500J", 500),
        ("1.5 kJ", 1500),
        (" .5 kJ ", 500),
        ("2Wh", 7200),
        ("0.1kWh", 360_000),
        ("2 wh", 7200),
        ("1 KWH", 3_600_000),
        ("20 mJ", 0.02),
        ("20 MJ", 20_000_000),
        ("5 µJ", 5e-6),
        ("5 \u03bcJ", 5e-6),  # the Greek letter, as some keyboards give it
        ("1e3 J", 1000),
    ],
)
def test_joules_and_watt_hours_are_understood(text, limit_j):
    budget = Budget.parse(text)
    assert budget.limit_j == pytest.approx(limit_j)
    assert (budget.limit_g, budget.text) == (None, text.strip())


@pytest.mark.parametrize(
    ("text", "limit_g"),
    [
        ("5 gCO2e", 5),
        ("5 g CO2e", 5),
        ("5 g CO₂e", 5),
        ("5gCO2", 5),
        ("5 gco2eq", 5),
        ("5 g CO2-eq", 5),
        ("20 mgCO2e", 0.02),
        ("0.2 kgCO2e", 200),
        ("0.2 KGCO2E", 200),
    ],
)
def test_grams_are_understood(text, limit_g):
    budget = Budget.parse(text)
    assert budget.limit_g == pytest.approx(limit_g)
    assert budget.limit_j is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "a number above 0 and its unit are needed"),
        ("lots", "a number above 0 and its unit are needed"),
        ("nan J", "a number above 0 and its unit are needed"),
        ("inf J", "a number above 0 and its unit are needed"),
        ("0 J", "must be a finite number above 0"),
        ("-5 J", "must be a finite number above 0"),
        ("1e999 J", "must be a finite number above 0"),
        ("500", "the number needs a unit"),
        ("500 W", "the unit must be J, Wh or gCO2e; got “500 W”. Did you mean “Wh”?"),
        ("500 joules", "Did you mean “J”?"),
        ("2 kilowatt-hours", "Did you mean “kWh”?"),
        ("5 g", "Did you mean “gCO2e”?"),
        ("5 kg", "Did you mean “kgCO2e”?"),
        ("5 kWhr", "Did you mean “kWh”?"),
        ("5 km²!", "the unit must be J, Wh or gCO2e"),
        ("5 mj", "the unit may mean “mJ” or “MJ”"),
        ("5 MWH", "the unit may mean “mWh” or “MWh”"),
        ("1,5 kJ", "without a comma; got “1,5 kJ”. For a part of one write a point, as in “1.5 kJ”"),
        ("5 J 6 J", "the unit must be"),
    ],
)
def test_nonsense_is_refused_with_what_was_meant_and_examples(text, says):
    with pytest.raises(InputError) as caught:
        Budget.parse(text)
    message = str(caught.value)
    assert message.startswith("budget: ")
    assert says in message
    assert f"got “{text}”" in message
    assert message.endswith("Try “500 J”, “2 Wh” or “5 gCO2e”.")


def test_a_bare_number_is_refused_because_it_has_no_unit():
    with pytest.raises(InputError, match=r"budget: text with a number and its unit is needed; got 500\."):
        Budget.parse(500)


@pytest.mark.parametrize("limits", [{}, {"limit_j": 1, "limit_g": 1}, {"limit_j": 0}, {"limit_g": float("nan")}])
def test_a_budget_has_exactly_one_limit_above_zero(limits):
    with pytest.raises(InputError, match="one limit, in joules or in grams"):
        Budget("x", **limits)


def test_a_measurement_takes_text_or_a_budget_and_refuses_nonsense_before_the_block_runs():
    budget, ran = Budget.parse("1 kJ"), []
    with measure(sources=[ScriptedSource(1.0)], budget=budget) as m:
        assert m.budget is budget
    with measure(sources=[ScriptedSource(1.0)], budget="1 kJ") as m:
        assert m.budget == budget
    with pytest.raises(InputError, match="got “1 kN”"), measure(budget="1 kN"):
        ran.append(1)
    assert (ran, metering.running()) == ([], None)


def test_it_tells_once_near_the_limit_and_once_at_it():
    clock = Clock()
    source = ScriptedSource(100.0, component="cpu", basis=Basis.MODELLED, gain=Interval(0.5, 1, 2), clock=clock)
    with measure(sources=[source], budget="500 J") as m:
        shares = []
        for clock.now_s in (3.9, 4.2, 4.5, 5.0, 5.2):
            shares += [check_budget(m), check_budget(m)]
        assert shares == pytest.approx([0.78] * 2 + [0.84] * 2 + [0.9] * 2 + [1.0] * 2 + [1.04] * 2)
        assert m.notices == [
            "budget: “500 J” is near: the best figure is 420 J (modelled; it may be 210 – 840 J), 84 % of it.",
            "budget: “500 J” is reached: the best figure is 500 J (modelled; it may be 250 – 1000 J), 100 % of it.",
        ]
        marks = [mark for mark in m.marks if mark.kind == "budget"]
        assert [mark.energy_j for mark in marks] == pytest.approx([420, 500])
        assert [mark.values["share"] for mark in marks] == pytest.approx([0.84, 1.0])
        metering.mark(m, BUDGET_STOP)  # somebody stops it
    assert len(m.notices) == 2


def test_one_that_ends_over_its_budget_and_was_not_stopped_says_so_in_one_line():
    clock = Clock()
    with measure(sources=[ScriptedSource(100.0, clock=clock)], budget="500 J") as m:
        clock.now_s = 6.0
        check_budget(m)
        clock.now_s = 7.0
    assert m.notices == [
        "budget: it ended over “500 J”, and nothing stopped it: the best figure is 700 J (replayed), 140 % of it."
    ]


def test_nobody_needs_to_watch_for_the_end_to_tell():
    clock = Clock()
    with measure(sources=[ScriptedSource(100.0, clock=clock)], budget="500 J") as over:
        clock.now_s = 7.0
    with measure(sources=[ScriptedSource(100.0, clock=clock)], budget="5 kJ") as under:
        clock.now_s = 8.0
    assert [len(over.notices), len(under.notices)] == [1, 0]
    assert [mark.kind for mark in over.marks] == ["budget"]


def test_almost_all_is_not_told_as_100_percent():
    clock = Clock()
    with measure(sources=[ScriptedSource(100.0, clock=clock)], budget="500 J") as m:
        clock.now_s = 4.999
        check_budget(m)
        metering.mark(m, BUDGET_STOP)
    assert m.notices[0].endswith("99 % of it.")


def test_grams_count_with_the_measurements_own_region_and_building():
    clock = Clock()
    source = ScriptedSource(1000.0, clock=clock)
    with measure(sources=[source], region="FRA", pue=1.5, budget="20 mgCO2e") as m:
        clock.now_s = 1.0
        share = check_budget(m)
        told = m.notices[0]
        metering.mark(m, BUDGET_STOP)
    grams = 1000 / 3.6e6 * 1.5 * 44.18
    assert share == pytest.approx(grams / 0.020)
    assert "budget: “20 mgCO2e” is near: the best figure is 18 mg CO₂e (replayed; it may be 15 – 22 mg CO₂e)" in told


def test_without_any_known_energy_it_says_once_that_it_cannot_be_watched_and_why():
    lost = ScriptedSource(5.0, label="GPU 0", fails_after_s=0, failure=EnergyUnavailable("the GPU is lost"))
    with measure(sources=[lost], budget="500 J") as m:
        assert [check_budget(m), check_budget(m)] == [None, None]
    with measure(sources=[], budget="500 J") as dark:
        pass
    assert m.notices == [
        "budget: “500 J” cannot be watched: no joules are known (GPU 0: the GPU is lost). "
        "`greenlm doctor` says what mends it."
    ]
    assert "no joules are known (there is no source)" in dark.notices[0]
    assert [mark.kind for mark in [*m.marks, *dark.marks]] == []


def test_without_a_budget_there_is_nothing_to_tell():
    with measure(sources=[ScriptedSource(100.0)]) as m:
        assert check_budget(m) is None
    assert check_budget(m, Budget.parse("1 J")) == pytest.approx(m.energy_j.best)
    assert m.notices == []


def test_a_second_budget_is_told_of_on_its_own():
    clock = Clock()
    with measure(sources=[ScriptedSource(100.0, clock=clock)], budget="1 kJ") as m:
        clock.now_s = 4.5
        assert check_budget(m, Budget.parse("500 J")) == pytest.approx(0.9)
        assert check_budget(m) == pytest.approx(0.45)
    assert [notice.split("”")[0] for notice in m.notices] == ["budget: “500 J"]


def test_a_follower_may_check_it_in_the_samplers_thread_without_waiting_for_itself():
    took_s = []

    def watch(glance):
        began_s = time.perf_counter()
        check_budget(m)
        took_s.append(time.perf_counter() - began_s)

    with measure(sources=[ScriptedSource(100.0)], budget="1 J") as m:
        stop = metering.follow(m, watch)
        time.sleep(0.3)
        stop()
        assert m.notices[-1].startswith("budget: “1 J” is reached")
        assert sum(thread.name == "greenlm-sampler" for thread in threading.enumerate()) <= 2
    assert took_s
    assert max(took_s) < 0.2  # waiting for a sample that only this thread can bring takes 0.95 s


def test_several_watchers_tell_once():
    clock = Clock()
    with measure(sources=[ScriptedSource(100.0, clock=clock)], budget="500 J") as m:
        clock.now_s = 4.5
        threads = [threading.Thread(target=check_budget, args=(m,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(m.notices) == 1
