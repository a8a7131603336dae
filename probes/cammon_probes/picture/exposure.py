"""过暗, 偏亮: the picture is far too dark or too bright to use."""

from dataclasses import dataclass
from typing import ClassVar

from ..model import Fault, Finding
from .frame import PreparedFrame
from .grading import falling, rising
from .reference import Reference, Sketch
from .veil import contrast_against, in_colour

_WHITE = 250
_NEARLY_WHITE = 235


@dataclass(frozen=True, slots=True)
class Underexposed:
    """Mean gray level below `mean_luma`; or below `doubtful_luma` and below `own_share` of the camera's own darkest.

    Without history: below `dim_luma` in a picture in colour in which nothing is bright: no more than a hundredth of it
    exceeds `dim_lights`. A street by night has lamps; a camera that is known by another light may be at dusk.
    """

    fault: ClassVar[Fault] = Fault.UNDEREXPOSED
    mean_luma: float = 28.0
    doubtful_luma: float = 45.0
    own_share: float = 0.55
    dim_luma: float = 41.0
    dim_lights: float = 95.0

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """`measured` is the mean gray level."""
        known = reference.like(frame) if reference else ()
        known_by_other_light = reference is not None and bool(reference.sketches)
        threshold = self.mean_luma
        if known:
            own = self.own_share * min(sketch.mean_luma for sketch in known)
            threshold = max(threshold, min(self.doubtful_luma, own))
        elif not known_by_other_light and frame.level_at(0.99) < self.dim_lights and in_colour(frame):
            threshold = max(threshold, self.dim_luma)
        score = falling(frame.mean_luma, threshold, threshold / 2)
        return Finding(self.fault, score, frame.mean_luma, "gray level", bad=score > 0.5)


@dataclass(frozen=True, slots=True)
class Overexposed:
    """Mean gray level above `mean_luma`; or above `doubtful_luma` and `own_more` above the camera's own brightest.

    Light that is too much for the sensor is clipped: `clipped_share` of the pixels at least are white. A bright sheet
    over the lens is not. Too much light stretches the picture; frost on the glass adds to it: it lifts the darkest
    places by more than `veil_lifted` beyond twice the own (a stretched picture's), and the contrast of what is not
    clipped has not grown by `stretched`. Nothing can be told where `blinded_share` is white.

    Without history: above `bright_luma` where `bright_share` is nearly white, and the darkest places are below
    `veil_darkest`.
    """

    fault: ClassVar[Fault] = Fault.OVEREXPOSED
    mean_luma: float = 205.0
    doubtful_luma: float = 175.0
    own_more: float = 35.0
    clipped_share: float = 0.12
    veil_lifted: float = 10.0
    stretched: float = 1.15
    bright_luma: float = 190.0
    bright_share: float = 0.42
    veil_darkest: float = 85.0
    blinded_share: float = 0.6

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """`measured` is the mean gray level."""
        known = reference.like(frame) if reference else ()
        threshold = self._threshold(frame, known)
        score = rising(frame.mean_luma, threshold, threshold + 30.0)
        if frame.share_above(_WHITE) < self.clipped_share and threshold != self.bright_luma:
            score = min(score, 0.5)
        if score > 0.5 and self._veiled(frame, known):
            score = 0.5
        return Finding(self.fault, score, frame.mean_luma, "gray level", bad=score > 0.5)

    def _threshold(self, frame: PreparedFrame, known: tuple[Sketch, ...]) -> float:
        if known:
            own = self.own_more + max(sketch.mean_luma for sketch in known)
            return min(self.mean_luma, max(self.doubtful_luma, own))
        return self.bright_luma if frame.share_above(_NEARLY_WHITE) >= self.bright_share else self.mean_luma

    def _veiled(self, frame: PreparedFrame, known: tuple[Sketch, ...]) -> bool:
        if frame.share_above(_WHITE) > self.blinded_share:
            return False
        if not known:
            return frame.darkest > self.veil_darkest
        lifted = frame.darkest - 2 * max(sketch.darkest for sketch in known)
        return lifted > self.veil_lifted and contrast_against(frame, known) < self.stretched
