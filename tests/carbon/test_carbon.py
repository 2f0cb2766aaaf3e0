"""Grid intensities, footprints and equivalents, against figures from their sources and arithmetic by hand."""

import pytest

from greenlm_edu import carbon
from greenlm_edu.errors import InputError, UnknownRegion
from greenlm_edu.interval import Interval


@pytest.mark.parametrize(
    ("name", "code", "value", "year"),
    [
        ("FRA", "FRA", 44.18, 2024),
        ("fr", "FRA", 44.18, 2024),
        (" France ", "FRA", 44.18, 2024),
        ("uk", "GBR", 215.79, 2024),
        ("Côte d'Ivoire", "CIV", None, None),
        ("turkey", "TUR", 469.7, 2024),
        ("World", "WLD", 472.94, 2024),
        ("ISL", "ISL", 28.33, 2023),
    ],
)
def test_a_region_goes_by_code_or_name(name, code, value, year):
    found = carbon.intensity(name)
    assert found.region == code
    assert not found.assumed
    if value is not None:
        assert (found.value_g_per_kwh, found.year, found.source) == (value, year, "Ember")


def test_every_row_has_a_value_year_and_source():
    rows = carbon.regions()
    assert len(rows) > 200
    assert len({row.region for row in rows}) == len(rows)
    assert all(0 < row.value_g_per_kwh < 1500 and 2020 <= row.year <= 2025 and "Ember" in row.source for row in rows)


def test_no_code_or_name_is_lost_to_another_country():
    for row in carbon.regions():
        assert carbon.intensity(row.region).region == row.region
        assert carbon.intensity(row.name).region == row.region


def test_an_unknown_region_names_the_nearest_spellings():
    with pytest.raises(UnknownRegion) as caught:
        carbon.intensity("Frnace")
    assert str(caught.value) == (
        "region: a country's ISO code or English name is needed; got “Frnace”. Nearest: France (FRA). "
        "greenlm_edu.carbon.regions() lists all."
    )


def test_nothing_alike_gives_examples():
    with pytest.raises(UnknownRegion, match="Nothing is spelled like it"):
        carbon.intensity("zzzz")


def test_no_region_is_the_world_visibly_and_widely():
    assumed = carbon.intensity(None)
    assert assumed.assumed
    assert assumed.text() == "no region set: world average 473 g/kWh · 2024 · Ember"
    assert assumed.g_per_kwh.low < 150
    assert assumed.g_per_kwh.high > 600
    assert not carbon.intensity("World").assumed


def test_a_kilowatt_hour_emits_its_intensity():
    result = carbon.footprint(Interval.exactly(3.6e6), carbon.intensity("FRA"))
    assert result.emissions_g.best == pytest.approx(44.18)
    assert result.emissions_g.low == pytest.approx(44.18 / 1.2)
    assert result.emissions_g.high == pytest.approx(44.18 * 1.2)


def test_pue_multiplies():
    result = carbon.footprint(Interval.exactly(3.6e6), carbon.intensity("FRA"), pue=1.5)
    assert result.emissions_g.best == pytest.approx(1.5 * 44.18)


@pytest.mark.parametrize("pue", [0.9, 0, -1, float("nan"), float("inf")])
def test_a_pue_below_one_is_refused(pue):
    with pytest.raises(InputError, match=f"pue: .* must be 1 or more; got {pue}"):
        carbon.footprint(Interval.exactly(1.0), carbon.intensity("FRA"), pue=pue)


@pytest.mark.parametrize(
    ("energy_j", "words"),
    [
        (50, "like a 10 W lamp for 5.0 s"),
        (4186 * 80 * 0.029, "like heating 29 ml of water to the boil"),
        (4186 * 80 * 2.5, "like heating 2.5 litres of water to the boil"),
    ],
)
def test_equivalents_by_physics(energy_j, words):
    assert carbon.everyday(energy_j) == words
