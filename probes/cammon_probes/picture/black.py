"""黑屏: no light reaches the sensor."""

from dataclasses import dataclass
from typing import ClassVar

from ..model import Fault, Finding
from .frame import PreparedFrame
from .grading import falling
from .reference import Reference


@dataclass(frozen=True, slots=True)
class Black:
    """Mean gray level below `mean_luma`, and hardly a pixel above `bright_level`: a caption alone is no light.

    A dark night with one lamp has bright pixels; a caption fills less than `bright_share` of a black picture.
    """

    fault: ClassVar[Fault] = Fault.BLACK
    mean_luma: float = 7.0
    bright_level: float = 40.0
    bright_share: float = 0.02

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """`measured` is the mean gray level without the caption."""
        bright = frame.share_above(self.bright_level)
        luma = frame.mean_luma if bright > self.bright_share else self._luma_without_caption(frame)
        score = falling(luma, self.mean_luma, self.mean_luma / 2) if bright <= self.bright_share else 0.0
        return Finding(self.fault, score, luma, "gray level", bad=score > 0.5)

    def _luma_without_caption(self, frame: PreparedFrame) -> float:
        dark = frame.levels[: int(self.bright_level)]
        levels = range(len(dark))
        return float((dark * levels).sum() / max(1e-6, float(dark.sum())))
