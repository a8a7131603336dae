"""Gaps in ground heights: small ones are filled from their rims, wide ones are named."""

import numpy as np
from numpy.typing import NDArray
from rasterio.fill import fillnodata
from scipy import ndimage

Floats = NDArray[np.float64]

SMALL_NODES = 5
"""A gap no more than this many nodes wide and high is filled."""


def fill_small_gaps(heights: Floats, needed: NDArray[np.bool_]) -> tuple[int, tuple[float, float, float] | None]:
    """Fills small gaps in place. How many nodes, and the widest gap left among the needed nodes.

    That is its middle (row, column) and its width in nodes.
    """
    missing = np.isnan(heights)
    if not missing.any():
        return 0, None
    numbers, _ = ndimage.label(missing, structure=np.ones((3, 3)))
    small = np.zeros(heights.shape, dtype=np.bool_)
    widest: tuple[float, float, float] | None = None
    for number, box in enumerate(ndimage.find_objects(numbers), start=1):
        own = numbers[box] == number
        size = max(own.shape)
        if size <= SMALL_NODES and not _at_rim(box, heights.shape):
            small[box] |= own
        elif (own & needed[box]).any() and (widest is None or size > widest[2]):
            row, column = np.argwhere(own & needed[box]).mean(axis=0)
            widest = box[0].start + float(row), box[1].start + float(column), float(size)
    if small.any():
        datum = float(np.nanmean(heights))
        values = np.where(missing, 0.0, heights - datum).astype(np.float32)
        guessed = fillnodata(values, mask=(~missing).astype(np.uint8), max_search_distance=2.0 * SMALL_NODES)
        heights[small] = guessed[small] + datum
    return int(small.sum()), widest


def _at_rim(box: tuple[slice, slice], shape: tuple[int, ...]) -> bool:
    """Whether a gap goes on beyond the heights: then nobody knows how wide it is."""
    return any(part.start == 0 or part.stop == size for part, size in zip(box, shape, strict=True))
