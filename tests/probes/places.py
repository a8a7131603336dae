"""Drawn places that have nothing in common: for views that are alike and views that are not."""

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 480, 270


def place(seed: int, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """Surfaces of any shape, place and tone, with texture (height x width x 3, BGR)."""
    rng = np.random.default_rng([seed, 7])
    picture = np.full((height, width, 3), rng.uniform(70, 150), np.float32)
    for _ in range(26):
        corners = rng.uniform(-0.1, 1.1, 2) + rng.uniform(-0.3, 0.3, (4, 2))
        points = (corners * [width, height]).astype(np.int32)
        cv2.fillConvexPoly(picture, cv2.convexHull(points), rng.uniform(25, 225) * rng.uniform(0.9, 1.1, 3))
    texture = cv2.GaussianBlur(rng.normal(0, 24, (height, width, 1)), (0, 0), 0.8)[..., None]
    return np.clip(picture + texture, 0, 255).astype(np.uint8)


def live(frame: NDArray[np.uint8], seed: int, gain: float = 1.0) -> NDArray[np.uint8]:
    """As a sensor shows it once: more or less light, some grain."""
    noise = np.random.default_rng([seed, 11]).normal(0, 1.5, (*frame.shape[:2], 1))
    return np.clip(frame * gain + noise, 0, 255).astype(np.uint8)


def shifted(frame: NDArray[np.uint8], dx: float, dy: float = 0.0) -> NDArray[np.uint8]:
    """The view moved by some pixels."""
    size = (frame.shape[1], frame.shape[0])
    moved = cv2.warpAffine(frame, np.array([[1, 0, dx], [0, 1, dy]], np.float32), size, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(moved, dtype=np.uint8)
