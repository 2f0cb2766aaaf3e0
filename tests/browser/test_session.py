"""The session strip in JupyterLab: its links scroll to their cells, also where nobody trusts the notebook."""

from __future__ import annotations

import nbformat
import pytest

from tests.browser import lab as jupyter
from tests.browser.chromium import watched_page

pytestmark = pytest.mark.browser

NAME = "session_strip"
METERED = "%%meter --region FRA --name first\nsum(range(10**6))"
FAR = 30  # empty screens between a cell and the strip


@pytest.fixture
def notebook(lab: jupyter.Lab):
    """A metered cell at the top, many screens of text, and the strip at the end."""
    cells = [
        nbformat.v4.new_code_cell("%load_ext greenlm_edu"),
        nbformat.v4.new_code_cell(METERED),
        *(nbformat.v4.new_markdown_cell(f"## Screen {number}" + "\n\ntext" * 20) for number in range(FAR)),
        nbformat.v4.new_code_cell("import greenlm_edu\ngreenlm_edu.session()"),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    path = lab.folder / f"{NAME}.ipynb"
    nbformat.write(notebook, path)
    yield NAME
    path.unlink()


def follow_the_link(page, name: str) -> tuple[float, float]:
    """Clicks the strip's link; gives where the metered cell was before and after, in pixels from the window's top."""
    last = FAR + 2
    page.evaluate(
        f"async index => {{ {jupyter.CURRENT_NOTEBOOK} panel.content.activeCellIndex = index;"
        " await panel.content.scrollToItem(index, 'start'); }",
        last,
    )
    strip = page.locator(".greenlm-session")
    strip.scroll_into_view_if_needed()
    place = (
        f"() => {{ {jupyter.CURRENT_NOTEBOOK} const {{node}} = panel.content.widgets[1];"
        " return node.isConnected ? node.getBoundingClientRect().top : -1e6; }"
    )
    before = page.evaluate(place)
    jupyter.screenshot(page, f"session-strip-{name}")
    strip.get_by_role("link", name="first").click()
    page.wait_for_timeout(1500)
    jupyter.screenshot(page, f"session-strip-{name}-followed")
    return before, page.evaluate(place)


def bar_width(page) -> float:
    """How wide the first row's bar is on the screen."""
    return page.locator(".greenlm-session tbody img").first.evaluate("image => image.complete && image.clientWidth")


@pytest.mark.slow
def test_a_row_leads_to_its_cell_trusted_or_not(browser, lab: jupyter.Lab, viewer: jupyter.Lab, notebook: str):
    page, watch = watched_page(browser)
    jupyter.open_notebook(page, lab, notebook)
    jupyter.run_all(page)
    before, after = follow_the_link(page, "trusted")
    assert before < 0, "the cell is above the window"
    assert 0 <= after < 700, "the cell is in the window"
    assert bar_width(page) > 100
    jupyter.save(page)
    jupyter.shut_down_kernels(page)
    page.context.close()
    watch.assert_clean()

    reader, watch = watched_page(browser)
    jupyter.open_notebook(reader, viewer, notebook)
    before, after = follow_the_link(reader, "untrusted")
    assert before < 0
    assert 0 <= after < 700
    assert bar_width(reader) > 100
    reader.context.close()
    watch.assert_clean()
