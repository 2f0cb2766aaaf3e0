"""A Transformer that reads one sequence and writes another."""

from __future__ import annotations

from typing import Any, Final

import keras
from keras import ops

from greenlm_edu.errors import InputError
from greenlm_edu.lm.stack import Stack
from greenlm_edu.lm.tied_head import TiedHead
from greenlm_edu.lm.weights_file import WeightsFile

__all__ = ["EncoderDecoder"]

FIRST_STD: Final = 0.02  # what all kernels of Stack and its layers start with


@keras.saving.register_keras_serializable(package="greenlm_edu")
class EncoderDecoder(WeightsFile, keras.Model):
    """Scores every token as the next one of the target, from the target up to there and the whole source.

    The encoder reads the source in both directions; the decoder is a language model whose blocks also look at what
    the encoder made of it (the memory).

    Args:
        source_vocab_size, target_vocab_size: number of different tokens on either side.
        context: the longest sequence that the model takes, on either side.
        padding_id: the token that fills up shorter rows of a batch, on either side; None for none.
        shared_embedding: whether one table serves both sides, which then need one vocabulary: what is copied from the
            source need not be learned once more for the target. Its vectors are multiplied by √width on the way in,
            whatever the positions: else the blocks drown which token it was that is to be copied.
        initial_std: standard deviation of the first kernels. GPT-2's 0.02 suits a width of 768; narrow models learn
            to look and to copy sooner from about 1/√width.
        The others: see Transformer. Encoder and decoder have num_layers blocks each.
    Call arguments:
        source_and_target: a pair of ids, (batch, source) and (batch, time); the target starts with a start token.
    Returns:
        logits, (batch, time, target vocab).
    Raises:
        InputError: a shared table for two sizes of vocabulary, or initial_std not above 0; and see Transformer.
        ShapeError, VocabularyError: see Transformer.

    >>> model = EncoderDecoder(20, 30, context=16, width=8, num_layers=1, num_heads=2)
    >>> model((keras.ops.ones((2, 9), "int32"), keras.ops.ones((2, 5), "int32"))).shape
    TensorShape([2, 5, 30])

    Source: Vaswani et al. 2017, sections 3.1 and 3.4 (the shared table).   Lesson: notebooks/11.
    """

    def __init__(
        self,
        source_vocab_size: int,
        target_vocab_size: int,
        context: int,
        width: int = 128,
        num_layers: int = 2,
        num_heads: int = 4,
        dropout: float = 0.0,
        use_bias: bool = True,
        tied_head: bool = True,
        positions: str = "sinusoidal",
        norm: str = "pre",
        activation: str = "gelu",
        hidden_width: int | None = None,
        padding_id: int | None = 0,
        shared_embedding: bool = False,
        initial_std: float = FIRST_STD,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if shared_embedding and source_vocab_size != target_vocab_size:
            raise InputError(
                f"EncoderDecoder: shared_embedding=True needs one vocabulary for both sides; got "
                f"source_vocab_size={source_vocab_size}, target_vocab_size={target_vocab_size}. Number the tokens of "
                "both sides together, or leave shared_embedding out."
            )
        if not initial_std > 0:
            raise InputError(f"EncoderDecoder: initial_std must be above 0; got {initial_std}. Take {FIRST_STD}.")
        shared: dict[str, Any] = {
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
        }
        policy = self.dtype_policy
        self.encoder = Stack(
            vocab_size=source_vocab_size, causal=False, where="EncoderDecoder, source", dtype=policy, **shared
        )
        self.decoder = Stack(
            vocab_size=target_vocab_size, cross=True, where="EncoderDecoder, target", dtype=policy, **shared
        )
        if shared_embedding:
            self.encoder.token_embedding.scale = True
            self.decoder.token_embedding = self.encoder.token_embedding
        self.options = {"source_vocab_size": source_vocab_size, "target_vocab_size": target_vocab_size, **shared}
        self.options |= {"tied_head": tied_head, "shared_embedding": shared_embedding, "initial_std": initial_std}
        self.vocab_size = target_vocab_size
        self.context = context
        self.width = width
        self.supports_masking = True
        self.tied = TiedHead(dtype=policy)
        self.head = None
        if not tied_head:
            small = keras.initializers.RandomNormal(stddev=0.02)
            self.head = keras.layers.Dense(target_vocab_size, use_bias=use_bias, kernel_initializer=small, dtype=policy)
        self.build(((None, context), (None, context)))
        if initial_std != FIRST_STD:
            for kernel in (weight for weight in self.trainable_variables if weight.path.endswith("kernel")):
                kernel.assign(kernel * (initial_std / FIRST_STD))

    def build(self, input_shape: Any) -> None:
        if self.built:
            return
        source_shape, target_shape = input_shape
        self.encoder.build(source_shape)
        self.decoder.build(target_shape)
        if self.head is not None:
            self.head.build((*target_shape, self.width))
        super().build(input_shape)

    def call(self, source_and_target: Any, training: bool | None = None) -> Any:
        source, target = checked_pair(source_and_target)
        memory, memory_mask = self.read(source, training=training)
        return self.scores(self.decoder(target, memory, memory_mask=memory_mask, training=training))

    def read(self, source: Any, training: bool | None = None) -> tuple[Any, Any]:
        """What the encoder makes of a source (batch, source): the memory (batch, source, features) and its mask."""
        return self.encoder(source, training=training), self.encoder.compute_mask(source)

    def scores(self, x: Any) -> Any:
        """The logits (batch, time, target vocab) of last vectors (batch, time, features)."""
        if self.head is not None:
            return self.head(x)
        return self.tied(x, ops.convert_to_tensor(self.decoder.token_embedding.table))

    def attention_weights(self, source_and_target: Any) -> list[Any]:
        """Where each block of the decoder looks in the source: a list of (batch, head, time, source)."""
        source, target = checked_pair(source_and_target)
        memory, memory_mask = self.read(source)
        _, weights = self.decoder(target, memory, memory_mask=memory_mask, return_weights=True)
        return [to_memory for _, to_memory in weights]

    def compute_mask(self, source_and_target: Any, previous_mask: Any = None) -> Any:
        return self.decoder.compute_mask(source_and_target[1])

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape[1], self.vocab_size)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.options}


def checked_pair(source_and_target: Any) -> Any:
    """Raise InputError unless it is a pair."""
    if not isinstance(source_and_target, (tuple, list)) or len(source_and_target) != 2:
        raise InputError(
            f"EncoderDecoder: the input must be a pair (source ids, target ids); got {type(source_and_target).__name__}"
            ". Call model((source, target))."
        )
    return source_and_target
