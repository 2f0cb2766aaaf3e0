"""The package's public names: listed, found when first asked for, documented, and forgiving of a misspelling."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys

import pytest

import greenlm_edu

PROMISED = {"measure", "Measurement", "EnergyCallback"}  # what README and the lessons build on


def test_the_promised_names_are_public():
    assert set(greenlm_edu.__all__) >= PROMISED


def test_each_name_is_listed_once():
    assert len(greenlm_edu.__all__) == len(set(greenlm_edu.__all__))


@pytest.mark.parametrize("name", greenlm_edu.__all__)
def test_each_public_name_is_found_and_documented(name: str):
    value = getattr(greenlm_edu, name)
    assert getattr(greenlm_edu, name) is value, "a name gives the same object each time"
    if inspect.isclass(value) or inspect.isroutine(value) or inspect.ismodule(value):
        assert inspect.getdoc(value), f"greenlm_edu.{name} needs a docstring"


def test_dir_lists_every_public_name_before_any_is_loaded():
    code = "import greenlm_edu, json; print(json.dumps(dir(greenlm_edu)))"
    listed = subprocess.run([sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True).stdout
    assert set(json.loads(listed)) >= set(greenlm_edu.__all__)


def test_a_public_name_loads_only_its_own_room():
    code = (
        "import sys, greenlm_edu\n"
        "before = {name for name in sys.modules if name.startswith('greenlm_edu.')}\n"
        "greenlm_edu.measure\n"
        "print(sorted(before), 'greenlm_edu.metering' in sys.modules, 'keras' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True).stdout
    assert told.strip() == "[] True False"


@pytest.mark.parametrize(
    ("wrong", "nearest"), [("mesure", "measure"), ("measurement", "Measurement"), ("EnergyCalback", "EnergyCallback")]
)
def test_an_unknown_name_is_answered_with_the_nearest(wrong: str, nearest: str):
    with pytest.raises(AttributeError, match=wrong) as caught:
        getattr(greenlm_edu, wrong)
    assert nearest in str(caught.value)


def test_a_name_like_none_of_ours_is_an_attribute_error_too():
    assert not hasattr(greenlm_edu, "zzzzzz")
