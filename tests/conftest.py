"""What all tests share: what was not run is said, and lessons run without a network."""

from __future__ import annotations

import importlib.util
import inspect
import os
import textwrap
from collections import Counter
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parent.parent
DEAD_PROXY = "http://127.0.0.1:9"  # nothing listens on the discard port, so a client that obeys a proxy fails at once

# Only the environment of `make oracles` has what these files import; tests/lm/test_backends.py runs them there.
collect_ignore = [
    f"lm/oracle_{name}.py"
    for name, library in {"transformers": "transformers", "rouge": "rouge_score"}.items()
    if not importlib.util.find_spec(library)
]

# Marker -> the command that runs it. A test with several markers is counted under the first that it has.
RUN_WITH = {
    "slow": "make test-full",
    "oracle": "make oracles test-full",
    "browser": "make test",
    "notebook": "make test",
    "process": "make test",
}


# Set in `.ci/run`: lessons that are as they landed (tests/landed_lessons.json) have no long run.
CHANGED_ONLY = "GREENLM_CHANGED_ONLY"


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_DESELECTED] = Counter()


def pytest_deselected(items: list[pytest.Item]) -> None:
    if not items or not items[0].config.option.markexpr:
        return  # left out by -k or by name: whoever asked for that knows
    for item in items:
        marker = next((name for name in RUN_WITH if item.get_closest_marker(name)), None)
        if marker:
            item.config.stash[_DESELECTED][marker] += 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the long runs of lessons that have not changed since they landed, where CHANGED_ONLY is set."""
    if not os.environ.get(CHANGED_ONLY):
        return
    from tests.changed_lessons import changed, stems

    unchanged = set(stems()) - set(changed())
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        (left_out if item.get_closest_marker("slow") and _lesson_of(item) in unchanged else kept).append(item)
    config.stash[_UNCHANGED] = sorted({_lesson_of(item) for item in left_out})
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


def _lesson_of(item: pytest.Item) -> str:
    """The stem of the lesson that a test was parametrised with; empty for all other tests."""
    values = getattr(getattr(item, "callspec", None), "params", {}).values()
    stems = (value.stem if isinstance(value, Path) else str(value) for value in values)
    return next((stem for stem in stems if (ROOT / "notebooks" / f"{stem}.ipynb").exists()), "")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "call":
                for name, value in report.user_properties:
                    if name == "lesson":
                        terminalreporter.write_line(value)
    if unchanged := config.stash.get(_UNCHANGED, []):
        terminalreporter.write_line(f"unchanged since they landed, so not at full length: {', '.join(unchanged)}")
    left_out = config.stash[_DESELECTED]
    if left_out:
        groups = (
            f"{left_out[marker]} {marker} ({command})" for marker, command in RUN_WITH.items() if left_out[marker]
        )
        terminalreporter.write_line(f"not run here: {', '.join(groups)}")


_DESELECTED = pytest.StashKey[Counter[str]]()
_UNCHANGED = pytest.StashKey[list[str]]()


def unavailable(reason: str) -> NoReturn:
    """Skip with a reason; fail where GREENLM_NO_SKIP is set, as in CI, where everything must run."""
    if os.environ.get("GREENLM_NO_SKIP"):
        pytest.fail(f"{reason} (GREENLM_NO_SKIP is set, so this is a failure)", pytrace=False)
    pytest.skip(reason)


def forbid_network() -> None:
    """Make each connection and each name look-up that would leave this machine raise, in the process that calls it."""
    import ipaddress
    import socket
    import sys

    own_names = {"localhost", "", socket.gethostname()}

    def is_here(host: object) -> bool:
        text = host.decode() if isinstance(host, bytes) else str(host or "")
        if text in own_names:
            return True
        try:
            address = ipaddress.ip_address(text.split("%")[0])
        except ValueError:
            return False
        return address.is_loopback or address.is_unspecified

    def watch(event: str, arguments: tuple) -> None:
        if event in ("socket.connect", "socket.sendto"):
            host = (
                arguments[1][0] if isinstance(arguments[1], tuple) else ""
            )  # a path or None: a socket of this machine
        elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
            host = arguments[0]
        else:
            return
        if not is_here(host):
            raise ConnectionRefusedError(f"offline guard: nothing here may reach the network; {event} to {host!r}.")

    sys.addaudithook(watch)


@pytest.fixture(scope="session")
def offline_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment for a child Python that reaches no network, and leaves the user's ledger and settings alone.

    Python imports a module named sitecustomize at its start: here, one that holds `forbid_network`.
    """
    folder = tmp_path_factory.mktemp("offline")
    guard = textwrap.dedent(inspect.getsource(forbid_network))
    (folder / "sitecustomize.py").write_text(f"{guard}\n\nforbid_network()\n", encoding="utf-8")
    proxies = dict.fromkeys(
        ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"), DEAD_PROXY
    )
    return {
        **os.environ,
        **proxies,
        "no_proxy": "localhost,127.0.0.1,::1",
        "NO_PROXY": "localhost,127.0.0.1,::1",
        "PYTHONPATH": os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH")))),
        "GREENLM_LEDGER": str(folder / "ledger.db"),
        "HF_HUB_OFFLINE": "1",
        "KERAS_HOME": str(folder / "keras"),
        "IPYTHONDIR": str(folder / "ipython"),
        "TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2"),
    }


@pytest.fixture
def few_steps(offline_environment: dict[str, str]) -> dict[str, str]:
    """The offline environment, in which lessons train for GREENLM_STEPS steps: 20 unless the shell says more."""
    return {**offline_environment, "GREENLM_STEPS": os.environ.get("GREENLM_STEPS", "20")}


@pytest.fixture
def full_length(offline_environment: dict[str, str]) -> dict[str, str]:
    """The offline environment in which lessons run as a learner runs them."""
    return without_step_limit(offline_environment)


def without_step_limit(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name != "GREENLM_STEPS"}
