"""Which good frames a frame is most like: where edges of which direction are, and the layout of bright and dark."""

from collections.abc import Sequence

from .frame import PreparedFrame
from .reference import Sketch, resemblance


def nearest(frame: PreparedFrame | Sketch, known: Sequence[Sketch], most: int) -> list[Sketch]:
    """The good frames that it resembles most, those first."""
    return sorted(known, key=lambda sketch: -resemblance(frame, sketch))[:most]
