"""Which good frames a frame is most like: where edges of which direction are, and the layout of bright and dark."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .frame import PreparedFrame
from .reference import Sketch


def resemblance(frame: PreparedFrame | Sketch, sketch: Sketch) -> float:
    """How far a frame resembles a good one, -1 to 1: the mean correlation of orientation grids and of layouts."""
    grid = _correlation(frame.orientation_grid, sketch.orientation_grid)
    return (grid + _correlation(frame.layout, sketch.layout)) / 2


def _correlation(one: NDArray[Any], other: NDArray[Any]) -> float:
    return float(np.dot(one.astype(np.float32), other.astype(np.float32))) / other.size


def nearest(frame: PreparedFrame | Sketch, known: Sequence[Sketch], most: int) -> list[Sketch]:
    """The good frames that it resembles most, those first."""
    return sorted(known, key=lambda sketch: -resemblance(frame, sketch))[:most]
