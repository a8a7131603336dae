"""Small exact pieces of plane geometry around an eye at the origin: half-planes, discs, wedges, cones.

Everything here is in metres relative to the eye's plan point. Curves become polygons within CURVE_TOLERANCE_M.
"""

import math
from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from cammon_coverage.optics import Floats, sin_cos
from cammon_coverage.overlay import EMPTY, flat, without

CURVE_TOLERANCE_M = 0.001
"""No polygon stands farther than this from the curve that it stands for."""

HalfPlane = tuple[float, float, float]
"""(a, b, c): the points with a x + b y + c >= 0."""

Ring = list[tuple[float, float]]


def square(half_side: float) -> Ring:
    """The square about the origin, counter-clockwise."""
    return [(-half_side, -half_side), (half_side, -half_side), (half_side, half_side), (-half_side, half_side)]


def clip(ring: Ring, half_planes: Sequence[HalfPlane]) -> Ring:
    """The part of a convex ring inside every half-plane; empty when nothing is left."""
    for a, b, c in half_planes:
        if not ring:
            return ring
        sides = [a * x + b * y + c for x, y in ring]
        if min(sides) >= 0:
            continue
        kept: Ring = []
        px, py = ring[-1]
        before = sides[-1]
        for (x, y), side in zip(ring, sides, strict=True):
            if (side >= 0) != (before >= 0):
                along = before / (before - side)
                kept.append((px + along * (x - px), py + along * (y - py)))
            if side >= 0:
                kept.append((x, y))
            px, py, before = x, y, side
        ring = kept
    return ring if len(ring) >= 3 else []


def polygon(ring: Ring) -> BaseGeometry:
    """A ring as a polygon; the empty polygon when it encloses nothing."""
    return shapely.polygons(ring) if len(ring) >= 3 else EMPTY


def disc(radius: float) -> BaseGeometry:
    """The disc about the origin, its polygon half inside and half outside the circle."""
    if radius <= 0:
        return EMPTY
    count = max(16, math.ceil(math.pi * math.sqrt(radius / (4 * CURVE_TOLERANCE_M))))
    angles = np.arange(count) * (2 * math.pi / count)
    grown = radius * (3 - math.cos(math.pi / count)) / 2
    return shapely.polygons(np.column_stack([grown * np.cos(angles), grown * np.sin(angles)]))


def wedge(bearing_deg: float, half_angle_deg: float, radius: float) -> BaseGeometry:
    """All points up to `radius` whose bearing from the eye is within `half_angle_deg` of `bearing_deg`."""
    if half_angle_deg >= 180:
        return polygon(square(radius))
    if half_angle_deg < 0:
        return EMPTY
    steps = max(1, math.ceil(half_angle_deg / 30))
    bearings = np.radians(bearing_deg + np.linspace(-half_angle_deg, half_angle_deg, 2 * steps + 1))
    arc = 2 * radius * np.column_stack([np.sin(bearings), np.cos(bearings)])
    return shapely.polygons(np.vstack([[0.0, 0.0], arc]))


def cone(azimuth_deg: float, tilt_deg: float, half_angle_deg: float, drop_m: float, radius: float) -> BaseGeometry:
    """Where a cone about an axis meets the plane `drop_m` below the eye (above it when negative), up to `radius`.

    A cone wider than a half space is what the opposite cone leaves.
    """
    everything = polygon(square(radius))
    if half_angle_deg >= 180:
        return everything
    if half_angle_deg > 90:
        rest = cone(azimuth_deg + 180, -tilt_deg, 180 - half_angle_deg, drop_m, radius)
        return without(everything, rest)
    if drop_m < 0:
        return cone(azimuth_deg, -tilt_deg, half_angle_deg, -drop_m, radius)
    (sin_a, cos_a), (sin_t, cos_t) = sin_cos(azimuth_deg), sin_cos(tilt_deg)
    if half_angle_deg == 90:
        return polygon(clip(square(radius), [(sin_a * cos_t, cos_a * cos_t, sin_t * drop_m)]))
    if drop_m == 0:
        return _level_cone(azimuth_deg, tilt_deg, half_angle_deg, radius)
    if tilt_deg + half_angle_deg <= 0:
        return EMPTY
    ahead, aside = _conic((sin_t, cos_t), math.radians(half_angle_deg), drop_m, radius).T
    return flat(shapely.polygons(np.column_stack([ahead * sin_a + aside * cos_a, ahead * cos_a - aside * sin_a])))


def _level_cone(azimuth_deg: float, tilt_deg: float, half_angle_deg: float, radius: float) -> BaseGeometry:
    """The cone on the plane through its own tip: a wedge."""
    if abs(tilt_deg) > half_angle_deg:
        return EMPTY
    spread = math.cos(math.radians(half_angle_deg)) / math.cos(math.radians(tilt_deg))
    return wedge(azimuth_deg, math.degrees(math.acos(min(1.0, spread))), radius)


def _conic(tilt: tuple[float, float], half_angle: float, drop_m: float, radius: float) -> Floats:
    """A cone narrower than a half space on a plane below its tip, as a ring (n, 2) ahead and aside of the eye.

    It is an ellipse, parabola or hyperbola, cut far out. The rim of the cone is followed round; chords that stray
    from the curve inside `radius`, or that leave for the distance, are halved until they do not. Rim rays that meet
    the plane beyond three radii stop there, and those that never meet it stand for the point as far straight ahead:
    the set is convex, and its chords out there lie outside the radius. `tilt` is its sine and cosine.
    """
    turns = np.linspace(0, 2 * math.pi, 65)
    far = 3 * radius
    for _ in range(24):
        points = _rim(turns, tilt, half_angle, drop_m, far)
        middles = (turns[:-1] + turns[1:]) / 2
        between = _rim(middles, tilt, half_angle, drop_m, far)
        strays = distance_to_chord(points[:-1], points[1:], between) > CURVE_TOLERANCE_M
        distance = np.hypot(*points.T)
        strays |= np.diff(distance >= 0.999 * far)
        split = strays & (np.minimum(distance[:-1], distance[1:]) < 2 * radius)
        if not split.any():
            break
        turns = np.sort(np.concatenate([turns, middles[split]]))
    return points


def _rim(turns: Floats, tilt: tuple[float, float], half_angle: float, drop_m: float, far: float) -> Floats:
    """(n, 2): where rays on the rim of the cone meet the plane, ahead and aside of the eye, at most `far` away."""
    sin_t, cos_t = tilt
    across = math.sin(half_angle) * np.cos(turns)
    upward = math.sin(half_angle) * np.sin(turns)
    forward = math.cos(half_angle)
    level = forward * cos_t + upward * sin_t
    down = forward * sin_t - upward * cos_t
    spread = np.hypot(level, across)
    falls = down > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        stretch = np.where(down * far > drop_m * spread, drop_m / down, far / spread)
    return np.column_stack([np.where(falls, level * stretch, far), np.where(falls, across * stretch, 0.0)])


def distance_to_chord(starts: Floats, ends: Floats, points: Floats) -> Floats:
    """(n,): how far points (n, 2) stand from the straight lines through starts and ends (n, 2)."""
    chord = ends - starts
    length = np.hypot(*chord.T)
    offset = points - starts
    cross = np.abs(chord[:, 0] * offset[:, 1] - chord[:, 1] * offset[:, 0])
    direct = np.hypot(*offset.T)
    strays: Floats = np.where(length > 1e-9, cross / np.maximum(length, 1e-9), direct)
    return strays
