"""对比度低: fog, dust or a film on the glass takes the contrast."""

from dataclasses import dataclass
from typing import ClassVar

from ..model import Fault, Finding
from .frame import PreparedFrame
from .grading import falling
from .reference import Reference


@dataclass(frozen=True, slots=True)
class LowContrast:
    """Hardly any gray levels between dark and bright: below `own_share` of the own lowest; without history `levels`."""

    fault: ClassVar[Fault] = Fault.LOW_CONTRAST
    levels: float = 30.0
    own_share: float = 0.4

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """`measured` is the number of gray levels between the darkest and the brightest twentieth."""
        known = reference.like(frame) if reference else ()
        threshold = self.own_share * min(sketch.contrast for sketch in known) if known else self.levels
        score = falling(frame.contrast, threshold, threshold / 2 - 1.0)
        return Finding(self.fault, score, frame.contrast, "gray levels", bad=score > 0.5)
