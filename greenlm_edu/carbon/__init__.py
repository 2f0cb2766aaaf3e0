"""From joules to grams of CO2e: grid intensities with year and source, footprints as intervals, published trainings.

intensity, regions                        a country's grid, by year and source
footprint, Footprint                      joules × PUE × grid, as an interval
everyday, equivalents                     what else that much electricity does, and what else emits as much
training_run                              accelerators × hours × watts: a run from what its paper tells
published                                 runs from papers and model cards, recomputed, contradictions flagged
predicted_training, missed_runs           from parameters, tokens and hardware alone, and how far that was off
generated_text                            joules a token × tokens
accelerator, accelerators                 rated power and peak speed by name
embodied, software_carbon_intensity       what making the hardware emitted; the SCI score
water_l                                   litres
live_intensity, intensity_forecast        this hour's grid and the next days', from the internet, only when asked for
when_to_run, where_to_run                 the best hours for a job, and the best countries
"""

from greenlm_edu.carbon.accelerators import Accelerator, accelerator, accelerators
from greenlm_edu.carbon.embodied import DATACENTRE_GPU_KG, LIFETIME_YEARS, Embodied, embodied
from greenlm_edu.carbon.equivalents import Equivalent, equivalents, everyday
from greenlm_edu.carbon.footprint import Footprint, checked_pue, footprint
from greenlm_edu.carbon.forecast import IntensityForecast, forecast_from, intensity_forecast
from greenlm_edu.carbon.generated_text import GeneratedText, generated_text
from greenlm_edu.carbon.intensity import Intensity, intensity, regions
from greenlm_edu.carbon.live import LiveIntensity, LiveIntensityWarning, live_intensity
from greenlm_edu.carbon.period import IntensityPeriod
from greenlm_edu.carbon.predicted import (
    Missed,
    PredictedTraining,
    missed_runs,
    predicted_training,
    training_operations,
)
from greenlm_edu.carbon.published import PublishedRun, published
from greenlm_edu.carbon.run_window import RunWindow, Saving
from greenlm_edu.carbon.scheduling import when_to_run
from greenlm_edu.carbon.sci import SoftwareCarbonIntensity, software_carbon_intensity
from greenlm_edu.carbon.training_run import TrainingRun, training_run
from greenlm_edu.carbon.water import water_l
from greenlm_edu.carbon.where_to_run import PlacesToRun, PlaceToRun, where_to_run

__all__ = [
    "DATACENTRE_GPU_KG",
    "LIFETIME_YEARS",
    "Accelerator",
    "Embodied",
    "Equivalent",
    "Footprint",
    "GeneratedText",
    "Intensity",
    "IntensityForecast",
    "IntensityPeriod",
    "LiveIntensity",
    "LiveIntensityWarning",
    "Missed",
    "PlaceToRun",
    "PlacesToRun",
    "PredictedTraining",
    "PublishedRun",
    "RunWindow",
    "Saving",
    "SoftwareCarbonIntensity",
    "TrainingRun",
    "accelerator",
    "accelerators",
    "checked_pue",
    "embodied",
    "equivalents",
    "everyday",
    "footprint",
    "forecast_from",
    "generated_text",
    "intensity",
    "intensity_forecast",
    "live_intensity",
    "missed_runs",
    "predicted_training",
    "published",
    "regions",
    "software_carbon_intensity",
    "training_operations",
    "training_run",
    "water_l",
    "when_to_run",
    "where_to_run",
]
