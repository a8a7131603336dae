"""Clicks without error on a camera of known pose, and the camera that the ledger believes in."""

from dataclasses import replace

import numpy as np

from cammon_coverage import optics
from cammon_coverage.calibration import Click
from cammon_coverage.model import Lens, Pose, Projection

TRUE_POSE = Pose(12.0, -7.0, 6.0, azimuth_deg=100.0, tilt_deg=12.0, roll_deg=1.0)
TRUE_LENS = Lens(60.0, 1920, 1080)
FISHEYE = Lens(180.0, 2000, 2000, projection=Projection.FISHEYE)


def exact_clicks(pose: Pose = TRUE_POSE, lens: Lens = TRUE_LENS, count: int = 6, seed: int = 1) -> list[Click]:
    """Clicks all over the picture on points 20 to 60 m off."""
    rng = np.random.default_rng(seed)
    size = np.array([lens.width_px, lens.height_px])
    pixels = rng.uniform(0.2 * size, 0.8 * size, (count, 2))
    points = np.array([pose.x, pose.y, pose.height_m]) + optics.rays(pose, lens, pixels) * rng.uniform(
        20, 60, (count, 1)
    )
    return [Click(*pixel, *point) for pixel, point in zip(pixels.tolist(), points.tolist(), strict=True)]


def moved(click: Click, **by: float) -> Click:
    """A click with some values changed by so much."""
    return replace(click, **{name: getattr(click, name) + change for name, change in by.items()})
