"""The frame before this one, as much of it as is needed to see that it is shown again."""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]

_BLOCK_PX = 16
_MOST_BLOCKS = 10_000
_CALM_PX = 20_000


@dataclass(frozen=True, slots=True)
class Last:
    """A frame in 40 kB at most: `blocks` are the mean levels of its blocks (1/256), `calm` is it in 20,000 pixels.

    The blocks lie on the coder's grid of 16 pixels of the stream itself (a multiple of 16 for large pictures): there an
    encoder that shows the same picture again keeps the mean.
    """

    infrared: bool
    blocks: NDArray[np.uint16] = field(repr=False, compare=False)
    calm: Gray = field(repr=False, compare=False)


def last_of(gray: Gray, infrared: bool) -> Last:
    """What is kept of a frame: its full size in gray, and whether it has no colour."""
    height, width = gray.shape
    block = _BLOCK_PX
    while (height // block) * (width // block) > _MOST_BLOCKS:
        block *= 2
    rows, columns = max(1, height // block), max(1, width // block)
    whole = gray[: min(height, rows * block), : min(width, columns * block)]
    blocks = cv2.resize(whole.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA)
    shrink = min(1.0, float(np.sqrt(_CALM_PX / gray.size)))
    size = (max(8, int(width * shrink)), max(8, int(height * shrink)))
    calm = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    return Last(infrared, np.asarray(np.round(blocks * 256), dtype=np.uint16), np.asarray(calm, dtype=np.uint8))
