"""Windows: what comes next is what comes next, and evaluation counts each prediction once."""

import itertools
from collections import Counter

import numpy as np
import pytest

from greenlm_edu.errors import EmptyCorpus, InputError
from greenlm_edu.lm import every_window, random_windows


def test_random_windows_hold_what_follows() -> None:
    ids = np.arange(50) * 3
    starts = Counter()
    for x, y in itertools.islice(random_windows(ids, context=6, batch=4, seed=1), 200):
        assert x.dtype == y.dtype == "int32"
        assert x.shape == y.shape == (4, 6)
        np.testing.assert_array_equal(y, x + 3)
        np.testing.assert_array_equal(x[:, 1:], y[:, :-1])
        starts.update((x.numpy()[:, 0] // 3).tolist())
    assert set(starts) == set(range(50 - 6))  # every place has its turn, the first and the last too
    assert max(starts.values()) < 3 * min(starts.values()) + 10


def test_shapes_are_known_beforehand() -> None:
    assert [tuple(part.shape) for part in random_windows(np.arange(9), 4, 3).element_spec] == [(3, 4), (3, 4)]
    assert [tuple(part.shape) for part in every_window(np.arange(9), 4, 3).element_spec] == [(3, 4)] * 3


def test_same_seed_same_windows_and_another_seed_others() -> None:
    def first(seed: int) -> list[np.ndarray]:
        return [x.numpy() for x, _ in itertools.islice(random_windows(np.arange(999), 5, 4, seed), 3)]

    assert np.array_equal(first(0), first(0))
    assert not np.array_equal(first(0), first(1))
    assert len({batch.tobytes() for batch in first(0)}) == 3


def test_fit_does_not_wait_for_the_tuner_of_tf_data() -> None:
    for windows in (random_windows, every_window):
        assert windows(np.arange(9), 4, 3).options().autotune.enabled is False


def test_shortest_text_gives_its_only_window() -> None:
    x, y = next(iter(random_windows(np.arange(6), context=5, batch=2)))
    assert x.numpy().tolist() == [[0, 1, 2, 3, 4]] * 2
    assert y.numpy().tolist() == [[1, 2, 3, 4, 5]] * 2


@pytest.mark.parametrize("tokens", [5, 6, 9, 13, 64, 100])
@pytest.mark.parametrize("batch", [1, 3, 50])
def test_every_window_counts_each_prediction_once(tokens: int, batch: int) -> None:
    ids = np.random.default_rng(0).permutation(tokens)
    seen = []
    for x, y, weight in every_window(ids, context=4, batch=batch).as_numpy_iterator():
        assert x.shape == y.shape == weight.shape == (batch, 4)
        np.testing.assert_array_equal(x[:, 1:][weight[:, 1:] == 1], y[:, :-1][weight[:, 1:] == 1])
        seen += list(zip(x[weight == 1].tolist(), y[weight == 1].tolist(), strict=True))
        assert set(np.unique(weight)) <= {0.0, 1.0}
    assert seen == list(zip(ids[:-1].tolist(), ids[1:].tolist(), strict=True))


@pytest.mark.parametrize("windows", [random_windows, every_window])
class TestBadInput:
    def test_text_too_short_for_a_window(self, windows) -> None:
        with pytest.raises(EmptyCorpus, match=r"at least context \+ 1 tokens; got 5 tokens, context=5"):
            windows(np.arange(5), 5, 2)

    def test_empty_text(self, windows) -> None:
        with pytest.raises(EmptyCorpus, match="got 0 tokens"):
            windows(np.array([], np.int32), 5, 2)

    def test_sizes_below_one(self, windows) -> None:
        with pytest.raises(InputError, match="got context=0, batch=2"):
            windows(np.arange(5), 0, 2)
        with pytest.raises(InputError, match="got context=2, batch=0"):
            windows(np.arange(5), 2, 0)

    def test_ids_in_rows(self, windows) -> None:
        with pytest.raises(InputError, match=r"one long row, \(time,\); got shape \(5, 2\)"):
            windows(np.zeros((5, 2), int), 2, 2)


def test_windows_begin_at_the_given_starts_only() -> None:
    starts = np.array([0, 10, 25, 96])  # from 96 on no whole window fits
    seen = set()
    for x, y in random_windows(np.arange(100), context=4, batch=8, starts=starts).take(10):
        np.testing.assert_array_equal(y, x + 1)
        seen |= set(x.numpy()[:, 0].tolist())
    assert seen == {0, 10, 25}


def test_starts_without_room_are_refused() -> None:
    with pytest.raises(EmptyCorpus, match=r"a whole window must fit after at least one start; got 1 starts"):
        random_windows(np.arange(20), context=4, batch=2, starts=np.array([17]))
