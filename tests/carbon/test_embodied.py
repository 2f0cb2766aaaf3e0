"""Embodied shares, the SCI score and water, against the standard's own example, papers and arithmetic by hand."""

import pytest

from greenlm_edu import carbon
from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval


def test_the_example_of_the_sci_specification():
    """1,000 kg, 4 years, 1 hour: “around 28 g” in the text of the specification."""
    one_hour = carbon.embodied(device_hours=1, device_kg=Interval.exactly(1000), lifetime_years=Interval.exactly(4))
    assert one_hour.emissions_g.best == pytest.approx(28.539, abs=0.001)


def test_olmo_as_its_paper_shares_out_the_hardware():
    """463 kg a GPU over 4 years are 0.0132 kg an hour; 1.65 million hours are 22 t (Morrison et al. 2025)."""
    exact = {"device_kg": Interval.exactly(463), "lifetime_years": Interval.exactly(4)}
    assert carbon.embodied(device_hours=1, **exact).emissions_g.best == pytest.approx(13.2, abs=0.05)
    assert carbon.embodied(device_hours=1.65e6, **exact).emissions_g.best / 1e6 == pytest.approx(21.8, abs=0.05)


def test_bloom_as_its_paper_shares_out_the_hardware():
    """A server of 2,500 kg with 8 GPUs of 150 kg, 6 years, 85 % in use: 11.2 t for 1,082,990 GPU-hours."""
    exact = {"lifetime_years": Interval.exactly(6), "in_use": 0.85}
    gpus = carbon.embodied(device_hours=1_082_990, device_kg=Interval.exactly(150), **exact)
    servers = carbon.embodied(device_hours=1_082_990 / 8, device_kg=Interval.exactly(2500), **exact)
    assert (gpus.emissions_g.best + servers.emissions_g.best) / 1e6 == pytest.approx(11.2, abs=0.05)


def test_the_range_takes_the_lightest_card_that_lasts_longest_and_the_reverse():
    share = carbon.embodied(device_hours=8760)
    assert share.emissions_g.low == pytest.approx(164_000 / 6)
    assert share.emissions_g.best == pytest.approx(463_000 / 4)
    assert share.emissions_g.high == pytest.approx(876_000 / 3)
    assert "463 kg a device (164 – 876), 4 years (3 – 6), working 100% of them" in share.text()


def test_hours_that_stand_idle_are_carried_by_those_that_work():
    busy, half = carbon.embodied(device_hours=10), carbon.embodied(device_hours=10, in_use=0.5)
    assert half.emissions_g.best == pytest.approx(2 * busy.emissions_g.best)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"device_hours": 0}, "device_hours must be a number above 0"),
        ({"in_use": 85}, "0.85 means 85 %"),
        ({"lifetime_years": Interval(0, 4, 6)}, "lifetime_years.low must be a number above 0"),
    ],
)
def test_a_share_of_nothing_is_refused(change, message):
    with pytest.raises(InputError) as caught:
        carbon.embodied(**{"device_hours": 1, **change})
    assert message in str(caught.value)


def test_the_score_is_operation_and_making_for_each_unit():
    operation = carbon.footprint(Interval.exactly(3.6e6), carbon.intensity("FRA"))  # 1 kWh
    making = carbon.embodied(device_hours=2)
    score = carbon.software_carbon_intensity(
        operation=operation, making=making, functional_unit="training run", units=4, boundary="GPU", method="counter"
    )
    assert score.score_g.best == pytest.approx((44.18 + 2 * 463_000 / 4 / 8760) / 4)
    assert score.text().endswith("CO2e a training run")
    assert (score.boundary, score.method, score.units) == ("GPU", "counter", 4)


@pytest.mark.parametrize("missing", ["functional_unit", "boundary", "method"])
def test_a_score_without_what_the_standard_wants_told_is_refused(missing):
    told = {"functional_unit": "epoch", "boundary": "GPU", "method": "counter", missing: " "}
    operation = carbon.footprint(Interval.exactly(1.0), carbon.intensity("FRA"))
    with pytest.raises(InputError, match=f"{missing} must be told"):
        carbon.software_carbon_intensity(operation=operation, making=carbon.embodied(device_hours=1), units=1, **told)


def test_water_of_the_site_and_of_the_power_plants():
    ten_kwh = Interval.exactly(36e6)
    litres = carbon.water_l(ten_kwh, onsite_l_per_kwh=1.8, offsite_l_per_kwh=3.1, pue=1.2)
    assert litres.best == pytest.approx(10 * (1.8 + 1.2 * 3.1))
    with pytest.raises(InputError, match="offsite_l_per_kwh must be 0 or more; got -1"):
        carbon.water_l(ten_kwh, onsite_l_per_kwh=0, offsite_l_per_kwh=-1)
