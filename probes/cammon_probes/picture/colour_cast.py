"""偏色: one hue over everything: a stuck infrared filter, a lost colour channel."""

from dataclasses import dataclass
from math import hypot
from typing import ClassVar

from ..model import Fault, Finding
from .frame import PreparedFrame
from .grading import rising
from .reference import Reference, seasoned


@dataclass(frozen=True, slots=True)
class ColourCast:
    """The mean colour has shifted from every good frame by more than `shift` (CIE Lab units).

    Where all good frames are colourless, by more than twice that. Without history of some hours: it is further
    than `strange` from no colour at all. A colourless picture has no cast.
    """

    fault: ClassVar[Fault] = Fault.COLOUR_CAST
    shift: float = 10.0
    strange: float = 35.0

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """`measured` is the shift in Lab units."""
        known = reference.of_size(frame) if reference else ()
        a, b = frame.tint
        if frame.infrared or not known or not seasoned(known):
            shift, threshold = hypot(a, b), self.strange
        else:
            shift = min(hypot(a - sketch.tint[0], b - sketch.tint[1]) for sketch in known)
            threshold = self.shift if reference and reference.like(frame) else 2 * self.shift
        score = rising(shift, threshold, 2 * threshold)
        return Finding(self.fault, score, shift, "Lab units", bad=score > 0.5)
