"""Lessons in a real browser: they run, each metered cell shows its card, and the cards outlive the kernel.

Each as a learner finds it, and once more with every solution put in.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page

from greenlm_edu.checks import exercises
from tests.browser import cells
from tests.browser import lab as jupyter
from tests.browser.chromium import Watch, watched_page
from tests.conftest import CHANGED_ONLY, ROOT
from tests.slowness import MOST
from tests.test_notebooks import solve

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # `make test` opens the panel and what answers a learner

LESSONS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
RUN_TIMEOUT_S = 240 * MOST  # a hang; what a lesson may take is looked at in test_notebooks.py

ENERGY = re.compile(r"\d(?:[.,]\d+)?\s?[nµmkMG]?(?:J|Wh)\b")


@dataclass
class Ran:
    """A lesson that was run and saved in JupyterLab, and what was seen of it."""

    name: str
    metered: list[int]
    cards: list[jupyter.Card | None]
    watch: Watch


def guess(page: Page, cell: int) -> None:
    """Give the guess that a cell waits for, where it waits for one; Lab draws it only when the cell is reached."""
    for _ in range(8):
        shown = jupyter.visible_card(page, cell)
        if shown is None or "waits for your guess" not in shown.text:
            return
        for button in cells.find(page, cell, f"{cells.PANEL} button[type=submit]"):
            button.click()
        page.wait_for_timeout(800)


@pytest.fixture(scope="module", params=LESSONS)
def ran(request: pytest.FixtureRequest, browser, lab: jupyter.Lab) -> Ran:
    name = request.param
    page, watch = watched_page(browser)
    try:
        jupyter.open_notebook(page, lab, name)
        jupyter.run_all(page, RUN_TIMEOUT_S)
        metered = jupyter.metered_cells(page)
        cards = []
        for cell in metered:
            guess(page, cell)
            cards.append(jupyter.visible_card(page, cell))
            jupyter.screenshot(page, f"{name}-cell{cell}")
        jupyter.save(page)
    finally:
        jupyter.shut_down_kernels(page)
        page.context.close()
    return Ran(name, metered, cards, watch)


def test_it_runs_top_to_bottom_and_shows_a_card_under_each_metered_cell(ran: Ran):
    assert ran.metered, f"a lesson has at least one {jupyter.METER_MAGIC} cell"
    assert [cell for cell, card in zip(ran.metered, ran.cards, strict=True) if card is None] == []
    for card in ran.cards:
        assert ENERGY.search(card.text), card.text


def test_it_causes_no_console_error_and_no_request_that_leaves_this_machine(ran: Ran):
    ran.watch.assert_clean()


def test_its_cards_are_seen_where_there_is_no_kernel_and_no_trust(ran: Ran, browser, viewer: jupyter.Lab):
    page, watch = watched_page(browser)
    jupyter.open_notebook(page, viewer, ran.name)
    for cell, before in zip(ran.metered, ran.cards, strict=True):
        card = jupyter.visible_card(page, cell)
        jupyter.screenshot(page, f"{ran.name}-cell{cell}-no-kernel")
        assert card is not None, f"cell {cell}"
        assert ENERGY.findall(card.text) == ENERGY.findall(before.text)
        assert "Loading widget" not in page.locator(".jp-Notebook").inner_text()
    watch.assert_clean()
    page.context.close()


@pytest.mark.parametrize("name", LESSONS)
def test_it_passes_every_check_once_it_is_solved(name: str, browser, lab: jupyter.Lab):
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    solve(notebook, name[:2])
    if os.environ.get(CHANGED_ONLY):  # `.ci/run`: at full length it has run unsolved, and checks do not train
        few = "import os\n\nos.environ.setdefault('GREENLM_STEPS', '20')"
        notebook.cells.insert(0, nbformat.v4.new_code_cell(few))
    nbformat.write(notebook, lab.folder / f"{name}_solved.ipynb")
    page, watch = watched_page(browser)
    try:
        jupyter.open_notebook(page, lab, f"{name}_solved")
        jupyter.run_all(page, RUN_TIMEOUT_S)
        jupyter.save(page)
    finally:
        jupyter.shut_down_kernels(page)
        page.context.close()
    saved = (lab.folder / f"{name}_solved.ipynb").read_text(encoding="utf-8")
    assert [one.name for one in exercises(name[:2]) if f"✓ {one.name} passed" not in saved] == []
    watch.assert_clean()


def test_its_cards_are_seen_in_a_page_made_by_nbconvert(ran: Ran, browser, lab: jupyter.Lab, tmp_path: Path):
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--output-dir", str(tmp_path)]
    subprocess.run([*command, str(lab.folder / f"{ran.name}.ipynb")], check=True, capture_output=True)
    page, _ = watched_page(browser)  # nbconvert's page asks a server elsewhere for MathJax; it is stopped
    page.goto((tmp_path / f"{ran.name}.html").as_uri(), wait_until="domcontentloaded")
    cards = page.locator(jupyter.CARD)
    assert cards.count() >= len(ran.metered)
    cards.first.scroll_into_view_if_needed()
    jupyter.screenshot(page, f"{ran.name}-nbconvert")
    assert cards.first.is_visible()
    page.context.close()
