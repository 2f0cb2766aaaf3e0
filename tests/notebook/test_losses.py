"""The loss curves of a picture: step by step where steps were told of, else by epochs, and never without bound."""

import time

import pytest

from greenlm_edu import metering
from greenlm_edu.energy import ScriptedSource
from greenlm_edu.metering import Mark, Measurement, measure
from greenlm_edu.notebook.chart import losses_of


def of_epochs(count):
    return [
        Mark(float(t), "epoch", None, {"epoch": t, "loss": 10.0 / t, "val_loss": 11.0 / t}) for t in range(1, count + 1)
    ]


def test_without_curves_the_ends_of_the_epochs_are_drawn():
    losses = losses_of(Measurement(marks=of_epochs(3)))
    assert losses == {"loss": [(1, 10), (2, 5), (3, 10 / 3)], "val_loss": [(1, 11), (2, 5.5), (3, 11 / 3)]}


def test_a_curve_of_steps_goes_before_the_epochs_and_each_key_is_chosen_on_its_own():
    with measure(sources=[ScriptedSource(50.0)]) as m:
        for value in (4.0, 3.0, 2.0):
            metering.report_value(m, "loss", value)
            time.sleep(0.002)
        metering.report_value(m, "val_loss", 9.0)
        metering.report_value(m, "accuracy", 0.5)
        m.marks += of_epochs(2)
    losses = losses_of(m)
    assert [value for _, value in losses["loss"]] == [4, 3, 2]
    assert [value for _, value in losses["val_loss"]] == [11, 5.5]
    assert list(losses) == ["loss", "val_loss"]


def test_one_point_is_no_curve_and_what_is_no_number_is_left_out():
    marks = [Mark(1.0, "epoch", None, {"loss": 2.0}), Mark(2.0, "epoch", None, {"loss": float("nan")})]
    assert losses_of(Measurement(marks=marks)) == {}
    assert losses_of(Measurement(marks=[*marks, Mark(3.0, "epoch", None, {"loss": "?"})])) == {}


def test_thousands_of_epochs_are_drawn_in_a_bounded_number_of_points():
    points = losses_of(Measurement(marks=of_epochs(5000)))["loss"]
    assert 200 < len(points) <= 512
    assert points[0] == (1.0, 10.0)
    assert points[-1][0] == pytest.approx(5000, rel=0.02)
