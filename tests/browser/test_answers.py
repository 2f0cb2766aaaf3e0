"""What a learner answers with, in JupyterLab: buttons, sliders, checks; and what of it stays in the saved notebook."""

from __future__ import annotations

from collections.abc import Iterator

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page

from tests.browser import cells
from tests.browser import lab as jupyter
from tests.browser.accessibility import violations
from tests.browser.chromium import Watch, watched_page

pytestmark = pytest.mark.browser

NAME = "answers"
CELLS = {
    "load": "from greenlm_edu import check, explorers, outcome, predict, progress, quiz",
    "quiz": 'quiz("00.basis")',
    "predict": 'predict("00.factor")',
    "outcome": 'outcome("00.factor", 3.0)',
    "wrong": 'check("00.grams", lambda energy_j, intensity, pue=1.0: energy_j / 3.6e6 * intensity)',
    "right": 'check("00.grams", lambda energy_j, intensity, pue=1.0: energy_j / 3.6e6 * pue * intensity)',
    "progress": 'progress("00")',
    "explorer": "explorers.entropy_slider()",
}
INDEX = {name: index for index, name in enumerate(CELLS)}
ANSWER = ".greenlm-check"
SEEN_S = 5


@pytest.fixture(scope="module")
def served(tmp_path_factory, offline_environment) -> Iterator[jupyter.Lab]:
    folder = tmp_path_factory.mktemp("answers") / "notebooks"
    folder.mkdir()
    code = [new_code_cell(source, id=name) for name, source in CELLS.items()]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(new_notebook(cells=code, metadata={"kernelspec": kernel}), folder / f"{NAME}.ipynb")
    with jupyter.serve(folder, tmp_path_factory.mktemp("answers-state"), offline_environment) as lab:
        yield lab


@pytest.fixture(scope="module")
def opened(browser, served) -> Iterator[tuple[Page, Watch]]:
    page, watch = watched_page(browser)
    jupyter.open_notebook(page, served, NAME)
    jupyter.run_all(page)
    yield page, watch
    jupyter.shut_down_kernels(page)
    page.context.close()


def comes(page: Page, name: str, words: str, selector: str = ANSWER) -> str:
    """The words of a cell's answer, once they hold these."""
    told = ""
    for _ in range(int(SEEN_S / 0.25)):
        told = "\n".join(element.inner_text() for element in cells.find(page, INDEX[name], selector))
        if words in told:
            return told
        page.wait_for_timeout(250)
    raise AssertionError(f"{words!r} did not come in {SEEN_S} s; there stands: {told}")


def press(page: Page, name: str, label: str) -> None:
    (button,) = [
        one for one in cells.find(page, INDEX[name], "button.jupyter-button") if one.inner_text().strip() == label
    ]
    button.click()


def test_a_wrong_choice_is_answered_with_its_reason_and_a_right_one_takes_the_buttons_away(opened):
    page, _ = opened
    press(page, "quiz", "c")
    assert "Not measured is not zero" in comes(page, "quiz", "not yet: c)")
    press(page, "quiz", "b")
    told = comes(page, "quiz", "✓ 00.basis right: b)")
    assert "not yet" not in told
    page.wait_for_timeout(300)
    assert cells.find(page, INDEX["quiz"], "button.jupyter-button") == []
    jupyter.screenshot(page, "answers-quiz")


def test_a_guess_by_slider_is_kept_and_the_result_answers_it(opened):
    page, _ = opened
    comes(page, "predict", "predict, then run on")
    (handle,) = cells.find(page, INDEX["predict"], ".noUi-handle")
    handle.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")  # a slider that a keyboard can move
    press(page, "predict", "This is my guess")
    told = comes(page, "predict", "Your guess:")
    jupyter.screenshot(page, "answers-predict")
    cells.run(page, INDEX["outcome"])
    cells.wait_until_idle(page)
    answered = comes(page, "outcome", "You guessed")
    guess = told.split("Your guess: ")[1].split(" times")[0]
    assert f"You guessed {guess} times. It is 3 times." in answered
    jupyter.screenshot(page, "answers-outcome")


def test_a_check_names_the_mistake_and_then_passes(opened):
    page, _ = opened
    assert "The building is missing" in comes(page, "wrong", "not yet")
    comes(page, "right", "✓ 00.grams passed")
    cells.run(page, INDEX["progress"])
    cells.wait_until_idle(page)
    comes(page, "progress", "passed, 2 tries")
    jupyter.screenshot(page, "answers-progress")


def test_an_explorers_picture_follows_its_control(opened):
    page, _ = opened
    before = comes(page, "explorer", "", ".greenlm-explorer .glm-sub")
    handle = cells.find(page, INDEX["explorer"], ".noUi-handle")[0]
    handle.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(1500)
    assert comes(page, "explorer", "", ".greenlm-explorer .glm-sub") != before
    assert len(cells.find(page, INDEX["explorer"], ".greenlm-explorer img, .greenlm-explorer svg")) >= 1
    jupyter.screenshot(page, "answers-explorer")


def test_all_of_it_is_accessible_and_causes_no_console_error(opened):
    page, watch = opened
    for name in ("quiz", "predict", "outcome", "wrong", "right", "progress", "explorer"):
        cells.find(page, INDEX[name], ANSWER)
        assert violations(page, ".greenlm-check, .greenlm-explorer") == []
    watch.assert_clean()


def test_the_words_stay_in_the_saved_notebook_and_no_widget_is_waited_for(
    opened, browser, served, tmp_path, offline_environment
):
    page, _ = opened
    jupyter.save(page)
    with jupyter.serve(served.folder, tmp_path, offline_environment, kernels=False) as viewer:
        other, watch = watched_page(browser)
        jupyter.open_notebook(other, viewer, NAME)
        comes(other, "quiz", "✓ 00.basis right: b)")
        comes(other, "predict", "Your guess:")
        comes(other, "outcome", "You guessed")
        comes(other, "explorer", "In words", ".greenlm-explorer")
        for name in CELLS:
            cells.find(other, INDEX[name], ".jp-OutputArea-output")
            shown = other.locator(".jp-Notebook").inner_text()
            assert "Loading widget" not in shown
            assert "Error displaying widget" not in shown
            assert "HBox(" not in shown
            assert "VBox(" not in shown
            jupyter.screenshot(other, f"answers-{name}-no-kernel")
        watch.assert_clean()
        other.context.close()
