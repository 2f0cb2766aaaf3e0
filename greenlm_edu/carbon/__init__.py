"""From joules to grams of CO2e: grid intensities with year and source, footprints as intervals, equivalents."""

from greenlm_edu.carbon.equivalents import everyday
from greenlm_edu.carbon.footprint import Footprint, checked_pue, footprint
from greenlm_edu.carbon.intensity import Intensity, intensity, regions

__all__ = ["Footprint", "Intensity", "checked_pue", "everyday", "footprint", "intensity", "regions"]
