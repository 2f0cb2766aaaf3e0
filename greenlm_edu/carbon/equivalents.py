"""Everyday things that take as much electricity as a cell did: from physics and definitions, not from surveys."""

from __future__ import annotations

from typing import Final

__all__ = ["everyday"]

# Water, 4.186 kJ a kilogram and kelvin, from 20 to 100 °C, without the kettle's loss.
JOULES_PER_LITRE_BOILED: Final = 4_186 * 80
LED_LAMP_W: Final = 10


def everyday(energy_j: float) -> str:
    """What else this much electricity does, in words; by definition (a 10 W lamp) or by physics (heating water).

    >>> everyday(9_800)
    'like heating 29 ml of water to the boil'
    >>> everyday(50)
    'like a 10 W lamp for 5.0 s'
    """
    if energy_j < JOULES_PER_LITRE_BOILED / 1000:
        return f"like a {LED_LAMP_W} W lamp for {_short(energy_j / LED_LAMP_W)} s"
    litres = energy_j / JOULES_PER_LITRE_BOILED
    amount = f"{_short(litres * 1000)} ml" if litres < 0.9995 else f"{_short(litres)} litres"
    return f"like heating {amount} of water to the boil"


def _short(value: float) -> str:
    """Two significant digits, whole from ten on."""
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.2g}" if value < 0.995 else f"{value:.1f}"
