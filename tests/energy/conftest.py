"""The stand-in NVML library, built once a session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import unavailable
from tests.nvml_stand_in.stand_in import StandIn, build, loaded


@pytest.fixture(scope="session")
def nvml_library(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Gives the library built without some symbols; skips where there is no gcc."""
    folder, built = tmp_path_factory.mktemp("nvml"), dict[tuple[str, ...], Path | None]()

    def library(*without: str) -> Path:
        if without not in built:
            built[without] = build(folder / str(len(built)), without)
        path = built[without]
        return path if path else unavailable("gcc is not on this machine, and the stand-in NVML library needs it")

    return library


@pytest.fixture
def nvml(nvml_library: Callable[..., Path], tmp_path: Path) -> Iterator[StandIn]:
    """The real pynvml on the stand-in library, on a clock of the test's own."""
    with loaded(nvml_library(), tmp_path / "script") as stand_in:
        yield stand_in
