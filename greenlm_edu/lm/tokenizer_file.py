"""What the tokenizers share: their file, and the check of ids."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from greenlm_edu.errors import InputError, VocabularyError

__all__ = ["checked_ids", "read_tokenizer", "write_tokenizer"]

T = TypeVar("T")


def write_tokenizer(path: str | Path, kind: str, **content: Any) -> None:
    """Write a JSON file that says which kind of tokenizer it holds."""
    Path(path).write_text(json.dumps({"tokenizer": kind, **content}, indent=1), encoding="utf-8")


def read_tokenizer(path: str | Path, kind: str, build: Callable[[dict[str, Any]], T]) -> T:
    """Read such a file and build the tokenizer from what it holds.

    Args:
        path: the file.
        kind: the kind it must hold.
        build: makes the tokenizer from the file's content; a ValueError, KeyError or TypeError in it means damage.
    Raises:
        InputError: there is no such file, or it holds something else.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        if not isinstance(content, dict) or "tokenizer" not in content:
            raise ValueError("JSON that is no tokenizer's")
        if content["tokenizer"] != kind:
            raise ValueError(f"a {content['tokenizer']}")
        return build(content)
    except OSError as err:
        raise InputError(
            f"{kind}.load: {path} must be a file that can be read; got {err.strerror}. "
            f"Check the path, or save the tokenizer there first."
        ) from err
    except (ValueError, KeyError, TypeError) as err:
        got = f"no entry {err}" if isinstance(err, KeyError) else str(err)
        raise InputError(
            f"{kind}.load: {path} must be a file that {kind}.save wrote; got {got}. Save the tokenizer again."
        ) from err


def checked_ids(where: str, ids: Iterable[int] | np.ndarray, vocab_size: int) -> np.ndarray:
    """The ids as int64, (time,).

    Raises:
        VocabularyError: an id is no whole number in 0 … vocab_size − 1.
    """
    given = np.asarray(ids if isinstance(ids, np.ndarray) else list(ids))
    if given.size and given.dtype.kind not in "iu":
        raise VocabularyError(f"{where}: ids must be whole numbers; got {given.dtype} values. Turn them into integers.")
    numbers = given.astype(np.int64).reshape(-1)
    wrong = (numbers < 0) | (numbers >= vocab_size)
    if wrong.any():
        position = int(np.argmax(wrong))
        raise VocabularyError(
            f"{where}: ids must lie in 0 … {vocab_size - 1}; got {numbers[position]} at position {position}. "
            "Decode with the tokenizer that encoded them."
        )
    return numbers
