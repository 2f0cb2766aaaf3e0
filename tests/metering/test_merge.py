"""merge(): measurements of several processes as one; expected joules are worked out by hand beside each case."""

import itertools
import math
import pickle
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from greenlm_edu import metering
from greenlm_edu.energy import Basis, ScriptedSource
from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval
from greenlm_edu.metering import Component, Measurement, Origin, announce, announce_to, merge

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def part(component, low, best, high, meters="", *, basis=Basis.COUNTER, **more):
    return Component(component, component.upper(), basis, Interval(low, best, high), meters=meters, **more)


def seen(*components, start_s=0.0, duration_s=10.0, host="one", process="one/c/1", **more):
    return Measurement(
        "part",
        started_at=NOON,
        duration_s=duration_s,
        components=components,
        status="finished",
        origin=Origin(host, process, start_s),
        **more,
    )


def figures(measurement):
    """What does not depend on which object it is."""
    return (
        [(one.component, one.basis, one.energy_j, one.idle_j, one.reason, one.note) for one in measurement.components],
        measurement.duration_s,
        measurement.status,
        [one.origin for one in measurement.parts],
    )


def close_to(interval):
    return pytest.approx((interval.low, interval.best, interval.high))


def bounds(measurement):
    return measurement.energy_j.low, measurement.energy_j.best, measurement.energy_j.high


def test_a_gpu_that_two_processes_share_counts_once_over_the_union_of_their_windows():
    # Both see a board that draws 100 W: the first from 0 to 10 s, the second from 5 to 15 s. It used 1500 J.
    first = seen(part("gpu0", 950, 1000, 1050, "gpu@A"))
    second = seen(part("gpu0", 950, 1000, 1050, "gpu@A"), start_s=5.0, process="one/c/2")
    whole = merge([first, second])
    assert bounds(whole) == close_to(Interval(1425, 1500, 1575))
    assert whole.duration_s == 15
    assert (whole.processes, whole.hosts) == (2, 1)
    assert "seen by several at once, counted once" in whole.components[0].note


def test_where_they_disagree_the_shared_stretch_is_their_mean_with_the_widest_doubt():
    first = seen(part("gpu0", 900, 1000, 1100, "gpu@A"))
    second = seen(part("gpu0", 1150, 1200, 1250, "gpu@A"), process="one/c/2")
    assert bounds(merge([first, second])) == close_to(Interval(900, 1100, 1250))


def test_one_process_after_the_other_on_one_gpu_adds_up():
    first = seen(part("gpu0", 990, 1000, 1010, "gpu@A"))
    second = seen(part("gpu0", 490, 500, 510, "gpu@A"), start_s=20.0)
    whole = merge([first, second])
    assert bounds(whole) == close_to(Interval(1480, 1500, 1520))
    assert whole.duration_s == 20
    assert "counted once" not in whole.components[0].note


def test_two_processes_parts_of_one_rapl_counter_add_up():
    first = seen(part("cpu", 80, 100, 120, "cpu@one/c/1"))
    second = seen(part("cpu", 40, 50, 60, "cpu@one/c/2"), process="one/c/2")
    whole = merge([first, second])
    assert [one.component for one in whole.components] == ["cpu"]
    # Without a group they are still one kind in one row, whose doubt adds linearly.
    assert bounds(whole) == close_to(Interval(120, 150, 180))


def test_two_models_of_one_machine_are_off_together_and_two_boards_are_not():
    models = [
        seen(part("cpu", 50, 100, 200, f"cpu@one/c/{n}", basis=Basis.MODELLED, error_group="machine model"))
        for n in (1, 2)
    ]
    assert bounds(merge(models)) == close_to(Interval(100, 200, 400))
    boards = [seen(part(f"gpu{n}", 90, 100, 110, f"gpu@{n}", error_group=f"gpu{n}")) for n in (0, 1)]
    doubt = math.hypot(10, 10)
    assert bounds(merge(boards)) == close_to(Interval(200 - doubt, 200, 200 + doubt))


def test_a_gpu_seen_from_machines_whose_clocks_cannot_be_compared_ranges_from_one_to_all():
    first = seen(part("gpu0", 990, 1000, 1010, "gpu@A"))
    second = seen(part("gpu0", 590, 600, 610, "gpu@A"), host="two", process="two/c/1")
    whole = merge([first, second])
    # The same joules: at least 990. Different ones: at most 1620. Between 1000 and 1600 lies 1300.
    assert bounds(whole) == close_to(Interval(990, 1300, 1620))
    assert whole.hosts == 2
    assert "clocks cannot be compared" in whole.components[0].note


def test_processors_of_two_machines_add_up_and_time_is_that_of_the_longer_one():
    first = seen(part("cpu", 90, 100, 110, "cpu@one/c"))
    second = seen(part("cpu", 45, 50, 55, "cpu@two/c"), host="two", process="two/c/1", duration_s=4.0)
    whole = merge([first, second])
    assert whole.energy_j.best == 150
    assert whole.duration_s == 10


@pytest.mark.parametrize("outer", ["cpu@one/c", "cpu0@one", "cpu@one/c/1"])
def test_a_part_that_holds_another_is_refused(outer):
    holder = seen(part("cpu", 90, 100, 110, outer))
    inner = seen(part("cpu", 9, 10, 11, "cpu@one/c/1/2"), start_s=2.0, duration_s=1.0, process="one/c/1/2")
    for parts in ([holder, inner], [inner, holder]):
        with pytest.raises(InputError, match="no part may hold another; got “part”, whose CPU holds that of “part”"):
            merge(parts)


def test_what_would_hold_it_does_not_at_another_time_or_on_another_machine():
    holder = seen(part("cpu", 90, 100, 110, "cpu@one/c"))
    later = seen(part("cpu", 9, 10, 11, "cpu@one/c/1"), start_s=10.0)
    elsewhere = seen(part("cpu", 9, 10, 11, "cpu@two/c/1"), host="two")
    assert merge([holder, later]).energy_j.best == 110
    assert merge([holder, elsewhere]).energy_j.best == 110


def test_unmeasured_stays_unmeasured_with_its_reason():
    gone = Component("gpu0", "GPU 0", Basis.UNAVAILABLE, None, reason="the driver hangs")
    whole = merge([seen(part("cpu", 9, 10, 11, "cpu@one/c/1")), seen(gone, process="one/c/2"), seen(gone)])
    assert whole.energy_j.best == 10
    (lost,) = whole.unmeasured
    assert (lost.reason, lost.energy_j) == ("the driver hangs", None)
    assert "in 2 measurements" in lost.note
    assert merge([seen(gone)]).energy_j is None


def test_order_does_not_matter():
    parts = [
        seen(part("gpu0", 950, 1000, 1050, "gpu@A"), part("cpu", 5, 10, 20, "cpu@one/c/1", basis=Basis.MODELLED)),
        seen(part("gpu0", 400, 450, 500, "gpu@A"), start_s=3.0, duration_s=5.0, process="one/c/2"),
        seen(part("gpu0", 700, 710, 720, "gpu@A"), host="two", process="two/c/1"),
        seen(Component("gpu1", "GPU 1", Basis.UNAVAILABLE, None, reason="lost"), start_s=1.0),
    ]
    expected = figures(merge(parts))
    assert all(figures(merge(order)) == expected for order in itertools.permutations(parts))


def test_a_merged_part_stands_for_its_own_parts():
    first, second, third = (
        seen(part("gpu0", 950, 1000, 1050, "gpu@A"), start_s=start_s, process=f"one/c/{start_s}")
        for start_s in (0.0, 4.0, 8.0)
    )
    expected = figures(merge([first, second, third]))
    assert figures(merge([merge([first, second]), third])) == expected
    assert figures(merge([first, merge([second, third])])) == expected
    assert len(merge([merge([first, second]), third]).parts) == 3


def test_power_at_rest_is_counted_once_too_and_unknown_where_one_does_not_know():
    first = seen(part("gpu0", 950, 1000, 1050, "gpu@A", idle_j=100.0))
    second = seen(part("gpu0", 950, 1000, 1050, "gpu@A", idle_j=100.0), start_s=5.0, process="one/c/2")
    assert merge([first, second]).idle_j == pytest.approx(150)  # 10 W over 15 s
    assert merge([first, seen(part("gpu0", 950, 1000, 1050, "gpu@A"), start_s=5.0)]).idle_j is None


def test_different_bases_are_visible():
    counted = seen(part("cpu", 95, 100, 105, "cpu@one/c/1"))
    modelled = seen(part("cpu", 25, 50, 100, "cpu@two/c/1", basis=Basis.MODELLED), host="two", process="two/c/1")
    whole = merge([counted, modelled])
    assert whole.bases == (Basis.COUNTER, Basis.MODELLED)
    assert [one.component for one in whole.components] == ["cpu", "cpu1"]
    same_board = [seen(part("gpu0", 9, 10, 11, "gpu@A")), seen(part("gpu0", 9, 10, 11, "gpu@A", basis=Basis.SAMPLED))]
    (row,) = merge(same_board).components
    assert row.basis is Basis.SAMPLED
    assert "known as counter here, as sampled there" in row.note


@pytest.mark.parametrize(("field", "values"), [("region", ("FRA", "POL")), ("pue", (1.0, 1.2))])
def test_parts_of_another_region_or_pue_are_refused_unless_one_is_given(field, values):
    parts = [seen(part("cpu", 9, 10, 11, f"cpu@one/c/{n}"), **{field: value}) for n, value in enumerate(values)]
    with pytest.raises(InputError, match=f"must be of one {field}; got .* Give {field}= for the whole"):
        merge(parts)
    assert getattr(merge(parts, **{field: values[1]}), field) == values[1]


def test_no_parts_and_running_parts_are_refused():
    with pytest.raises(InputError, match="at least one measurement is needed; got none"):
        merge([])
    with pytest.raises(InputError, match="must have ended; got “part”, which is running"):
        merge([replace(seen(), status="running")])


def test_a_failed_part_is_told_in_the_status():
    failed = replace(seen(part("cpu", 9, 10, 11, "cpu@one/c/1")), status="failed: ValueError")
    assert merge([failed, seen()]).status == "failed: 1 of 2 parts"


def test_a_measurement_travels_by_pickle():
    with metering.measure("real", sources=[ScriptedSource(100.0)]) as m:
        pass
    there = pickle.loads(pickle.dumps(m))
    assert there.components == m.components
    assert there.origin == m.origin
    assert figures(merge([there])) == figures(merge([m]))


def test_a_merged_one_is_announced_once_and_unannounced_ones_never():
    heard = []
    stop = announce_to(heard.append)
    try:
        with metering.unannounced(), metering.measure("part", sources=[ScriptedSource(100.0)]) as m:
            pass
        assert heard == []
        whole = merge([m], "whole")
        assert announce(whole) is whole
        assert heard == [whole]
        with pytest.raises(InputError, match="announced once; got “whole”: it was announced already"):
            announce(whole)
        loud = metering.start("loud", sources=[ScriptedSource(100.0)])
        with pytest.raises(InputError, match="it is still running"):
            announce(loud)
        metering.finish(loud)
        with pytest.raises(InputError, match="it was announced already"):
            announce(loud)
        assert heard == [whole, loud]
    finally:
        stop()
