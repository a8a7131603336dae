"""过暗, 偏亮: the picture is far too dark or too bright to use."""

from dataclasses import dataclass
from typing import ClassVar

from ..model import Fault, Finding
from .frame import PreparedFrame
from .grading import falling, rising
from .reference import Reference

_WHITE = 250


@dataclass(frozen=True, slots=True)
class Underexposed:
    """Mean gray level below `mean_luma`; or below `doubtful_luma` and below `own_share` of the camera's own darkest."""

    fault: ClassVar[Fault] = Fault.UNDEREXPOSED
    mean_luma: float = 28.0
    doubtful_luma: float = 45.0
    own_share: float = 0.55

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """`measured` is the mean gray level."""
        known = reference.like(frame) if reference else ()
        threshold = self.mean_luma
        if known:
            own = self.own_share * min(sketch.mean_luma for sketch in known)
            threshold = max(threshold, min(self.doubtful_luma, own))
        score = falling(frame.mean_luma, threshold, threshold / 2)
        return Finding(self.fault, score, frame.mean_luma, "gray level", bad=score > 0.5)


@dataclass(frozen=True, slots=True)
class Overexposed:
    """Mean gray level above `mean_luma`; or above `doubtful_luma` and `own_more` above the camera's own brightest.

    Light that is too much for the sensor is clipped: `clipped_share` of the pixels at least are white. A bright sheet
    over the lens is not.
    """

    fault: ClassVar[Fault] = Fault.OVEREXPOSED
    mean_luma: float = 205.0
    doubtful_luma: float = 175.0
    own_more: float = 35.0
    clipped_share: float = 0.12

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """`measured` is the mean gray level."""
        known = reference.like(frame) if reference else ()
        threshold = self.mean_luma
        if known:
            own = self.own_more + max(sketch.mean_luma for sketch in known)
            threshold = min(threshold, max(self.doubtful_luma, own))
        score = rising(frame.mean_luma, threshold, threshold + 30.0)
        if frame.share_above(_WHITE) < self.clipped_share:
            score = min(score, 0.5)
        return Finding(self.fault, score, frame.mean_luma, "gray level", bad=score > 0.5)
