"""Answers are spans of their passages, and are those of the place that was asked about."""

import re

import pytest

from greenlm_edu import corpora
from greenlm_edu.corpora import questions
from greenlm_edu.errors import InputError

QUESTIONS = corpora.load("questions")
ALL = [*QUESTIONS.train, *QUESTIONS.validation, *QUESTIONS.test]
PLACE = r"[Tt]he ([A-Z]\w+ [a-z]+)"
# How a reader knows what sort of thing is asked for.
SORTS = {
    r"When did|Since which year": r"(?:opened|built) in (\d{4})|since (\d{4})",
    r"Who founded|Whose idea": r"(?:founded by|goes back to|idea of) ([A-Z]\w+ [A-Z]\w+)",
    r"Where is|which town": r"(?:stands in|found in|town of) ([A-Z]\w+)",
    r"How many people|How large": r"(?:employs|staff of|gives work to) (\d+)",
    r"What powers|power for": r"(?:runs on|power from|driven by) (.+)$",
    r"How much energy|yearly use": r"(?:uses|needs|takes) (\d+ [kM]Wh)",
}


def _answer(passage: str, question: str) -> str:
    asked = re.search(PLACE, question).group(1)
    told_by = next(pattern for words, pattern in SORTS.items() if re.search(words, question))
    place = ""
    for sentence in re.split(r"\.(?: |$)", passage):
        found = re.search(PLACE, sentence)
        place = found.group(1) if found else place  # “it” is the place named last
        told = re.search(told_by, sentence)
        if place == asked and told:
            return next(group for group in told.groups() if group)
    return ""


def test_answers_are_spans_and_what_a_reader_would_say() -> None:
    for question in ALL:
        if question.start is None:
            assert question.answer == ""
        else:
            assert question.passage[question.start : question.start + len(question.answer)] == question.answer
        assert question.answer == _answer(question.passage, question.question)


def test_some_questions_have_no_answer_and_the_other_place_has_it() -> None:
    unanswerable = [question for question in ALL if question.start is None]
    assert 0.1 < len(unanswerable) / len(ALL) < 0.2
    for question in unanswerable:
        asked = re.search(PLACE, question.question).group(1)
        other = next(place for place in re.findall(PLACE, question.passage) if place != asked)
        assert _answer(question.passage, question.question.replace(asked, other))


@pytest.mark.parametrize("sizes", [(60, 60), (61, 60), (3_000, 3_000)])
def test_three_questions_a_passage_and_all_in_one_split(sizes: tuple[int, int]) -> None:
    from greenlm_edu.corpora.questions import read

    asked, expected = sizes
    collection = read(examples=asked)
    assert sum(collection.sizes.values()) == expected
    for split in (collection.train, collection.validation, collection.test):
        passages = [question.passage for question in split]
        assert len(passages) == 3 * len(set(passages))


def test_with_one_place_answers_are_still_what_a_reader_would_say_and_some_are_not_told() -> None:
    easy = questions.read(examples=600, places=1)
    everything = [*easy.train, *easy.validation, *easy.test]
    assert all(len(set(re.findall(PLACE, question.passage))) == 1 for question in everything)
    assert [question.answer for question in everything] == [_answer(q.passage, q.question) for q in everything]
    assert 0.08 < sum(question.start is None for question in everything) / len(everything) < 0.2


def test_another_number_of_places_is_refused() -> None:
    with pytest.raises(InputError, match="1 or 2 places; got places=3"):
        questions.read(places=3)
