"""From ids to vectors that know their context: what encoders and decoders have in common."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from greenlm_edu.errors import ShapeError
from greenlm_edu.lm.attention import check_heads
from greenlm_edu.lm.block import Block, layer_norm
from greenlm_edu.lm.check_options import check_choice, check_dropout, check_sizes
from greenlm_edu.lm.learned_positions import LearnedPositions
from greenlm_edu.lm.sinusoidal_positions import SinusoidalPositions
from greenlm_edu.lm.token_embedding import TokenEmbedding

__all__ = ["POSITIONS", "Stack"]

POSITIONS = ("sinusoidal", "sinusoidal_concatenated", "learned", "rotary")


@keras.saving.register_keras_serializable(package="greenlm_edu")
class Stack(keras.layers.Layer):
    """Tokens become vectors, positions are added, and blocks refine them one after the other.

    Args:
        causal: whether a place sees itself and earlier ones alone.
        cross: whether each block looks at a memory too.
        The others: see Transformer.
    Call arguments:
        ids: whole numbers in 0 … vocab_size − 1, (batch, time), time ≤ context.
        memory, memory_mask: where cross is set, (batch, source, features) and booleans (batch, source).
        cache: what start_cache gave or an earlier call returned.
        start: the place of the first id, where ids continue a sequence.
        return_weights: whether the attention weights are wanted too.
    Returns:
        (batch, time, features), or a tuple of it and, as asked for, the new cache and a list of each block's weights.
    Raises:
        InputError, ShapeError, VocabularyError: see Transformer.
    Source: Vaswani et al. 2017, section 3.   Lesson: notebooks/09, notebooks/11.
    """

    def __init__(
        self,
        vocab_size: int,
        context: int,
        width: int,
        num_layers: int,
        num_heads: int,
        dropout: float = 0.0,
        use_bias: bool = False,
        positions: str = "sinusoidal",
        norm: str = "pre",
        activation: str = "gelu",
        hidden_width: int | None = None,
        padding_id: int | None = None,
        causal: bool = True,
        cross: bool = False,
        where: str = "Stack",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_sizes(where, vocab_size=vocab_size, context=context, width=width)
        check_sizes(where, num_layers=num_layers, num_heads=num_heads, hidden_width=hidden_width or 1)
        check_dropout(where, dropout)
        check_choice(where, "positions", positions, POSITIONS)
        if width % 2 and positions.startswith("sinusoidal"):
            raise ShapeError(
                f"{where}: width must be even, for pairs of sine and cosine; got width={width}. Take {width + 1}."
            )
        check_heads(width, num_heads)
        self.options: dict[str, Any] = {
            "vocab_size": vocab_size,
            "context": context,
            "width": width,
            "num_layers": num_layers,
            "num_heads": num_heads,
            "dropout": dropout,
            "use_bias": use_bias,
            "positions": positions,
            "norm": norm,
            "activation": activation,
            "hidden_width": hidden_width,
            "padding_id": padding_id,
            "causal": causal,
            "cross": cross,
            "where": where,
        }
        self.supports_masking = True
        policy = self.dtype_policy
        # Only beside sinusoids, whose entries are about 0.7 in size, must the small token vectors be enlarged.
        scale = positions.startswith("sinusoidal")
        self.token_embedding = TokenEmbedding(vocab_size, width, scale, padding_id, dtype=policy)
        self.positions: Any = None  # rotary positions are the attention's own
        if positions == "learned":
            self.positions = LearnedPositions(context, dtype=policy)
        elif scale:
            layout = "concatenated" if positions == "sinusoidal_concatenated" else "interleaved"
            self.positions = SinusoidalPositions(layout, dtype=policy)
        self.dropped = keras.layers.Dropout(dropout, dtype=policy)
        rotary = positions == "rotary"
        self.blocks = [
            Block(num_heads, hidden_width, dropout, use_bias, activation, norm, causal, cross, rotary, dtype=policy)
            for _ in range(num_layers)
        ]
        # With norm="post" the last block has just normalised its sum.
        self.last_norm = layer_norm(use_bias, policy) if norm == "pre" else None

    def build(self, ids_shape: Any) -> None:
        hidden_shape = (*ids_shape, self.options["width"])
        if not self.token_embedding.built:  # an encoder's may serve its decoder too
            self.token_embedding.build(ids_shape)
        for layer in (self.positions, *self.blocks, self.last_norm):
            if layer is not None:
                layer.build(hidden_shape)
        super().build(ids_shape)

    def call(
        self,
        ids: Any,
        memory: Any = None,
        memory_mask: Any = None,
        cache: Any = None,
        start: Any = 0,
        return_weights: bool = False,
        training: bool | None = None,
    ) -> Any:
        time, context = ids.shape[1], self.options["context"]  # time is None where it is not known beforehand
        if time is not None and time > context:
            raise ShapeError(
                f"{self.options['where']}: a sequence must be no longer than the context; got time={time}, "
                f"context={context}. Cut the sequence to its last {context} tokens, or build the model with a longer "
                "context."
            )
        mask = self.token_embedding.compute_mask(ids)  # (batch, time) or None
        x = self.token_embedding(ids)  # (batch, time, features)
        if self.positions is not None:
            x = self.positions(x, start=start)
        x = self.dropped(x, training=training)
        caches, weights = [], []
        for number, block in enumerate(self.blocks):
            own_cache = None if cache is None else cache[number]
            x = block(
                x,
                memory,
                mask=mask,
                memory_mask=memory_mask,
                cache=own_cache,
                start=start,
                return_weights=return_weights,
                training=training,
            )
            x, *asked_for = x if isinstance(x, tuple) else (x,)
            if cache is not None:
                caches.append(asked_for.pop(0))
            weights.append(asked_for)
        if self.last_norm is not None:
            x = self.last_norm(x)
        results = [x, *([caches] if cache is not None else []), *([weights] if return_weights else [])]
        return x if len(results) == 1 else tuple(results)

    def start_cache(self, batch: int, length: int) -> list[list[Any]]:
        """Room for the keys and values of `length` places: a pair of (batch, head, length, size) a block."""
        heads = self.options["num_heads"]
        shape = (batch, heads, length, self.options["width"] // heads)
        empty = ops.zeros(shape, self.compute_dtype)
        return [[empty, empty] for _ in self.blocks]  # tensors do not change: one serves for all

    def compute_mask(self, ids: Any, previous_mask: Any = None) -> Any:
        return self.token_embedding.compute_mask(ids)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.options}
