"""Right and wrong answers to lesson 00's exercises."""

_GRAMS = "def grams(energy_j, intensity_g_per_kwh, pue=1.0):\n    return "


def _total(body: str) -> str:
    return f"def total_energy(meters):\n{body}"


_LOOP = """    total_j, not_measured = 0.0, []
    for name, read_j in meters.items():
        try:
            total_j += read_j()
        except {caught}:
            {then}
    return {gives}, not_measured"""


def _loop(caught: str = "OSError", then: str = "not_measured.append(name)", gives: str = "total_j") -> str:
    return _total(_LOOP.format(caught=caught, then=then, gives=gives))


RIGHT = {
    "00.grams": [
        f"{_GRAMS}energy_j * pue * intensity_g_per_kwh / (1000 * 3600)",
        "from greenlm_edu.units import JOULES_PER_KWH\n"
        "grams = lambda joules, intensity, pue=1.0: pue * intensity * (joules / JOULES_PER_KWH)",
    ],
    "00.total": [
        _loop(gives="(total_j if len(not_measured) < len(meters) else None)"),
        _total(
            "    read, missing = {}, set()\n"
            "    for name in meters:\n"
            "        try:\n"
            "            read[name] = meters[name]()\n"
            "        except OSError as err:\n"
            "            missing.add(name)\n"
            "    if not read:\n"
            "        return None, list(missing)\n"
            "    return sum(read.values()), list(missing)"
        ),
    ],
}
# (code, the key of the hint that it must get)
WRONG = {
    "00.grams": [
        (f"{_GRAMS}None", "not_done"),
        (f"{_GRAMS}energy_j * pue * intensity_g_per_kwh", "joules_left"),
        (f"{_GRAMS}energy_j / 3600 * pue * intensity_g_per_kwh", "watt_hours"),
        (f"{_GRAMS}energy_j / 1000 * pue * intensity_g_per_kwh", "watt_seconds"),
        (f"{_GRAMS}energy_j / 3.6e6 * intensity_g_per_kwh", "no_pue"),
        (f"{_GRAMS}energy_j / 3.6e6 / pue * intensity_g_per_kwh", "pue_divided"),
        (f"{_GRAMS}(energy_j / 3.6e6 + pue) * intensity_g_per_kwh", "pue_added"),
        (f"{_GRAMS}energy_j / 3.6e6 * pue / intensity_g_per_kwh", "intensity_divided"),
        (f"{_GRAMS}print(energy_j / 3.6e6 * pue * intensity_g_per_kwh)", "printed"),
    ],
    "00.total": [
        (_loop(caught="Exception", then="total_j += 0"), "silent"),
        (_loop(), "unknown_is_zero"),
        (_loop(caught="Exception", gives="(total_j if len(not_measured) < len(meters) else None)"), "hides_mistakes"),
        (_loop(gives="(None if not_measured else total_j)"), "known_thrown_away"),
        (_loop(gives="(total_j or None)"), "known_thrown_away"),
        (_total("    return sum(read_j() for read_j in meters.values()), []"), "exception"),
        (_total("    return sum(read_j() for read_j in meters.values())"), "pair"),
        (
            _total(
                "    total_j, not_measured = 0.0, []\n"
                "    for name, read_j in meters.items():\n"
                "        try:\n"
                "            joules = read_j()\n"
                "        except OSError:\n"
                "            joules = 0\n"
                "        if not joules:\n"
                "            not_measured.append(name)\n"
                "        total_j += joules\n"
                "    return (total_j or None), not_measured"
            ),
            "zero_is_unknown",
        ),
        (
            _total(
                "    answers, names = [], []\n"
                "    for name, read_j in meters.items():\n"
                "        try:\n"
                "            answers.append(read_j())\n"
                "            names.append(name)\n"
                "        except OSError:\n"
                "            pass\n"
                "    return (sum(answers) if answers else None), names"
            ),
            "wrong_names",
        ),
    ],
}
