"""Which good frames a frame is most like: where edges of which direction are, and the layout of bright and dark."""

from collections.abc import Sequence

import numpy as np

from .frame import PreparedFrame
from .reference import Sketch, resemblances


def nearest(frame: PreparedFrame | Sketch, known: Sequence[Sketch], most: int) -> list[Sketch]:
    """The good frames that it resembles most, those first."""
    order = np.argsort(-resemblances(frame, known), kind="stable")
    return [known[which] for which in order[:most]]
