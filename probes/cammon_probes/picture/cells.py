"""The view in cells of 4 x 4 pixels of the small picture: how well each fits the good frames, and how it differs."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
Floats = NDArray[np.float32]

CELL_PX = 4
WINDOWS_PX = (5, 11)
_NOISE = 0.0012
"""Variance of ln light that counts as no structure."""
_WITHIN = 0.03
_STEP = 1 / 32
_UNKNOWN_MEAN, _UNKNOWN_LEAST = 0.6, 0.4
"""How well a good frame fits the others where only one is known."""
FEATURES = 36


@dataclass(frozen=True, slots=True)
class Light:
    """ln of a picture's light, its mean and variance in windows of 5 and of 11 pixels."""

    light: Floats
    means: tuple[Floats, Floats]
    variances: tuple[Floats, Floats]

    @classmethod
    def of(cls, thumb: Gray) -> "Light":
        """Of a small picture."""
        light = np.asarray(cv2.log(thumb.astype(np.float32) + 12), dtype=np.float32)
        means = (_mean(light, WINDOWS_PX[0]), _mean(light, WINDOWS_PX[1]))
        square = light * light
        variances = (
            np.maximum(_mean(square, WINDOWS_PX[0]) - means[0] * means[0], 0),
            np.maximum(_mean(square, WINDOWS_PX[1]) - means[1] * means[1], 0),
        )
        return cls(light, means, variances)


def fit(one: Light, other: Light) -> Floats:
    """Normalised correlation of two views in both windows: 2 x rows x columns of cells, -1 to 1."""
    product = one.light * other.light
    maps = []
    for which, window in enumerate(WINDOWS_PX):
        common = _mean(product, window) - one.means[which] * other.means[which]
        spread = np.sqrt((one.variances[which] + _NOISE) * (other.variances[which] + _NOISE))
        maps.append(cells(np.asarray(common / spread, dtype=np.float32)))
    return np.stack(maps)


def registered(thumb: Gray, good: Gray) -> Gray:
    """A good view moved onto the view now, when they lie apart by a pole's swaying."""
    now, before = _edges(thumb), _edges(good)
    window = cv2.createHanningWindow((thumb.shape[1], thumb.shape[0]), cv2.CV_32F)
    (dx, dy), response = cv2.phaseCorrelate(before, now, window)
    apart = max(abs(dx), abs(dy))
    if not 0.3 <= apart <= _WITHIN * thumb.shape[1] or response < 0.05:
        return good
    shift = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    size = (thumb.shape[1], thumb.shape[0])
    return np.asarray(cv2.warpAffine(good, shift, size, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)


def fine_structure(small: Gray, thumb: Gray) -> Gray:
    """ln of the mean Laplacian of the larger picture by cells, in steps of 1/32, as bytes."""
    strength = np.minimum(np.abs(cv2.Laplacian(small, cv2.CV_32F)), 60)
    size = (max(1, thumb.shape[1] // CELL_PX), max(1, thumb.shape[0] // CELL_PX))
    mean = np.log(cv2.resize(strength, size, interpolation=cv2.INTER_AREA) + 0.5)
    return np.asarray(np.clip(np.round((mean + 1.0) / _STEP), 0, 255), dtype=np.uint8)


def as_fits(kept: NDArray[np.uint8]) -> Floats:
    """Fits from the bytes that are kept of them."""
    return np.asarray(kept.astype(np.float32) / 127 - 1, dtype=np.float32)


def kept_fits(fits: Floats) -> NDArray[np.uint8]:
    """Fits as bytes; 0 is -1: nothing to compare with."""
    return np.asarray(np.clip(np.round((fits + 1) * 127), 0, 255), dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Compared:
    """A view against good frames by cells. `features` is rows x columns x 36, `missing` the loss of fit in windows of 5
    and of 11 pixels against what good frames have among themselves (2 x rows x columns, 0 where it fits)."""

    features: Floats
    missing: Floats


def compared(
    thumb: Gray, fine: Gray, goods: Sequence[Gray], fines: Sequence[Gray], usual: Sequence[NDArray[np.uint8]]
) -> Compared:
    """Compares a view with good frames; `usual` holds for each of them how well it fits the others."""
    now = Light.of(thumb)
    others = [Light.of(good) for good in goods]
    best = np.maximum.reduce([fit(now, other) for other in others])
    known = [as_fits(one) for one in usual if one.any()]
    mean = np.mean(known, axis=0) if known else np.full_like(best, _UNKNOWN_MEAN)
    least = np.minimum.reduce(known) if known else np.full_like(best, _UNKNOWN_LEAST)
    spreads = np.stack([_spread(variance) for variance in now.variances])
    good_spreads = np.stack([[_spread(variance) for variance in other.variances] for other in others])
    features = [
        *_fine_features(fine, fines),
        *best,
        *mean,
        *least,
        *_structure_features(spreads, good_spreads),
        *_light_features(now, others),
        *_whole_features(spreads, good_spreads, best, mean),
    ]
    return Compared(np.stack(features, axis=-1).astype(np.float32), np.maximum(mean - best, 0))


def cells(picture: Floats) -> Floats:
    """The mean of each cell."""
    size = (max(1, picture.shape[1] // CELL_PX), max(1, picture.shape[0] // CELL_PX))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _fine_features(fine: Gray, fines: Sequence[Gray]) -> list[Floats]:
    now = fine.astype(np.float32) * _STEP
    good = np.stack(fines).astype(np.float32) * _STEP
    more, any_more, middle = now - good.max(0), now - good.min(0), np.median(good, 0)
    whole = [np.full_like(now, np.median(now - middle)), np.full_like(now, np.percentile(more, 75))]
    return [now, good.max(0), middle, good.min(0), more, _around(more), _around(any_more), *whole]


def _structure_features(now: Floats, goods: Floats) -> list[Floats]:
    found = [now[0], now[1]]
    for which in (0, 1):
        good = goods[:, which]
        found += [good.max(0), np.median(good, 0), good.min(0)]
    return [*found, _around(now[1]) - _around(goods[:, 1].max(0))]


def _light_features(now: Light, others: Sequence[Light]) -> list[Floats]:
    mean = cells(now.means[0])
    away = np.minimum.reduce([_light_apart(mean, cells(other.means[0])) for other in others])
    detail = np.log(cells(np.abs(cv2.Laplacian(now.light, cv2.CV_32F))) + 0.003)
    good = np.log(np.stack([cells(np.abs(cv2.Laplacian(one.light, cv2.CV_32F))) for one in others]) + 0.003)
    return [away, _around(away), detail, good.max(0), np.median(good, 0), good.min(0), mean]


def _whole_features(now: Floats, goods: Floats, best: Floats, mean: Floats) -> list[Floats]:
    numbers = (
        np.median(best[1]),
        np.median(now[0] - np.median(goods[:, 0], axis=0)),
        np.median(mean[1]),
        len(goods) / 8,
    )
    return [_around(best[1]), *(np.full_like(best[1], number) for number in numbers)]


def _light_apart(now: Floats, good: Floats) -> Floats:
    """By how much ln light differs after the best common gain and contrast."""
    centred, away = good - good.mean(), now - np.median(now)
    slope = np.clip((centred * away).sum() / ((centred * centred).sum() + 1e-3), 0.4, 2.5)
    apart = away - slope * centred
    return np.asarray(np.abs(apart - np.median(apart)), dtype=np.float32)


def _spread(variance: Floats) -> Floats:
    return np.asarray(0.5 * np.log(cells(variance) + 1e-4), dtype=np.float32)


def _mean(picture: Floats, window_px: int) -> Floats:
    return np.asarray(
        cv2.boxFilter(picture, -1, (window_px, window_px), borderType=cv2.BORDER_REFLECT), dtype=np.float32
    )


def _around(picture: Floats) -> Floats:
    return np.asarray(cv2.blur(picture, (5, 5)), dtype=np.float32)


def _edges(thumb: Gray) -> Floats:
    smooth = cv2.GaussianBlur(thumb.astype(np.float32), (0, 0), 1)
    return np.asarray(np.tanh(cv2.Laplacian(smooth, cv2.CV_32F) / 10), dtype=np.float32)
