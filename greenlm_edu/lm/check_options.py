"""What the layers and models ask of their options, in one voice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from greenlm_edu.errors import InputError

__all__ = ["check_choice", "check_dropout", "check_sizes"]


def check_choice(where: str, name: str, value: Any, choices: Iterable[str]) -> None:
    """Raise InputError unless value is one of the choices."""
    choices = tuple(choices)
    if value not in choices:
        known = ", ".join(repr(choice) for choice in choices)
        raise InputError(f"{where}: {name} must be one of {known}; got {name}={value!r}. Take {choices[0]!r}.")


def check_sizes(where: str, **sizes: Any) -> None:
    """Raise InputError unless every size is a whole number, 1 or more."""
    for name, value in sizes.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise InputError(
                f"{where}: {name} must be a whole number, 1 or more; got {name}={value!r}. Take for example 4."
            )


def check_dropout(where: str, dropout: float) -> None:
    """Raise InputError unless 0 ≤ dropout < 1."""
    if not 0 <= dropout < 1:
        raise InputError(f"{where}: dropout must be at least 0 and below 1; got dropout={dropout}. Take 0.1.")
