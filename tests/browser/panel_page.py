"""The panel's browser half on a page of its own: the real module and style sheet, a stand-in for anywidget's model.

    panel = open_panel(browser, run=RUN, width=1600, theme="dark")
    panel.tell(tick(0, 1, {"cpu": 12.0}))
    assert panel.sent() == [{"kind": "hello"}, {"kind": "drawn"}]

As in anywidget, `initialize` and `render` get different proxies of one model, and a model's end aborts both signals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from greenlm_edu import carbon
from tests.browser.chromium import Watch, watched_page
from tests.browser.lab import ROOT, SCREENSHOTS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NOTEBOOK: Final = ROOT / "greenlm_edu" / "notebook"
Interval = Sequence[float]

# Jupyter's own values (packages/theme-light-extension and -dark-extension of JupyterLab 4).
JUPYTER_THEMES: Final = {
    "light": {
        "--jp-layout-color1": "white",
        "--jp-ui-font-color1": "rgba(0, 0, 0, 0.87)",
        "--jp-ui-font-color2": "rgba(0, 0, 0, 0.54)",
        "--jp-border-color2": "#e0e0e0",
    },
    "dark": {
        "--jp-layout-color1": "#111",
        "--jp-ui-font-color1": "rgba(255, 255, 255, 1)",
        "--jp-ui-font-color2": "rgba(255, 255, 255, 0.7)",
        "--jp-border-color2": "#424242",
    },
}

PAGE: Final = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>The panel by itself</title>
<style>body{margin:0;padding:14px;background:var(--jp-layout-color1)}h1{position:absolute;clip-path:inset(50%)}</style>
<style>STYLE</style></head><body><main><h1>The panel by itself</h1><div id="cell"></div></main></body></html>"""

FAKE_WIDGET: Final = """
async ([source, run]) => {
  const url = URL.createObjectURL(new Blob([source], {type: "text/javascript"}));
  const panel = await import(url);
  const listeners = new Map();
  const attributes = {run};
  const sent = [];
  const proxy = () => ({
    get: name => attributes[name],
    set: (name, value) => { attributes[name] = value; },
    save_changes: () => {},
    on: (name, call) => { listeners.set(name, [...listeners.get(name) ?? [], call]); },
    off: name => { listeners.delete(name); },
    send: message => { sent.push(structuredClone(message)); },
  });
  const trigger = (name, ...given) => (listeners.get(name) ?? []).forEach(call => call(...given));
  const life = new AbortController();
  const widget = panel.default();
  await widget.initialize({model: proxy(), signal: life.signal});
  const cleanups = [];
  const show = async element => {
    cleanups.push(await widget.render({model: proxy(), el: element, signal: life.signal}));
  };
  window.glm = {
    panel, sent, show, trigger,
    tell: message => trigger("msg:custom", message, []),
    setRun: run => { attributes.run = run; trigger("change:run"); },
    detach: () => cleanups.splice(0).forEach(cleanup => cleanup()),
    end: () => { life.abort(); queueMicrotask(window.glm.detach); },
  };
  await show(document.querySelector("#cell"));
}
"""


def regions() -> list[list[Any]]:
    """The rows of the chooser, as the kernel sends them."""
    assumed = carbon.intensity(None)
    rows = [("", "no region set: world average", assumed), *((row.region, row.name, row) for row in carbon.regions())]
    return [
        [code, name, row.value_g_per_kwh, row.year, row.source, row.g_per_kwh.low, row.g_per_kwh.high]
        for code, name, row in rows
    ]


CPU: Final = {"key": "cpu", "label": "CPU · this process", "basis": "modelled", "colour": "#E69F00", "replayed": False}
MEMORY: Final = {"key": "memory", "label": "memory", "basis": "modelled", "colour": "#8A939C", "replayed": False}
GPU: Final = {"key": "gpu0", "label": "GPU 0 · H100", "basis": "counter", "colour": "#0072B2", "replayed": False}
REPLAYED: Final = {**GPU, "key": "replayed_gpu0", "label": "H100 (replayed)", "basis": "replayed", "replayed": True}
MISSING: Final = {"label": "fans, PSU, disks", "reason": "nothing in this machine measures them"}


def run_state(**changes: Any) -> dict[str, Any]:
    """The trait `run` of a usual cell."""
    usual = {
        "id": "run-1",
        "mode": "panel",
        "place": "09_keras_transformer · cell 14 · train",
        "parts": [MEMORY, CPU, GPU],
        "missing": [MISSING],
        "region": "",
        "regions": regions(),
        "pue": 1.0,
        "predict": False,
        "guess_j": None,
        "budget": None,
    }
    return {**usual, **changes}


def message(kind: str, t: float, **changes: Any) -> dict[str, Any]:
    """A tick, or the whole history, in which nothing is known but what is given."""
    usual = {
        "parts": {}, "total": None, "idle_j": None, "steps": {}, "losses": {}, "progress": None, "notices": [],
    }  # fmt: skip
    return {"kind": kind, "t": t, **usual, **changes}


@dataclass
class PanelPage:
    """A page that shows one panel."""

    page: Page
    watch: Watch

    def tell(self, *messages: Mapping[str, Any]) -> None:
        """What the kernel sends, and the drawing of it."""
        self.page.evaluate("messages => messages.forEach(window.glm.tell)", list(messages))
        self.settle()

    def settle(self) -> None:
        """Wait until what was told is drawn: drawings come at most every 100 ms."""
        self.page.wait_for_timeout(220)

    def set_run(self, run: Mapping[str, Any]) -> None:
        self.page.evaluate("run => window.glm.setRun(run)", run)
        self.settle()

    def sent(self) -> list[dict[str, Any]]:
        """What the browser told the kernel so far."""
        return self.page.evaluate("() => window.glm.sent")

    def text(self, selector: str) -> str:
        """The visible words of one element; empty where it is hidden."""
        return self.page.locator(f".greenlm-panel {selector}").first.inner_text()

    def shows(self, selector: str) -> bool:
        return self.page.locator(f".greenlm-panel {selector}").first.is_visible()

    def overflow_px(self) -> int:
        """How much wider the page is than its window."""
        return self.page.evaluate(
            "() => Math.max(document.documentElement.scrollWidth - document.documentElement.clientWidth,"
            " ...[...document.querySelectorAll('.greenlm-panel *:not(.glm-spoken):not(option)')].map(node =>"
            " Math.ceil(node.getBoundingClientRect().right - document.documentElement.clientWidth)))"
        )

    def violations(self) -> list[str]:
        """What axe-core finds against accessibility, one line a rule and element."""
        from axe_playwright_python.base import AXE_FILE_PATH

        if not self.page.evaluate("() => Boolean(window.axe)"):
            self.page.evaluate(Path(AXE_FILE_PATH).read_text(encoding="utf-8"))
        found = self.page.evaluate("async () => (await window.axe.run()).violations")
        return [f"{rule['id']}: {node['html']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]

    def screenshot(self, name: str) -> Path:
        """The page as build/screenshots/panel-NAME.png, no taller than what it shows."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"panel-{name}.png"
        self.page.screenshot(path=path, full_page=True)
        return path

    def close(self) -> None:
        self.page.context.close()


def open_panel(
    browser: Browser, run: Mapping[str, Any] | None = None, *, width: int = 900, theme: str = "light"
) -> PanelPage:
    """A page with one panel; theme: "light" or "dark" as in Jupyter, "system-light" or "system-dark" without it."""
    page, watch = watched_page(browser, width=width, height=420)
    page.emulate_media(color_scheme="dark" if theme == "system-dark" else "light")
    style = (NOTEBOOK / "panel.css").read_text(encoding="utf-8")
    page.goto(f"data:text/html;charset=utf-8,{quote(PAGE.replace('STYLE', style))}")
    if theme in JUPYTER_THEMES:
        page.evaluate(
            """([isLight, variables]) => {
                document.body.dataset.jpThemeLight = isLight;
                for (const [name, value] of variables) document.body.style.setProperty(name, value);
            }""",
            ["true" if theme == "light" else "false", list(JUPYTER_THEMES[theme].items())],
        )
    else:
        page.evaluate(
            "colour => { document.body.style.background = colour }", "#fff" if "light" in theme else "#16191d"
        )
    source = (NOTEBOOK / "panel.js").read_text(encoding="utf-8")
    page.evaluate(FAKE_WIDGET, [source, dict(run or run_state())])
    panel = PanelPage(page, watch)
    panel.settle()
    return panel
