"""What a camera's own history says of its pictures: a few numbers of each of some good frames."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .frame import Floats, Gray, PreparedFrame, Sharpness, prepare, sharpness_of

SPREADS_PX = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.5, 7.0, 10.0)
"""Spreads of the blurs (Gaussian, pixels of the detail picture) at which a sketch keeps its fineness."""
ANCHORS, NEWEST = 4, 8
"""Frames kept for each light: the first ones stay, the newest ones change."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """One good frame in numbers (4 kB): see `PreparedFrame` for each of them.

    `fineness_when_blurred` is the fineness that this very view would have at each of `SPREADS_PX`.
    """

    infrared: bool
    detail_width_px: int
    mean_luma: float
    contrast: float
    sharpness: Sharpness
    fineness_when_blurred: tuple[tuple[float, float], ...]
    edges: float
    noise: float
    tint: tuple[float, float]
    orientation_grid: Floats = field(repr=False, compare=False)
    layout: Floats = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Reference:
    """Sketches of good frames, by day and by night, and the frame before this one (small, gray) for `frozen`."""

    sketches: tuple[Sketch, ...] = ()
    previous: Gray | None = field(default=None, repr=False, compare=False)

    def like(self, frame: PreparedFrame) -> tuple[Sketch, ...]:
        """The sketches that can be compared with this frame: of the same light and the same size."""
        width = frame.detail.shape[1]
        return tuple(
            sketch for sketch in self.sketches if sketch.infrared == frame.infrared and sketch.detail_width_px == width
        )

    def with_good(self, frame: NDArray[Any]) -> "Reference":
        """Also knows this frame, which was healthy; of each light the first few and the newest are kept."""
        sketch = sketch_of(prepare(frame))
        same = [known for known in self.sketches if known.infrared == sketch.infrared] + [sketch]
        other = [known for known in self.sketches if known.infrared != sketch.infrared]
        kept = same[:ANCHORS] + same[ANCHORS:][-NEWEST:]
        return replace(self, sketches=tuple(other + kept))

    def after(self, frame: NDArray[Any]) -> "Reference":
        """Also knows that this frame, healthy or not, was the one before the next."""
        return replace(self, previous=prepare(frame).small)


def reference_from(frames: Iterable[NDArray[Any]]) -> Reference:
    """The reference of a camera from good frames, oldest first."""
    reference = Reference()
    for frame in frames:
        reference = reference.with_good(frame)
    return reference


def sketch_of(frame: PreparedFrame) -> Sketch:
    """A good frame in numbers."""
    return Sketch(
        infrared=frame.infrared,
        detail_width_px=frame.detail.shape[1],
        mean_luma=frame.mean_luma,
        contrast=frame.contrast,
        sharpness=frame.sharpness,
        fineness_when_blurred=tuple(_fineness_blurred(frame.detail, spread) for spread in SPREADS_PX),
        edges=frame.edges,
        noise=frame.noise,
        tint=frame.tint,
        orientation_grid=frame.orientation_grid,
        layout=frame.layout,
    )


def _fineness_blurred(detail: Gray, spread_px: float) -> tuple[float, float]:
    if spread_px:
        detail = np.asarray(cv2.GaussianBlur(detail, (0, 0), spread_px), dtype=np.uint8)
    return sharpness_of(detail).fineness
