"""噪声: grain or snow over the whole picture."""

from dataclasses import dataclass
from typing import ClassVar

from ..model import Fault, Finding
from .frame import PreparedFrame
from .grading import rising
from .reference import Reference


@dataclass(frozen=True, slots=True)
class Noise:
    """Even the calmest parts flicker by more than `levels` gray levels, or by `own_more` above the own highest."""

    fault: ClassVar[Fault] = Fault.NOISE
    levels: float = 6.5
    own_more: float = 2.5
    least: float = 3.5

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """`measured` is in gray levels (`PreparedFrame.noise`)."""
        known = reference.like(frame) if reference else ()
        threshold = self.levels
        if known:
            own = self.own_more + max(sketch.noise for sketch in known)
            threshold = max(self.least, own)
        score = rising(frame.noise, threshold, 2 * threshold)
        return Finding(self.fault, score, frame.noise, "gray levels", bad=score > 0.5)
