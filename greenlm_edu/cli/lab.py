"""`greenlm lab`: JupyterLab on the first lesson, with the address that it really has."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
import webbrowser
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, Final

import typer

from greenlm_edu.cli.notebooks import FIRST_LESSON, find_notebooks
from greenlm_edu.cli.screen import console
from greenlm_edu.errors import GreenLMError

__all__ = ["address", "has_browser", "jupyter_arguments", "lab"]

START_PATIENCE_S: Final = 60
END_PATIENCE_S: Final = 15
STOP_SIGNALS: Final = ("SIGTERM", "SIGHUP")


def lab(
    extra: Annotated[
        list[str] | None, typer.Argument(help="More arguments for JupyterLab, after “--”.", show_default=False)
    ] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Its port; the next free one if taken.")] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
) -> None:
    """Open JupyterLab on the first lesson."""
    notebooks = find_notebooks()
    screen = console()
    browser = not no_browser and has_browser(os.environ, sys.platform)
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if is_root:
        screen.print(
            "You are root, whom JupyterLab refuses unless it is told --allow-root: it is told so.", style="dim"
        )
    arguments = jupyter_arguments(notebooks, port=port, browser=browser, is_root=is_root, extra=extra or [])
    # Told by environment, not by argument, so that no other user reads it in the list of processes.
    environment = {"JUPYTER_TOKEN": secrets.token_hex(24), **os.environ}
    # A session of its own: Ctrl-C reaches this process alone, which then ends JupyterLab without its question.
    server = subprocess.Popen(arguments, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
    for name in STOP_SIGNALS:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _stop)
    try:
        found = _wait_until_up(server, environment["JUPYTER_TOKEN"])
        screen.print()
        if port and found["port"] != port:
            screen.print(f"Port {port} is taken, so it has port {found['port']}.")
        screen.print(
            "JupyterLab is running. Ctrl-C ends it." if browser else "JupyterLab is running. Open this address:"
        )
        screen.print(f"    {address(found, notebooks)}", style="bold", soft_wrap=True)
        if not browser:
            screen.print("Ctrl-C ends it.")
        screen.print()
        code = server.wait()
    except KeyboardInterrupt:
        _end(server)
        screen.print("JupyterLab has ended.")
        return
    if code:
        raise GreenLMError(
            f"lab: JupyterLab must keep running; it ended with exit code {code}. What it said stands above."
        )


def jupyter_arguments(
    notebooks: Path, *, port: int | None, browser: bool, is_root: bool, extra: Sequence[str] = ()
) -> list[str]:
    """The command that starts JupyterLab of this very Python on the first lesson.

    Args:
        notebooks: the folder of the lessons, JupyterLab's root.
        port: None for JupyterLab's own choice.
        browser: whether it opens one.
        is_root: whether it must be told that root may run it.
        extra: what a person added; stands last, so it wins.
    """
    arguments = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={notebooks}",
        f"--LabApp.default_url=/{_page(notebooks)}",
        "--ServerApp.log_level=WARN",
        "--LabApp.log_level=WARN",
        # No network unless asked: no news feed, no look-up of newer versions, and no question about them.
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    if port is not None:
        arguments.append(f"--ServerApp.port={port}")
    if not browser:
        arguments.append("--no-browser")
    if is_root:
        arguments.append("--allow-root")
    return [*arguments, *extra]


def has_browser(environment: Mapping[str, str], platform: str) -> bool:
    """Whether a browser can be opened here for a person to see.

    Args:
        environment: the environment's variables; BROWSER names one, also where the screen is elsewhere (VS Code).
        platform: as in sys.platform.
    """
    if platform.startswith("linux") and not any(
        environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    ):
        return False  # text browsers do not run JupyterLab
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def address(server: Mapping[str, Any], notebooks: Path) -> str:
    """The first lesson's address on a running server.

    Args:
        server: what Jupyter writes of it: `url` and `token`.
        notebooks: the folder of the lessons.
    """
    token = f"?token={server['token']}" if server["token"] else ""
    return f"{server['url']}{_page(notebooks)}{token}"


def _page(notebooks: Path) -> str:
    return f"lab/tree/{FIRST_LESSON}" if (notebooks / FIRST_LESSON).exists() else "lab"


def _wait_until_up(server: subprocess.Popen[bytes], token: str) -> dict[str, Any]:
    """What the server itself writes of its address, once it listens.

    Raises:
        GreenLMError: it ended, or did not come up in time.
    """
    from jupyter_core.paths import jupyter_runtime_dir

    began_s, patient_until_s = time.time(), time.monotonic() + START_PATIENCE_S
    while time.monotonic() < patient_until_s:
        for file in Path(jupyter_runtime_dir()).glob("jpserver-*.json"):
            try:
                found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
                is_old = file.stat().st_mtime < began_s - 1  # left behind by a server that was killed
            except (OSError, ValueError):
                continue  # it is being written, or has gone
            # By the token too: on Windows the process that we started may start the server as another one.
            if not is_old and (found.get("pid") == server.pid or (token and found.get("token") == token)):
                return found
        if server.poll() is not None:
            raise GreenLMError(
                f"lab: JupyterLab must start; it ended with exit code {server.returncode}. What it said stands above. "
                "If it is not installed: pip install 'greenlm-edu[lessons]'"
            )
        time.sleep(0.1)
    _end(server)
    raise GreenLMError(
        f"lab: JupyterLab must be up within {START_PATIENCE_S} s; it was not. Try `jupyter lab` to see why."
    )


def _stop(signal_number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _end(server: subprocess.Popen[bytes]) -> None:
    """Ends the server with its kernels, by force only if it takes too long."""
    server.terminate()
    try:
        server.wait(END_PATIENCE_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
