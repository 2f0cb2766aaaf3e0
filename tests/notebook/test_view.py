"""The view under a running cell, on a publisher that writes down what it is given."""

import tracemalloc
from types import SimpleNamespace

import pytest

from greenlm_edu import metering
from greenlm_edu.energy import ScriptedSource
from greenlm_edu.metering import Glance
from greenlm_edu.notebook.surface import Surfaces
from greenlm_edu.notebook.view import CellView

HOUR = 36_000  # glances, ten a second


@pytest.fixture
def shell():
    shown = []
    publisher = SimpleNamespace(session=None, publish=lambda **message: shown.append(message))
    return SimpleNamespace(display_pub=publisher, shown=shown)


@pytest.mark.parametrize("surface", ["off", "html"])
def test_an_hour_s_glances_take_no_memory(shell, surface, monkeypatch):
    monkeypatch.setenv("GREENLM_PANEL", surface)
    measurement = metering.start("cell", sources=[ScriptedSource(100.0, component="gpu0", label="GPU 0")])
    view = CellView(shell, metering.refresh(measurement), Surfaces(shell))
    tracemalloc.start()
    try:
        for number in range(HOUR):
            view.take(Glance(number / 10, measurement.components, {"gpu0": (number / 10, (number + 1) / 10, 100.0)}))
        shell.shown.clear()
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    metering.finish(measurement)
    view.close()
    assert kept < 300_000
    assert len(shell.shown) == 1  # the card


def test_a_surface_that_does_not_exist_is_told_with_those_that_do(shell, monkeypatch):
    monkeypatch.setenv("GREENLM_PANEL", "hologram")
    with pytest.raises(ValueError, match="GREENLM_PANEL: it must be widget, html or off; got “hologram”"):
        Surfaces(shell)


class FakePanel:
    """A panel that knows whether it was closed."""

    is_open = True

    def close(self) -> None:
        self.is_open = False


def test_a_question_waits_however_many_cells_run_after_it_and_goes_once_it_is_answered(shell):
    surfaces, question, panels = Surfaces(shell), FakePanel(), [FakePanel() for _ in range(10)]
    surfaces.asked(question)
    for panel in panels:
        surfaces.opened(panel)
        surfaces.ended()
    assert not panels[0].is_open
    assert panels[-1].is_open
    assert question.is_open
    surfaces.answered(question)
    assert not question.is_open
    surfaces.answered(question)  # said twice by two pages
    surfaces.close()
    assert not any(panel.is_open for panel in panels)
