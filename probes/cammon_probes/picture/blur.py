"""画面模糊: the lens is out of focus, wet or greasy."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..model import Fault, Finding
from .frame import PreparedFrame
from .grading import rising
from .reference import SPREADS_PX, Reference, Sketch

SHARP_SPREAD_PX = 0.5
"""Spread of a lens and sensor in order, in pixels of the stream: an MTF50 of 0.37 cycles per pixel."""


@dataclass(frozen=True, slots=True)
class Blur:
    """Fine structure has dropped below the camera's own lowest by more than `drop` (natural logarithm).

    The drop is the smaller one of two: that of the Laplacian's variance, and that of fine against coarse structure,
    which fog and dusk leave alone. Without history only `lowest_fineness` is judged, far below any picture in focus.
    """

    fault: ClassVar[Fault] = Fault.BLUR
    drop: float = 0.35
    lowest_fineness: float = -2.2
    least_edges: float = 2.0

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """`measured` is the drop, without history the fineness itself; `resolution_loss` >= 1 with history."""
        known = reference.like(frame) if reference else ()
        if not known:
            return self._without_history(frame)
        now = frame.sharpness
        own_laplacian = min(sketch.laplacian for sketch in known)
        own_fineness = min(sketch.fineness for sketch in known)
        drop = min(own_laplacian - now.laplacian, own_fineness - now.fineness)
        score = rising(drop, self.drop, 3 * self.drop)
        loss = resolution_loss(frame, known) if score > 0.5 else 1.0
        return Finding(self.fault, score, drop, "ln below own lowest", bad=score > 0.5, resolution_loss=loss)

    def _without_history(self, frame: PreparedFrame) -> Finding:
        fineness = frame.sharpness.fineness
        score = rising(-fineness, -self.lowest_fineness, 1.0 - self.lowest_fineness)
        if frame.edges < self.least_edges:
            score = min(score, 0.5)
        return Finding(self.fault, score, fineness, "ln fine/coarse", bad=score > 0.5)


def resolution_loss(frame: PreparedFrame, known: tuple[Sketch, ...]) -> float:
    """MTF50 of the reference over MTF50 now (>= 1): how much wider the spot of one point of light has become.

    Each sketch knows the fineness of its view at several spreads; the spread that explains this frame's fineness adds
    to the sharp lens's own as variances do, and the MTF50 of a Gaussian spot is inverse to its spread. The least loss
    over all sketches is taken. Blurs beyond the largest spread of a sketch are told as that.
    """
    scale = frame.width_px / frame.detail.shape[1]
    spread_px = scale * min(_spread(sketch, frame.sharpness.fineness) for sketch in known)
    return float(np.hypot(SHARP_SPREAD_PX, spread_px) / SHARP_SPREAD_PX)


def _spread(sketch: Sketch, fineness: float) -> float:
    """The spread (pixels of the detail picture) at which the sketch's view would have this fineness."""
    curve = np.minimum.accumulate(np.asarray(sketch.fineness_when_blurred))
    return float(np.interp(-fineness, -curve, SPREADS_PX))
