"""Sources of joules: counters, samples and models, each saying how its figure is known and how far it may be off."""

from greenlm_edu.energy.counter import WrappingCounter, energy_between
from greenlm_edu.energy.cpu_model import CpuModelSource, MemoryModelSource
from greenlm_edu.energy.detect import Detection, detect
from greenlm_edu.energy.gpu_search import GpuSearch
from greenlm_edu.energy.recorder import Recorder
from greenlm_edu.energy.replay import ReplaySource, replay_sources
from greenlm_edu.energy.sampler import Sample, Sampler
from greenlm_edu.energy.scripted import ScriptedSource
from greenlm_edu.energy.source import Basis, EnergySource, Missing, Reading
from greenlm_edu.energy.trace import PowerTrace
from greenlm_edu.energy.trace_file import TraceFile, load_trace, save_trace, trace_names

__all__ = [
    "Basis",
    "CpuModelSource",
    "Detection",
    "EnergySource",
    "GpuSearch",
    "MemoryModelSource",
    "Missing",
    "PowerTrace",
    "Reading",
    "Recorder",
    "ReplaySource",
    "Sample",
    "Sampler",
    "ScriptedSource",
    "TraceFile",
    "WrappingCounter",
    "detect",
    "energy_between",
    "load_trace",
    "replay_sources",
    "save_trace",
    "trace_names",
]
