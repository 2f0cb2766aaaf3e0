"""The live panel in a real Chromium: what it says, what it costs, and that anyone can use it."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from greenlm_edu import carbon
from greenlm_edu.carbon.intensity import Intensity
from greenlm_edu.energy import Basis
from greenlm_edu.interval import Interval
from greenlm_edu.metering import Component
from greenlm_edu.notebook.chart import nice_ticks
from greenlm_edu.notebook.wording import basis_text
from tests.browser import panel_page
from tests.browser.panel_page import CPU, GPU, MEMORY, MISSING, REPLAYED, PanelPage, message, run_state

pytestmark = pytest.mark.browser


@pytest.fixture
def show(browser) -> Iterator[Callable[..., PanelPage]]:
    """Open panels; each is closed after the test, and none may have left this machine or written an error."""
    panels = []

    def shown(run: dict[str, Any] | None = None, **options: Any) -> PanelPage:
        panels.append(panel_page.open_panel(browser, run, **options))
        return panels[-1]

    yield shown
    for panel in panels:
        panel.close()
        panel.watch.assert_clean()


# ------------------------------------------------------------------------------------------------ a cell that trains


def power_w(key: str, t: float) -> float:
    """A cell that loads for 4 s, trains, pauses to validate, and trains on."""
    pauses = t < 4 or 27 < t < 29
    return {
        "memory": 3.2,
        "cpu": (15 if t < 4 else 36) + 3 * math.sin(t * 1.7),
        "gpu0": (66 if pauses else 270) + 18 * math.sin(t / 4) + 6 * math.sin(t * 9),
        "replayed_gpu0": (66 if pauses else 270) + 18 * math.sin(t / 4),
    }[key]


DOUBT = {"memory": 2.0, "cpu": 1.6, "gpu0": 1.007, "replayed_gpu0": 1.05}


def trained(seconds: float, run: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The whole history of that cell after so many seconds, as the kernel sends it to a page that was reloaded."""
    period_s = 0.2
    times = [index * period_s for index in range(round(seconds / period_s))]
    steps = {
        part["key"]: [[t, t + period_s, power_w(part["key"], t)] for t in times] for part in run["parts"]
    }  # fmt: skip
    best = {key: sum((to - start) * watts for start, to, watts in ones) for key, ones in steps.items()}
    parts = {key: [joules / DOUBT[key], joules, joules * DOUBT[key]] for key, joules in best.items()}
    every = carbon_free_sum(list(parts.values()))
    losses = {"loss": [[t, 1.8 + 2.4 * math.exp(-t / 11)] for t in times[20::2]]}
    losses["val_loss"] = [[t, 1.95 + 2.3 * math.exp(-t / 10)] for t in times[45::25]]
    usual = {
        "parts": parts,
        "total": every,
        "idle_j": 60.0 * seconds,
        "steps": steps,
        "losses": losses,
        "progress": {"epoch": 7, "epochs": 11, "share": 0.64, "left_s": 21.3, "left_j": 5600.0},
    }
    return message("all", seconds, **{**usual, **changes})


def carbon_free_sum(parts: list[list[float]]) -> list[float]:
    best = sum(part[1] for part in parts)
    below = math.hypot(*(part[1] - part[0] for part in parts))
    above = math.hypot(*(part[2] - part[1] for part in parts))
    return [max(0.0, best - below), best, best + above]


@dataclass(frozen=True)
class State:
    """One state of the panel, how to get there, and words that it must then show."""

    run: dict[str, Any]
    reach: Callable[[PanelPage, dict[str, Any]], None]
    words: tuple[str, ...]


def train(panel: PanelPage, run: dict[str, Any]) -> None:
    panel.tell(trained(38, run))


def train_and_guess(panel: PanelPage, run: dict[str, Any]) -> None:
    train(panel, run)
    panel.page.get_by_role("slider").fill("4.3")
    panel.page.get_by_role("button", name="This is my guess").click()
    panel.settle()


def fall_silent(panel: PanelPage, run: dict[str, Any]) -> None:
    train(panel, run)
    panel.page.wait_for_timeout(5300)


def open_table(panel: PanelPage, run: dict[str, Any]) -> None:
    train(panel, run)
    panel.page.get_by_role("button", name="show as table").click()


def choose_sweden(panel: PanelPage, run: dict[str, Any]) -> None:
    train(panel, run)
    panel.page.get_by_label("grid").select_option("SWE")
    panel.settle()


def end(panel: PanelPage, run: dict[str, Any]) -> None:
    panel.tell(trained(60, run), {"kind": "end", "status": "finished"})


def know_nothing(panel: PanelPage, run: dict[str, Any]) -> None:
    notice = "No source of energy can be read here: greenlm doctor says why."
    panel.tell(message("tick", 12.4, parts={"cpu": None}, notices=[notice]))


def lose_kernel(panel: PanelPage, run: dict[str, Any]) -> None:
    train(panel, run)
    panel.page.evaluate("() => window.glm.end()")
    panel.settle()


def guess_afterwards(panel: PanelPage, run: dict[str, Any]) -> None:
    panel.page.get_by_role("button", name="This is my guess").click()


FRANCE = run_state(region="FRA")
STATES = {
    "waiting": State(FRANCE, lambda panel, run: None, ("metering", "waiting for the first reading")),
    "running": State(FRANCE, train, ("metering", "counter ± 0.7 %", "epoch 7 of 11 · 21 s and about 5.6 kJ left")),
    "what-if": State(run_state(), choose_sweden, ("with the world average:", "g/kWh")),
    "replayed": State(
        run_state(parts=[MEMORY, CPU, REPLAYED], region="FRA", pue=1.2),
        train,
        ("of it replayed, not used here and now", "▷ replayed ± 5 %", "PUE 1.2"),
    ),
    "predict": State(run_state(predict=True), train, ("How much energy will this cell take in all?",)),
    "guessed": State(run_state(predict=True), train_and_guess, ("your guess: 20 kJ · so far",)),
    "budget-warning": State(
        run_state(budget={"text": "3 Wh", "unit": "J", "limit": 10800}), train, ("⚠ budget nearly used up: ",)
    ),
    "budget-over": State(
        run_state(budget={"text": "2 Wh", "unit": "J", "limit": 7200}), train, ("⚠ over budget: 13",)
    ),  # fmt: skip
    "unknown": State(
        run_state(parts=[CPU], budget={"text": "2 Wh", "unit": "J", "limit": 7200}),
        know_nothing,
        ("?", "not measured", "not known without the energy", "not known how much of 2 Wh"),
    ),
    "stale": State(FRANCE, fall_silent, ("no news for 5 s: the kernel is busy or gone",)),
    "table": State(FRANCE, open_table, ("hide the table", "nothing in this machine measures them")),
    "ended": State(FRANCE, end, ("finished", "1 min 00 s")),
    "kernel-gone": State(FRANCE, lose_kernel, ("the kernel has ended",)),
    "guess-mode": State(run_state(mode="guess"), lambda panel, run: None, ("How much energy did this cell take?",)),
    "guess-sent": State(run_state(mode="guess"), guess_afterwards, ("guess sent: 1.0 kJ",)),
}


@pytest.mark.parametrize("look", [("light", 1600), ("dark", 1600), ("light", 400), ("dark", 400)], ids=str)
@pytest.mark.parametrize("name", STATES)
def test_each_state_says_what_it_must_fits_and_is_accessible(show, name, look):
    state, (theme, width) = STATES[name], look
    panel = show(state.run, theme=theme, width=width)
    state.reach(panel, state.run)
    shown = panel.page.locator(".greenlm-panel").inner_text()
    for words in state.words:
        assert words in shown
    panel.screenshot(f"{name}-{theme}-{width}")
    assert panel.overflow_px() <= 0
    assert panel.violations() == []
