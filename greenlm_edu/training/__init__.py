"""Keras training with a meter."""

from greenlm_edu.training.callback import EnergyCallback

__all__ = ["EnergyCallback"]
