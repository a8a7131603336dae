"""The view in cells of 4 x 4 pixels of the small picture: how well each fits the good frames, and how it differs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .scales import halved, quantile

Gray = NDArray[np.uint8]
Floats = NDArray[np.float32]

CELL_PX = 4
WINDOWS_PX = (5, 11)
_NOISE = 0.0012
"""Variance of ln light that counts as no structure."""
_SWAY_SHARE, _LEAST_SWAY_PX = 0.03, 1.0
_SURE_SWAY = 0.1
"""Response of the phase correlation from which a shift is tried."""
_STEP = 1 / 32
_UNKNOWN_MEAN, _UNKNOWN_LEAST = 0.6, 0.4
"""How well a good frame fits the others where only one is known."""
FEATURES = 36


@dataclass(frozen=True, slots=True)
class Light:
    """ln of a picture's light; at every second pixel its mean and variance in windows of 5 and of 11 pixels."""

    light: Floats
    means: tuple[Floats, Floats]
    variances: tuple[Floats, Floats]

    @classmethod
    def of(cls, thumb: Gray) -> "Light":
        """Of a small picture."""
        light = np.asarray(cv2.log(thumb.astype(np.float32) + 12), dtype=np.float32)
        square = light * light
        means = (_mean(light, WINDOWS_PX[0]), _mean(light, WINDOWS_PX[1]))
        variances = [
            np.maximum(_mean(square, window) - mean * mean, 0) for window, mean in zip(WINDOWS_PX, means, strict=True)
        ]
        return cls(light, means, (variances[0], variances[1]))


@dataclass(frozen=True, slots=True)
class Laid:
    """A good view laid upon the view now, and how well each cell fits: 2 x rows x columns, in both windows."""

    good: Light
    fits: Floats


def fit(one: Light, other: Light) -> Floats:
    """Normalised correlation of two views in both windows: 2 x rows x columns of cells, -1 to 1."""
    product = one.light * other.light
    maps = []
    for which, window in enumerate(WINDOWS_PX):
        common = _mean(product, window) - one.means[which] * other.means[which]
        spread = np.sqrt((one.variances[which] + _NOISE) * (other.variances[which] + _NOISE))
        maps.append(_cells(common / spread))
    return np.stack(maps)


def laid_upon(thumb: Gray, now: Light, good: Gray, sways: bool) -> Laid:
    """A good view as it lies or, where the camera `sways`, moved onto the view now if it fits better so."""
    light = Light.of(good)
    plain = Laid(light, fit(now, light))
    moved = _moved_onto(thumb, good) if sways else None
    if moved is None:
        return plain
    light = Light.of(moved)
    better = Laid(light, fit(now, light))
    return better if better.fits[1].mean() > plain.fits[1].mean() else plain


def swayed(thumb: Gray, good: Gray) -> bool:
    """Whether the view now lies beside a good one, as on a pole in the wind."""
    return _sway(thumb, good) is not None


def fine_structure(small: Gray, thumb: Gray) -> Gray:
    """ln of the mean Laplacian of the larger picture by cells, in steps of 1/32, as bytes."""
    strength = np.minimum(cv2.convertScaleAbs(cv2.Laplacian(small, cv2.CV_16S)), 60).astype(np.float32)
    size = (thumb.shape[1] // CELL_PX, thumb.shape[0] // CELL_PX)
    while strength.shape[1] >= 4 * size[0]:
        strength = halved(strength)
    mean = np.log(cv2.resize(strength, size, interpolation=cv2.INTER_AREA) + 0.5)
    return np.asarray(np.clip(np.round((mean + 1.0) / _STEP), 0, 255), dtype=np.uint8)


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


def features_of(now: Light, fine: Gray, laid: Sequence[Laid], fines: Sequence[Gray], usual: Usual) -> Floats:
    """A view against good frames by cells: rows x columns x `FEATURES` numbers."""
    best = best_fit(laid)
    spreads = spread_of(np.stack(now.variances))
    good_spreads = spread_of(np.stack([one.good.variances for one in laid]))
    found = [
        *_fine_features(fine, fines),
        *best,
        *usual.mean,
        *usual.least,
        *_structure_features(spreads, good_spreads),
        *_light_features(now, [one.good for one in laid]),
        *_whole_features(spreads, good_spreads, best, usual.mean),
    ]
    return np.stack(found, axis=-1).astype(np.float32, copy=False)


def _cells(halves: NDArray[Any]) -> Floats:
    """The mean of each cell of what was measured at every second pixel: ... x rows x columns, also of many at once."""
    upper, lower = halves[..., ::2, :], halves[..., 1::2, :]
    sums = upper[..., ::2] + upper[..., 1::2] + lower[..., ::2] + lower[..., 1::2]
    return np.asarray(sums * np.float32(0.25), dtype=np.float32)


def _fine_features(fine: Gray, fines: Sequence[Gray]) -> list[Floats]:
    now = fine.astype(np.float32) * np.float32(_STEP)
    least, middle, most = _spread_over(np.stack(fines).astype(np.float32) * np.float32(_STEP))
    more, any_more = now - most, now - least
    whole = [np.full_like(now, quantile(now - middle, 0.5)), np.full_like(now, quantile(more, 0.75))]
    return [now, most, middle, least, more, _around(more), _around(any_more), *whole]


def _structure_features(now: Floats, goods: Floats) -> list[Floats]:
    found = [now[0], now[1]]
    for which in (0, 1):
        least, middle, most = _spread_over(goods[:, which])
        found += [most, middle, least]
    return [*found, _around(now[1]) - _around(goods[:, 1].max(0))]


def _light_features(now: Light, others: Sequence[Light]) -> list[Floats]:
    mean = _cells(now.means[0])
    away = _light_apart(mean, _cells(np.stack([other.means[0] for other in others])))
    detail = _detail([now, *others])
    least, middle, most = _spread_over(detail[1:])
    return [away, _around(away), detail[0], most, middle, least, mean]


def _whole_features(now: Floats, goods: Floats, best: Floats, mean: Floats) -> list[Floats]:
    numbers = (
        quantile(best[1], 0.5),
        quantile(now[0] - _spread_over(goods[:, 0])[1], 0.5),
        quantile(mean[1], 0.5),
        len(goods) / 8,
    )
    return [_around(best[1]), *(np.full_like(best[1], number) for number in numbers)]


def _spread_over(goods: Floats) -> tuple[Floats, Floats, Floats]:
    """The least, the median and the most over good frames, of each cell."""
    ordered = np.sort(goods, axis=0)
    middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    return ordered[0], middle, ordered[-1]


def _light_apart(now: Floats, goods: Floats) -> Floats:
    """By how much ln light differs from the good frame that is nearest, after the best common gain and contrast."""
    centred, away = goods - goods.mean(axis=(1, 2), keepdims=True), now - quantile(now, 0.5)
    slope = np.clip((centred * away).sum(axis=(1, 2)) / ((centred * centred).sum(axis=(1, 2)) + 1e-3), 0.4, 2.5)
    apart = away - slope[:, None, None] * centred
    apart = np.abs(apart - np.median(apart, axis=(1, 2), keepdims=True))
    return np.asarray(apart.min(axis=0), dtype=np.float32)


def _detail(lights: Sequence[Light]) -> Floats:
    """ln of the mean Laplacian at every second pixel of each cell."""
    halves = np.stack([cv2.Laplacian(one.light, cv2.CV_32F)[::2, ::2] for one in lights])
    return np.asarray(np.log(_cells(np.abs(halves)) + np.float32(0.003)), dtype=np.float32)


def spread_of(variances: Floats) -> Floats:
    """ln of the deviation of ln light by cells: contrast, whatever the light."""
    return np.asarray(0.5 * np.log(_cells(variances) + np.float32(1e-4)), dtype=np.float32)


def _mean(picture: Floats, window_px: int) -> Floats:
    """The mean of the window around every second pixel."""
    mean = cv2.boxFilter(picture, -1, (window_px, window_px), borderType=cv2.BORDER_REFLECT)
    return np.ascontiguousarray(mean[::2, ::2], dtype=np.float32)


def _around(picture: Floats) -> Floats:
    return np.asarray(cv2.blur(picture, (5, 5)), dtype=np.float32)


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
