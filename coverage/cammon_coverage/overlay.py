"""Set operations on polygons that are never silently wrong.

Shades share walls, and walls computed in two ways differ in the last bit. On such input the floating overlay of
GEOS 3.14 has returned a union without one of its parts, without any error. Snapped to a grid it is right; the
grids are far below what a map means.

GEOS raises floating point flags on parallel lines; they mean nothing here and NumPy is kept from warning of them.
"""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

EYE_GRID_M = 1e-11
"""For shapes relative to an eye, up to WIDE_M wide."""

SITE_GRID_M = 1e-9
"""For shapes in site coordinates, some kilometres wide, and wide ones relative to an eye."""

WIDE_M = 500.0

AT_A_TIME = 10
"""So many polygons are taken away before those that are left are asked again whether they still matter."""

EMPTY = shapely.Polygon()


def flat(shape: BaseGeometry) -> BaseGeometry:
    """Only the polygons of a shape, a valid one."""
    if not shape.is_valid:
        shape = shapely.make_valid(shape)
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = [part for part in shapely.get_parts(shapely.get_parts(shape)) if part.geom_type == "Polygon"]
    return shapely.multipolygons(parts) if parts else EMPTY


def union(shapes: Sequence[BaseGeometry], grid: float = SITE_GRID_M) -> BaseGeometry:
    """Everything in any of the shapes."""
    if not len(shapes):
        return EMPTY
    with np.errstate(divide="ignore", invalid="ignore"):
        return shapes[0] if len(shapes) == 1 else flat(shapely.union_all(np.asarray(shapes), grid_size=grid))


def common(one: BaseGeometry, other: BaseGeometry, grid: float = SITE_GRID_M) -> BaseGeometry:
    """What is in both."""
    if one.is_empty or other.is_empty:
        return EMPTY
    with np.errstate(divide="ignore", invalid="ignore"):
        return flat(shapely.intersection(one, other, grid_size=grid))


def without(one: BaseGeometry, other: BaseGeometry, grid: float = SITE_GRID_M) -> BaseGeometry:
    """What is in one and not in the other."""
    if one.is_empty or other.is_empty:
        return one
    with np.errstate(divide="ignore", invalid="ignore"):
        return flat(shapely.difference(one, other, grid_size=grid))


def without_all(area: BaseGeometry, others: Sequence[BaseGeometry], reach: float) -> BaseGeometry:
    """What of an area within `reach` of the origin is in none of the others, the nearest taken away first."""
    if not len(others) or area.is_empty:
        return area
    grid = EYE_GRID_M if reach <= WIDE_M else SITE_GRID_M
    near = _met_by(area, np.asarray(others))
    if len(near) > AT_A_TIME:
        near = near[np.argsort(shapely.distance(near, shapely.Point(0, 0)), kind="stable")]
    while len(near):
        for other in near[:AT_A_TIME]:
            with np.errstate(divide="ignore", invalid="ignore"):
                area = shapely.difference(area, other, grid_size=grid)
            if area.geom_type == "GeometryCollection":  # snapping leaves lines, and the next overlay refuses a mixture
                area = flat(area)
        near = _met_by(area, near[AT_A_TIME:])
    return flat(area)


def _met_by(area: BaseGeometry, others: NDArray[np.object_]) -> NDArray[np.object_]:
    """The shapes that share a point with the area, in their order."""
    if not len(others):
        return others
    shapely.prepare(area)
    met: NDArray[np.object_] = others[shapely.intersects(area, others)]
    return met


def moved(shape: BaseGeometry, east: float, north: float) -> BaseGeometry:
    """The shape shifted."""
    if shape.is_empty or (east == 0 and north == 0):
        return shape
    return shapely.transform(shape, lambda points: np.add(points, (east, north)))
