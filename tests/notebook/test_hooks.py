"""A metered cell in a real kernel: its output, error and value are its own, and a card follows."""

import nbclient
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from greenlm_edu.ledger import Ledger

pytestmark = pytest.mark.process

CELLS = {
    "load": "%load_ext greenlm_edu",
    "value": "%%meter --region FRA --name loop\nn = sum(range(100_000))\n'last value'",
    "typo": "%%meter --regoin FRA\nran = True",
    "region": "%%meter --region Frnace\nran = True",
    "error": "%%meter\ndef f():\n    raise KeyError('mine')\nf()",
    "interrupt": "%%meter\nraise KeyboardInterrupt",
    "syntax": "%%meter\nx = = 2",
    "await": "%%meter\nimport asyncio\nawait asyncio.sleep(0.01)\n40 + 2",
    "nested": "%%meter\n%%capture out\nprint('captured')",
    "repeat": "%%meter --repeat 5\nruns = globals().get('runs', 0) + 1\nsum(range(10**6))\nprint('run', runs)\nruns",
    "runs": "runs",
    "repeat fails": "%%meter --repeat 5\nruns += 1\nif runs == 8:\n    raise ValueError('eighth')",
    "repeat awaits": "%%meter --repeat 2\nimport asyncio\nawait asyncio.sleep(0)",
    "plain": "1 + 1",
    "ran": "'ran' in globals()",
    "again": "%load_ext greenlm_edu",
    "defaults": "%meter --region Sweden --pue 1.2",
    "defaulted": "%%meter\npass",
    "block": "import greenlm_edu\nwith greenlm_edu.measure('block'):\n    pass",
    "replay": "%%meter --replay gpu-synthetic-bursts --region FRA\nimport time\ntime.sleep(0.4)",
    "no trace": "%%meter --replay h100\nran = True",
    "not ran": "'ran' in globals()",
    "replay on": "%meter --replay cpu-epyc-modelled",
    "replayed": "%%meter\npass",
    "replay off": "%meter --replay off",
    "session": "from greenlm_edu import session\nsession()",
    "unload": "%unload_ext greenlm_edu",
    "after": "2 + 2",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Every cell's outputs by name, and the ledger's rows, from one kernel."""
    path = tmp_path_factory.mktemp("ledger") / "ledger.db"
    notebook = new_notebook(cells=[new_code_cell(source) for source in CELLS.values()])
    env = {"GREENLM_LEDGER": str(path), "GREENLM_NOTEBOOK": "folder/my lesson.ipynb"}
    with pytest.MonkeyPatch.context() as patch:
        for key, value in env.items():
            patch.setenv(key, value)
        patch.delenv("GREENLM_REGION", raising=False)
        nbclient.NotebookClient(notebook, kernel_name="python3", allow_errors=True, timeout=60).execute()
    nbformat.validate(notebook)
    return dict(zip(CELLS, (cell.outputs for cell in notebook.cells), strict=True)), Ledger(path).rows()


def cards(outputs):
    return [output.data["text/plain"] for output in outputs if "text/html" in output.get("data", {})]


def printed(outputs):
    return "".join(output.get("text", "") for output in outputs)


def test_the_cells_value_is_shown_and_then_its_card(run):
    outputs, _ = run
    assert [output.output_type for output in outputs["value"]] == ["execute_result", "display_data"]
    assert outputs["value"][0].data["text/plain"] == "'last value'"
    (card,) = cards(outputs["value"])
    assert "France 44 g/kWh" in card
    assert set(outputs["value"][1].data) == {"text/html", "image/png", "text/plain"}


def test_an_unknown_option_names_what_there_is_and_nothing_runs(run):
    outputs, _ = run
    assert "UsageError: %%meter: there is no option “--regoin”. Did you mean --region?" in printed(outputs["typo"])
    assert "Nearest: France (FRA)" in printed(outputs["region"])
    assert outputs["ran"][0].data["text/plain"] == "False"
    assert cards(outputs["typo"]) == []


def test_an_error_reaches_the_learner_unchanged_and_the_card_says_so(run):
    outputs, _ = run
    error, card = outputs["error"]
    assert (error.ename, error.evalue) == ("KeyError", "'mine'")
    assert "greenlm" not in "".join(error.traceback)
    assert "line 3" in "".join(error.traceback)  # counted as the learner counts, the magic's line included
    assert "failed: KeyError" in card.data["text/plain"]


def test_an_interrupt_still_gets_its_card(run):
    outputs, _ = run
    assert "interrupted" in cards(outputs["interrupt"])[0]


def test_a_syntax_error_still_gets_its_card(run):
    outputs, _ = run
    assert outputs["syntax"][0].ename == "SyntaxError"
    assert "failed: SyntaxError" in cards(outputs["syntax"])[0]


def test_await_and_other_cell_magics_work(run):
    outputs, _ = run
    assert outputs["await"][0].data["text/plain"] == "42"
    assert printed(outputs["nested"]) == ""
    assert len(cards(outputs["nested"])) == 1


def test_a_repeated_cell_shows_its_output_once_and_the_mean_of_its_runs(run):
    outputs, rows = run
    assert printed(outputs["repeat"]) == "run 1\n"
    (card,) = cards(outputs["repeat"])
    assert "5 runs · " in card
    assert "standard deviation" in card
    assert outputs["runs"][0].data["text/plain"] == "5"
    row = next(row for row in rows if row["marks"])
    ends = [mark["energy_j"] for mark in row["marks"]]
    assert [mark["values"]["run"] for mark in row["marks"]] == [1, 2, 3, 4, 5]
    assert ends == sorted(ends)
    assert ends[-1] <= row["energy_j"]


def test_a_repeated_cell_that_fails_later_says_in_which_run(run):
    outputs, _ = run
    (card,) = cards(outputs["repeat fails"])
    assert "failed: ValueError" in card
    assert "run 3 of 5 ended early: ValueError('eighth')" in card


def test_a_cell_that_awaits_cannot_be_repeated(run):
    outputs, _ = run
    assert "a cell that awaits cannot be repeated; got --repeat 2" in printed(outputs["repeat awaits"])


def test_cells_without_the_magic_are_left_alone(run):
    outputs, _ = run
    assert len(outputs["plain"]) == len(outputs["after"]) == 1


def test_defaults_hold_for_the_cells_to_come(run):
    outputs, _ = run
    assert "electricity: Sweden 36 g/kWh · 2024 · Ember, PUE 1.2" in printed(outputs["defaults"])
    assert "Sweden 36 g/kWh" in cards(outputs["defaulted"])[0]


def test_loading_tells_what_is_known_and_twice_is_as_good_as_once(run):
    outputs, _ = run
    assert "not measured" in printed(outputs["load"])
    assert "already loaded" in printed(outputs["again"])


def test_a_trace_is_replayed_beside_this_machines_own_sources_and_marked(run):
    outputs, rows = run
    (card,) = cards(outputs["replay"])
    assert "GPU 0 · synthetic, replayed: ▷ replayed" in card
    assert "CPU" in card
    assert "modelled + replayed" in card or "counter" in card
    assert "of it replayed, not used here and now" in card
    row = next(row for row in rows if "gpu0" in str(row["components"]))
    parts = {part["component"]: part for part in row["components"]}
    assert parts["replayed-gpu0"]["basis"] == "replayed"
    # 80 W at rest for the 0.4 s of the cell, and some more until its hooks have run.
    assert 32 <= parts["replayed-gpu0"]["energy_j"] < 80 * 2
    assert row["energy_j"] > parts["replayed-gpu0"]["energy_j"]
    assert "replayed" in row["basis"]


def test_an_unknown_trace_names_those_there_are_and_nothing_runs(run):
    outputs, _ = run
    assert "UsageError: replay: there is no trace “h100”. There are: cpu-epyc-modelled," in printed(outputs["no trace"])
    assert outputs["not ran"][0].data["text/plain"] == "False"


def test_a_replay_may_hold_for_the_cells_to_come_and_joins_no_sum(run):
    outputs, _ = run
    assert "▷ replayed beside them: cpu-epyc-modelled" in printed(outputs["replay on"])
    assert "CPU · AMD EPYC · replayed: ▷ replayed" in cards(outputs["replayed"])[0]
    assert "replayed beside them" not in printed(outputs["replay off"])
    said = outputs["session"][0].data["text/plain"]
    assert "the replayed part of 2 not counted" in said.splitlines()[0]
    assert "replayed" not in said.splitlines()[0].replace("the replayed part of", "")


def test_the_ledger_holds_one_row_a_metered_cell(run):
    _, rows = run
    assert [row["status"] for row in rows] == [
        "finished",
        "failed: KeyError",
        "interrupted",
        "failed: SyntaxError",
        "finished",
        "finished",
        "finished",
        "failed: ValueError",
        "finished",
        "finished",
        "finished",
        "finished",
    ]
    assert {row["notebook"] for row in rows} == {"my lesson.ipynb"}
    assert rows[0]["name"] == "loop"
    assert rows[0]["region"] == "FRA"
    assert rows[-4]["region"] == "SWE"
    assert rows[-4]["pue"] == 1.2
    assert rows[-3]["name"] == "block"  # a measure() in a cell knows its notebook too
