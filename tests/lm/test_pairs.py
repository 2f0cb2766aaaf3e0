"""Pairs of sequences: filled up, shifted by one, trained on, and padding has no part in the loss."""

import keras
import numpy as np
import pytest

from greenlm_edu.errors import EmptyCorpus, InputError, ShapeError, VocabularyError
from greenlm_edu.lm import EncoderDecoder, generate, padded, teacher_forced, train_pairs
from tests.lm.backend import numpy

ROWS = [[5, 6, 7], [8]]


def model_of(**options) -> EncoderDecoder:
    keras.utils.set_random_seed(1)
    return EncoderDecoder(10, 10, context=8, width=16, num_layers=1, num_heads=2, **options)


def reversals(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    rows = [random.integers(3, 10, random.integers(2, 5)) for _ in range(count)]
    return padded(rows), *teacher_forced([row[::-1] for row in rows])


def test_rows_are_filled_up_at_their_ends():
    assert padded(ROWS, length=4, padding_id=9).tolist() == [[5, 6, 7, 9], [8, 9, 9, 9]]


def test_a_decoder_reads_the_start_and_must_say_the_end():
    read, say = teacher_forced(ROWS, start_id=1, end_id=2, length=5)
    assert read.tolist() == [[1, 5, 6, 7, 0], [1, 8, 0, 0, 0]]
    assert say.tolist() == [[5, 6, 7, 2, 0], [8, 2, 0, 0, 0]]
    shifted = read[:, 1:]
    assert (say[:, :-1][shifted > 0] == shifted[shifted > 0]).all()


def test_an_empty_target_is_its_end():
    read, say = teacher_forced([[], [4]])
    assert read.tolist() == [[1, 0], [1, 4]]
    assert say.tolist() == [[2, 0], [4, 2]]


@pytest.mark.parametrize(
    ("call", "error", "told"),
    [
        (lambda: padded([]), EmptyCorpus, "at least one row"),
        (lambda: padded(ROWS, length=2), ShapeError, "got 3, length=2"),
        (lambda: teacher_forced(ROWS, start_id=2), InputError, "three ids"),
        (lambda: teacher_forced([[5, 2]]), InputError, "got one with 2"),
        (lambda: teacher_forced([]), EmptyCorpus, "at least one row"),
    ],
)
def test_what_cannot_be_paired_is_refused(call, error, told):
    with pytest.raises(error, match=told):
        call()


@pytest.mark.process
def test_it_learns_to_turn_rows_round_and_repeats_itself_by_its_seed():
    model, again = model_of(initial_std=0.2), model_of(initial_std=0.2)
    sources, read, say = reversals(600)
    loss = train_pairs(model, sources, read, say, 300, batch=32, learning_rate=2e-2)
    assert len(loss) == 5
    assert loss[-1] < 0.25 * loss[0]
    written = generate(model, np.full((50, 1), 1), 5, temperature=0, stop=[2], source=sources[:50])[:, 1:]
    right = [row[: list(want).index(2)].tolist() == want[: list(want).index(2)].tolist()
             for row, want in zip(written, say[:50], strict=True)]  # fmt: skip
    assert np.mean(right) > 0.8
    assert train_pairs(again, sources, read, say, 300, batch=32, learning_rate=2e-2) == pytest.approx(loss, abs=1e-4)


@pytest.mark.process
def test_the_first_loss_is_that_of_the_places_that_are_not_padding():
    model = model_of()
    sources, read, say = reversals(32)
    logits = numpy(model((sources, read))).astype(float)
    log_probs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, say[..., None], axis=-1)[..., 0]
    (loss,) = train_pairs(model, sources, read, say, 1, batch=32, epochs=1)
    assert loss == pytest.approx(-chosen[read > 0].mean(), abs=1e-4)


@pytest.mark.process
def test_all_pairs_are_gone_through_before_one_comes_again():
    from greenlm_edu.lm.train_pairs import _batches

    sources = np.arange(3, 13)[:, None]
    seen = [int(x) for (source, _), _ in _batches(sources, sources, sources, 4, 5, seed=2) for x in source[:, 0]]
    assert sorted(seen[:10]) == sorted(seen[10:]) == list(range(3, 13))
    assert seen[:10] != seen[10:]


@pytest.mark.parametrize(
    ("change", "error", "told"),
    [
        ({"steps": 0}, InputError, "steps=0"),
        ({"batch": 0}, InputError, "batch=0"),
        ({"epochs": 0}, InputError, "epochs=0"),
        ({"sources": np.ones((3, 4), int)}, ShapeError, "as many sources as targets"),
        ({"say": np.ones((2, 9), int)}, ShapeError, "of one shape"),
        ({"sources": np.full((2, 4), 10)}, VocabularyError, "sources"),
        ({"say": np.full((2, 4), 11)}, VocabularyError, "targets"),
    ],
)
def test_what_cannot_be_trained_is_refused(change, error, told):
    read, say = teacher_forced(ROWS)
    given = {"sources": padded(ROWS), "read": read, "say": say, "steps": 1} | change
    with pytest.raises(error, match=told):
        train_pairs(model_of(), **given)


@pytest.mark.process
def test_a_loss_that_is_no_number_ends_the_run_and_is_told():
    model = model_of()
    model.decoder.token_embedding.table.assign(model.decoder.token_embedding.table * float("nan"))
    read, say = teacher_forced(ROWS)
    with pytest.raises(InputError, match="became nan"):
        train_pairs(model, padded(ROWS), read, say, 2, batch=2)
