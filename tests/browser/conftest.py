"""A browser, and two JupyterLabs on one temporary copy of the lessons: one with kernels, one without."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import chromium
from tests.browser import lab as jupyter
from tests.conftest import ROOT, unavailable


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """Chromium. Of module scope: Playwright keeps an event loop running, which other modules' kernels must not meet."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        unavailable("Playwright is not installed: make setup installs it")
    if chromium.CHROMIUM is None:
        unavailable("Chromium is not installed; on Debian and Ubuntu: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lessons_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lab") / "notebooks"
    shutil.copytree(ROOT / "notebooks", folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    return folder


@pytest.fixture(scope="session")
def lab(
    lessons_folder: Path, offline_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[jupyter.Lab]:
    """JupyterLab with kernels, in which lessons train for few steps."""
    environment = {**offline_environment, "GREENLM_STEPS": os.environ.get("GREENLM_STEPS", "20")}
    with jupyter.serve(lessons_folder, tmp_path_factory.mktemp("lab-state"), environment) as served:
        yield served


@pytest.fixture(scope="session")
def viewer(
    lessons_folder: Path, offline_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[jupyter.Lab]:
    """JupyterLab on the same folder as on somebody else's machine: no kernel, and no trust in our notebooks."""
    state = tmp_path_factory.mktemp("viewer-state")
    with jupyter.serve(lessons_folder, state, offline_environment, kernels=False) as served:
        yield served
