"""How near a text is to its reference, by hand."""

import pytest

from greenlm_edu.errors import EmptyCorpus, InputError, ShapeError
from greenlm_edu.lm import exact_match, rouge, token_f1

ONE, OTHER = "the cat sat on the mat", "on the mat the cat lay"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("1", 2 * 5 / 12),  # the the cat on mat
        ("2", 2 * 3 / 10),  # the cat, on the, the mat
        ("L", 2 * 3 / 12),  # on the mat, in order
    ],
)
def test_rouge_by_hand(kind: str, expected: float):
    assert rouge([ONE], [OTHER], kind) == pytest.approx(expected)


def test_rouge_is_the_mean_over_texts_and_nothing_shares_nothing():
    assert rouge([ONE, ""], [ONE, ONE]) == 0.5
    assert rouge([""], [""]) == 0.0
    assert rouge(["cat"], ["cat"], "2") == 0.0  # one word has no pair


def test_exact_match_wants_every_sign():
    assert exact_match(["二十", "二十一", " 三"], ["二十", "二十", "三"]) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("found", "wanted", "expected"),
    [
        ("The Ada Abel!", "Ada Abel", 1.0),
        ("Ada", "Ada Abel", 2 / 3),
        ("Ada Ada Ada", "Ada Abel", 2 / 5),
        ("", "", 1.0),
        ("", "Ada", 0.0),
        ("Ada", "", 0.0),
        ("the", "", 1.0),  # nothing is left of it
    ],
)
def test_f1_of_words(found: str, wanted: str, expected: float):
    assert token_f1([found], [wanted]) == pytest.approx(expected)


@pytest.mark.parametrize("metric", [exact_match, token_f1, rouge])
def test_texts_without_references_are_refused(metric):
    with pytest.raises(ShapeError, match="a reference for each text"):
        metric(["one"], [])
    with pytest.raises(EmptyCorpus, match="at least one text"):
        metric([], [])


def test_another_rouge_is_refused():
    with pytest.raises(InputError, match='"1", "2" or "L"; got \'3\''):
        rouge(["one"], ["one"], "3")
