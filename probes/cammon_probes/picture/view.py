"""What is known of a camera beside its pictures: where it may not look, how wide it sees, whether it stands still."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Polygon = tuple[tuple[float, float], ...]
"""Corners as shares of the picture's width and height, from its upper left corner."""

TWILIGHT_DEG, RISEN_DEG, LOW_SUN_DEG = -9.0, 2.0, 15.0
"""Height of the sun when it is all but dark, when there is full colour, and from which on its light is white."""


@dataclass(frozen=True, slots=True)
class View:
    """Facts about a camera that its pictures do not show. ValueError for a polygon of fewer than three corners.

    `privacy` are the masks drawn over parts of the picture: they are never a fault and are left out of all measures.
    `hfov_deg` is the horizontal angle of view, from which pixels become degrees; None where nobody knows it.
    `away` is True for a camera that looks elsewhere than in its good frames: a mobile camera. What needs the same view
    is then not judged. `roams` is True for a PTZ, of which nobody tells where it looks just now: it is held against
    those good frames that show the same view, or is away when there is none; it is never moved. `sun_deg` is the height
    of the sun above the horizon, None where nobody knows it (or no daylight reaches the place); `hour` the hour of the
    day (0 to 24) that good frames are told apart by.
    """

    privacy: tuple[Polygon, ...] = ()
    hfov_deg: float | None = None
    away: bool = False
    roams: bool = False
    sun_deg: float | None = None
    hour: float | None = None

    def __post_init__(self) -> None:
        for polygon in self.privacy:
            if len(polygon) < 3 or not np.isfinite(polygon).all():
                raise ValueError(f"a privacy mask is a polygon of three corners or more, not {polygon}")
        if self.hfov_deg is not None and not 0.0 < self.hfov_deg <= 360.0:
            raise ValueError(f"a horizontal angle of view is above 0 and at most 360 degrees, not {self.hfov_deg:g}")

    @property
    def low_sun(self) -> bool:
        """Whether the light changes by the minute: red or blue, into the lens, with shadows as long as the place."""
        return self.sun_deg is not None and TWILIGHT_DEG <= self.sun_deg < LOW_SUN_DEG

    @property
    def twilight(self) -> bool:
        """Whether the sun is about to rise, or has just set."""
        return self.sun_deg is not None and TWILIGHT_DEG <= self.sun_deg < RISEN_DEG

    def masked(self, height_px: int, width_px: int) -> NDArray[np.bool_]:
        """True where a privacy mask hides the picture: height x width."""
        mask = np.zeros((height_px, width_px), np.uint8)
        for polygon in self.privacy:
            corners = np.round(np.asarray(polygon, dtype=np.float64) * (width_px, height_px)).astype(np.int32)
            cv2.fillPoly(mask, [corners], (1,))
        return mask.astype(np.bool_)


PLAIN = View()
"""A camera of which nothing is known but its pictures."""
