"""画面模糊: the lens is out of focus, wet or greasy."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..model import Fault, Finding
from .frame import PreparedFrame, Sharpness
from .grading import rising
from .reference import SPREADS_PX, Reference, Sketch

SHARP_SPREAD_PX = 0.5
"""Spread of a lens and sensor in order, in pixels of the stream: an MTF50 of 0.37 cycles per pixel."""


@dataclass(frozen=True, slots=True)
class Blur:
    """Fine structure has dropped below the camera's own lowest, by `drop` or, at the next scale, by `drop_middle`.

    A drop is the smaller one of two: that of the structure itself, and that of its ratio to what is four times coarser,
    which fog and dusk leave alone. By night noise drowns the finest scale; the next one still tells. Drops are natural
    logarithms of energies. Without history only `lowest_fineness` is judged, far below any picture in focus.
    """

    fault: ClassVar[Fault] = Fault.BLUR
    drop: float = 0.35
    drop_middle: float = 0.7
    lowest_fineness: float = -2.2
    least_edges: float = 2.0

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """`measured` is the drop (of the middle scale halved by the thresholds' ratio), without history the fineness.

        `resolution_loss` is 1 or more with history, None without.
        """
        known = reference.like(frame) if reference else ()
        if not known:
            return self._without_history(frame)
        drops = [_drop(frame.sharpness, known, scale) for scale in (0, 1)]
        relative = (drops[0], drops[1] * self.drop / self.drop_middle)
        scale = int(relative[1] > relative[0])
        score = rising(relative[scale], self.drop, 3 * self.drop)
        loss = resolution_loss(frame, known) if score > 0.5 else 1.0
        return Finding(self.fault, score, relative[scale], "ln below own", bad=score > 0.5, resolution_loss=loss)

    def _without_history(self, frame: PreparedFrame) -> Finding:
        fineness = frame.sharpness.fineness[0]
        score = rising(-fineness, -self.lowest_fineness, 1.0 - self.lowest_fineness)
        if frame.edges < self.least_edges:
            score = min(score, 0.5)
        return Finding(self.fault, score, fineness, "ln fine/coarse", bad=score > 0.5)


def _drop(now: Sharpness, known: tuple[Sketch, ...], scale: int) -> float:
    structure = min(sketch.sharpness.bands[scale] for sketch in known) - now.bands[scale]
    ratio = min(sketch.sharpness.fineness[scale] for sketch in known) - now.fineness[scale]
    return min(structure, ratio)


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
