"""Accelerators by name: rated power and peak speed, each with the place where the figure was seen.

Rated power (TDP) is what the cooling is built for, not what a training draws: small jobs draw a third of it (Dodge et
al. 2022), a board with its share of the host can draw more. Peak speed is that of dense 16-bit matrix products.
"""

from __future__ import annotations

import csv
import difflib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from greenlm_edu.errors import UnknownAccelerator

__all__ = ["Accelerator", "accelerator", "accelerators"]


@dataclass(frozen=True)
class Accelerator:
    """A board that trains.

    Args:
        name: what it is called.
        tdp_w: its rated power in watts.
        peak_flop_s: the most 16-bit floating-point operations a second, dense; None where no figure was found.
        peak_of: the kind of operation that the peak counts.
        source: where the figures were seen.
        caution: what a reader must know of them; else empty.
    """

    name: str
    tdp_w: float
    peak_flop_s: float | None
    peak_of: str
    source: str
    caution: str = ""


def accelerator(name: str) -> Accelerator:
    """The accelerator of that name.

    Args:
        name: as people or the driver write it, such as "A100", "NVIDIA A100-SXM4-80GB" or "H100 SXM", in any case.
    Raises:
        UnknownAccelerator: none goes by that name; the nearest names are given.

    >>> accelerator("nvidia a100-sxm4-80gb").tdp_w, accelerator("H100").peak_flop_s
    (400.0, 989000000000000.0)
    """
    found = _names().get(_plain(str(name)))
    if found is None:
        raise UnknownAccelerator(
            f"accelerator: its name must be in the table; got “{name}”. {_nearest(str(name))} "
            "greenlm_edu.carbon.accelerators() lists all; power_w= and peak_flop_s= take any other board's figures."
        )
    return found


def accelerators() -> tuple[Accelerator, ...]:
    """Every accelerator of the table, in its order."""
    return tuple(found for found, _ in _rows())


@cache
def _rows() -> tuple[tuple[Accelerator, tuple[str, ...]], ...]:
    text = files("greenlm_edu.carbon").joinpath("data/accelerators.csv").read_text(encoding="utf-8")
    rows = []
    for row in csv.DictReader(text.splitlines()):
        peak = float(row["peak_tflops"]) * 1e12 if row["peak_tflops"] else None
        one = Accelerator(row["name"], float(row["tdp_w"]), peak, row["peak_of"], row["source"], row["caution"])
        rows.append((one, tuple(row["aliases"].split(";"))))
    return tuple(rows)


@cache
def _names() -> dict[str, Accelerator]:
    return {_plain(name): one for one, aliases in _rows() for name in (*aliases, one.name)}


def _plain(name: str) -> str:
    """A name without its maker, its brand, case and punctuation."""
    words = "".join(c if c.isalnum() else " " for c in name.casefold()).split()
    return "".join(word for word in words if word not in ("nvidia", "google", "geforce", "tesla", "gpu"))


def _nearest(name: str) -> str:
    names, plain = _names(), _plain(name)
    near = difflib.get_close_matches(plain, names, n=6, cutoff=0.5)
    near += [known for known in names if len(plain) > 2 and (plain in known or known in plain)]
    found = list(dict.fromkeys(names[known].name for known in near))[:3]
    return f"Nearest: {', '.join(found)}." if found else "Nothing is spelled like it; examples: T4, A100, H100."
