"""What the models say of input that they cannot take: the texts name the value and the remedy."""

from pathlib import Path

import numpy as np
import pytest

from greenlm_edu.errors import CheckpointError, InputError, ShapeError, VocabularyError
from greenlm_edu.lm import Block, EncoderDecoder, FeedForward, LearnedPositions, Transformer, load_model, rotate


def _small(**options: object) -> Transformer:
    return Transformer(**{"vocab_size": 11, "context": 9, "width": 8, "num_layers": 1, "num_heads": 2, **options})


@pytest.mark.parametrize("wrong", [11, -1])
def test_ids_outside_the_vocabulary(wrong: int) -> None:
    with pytest.raises(VocabularyError, match=rf"ids must lie in 0 … 10; got {wrong}. Encode the text with the token"):
        _small()(np.array([[1, wrong]]))


def test_ids_that_are_no_whole_numbers() -> None:
    with pytest.raises(InputError, match=r"ids must be whole numbers; got 1.5. Encode the text first"):
        _small()(np.array([[1.5, 2.0]]))


def test_sequences_longer_than_the_context_on_either_side() -> None:
    short, long = np.ones((1, 3), "int32"), np.ones((1, 10), "int32")
    model = EncoderDecoder(11, 11, 9, 8, 1, 2)
    with pytest.raises(ShapeError, match=r"EncoderDecoder, source: .* got time=10, context=9. Cut the sequence"):
        model((long, short))
    with pytest.raises(ShapeError, match=r"EncoderDecoder, target: .* got time=10, context=9. Cut the sequence"):
        model((short, long))
    with pytest.raises(ShapeError, match=r"LearnedPositions: .* got time=10, context=9"):
        LearnedPositions(9)(np.ones((1, 10, 4), "float32"))
    with pytest.raises(InputError, match=r"must be a pair \(source ids, target ids\); got dict. Call model\(\(source"):
        model.call({"source": short})


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"positions": "learnt"}, InputError, r"'learned', 'rotary'; got positions='learnt'. Take 'sinusoidal'"),
        ({"norm": "mid"}, InputError, r"norm must be one of 'pre', 'post'; got norm='mid'. Take 'pre'"),
        ({"activation": "swish"}, InputError, r"must be one of 'gelu', .*; got activation='swish'. Take 'gelu'"),
        ({"hidden_width": -3}, InputError, r"hidden_width must be a whole number, 1 or more; got hidden_width=-3"),
        ({"positions": "rotary", "width": 6}, ShapeError, r"must be even, for pairs; got 3. Take a width"),
    ],
)
def test_options_that_do_not_exist(options: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        _small(**options)(np.ones((1, 2), "int32"))


def test_options_of_single_layers() -> None:
    with pytest.raises(InputError, match=r"Block: norm must be one of"):
        Block(2, norm="none")
    with pytest.raises(InputError, match=r"FeedForward: activation must be one of"):
        FeedForward(activation="none")
    with pytest.raises(ShapeError, match=r"rotate: the features of a head must be even, for pairs; got 5"):
        rotate(np.ones((1, 1, 2, 5), "float32"))
    with pytest.raises(InputError, match=r"size must be one of 'small', 'medium', 'large', 'xl'; got size='tiny'"):
        Transformer.gpt2("tiny")


class TestWeightsFiles:
    def test_weights_of_another_config(self, tmp_path: Path) -> None:
        path = tmp_path / "other.weights.h5"
        _small(width=12).save_weights(path)
        model = _small()
        before = model.get_weights()
        with pytest.raises(CheckpointError, match=r"other.weights.h5 must hold the weights of a model with these opt"):
            model.load_weights(path)
        assert all((a == b).all() for a, b in zip(model.get_weights(), before, strict=True)), "the model is unchanged"

    def test_weights_with_more_layers(self, tmp_path: Path) -> None:
        _small(num_layers=2).save_weights(tmp_path / "deeper.weights.h5")
        lacks = (
            r"got 2 of shape \(8,\), .*1 of shape \(32, 8\) that this model lacks, and not none that it needs. Build"
        )
        with pytest.raises(CheckpointError, match=lacks):
            _small().load_weights(tmp_path / "deeper.weights.h5")

    def test_a_truncated_weights_file(self, tmp_path: Path) -> None:
        path = tmp_path / "cut.weights.h5"
        _small().save_weights(path)
        path.write_bytes(path.read_bytes()[:-2_000])
        with pytest.raises(CheckpointError, match=r"the file is damaged: save it again"):
            _small().load_weights(path)

    def test_nan_weights(self, tmp_path: Path) -> None:
        model = _small()
        path = tmp_path / "nan.weights.h5"
        model.token_embedding.table.assign(np.full((11, 8), np.nan, "float32"))
        model.save_weights(path)
        with pytest.raises(CheckpointError, match=r"every weight must be a finite number; got nan at 88 of 88 places"):
            _small().load_weights(path)
        model.save(tmp_path / "nan.keras")
        with pytest.raises(CheckpointError, match=r"load_model: every weight must be a finite number; got nan"):
            load_model(tmp_path / "nan.keras")

    def test_a_truncated_keras_file(self, tmp_path: Path) -> None:
        path = tmp_path / "cut.keras"
        _small().save(path)
        assert isinstance(load_model(path), Transformer)
        path.write_bytes(path.read_bytes()[:-500])
        with pytest.raises(CheckpointError, match=r"cut.keras must be a whole .keras file; got .* the file is damaged"):
            load_model(path)
        with pytest.raises(CheckpointError, match=r"missing.keras must be a whole .keras file; got"):
            load_model(tmp_path / "missing.keras")
