"""Hugging Face's own GPT-2 and its samplers as the oracle. tests/lm/test_backends.py runs this in build/oracles."""

import numpy as np
import pytest
import torch
import transformers
from transformers.generation import logits_process

from greenlm_edu.lm import Transformer, generate, token_probabilities
from greenlm_edu.lm.gpt2_folder import load_gpt2, save_gpt2
from greenlm_edu.lm.hugging_face import from_hugging_face
from greenlm_edu.lm.token_probabilities import penalise
from tests.lm.backend import numpy, randomise

CONFIGS = {
    "plain": {"vocab_size": 61, "n_positions": 24, "n_embd": 32, "n_layer": 2, "n_head": 4},
    "one head, narrow inside": {
        "vocab_size": 17,
        "n_positions": 9,
        "n_embd": 12,
        "n_layer": 3,
        "n_head": 1,
        "n_inner": 20,
    },
    "exact gelu": {
        "vocab_size": 29,
        "n_positions": 16,
        "n_embd": 24,
        "n_layer": 1,
        "n_head": 3,
        "activation_function": "gelu",
    },
    "own head": {
        "vocab_size": 31,
        "n_positions": 12,
        "n_embd": 16,
        "n_layer": 2,
        "n_head": 2,
        "tie_word_embeddings": False,
    },
}


def _theirs(config: dict) -> transformers.GPT2LMHeadModel:
    torch.manual_seed(0)
    model = transformers.GPT2LMHeadModel(transformers.GPT2Config(**config)).eval()
    with torch.no_grad():  # as they start, biases are 0, gains 1 and the softmax nearly flat
        for parameter in model.parameters():
            parameter.normal_(0.05, 0.3)
    return model


def _ids(config: dict) -> np.ndarray:
    return np.random.default_rng(0).integers(0, config["vocab_size"], (2, config["n_positions"]))


def _logits(model: transformers.GPT2LMHeadModel, ids: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return model(torch.tensor(ids)).logits.numpy()


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_their_weights_give_their_logits_here(config: dict, tmp_path) -> None:
    theirs = _theirs(config)
    expected = _logits(theirs, _ids(config))
    assert np.ptp(expected) > 1
    ours = from_hugging_face(theirs.state_dict(), theirs.config.to_dict())
    np.testing.assert_allclose(numpy(ours(_ids(config))), expected, atol=1e-4)
    theirs.save_pretrained(tmp_path)  # config.json and model.safetensors, written by their own code
    np.testing.assert_allclose(numpy(load_gpt2(tmp_path)(_ids(config))), expected, atol=1e-4)


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_our_weights_give_our_logits_there(config: dict, tmp_path) -> None:
    names = {"vocab_size": "vocab_size", "n_positions": "context", "n_embd": "width", "n_layer": "num_layers"}
    names |= {"n_head": "num_heads", "n_inner": "hidden_width", "tie_word_embeddings": "tied_head"}
    options = {ours: config[theirs] for theirs, ours in names.items() if theirs in config}
    if config.get("activation_function") == "gelu":
        options["activation"] = "gelu"
    ours = Transformer.gpt2(**options)
    randomise(ours, np.random.default_rng(4))
    if ours.head is not None:
        ours.head.bias.assign(np.zeros(config["vocab_size"]))
    save_gpt2(ours, tmp_path)
    theirs = transformers.GPT2LMHeadModel.from_pretrained(tmp_path).eval()  # reads our safetensors file
    np.testing.assert_allclose(_logits(theirs, _ids(config)), numpy(ours(_ids(config))), atol=1e-4)


def test_greedy_text_is_the_same() -> None:
    config = CONFIGS["plain"]
    theirs = _theirs(config)
    ours = from_hugging_face(theirs.state_dict(), theirs.config.to_dict())
    prompt = _ids(config)[:, :4]
    options = {"do_sample": False, "max_new_tokens": 20, "repetition_penalty": 1.3, "pad_token_id": 0}
    expected = theirs.generate(torch.tensor(prompt), attention_mask=torch.ones(2, 4), **options).numpy()
    found = generate(ours, prompt, 20, temperature=0, repetition_penalty=1.3)
    np.testing.assert_array_equal(found[:, : expected.shape[1]], expected)


@pytest.mark.parametrize(("top_k", "top_p"), [(None, None), (5, None), (None, 0.7), (12, 0.6), (None, 0.05)])
@pytest.mark.parametrize("temperature", [0.7, 1.0, 1.6])
def test_distributions_are_the_same(top_k, top_p, temperature: float) -> None:
    generator = np.random.default_rng(8)
    logits = torch.tensor(generator.normal(size=(6, 40)) * 2, dtype=torch.float32)
    seen_ids = torch.tensor(generator.integers(0, 40, (6, 10)))
    expected = logits_process.RepetitionPenaltyLogitsProcessor(1.4)(seen_ids, logits)
    expected = logits_process.TemperatureLogitsWarper(temperature)(seen_ids, expected)
    if top_k:
        expected = logits_process.TopKLogitsWarper(top_k)(seen_ids, expected)
    if top_p:
        expected = logits_process.TopPLogitsWarper(top_p)(seen_ids, expected)
    seen = np.zeros((6, 40), bool)
    np.put_along_axis(seen, seen_ids.numpy(), True, axis=1)
    found = token_probabilities(penalise(logits.numpy(), seen, 1.4), temperature, top_k, top_p)
    np.testing.assert_allclose(numpy(found), torch.softmax(expected, -1).numpy(), atol=1e-5)
