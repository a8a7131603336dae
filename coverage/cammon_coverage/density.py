"""Pixel density over distance: three models, and how far each lets a camera reach.

| model     | density at a point                                    | limit of a level              |
|-----------|-------------------------------------------------------|-------------------------------|
| iec-flat  | W / (2 d tan(hfov/2)), d the depth along the axis     | a plane across the axis       |
| arc       | W / (hfov in radians x slant distance)                | a sphere                      |
| datasheet | 25 x detection_m / slant distance                     | a sphere                      |

A fisheye is always judged by `arc`. A camera without a printed detection distance cannot be judged by `datasheet`
and falls back to `iec-flat`, the cautious one.
"""

import math
from dataclasses import dataclass

import numpy as np

from cammon_coverage.model import DensityModel, Lens, Pose, Projection
from cammon_coverage.optics import Floats, axes, half_tangents

UNLIMITED_M = 5000.0
"""Where a view ends when no density is asked (level 0), metres from the lens."""

DETECTION_PX_PER_M = 25.0


def model_of(lens: Lens, asked: DensityModel) -> DensityModel:
    """The density model by which this lens is really judged when `asked` is the site's."""
    if lens.projection is Projection.FISHEYE:
        return DensityModel.ARC
    if asked is DensityModel.DATASHEET and not lens.detection_m:
        return DensityModel.IEC_FLAT
    return asked


@dataclass(frozen=True, slots=True)
class Density:
    """How density falls with distance for one lens: `scale` / distance.

    `flat`: distance is the depth along the optical axis; otherwise the slant distance.
    """

    scale: float
    flat: bool

    def limit_m(self, level_px_per_m: float) -> float:
        """The distance at which density drops to the level; UNLIMITED_M at most."""
        return UNLIMITED_M if level_px_per_m <= 0 else min(UNLIMITED_M, self.scale / level_px_per_m)

    def at(self, pose: Pose, points: Floats) -> Floats:
        """px/m at points (n, 3); infinite at the lens."""
        offsets = np.asarray(points, dtype=np.float64).reshape(-1, 3) - (pose.x, pose.y, pose.height_m)
        distance = np.abs(offsets @ axes(pose)[2]) if self.flat else np.linalg.norm(offsets, axis=1)
        with np.errstate(divide="ignore"):
            values: Floats = self.scale / distance
        return values


def density_of(lens: Lens, asked: DensityModel) -> Density:
    """The density law of a lens under the site's model."""
    model = model_of(lens, asked)
    if model is DensityModel.ARC:
        return Density(lens.width_px / math.radians(lens.hfov_deg), flat=False)
    if model is DensityModel.DATASHEET:
        assert lens.detection_m is not None
        return Density(DETECTION_PX_PER_M * lens.detection_m, flat=False)
    return Density(lens.width_px / (2 * math.tan(math.radians(lens.hfov_deg) / 2)), flat=True)


def reach_m(lens: Lens, density: Density, level_px_per_m: float) -> float:
    """The greatest slant distance at which anything in the view has the level."""
    limit = density.limit_m(level_px_per_m)
    if not density.flat:
        return limit
    horizontal, vertical = half_tangents(lens)
    return min(UNLIMITED_M, limit * math.sqrt(1 + horizontal**2 + vertical**2))
