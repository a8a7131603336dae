"""Drops on the glass, seen without any good frame: soft round spots all over a picture whose scene is sharp."""

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
Floats = NDArray[np.float32]

TILES = (6, 8)
"""Rows and columns of the tiles in which spots are sought: drops lie on the sky as on the ground."""
_SPREAD_PX = 1.0
_ROUND = 0.6
_REACH_PX = 5


def tiles_with_drops(small: Gray, strength: float, softness: float) -> tuple[float, NDArray[np.bool_]]:
    """The share of the tiles that have a soft round spot, and the spots (half as wide as the picture).

    A spot is a place where ln light bends alike in all directions, by `strength` (root of the determinant of the
    Hessian, in half the picture's size, after a blur of one pixel). It is soft where the fine structure around it is
    weak against its own, by `softness` (ln of energies): what lies on the glass is out of focus, leaves and cars are
    not.
    """
    height, width = small.shape
    size = (max(2, width // 2), max(2, height // 2))
    fine = cv2.Laplacian(_light(small), cv2.CV_32F)
    fine = cv2.blur(cv2.resize(cv2.multiply(fine, fine), size, interpolation=cv2.INTER_AREA), (_REACH_PX, _REACH_PX))
    light = cv2.GaussianBlur(_light(np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_AREA))), (0, 0), 1.0)
    wide = cv2.blur(np.square(light - cv2.GaussianBlur(light, (0, 0), 3 * _SPREAD_PX)), (7, 7))
    bend = _roundness(np.asarray(light, dtype=np.float32))
    peaks = (bend > strength) & (bend == cv2.dilate(bend, np.ones((_REACH_PX, _REACH_PX), np.uint8)))
    spots = peaks & (np.log(fine + 1e-6) - np.log(wide + 1e-6) < softness)
    rows, columns = np.nonzero(spots)
    found = np.zeros(TILES, np.bool_)
    found[rows * TILES[0] // size[1], columns * TILES[1] // size[0]] = True
    return float(found.mean()), np.asarray(spots, dtype=np.bool_)


def around(spots: NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """What spots hide, as a mask of another shape (rows, columns): a disc around each."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_REACH_PX, _REACH_PX))
    discs = cv2.dilate(spots.astype(np.float32), disc)
    return np.asarray(cv2.resize(discs, (shape[1], shape[0]), interpolation=cv2.INTER_AREA) > 0.3, dtype=np.bool_)


def _light(gray: Gray) -> Floats:
    return np.asarray(cv2.log(gray.astype(np.float32) + 12), dtype=np.float32)


def _roundness(light: Floats) -> Floats:
    """The root of the Hessian's determinant where both its curvatures are alike, else 0."""
    scale = _SPREAD_PX * _SPREAD_PX / 4
    xx, yy, xy = (scale * cv2.Sobel(light, cv2.CV_32F, *order) for order in ((2, 0), (0, 2), (1, 1)))
    determinant, trace = xx * yy - xy * xy, xx + yy
    determinant[4 * determinant < _ROUND * trace * trace] = 0
    return np.asarray(np.sqrt(np.maximum(determinant, 0)), dtype=np.float32)
