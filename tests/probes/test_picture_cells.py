"""Small views compared all at once: against the same by plain loops, one by one."""

import cv2
import numpy as np
import pytest

from cammon_probes.picture.cells import WINDOWS, Lights, best_fit, by_cells, fit, laid_upon
from cammon_probes.picture.hiddenness import CELLS
from cammon_probes.picture.scales import block_means

SHAPES = {"wide": (80, 144), "square": (108, 108), "smallest": (8, 8), "flat": (8, 96)}


def views(shape, number, seed=1):
    rng = np.random.default_rng(seed)
    base = rng.uniform(20, 230, shape)
    return [np.clip(base + rng.normal(0, 25, shape), 0, 255).astype(np.uint8) for _ in range(number)]


def around(picture, window):
    """The means of a window around each 2 x 2 pixels, rows and columns mirrored at the rim."""
    half = picture.reshape(picture.shape[0] // 2, 2, -1, 2).mean(axis=(1, 3))
    reach = window // 2
    wide = np.pad(half, reach, mode="symmetric")
    rows, columns = half.shape
    return np.array(
        [[wide[y : y + window, x : x + window].mean() for x in range(columns)] for y in range(rows)], np.float64
    )


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_light_is_that_of_plain_loops(shape):
    pictures = views(shape, 3)
    lights = Lights.of(pictures)
    for number, picture in enumerate(pictures):
        light = np.log(picture.astype(np.float64) + 12)
        for which, window in enumerate(WINDOWS):
            mean = around(light, window)
            assert np.abs(lights.means[which, number] - mean).max() < 1e-4
            assert np.abs(lights.variances[which, number] - (around(light**2, window) - mean**2)).max() < 2e-4


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_many_at_once_fit_as_each_alone(shape):
    now, *goods = views(shape, 6)
    together = laid_upon(now, Lights.of([now]), goods, sways=False)
    alone = [laid_upon(now, Lights.of([now]), [good], sways=False) for good in goods]
    assert np.allclose(together.closely, np.concatenate([one.closely for one in alone], axis=1), atol=1e-5)
    assert np.allclose(best_fit(together), np.max([best_fit(one) for one in alone], axis=0), atol=1e-5)
    assert np.allclose(together.fits[2], by_cells(alone[2].closely)[:, 0], atol=1e-5)


def test_a_view_fits_itself_and_its_negative_not():
    (now,) = views((80, 144), 1)
    lights = Lights.of([now])
    assert fit(lights, lights).min() > 0.9
    assert fit(lights, Lights.of([(255 - now)])).mean() < -0.5


@pytest.mark.parametrize(("x", "y"), [(3, 0), (-2, 1), (0.6, 0), (0, -0.7), (0.5, 0.5)])
def test_a_swaying_view_is_laid_back(x, y):
    rng = np.random.default_rng(3)
    wide = cv2.GaussianBlur(np.kron(rng.uniform(20, 230, (60, 100)), np.ones((2, 2))), (0, 0), 0.8).astype(np.uint8)
    shift = np.array([[1, 0, x], [0, 1, y]], np.float32)
    swayed = cv2.warpAffine(wide, shift, wide.shape[::-1], flags=cv2.INTER_LANCZOS4)
    here, beside, still = swayed[20:100, 20:164], wide[20:100, 20:164], swayed[20:100, 20:164].copy()
    now = Lights.of([here])
    plain = laid_upon(here, now, [beside, still], sways=False)
    laid = laid_upon(here, now, [beside, still], sways=True)
    assert 1 - laid.closely[1, 0].mean() < 0.5 * (1 - plain.closely[1, 0].mean())
    assert np.array_equal(laid.closely[:, 1], plain.closely[:, 1])


def test_how_hidden_a_place_looks_is_the_mean_of_three_functions():
    features = np.random.default_rng(4).normal(CELLS.mean, 3 * CELLS.spread, (5, 7, len(CELLS.mean))).astype(np.float32)
    plain = np.clip((features - CELLS.mean) / CELLS.spread, -4, 4)
    found = []
    for first, second in zip(CELLS.first, CELLS.second, strict=True):
        inner = np.tanh(plain @ first[:-1] + first[-1])
        found.append(1 / (1 + np.exp(-(inner @ second[:-1] + second[-1]))))
    assert np.allclose(CELLS(features), np.mean(found, axis=0), atol=1e-5)


@pytest.mark.parametrize(("shape", "block"), [((360, 640), 16), ((270, 480), 24), ((17, 33), 16), ((5, 9), 16)])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.float32])
def test_means_of_blocks(shape, block, kind):
    picture = np.random.default_rng(5).uniform(0, 255, shape).astype(kind)
    side = min(block, *shape)
    rows, columns = shape[0] // side, shape[1] // side
    plain = picture[: rows * side, : columns * side].astype(np.float64)
    assert np.allclose(block_means(picture, block), plain.reshape(rows, side, columns, side).mean((1, 3)), rtol=1e-5)
