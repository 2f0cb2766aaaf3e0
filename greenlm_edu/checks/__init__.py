"""Exercises that answer at once.

    check("09.bits", bits)     judges an answer: passed, or a hint that fits the mistake
    hint("09.bits")            the next of three graded hints
    reveal("09.bits")          a solution, after an attempt
    progress("09")             how far you are in a lesson

One file a lesson (`lesson_09.py`) holds its exercises; `exercise.py` says what an exercise is.
"""

from greenlm_edu.checks.exercise import Exercise, exercises
from greenlm_edu.checks.result import Hint, Passed, Rejected
from greenlm_edu.checks.talk import check, hint, progress, reveal

__all__ = ["Exercise", "Hint", "Passed", "Rejected", "check", "exercises", "hint", "progress", "reveal"]
