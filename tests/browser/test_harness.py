"""The browser harness itself, on tiny notebooks made here: it sees what a person sees, and finds what is planted."""

from __future__ import annotations

import json
import re

import nbformat
import pytest

from tests.browser import lab as jupyter
from tests.browser.chromium import watched_page

pytestmark = pytest.mark.browser

CARD_CELL = """\
from IPython.display import display
display({"text/html": '<div class="greenlm-card" style="padding: 8px">15 J (10 – 20 J), modelled</div>'}, raw=True)
"""


@pytest.fixture
def write(lab: jupyter.Lab, request: pytest.FixtureRequest):
    """Write a notebook of these code cells into the served folder; gives its name. It is gone after the test."""
    name = re.sub(r"\W", "_", request.node.name)
    path = lab.folder / f"{name}.ipynb"

    def written(*cells: str) -> str:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
        nbformat.write(notebook, path)
        return name

    yield written
    path.unlink(missing_ok=True)


@pytest.fixture
def page(browser, lab: jupyter.Lab):
    """A watched page; what it started is ended, and it is closed."""
    page, watch = watched_page(browser)
    page.watch = watch
    yield page
    jupyter.shut_down_kernels(page)
    page.context.close()


@pytest.mark.slow
def test_a_card_is_seen_saved_and_seen_again_without_a_kernel(page, browser, lab, viewer, write):
    name = write("before = 1", CARD_CELL, "print('after')")
    jupyter.open_notebook(page, lab, name)
    assert jupyter.visible_card(page, 1) is None
    jupyter.run_all(page)
    card = jupyter.visible_card(page, 1)
    assert card is not None
    assert card.text == "15 J (10 – 20 J), modelled"
    assert jupyter.visible_card(page, 0) is None
    jupyter.save(page)
    saved = json.loads((lab.folder / f"{name}.ipynb").read_text(encoding="utf-8"))
    assert "greenlm-card" in str(saved["cells"][1]["outputs"])
    page.watch.assert_clean()

    reader, watch = watched_page(browser)
    jupyter.open_notebook(reader, viewer, name)
    assert "No Kernel" in reader.locator(".jp-NotebookPanel-toolbar").inner_text()
    assert jupyter.visible_card(reader, 1) == card
    watch.assert_clean()
    assert jupyter.screenshot(reader, "harness").stat().st_size > 10_000
    reader.context.close()


@pytest.mark.slow
def test_a_failing_cell_is_reported_with_its_traceback(page, lab, write):
    jupyter.open_notebook(page, lab, write("tokens = 3", "tokens / 0  # the culprit", "print('never')"))
    with pytest.raises(
        jupyter.CellFailed, match=r"(?s)cell 1:\ntokens / 0  # the culprit\n.*ZeroDivisionError: division"
    ):
        jupyter.run_all(page)


@pytest.mark.slow
def test_a_cell_that_does_not_end_is_reported(page, lab, write):
    jupyter.open_notebook(page, lab, write("tokens = 3", "import time\ntime.sleep(60)"))
    with pytest.raises(jupyter.CellFailed, match=r"(?s)still running after 2 s; cell 1:\nimport time"):
        jupyter.run_all(page, timeout_s=2)


@pytest.mark.slow
def test_requests_that_leave_this_machine_are_stopped_and_noted(page, lab, write):
    name = write("from IPython.display import HTML\nHTML('<img src=\"http://192.0.2.1/pixel.png\">')")
    jupyter.open_notebook(page, lab, name)
    jupyter.run_all(page)
    page.wait_for_timeout(500)
    assert set(page.watch.left_localhost) == {"http://192.0.2.1/pixel.png"}
    with pytest.raises(AssertionError):
        page.watch.assert_clean()


@pytest.mark.slow
def test_the_kernel_has_few_steps_a_ledger_of_its_own_and_no_network(page, lab, write):
    name = write(
        "import os, socket",
        "assert int(os.environ['GREENLM_STEPS']) > 0 and 'pytest' in os.environ['GREENLM_LEDGER']",
        "socket.create_connection(('192.0.2.1', 80), timeout=2)",
    )
    jupyter.open_notebook(page, lab, name)
    with pytest.raises(jupyter.CellFailed, match=r"(?s)^cell 2:.*offline guard"):
        jupyter.run_all(page)
