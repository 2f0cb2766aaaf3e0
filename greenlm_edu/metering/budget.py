"""How much a cell or a training run may use: “500 J”, “2 Wh”, “5 gCO2e”."""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval
from greenlm_edu.units import JOULES_PER_WH

if TYPE_CHECKING:
    from greenlm_edu.metering.measurement import Measurement

__all__ = ["Budget"]

_PREFIXES: Final = {"µ": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6}
_JOULES: Final = {prefix + "J": factor for prefix, factor in _PREFIXES.items()} | {
    prefix + "Wh": factor * JOULES_PER_WH for prefix, factor in _PREFIXES.items()
}
_GRAMS: Final = {prefix + "gCO2e": factor for prefix, factor in _PREFIXES.items()}
_UNITS: Final = (*_JOULES, *_GRAMS)
_AMOUNT: Final = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*)")
_CO2E: Final = re.compile(r"(.?g)\s*(co2)[\s-]*(?:eq?)?$", re.IGNORECASE)
_SPELLED_OUT: Final = {"joule": "J", "watt": "Wh", "gram": "gCO2e", "kilojoule": "kJ", "kilowatt": "kWh"}
_EXAMPLES: Final = "Try “500 J”, “2 Wh” or “5 gCO2e”."


@dataclass(frozen=True)
class Budget:
    """A limit on what is used, either in joules or in grams of CO2e.

    Args:
        text: as it was asked for, such as "2 Wh".
        limit_j: in joules; None where the limit is one of emissions.
        limit_g: in grams of CO2e; None where the limit is one of energy.
    Raises:
        InputError: not exactly one limit, or one that is no finite number above 0.
    """

    text: str
    limit_j: float | None = None
    limit_g: float | None = None

    def __post_init__(self) -> None:
        given = [limit for limit in (self.limit_j, self.limit_g) if limit is not None]
        if len(given) != 1 or not (math.isfinite(given[0]) and given[0] > 0):
            raise InputError(
                "budget: one limit, in joules or in grams, must be a finite number above 0; "
                f"got limit_j={self.limit_j}, limit_g={self.limit_g}. {_EXAMPLES}"
            )

    @classmethod
    def parse(cls, text: str | Budget) -> Budget:
        """Reads a number and its unit: J, Wh or gCO2e (also g CO₂e, gCO2), with µ, m, k or M before it.

        Capitals do not matter, save where they make a thousand millions of difference: mJ is not MJ.

        Raises:
            InputError: no number above 0, or no such unit, with the nearest that there is.

        >>> Budget.parse("2Wh")
        Budget(text='2Wh', limit_j=7200.0, limit_g=None)
        >>> Budget.parse("20 mgCO2e").limit_g
        0.02
        """
        if isinstance(text, Budget):
            return text
        if not isinstance(text, str):
            raise InputError(f"budget: text with a number and its unit is needed; got {text!r}. {_EXAMPLES}")
        plain = unicodedata.normalize("NFKC", text).strip()
        found = _AMOUNT.fullmatch(plain)
        if "," in plain:
            mended = plain.replace(",", ".", 1)
            hint = f"For a part of one write a point, as in “{mended}”; thousands stand without a mark. "
            raise InputError(f"budget: a number must be written without a comma; got “{text}”. {hint}{_EXAMPLES}")
        if found is None:
            raise InputError(f"budget: a number above 0 and its unit are needed; got “{text}”. {_EXAMPLES}")
        amount, unit = float(found[1]), _unit(found[2], text)
        joules, grams = _JOULES.get(unit), _GRAMS.get(unit)
        limit = amount * (joules or grams or math.nan)
        if not (math.isfinite(limit) and limit > 0):
            raise InputError(f"budget: it must be a finite number above 0; got “{text}”. {_EXAMPLES}")
        return cls(text.strip(), limit_j=limit) if joules else cls(text.strip(), limit_g=limit)

    @property
    def limit(self) -> float:
        """The limit in the unit of `used`."""
        return self.limit_g or self.limit_j or math.nan

    @property
    def unit(self) -> str:
        """What is limited: "J", or "g" of CO2e."""
        return "J" if self.limit_g is None else "g"

    def used(self, measurement: Measurement) -> Interval | None:
        """What a measurement has used of it, in joules or, with its own region and PUE, in grams; None if unknown."""
        if measurement.energy_j is None:
            return None
        return measurement.energy_j if self.limit_g is None else measurement.footprint().emissions_g

    def share(self, measurement: Measurement) -> float | None:
        """The share of the limit that a measurement's best figure has used: 0.8 at 80 %; None if it is unknown."""
        used = self.used(measurement)
        return None if used is None else used.best / self.limit


def _unit(written: str, text: str) -> str:
    """The unit as it stands in the tables.

    Raises:
        InputError: there is none like it, or two.
    """
    spelled = _CO2E.sub(r"\1CO2e", written.strip())
    if spelled in _UNITS:
        return spelled
    alike = [unit for unit in _UNITS if unit.casefold() == spelled.casefold()]
    if len(alike) == 1:
        return alike[0]
    if alike:
        which = " or ".join(f"“{unit}”" for unit in alike)
        raise InputError(f"budget: the unit may mean {which}; got “{text}”. Write the one that you mean. {_EXAMPLES}")
    if not spelled:
        raise InputError(f"budget: the number needs a unit; got “{text}”. {_EXAMPLES}")
    raise InputError(f"budget: the unit must be J, Wh or gCO2e; got “{text}”.{_nearest(spelled)} {_EXAMPLES}")


def _nearest(unit: str) -> str:
    """“Did you mean …?”, by the first letters, else by all of them; empty where nothing is like it."""
    plain = {known.casefold(): known for known in reversed(_UNITS)}
    near = [meant for word, meant in _SPELLED_OUT.items() if unit.casefold().startswith(word)]
    near += [known for key, known in plain.items() if key.startswith(unit.casefold())]
    near += [plain[key] for key in difflib.get_close_matches(unit.casefold(), plain, n=1, cutoff=0.4)]
    return f" Did you mean “{near[0]}”?" if near else ""
