"""Why a camera sees nothing at all at a level: an empty region is never left without a word."""

import math

import shapely
from shapely.geometry.base import BaseGeometry

from cammon_coverage.blindcut import obstacle_of
from cammon_coverage.hiders import hidden_by
from cammon_coverage.model import Period, Reason, ReasonCode, Target
from cammon_coverage.view import View


def why_nothing(view: View, period: Period, level_px_per_m: float, target: Target = Target()) -> Reason | None:
    """The reason why the region of a camera is empty; None when it is not."""
    if not view.region(period, level_px_per_m, target).is_empty:
        return None
    name = view.camera.id
    if view.eye.buried_in is not None:
        return Reason(ReasonCode.INSIDE_OBSTACLE, {"obstacle": obstacle_of(view.ground, view.eye.buried_in)})
    drop = max(abs(view.camera.pose.height_m - z) for z in (target.z0_m, target.z1_m))
    if drop > 0 and view.density.limit_m(level_px_per_m) < drop and not view.density.flat:
        return _thin(view, drop, level_px_per_m)
    area = view.area(level_px_per_m, target)
    if area.is_empty:
        return _out_of_frame(view, level_px_per_m, target)
    if view.region(Period.DAY, level_px_per_m, target).is_empty:
        return _taken(view, target, area)
    return Reason(ReasonCode.TOO_DARK, {"camera": name, "night_range_m": view.camera.lens.night_range_m or 0.0})


def _out_of_frame(view: View, level: float, target: Target) -> Reason:
    """Nothing of the plane is in view at the level: is it in view at all?"""
    frame = view.area(0.0, target)
    if frame.is_empty:
        return Reason(ReasonCode.OUTSIDE_VIEW, {"camera": view.camera.id})
    nearest = float(shapely.distance(frame, shapely.Point(view.eye.x, view.eye.y)))
    drop = max(abs(view.camera.pose.height_m - z) for z in (target.z0_m, target.z1_m))
    return _thin(view, math.hypot(nearest, drop), level)


def _thin(view: View, distance_m: float, level: float) -> Reason:
    params: dict[str, str | float] = {
        "camera": view.camera.id,
        "density_px_per_m": view.density.scale / distance_m,
        "level_px_per_m": level,
    }
    return Reason(ReasonCode.DENSITY_TOO_LOW, params)


def _taken(view: View, target: Target, area: BaseGeometry) -> Reason:
    """Something takes all of an area that is in view: an obstacle, or the camera's own masks."""
    largest = max(hidden_by(view, target, area), key=lambda row: row[1].area, default=None)
    if largest is None or (view.camera.masks and largest[1].area < area.area / 2):
        return Reason(ReasonCode.MASKED, {"camera": view.camera.id})
    params = {"obstacle": obstacle_of(view.ground, largest[0]), "camera": view.camera.id}
    return Reason(ReasonCode.HIDDEN_BY_OBSTACLE, params)
