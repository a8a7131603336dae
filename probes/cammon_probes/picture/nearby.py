"""Something large hangs near the lens, seen without any good frame: it is out of focus, and the scene behind is not."""

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

_BLOCK_PX = 16
_SCALE = 50.0
"""Units of ln light, so that energies are about those of gray levels."""
_LEAST_ENERGY = 8.0
"""Energy of coarse structure from which a block shows something (a deviation of 6 %): clouds and haze do not."""
_SOFT, _IN_FOCUS = 0.05, 0.2
"""Energy of fine structure over that of coarse: out of focus, in focus."""
_CALM = 2.0
"""Energy of fine structure below which a block may belong to what hangs beside it: a plain sheet."""
_GROWS = 3
_LEAST_IN_FOCUS = 0.1


def out_of_focus(small: Gray) -> tuple[float, Mask]:
    """The share of the picture that the largest soft part fills, and the mask of it with the plain blocks around.

    Both are by blocks of 16 x 16 pixels. 0 where less than a tenth of the blocks is in focus: the lens itself is out
    of focus then, or the view too poor to tell.
    """
    bands = _energies(small)
    fine, coarse = np.maximum(bands[0] - np.quantile(bands[0], 0.05), 0) + bands[1], bands[2] + bands[3]
    shows = coarse > _LEAST_ENERGY
    soft = shows & (fine < _SOFT * coarse)
    if (shows & (fine > _IN_FOCUS * coarse)).mean() < _LEAST_IN_FOCUS or not soft.any():
        return 0.0, np.zeros(soft.shape, np.bool_)
    _, parts, about, _ = cv2.connectedComponentsWithStats(soft.astype(np.uint8), connectivity=8)
    largest = parts == 1 + int(np.argmax(about[1:, cv2.CC_STAT_AREA]))
    return float(largest.mean()), _with_plain_parts(largest, soft | (fine < _CALM))


def _energies(small: Gray) -> list[Floats]:
    """The energies of a Laplacian pyramid of ln light by blocks, the finest first."""
    light = np.asarray(cv2.log(small.astype(np.float32) + 12), dtype=np.float32) * np.float32(_SCALE)
    found = []
    for _ in range(4):
        lower = np.asarray(cv2.pyrDown(light), dtype=np.float32)
        band = light - cv2.pyrUp(lower, dstsize=(light.shape[1], light.shape[0]))
        found.append(np.asarray(band * band, dtype=np.float32))
        light = lower
    rows, columns = (max(1, size // _BLOCK_PX) for size in small.shape)
    return [np.asarray(cv2.resize(one, (columns, rows), interpolation=cv2.INTER_AREA)) for one in found]


def _with_plain_parts(part: Mask, plain: Mask) -> Mask:
    grown, touching = part.astype(np.uint8), np.ones((3, 3), np.uint8)
    for _ in range(_GROWS):
        grown = (cv2.dilate(grown, touching).astype(np.bool_) & plain | part).astype(np.uint8)
    return np.asarray(cv2.morphologyEx(grown, cv2.MORPH_CLOSE, touching), dtype=np.bool_)
