"""How long to train: in full, or a few steps where a test runs the lesson."""

from __future__ import annotations

import os

from greenlm_edu.errors import InputError

__all__ = ["planned_steps"]

VARIABLE = "GREENLM_STEPS"


def planned_steps(full: int) -> int:
    """The smaller of `full` and the environment variable GREENLM_STEPS, where that is set.

    Args:
        full: training steps of the whole lesson, 1 or more.
    Raises:
        InputError: full or GREENLM_STEPS is not a whole number, 1 or more.
    """
    if full < 1:
        raise InputError(f"planned_steps: full must be 1 or more; got full={full}. Plan at least one step.")
    limit = os.environ.get(VARIABLE, "").strip()
    if not limit:
        return full
    if not limit.isascii() or not limit.isdigit() or int(limit) < 1:
        raise InputError(
            f"planned_steps: {VARIABLE} must be a whole number, 1 or more; got {VARIABLE}={limit!r}. "
            f"Unset it to train in full, or set it to a few steps, such as {VARIABLE}=20."
        )
    return min(full, int(limit))
