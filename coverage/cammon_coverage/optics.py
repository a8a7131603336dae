"""From directions to pixels and back: rectilinear and equidistant fisheye lenses, with roll.

Camera axes in the site's frame (east, north, up), for azimuth a and tilt t without roll:
forward (sin a cos t, cos a cos t, -sin t), right (cos a, -sin a, 0), up = right x forward.
Roll turns right and up about forward, clockwise as the camera looks: a positive roll dips the right side.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cammon_coverage.model import Lens, Pose, Projection

Floats = NDArray[np.float64]

EDGE_SLACK = 1e-9
"""Relative slack of the inside test: what lies on the very edge of the view counts as inside."""


def lens_fault(lens: Lens) -> str | None:
    """Why no picture can come from such a lens, or None. A rectilinear view ends before 180 degrees."""
    if lens.width_px < 1 or lens.height_px < 1:
        return f"resolution {lens.width_px}x{lens.height_px} must be at least 1x1"
    if lens.projection is Projection.FISHEYE:
        return None if 0 < lens.hfov_deg <= 360 else f"hfov {lens.hfov_deg} of a fisheye must be above 0, at most 360"
    for name, angle in (("hfov", lens.hfov_deg), ("vfov", lens.vfov_deg)):
        if angle is not None and not 0 < angle < 180:
            return f"{name} {angle} of a rectilinear lens must lie between 0 and 180"
    return None


def pose_fault(pose: Pose) -> str | None:
    """Why this is no pose, or None."""
    for name in ("x", "y", "height_m", "azimuth_deg", "tilt_deg", "roll_deg"):
        if not math.isfinite(getattr(pose, name)):
            return f"{name} {getattr(pose, name)} is not a finite number"
    return None if -90 <= pose.tilt_deg <= 90 else f"tilt {pose.tilt_deg} must lie between -90 and 90"


def sin_cos(degrees: float) -> tuple[float, float]:
    """Sine and cosine, exactly 0 and 1 at multiples of a right angle, so that a camera can look straight down."""
    quarter, rest = divmod(degrees, 90.0)
    if rest == 0:
        return ((0.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0))[int(quarter) % 4]
    radians = math.radians(degrees)
    return math.sin(radians), math.cos(radians)


def axes(pose: Pose) -> Floats:
    """(3, 3): the unit vectors right, up, forward of the camera as rows, in east, north, up."""
    (sin_a, cos_a), (sin_t, cos_t) = sin_cos(pose.azimuth_deg), sin_cos(pose.tilt_deg)
    sin_r, cos_r = sin_cos(pose.roll_deg)
    level_right = np.array([cos_a, -sin_a, 0.0])
    level_up = np.array([sin_a * sin_t, cos_a * sin_t, cos_t])
    forward = np.array([sin_a * cos_t, cos_a * cos_t, -sin_t])
    right = level_right * cos_r - level_up * sin_r
    up = level_up * cos_r + level_right * sin_r
    return np.array([right, up, forward])


def half_tangents(lens: Lens) -> tuple[float, float]:
    """Tangents of half the horizontal and half the vertical field of view of a rectilinear lens."""
    horizontal = math.tan(math.radians(lens.hfov_deg) / 2)
    if lens.vfov_deg is None:
        return horizontal, horizontal * lens.height_px / lens.width_px
    return horizontal, math.tan(math.radians(lens.vfov_deg) / 2)


def focal_px(lens: Lens) -> tuple[float, float]:
    """Focal length in pixels across and down the picture; of a fisheye in pixels per radian.

    Rectilinear (W/2) / tan(hfov/2); fisheye W / hfov, W being the width of the image circle.
    """
    if lens.projection is Projection.FISHEYE:
        per_radian = lens.width_px / math.radians(lens.hfov_deg)
        return per_radian, per_radian
    horizontal, vertical = half_tangents(lens)
    return lens.width_px / 2 / horizontal, lens.height_px / 2 / vertical


def project(pose: Pose, lens: Lens, points: ArrayLike) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Where points (n, 3) of the site (x, y, height) appear in the picture.

    Returns pixels (n, 2) (u right, v down, from the upper left corner, pixel centres at .5), depth (n,) in metres
    along the optical axis (of a fisheye the slant distance), and inside (n,), the exact view: the pyramid of a
    rectilinear lens, the cone of a fisheye. Pixels of points at or behind a rectilinear lens are NaN.
    """
    offsets = np.asarray(points, dtype=np.float64).reshape(-1, 3) - (pose.x, pose.y, pose.height_m)
    across, upward, depth = axes(pose) @ offsets.T
    if lens.projection is Projection.FISHEYE:
        return _project_fisheye(lens, across, upward, depth)
    horizontal, vertical = half_tangents(lens)
    fx, fy = focal_px(lens)
    ahead = depth > 0
    divisor = np.where(ahead, depth, np.nan)
    pixels = np.column_stack(
        [lens.width_px / 2 + fx * across / divisor, lens.height_px / 2 - fy * upward / divisor],
    )
    slack = EDGE_SLACK * np.abs(depth)
    inside = ahead & (np.abs(across) <= depth * horizontal + slack) & (np.abs(upward) <= depth * vertical + slack)
    return pixels, depth, inside


def _project_fisheye(
    lens: Lens, across: Floats, upward: Floats, forward: Floats
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    off_axis = np.hypot(across, upward)
    angle = np.arctan2(off_axis, forward)
    per_radian, _ = focal_px(lens)
    scale = per_radian * angle / np.where(off_axis > 0, off_axis, 1.0)
    pixels = np.column_stack([lens.width_px / 2 + scale * across, lens.height_px / 2 - scale * upward])
    slant = np.hypot(off_axis, forward)
    inside = (slant > 0) & (angle <= math.radians(lens.hfov_deg) / 2 + EDGE_SLACK)
    return pixels, slant, inside


def rays(pose: Pose, lens: Lens, pixels: ArrayLike) -> Floats:
    """Unit directions (n, 3) (east, north, up) in which the pixels (n, 2) look.

    Pixels outside the image circle of a fisheye look nowhere: NaN.
    """
    uv = np.asarray(pixels, dtype=np.float64).reshape(-1, 2)
    fx, fy = focal_px(lens)
    across = (uv[:, 0] - lens.width_px / 2) / fx
    upward = (lens.height_px / 2 - uv[:, 1]) / fy
    if lens.projection is Projection.FISHEYE:
        angle = np.hypot(across, upward)
        angle = np.where(angle <= math.radians(lens.hfov_deg) / 2 + EDGE_SLACK, angle, np.nan)
        spread = np.sinc(angle / math.pi)
        local = np.column_stack([across * spread, upward * spread, np.cos(angle)])
    else:
        local = np.column_stack([across, upward, np.ones_like(across)])
        local /= np.linalg.norm(local, axis=1, keepdims=True)
    directions: Floats = local @ axes(pose)
    return directions
