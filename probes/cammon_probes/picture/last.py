"""The frame before this one, as much of it as is needed to see that it is shown again."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .scales import block_means, halved, shrunk

Gray = NDArray[np.uint8]

_BLOCK_PX = 16
_MOST_BLOCKS = 10_000
_LARGE_PX = 1_000_000
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
    calm = shrunk(gray, max(1, int(np.sqrt(_CALM_PX * gray.shape[1] / gray.shape[0]))))
    block = _BLOCK_PX
    while gray.size > _LARGE_PX and block > 1:
        gray, block = halved(gray), block // 2
    while (gray.shape[0] // block) * (gray.shape[1] // block) > _MOST_BLOCKS:
        block *= 2
    blocks = block_means(gray, block)
    return Last(infrared, np.asarray(np.round(blocks * 256), dtype=np.uint16), calm)
