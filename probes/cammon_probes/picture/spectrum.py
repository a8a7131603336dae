"""Which spatial frequencies stand out: the picture's spectrum against its own neighbourhood."""

from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .scales import halved, quantile

Floats = NDArray[np.float32]
Gray = NDArray[np.uint8]

SIZE = 256
_WIDTH_PX = 320
_LAYOUT_WINDOW = (9, 9)
"""Two means over it, of the halved picture, make nearly a Gaussian of 8 pixels."""
_MEDIAN_OVER_MEAN = 0.21
"""By how much the median of ln of a noise's power lies above its mean: ln(ln 2) + Euler's constant."""
_LOWEST = 6
"""Radius of the lowest frequencies (cycles per 256 pixels) that are the scene's layout and never stripes."""
_CELL = 8
_STEP = 1 / 16
"""A kept peak is a byte in sixteenths of a natural logarithm: 0 to 15.9."""
_QUARTER = 0.6
"""Side of the four overlapping parts of a picture, as a share of its own."""
_ALLOWANCE = 1.3
"""A part shows a peak lower than the whole picture does: its spectrum is coarser."""


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Height of each frequency above its neighbourhood (natural logarithm of power): 256 x 129, y from -128 to 127."""

    peaks: Floats

    def highest(self, own: Gray | None = None) -> float:
        """The highest peak, or by how much one rises above what `kept` of good frames allows there; never below 0."""
        if own is None:
            return max(0.0, float(self.peaks.max()))
        allowed = np.repeat(np.repeat(own.astype(np.float32) * _STEP, _CELL, axis=0), _CELL, axis=1)
        return max(0.0, float((self.peaks - allowed[:, : self.peaks.shape[1]]).max()))

    @property
    def kept(self) -> Gray:
        """The highest peak in and around each cell of 8 x 8 frequencies, as a byte: 32 x 17, 0.5 kB."""
        near = cv2.dilate(self.peaks, np.ones((7, 7), np.uint8))
        padded = np.pad(near, ((0, 0), (0, -near.shape[1] % _CELL)), mode="edge")
        cells = padded.reshape(SIZE // _CELL, _CELL, -1, _CELL).max(axis=(1, 3))
        return np.asarray(np.clip(np.ceil(cells / _STEP), 0, 255), dtype=np.uint8)


def spectrum_of(small: Gray) -> Spectrum:
    """The spectrum of a whole picture."""
    return Spectrum(_peaks(_detail(small)))


def spectrum_everywhere(small: Gray) -> Spectrum:
    """What stands out in the whole picture and in three of its four overlapping quarters as well."""
    detail = _detail(small)
    height, width = detail.shape
    rows, columns = int(height * _QUARTER), int(width * _QUARTER)
    parts = [
        _peaks(detail[y : y + rows, x : x + columns]) for y, x in product((0, height - rows), (0, width - columns))
    ]
    third = np.sort(np.stack(parts), axis=0)[1]
    return Spectrum(np.minimum(_ALLOWANCE * third, _peaks(detail)))


def _detail(small: Gray) -> Floats:
    """What stripes change: the logarithm of light (they may multiply it), the layout taken off, strong edges cut."""
    shrink = min(1.0, _WIDTH_PX / max(small.shape))
    size = (max(16, round(small.shape[1] * shrink)), max(16, round(small.shape[0] * shrink)))
    light = _log(cv2.resize(small, size, interpolation=cv2.INTER_LINEAR).astype(np.float32) + 8)
    layout = cv2.blur(cv2.blur(halved(light), _LAYOUT_WINDOW), _LAYOUT_WINDOW)
    detail = light - cv2.resize(layout, size, interpolation=cv2.INTER_LINEAR)
    most = 3 * quantile(np.abs(detail[::4, ::4]), 0.5) + 0.03
    return np.asarray(np.clip(detail, -most, most), dtype=np.float32)


def _peaks(detail: Floats) -> Floats:
    height, width = detail.shape
    power = _power(_folded(detail * _fading(height, width)))
    level = _log(power + (0.01 * float(power.mean()) + 1e-9))
    peaks = level - _around(level)
    rows, columns = slice(SIZE // 2 - _LOWEST, SIZE // 2 + _LOWEST + 1), slice(_LOWEST + 1)
    peaks[rows, columns][_layout()] = -9.0
    return np.asarray(peaks, dtype=np.float32)


def _folded(picture: Floats) -> Floats:
    """A picture cut into squares that are laid upon each other: their sum has its spectrum at every frequency kept."""
    folded = np.zeros((SIZE, SIZE), np.float32)
    for y, x in product(*(range(0, size, SIZE) for size in picture.shape)):
        part = picture[y : y + SIZE, x : x + SIZE]
        folded[: part.shape[0], : part.shape[1]] += part
    return folded


def _log(positive: NDArray[Any]) -> Floats:
    return np.asarray(cv2.log(positive), dtype=np.float32)


def _power(picture: Floats) -> Floats:
    """Power of each frequency of a real picture, y from -128 to 127, x from 0 to 128.

    From the packed half that OpenCV gives of such a spectrum, in half the time of the whole.
    """
    packed = cv2.dft(picture)
    half = SIZE // 2
    squares = packed * packed
    power = np.empty((SIZE, half + 1), np.float32)
    power[:half, 1:half] = squares[half:, 1:-1:2] + squares[half:, 2:-1:2]
    power[half:, 1:half] = squares[:half, 1:-1:2] + squares[:half, 2:-1:2]
    for column, at in ((0, 0), (half, -1)):  # where the picture's own frequencies are real, rows are packed as well
        rows = np.concatenate([squares[:1, at], squares[1:-1:2, at] + squares[2:-1:2, at], squares[-1:, at]])
        power[half:, column] = rows[:half]
        power[:half, column] = rows[half:0:-1]
    return power


def _around(level: Floats) -> Floats:
    """The neighbourhood's level: the median of 5 x 5 cells of 4 x 4; it goes on, mirrored, left of frequency 0."""
    coarse = halved(halved(level[:, 1:]))
    coarse = np.hstack([coarse[::-1, 1::-1], coarse])
    middle = cv2.medianBlur(np.ascontiguousarray(coarse), 5)[:, 2:] + _MEDIAN_OVER_MEAN
    around = cv2.resize(middle, (SIZE // 2, SIZE), interpolation=cv2.INTER_LINEAR)
    return np.hstack([around[:, :1], around])


@lru_cache(maxsize=32)
def _fading(height: int, width: int) -> Floats:
    return np.outer(np.hanning(height), np.hanning(width)).astype(np.float32)


@cache
def _layout() -> NDArray[np.bool_]:
    y, x = np.mgrid[-_LOWEST : _LOWEST + 1, 0 : _LOWEST + 1]
    return np.asarray(np.hypot(x, y) < _LOWEST)
