"""画面模糊: the lens is out of focus, wet or greasy."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..model import Fault, Finding
from .frame import PreparedFrame
from .grading import rising
from .reference import SPREADS_PX, Reference, Sketch, seasoned
from .smear import smear

SHARP_SPREAD_PX = 0.5
"""Spread of a lens and sensor in order, in pixels of the stream: an MTF50 of 0.37 cycles per pixel."""
_SURELY_SMEARED = 1.4
"""Pictures of still cameras come near the limit, those of shaking ones lie well above it."""


@dataclass(frozen=True, slots=True)
class Blur:
    """Fine structure has dropped below the camera's own lowest, by `drop`.

    The drop is the sum of two (natural logarithms): that of the fineness of edges, which light and fog leave alone, and
    that of all fine structure. Fog lowers the second one alone, broad strands before the lens the first: of each no
    more counts than `alone`, or three times the other. Against a history of few hours `young` times
    the drop is asked, for light alone changes much, and the first night may have begun in rain, whose streaks are fine
    structure that no other night has. Without history: `lowest_fineness` of the edges, far below any
    picture in focus; or one direction has lost its fine structure (`smeared`, see `smear`), as when the mount shakes.
    """

    fault: ClassVar[Fault] = Fault.BLUR
    drop: float = 0.3
    alone: float = 0.3
    young: float = 4.0
    lowest_fineness: float = -1.35
    least_edges: float = 2.0
    smeared: float = 0.031

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """`measured` is the drop, without history the fineness of the edges or, where that tells more, the smear.

        `resolution_loss` is 1 or more with history, None without.
        """
        known = reference.like(frame) if reference else ()
        if not known:
            return self._without_history(frame)
        drop = self._drop(frame, known)
        least = self.drop if seasoned(known) else self.young * self.drop
        score = rising(drop, least, least + 3 * self.drop)
        loss = resolution_loss(frame, known) if score > 0.5 else 1.0
        return Finding(self.fault, score, drop, "ln below own", bad=score > 0.5, resolution_loss=loss)

    def _drop(self, frame: PreparedFrame, known: tuple[Sketch, ...]) -> float:
        edges = min(sketch.edge_fineness for sketch in known) - frame.edge_fineness
        light = min(sketch.fine_light for sketch in known) - frame.fine_light
        most = 1.5
        return min(edges, most, max(self.alone, 3 * light)) + min(light, most, max(self.alone, 3 * edges))

    def _without_history(self, frame: PreparedFrame) -> Finding:
        fineness = frame.middle_edge_fineness
        score = rising(-fineness, -self.lowest_fineness, 1.0 - self.lowest_fineness)
        if frame.edges < self.least_edges:
            score = min(score, 0.5)
        dip = smear(frame.small)
        moving = rising(dip, self.smeared, _SURELY_SMEARED * self.smeared)
        if moving > score:
            return Finding(self.fault, moving, dip, "cepstrum", bad=moving > 0.5)
        return Finding(self.fault, score, fineness, "ln fine/coarse", bad=score > 0.5)


def resolution_loss(frame: PreparedFrame, known: tuple[Sketch, ...]) -> float:
    """MTF50 of the reference over MTF50 now (>= 1): how much wider the spot of one point of light has become.

    Each sketch knows the fineness of its view at several spreads; the spread that explains this frame's fineness adds
    to the sharp lens's own as variances do, and the MTF50 of a Gaussian spot is inverse to its spread. Of the two
    scales the one that tells more counts (noise hides the finest one of a wide blur), of the sketches the one that
    tells least. A blur wider than the largest spread is told as that.
    """
    shrunk = frame.width_px / frame.detail.shape[1]
    spread_px = shrunk * min(
        max(_spread(sketch, fineness, scale) for scale, fineness in enumerate(frame.sharpness.fineness))
        for sketch in known
    )
    return float(np.hypot(SHARP_SPREAD_PX, spread_px) / SHARP_SPREAD_PX)


def _spread(sketch: Sketch, fineness: float, scale: int) -> float:
    """The spread (pixels of the detail picture) at which the sketch's view would have this fineness."""
    curve = np.minimum.accumulate([at_spread[scale] for at_spread in sketch.fineness_when_blurred])
    return float(np.interp(-fineness, -curve, SPREADS_PX))
