"""The mask lab finds what can be seen from where, by changing it."""

import numpy as np
import pytest
from keras import ops

from greenlm_edu.errors import InputError, ShapeError
from greenlm_edu.lm import CrossAttention, EncoderDecoder, MultiHeadAttention, Transformer, reach

VECTORS = np.random.default_rng(0).normal(size=(5, 8)).astype("float32")


def test_a_causal_layer_gives_the_upper_triangle_and_one_without_mask_everything():
    for causal, right in ((True, np.triu(np.ones((5, 5)))), (False, np.ones((5, 5)))):
        layer = MultiHeadAttention(num_heads=2, causal=causal)
        assert (reach(layer, VECTORS) == right).all()


def test_a_transformer_is_causal_in_its_ids():
    model = Transformer(vocab_size=11, context=6, width=16, num_layers=2, num_heads=2)
    assert (reach(model, np.array([3, 1, 4, 1, 5, 9]), vocab_size=11) == np.triu(np.ones((6, 6)))).all()


def test_what_stands_in_padding_moves_nothing():
    mask = np.array([True, True, True, False, False])
    moved = reach(lambda x: MultiHeadAttention(2, causal=False)(x, mask=np.tile(mask, (len(x), 1))), VECTORS)
    # A padded place still sees the real ones and passes its own query on; nobody else sees it.
    assert not moved[3:, :3].any()
    assert moved[:3].all()


def test_an_encoder_decoder_sees_the_whole_source_and_its_target_so_far():
    model = EncoderDecoder(9, 9, context=5, width=16, num_layers=1, num_heads=2)
    source, target = np.array([3, 4, 5, 6]), np.array([1, 7, 8])
    both = lambda source, target: model((source, target))  # noqa: E731
    assert reach(both, source, target, change=0, vocab_size=9, never=[0]).all()
    assert (reach(both, source, target, change=1, vocab_size=9, never=[0]) == np.triu(np.ones((3, 3)))).all()


def test_a_cross_attention_with_the_decoders_mask_is_found():
    layer = CrossAttention(num_heads=2)
    memory = VECTORS[:4]
    assert reach(layer, VECTORS, memory, change=1).all()

    def faulty(x, memory):
        scores = ops.matmul(x, ops.transpose(memory, (0, 2, 1))) / 10  # so that no weight is tiny
        weights = ops.softmax(ops.where(np.tril(np.ones((5, 4), bool)), scores, -1e9))
        return ops.matmul(weights, memory)

    assert (reach(faulty, VECTORS, memory, change=1) == np.triu(np.ones((4, 5)))).all()


def test_a_changed_id_is_never_the_same_nor_one_that_is_ruled_out():
    seen = []
    reach(lambda ids: seen.append(ids) or ops.cast(ids, "float32")[..., None], [2, 2, 2], vocab_size=4, never=[0, 3])
    assert np.diagonal(seen[0][1:]).tolist() == [1, 1, 1]
    assert seen[0][0].tolist() == [2, 2, 2]


@pytest.mark.parametrize(
    ("inputs", "options", "error", "told"),
    [
        (([1, 2],), {}, InputError, "vocab_size must be known"),
        (([1, 1],), {"vocab_size": 2, "never": [0]}, InputError, "there must be another id to change 1 to"),
        (([1, 2],), {"vocab_size": 3, "change": 1}, InputError, "change must be one of the 1 inputs"),
        ((np.ones((1, 2, 3)),), {}, ShapeError, "got shape (1, 2, 3) of float64"),
        (([0.5, 1.5],), {}, ShapeError, "got shape (2,) of float64"),
        (([],), {"vocab_size": 3}, ShapeError, "got shape (0,)"),
    ],
)
def test_what_cannot_be_tested_is_refused(inputs, options, error, told):
    with pytest.raises(error) as caught:
        reach(lambda x: x, *inputs, **options)
    assert told in str(caught.value)


def test_an_output_without_places_is_refused():
    with pytest.raises(ShapeError, match="one output a place"):
        reach(lambda x: np.asarray(x).sum(axis=(1, 2)), VECTORS)
