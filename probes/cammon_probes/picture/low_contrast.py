"""对比度低: fog, dust or a film on the glass takes the contrast."""

from dataclasses import dataclass
from typing import ClassVar

from ..model import Fault, Finding
from .frame import PreparedFrame
from .grading import falling
from .reference import Reference


@dataclass(frozen=True, slots=True)
class LowContrast:
    """Hardly any gray levels between dark and bright: below `levels`, or below `own_share` of the own lowest."""

    fault: ClassVar[Fault] = Fault.LOW_CONTRAST
    levels: float = 30.0
    own_share: float = 0.5

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """`measured` is the number of gray levels between the darkest and the brightest twentieth."""
        known = reference.like(frame) if reference else ()
        own = self.own_share * min((sketch.contrast for sketch in known), default=0.0)
        threshold = max(self.levels, own)
        score = falling(frame.contrast, threshold, threshold / 2)
        return Finding(self.fault, score, frame.contrast, "gray levels", bad=score > 0.5)
