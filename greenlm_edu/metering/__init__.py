"""Where joules meet grams: measure(), and the Measurement that it gives."""

from greenlm_edu.metering.measure import announce_to, finish, mark, measure, refresh, running, set_place, start
from greenlm_edu.metering.measurement import Component, Mark, Measurement, total
from greenlm_edu.metering.meter import Meter, default_meter

__all__ = [
    "Component",
    "Mark",
    "Measurement",
    "Meter",
    "announce_to",
    "default_meter",
    "finish",
    "mark",
    "measure",
    "refresh",
    "running",
    "set_place",
    "start",
    "total",
]
