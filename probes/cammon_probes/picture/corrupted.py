"""花屏: parts of the stream are lost: blocks of other places, gray slices, torn rows."""

from dataclasses import dataclass
from typing import Any, ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from ..model import Fault, Finding
from .frame import PreparedFrame
from .grading import rising
from .reference import Reference

_BLOCK_PX = 16
_WALLS = 2


@dataclass(frozen=True, slots=True)
class Corrupted:
    """More broken block borders between rows on the coder's grid of 16 pixels than on any other grid, by `share`.

    A border of one block is broken when the step across it exceeds `step` gray levels and `ratio` times the steps in
    the rows beside it. A scene has edges on every grid alike, and a picture that was coded coarsely has half as many at
    least on the grid of 8 in between; what a coder lost begins and ends on its own. Of a
    picture of more than `large_px` pixels every second column of blocks is looked at.
    """

    fault: ClassVar[Fault] = Fault.CORRUPTED
    share: float = 0.0085
    step: float = 10.0
    ratio: float = 2.5
    large_px: int = 1_000_000

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """`measured` is the share of the block borders that are broken, those of the other grids taken off."""
        share = self._broken(frame.gray)
        score = rising(share, self.share, 3 * self.share)
        return Finding(self.fault, score, share, "share of blocks", bad=score > 0.5)

    def _broken(self, gray: NDArray[np.uint8]) -> float:
        height, width = (size // _BLOCK_PX * _BLOCK_PX for size in gray.shape)
        if height < 4 * _BLOCK_PX or width < _BLOCK_PX:
            return 0.0
        steps = cv2.absdiff(gray[1:, :width], gray[:-1, :width])
        if gray.size > self.large_px:
            steps = _every_second_block(steps)
        broken, columns = self._broken_in_rows(_sums_of_16(steps).astype(np.float32))
        shares = [_share(broken[row::_BLOCK_PX], columns) for row in range(_BLOCK_PX)]
        *others, own = shares
        return max(0.0, own - max(sorted(others)[-2], 2 * others[_BLOCK_PX // 2 - 1]))

    def _broken_in_rows(self, sums: NDArray[np.float32]) -> tuple[NDArray[np.int64], int]:
        """How many of the borders below each row are broken (none of the outermost rows), and of how many."""
        beside = np.maximum.reduce([sums[:-4], sums[1:-3], sums[3:-1], sums[4:]])
        here = sums[2:-2]
        broken = (here > self.step * _BLOCK_PX) & (here > np.float32(self.ratio) * beside)
        return np.pad(broken.sum(axis=1), 2), sums.shape[1]


def _share(broken: NDArray[np.int64], columns: int) -> float:
    """The share of broken borders on one grid, without its two worst rows: a wall may end just there."""
    return float(np.sort(broken)[:-_WALLS].sum()) / (len(broken) * columns)


def _every_second_block(steps: NDArray[Any]) -> NDArray[Any]:
    height, width = steps.shape
    pairs = steps[:, : width // (2 * _BLOCK_PX) * 2 * _BLOCK_PX].reshape(height, -1, 2, _BLOCK_PX)
    return np.ascontiguousarray(pairs[:, :, 0]).reshape(height, -1)


def _sums_of_16(steps: NDArray[Any]) -> NDArray[np.uint16]:
    """Sums of 16 neighbours in a row, by pairs: two numbers lie in one word, so that many are added at a time."""
    words = steps.view(np.uint16)
    sums = (words & 0xFF) + (words >> 8)
    for _ in range(3):
        pairs = sums.view(np.uint32)
        sums = ((pairs & 0xFFFF) + (pairs >> 16)).astype(np.uint16)
    return sums
