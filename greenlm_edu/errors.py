"""Every error of the package, as one tree.

    GreenLMError
    ├── InputError (ValueError)        what the caller gave cannot be used
    │   ├── UnknownRegion              no grid intensity under this name
    │   ├── UnknownAccelerator         no GPU or TPU under this name
    │   ├── ShapeError                 a tensor's shape does not fit a layer
    │   ├── VocabularyError            a text or an id outside the tokenizer's vocabulary
    │   ├── CheckpointError            saved weights that are damaged, or belong to another model
    │   └── EmptyCorpus                a text too short to train on
    ├── EnergyUnavailable              a source of joules cannot be read; its text says why and what mends it
    ├── IntensityUnavailable           no live grid intensity or forecast can be had; its text says why
    ├── WorkerFailed                   one of several worker processes ended before its work was done
    ├── CorpusUnavailable              a text is not on this machine
    ├── WeightsUnavailable             published weights are not on this machine
    ├── ClusterUnavailable             a scheduler does not answer, or has no workers that can be used
    └── LedgerUnavailable              the record of measurements cannot be opened or written

A message says `where: what must hold; got X=…. What to do next.`
"""

__all__ = [
    "CheckpointError",
    "ClusterUnavailable",
    "CorpusUnavailable",
    "EmptyCorpus",
    "EnergyUnavailable",
    "GreenLMError",
    "InputError",
    "IntensityUnavailable",
    "LedgerUnavailable",
    "ShapeError",
    "UnknownAccelerator",
    "UnknownRegion",
    "VocabularyError",
    "WeightsUnavailable",
    "WorkerFailed",
]


class GreenLMError(Exception):
    """The base of every error that greenlm_edu raises on purpose."""


class InputError(GreenLMError, ValueError):
    """What the caller gave cannot be used."""


class UnknownRegion(InputError):
    """No grid intensity is known under this name."""


class UnknownAccelerator(InputError):
    """No GPU or TPU is known under this name."""


class ShapeError(InputError):
    """A tensor's shape does not fit a layer."""


class VocabularyError(InputError):
    """A text or an id lies outside the tokenizer's vocabulary."""


class CheckpointError(InputError):
    """Saved weights are damaged, or belong to another model."""


class EmptyCorpus(InputError):
    """A text is too short to train on."""


class EnergyUnavailable(GreenLMError):
    """A source of joules cannot be read."""


class IntensityUnavailable(GreenLMError):
    """No live grid intensity, or no forecast of it, can be had."""


class WorkerFailed(GreenLMError):
    """One of several worker processes ended before its work was done.

    Attributes:
        measurement: what was used until then, where somebody measured it; its joules were spent all the same.
    """

    measurement: object = None


class CorpusUnavailable(GreenLMError):
    """A text is not on this machine."""


class WeightsUnavailable(GreenLMError):
    """Published weights are not on this machine."""


class ClusterUnavailable(GreenLMError):
    """A scheduler does not answer in time, or has no workers that can be used."""


class LedgerUnavailable(GreenLMError):
    """The record of measurements cannot be opened or written."""
