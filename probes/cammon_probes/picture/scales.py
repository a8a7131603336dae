"""A picture at other sizes: shrunk, and as means of its blocks. Ways that cost little: looks are many."""

from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Picture = NDArray[np.uint8]
Number = TypeVar("Number", np.uint8, np.float32)


def shrunk(picture: Picture, width_px: int) -> Picture:
    """At most `width_px` wide: halved (the mean of 2 x 2 pixels) as often as that fits, the rest interpolated."""
    while picture.shape[1] >= 2 * width_px:
        picture = halved(picture)
    height, width = picture.shape[:2]
    if width <= width_px:
        return picture
    size = (width_px, max(8, round(height * width_px / width)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def within(picture: Picture, pixels: int, multiple: int) -> Picture:
    """Of at most so many pixels; its sides are multiples of a number. The last step is a mean, too."""
    while picture.size >= 4 * pixels:
        picture = halved(picture)
    height, width = picture.shape[:2]
    shrink = min(1.0, float(np.sqrt(pixels / (height * width))))
    size = [max(2 * multiple, int(side * shrink) // multiple * multiple) for side in (width, height)]
    return np.asarray(cv2.resize(picture, (size[0], size[1]), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def halved(picture: NDArray[Number]) -> NDArray[Number]:
    """The mean of each 2 x 2 pixels; an odd last row or column is left out."""
    height, width = picture.shape[0] // 2, picture.shape[1] // 2
    even = picture[: 2 * height, : 2 * width]
    return np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), dtype=picture.dtype)


def block_means(picture: NDArray[Any], block_px: int) -> Floats:
    """The means of square blocks; what is left at the right and lower edge is left out."""
    block = min(block_px, *picture.shape)
    rows, columns = picture.shape[0] // block, picture.shape[1] // block
    plain = picture[: rows * block, : columns * block].astype(np.float32, copy=False)
    # products with equal weights add in a third of the time of `sum`; first over the rows, where most is to add
    share = np.full(block, 1 / block, np.float32)
    over_rows = np.matmul(share[None, :], plain.reshape(rows, block, columns * block))
    return np.asarray(over_rows.reshape(rows, columns, block) @ share, dtype=np.float32)


def quantile(values: NDArray[Any], share: float) -> float:
    """The value below which `share` of them lie, interpolated as numpy's is: that takes ten times as long on so few."""
    ordered = np.sort(values, axis=None)
    place = share * (ordered.size - 1)
    low = int(place)
    high = min(low + 1, ordered.size - 1)
    return float(ordered[low] + (place - low) * (float(ordered[high]) - float(ordered[low])))
