"""What a lens shows of the plan at a level, before anything stands in the way.

A point counts when both ends of the target over it are in the view and dense enough. All regions are relative to
the eye's plan point.
"""

import math
from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

from cammon_coverage.density import Density, density_of, reach_m
from cammon_coverage.model import Camera, DensityModel, KeyPlace, Projection, Target
from cammon_coverage.optics import axes, half_tangents
from cammon_coverage.overlay import EMPTY, EYE_GRID_M, common
from cammon_coverage.plane import HalfPlane, clip, cone, disc, polygon, square, wedge


@dataclass(frozen=True, slots=True)
class ViewArea:
    """A region around the eye and how far it goes at most (slant, metres)."""

    region: BaseGeometry
    reach_m: float


def view_area(camera: Camera, model: DensityModel, level_px_per_m: float, target: Target) -> ViewArea:
    """The region in view at a level (0: no density asked) for both ends of the target."""
    density = density_of(camera.lens, model)
    reach = reach_m(camera.lens, density, level_px_per_m)
    drops = tuple(camera.pose.height_m - z for z in (target.z0_m, target.z1_m))
    if camera.lens.projection is Projection.FISHEYE:
        region = _fisheye_area(camera, drops, reach)
    else:
        region = _pyramid_area(camera, density, level_px_per_m, drops, reach)
    return ViewArea(region, reach)


def _fisheye_area(camera: Camera, drops: tuple[float, ...], reach: float) -> BaseGeometry:
    region = slant_disc(reach, drops)
    half_angle = camera.lens.hfov_deg / 2
    for drop in set(drops):
        if region.is_empty:
            return EMPTY
        footprint = cone(camera.pose.azimuth_deg, camera.pose.tilt_deg, half_angle, drop, reach)
        region = common(region, footprint, EYE_GRID_M)
    return region


def _pyramid_area(
    camera: Camera, density: Density, level_px_per_m: float, drops: tuple[float, ...], reach: float
) -> BaseGeometry:
    ring = clip(square(1.001 * reach), pyramid(camera, density, level_px_per_m, drops))
    region = polygon(ring)
    if region.is_empty or density.flat:
        return region
    limit = slant_radius(reach, drops)
    if all(math.hypot(x, y) <= limit for x, y in ring):
        return region
    return common(region, disc(limit), EYE_GRID_M)


def pyramid(camera: Camera, density: Density, level_px_per_m: float, drops: tuple[float, ...]) -> tuple[HalfPlane, ...]:
    """The sides of a rectilinear view, and the far plane of the level, cut with the planes `drops` below the lens."""
    right, up, forward = axes(camera.pose)
    horizontal, vertical = half_tangents(camera.lens)
    normals = [
        horizontal * forward - right,
        horizontal * forward + right,
        vertical * forward - up,
        vertical * forward + up,
    ]
    sides = [(float(n[0]), float(n[1]), float(-n[2] * drop)) for n in normals for drop in set(drops)]
    if density.flat:
        limit = density.limit_m(level_px_per_m)
        sides += [(-float(forward[0]), -float(forward[1]), limit + float(forward[2] * drop)) for drop in set(drops)]
    return tuple(sides)


def slant_radius(slant_m: float, drops: tuple[float, ...]) -> float:
    """Radius on the plan within which all the planes `drops` below the lens are at most `slant_m` away; 0 if none."""
    square_left = slant_m**2 - max(abs(drop) for drop in drops) ** 2
    return math.sqrt(square_left) if square_left > 0 else 0.0


def slant_disc(slant_m: float, drops: tuple[float, ...]) -> BaseGeometry:
    """The disc of `slant_radius`."""
    return disc(slant_radius(slant_m, drops))


def facing_area(place: KeyPlace, radius: float) -> BaseGeometry | None:
    """Where a target that faces `facing_deg` shows its front to the eye; None when the place does not ask."""
    if place.facing_deg is None:
        return None
    return wedge(place.facing_deg + 180, place.facing_tolerance_deg, radius)


def steep_area(place: KeyPlace, height_m: float, radius: float) -> BaseGeometry | None:
    """Where the eye looks down on the lower end more steeply than the place allows; None when nowhere."""
    if place.max_depression_deg is None:
        return None
    drop = height_m - min(place.target.z0_m, place.target.z1_m)
    if drop <= 0 or place.max_depression_deg >= 90:
        return None
    if place.max_depression_deg <= 0:
        return polygon(square(radius))
    return disc(min(drop / math.tan(math.radians(place.max_depression_deg)), 2 * radius))
