"""Which good frames a frame is most like: where edges of which direction are, and the layout of bright and dark."""

from collections.abc import Sequence

import numpy as np

from .frame import PreparedFrame
from .reference import Sketch


def resemblance(frame: PreparedFrame | Sketch, sketch: Sketch) -> float:
    """How far a frame resembles a good one, -1 to 1: the mean correlation of orientation grids and of layouts."""
    grid = float(np.dot(frame.orientation_grid, sketch.orientation_grid)) / sketch.orientation_grid.size
    layout = float(np.dot(frame.layout, sketch.layout)) / sketch.layout.size
    return (grid + layout) / 2


def nearest(frame: PreparedFrame | Sketch, known: Sequence[Sketch], most: int) -> list[Sketch]:
    """The good frames that it resembles most, those first."""
    return sorted(known, key=lambda sketch: -resemblance(frame, sketch))[:most]
