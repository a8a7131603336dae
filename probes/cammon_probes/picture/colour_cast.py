"""偏色: one hue over everything: a stuck infrared filter, a lost colour channel."""

from dataclasses import dataclass
from math import hypot
from typing import ClassVar

from ..model import Fault, Finding
from .frame import FULL_COLOUR_LUMA, PreparedFrame
from .grading import rising
from .reference import Reference, Sketch, seasoned
from .veil import least_chroma


@dataclass(frozen=True, slots=True)
class ColourCast:
    """The mean colour has shifted from every good frame by more than `shift` (CIE Lab units, both as in full light).

    Where all good frames are colourless, by more than twice that. Without history of some hours: it is further than
    `strange` from no colour at all; without any also, by day (`least_luma`), further than `strange_everywhere` where
    three quarters of the picture have a chroma of `everywhere`: hardly a view by day is without something gray. A
    colourless picture has no cast.

    A low sun is orange and the sky after it blue: while it is low, yellow and blue (Lab's b) count with the share
    `daylight` only. A lost channel or a stuck filter is magenta or green (a).
    """

    fault: ClassVar[Fault] = Fault.COLOUR_CAST
    shift: float = 10.0
    strange: float = 35.0
    strange_everywhere: float = 23.0
    everywhere: float = 15.0
    least_luma: float = 70.0
    daylight: float = 0.4

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """`measured` is the shift in Lab units."""
        known = reference.of_size(frame) if reference else ()
        a, b = frame.tint
        if frame.infrared or not known or not seasoned(known):
            shift, threshold = hypot(a, b), self.strange
            if not known and shift > self.strange_everywhere and frame.mean_luma > self.least_luma:
                threshold = self.strange_everywhere if least_chroma(frame) > self.everywhere else threshold
        else:
            share = self.daylight if frame.view.low_sun else 1.0
            a, b = _in_full_light(frame)
            usual = [_in_full_light(sketch) for sketch in known]
            shift = min(hypot(a - usual_a, share * (b - usual_b)) for usual_a, usual_b in usual)
            threshold = self.shift if reference and reference.like(frame) else 2 * self.shift
        score = rising(shift, threshold, 2 * threshold)
        return Finding(self.fault, score, shift, "Lab units", bad=score > 0.5)


def _in_full_light(one: PreparedFrame | Sketch) -> tuple[float, float]:
    """The mean colour as it would be in a brighter picture: a hue multiplies the light, so that a dark one shows less
    of it. By three at most: below that there is hardly any colour to tell."""
    gain = min(3.0, max(1.0, FULL_COLOUR_LUMA / max(one.mean_luma, 1.0)))
    return gain * one.tint[0], gain * one.tint[1]
