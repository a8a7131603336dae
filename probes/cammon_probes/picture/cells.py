"""The view in cells of 4 x 4 pixels of the small picture: how well each fits the good frames, and how it differs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .scales import Number, halved

Gray = NDArray[np.uint8]
Floats = NDArray[np.float32]

CELL_PX = 4
WINDOWS = (3, 5)
"""Sides of the two windows in which views are compared, at half the size of the small picture."""
_NOISE = 0.0012
"""Variance of ln light that counts as no structure."""
_SWAY_SHARE, _LEAST_SWAY_PX = 0.03, 1.0
_SURE_SWAY = 0.1
"""Response of the phase correlation from which a shift is tried."""
FINE_STEP = 1 / 32
"""ln of fine structure that a kept byte counts."""
_FINE_SCALE = 4.0
"""Laplacians count up to 255 / 4: one speck is not structure."""
_UNKNOWN_MEAN, _UNKNOWN_LEAST = 0.6, 0.4
"""How well a good frame fits the others where only one is known."""


@dataclass(frozen=True, slots=True)
class Light:
    """ln of a picture's light; its mean and variance in both windows around each 2 x 2 pixels: 2 x rows x columns."""

    light: Floats
    means: Floats
    variances: Floats
    deviations: Floats

    @classmethod
    def of(cls, thumb: Gray) -> "Light":
        """Of a small picture."""
        light = np.asarray(cv2.log(thumb.astype(np.float32) + 12), dtype=np.float32)
        means = _means(light)
        variances = np.maximum(_means(light * light) - means * means, 0)
        return cls(light, means, variances, np.sqrt(variances + np.float32(_NOISE)))


@dataclass(frozen=True, slots=True)
class Laid:
    """A good view laid upon the view now, and how well it fits around each 2 x 2 pixels, in both windows."""

    good: Light
    closely: Floats

    @property
    def fits(self) -> Floats:
        """How well each cell fits: 2 x rows x columns."""
        return by_cells(self.closely)


def fit(one: Light, other: Light) -> Floats:
    """Normalised correlation of two views in both windows around each 2 x 2 pixels, -1 to 1."""
    common = _means(one.light * other.light) - one.means * other.means
    return np.asarray(common / (one.deviations * other.deviations), dtype=np.float32)


def laid_upon(thumb: Gray, now: Light, good: Gray, sways: bool) -> Laid:
    """A good view as it lies or, where the camera `sways`, moved onto the view now if it fits better so."""
    light = Light.of(good)
    plain = Laid(light, fit(now, light))
    moved = _moved_onto(thumb, good) if sways else None
    if moved is None:
        return plain
    light = Light.of(moved)
    better = Laid(light, fit(now, light))
    return better if better.closely[1].mean() > plain.closely[1].mean() else plain


def swayed(thumb: Gray, good: Gray) -> bool:
    """Whether the view now lies beside a good one, as on a pole in the wind."""
    return _sway(thumb, good) is not None


def fine_structure(small: Gray, thumb: Gray) -> Gray:
    """ln of the mean Laplacian of the larger picture by cells, in steps of 1/32, as bytes."""
    laplacian = cv2.Laplacian(small, cv2.CV_16S)
    strength = np.asarray(cv2.convertScaleAbs(laplacian, alpha=_FINE_SCALE), dtype=np.uint8)
    size = (thumb.shape[1] // CELL_PX, thumb.shape[0] // CELL_PX)
    if strength.shape[1] >= 4 * size[0]:
        strength = halved(strength)
    wide = np.asarray(strength, dtype=np.float32)
    while wide.shape[1] >= 4 * size[0]:
        wide = halved(wide)
    mean = np.log(cv2.resize(wide, size, interpolation=cv2.INTER_AREA) / _FINE_SCALE + 0.5)
    return np.asarray(np.clip(np.round((mean + 1.0) / FINE_STEP), 0, 255), dtype=np.uint8)


def as_fits(kept: NDArray[np.uint8]) -> Floats:
    """Fits from the bytes that are kept of them."""
    return np.asarray(kept.astype(np.float32) / 127 - 1, dtype=np.float32)


def kept_fits(fits: Floats) -> NDArray[np.uint8]:
    """Fits as bytes; 0 is -1: nothing to compare with."""
    return np.asarray(np.clip(np.round((fits + 1) * 127), 0, 255), dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Usual:
    """How well good frames fit each other: their mean and their least, 2 x rows x columns."""

    mean: Floats
    least: Floats

    @classmethod
    def of(cls, kept: Sequence[NDArray[np.uint8]], shape: tuple[int, ...]) -> "Usual":
        """From what each of them keeps; a typical one of that shape where they are not known yet."""
        known = [one for one in kept if one.any()]
        if not known:
            return cls(np.full(shape, _UNKNOWN_MEAN, np.float32), np.full(shape, _UNKNOWN_LEAST, np.float32))
        stacked = as_fits(np.stack(known))
        return cls(stacked.mean(axis=0), stacked.min(axis=0))


def best_fit(laid: Sequence[Laid]) -> Floats:
    """Of each cell the fit of the good frame that it fits best."""
    return np.asarray(np.maximum.reduce([one.fits for one in laid]))


def best_closely(laid: Sequence[Laid]) -> Floats:
    """Around each 2 x 2 pixels the fit of the good frame that it fits best."""
    return np.asarray(np.maximum.reduce([one.closely for one in laid]))


def by_cells(closely: NDArray[Any]) -> Floats:
    """The mean of each cell of what was measured around each 2 x 2 pixels: ... x rows x columns, of many at once."""
    sums = closely[..., ::2, :] + closely[..., 1::2, :]
    return np.asarray((sums[..., ::2] + sums[..., 1::2]) * np.float32(0.25), dtype=np.float32)


def quartered(cells: NDArray[Number]) -> NDArray[Number]:
    """What is known of cells, for the quarters of each."""
    return np.repeat(np.repeat(cells, 2, axis=-2), 2, axis=-1)


def spread_of(variances: Floats) -> Floats:
    """ln of the deviation of ln light: contrast, whatever the light."""
    return np.asarray(0.5 * np.log(variances + np.float32(1e-4)), dtype=np.float32)


def _means(picture: Floats) -> Floats:
    """The means of both windows around each 2 x 2 pixels: 2 x rows x columns."""
    half = halved(picture)
    means = np.empty((len(WINDOWS), *half.shape), np.float32)
    for mean, window in zip(means, WINDOWS, strict=True):
        cv2.boxFilter(half, -1, (window, window), dst=mean, borderType=cv2.BORDER_REFLECT)
    return means


def _sway(thumb: Gray, good: Gray) -> tuple[float, float] | None:
    """The shift (pixels, x and y) that lays a good view upon the view now, when it is that of a swaying pole."""
    (dx, dy), response = cv2.phaseCorrelate(_edges(good), _edges(thumb), _window(*thumb.shape))
    sways = _LEAST_SWAY_PX <= max(abs(dx), abs(dy)) <= _SWAY_SHARE * thumb.shape[1] and response >= _SURE_SWAY
    return (float(dx), float(dy)) if sways else None


def _moved_onto(thumb: Gray, good: Gray) -> Gray | None:
    sway = _sway(thumb, good)
    if sway is None:
        return None
    shift = np.array([[1, 0, sway[0]], [0, 1, sway[1]]], np.float32)
    size = (thumb.shape[1], thumb.shape[0])
    return np.asarray(cv2.warpAffine(good, shift, size, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)


def _edges(thumb: Gray) -> Floats:
    """What is laid upon each other, padded to a size whose middle is a pixel: `phaseCorrelate` errs by half a pixel
    where the size that it pads to by itself is odd."""
    smooth = cv2.GaussianBlur(thumb.astype(np.float32), (0, 0), 1)
    edges = np.tanh(cv2.Laplacian(smooth, cv2.CV_32F) / 10)
    rows, columns = (_even_size(size) - size for size in thumb.shape)
    return np.asarray(cv2.copyMakeBorder(edges, 0, rows, 0, columns, cv2.BORDER_CONSTANT, value=0.0), dtype=np.float32)


@lru_cache(maxsize=32)
def _window(rows: int, columns: int) -> Floats:
    padded = np.zeros((_even_size(rows), _even_size(columns)), np.float32)
    padded[:rows, :columns] = cv2.createHanningWindow((columns, rows), cv2.CV_32F)
    return padded


def _even_size(size: int) -> int:
    best = cv2.getOptimalDFTSize(size)
    while best % 2:
        best = cv2.getOptimalDFTSize(best + 1)
    return best
