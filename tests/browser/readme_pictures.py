"""The pictures in README: the panel of lesson 09's training cell while it trains, light and dark, as a learner sees it.

    make pictures

writes docs/panel-light.png and docs/panel-dark.png, and the cards that took their place. Nothing in them is made up:
whoever runs this gets the figures of their own machine.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser import cells, chromium
from tests.browser import lab as jupyter

PICTURES = jupyter.ROOT / "docs"
LESSON = "09_keras_transformer"
TRAINING = "train the Transformer"
TRAINED_FOR_S = 20


def take(page: Page, server: jupyter.Lab, theme: str) -> None:
    jupyter.open_notebook(page, server, LESSON)
    sources = jupyter.cell_sources(page)
    training = next(index for index, source in enumerate(sources) if TRAINING in source.split("\n")[0])
    for index in range(training):
        cells.run(page, index)
        cells.wait_until_idle(page, 120)
    cells.run(page, training)
    page.wait_for_timeout(3000)
    for button in cells.find(page, training, f"{cells.PANEL} button[type=submit]"):
        button.click()  # the lesson asks for a guess; the slider stands at a thousand joules
    page.wait_for_timeout(TRAINED_FOR_S * 1000)
    (panel,) = cells.find(page, training, cells.PANEL)
    panel.screenshot(path=PICTURES / f"panel-{theme}.png")
    cells.wait_until_idle(page, 180)
    (card,) = cells.find(page, training, cells.CARD)
    card.screenshot(path=PICTURES / f"card-{theme}.png")


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        for theme in ("light", "dark"):
            with tempfile.TemporaryDirectory() as folder:
                notebooks = Path(folder) / "notebooks"
                shutil.copytree(jupyter.ROOT / "notebooks", notebooks)
                environment = {
                    **os.environ,
                    "GREENLM_LEDGER": str(Path(folder) / "ledger.db"),
                    "GREENLM_REGION": "FRA",
                    "PYTHONPATH": str(jupyter.ROOT),
                }
                with jupyter.serve(
                    notebooks, Path(folder) / "state", environment, theme=f"JupyterLab {theme.title()}"
                ) as server:
                    page, _ = chromium.watched_page(browser, width=1240, height=1400)
                    take(page, server, theme)
                    page.context.close()
        browser.close()


if __name__ == "__main__":
    main()
