"""The options of `%%meter` and `%meter`, with errors that name what there is."""

from __future__ import annotations

import argparse
import difflib
import math
import shlex
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from greenlm_edu import carbon
from greenlm_edu.energy import load_trace
from greenlm_edu.errors import InputError

__all__ = ["MeterOptions", "guessed_j", "parse"]


@dataclass(frozen=True)
class MeterOptions:
    """What a metered cell was asked for.

    Args:
        name: what to call the measurement; empty for none.
        region: the country whose electricity it uses; None for GREENLM_REGION, else the world's average.
        pue: of the building, 1 or more.
        replay: the trace that is replayed beside this machine's own sources; empty for none.
        repeat: how often the cell runs, for cells that are shorter than a source's resolution.
        predict: whether the learner is to guess the joules before they show.
        guess_j: a guess that stands in the line itself; None where there is none.
    """

    name: str = ""
    region: str | None = None
    pue: float = 1.0
    replay: str = ""
    repeat: int = 1
    predict: bool = False
    guess_j: float | None = None


class _Parser(argparse.ArgumentParser):
    """argparse that raises our error instead of ending the process."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"%%meter: {message}. {_KNOWN}")


_parser = _Parser(prog="%%meter", add_help=False, allow_abbrev=False)
_parser.add_argument("--name")
_parser.add_argument("--region")
_parser.add_argument("--pue", type=float)
_parser.add_argument("--replay")
_parser.add_argument("--repeat", type=int)
_parser.add_argument("--predict", nargs="?", const="")
_FLAGS = tuple(flag for action in _parser._actions for flag in action.option_strings)
_KNOWN = (
    "Its options are --region COUNTRY, --pue NUMBER, --replay TRACE, --repeat TIMES, --predict [JOULES] "
    "and --name WORDS."
)
NO_REPLAY = "off"
MOST_REPEATS = 10_000


def parse(line: str, defaults: MeterOptions | None = None) -> MeterOptions:
    """Reads what stands behind `%%meter`.

    Args:
        line: the rest of the line, such as '--region FRA --name "first run"'.
        defaults: what holds where the line says nothing.
    Raises:
        InputError: an option that does not exist, with the nearest that does; a value that cannot be; a trace that
            does not exist, with those that do.
        UnknownRegion: no such country.

    `--replay off` ends a replay that `%meter` set for the cells to come.

    >>> parse("--region FRA --pue 1.1")
    MeterOptions(name='', region='FRA', pue=1.1, replay='', repeat=1, predict=False, guess_j=None)
    """
    try:
        words = shlex.split(line)
    except ValueError as err:
        raise InputError(f"%%meter: quotation marks must come in pairs; got “{line.strip()}”.") from err
    given, unknown = _parser.parse_known_args(words)
    if unknown:
        near = difflib.get_close_matches(unknown[0], _FLAGS, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise InputError(f"%%meter: there is no option “{unknown[0]}”.{hint} {_KNOWN}")
    values: dict[str, Any] = {key: value for key, value in vars(given).items() if value is not None}
    guess = values.pop("predict", None)
    if guess is not None:
        values |= {"predict": True, "guess_j": guessed_j(guess) if guess else None}
    options = replace(defaults or MeterOptions(), **values)
    if not 1 <= options.repeat <= MOST_REPEATS:
        raise InputError(f"%%meter: --repeat must lie in 1 … {MOST_REPEATS}; got {options.repeat}. 5 is a good start.")
    if options.replay == NO_REPLAY:
        options = replace(options, replay="")
    if options.replay:
        load_trace(options.replay)
    carbon.intensity(options.region)
    carbon.checked_pue(options.pue)
    return options


def guessed_j(text: str) -> float:
    """A guess of joules, as a person writes it: `500`, `500 J`, `1.5 kJ`.

    Raises:
        InputError: it is none.

    >>> guessed_j("1.5 kJ")
    1500.0
    """
    number, unit = text.strip(), 1.0
    for suffix, factor in (("kJ", 1e3), ("MJ", 1e6), ("J", 1.0)):
        if number.endswith(suffix):
            number, unit = number.removesuffix(suffix).strip(), factor
            break
    try:
        energy_j = float(number) * unit
    except ValueError:
        energy_j = math.nan
    if not (math.isfinite(energy_j) and energy_j > 0):
        raise InputError(f"%%meter: a guess must be a number of joules above 0; got “{text}”. Try 500 or 1.5kJ.")
    return energy_j
