"""What generating text uses: joules a token × tokens, and after how many tokens it has used as much as training."""

from __future__ import annotations

from dataclasses import dataclass

from greenlm_edu.carbon.footprint import Footprint, footprint
from greenlm_edu.carbon.intensity import intensity
from greenlm_edu.carbon.training_run import checked_amount
from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval

__all__ = ["GeneratedText", "generated_text"]


@dataclass(frozen=True)
class GeneratedText:
    """What a number of generated tokens uses.

    Args:
        tokens: generated.
        joules_per_token: of the computers, without the building.
        energy_j: for all tokens.
        footprint: with the building's PUE and the grid.
    """

    tokens: float
    joules_per_token: Interval
    energy_j: Interval
    footprint: Footprint

    def tokens_to_match(self, training_j: Interval) -> Interval:
        """After how many tokens generating has used as much as a training did.

        Args:
            training_j: the joules of the training, without the building.
        Raises:
            InputError: a token that may be free, so that no number of them is enough.
        """
        if self.joules_per_token.low <= 0:
            raise InputError(
                "tokens_to_match: the low end of joules_per_token must be above 0; "
                f"got {self.joules_per_token.low}. Measure more tokens, until their joules are above the resolution."
            )
        each = self.joules_per_token
        return Interval(training_j.low / each.high, training_j.best / each.best, training_j.high / each.low)


def generated_text(
    *, tokens: float, joules_per_token: float | Interval, pue: float = 1.0, region: str | None = None
) -> GeneratedText:
    """The energy and the emissions of generating text, from what one token takes.

    Joules a token are measured, as in lesson 10: they depend on the model, the hardware, and above all on how many
    texts are generated side by side. No figure is assumed here.

    Args:
        tokens: to generate.
        joules_per_token: of the computers; with its range where that is known.
        pue: of the building, 1 or more.
        region: the grid; the world's average where left out.
    Raises:
        InputError: a number that is not above 0.
        UnknownRegion: no such country.
    Lesson: notebooks/10, notebooks/14.

    >>> generated_text(tokens=1_000_000, joules_per_token=0.5, region="France").energy_j.text()
    '500 kJ (500 – 500 kJ)'
    """
    count = checked_amount("generated_text", "tokens", tokens)
    if not isinstance(joules_per_token, Interval):
        each = checked_amount("generated_text", "joules_per_token", joules_per_token)
        joules_per_token = Interval.exactly(each)
    energy_j = joules_per_token.scaled_by(count)
    return GeneratedText(count, joules_per_token, energy_j, footprint(energy_j, intensity(region), pue))
