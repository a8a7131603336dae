"""The numbers by which `Hiddenness` judges a place of the view: how it fits the good frames, and how it differs.

A place is a cell of the small picture or, looked at `closely`, a quarter of one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .cells import FINE_STEP, Laid, Lights, Usual, best_closely, best_fit, by_cells, quartered, spread_of
from .scales import quantile

Gray = NDArray[np.uint8]
Floats = NDArray[np.float32]

FEATURES = 36
_AROUND_CELLS = 5


@dataclass(frozen=True, slots=True)
class _Places:
    """From what is measured around each 2 x 2 pixels to places; how many of them lie around one."""

    of: Callable[[Floats], Floats]
    around: int

    def around_of(self, picture: Floats) -> Floats:
        """The mean around each place."""
        return np.asarray(cv2.blur(picture, (self.around, self.around)), dtype=np.float32)


def _as_they_are(measured: Floats) -> Floats:
    return measured


_CELLS = _Places(by_cells, _AROUND_CELLS)
_CLOSELY = _Places(_as_they_are, 2 * _AROUND_CELLS - 1)


def features_of(
    now: Lights, fine: Gray, laid: Laid, fines: Sequence[Gray], usual: Usual, *, closely: bool = False
) -> Floats:
    """A view against good frames: rows x columns x `FEATURES` numbers, twice as many of both when looked at closely."""
    places = _CLOSELY if closely else _CELLS
    known = [fine, *fines]
    if closely:
        known, usual = [quartered(one) for one in known], Usual(quartered(usual.mean), quartered(usual.least))
    best = best_closely(laid) if closely else best_fit(laid)
    variances = np.concatenate([now.variances, laid.good.variances], axis=1)
    spreads = _spread_over(spread_of(places.of(np.moveaxis(variances, 1, 0))))
    found = [
        *_fine_features(np.stack(known), places),
        *best,
        *usual.mean,
        *usual.least,
        *_structure_features(spreads, places),
        *_light_features(now, laid.good, places),
        *_whole_features(spreads, best, usual.mean, len(fines), places),
    ]
    return np.stack(found, axis=-1).astype(np.float32, copy=False)


@dataclass(frozen=True, slots=True)
class _Spread:
    """A measure now, and the least, the median and the most of it over good frames, of each place."""

    now: Floats
    least: Floats
    middle: Floats
    most: Floats


def _spread_over(measured: Floats) -> _Spread:
    """Of a measure now (the first) and over good frames (the others)."""
    ordered = np.sort(measured[1:], axis=0)
    middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) * np.float32(0.5)
    return _Spread(measured[0], ordered[0], middle, ordered[-1])


def _fine_features(known: NDArray[np.uint8], places: _Places) -> list[Floats]:
    found = _spread_over(known.astype(np.float32) * np.float32(FINE_STEP))
    now = found.now
    more = now - found.most
    whole = [np.full_like(now, quantile(now - found.middle, 0.5)), np.full_like(now, quantile(more, 0.75))]
    any_more = now - found.least
    around = [places.around_of(more), places.around_of(any_more)]
    return [now, found.most, found.middle, found.least, more, *around, *whole]


def _structure_features(found: _Spread, places: _Places) -> list[Floats]:
    both = [one[which] for which in (0, 1) for one in (found.most, found.middle, found.least)]
    return [found.now[0], found.now[1], *both, places.around_of(found.now[1]) - places.around_of(found.most[1])]


def _light_features(now: Lights, goods: Lights, places: _Places) -> list[Floats]:
    means = places.of(np.concatenate([now.means[0], goods.means[0]]))
    away = _light_apart(means[0], means[1:])
    detail = _spread_over(_detail(np.concatenate([now.light, goods.light]), places))
    return [away, places.around_of(away), detail.now, detail.most, detail.middle, detail.least, means[0]]


def _whole_features(spreads: _Spread, best: Floats, mean: Floats, good: int, places: _Places) -> list[Floats]:
    numbers = (
        quantile(best[1], 0.5),
        quantile(spreads.now[0] - spreads.middle[0], 0.5),
        quantile(mean[1], 0.5),
        good / 8,
    )
    return [places.around_of(best[1]), *(np.full_like(best[1], number) for number in numbers)]


def _light_apart(now: Floats, goods: Floats) -> Floats:
    """By how much ln light differs from the good frame that is nearest, after the best common gain and contrast."""
    centred, away = goods - goods.mean(axis=(1, 2), keepdims=True), now - quantile(now, 0.5)
    slope = np.clip((centred * away).sum(axis=(1, 2)) / ((centred * centred).sum(axis=(1, 2)) + 1e-3), 0.4, 2.5)
    apart = away - slope[:, None, None] * centred
    apart = np.abs(apart - _middle_of_each(apart))
    return np.asarray(apart.min(axis=0), dtype=np.float32)


def _detail(lights: Floats, places: _Places) -> Floats:
    """ln of the mean Laplacian at every second pixel of each place, of ln light (n x rows x columns)."""
    mirrored = np.concatenate([lights[:, 1:2], lights], axis=1)
    below_each_other = cv2.Laplacian(mirrored.reshape(-1, lights.shape[2]), cv2.CV_32F)
    halves = np.abs(below_each_other.reshape(mirrored.shape)[:, 1::2, ::2])
    return np.asarray(np.log(places.of(halves) + np.float32(0.003)), dtype=np.float32)


def _middle_of_each(pictures: Floats) -> Floats:
    """The median of each picture (the upper one of the two in the middle): n x 1 x 1. numpy's takes twice as long."""
    flat = pictures.reshape(len(pictures), -1)
    half = flat.shape[1] // 2
    return np.asarray(np.partition(flat, half, axis=1)[:, half, None, None])
