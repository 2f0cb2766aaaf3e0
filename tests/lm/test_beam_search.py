"""Beam search: as greedy as generate where it is narrow, as good as trying everything where it is wide."""

import itertools

import keras
import numpy as np
import pytest

from greenlm_edu.errors import CheckpointError, InputError, VocabularyError
from greenlm_edu.lm import EncoderDecoder, Transformer, beam_search, generate
from tests.lm.backend import numpy

VOCAB, START, END = 5, 1, 2
SOURCE = [3, 4, 3]


@pytest.fixture(scope="module")
def model() -> EncoderDecoder:
    keras.utils.set_random_seed(5)
    return EncoderDecoder(VOCAB, VOCAB, context=8, width=16, num_layers=1, num_heads=2, initial_std=0.6)


def log_probs(model: EncoderDecoder, target: list[int]) -> np.ndarray:
    """The logarithm of each next token's probability after each token, (time, vocab)."""
    read = np.asarray([[START, *target]])
    logits = numpy(model((np.asarray([SOURCE]), read))).astype(float)[0]
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def all_targets(model: EncoderDecoder, length: int) -> dict[tuple[tuple[int, ...], bool], float]:
    """(tokens, ended) -> log probability, of all that can be said in so many tokens; padding cannot."""
    found = {}
    tokens = [token for token in range(VOCAB) if token not in (END, 0)]
    for size in range(length + 1):
        for target in itertools.product(tokens, repeat=size):
            each = log_probs(model, list(target))
            total = sum(each[place, token] for place, token in enumerate(target))
            if size < length:
                found[target, True] = total + each[size, END]
            else:
                found[target, False] = total
    return found


def test_a_width_of_one_writes_what_greedy_generation_writes(model):
    (beam,) = beam_search(model, SOURCE, 6, width=1)
    written = generate(model, [START], 6, temperature=0, stop=[END], source=SOURCE)[1:].tolist()
    assert beam.ids.tolist() == (written[: written.index(END)] if END in written else written)


@pytest.mark.parametrize("power", [0.0, 0.6, 1.5])
def test_a_beam_as_wide_as_all_there_is_finds_the_best(model, power):
    found = {
        (tuple(beam.ids.tolist()), beam.ended): beam
        for beam in beam_search(model, SOURCE, 3, width=VOCAB**3, length_penalty=power)
    }
    wanted = all_targets(model, 3)
    for said, log_prob in wanted.items():
        assert found[said].log_prob == pytest.approx(log_prob, abs=1e-4)
    best = max(
        (one for one in found if 0 not in one[0]),
        key=lambda one: wanted[one] / ((5 + len(one[0]) + one[1]) / 6) ** power,
    )
    assert max((one for one in found if 0 not in one[0]), key=lambda one: found[one].score) == best


def test_the_best_comes_first_and_none_comes_twice(model):
    beams = beam_search(model, SOURCE, 5, width=4)
    assert [beam.score for beam in beams] == sorted((beam.score for beam in beams), reverse=True)
    assert len({(tuple(beam.ids), beam.ended) for beam in beams}) == len(beams) == 4


def test_a_wider_beam_is_never_shorter_of_probability_than_greedy_here(model):
    greedy, wide = (beam_search(model, SOURCE, 6, width=width)[0].log_prob for width in (1, 16))
    assert wide >= greedy


def test_a_beam_that_has_not_ended_says_so(model):
    model_without_end = beam_search(model, SOURCE, 2, width=4)
    for beam in model_without_end:
        assert beam.ended == (len(beam.ids) < 2)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"width": 0}, "width=0"),
        ({"length": 0}, "length=0"),
        ({"length": 9}, "context=8"),
        ({"length_penalty": -1}, "length_penalty=-1"),
    ],
)
def test_numbers_that_cannot_be_are_refused(model, change, told):
    with pytest.raises(InputError, match=told):
        beam_search(model, SOURCE, **({"length": 4} | change))


def test_a_model_that_reads_no_source_and_an_unknown_token_are_refused(model):
    alone = Transformer(VOCAB, context=8, width=16, num_layers=1, num_heads=2)
    with pytest.raises(InputError, match="Give an EncoderDecoder"):
        beam_search(alone, SOURCE, 4)
    with pytest.raises(VocabularyError):
        beam_search(model, [3, 9], 4)


def test_scores_that_are_no_numbers_are_told():
    keras.utils.set_random_seed(5)
    broken = EncoderDecoder(VOCAB, VOCAB, context=8, width=16, num_layers=1, num_heads=2)
    broken.decoder.token_embedding.table.assign(broken.decoder.token_embedding.table * float("nan"))
    with pytest.raises(CheckpointError):
        beam_search(broken, SOURCE, 4)
