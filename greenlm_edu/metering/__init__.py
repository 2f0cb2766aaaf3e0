"""Where joules meet grams: measure(), and the Measurement that it gives."""

from greenlm_edu.metering.announcements import announce, announce_guesses_to, announce_to, unannounced
from greenlm_edu.metering.budget import Budget
from greenlm_edu.metering.budget_watch import BUDGET_STOP, check_budget
from greenlm_edu.metering.curve import Curve
from greenlm_edu.metering.measure import drop, finish, keep, measure, running, set_place, start
from greenlm_edu.metering.measurement import Component, Mark, Measurement, Origin, total
from greenlm_edu.metering.merge import merge
from greenlm_edu.metering.meter import Meter, default_meter, use_meter
from greenlm_edu.metering.progress import Progress
from greenlm_edu.metering.report import follow, mark, refresh, report_progress, report_value, set_guess
from greenlm_edu.metering.runs import Glance

__all__ = [
    "BUDGET_STOP",
    "Budget",
    "Component",
    "Curve",
    "Glance",
    "Mark",
    "Measurement",
    "Meter",
    "Origin",
    "Progress",
    "announce",
    "announce_guesses_to",
    "announce_to",
    "check_budget",
    "default_meter",
    "drop",
    "finish",
    "follow",
    "keep",
    "mark",
    "measure",
    "merge",
    "refresh",
    "report_progress",
    "report_value",
    "running",
    "set_guess",
    "set_place",
    "start",
    "total",
    "unannounced",
    "use_meter",
]
