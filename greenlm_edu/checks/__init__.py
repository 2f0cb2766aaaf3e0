"""Exercises that answer at once.

    check("09.bits", bits)     judges an answer: passed, or a hint that fits the mistake
    hint("09.bits")            the next of three graded hints
    reveal("09.bits")          a solution, after an attempt
    progress("09")             how far you are in a lesson
    quiz("02.perplexity")      a question with choices, each wrong one with its reason
    predict("02.coin")         a guess before a result, and
    outcome("02.coin", found)  the result, which answers it

One file a lesson (`lesson_09.py`) holds its EXERCISES, QUIZZES and PREDICTIONS; `exercise.py`, `choices.py` and
`prediction.py` say what these are.
"""

from greenlm_edu.checks.choices import Choice, Quiz, quiz
from greenlm_edu.checks.exercise import Exercise
from greenlm_edu.checks.prediction import Prediction, outcome, predict
from greenlm_edu.checks.registry import exercises, predictions, quizzes
from greenlm_edu.checks.result import Hint, Passed, Rejected
from greenlm_edu.checks.talk import check, hint, progress, reveal

__all__ = [
    "Choice",
    "Exercise",
    "Hint",
    "Passed",
    "Prediction",
    "Quiz",
    "Rejected",
    "check",
    "exercises",
    "hint",
    "outcome",
    "predict",
    "predictions",
    "progress",
    "quiz",
    "quizzes",
    "reveal",
]
