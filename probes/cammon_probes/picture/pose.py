"""How far a camera has turned: the pan, tilt, roll and zoom that lay its view upon a good frame."""

from itertools import product
from math import atan, degrees, radians, tan

import cv2
import numpy as np
from numpy.typing import NDArray

from ..model import PoseChange
from .register import directions, overlay

Gray = NDArray[np.uint8]

ROLLS_DEG = (-8.0, -4.0, 0.0, 4.0, 8.0)
ZOOMS = (0.8, 0.9, 1.0, 1.11, 1.25)
_FINER = 3


def pose_change(now: Gray, good: Gray, hfov_deg: float, sure: float) -> PoseChange | None:
    """The change of pose from a good view to the view now (two pictures of the same shape).

    Pan is positive to the right, tilt downwards, roll clockwise, zoom above 1 is a narrower view. A pinhole camera is
    assumed; a shift of x pixels is then an angle of atan(x / f). The good view is rolled and zoomed about its middle in
    coarse, then in finer steps; where it fits best gives roll and zoom, the shift left over pan and tilt. None when it
    fits nowhere with a likeness of `sure`.
    """
    view = directions(now)
    best, roll, zoom = -2.0, 0.0, 1.0
    rolls: tuple[float, ...] = ROLLS_DEG
    zooms: tuple[float, ...] = ZOOMS
    dx = dy = 0.0
    step_deg, step = ROLLS_DEG[1] - ROLLS_DEG[0], ZOOMS[3] / ZOOMS[2]
    for _ in range(_FINER):
        for turned, scaled in product(rolls, zooms):
            found = overlay(view, [directions(_turned(good, turned, scaled))], -1.0)
            if found.away > best:
                best, roll, zoom, dx, dy = found.away, turned, scaled, found.dx, found.dy
        step_deg, step = step_deg / 2, step**0.5
        rolls = (roll - step_deg, roll, roll + step_deg)
        zooms = (zoom / step, zoom, zoom * step)
    if best < sure:
        return None
    focal = zoom * 0.5 / tan(radians(hfov_deg) / 2)
    return PoseChange(-degrees(atan(dx / focal)), -degrees(atan(dy / focal)), -roll, zoom)


def _turned(good: Gray, roll_deg: float, zoom: float) -> Gray:
    """The view zoomed and turned about its middle, the content clockwise for a positive angle."""
    height, width = good.shape
    about = cv2.getRotationMatrix2D((width / 2, height / 2), -roll_deg, zoom)
    turned = cv2.warpAffine(good, about, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, dtype=np.uint8)
