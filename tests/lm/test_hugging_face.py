"""GPT-2: its sizes, its names, its files. tests/lm/oracle_transformers.py compares the logits with transformers."""

import json
from pathlib import Path

import numpy as np
import pytest

from greenlm_edu.errors import CheckpointError, InputError, WeightsUnavailable
from greenlm_edu.lm import Transformer
from greenlm_edu.lm.gpt2_folder import load_gpt2, save_gpt2
from greenlm_edu.lm.gpt2_sizes import GPT2_SIZES
from greenlm_edu.lm.hugging_face import from_hugging_face, to_hugging_face
from greenlm_edu.lm.safetensors_file import read_safetensors, write_safetensors
from tests.lm.backend import numpy, randomise

IDS = np.array([[3, 1, 4, 1, 5]])


def _tiny(**options: object) -> Transformer:
    model = Transformer.gpt2(**{"vocab_size": 11, "context": 9, "width": 8, "num_layers": 2, "num_heads": 2, **options})
    randomise(model, np.random.default_rng(1))
    return model


def test_sizes_have_the_published_numbers_of_parameters() -> None:
    """By arithmetic: L·(12d² + 13d) + V·d + T·d + 2d; the model itself is counted for two layers and for `small`."""
    published = {"small": 124_439_808, "medium": 354_823_168, "large": 774_030_080, "xl": 1_557_611_200}
    for size, (layers, width, heads) in GPT2_SIZES.items():
        assert layers * (12 * width**2 + 13 * width) + (50_257 + 1_024 + 2) * width == published[size]
        assert width % heads == 0
    two_layers = Transformer.gpt2("small", num_layers=2, vocab_size=100)
    assert two_layers.count_params() == 2 * 7_087_872 + (100 + 1_024 + 2) * 768


@pytest.mark.process
def test_gpt2_small_has_124439808_parameters() -> None:
    assert Transformer.gpt2("small").count_params() == 124_439_808


@pytest.mark.parametrize("tied_head", [True, False])
def test_there_and_back_is_the_same_model(tied_head: bool, tmp_path: Path) -> None:
    model = _tiny(tied_head=tied_head, hidden_width=12)
    if not tied_head:
        model.head.bias.assign(np.zeros(11))
    state_dict, config = to_hugging_face(model)
    assert ("lm_head.weight" in state_dict) is not tied_head
    assert state_dict["transformer.h.1.mlp.c_fc.weight"].shape == (8, 12)  # Conv1D: (inputs, outputs)
    np.testing.assert_array_equal(numpy(from_hugging_face(state_dict, config)(IDS)), numpy(model(IDS)))
    save_gpt2(model, tmp_path / "gpt2")
    np.testing.assert_array_equal(numpy(load_gpt2(tmp_path / "gpt2")(IDS)), numpy(model(IDS)))


def test_names_without_prefix_and_mask_buffers_are_taken_as_the_hub_has_them() -> None:
    model = _tiny()
    state_dict, config = to_hugging_face(model)
    bare = {name.removeprefix("transformer."): value for name, value in state_dict.items()}
    bare["h.0.attn.bias"] = np.tril(np.ones((1, 1, 9, 9), np.float32))
    np.testing.assert_array_equal(numpy(from_hugging_face(bare, config)(IDS)), numpy(model(IDS)))


def test_safetensors_of_every_type(tmp_path: Path) -> None:
    import ml_dtypes

    kinds = (np.float64, np.float32, np.float16, ml_dtypes.bfloat16, np.int64, np.uint8, np.bool_)
    arrays = {np.dtype(kind).name: np.arange(6).reshape(2, 3).astype(kind) for kind in kinds}
    arrays["empty"], arrays["scalar"] = np.zeros((0, 2), np.float32), np.array(3.5, np.float32)
    write_safetensors(tmp_path / "x.safetensors", arrays)
    read = read_safetensors(tmp_path / "x.safetensors")
    assert read.keys() == arrays.keys()
    for name, array in arrays.items():
        assert read[name].dtype == array.dtype
        np.testing.assert_array_equal(read[name], array)


class TestBadInput:
    def test_truncated_and_foreign_files(self, tmp_path: Path) -> None:
        save_gpt2(_tiny(), tmp_path)
        path = tmp_path / "model.safetensors"
        whole = path.read_bytes()
        path.write_bytes(whole[:-100])
        with pytest.raises(
            CheckpointError, match=rf"must hold {len(whole)} bytes by its header; got {len(whole) - 100}"
        ):
            load_gpt2(tmp_path)
        for content in (whole[:50], b"", b"PK\x03\x04 something else altogether"):
            path.write_bytes(content)
            with pytest.raises(CheckpointError, match=rf"must be a safetensors file; got {len(content)} bytes"):
                load_gpt2(tmp_path)
        path.unlink()
        with pytest.raises(CheckpointError, match=r"must be a file that can be read; got No such file"):
            load_gpt2(tmp_path)
        (tmp_path / "config.json").write_text("{")
        with pytest.raises(CheckpointError, match=r"must hold a config.json; got JSONDecodeError"):
            load_gpt2(tmp_path)

    def test_weights_of_another_config(self) -> None:
        state_dict, config = to_hugging_face(_tiny())
        with pytest.raises(CheckpointError, match=r"must hold 'h.2.ln_1.weight'; got 28 other names, such as h.0.attn"):
            from_hugging_face(state_dict, {**config, "n_layer": 3})
        with pytest.raises(CheckpointError, match=r"wpe.weight must have shape \(10, 8\) by the config; got \(9, 8\)"):
            from_hugging_face(state_dict, {**config, "n_positions": 10})
        with pytest.raises(
            CheckpointError, match=r"from_hugging_face: every weight must be a finite number; got nan at 8"
        ):
            from_hugging_face({**state_dict, "transformer.ln_f.bias": np.full(8, np.nan)}, config)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"layer_norm_epsilon": 1e-3}, r"layer_norm_epsilon must be 1e-05; got layer_norm_epsilon=0.001"),
            ({"scale_attn_by_inverse_layer_idx": True}, r"use transformers for it"),
            ({"activation_function": "quick"}, r"activation_function must be one of .*; got 'quick'"),
        ],
    )
    def test_a_config_that_computes_something_else(self, change: dict, message: str) -> None:
        state_dict, config = to_hugging_face(_tiny())
        with pytest.raises(InputError, match=message):
            from_hugging_face(state_dict, {**config, **change})

    def test_a_config_of_something_else(self) -> None:
        with pytest.raises(
            InputError, match=r"got none for vocab_size, n_positions, n_embd, n_layer, n_head. Take the"
        ):
            from_hugging_face({}, json.loads('{"model_type": "bert"}'))

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (
                {"positions": "rotary"},
                r"positions must be 'learned' in a GPT-2; got positions='rotary'. Build the model w",
            ),
            ({"norm": "post"}, r"norm must be 'pre' in a GPT-2; got norm='post'"),
            ({"use_bias": False}, r"use_bias must be True in a GPT-2; got use_bias=False"),
            ({"activation": "tanh"}, r"activation must be one of gelu, gelu_tanh, relu, silu; got activation='tanh'"),
            ({"tied_head": False}, r"GPT-2's output head has no bias; got one that is not 0"),
        ],
    )
    def test_a_model_that_no_gpt2_can_be(self, options: dict, message: str) -> None:
        with pytest.raises(InputError, match=message):
            to_hugging_face(_tiny(**options))

    def test_the_hub_is_not_asked_unless_the_user_says_so(self) -> None:
        with pytest.raises(
            WeightsUnavailable, match=r"'gpt2' must be a folder .* say load_gpt2\('gpt2', download=True\)"
        ):
            load_gpt2("gpt2")

    @pytest.mark.slow
    def test_without_a_network_the_error_names_the_way_out(self, offline_environment: dict[str, str]) -> None:
        import subprocess
        import sys

        code = "from greenlm_edu.lm.gpt2_folder import _downloaded; _downloaded('openai-community/gpt2', True)"
        told = subprocess.run(
            [sys.executable, "-c", code],
            env={**offline_environment, "HF_HOME": "/nonexistent"},
            capture_output=True,
            text=True,
        ).stderr
        assert "WeightsUnavailable: load_gpt2: the hub must be reachable and know 'openai-community/gpt2'; got" in told
        assert "Without a network, take Transformer.gpt2()" in told
