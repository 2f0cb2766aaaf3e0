"""JupyterLab on a temporary copy of the lessons: what the browser tests are written with.

    with serve(folder, state, environment) as lab:
        page, watch = watched_page(browser)
        open_notebook(page, lab, "09_keras_transformer")
        run_all(page)
        save(page)

Nothing of the user's is touched: settings, trust, workspaces, kernels' connection files and ledger lie under `state`.
"""

from __future__ import annotations

import json
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent.parent
SCREENSHOTS = ROOT / "build" / "screenshots"
CARD = ".greenlm-card"
METER_MAGIC = "%%meter"

START_TIMEOUT_S = 60
OPEN_TIMEOUT_S = 90


class CellFailed(Exception):
    """A cell raised in the browser; the text holds its source and its traceback."""


@dataclass
class Lab:
    """A running JupyterLab."""

    url: str
    token: str
    folder: Path
    log: Path
    kernels: bool

    def address(self, name: str, front: str = "lab") -> str:
        """The page that shows one notebook and no leftovers of an earlier workspace; front: lab, or notebook."""
        page = f"lab/tree/{name}.ipynb?reset&" if front == "lab" else f"notebooks/{name}.ipynb?"
        return f"{self.url}{page}token={self.token}"


@contextmanager
def serve(folder: Path, state: Path, environment: dict[str, str], *, kernels: bool = True) -> Iterator[Lab]:
    """JupyterLab on a free port of this machine, serving `folder`; `kernels=False`: one that has no kernel to start."""
    for name in ("config", "data", "runtime", "settings", "workspaces", "ipython"):
        (state / name).mkdir(parents=True, exist_ok=True)
    runtime = state / "runtime"
    notification = state / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    notification.parent.mkdir(parents=True, exist_ok=True)
    notification.write_text('{"fetchNews": "false", "checkForUpdates": false}')  # or Lab asks, in a corner of the page
    token = secrets.token_hex(16)
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        str(folder),
        "--no-browser",
        "--allow-root",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port=0",
        f"--IdentityProvider.token={token}",
        "--LabApp.expose_app_in_browser=True",
        "--JupyterNotebookApp.expose_app_in_browser=True",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        "--LanguageServerManager.autodetect=False",
    ]
    if not kernels:
        command += ["--KernelSpecManager.allowed_kernelspecs=none", "--KernelSpecManager.ensure_native_kernel=False"]
    environment = {
        **environment,
        "JUPYTER_CONFIG_DIR": str(state / "config"),
        "JUPYTER_DATA_DIR": str(state / "data"),
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "JUPYTERLAB_SETTINGS_DIR": str(state / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(state / "workspaces"),
        "IPYTHONDIR": str(state / "ipython"),
    }
    log = state / "server.log"
    with log.open("w", encoding="utf-8") as output:
        server = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            yield Lab(_address_of(server, runtime, log), token, folder, log, kernels)
        finally:
            server.terminate()  # it shuts its kernels down
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _address_of(server: subprocess.Popen[bytes], runtime: Path, log: Path) -> str:
    """Where the server listens: it chose its port itself, and writes it down once it is up."""
    information = runtime / f"jpserver-{server.pid}.json"
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and server.poll() is None:
        if information.exists():
            try:
                return json.loads(information.read_text())["url"]
            except ValueError:
                pass  # it is being written
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start within {START_TIMEOUT_S} s. Its log ends:\n{log.read_text()[-3000:]}")


CURRENT_NOTEBOOK = """
    const app = window.jupyterapp;
    const panel = app.shell.currentWidget;
    if (!panel?.context || !panel.content?.widgets) throw new Error("no notebook is in front");
"""


def open_notebook(page: Page, lab: Lab, name: str, front: str = "lab") -> None:
    """Open a notebook, wait until it stands, and, where the server has kernels, until its kernel is idle."""
    page.goto(lab.address(name, front), timeout=OPEN_TIMEOUT_S * 1000)
    wait_until_open(page, lab, name)


def wait_until_open(page: Page, lab: Lab, name: str) -> None:
    """Wait until a notebook stands, after its page was opened or loaded again."""
    page.wait_for_function(
        "name => window.jupyterapp?.shell?.currentWidget?.context?.path === name",
        arg=f"{name}.ipynb",
        timeout=OPEN_TIMEOUT_S * 1000,
    )
    page.evaluate(f"async () => {{ {CURRENT_NOTEBOOK} await app.restored; await panel.revealed; }}")
    if lab.kernels:
        _wait_for_idle(page, OPEN_TIMEOUT_S)
    else:
        page.locator(".jp-Dialog").get_by_role("button", name="No Kernel").click(timeout=30_000)
        page.locator(".jp-Dialog").wait_for(state="detached", timeout=10_000)


def _wait_for_idle(page: Page, timeout_s: float) -> None:
    page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'",
        timeout=timeout_s * 1000,
    )


def run_all(page: Page, timeout_s: float = 180) -> None:
    """Run every cell, wait until the kernel is idle again, and raise at the first cell that failed or did not end."""
    page.evaluate(
        """() => {
            window.greenlmRun = "running";
            window.jupyterapp.commands.execute("notebook:run-all-cells").then(
                () => { window.greenlmRun = "done"; }, error => { window.greenlmRun = "ended with " + error; });
        }"""
    )
    deadline = time.monotonic() + timeout_s
    while page.evaluate("() => window.greenlmRun") == "running":
        status = page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status")
        if status in ("dead", "autorestarting", "restarting", "terminating", None):
            raise CellFailed(f"the kernel died; {_first_bad_cell(page)}")
        if time.monotonic() > deadline:
            raise CellFailed(f"still running after {timeout_s:.0f} s; {_first_bad_cell(page)}")
        page.wait_for_timeout(200)
    failed = _first_bad_cell(page)
    if failed:
        raise CellFailed(failed)
    told = page.evaluate("() => window.greenlmRun")
    if told != "done":
        raise CellFailed(f"running all cells {told}")
    _wait_for_idle(page, 30)


def _first_bad_cell(page: Page) -> str | None:
    """Source and traceback of the first cell that raised or did not finish."""
    cell = page.evaluate(
        f"""() => {{ {CURRENT_NOTEBOOK}
            for (const [index, cell] of panel.content.model.sharedModel.cells.entries()) {{
                if (cell.cell_type !== "code" || !cell.source.trim()) continue;
                const error = cell.outputs.find(output => output.output_type === "error");
                if (error) return {{index, source: cell.source, said: error.traceback.join("\\n")}};
                if (cell.execution_count === null) return {{index, source: cell.source, said: "It did not finish."}};
            }}
            return null;
        }}"""
    )
    if cell is None:
        return None
    return re.sub(r"\x1b\[[0-9;]*m", "", f"cell {cell['index']}:\n{cell['source']}\n\n{cell['said']}")


@dataclass
class Card:
    """An energy card as a person sees it, and the cell above it."""

    cell: int
    text: str


def cell_sources(page: Page) -> list[str]:
    return page.evaluate(
        f"() => {{ {CURRENT_NOTEBOOK} return panel.content.widgets.map(cell => cell.model.sharedModel.source); }}"
    )


def metered_cells(page: Page) -> list[int]:
    """The cells that ask for a meter."""
    return [index for index, source in enumerate(cell_sources(page)) if source.startswith(METER_MAGIC)]


def visible_card(page: Page, cell: int) -> Card | None:
    """The card below this cell once it is scrolled into view, or None where a person sees none."""
    # Lab draws cells far outside the window only when they are reached.
    page.evaluate(
        f"async index => {{ {CURRENT_NOTEBOOK} panel.content.activeCellIndex = index;"
        " await panel.content.scrollToItem(index, 'start'); }",
        cell,
    )
    page.wait_for_timeout(300)
    node = page.evaluate_handle(f"index => {{ {CURRENT_NOTEBOOK} return panel.content.widgets[index].node; }}", cell)
    card = node.as_element().query_selector(f".jp-OutputArea-output {CARD}")
    if card is None:
        return None
    card.scroll_into_view_if_needed(timeout=10_000)
    box = card.bounding_box()
    if not card.is_visible() or box is None or min(box["width"], box["height"]) < 10:
        return None
    return Card(cell, card.inner_text())


def save(page: Page) -> None:
    """Save the notebook that is in front, and wait until the file is written."""
    page.evaluate(f"async () => {{ {CURRENT_NOTEBOOK} await panel.context.save(); }}")
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty", timeout=30_000)


def shut_down_kernels(page: Page) -> None:
    """End every kernel of this server, so that the next lesson has the memory for itself."""
    page.evaluate("async () => { await window.jupyterapp?.serviceManager.sessions.shutdownAll(); }")


def screenshot(page: Page, name: str) -> Path:
    """What the page shows now, as build/screenshots/NAME.png."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=path)
    return path
