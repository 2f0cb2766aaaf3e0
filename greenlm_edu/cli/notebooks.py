"""Where the lessons lie, and which of them a person means."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from greenlm_edu.errors import InputError

__all__ = ["CHECKOUT", "FIRST_LESSON", "choose_lessons", "find_notebooks"]

FIRST_LESSON: Final = "00_start_here.ipynb"
# Of an editable install, the folder that holds the package is the checkout, with notebooks/ in it.
CHECKOUT: Final = Path(__file__).resolve().parents[2]


def find_notebooks(here: Path | None = None, checkout: Path = CHECKOUT) -> Path:
    """The folder of the lessons: ./notebooks, this folder itself, or the one beside the package.

    Args:
        here: where the person stands; the working directory if left out.
        checkout: the folder that holds the package.
    Raises:
        InputError: there is none.
    """
    here = (here or Path.cwd()).resolve()
    places = " or ".join(dict.fromkeys((str(here), str(checkout))))
    for folder in (here / "notebooks", here if (here / FIRST_LESSON).exists() else None, checkout / "notebooks"):
        if folder and any(folder.glob("*.ipynb")):
            return folder
    raise InputError(
        f"notebooks: a folder “notebooks” with the lessons must be here or beside the package; got none in {places}. "
        "The lessons come with the source, not with the package from pip: "
        "clone the GreenLM-edu repository (or unpack its source archive) and run `greenlm` inside it."
    )


def choose_lessons(names: Sequence[str], find_folder: Path | None = None) -> list[Path]:
    """The notebooks that these names mean, each once, in the order of the names; all lessons where none is named.

    Args:
        names: numbers ("9", "09"), stems ("09_keras_transformer", "keras_transformer") or paths.
        find_folder: the folder of the lessons; found if left out.
    Raises:
        InputError: a name means no notebook.
    """
    if not names:
        return _lessons(find_folder or find_notebooks())
    chosen: list[Path] = []
    for name in names:
        path = Path(name).expanduser()
        if path.suffix == ".ipynb" and path.is_file():
            chosen.append(path.resolve())
            continue
        there = _lessons(find_folder or find_notebooks())
        found = [lesson for lesson in there if _means(name, lesson)]
        if not found:
            raise InputError(
                f"lessons: a lesson's number, stem or path must be given; got “{name}”. "
                f"There is: {', '.join(lesson.stem for lesson in there)}."
            )
        chosen += found
    return list(dict.fromkeys(chosen))


def _lessons(folder: Path) -> list[Path]:
    return sorted(path.resolve() for path in folder.glob("*.ipynb"))


def _means(name: str, lesson: Path) -> bool:
    number, _, title = lesson.stem.partition("_")
    if name.isdecimal() and number.isdecimal():
        return int(name) == int(number)
    return name in (lesson.name, lesson.stem, title)
