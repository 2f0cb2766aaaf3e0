"""Pairs of sequences, as an EncoderDecoder takes them: filled up to one length, and the target shifted by one place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from greenlm_edu.errors import EmptyCorpus, InputError, ShapeError

__all__ = ["padded", "teacher_forced"]


def padded(rows: Sequence[Sequence[int] | np.ndarray], length: int | None = None, padding_id: int = 0) -> np.ndarray:
    """Rows of different lengths as one array, filled up at their ends.

    Args:
        rows: ids, one sequence of any length each.
        length: of all rows of the result; None for that of the longest.
        padding_id: what fills up. It must mean nothing else.
    Returns:
        int32, (rows, length).
    Raises:
        EmptyCorpus: no rows.
        ShapeError: a row is longer than length.

    >>> padded([[5, 6, 7], [8]])
    array([[5, 6, 7],
           [8, 0, 0]], dtype=int32)

    Lesson: notebooks/11.
    """
    if len(rows) == 0:
        raise EmptyCorpus("padded: there must be at least one row; got none. Check what the rows are made from.")
    longest = max(map(len, rows))
    length = longest if length is None else length
    if longest > length:
        raise ShapeError(f"padded: no row may be longer than length; got {longest}, length={length}. Take {longest}.")
    filled = np.full((len(rows), length), padding_id, np.int32)
    for number, row in enumerate(rows):
        filled[number, : len(row)] = row
    return filled


def teacher_forced(
    targets: Sequence[Sequence[int] | np.ndarray],
    start_id: int = 1,
    end_id: int = 2,
    length: int | None = None,
    padding_id: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """What a decoder reads in training, and what it must say at each place: the target, shifted by one.

    At place t it reads the true tokens up to t − 1, whatever it would have said itself (teacher forcing), so that all
    places are trained at once.

    Args:
        targets: ids, one sequence each, without marks.
        start_id: the mark that a decoder begins from.
        end_id: the mark that it must end with.
        length: of all rows of the result, marks counted; None for the longest target and one more.
        padding_id: what fills up.
    Returns:
        two int32 arrays (rows, length): (start, y₁, …, yₙ) and (y₁, …, yₙ, end).
    Raises:
        EmptyCorpus, ShapeError: see padded.
        InputError: two of the three marks are one, or a target holds one of them.

    >>> read, say = teacher_forced([[5, 6]])
    >>> read, say
    (array([[1, 5, 6]], dtype=int32), array([[5, 6, 2]], dtype=int32))

    Source: Williams and Zipser 1989; Sutskever et al. 2014.   Lesson: notebooks/11.
    """
    marks = {start_id, end_id, padding_id}
    if len(marks) < 3:
        raise InputError(
            f"teacher_forced: start, end and padding must be three ids; got start_id={start_id}, end_id={end_id}, "
            f"padding_id={padding_id}."
        )
    held = next((int(token) for row in targets for token in row if int(token) in marks), None)
    if held is not None:
        raise InputError(f"teacher_forced: a target must hold no mark; got one with {held}. Give targets as they are.")
    read = padded([[start_id, *row] for row in targets], length, padding_id)
    say = padded([[*row, end_id] for row in targets], length, padding_id)
    return read, say
