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
_REACH = 2
"""Rows beyond the rim that the larger window takes in."""
_NOISE = 0.0012
"""Variance of ln light that counts as no structure."""
_SWAY_SHARE, _LEAST_SWAY_PX = 0.03, 0.4
_SURE_SWAY = 0.1
"""Response of the phase correlation from which a shift is tried."""
FINE_STEP = 1 / 32
"""ln of fine structure that a kept byte counts."""
_FINE_SCALE = 4.0
"""Laplacians count up to 255 / 4: one speck is not structure."""
_UNKNOWN_MEAN, _UNKNOWN_LEAST = 0.6, 0.4
"""How well a good frame fits the others where only one is known."""


@dataclass(frozen=True, slots=True)
class Lights:
    """ln of some pictures' light (n x rows x columns); its mean and variance in both windows around each 2 x 2 pixels
    (2 x n x half the rows x half the columns). All at once: each picture is so small that calls would cost most."""

    light: Floats
    means: Floats
    variances: Floats
    deviations: Floats

    @classmethod
    def of(cls, thumbs: Sequence[Gray]) -> "Lights":
        """Of small pictures of one shape."""
        light = np.stack(thumbs).astype(np.float32)
        light += 12
        light = np.asarray(cv2.log(_in_one(light)), dtype=np.float32).reshape(light.shape)
        means = _means(light)
        variances = np.maximum(_means(light * light) - means * means, 0)
        return cls(light, means, variances, np.sqrt(variances + np.float32(_NOISE)))


@dataclass(frozen=True, slots=True)
class Laid:
    """Good views laid upon the view now, and how well they fit around each 2 x 2 pixels: 2 x n x rows x columns."""

    good: Lights
    closely: Floats

    @property
    def fits(self) -> Floats:
        """How well each cell fits each of them: n x 2 x rows x columns."""
        return np.moveaxis(by_cells(self.closely), 1, 0)

    def better(self, others: "Laid") -> NDArray[np.bool_]:
        """Of each view whether it fits better than the other one, in the larger window."""
        return np.asarray(self.closely[1].mean(axis=(1, 2)) > others.closely[1].mean(axis=(1, 2)))


def fit(now: Lights, goods: Lights) -> Floats:
    """Normalised correlation of a view with others in both windows around each 2 x 2 pixels, -1 to 1."""
    common = _means(now.light * goods.light) - now.means * goods.means
    return np.asarray(common / (now.deviations * goods.deviations), dtype=np.float32)


def laid_upon(thumb: Gray, now: Lights, goods: Sequence[Gray], sways: bool) -> Laid:
    """Good views as they lie or, where the camera `sways`, each moved onto the view now if it fits better so."""
    plain = _laid(now, goods)
    if not sways:
        return plain
    moved = [_moved_onto(thumb, good) for good in goods]
    if all(one is None for one in moved):
        return plain
    tried = [good if one is None else one for good, one in zip(goods, moved, strict=True)]
    better = _laid(now, tried).better(plain)
    return _laid(now, [one if is_better else good for good, one, is_better in zip(goods, tried, better, strict=True)])


def _laid(now: Lights, goods: Sequence[Gray]) -> Laid:
    lights = Lights.of(goods)
    return Laid(lights, fit(now, lights))


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


def as_fits(kept: NDArray[Any]) -> Floats:
    """Fits from the bytes that are kept of them, or means of these."""
    return np.asarray(kept.astype(np.float32, copy=False) / 127 - 1, dtype=np.float32)


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
        stacked = np.stack(known)
        total = np.add.reduce(stacked, axis=0, dtype=np.uint16)
        return cls(as_fits(total / np.float32(len(known))), as_fits(stacked.min(axis=0)))


def best_fit(laid: Laid) -> Floats:
    """Of each cell the fit of the good frame that it fits best: 2 x rows x columns."""
    return np.asarray(by_cells(laid.closely).max(axis=1))


def best_closely(laid: Laid) -> Floats:
    """Around each 2 x 2 pixels the fit of the good frame that it fits best: 2 x rows x columns."""
    return np.asarray(laid.closely.max(axis=1))


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


def _means(pictures: Floats) -> Floats:
    """The means of both windows around each 2 x 2 pixels of pictures (n x rows x columns): 2 x n x half of both.

    The pictures lie below each other with their own rows mirrored between them, so that one call takes them all.
    """
    number, rows, columns = (size // halves for size, halves in zip(pictures.shape, (1, 2, 2), strict=True))
    padded = np.empty((number, rows + 2 * _REACH, columns), np.float32)
    padded[:, _REACH:-_REACH] = halved(_in_one(pictures)).reshape(number, rows, columns)
    for away in range(_REACH):
        padded[:, _REACH - 1 - away] = padded[:, _REACH + away]
        padded[:, away - _REACH] = padded[:, -1 - _REACH - away]
    means = np.empty((len(WINDOWS), *padded.shape), np.float32)
    for mean, window in zip(means, WINDOWS, strict=True):
        weights = np.full(window, 1 / window, np.float32)
        cv2.sepFilter2D(_in_one(padded), -1, weights, weights, dst=_in_one(mean), borderType=cv2.BORDER_REFLECT)
    return means[:, :, _REACH:-_REACH]


def _in_one(pictures: Floats) -> Floats:
    """Pictures (n x rows x columns) as one, each below the one before."""
    return pictures.reshape(-1, pictures.shape[-1])


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
    return np.asarray(
        cv2.warpAffine(good, shift, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8
    )


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
