"""Motion blur seen without any good frame: one direction has lost its fine structure over the whole picture."""

from functools import cache
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
Floats = NDArray[np.float32]

_TILE_PX, _STEP_PX = 128, 96
_REACH_PX = (3.0, 24.0)


def smear(small: Gray) -> float:
    """How deep the cepstrum of the picture dips beside its middle; 0 where it is smaller than a tile.

    The cepstrum is the transform of the logarithm of the spectrum, the mean of overlapping tiles, less what is alike in
    all directions (Rom 1975, "On the cepstrum of two-dimensional functions"). A movement while the shutter is open
    takes a whole sector of frequencies; lines of a scene add a narrow ray to it. So a smear of some pixels makes a dip
    of 0.03 to 0.06, of whatever is filmed, and pictures of a still camera stay below. Across the dip it rises by as
    much; where it does not, upright and level lines cross (buildings, two fields woven into one picture).
    """
    if min(small.shape) < _TILE_PX:
        return 0.0
    light = np.asarray(cv2.log(small.astype(np.float32) + 12), dtype=np.float32)
    found = [_log_power(light[y : y + _TILE_PX, x : x + _TILE_PX]) for y, x in product(*map(_starts, small.shape))]
    power = np.mean(found, axis=0)
    ring, rings, frequencies, asked = _geometry()
    alike = np.bincount(ring.ravel(), power.ravel())[ring] / rings
    cepstrum = np.fft.fftshift(np.fft.ifft2(np.where(frequencies, power - alike, 0)).real)
    smooth = cv2.GaussianBlur(cepstrum.astype(np.float32), (0, 0), 1.0)
    across = np.roll(np.flipud(smooth.T), 1, axis=0)
    return max(0.0, float(np.minimum(-smooth, across)[asked].max()))


def _starts(size_px: int) -> list[int]:
    number = max(1, round((size_px - _TILE_PX) / _STEP_PX) + 1)
    return [int(start) for start in np.linspace(0, size_px - _TILE_PX, number)]


def _log_power(tile: Floats) -> Floats:
    plain = (tile - tile.mean()) * _window()
    spectrum = cv2.dft(plain, flags=cv2.DFT_COMPLEX_OUTPUT)
    real, imaginary = spectrum[..., 0], spectrum[..., 1]
    return np.asarray(cv2.log(real * real + imaginary * imaginary + 1e-4), dtype=np.float32)


@cache
def _window() -> Floats:
    side = np.hanning(_TILE_PX).astype(np.float32)
    return np.asarray(np.outer(side, side), dtype=np.float32)


@cache
def _geometry() -> tuple[NDArray[np.intp], Floats, NDArray[np.bool_], NDArray[np.bool_]]:
    """Of each frequency its ring and how many are in it, and whether it counts; of each shift whether it is asked."""
    along = np.fft.fftfreq(_TILE_PX)
    radius = np.hypot(along[:, None], along[None, :])
    ring = np.minimum((2 * _TILE_PX * radius).astype(np.intp), _TILE_PX)
    shift = np.arange(_TILE_PX) - _TILE_PX // 2
    away = np.hypot(shift[:, None], shift[None, :])
    # what is drawn along rows and columns (captions, block edges of the coder) stands on the axes
    asked = (away >= _REACH_PX[0]) & (away <= _REACH_PX[1]) & (shift != 0)[:, None] & (shift != 0)[None, :]
    return ring, np.bincount(ring.ravel())[ring].astype(np.float32), radius < 0.5, asked
