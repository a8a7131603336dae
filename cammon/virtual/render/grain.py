"""Sensor noise and slow textures, made once and shifted about, so that a fresh frame costs one pass of addition."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from cammon_probes.model import Frame

PLATE_WIDTH_PX, PLATE_HEIGHT_PX = 2048, 1216
"""Size of the noise plate; larger pictures get it repeated."""
PLATE_SIGMA = 24.0
"""Deviation of the plate that other strengths are scaled from; it keeps 8 bits out of saturation."""
USUAL_SIGMAS = (1.2, 3.0)
"""Strengths with a plate of their own: adding is twice as fast as scaling and adding."""
SLACK_PX = 128
"""How far the plate can be shifted each way."""
FRESH_ROWS = 4
"""Rows that get noise of their own each frame, so that no two frames can be equal by a repeated shift."""

Plate = NDArray[np.int8]


@lru_cache(maxsize=3)
def _plate(sigma: float) -> Plate:
    """Zero-mean noise with a little colour and a little blotch."""
    rng = np.random.default_rng(20)
    shape = (PLATE_HEIGHT_PX, PLATE_WIDTH_PX)
    blotch = rng.standard_normal((PLATE_HEIGHT_PX // 2, PLATE_WIDTH_PX // 2), dtype=np.float32)
    light = rng.standard_normal(shape, dtype=np.float32) + 0.6 * cv2.resize(blotch, shape[::-1])
    plate = np.empty((*shape, 3), np.int8)
    for channel, weight in enumerate((0.6, 0.4, 0.5)):
        mixed = sigma * (0.75 * light + weight * rng.standard_normal(shape, dtype=np.float32))
        plate[..., channel] = np.clip(np.rint(mixed), -127, 127)
    return plate


def _crop(sigma: float, width_px: int, height_px: int, rng: np.random.Generator) -> Plate:
    plate = _plate(sigma)
    down, across = (int(shift) for shift in rng.integers(0, SLACK_PX, 2))
    if width_px + SLACK_PX > PLATE_WIDTH_PX or height_px + SLACK_PX > PLATE_HEIGHT_PX:
        wrap = (0, max(0, height_px + SLACK_PX - PLATE_HEIGHT_PX), 0, max(0, width_px + SLACK_PX - PLATE_WIDTH_PX))
        plate = np.asarray(cv2.copyMakeBorder(plate, *wrap, cv2.BORDER_WRAP), np.int8)
    return plate[down : down + height_px, across : across + width_px]


def add_grain(picture: Frame, sigma: float, rng: np.random.Generator) -> Frame:
    """The picture with sensor noise of a standard deviation (0 to 60) in grey levels."""
    height_px, width_px = picture.shape[:2]
    if sigma in USUAL_SIGMAS:
        noisy = cv2.add(picture, _crop(sigma, width_px, height_px, rng), dtype=cv2.CV_8U)
    else:
        plate = _crop(PLATE_SIGMA, width_px, height_px, rng)
        noisy = cv2.addWeighted(picture, 1.0, plate, sigma / PLATE_SIGMA, 0.0, dtype=cv2.CV_8U)
    row = int(rng.integers(0, max(1, height_px - FRESH_ROWS + 1)))
    strip = noisy[row : row + FRESH_ROWS]
    fresh = rng.standard_normal(strip.shape, dtype=np.float32) * np.float32(max(sigma, 0.8))
    noisy[row : row + FRESH_ROWS] = np.clip(strip + np.rint(fresh), 0, 255)
    return np.asarray(noisy, dtype=np.uint8)


def cloud(
    width_px: int, height_px: int, cell_px: float, rng: np.random.Generator, octaves: int = 3
) -> NDArray[np.float32]:
    """Smooth random texture (height x width), zero mean and unit deviation; its largest blots measure `cell_px`."""
    total = np.zeros((height_px, width_px), np.float32)
    weight = 1.0
    for octave in range(octaves):
        cell = max(cell_px / 2**octave, 1.0)
        coarse = (int(np.ceil(height_px / cell)) + 2, int(np.ceil(width_px / cell)) + 2)
        values = rng.standard_normal(coarse, dtype=np.float32)
        fine = cv2.resize(values, None, fx=cell, fy=cell, interpolation=cv2.INTER_CUBIC)
        top, left = int(cell / 2), int(cell / 2)
        total += np.float32(weight) * fine[top : top + height_px, left : left + width_px]
        weight *= 0.55
    total -= total.mean()
    spread = float(total.std())
    return total / np.float32(spread) if spread > 0 else total
