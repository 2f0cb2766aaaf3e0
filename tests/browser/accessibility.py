"""axe-core, run in a page on the parts that are ours."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


@cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def violations(page: Page, selector: str) -> list[str]:
    """`rule: what is wrong, where` of each violation inside the elements that fit the selector."""
    page.evaluate(f"{_axe()}; void 0")
    found = page.evaluate("selector => axe.run({include: [[selector]]}, {resultTypes: ['violations']})", selector)
    return [
        f"{one['id']}: {one['help']}: {node['html'][:160]} {node.get('failureSummary', '')}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
