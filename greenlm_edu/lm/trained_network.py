"""A network as a LanguageModel: the same four calls as the models that count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import keras
import numpy as np

from greenlm_edu.errors import EmptyCorpus, InputError, VocabularyError
from greenlm_edu.lm.check_ids import check_ids
from greenlm_edu.lm.generate import generate
from greenlm_edu.lm.network_log_prob import log_softmax, network_log_prob
from greenlm_edu.lm.train import train

__all__ = ["TrainedNetwork"]


class TrainedNetwork:
    """Gives Transformer, LSTMNetwork, NeuralNGram, or a network of your own, what every LanguageModel has.

    Args:
        network: turns ids (batch, time) into logits (batch, time, vocab), causally; has `vocab_size` and `context`.
        steps: batches that `fit` trains on.
        batch: windows in a batch.
        learning_rate: of AdamW, or a schedule.
        seed: another seed takes windows from other places. (The network's first weights come from
            `keras.utils.set_random_seed`, before it is made.)
        callbacks: Keras callbacks, such as EnergyCallback.
        loop: "fit" or "fast", see train.

    >>> network = keras.Sequential([keras.layers.Embedding(3, 3)])  # a bigram model, one row of logits a token
    >>> network.vocab_size, network.context = 3, 4
    >>> model = TrainedNetwork(network, steps=300, batch=8, learning_rate=0.05).fit(np.arange(60) % 3, vocab_size=3)
    >>> model.log_probs([0]).argmax()
    np.int64(1)

    Lesson: notebooks/05, notebooks/09.
    """

    def __init__(
        self,
        network: Any,
        steps: int = 1000,
        batch: int = 16,
        learning_rate: Any = 3e-3,
        seed: int = 0,
        callbacks: Sequence[Any] = (),
        loop: str = "fit",
    ) -> None:
        if steps < 1 or batch < 1:
            raise InputError(
                f"TrainedNetwork: steps and batch must be 1 or more; got steps={steps}, batch={batch}. Take 1."
            )
        self.network = network
        self.steps = steps
        self.batch = batch
        self.learning_rate = learning_rate
        self.seed = seed
        self.callbacks = tuple(callbacks)
        self.loop = loop
        self._training_ids: np.ndarray | None = None

    @property
    def vocab_size(self) -> int:
        """The number of different tokens."""
        return int(self.network.vocab_size)

    def fit(self, ids: np.ndarray, vocab_size: int) -> Self:
        """Train the network on windows from random places of a text.

        Args:
            ids: token ids of the training text, (time,).
            vocab_size: number of different tokens, as the network has it.
        Raises:
            EmptyCorpus: fewer than context + 1 ids.
            VocabularyError: vocab_size is another than the network's, or an id is not in 0 … vocab_size − 1.
        """
        if vocab_size != self.vocab_size:
            raise VocabularyError(
                f"TrainedNetwork.fit: vocab_size must be the network's, {self.vocab_size}; got {vocab_size}. "
                f"Build the network with vocab_size={vocab_size}."
            )
        ids = self._checked("fit", ids)
        train(
            self.network,
            ids,
            epochs=1,
            steps_per_epoch=self.steps,
            batch=self.batch,
            optimizer=keras.optimizers.AdamW(self.learning_rate, clipnorm=1.0),
            seed=self.seed,
            loop=self.loop,
            callbacks=self.callbacks,
            progress=False,
        )
        self._training_ids = ids
        return self

    def log_probs(self, history: np.ndarray | Sequence[int]) -> np.ndarray:
        """The log-probability of each token after a history, in nats.

        Args:
            history: at least one id, (time,); the last `context` count.
        Returns:
            (vocab,).
        """
        last = self._checked("log_probs", history, at_least=1)[-self.network.context :]
        window = np.zeros((1, self.network.context), np.int32)
        window[0, : len(last)] = last
        return log_softmax(np.asarray(self.network.predict_on_batch(window))[0, len(last) - 1])

    def log_prob(self, ids: np.ndarray | Sequence[int]) -> np.ndarray:
        """The log-probability of each token after the first, given those before it in its window, in nats.

        Args:
            ids: token ids of a text, (time,), at least two. `context` tokens make a window.
        Returns:
            (time − 1,).
        """
        return network_log_prob(self.network, [self._checked("log_prob", ids, at_least=2)], batch=32)[0]

    def sample(self, length: int, seed: int = 0, prompt: np.ndarray | Sequence[int] = ()) -> np.ndarray:
        """Tokens drawn one after the other from the model.

        Args:
            length: how many to draw, 0 or more.
            seed: the same seed draws the same tokens.
            prompt: ids to start from; without one, a token is drawn as often as the training text holds it.
        Returns:
            int32, (length,): the drawn tokens, without the prompt.
        """
        prompt = self._checked("sample", prompt)
        if not len(prompt):
            if self._training_ids is None:
                raise InputError("TrainedNetwork.sample: a model not fitted needs a prompt; got none. Give one token.")
            prompt = np.random.default_rng(seed).choice(self._training_ids, size=1)
        return generate(self.network, prompt, length, seed=seed)[len(prompt) :]

    def _checked(self, where: str, ids: np.ndarray | Sequence[int], at_least: int = 0) -> np.ndarray:
        ids = np.asarray(ids, np.int32)
        if len(ids) < at_least:
            raise EmptyCorpus(
                f"TrainedNetwork.{where}: there must be at least {at_least} tokens; got {len(ids)}. Give more text."
            )
        check_ids(f"TrainedNetwork.{where}", ids, self.vocab_size)
        return ids
