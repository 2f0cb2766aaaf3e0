"""How long a lesson trains where tests ask for less."""

import pytest

from greenlm_edu.errors import InputError
from greenlm_edu.lm import planned_steps


@pytest.mark.parametrize(("limit", "steps"), [(None, 600), ("", 600), ("20", 20), ("9999", 600), (" 5 ", 5)])
def test_the_smaller_of_plan_and_limit(monkeypatch: pytest.MonkeyPatch, limit: str | None, steps: int) -> None:
    if limit is None:
        monkeypatch.delenv("GREENLM_STEPS", raising=False)
    else:
        monkeypatch.setenv("GREENLM_STEPS", limit)
    assert planned_steps(600) == steps


@pytest.mark.parametrize("limit", ["few", "0", "-3", "2.5", "²"])
def test_nonsense_is_named(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setenv("GREENLM_STEPS", limit)
    with pytest.raises(InputError, match=rf"must be a whole number, 1 or more; got GREENLM_STEPS='{limit}'. Unset it"):
        planned_steps(600)


def test_a_plan_of_no_steps_is_refused() -> None:
    with pytest.raises(InputError, match="got full=0"):
        planned_steps(0)
