"""GPT-2 weights from and to Hugging Face's names.

Their maps are kept as (inputs, outputs), as Keras' Dense has them, and a block's query, key and value stand side by
side in one matrix, as here: only the names differ.

    from_hugging_face(state_dict, config)   a Transformer with these weights
    to_hugging_face(model)                  (state_dict, config) that transformers' GPT2LMHeadModel takes
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from keras import ops

from greenlm_edu.errors import CheckpointError, InputError
from greenlm_edu.lm.transformer import Transformer
from greenlm_edu.lm.weights_file import check_finite

__all__ = ["from_hugging_face", "to_hugging_face"]

ACTIVATIONS = {
    "gelu_new": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "gelu": "gelu",
    "relu": "relu",
    "silu": "silu",
}
FIXED = {  # what a config may say of GPT-2 that is not an option here
    "layer_norm_epsilon": 1e-5,
    "scale_attn_weights": True,
    "scale_attn_by_inverse_layer_idx": False,
    "add_cross_attention": False,
}


def from_hugging_face(state_dict: Mapping[str, Any], config: Mapping[str, Any]) -> Transformer:
    """A Transformer with the weights of a Hugging Face GPT-2.

    Args:
        state_dict: name -> array or PyTorch tensor, with or without "transformer." before the names.
        config: the content of its config.json.
    Raises:
        InputError: the config is not of a GPT-2 that Transformer can be.
        CheckpointError: a weight is missing, has another shape or is NaN.
    Source: Radford et al. 2019; the layout is that of transformers' GPT2LMHeadModel.   Lesson: notebooks/15.
    """
    model = Transformer(**_options(config))
    given = {name.removeprefix("transformer."): value for name, value in state_dict.items()}
    for name, variable in _names(model):
        if name not in given:
            raise CheckpointError(
                f"from_hugging_face: the state dict must hold {name!r}; got {len(given)} other names, such as "
                f"{', '.join(sorted(given)[:3])}. Take the state dict of a GPT-2 with num_layers={model.num_layers}."
            )
        value = _array(given[name])
        value = value.T if name == "lm_head.weight" else value  # theirs is (vocab, features)
        if value.shape != tuple(variable.shape):
            raise CheckpointError(
                f"from_hugging_face: {name} must have shape {tuple(variable.shape)} by the config; got {value.shape}. "
                "Take the config.json that belongs to these weights."
            )
        variable.assign(value)
    check_finite("from_hugging_face", model)
    return model


def to_hugging_face(model: Transformer) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The weights and the config that transformers' GPT2LMHeadModel takes.

    Args:
        model: with learned positions, norm="pre", biases (and an output head without one).
    Returns:
        name -> 32-bit array; the content of a config.json.
    Raises:
        InputError: GPT-2 has no such option.
    Lesson: notebooks/15.
    """
    options = model.get_config()
    wanted = {"positions": "learned", "norm": "pre", "use_bias": True, "padding_id": None}
    for name, value in wanted.items():
        if options[name] != value:
            raise InputError(
                f"to_hugging_face: {name} must be {value!r} in a GPT-2; got {name}={options[name]!r}. "
                "Build the model with Transformer.gpt2, which takes other sizes too."
            )
    theirs = {ours: name for name, ours in reversed(ACTIVATIONS.items())}
    if options["activation"] not in theirs:
        raise InputError(
            f"to_hugging_face: activation must be one of {', '.join(sorted(theirs))}; got "
            f"activation={options['activation']!r}. Build the model with one of these."
        )
    if model.head is not None and np.any(_array(model.head.bias)):
        raise InputError(
            "to_hugging_face: GPT-2's output head has no bias; got one that is not 0. Build with tied_head=True."
        )
    state_dict = {}
    for name, variable in _names(model):
        value = _array(variable)
        state_dict["lm_head.weight" if name == "lm_head.weight" else f"transformer.{name}"] = (
            np.ascontiguousarray(value.T) if name == "lm_head.weight" else value
        )
    config = {
        "model_type": "gpt2",
        "architectures": ["GPT2LMHeadModel"],
        "vocab_size": model.vocab_size,
        "n_positions": model.context,
        "n_embd": model.width,
        "n_layer": model.num_layers,
        "n_head": model.num_heads,
        "n_inner": options["hidden_width"],
        "activation_function": theirs[options["activation"]],
        "tie_word_embeddings": model.tied_head,
        **dict.fromkeys(("resid_pdrop", "embd_pdrop", "attn_pdrop"), options["dropout"]),
        **FIXED,
    }
    return state_dict, config


def _names(model: Transformer) -> Iterator[tuple[str, Any]]:
    """(their name, our variable) of each weight."""
    yield "wte.weight", model.token_embedding.table
    yield "wpe.weight", model.positions.table
    layers = []
    for number, block in enumerate(model.blocks):
        layers += [
            (f"h.{number}.ln_1", block.attention_norm),
            (f"h.{number}.attn.c_attn", block.attention.inputs_to_qkv),
            (f"h.{number}.attn.c_proj", block.attention.heads_to_outputs),
            (f"h.{number}.ln_2", block.feed_forward_norm),
            (f"h.{number}.mlp.c_fc", block.feed_forward.widen),
            (f"h.{number}.mlp.c_proj", block.feed_forward.narrow),
        ]
    for name, layer in (*layers, ("ln_f", model.decoder.last_norm)):
        yield f"{name}.weight", layer.weights[0]  # kernel or gain
        yield f"{name}.bias", layer.weights[1]
    if model.head is not None:
        yield "lm_head.weight", model.head.kernel


def _options(config: Mapping[str, Any]) -> dict[str, Any]:
    """Transformer's options from a config.json."""
    for name, value in FIXED.items():
        if config.get(name, value) != value:
            raise InputError(
                f"from_hugging_face: {name} must be {value!r}; got {name}={config[name]!r}. This GPT-2 computes "
                "something else: use transformers for it."
            )
    activation = config.get("activation_function", "gelu_new")
    if activation not in ACTIVATIONS:
        known = ", ".join(sorted(ACTIVATIONS))
        raise InputError(
            f"from_hugging_face: activation_function must be one of {known}; got {activation!r}. "
            "Use transformers for it."
        )
    sizes = {"vocab_size": "vocab_size", "n_positions": "context", "n_embd": "width"}
    sizes |= {"n_layer": "num_layers", "n_head": "num_heads"}
    missing = [name for name in sizes if name not in config]
    if missing:
        raise InputError(
            f"from_hugging_face: the config must hold {', '.join(sizes)}; got none for {', '.join(missing)}. "
            "Take the config.json of a GPT-2."
        )
    return {
        **{ours: config[theirs] for theirs, ours in sizes.items()},
        "dropout": config.get("resid_pdrop", 0.1),
        "hidden_width": config.get("n_inner"),
        "activation": ACTIVATIONS[activation],
        "tied_head": config.get("tie_word_embeddings", True),
        "positions": "learned",
        "norm": "pre",
        "use_bias": True,
    }


def _array(value: Any) -> np.ndarray:
    """32-bit NumPy from an array, a Keras variable or a PyTorch tensor of any kind."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().float().numpy()
    elif not isinstance(value, np.ndarray):
        value = ops.convert_to_numpy(value)
    return np.asarray(value, np.float32)
