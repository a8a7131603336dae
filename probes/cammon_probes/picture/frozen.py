"""画面冻结: the encoder repeats one picture; only the clock in the corner may run on."""

from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np

from ..model import Fault, Finding
from .frame import Gray, PreparedFrame
from .grading import falling
from .reference import Reference

_BLOCK_PX = 8
_NOTHING_ALIKE = 255.0


@dataclass(frozen=True, slots=True)
class Frozen:
    """Apart from the `clock_share` of the picture that changed most, the last frame is repeated: below `change`.

    A filmed picture is never repeated: even a calm one changes by its sensor's noise. Not judged without a last frame.
    """

    fault: ClassVar[Fault] = Fault.FROZEN
    change: float = 0.01
    clock_share: float = 0.06

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """`measured` is the mean change in gray levels since the last frame, clock left out."""
        previous = None if reference is None else reference.previous
        if previous is None or previous.shape != frame.calm.shape:
            return Finding(self.fault, 0.0, _NOTHING_ALIKE, "gray levels", bad=False)
        change = self._change(frame.calm, previous)
        score = falling(change, self.change, 0.0)
        return Finding(self.fault, score, change, "gray levels", bad=score > 0.5)

    def _change(self, now: Gray, before: Gray) -> float:
        height, width = now.shape
        size = (max(1, width // _BLOCK_PX), max(1, height // _BLOCK_PX))
        away = cv2.absdiff(now, before).astype(np.float32)
        blocks = np.sort(cv2.resize(away, size, interpolation=cv2.INTER_AREA).ravel())
        calm = blocks[: max(1, int(len(blocks) * (1.0 - self.clock_share)))]
        return float(calm.mean())
