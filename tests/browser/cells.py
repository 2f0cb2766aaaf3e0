"""One cell of the notebook in front: run it, watch its panel repaint, and read what stands under it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.browser.lab import CURRENT_NOTEBOOK

if TYPE_CHECKING:
    from playwright.sync_api import ElementHandle, Page

PANEL = ".greenlm-panel"
CARD = ".greenlm-card"

# A repaint is a frame before which something inside the panel changed; whoever drew it, and however.
WATCH = f"""
    const node = panel.content.widgets[index].node;
    const seen = window.greenlmSeen = {{paints: 0, firstMs: null, lastMs: null, widestGapMs: 0}};
    window.greenlmWatch?.disconnect();
    let waits = false;
    const painted = () => {{
        waits = false;
        const now = performance.now();
        if (seen.firstMs === null) seen.firstMs = now - seen.ranMs;
        else seen.widestGapMs = Math.max(seen.widestGapMs, now - seen.lastMs);
        seen.lastMs = now;
        seen.paints += 1;
    }};
    window.greenlmWatch = new MutationObserver(() => {{
        const view = node.querySelector("{PANEL}");
        if (!waits && view !== null && view.offsetHeight > 10) {{ waits = true; requestAnimationFrame(painted); }}
    }});
    window.greenlmWatch.observe(node, {{subtree: true, childList: true, attributes: true, characterData: true}});
"""


@dataclass
class Seen:
    """How a panel repainted since its cell was run.

    Args:
        paints: how many frames.
        first_ms: from the command to run until the first of them; None before it.
        widest_gap_ms: the longest that it stood still.
    """

    paints: int
    first_ms: float | None
    widest_gap_ms: float


def run(page: Page, index: int) -> None:
    """Run one cell, brought into view; returns at once."""
    page.evaluate(
        f"""async index => {{ {CURRENT_NOTEBOOK}
            panel.content.activeCellIndex = index;
            panel.content.deselectAll();
            await panel.content.scrollToItem(index, "start");
            {WATCH}
            seen.ranMs = performance.now();
            app.commands.execute("notebook:run-cell");
        }}""",
        index,
    )


def seen(page: Page) -> Seen:
    """How the panel of the cell that was run last repainted up to now."""
    found = page.evaluate("() => window.greenlmSeen")
    return Seen(found["paints"], found["firstMs"], found["widestGapMs"])


def wait_until_idle(page: Page, timeout_s: float = 60) -> None:
    """Wait until the kernel has nothing left to run."""
    page.wait_for_timeout(150)  # the request is on its way
    page.wait_for_function(
        f"""() => {{ {CURRENT_NOTEBOOK}
            const asked = panel.content.widgets.some(cell => cell.promptNode?.textContent.includes("*"));
            return !asked && panel.sessionContext.session?.kernel?.status === "idle";
        }}""",
        timeout=timeout_s * 1000,
        polling=250,  # not at every frame, which costs the cell a tenth of a core
    )
    page.wait_for_timeout(150)  # the last outputs are drawn


def find(page: Page, index: int, selector: str) -> list[ElementHandle]:
    """What a cell shows that fits the selector, brought into view."""
    node = page.evaluate_handle(
        f"""async index => {{ {CURRENT_NOTEBOOK}
            await panel.content.scrollToItem(index, "start");
            return panel.content.widgets[index].node;
        }}""",
        index,
    ).as_element()
    return [element for element in node.query_selector_all(selector) if element.is_visible()]


def outputs(page: Page, index: int) -> list[dict[str, Any]]:
    """A cell's outputs as they would be saved."""
    return page.evaluate(
        f"""index => {{ {CURRENT_NOTEBOOK}
            const found = panel.content.widgets[index].model.outputs;
            return Array.from({{length: found.length}}, (_, place) => found.get(place).toJSON());
        }}""",
        index,
    )


def text(page: Page, index: int, selector: str) -> str:
    """The words of the one element of a cell that fits the selector."""
    words = ""
    for _ in range(10):  # outputs above it may still move it out of the window, where it has no words
        (element,) = find(page, index, selector)
        element.scroll_into_view_if_needed()
        words = element.inner_text()
        if words:
            break
        page.wait_for_timeout(300)
    return words
