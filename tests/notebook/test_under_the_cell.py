"""What stands under cells in a real kernel: which ones get a card by themselves, and that it is there once, whatever
the cell does and whatever surface shows it while it runs."""

import nbclient
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from greenlm_edu.ledger import Ledger

pytestmark = pytest.mark.process

VIEW = "application/vnd.jupyter.widget-view+json"
CELLS = {
    "load": "%load_ext greenlm_edu\nimport time\nfrom IPython.display import clear_output, display",
    "quick": "1 + 1",
    "slow": "time.sleep(1.2)\n'value'",
    "slow error": "time.sleep(1.1)\nraise ValueError('mine')",
    "slow interrupt": "time.sleep(1.1)\nraise KeyboardInterrupt",
    "block": "from greenlm_edu import measure, session\nwith measure('block') as m:\n    pass\nsession()",
    "off": "%meter off",
    "slow, off": "time.sleep(1.1)",
    "asked, off": "%%meter\ntime.sleep(0.3)",
    "on": "%meter on",
    "cleared": "%%meter\nprint('before')\ntime.sleep(0.3)\nclear_output()\nprint('after')\ntime.sleep(0.3)",
    "cleared at the end": "%%meter\nprint('before')\ntime.sleep(0.3)\nclear_output()",
    "animated": "%%meter\nfor n in range(4):\n    clear_output(wait=True)\n    display(n)\n    time.sleep(0.2)",
    "animated by print": "%%meter\nfor n in range(4):\n    clear_output(wait=True)\n    print(n)\n    time.sleep(0.2)",
    "waits at the end": "%%meter\nprint('kept')\ntime.sleep(0.3)\nclear_output(wait=True)",
    "prints much": "%%meter\nfor n in range(2000):\n    print(n, 'x' * 80)\ntime.sleep(0.3)",
    "captured": "%%capture\nprint('held back')\ntime.sleep(1.2)",
    "guessed": "%%meter --predict 2kJ\ntime.sleep(0.3)",
    "no guess": "%%meter --predict -5\nran = True",
    "card": "%meter card",
    "status": "%meter status",
    "awaits": "import asyncio\nawait asyncio.sleep(1.2)",
    "session": "session()",
}
METERED = [
    "slow", "slow error", "slow interrupt", "asked, off", "cleared", "cleared at the end", "animated",
    "animated by print", "waits at the end", "prints much", "captured", "guessed", "card", "awaits",
]  # fmt: skip


@pytest.fixture(
    scope="module", params=["widget", *(pytest.param(name, marks=pytest.mark.slow) for name in ("off", "html"))]
)
def run(request, tmp_path_factory):
    """Every cell's outputs by name, and the ledger's rows, from one kernel whose front end is an obedient recorder."""
    path = tmp_path_factory.mktemp("ledger") / "ledger.db"
    notebook = new_notebook(cells=[new_code_cell(source) for source in CELLS.values()])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GREENLM_LEDGER", str(path))
        patch.setenv("GREENLM_PANEL", request.param)
        patch.delenv("GREENLM_REGION", raising=False)
        nbclient.NotebookClient(notebook, kernel_name="python3", allow_errors=True, timeout=60).execute()
    nbformat.validate(notebook)
    for number, cell in enumerate(notebook.cells, start=1):
        assert cell.execution_count == number
    return dict(zip(CELLS, (cell.outputs for cell in notebook.cells), strict=True)), Ledger(path).rows()


def cards(outputs):
    return [output for output in outputs if "greenlm-card" in output.get("data", {}).get("text/html", "")]


def printed(outputs):
    return "".join(output.get("text", "") for output in outputs)


def test_cells_that_run_over_a_second_get_a_card_by_themselves_and_quick_ones_none(run):
    outputs, _ = run
    assert {name: len(cards(outputs[name])) for name in CELLS} == {name: int(name in METERED) for name in CELLS}


def test_no_widget_and_no_second_view_is_left_behind(run):
    outputs, _ = run
    for name, found in outputs.items():
        assert not any(VIEW in output.get("data", {}) for output in found), name


def test_the_cell_s_own_outputs_are_untouched(run):
    outputs, _ = run
    assert outputs["quick"][0].data["text/plain"] == "2"
    assert "'value'" in [output.get("data", {}).get("text/plain") for output in outputs["slow"]]
    assert printed(outputs["cleared"]) == "after\n"
    assert printed(outputs["cleared at the end"]) == ""
    assert printed(outputs["animated by print"]) == "3\n"
    assert "3" in [output.get("data", {}).get("text/plain") for output in outputs["animated"]]
    assert printed(outputs["prints much"]).count("\n") == 2000
    assert printed(outputs["captured"]) == ""


def test_the_card_tells_how_the_cell_ended(run):
    outputs, _ = run
    for name, words in {
        "slow": "finished",
        "slow error": "failed: ValueError",
        "slow interrupt": "interrupted",
        "awaits": "finished",
    }.items():
        assert words in cards(outputs[name])[0].data["text/plain"]
    error = next(output for output in outputs["slow error"] if output.output_type == "error")
    assert (error.ename, error.evalue) == ("ValueError", "mine")


def test_the_card_bears_the_number_that_stands_beside_the_cell(run):
    outputs, _ = run
    numbers = {name: number for number, name in enumerate(CELLS, start=1)}
    for name in ("slow", "asked, off", "awaits"):
        assert f"cell {numbers[name]}</span>" in cards(outputs[name])[0].data["text/html"]


def test_a_block_in_a_quick_cell_stands_on_its_own(run):
    outputs, rows = run
    assert "block" in outputs["block"][0].data["text/plain"]
    assert "block" in outputs["session"][0].data["text/plain"]
    assert [row["name"] for row in rows if row["name"]] == ["block"]


def test_the_ledger_holds_what_has_a_card_and_nothing_else(run):
    _, rows = run
    assert len(rows) == len(METERED) - 1 + 1  # the last card is shown twice, and the block has none


def test_a_guess_in_the_line_is_kept(run):
    outputs, rows = run
    assert "Your guess: 2.0 kJ" in cards(outputs["guessed"])[0].data["text/plain"]
    assert [row["guess_j"] for row in rows if row["guess_j"]] == [2000.0]
    assert "a guess must be a number of joules above 0; got “-5”" in printed(outputs["no guess"])


def test_the_status_tells_whether_cells_are_metered_by_themselves(run):
    outputs, _ = run
    assert "Metering each cell that trains or runs for over a second" in printed(outputs["status"])
    assert "Metering only cells that begin with %%meter" in printed(outputs["off"])
