"""Exact unit constants and the few conversions made at the edges of the house.

Inside, energy is in joules, power in watts, time in seconds, emissions in grams of CO2e, and grid intensity in grams of
CO2e a kilowatt-hour. The names carry the unit: `energy_j`, `power_w`, `duration_s`, `intensity_g_per_kwh`.
"""

from typing import Final

JOULES_PER_WH: Final = 3_600.0
JOULES_PER_KWH: Final = 3_600_000.0
JOULES_PER_MILLIJOULE: Final = 1e-3
JOULES_PER_MICROJOULE: Final = 1e-6
WATTS_PER_MILLIWATT: Final = 1e-3
BYTES_PER_GB: Final = 1e9
BYTES_PER_MIB: Final = 2.0**20


def emissions_g(energy_j: float, intensity_g_per_kwh: float) -> float:
    """Grams of CO2e emitted to generate this much electricity.

    >>> emissions_g(3_600_000, 44.18)
    44.18
    """
    return energy_j / JOULES_PER_KWH * intensity_g_per_kwh


_PREFIXES: Final = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"))


def scaled(value: float, unit: str) -> tuple[float, str]:
    """The factor and the prefixed unit in which this value reads best.

    >>> scaled(15_400, "J")
    (1000.0, 'kJ')
    >>> scaled(0.00019, "g")
    (1e-06, 'µg')
    """
    size = abs(value)
    for factor, prefix in _PREFIXES:
        # 0.9995 of a step would be printed as 1000 of the smaller unit.
        if size >= factor * 0.9995:
            return factor, prefix + unit
    return (1.0, unit) if size == 0 else (_PREFIXES[-1][0], _PREFIXES[-1][1] + unit)
