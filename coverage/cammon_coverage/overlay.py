"""Set operations on polygons that are never silently wrong.

Shades share walls, and walls computed in two ways differ in the last bit. On such input the floating overlay of
GEOS 3.14 has returned a union without one of its parts, without any error. Snapped to a grid it is right; the
grids are far below what a map means.

GEOS raises floating point flags on parallel lines; they mean nothing here and NumPy is kept from warning of them.
"""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

EYE_GRID_M = 1e-11
"""For shapes relative to an eye, up to WIDE_M wide."""

SITE_GRID_M = 1e-9
"""For shapes in site coordinates, some kilometres wide, and wide ones relative to an eye."""

WIDE_M = 500.0

ONE_BY_ONE = 40
"""Up to so many polygons it is quicker to take them away one by one than to unite them first."""

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
    """What of an area within `reach` of the origin is in none of the others."""
    if not len(others) or area.is_empty:
        return area
    grid = EYE_GRID_M if reach <= WIDE_M else SITE_GRID_M
    shapely.prepare(area)
    near = np.asarray(others)[shapely.intersects(area, others)]
    if len(near) > ONE_BY_ONE:
        return without(area, union(list(near), grid), grid)
    with np.errstate(divide="ignore", invalid="ignore"):
        for other in near:
            area = shapely.difference(area, other, grid_size=grid)
            if area.geom_type == "GeometryCollection":  # snapping leaves lines, and the next overlay refuses a mixture
                area = flat(area)
    return flat(area)


def moved(shape: BaseGeometry, east: float, north: float) -> BaseGeometry:
    """The shape shifted."""
    if shape.is_empty or (east == 0 and north == 0):
        return shape
    return shapely.transform(shape, lambda points: np.add(points, (east, north)))
