"""What lesson 00 asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from greenlm_edu.checks.calling import call
from greenlm_edu.checks.choices import Choice, Quiz
from greenlm_edu.checks.exercise import Exercise
from greenlm_edu.checks.expecting import Mistake, expect_close
from greenlm_edu.checks.prediction import Prediction
from greenlm_edu.checks.result import Rejected

__all__ = ["EXERCISES", "PREDICTIONS", "QUIZZES"]


def _judge_grams(grams: Any) -> None:
    # (kWh, g/kWh, PUE): the first has a PUE of 1, so that a forgotten PUE is told from a wrong unit.
    for energy_kwh, intensity, pue in ((2.0, 50.0, 1.0), (2.0, 50.0, 1.5), (0.25, 708.0, 1.2)):
        right, energy_j = energy_kwh * pue * intensity, energy_kwh * 3.6e6
        left = "A unit was left behind. How many joules make a kilowatt-hour: 1000 watts, for how many seconds?"
        mistakes = [
            Mistake("joules_left", energy_j * pue * intensity, left),
            Mistake("watt_hours", energy_kwh * 1000 * pue * intensity, left),
            Mistake("watt_seconds", energy_kwh * 3600 * pue * intensity, left),
            Mistake(
                "pue_added",
                (energy_kwh + pue) * intensity,
                "The PUE is a ratio, not an amount of energy: 1.5 means half as much again.",
            ),
            Mistake(
                "intensity_divided",
                energy_kwh * pue / intensity,
                "The intensity is grams *for each* kilowatt-hour. Do more grams for each make fewer grams in all?",
            ),
        ]
        if pue != 1:
            mistakes += [
                Mistake(
                    "no_pue",
                    energy_kwh * intensity,
                    f"The building is missing. What does a PUE of {pue:g} mean for the energy that is drawn?",
                ),
                Mistake(
                    "pue_divided",
                    energy_kwh / pue * intensity,
                    "Divided by the PUE? The building draws more than its computers, not less.",
                ),
            ]
        expect_close(
            call(grams, energy_j, intensity, *([pue] if pue != 1 else [])),  # 1.0 is what it takes by itself
            right,
            mistakes,
            of=f"grams({energy_j:,.0f}, {intensity:g}, pue={pue:g})",
        )


def _cannot_be_read() -> float:
    raise OSError("the driver does not answer")


def _misspelt() -> float:
    raise NameError("name 'read_the_gpu_cuonter' is not defined")


def _judge_total(total_energy: Any) -> None:
    _judge_one_total(total_energy, {"cpu": lambda: 42.0, "memory": lambda: 8.0}, 50.0, [])
    _judge_one_total(total_energy, {"cpu": lambda: 42.0, "gpu": _cannot_be_read, "memory": lambda: 8.0}, 50.0, ["gpu"])
    _judge_one_total(total_energy, {"gpu": lambda: 0.0, "cpu": lambda: 5.0}, 5.0, [])
    _judge_one_total(total_energy, {"gpu": lambda: 0.0}, 0.0, [])
    _judge_one_total(total_energy, {"gpu": _cannot_be_read, "cpu": _cannot_be_read}, None, ["gpu", "cpu"])
    try:
        call(total_energy, {"cpu": lambda: 42.0, "gpu": _misspelt})
    except Rejected as rejected:
        if isinstance(rejected.__cause__, NameError):
            return
        raise
    raise Rejected(
        "hides_mistakes",
        "One of the meters held a typing mistake, a NameError, and your function hid it. Which error alone says "
        "“nothing can be read here”? Catch that one; every other should be seen.",
    )


def _judge_one_total(
    total_energy: Any, meters: dict[str, Callable[[], float]], total_j: float | None, missing: list[str]
) -> None:
    told = call(total_energy, meters)
    if not isinstance(told, (tuple, list)) or len(told) != 2:
        raise Rejected("pair", "It must give two things: the joules, and the list of names that did not answer.")
    found_j, names = told
    if missing and not names:
        raise Rejected(
            "silent",
            f"With {missing[0]} not answering, the list of names is empty: the total looks complete, and is not. What "
            "must be kept when an error comes?",
        )
    if sorted(names) != sorted(missing):
        if not missing and 0.0 in [read_j() for read_j in meters.values()]:
            raise Rejected("zero_is_unknown", "A meter that says 0 J *has* answered. Only an error means “not known”.")
        if missing:
            raise Rejected("wrong_names", f"The names must be those that did not answer, {missing}; yours are {names}.")
        raise Rejected("wrong_names", f"All meters answered, so no name may be listed; yours are {names}.")
    if total_j is None:
        if found_j is not None:
            raise Rejected(
                "unknown_is_zero",
                f"No meter answered at all, and yours says {found_j} J. “I do not know” is not “nothing”: what could "
                "stand in place of the number?",
            )
        return
    if found_j is None:
        raise Rejected(
            "known_thrown_away",
            "Some meters did answer, and what they said is thrown away. Give their sum; the list says what is missing.",
        )
    expect_close(found_j, total_j, of="the joules of the meters that answered")


EXERCISES: Final = (
    Exercise(
        name="00.grams",
        judge=_judge_grams,
        hints=(
            "Two kilowatt-hours at 50 g/kWh are 100 g. How many kilowatt-hours are 7.2 million joules?",
            "Three steps: joules into kilowatt-hours; what the building draws for them; grams for each kilowatt-hour.",
            "Divide the joules by 3.6e6, then multiply by the PUE and by the intensity.",
        ),
        solution=(
            "def grams(energy_j, intensity_g_per_kwh, pue=1.0):\n"
            '    """Grams of CO2e for this much energy."""\n'
            "    return energy_j / 3.6e6 * pue * intensity_g_per_kwh"
        ),
        wants=("grams",),
        seen="You can now check every card by hand: its joules, its grid, its grams.",
    ),
    Exercise(
        name="00.total",
        judge=_judge_total,
        hints=(
            "What would the first version say of a machine whose GPU draws 300 W but does not let you read it?",
            "Two faults: `except Exception` catches typing mistakes too, and `+= 0` makes “not known” into “nothing”.",
            "Catch OSError only, and append the name to not_measured there. If no meter answered, give None for the "
            "joules.",
        ),
        solution=(
            "def total_energy(meters):\n"
            '    """Joules of all meters that answer, and the names of those that do not.\n'
            "\n"
            "    meters: name -> a function that gives joules, or raises OSError where nothing can be read.\n"
            "    The joules are None where no meter answers.\n"
            '    """\n'
            "    answers_j, not_measured = [], []\n"
            "    for name, read_j in meters.items():\n"
            "        try:\n"
            "            answers_j.append(read_j())\n"
            "        except OSError:\n"
            "            not_measured.append(name)\n"
            "    return (sum(answers_j) if answers_j else None), not_measured"
        ),
        wants=("total_energy",),
        seen="Look for the words “not measured” on the cards above: this is how the meter itself adds up.",
    ),
)

QUIZZES: Final = (
    Quiz(
        name="00.basis",
        question="A card says `12 J (6 – 24 J)`, ≈ modelled, “GPU: not measured”. Which sentence is honest?",
        choices=(
            Choice("“The cell used 12 J.”", "Too sure, and too complete: where is the range, and where is the GPU?"),
            Choice(
                "“CPU and memory used about 12 J, modelled, and it may be 6 to 24 J; the GPU was not measured.”",
                "It says what is counted, how it is known, how far it may be off, and what is missing.",
                right=True,
            ),
            Choice(
                "“The cell used 12 J and its GPU 0 J.”",
                "Not measured is not zero. A GPU draws power even when nobody asks it how much.",
            ),
            Choice(
                "“Nothing can be said, it is only a model.”",
                "Too little: the range is knowledge. A cell of 12 J (6 – 24 J) surely took less than one of 100 J "
                "(50 – 200 J).",
            ),
        ),
    ),
)

PREDICTIONS: Final = (
    Prediction(
        name="00.factor",
        question="Two seconds of sleeping, two seconds of multiplying: how many times as much energy does the second "
        "take?",
        low=1.0,
        high=50.0,
        unit="times",
    ),
)
