"""The options behind %%meter, and what is said of wrong ones."""

import pytest

from greenlm_edu.errors import InputError, UnknownRegion
from greenlm_edu.notebook.options import MeterOptions, parse


def test_options_are_read_and_the_rest_comes_from_the_defaults():
    assert parse('--region FRA --name "first run"', MeterOptions(pue=1.1)) == MeterOptions("first run", "FRA", 1.1)
    assert parse("") == MeterOptions()


def test_a_replay_names_a_trace_and_off_ends_it():
    chosen = parse("--replay gpu-synthetic-bursts")
    assert chosen.replay == "gpu-synthetic-bursts"
    assert parse("", chosen).replay == "gpu-synthetic-bursts"
    assert parse("--replay off", chosen).replay == ""


def test_a_trace_that_cannot_be_used_is_refused_before_anything_runs(tmp_path):
    (tmp_path / "late.trace.json").write_text('{"format": "greenlm-trace", "version": 9}')
    with pytest.raises(InputError, match=r"trace late\.trace\.json: version must be 1 or less"):
        parse(f"--replay {tmp_path / 'late.trace.json'}")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--regoin FRA", "there is no option “--regoin”. Did you mean --region? Its options are --region COUNTRY"),
        ("FRA", "there is no option “FRA”. Its options are"),
        ("--region", "argument --region: expected one argument. Its options are"),
        (
            "--replay h100",
            "there is no trace “h100”. There are: cpu-epyc-modelled, gpu-h100-training, gpu-synthetic-bursts; or",
        ),
        ("--repaly x", "Did you mean --replay? Its options are"),
        ("--pue big", "argument --pue: invalid float value: 'big'"),
        ("--pue 0.3", "must be 1 or more; got 0.3"),
        ("--repeat 0", "--repeat must lie in 1 … 10000; got 0"),
        ("--repeat often", "argument --repeat: invalid int value: 'often'"),
        ('--name "open', "quotation marks must come in pairs"),
    ],
)
def test_a_wrong_option_names_what_there_is(line, words):
    with pytest.raises(InputError) as caught:
        parse(line)
    assert words in str(caught.value)


def test_an_unknown_region_is_refused_before_anything_runs():
    with pytest.raises(UnknownRegion, match=r"Nearest: Sweden \(SWE\)"):
        parse("--region Sweeden")
