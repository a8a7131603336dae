"""条纹: bars over the whole picture: interference, a ground loop, a dying sensor, flicker of lamps."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..model import Fault, Finding
from .frame import PreparedFrame
from .grading import rising
from .reference import Reference
from .spectrum import spectrum_everywhere


@dataclass(frozen=True, slots=True)
class Stripes:
    """One spatial frequency stands out of its neighbourhood by `peak`, without history by `peak_without`.

    All are natural logarithms of power; `peak_without_infrared` is for infrared light, whose grain has patterns of its
    own. A fence or a blind has such a peak too: with history only what rises above the own spectra counts. Stripes run
    over the whole picture: the peak must be there in three of its quarters as well.
    """

    fault: ClassVar[Fault] = Fault.STRIPES
    peak: float = 1.4
    peak_without: float = 6.0
    peak_without_infrared: float = 6.7

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """`measured` is the height of the peak above the own spectra, without history above its neighbourhood."""
        known = reference.of_size(frame) if reference else ()
        own = np.maximum.reduce([sketch.spectrum for sketch in known]) if reference and reference.like(frame) else None
        threshold = self.peak if own is not None else self._without(frame)
        height = frame.spectrum.highest(own)
        if height > threshold:
            height = min(height, spectrum_everywhere(frame.small).highest(own))
        score = rising(height, threshold, 2.5 * threshold)
        return Finding(self.fault, score, height, "ln power", bad=score > 0.5)

    def _without(self, frame: PreparedFrame) -> float:
        return self.peak_without_infrared if frame.infrared else self.peak_without
