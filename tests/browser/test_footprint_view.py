"""The footprint explorer in JupyterLab: by keyboard, light and dark, wide and narrow, and what of it is saved."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import ElementHandle, Page

from tests.browser import cells
from tests.browser import lab as jupyter
from tests.browser.accessibility import violations
from tests.browser.chromium import Watch, watched_page

pytestmark = pytest.mark.browser

NAME = "footprint"
EXPLORER = ".greenlm-explorer"
SOURCE = "from greenlm_edu import explorers\nexplorers.footprint_view(region='FRA')"
WIDTHS = {"wide": 1200, "narrow": 600}
# Settings at the ends of the controls and in the crowd: parameters, tokens.
RUNS = [(1e9, 2e10), (1.75e11, 3e11), (1e6, 1e6), (1e13, 1e14), (7e10, 1.5e13), (6.7e9, 1e12), (2.5e7, 1e11)]
OVERLAPS = """svg => {
    const shown = document.createElement("div");
    shown.innerHTML = svg;
    document.body.append(shown);
    const picture = shown.firstElementChild;
    picture.style.width = "600px";
    const all = [...picture.querySelectorAll("text")].map(one => [one.textContent, one.getBoundingClientRect()]);
    const frame = picture.getBoundingClientRect();
    const found = [];
    for (const [name, box] of all)
        if (box.left < frame.left || box.right > frame.right || box.top < frame.top || box.bottom > frame.bottom)
            found.push(name + " is cut off");
    for (const [n, [name, a]] of all.entries())
        for (const [other, b] of all.slice(n + 1))
            if (a.left < b.right && b.left < a.right && a.top + 3 < b.bottom && b.top + 3 < a.bottom)
                found.push(name + " lies on " + other);
    shown.remove();
    return {texts: all.length, found};
}"""


@pytest.fixture(scope="module", params=["Light", "Dark"])
def opened(
    request: pytest.FixtureRequest, browser, tmp_path_factory, offline_environment
) -> Iterator[tuple[Page, Watch, jupyter.Lab, str]]:
    theme = request.param
    folder = tmp_path_factory.mktemp("footprint") / "notebooks"
    folder.mkdir()
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=[new_code_cell(SOURCE, id="view")], metadata={"kernelspec": kernel})
    nbformat.write(notebook, folder / f"{NAME}.ipynb")
    state = tmp_path_factory.mktemp("footprint-state")
    with jupyter.serve(folder, state, offline_environment, theme=f"JupyterLab {theme}") as lab:
        page, watch = watched_page(browser, width=WIDTHS["wide"], height=1500)
        jupyter.open_notebook(page, lab, NAME)
        page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
        jupyter.run_all(page)
        yield page, watch, lab, theme.lower()
        jupyter.shut_down_kernels(page)
        page.context.close()


def shown(page: Page) -> ElementHandle:
    (element,) = cells.find(page, 0, EXPLORER)
    return element


def test_a_slider_moves_by_keyboard_and_the_figures_follow(opened):
    page, watch, _, _ = opened
    before = shown(page).inner_text()
    assert "operations\n1.20 × 10²⁰ FLOP" in before
    tokens = cells.find(page, 0, ".noUi-handle")[1]
    tokens.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(1000)
    # The slider's next mark above 2e10 is 10^10.35: 6 × 1e9 × 2.24e10.
    assert "operations\n1.34 × 10²⁰ FLOP" in shown(page).inner_text()
    tokens.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(1000)
    watch.assert_clean()


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_its_place_and_all_of_it_is_accessible(opened, width: str):
    page, watch, _, theme = opened
    page.set_viewport_size({"width": WIDTHS[width], "height": 1700})
    page.wait_for_timeout(800)
    element = shown(page)
    assert element.evaluate("one => one.scrollWidth <= one.clientWidth + 1")
    (image,) = cells.find(page, 0, f"{EXPLORER} img")
    assert image.bounding_box()["width"] > 0.9 * min(720, element.bounding_box()["width"] - 40)
    assert violations(page, EXPLORER) == []
    jupyter.screenshot(page, f"footprint-{theme}-{width}")
    page.set_viewport_size({"width": WIDTHS["wide"], "height": 1500})
    watch.assert_clean()


def test_no_label_in_the_picture_is_cut_off_or_lies_on_another(opened):
    page, _, _, _ = opened
    from greenlm_edu.explorers import footprint_view

    for parameters, tokens in RUNS:
        html = footprint_view(parameters, tokens).view().html
        svg = unquote(html.split("data:image/svg+xml,")[1].split('"')[0])
        measured = page.evaluate(OVERLAPS, svg)
        assert measured["texts"] > 20
        assert measured["found"] == [], (parameters, tokens)


def test_the_picture_and_its_words_stay_in_the_saved_notebook(opened, browser, tmp_path, offline_environment):
    page, _, lab, _ = opened
    jupyter.save(page)
    with jupyter.serve(lab.folder, tmp_path, offline_environment, kernels=False) as viewer:
        other, watch = watched_page(browser)
        jupyter.open_notebook(other, viewer, NAME)
        told = shown(other).inner_text()
        assert "energy, predicted" in told
        assert "In words" in told
        assert "widget" not in other.locator(".jp-Notebook").inner_text().lower()
        (image,) = cells.find(other, 0, f"{EXPLORER} img")
        assert image.bounding_box()["height"] > 200
        watch.assert_clean()
        other.context.close()
