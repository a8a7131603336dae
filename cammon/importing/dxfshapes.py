"""One entity of a drawing as a shape in drawing units: arcs and bulges flattened, closed outlines as areas."""

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import shapely
from ezdxf import path as dxfpath
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

PATHS = ("LWPOLYLINE", "POLYLINE", "CIRCLE", "ELLIPSE", "ARC", "SPLINE", "LINE")
TEXTS = ("TEXT", "MTEXT", "ATTRIB")
SILENT = frozenset({"ATTDEF", "SEQEND", "VIEWPORT"})
"""Parts of other entities, which are no loss."""


def shape_of(entity: Any, tolerance: float) -> BaseGeometry | None:
    """The shape of an entity, None for one that has none. `tolerance` is how far a chord may lie off its arc."""
    build = BUILDERS.get(entity.dxftype())
    return None if build is None else build(entity, tolerance)


def elevation_of(entity: Any) -> float:
    """The z of an entity's first point, in drawing units; 0 where it has none."""
    if entity.dxftype() in PATHS:
        path = dxfpath.make_path(entity)
        return float(path.start.z) if len(path) else 0.0
    for name in ("location", "insert", "elevation", "vtx0"):
        if entity.dxf.hasattr(name):
            return float(getattr(entity.dxf.get(name), "z", 0.0))
    return 0.0


def thickness_of(entity: Any) -> float:
    """How far an entity is drawn up (or down, below 0), in drawing units."""
    if not entity.dxf.is_supported("thickness"):
        return 0.0
    return float(entity.dxf.get("thickness", 0.0))


def text_of(entity: Any) -> tuple[Point, str]:
    """Where a text stands and what it says, on one line."""
    said = entity.plain_text() if hasattr(entity, "plain_text") else entity.dxf.text
    at = entity.ocs().to_wcs(entity.dxf.insert) if entity.dxftype() != "MTEXT" else entity.dxf.insert
    return Point(at.x, at.y), " ".join(said.split())


def _curve(entity: Any, tolerance: float) -> BaseGeometry | None:
    """A polyline, circle, arc, ellipse or spline: an area where it is closed, else a line."""
    path = dxfpath.make_path(entity)
    points = [(point.x, point.y) for point in path.flattening(tolerance)]
    closed = path.is_closed or bool(getattr(entity, "closed", False) or getattr(entity, "is_closed", False))
    if closed and len(set(points)) >= 3:
        return Polygon(points)
    return LineString(points) if len(set(points)) >= 2 else None


def _point(entity: Any, tolerance: float) -> BaseGeometry:
    del tolerance
    at = entity.dxf.location
    return Point(at.x, at.y)


def _hatch(entity: Any, tolerance: float) -> BaseGeometry | None:
    """The filled area: an outline inside another is a hole, one inside that an island again."""
    rings = [
        [(point.x, point.y) for point in path.flattening(tolerance)]
        for outline in dxfpath.from_hatch(entity)
        for path in (outline.sub_paths() if outline.has_sub_paths else (outline,))
    ]
    areas = [shapely.make_valid(Polygon(ring)) for ring in rings if len(set(ring)) >= 3]
    return reduce(lambda one, other: one.symmetric_difference(other), areas) if areas else None


def _face(entity: Any, tolerance: float) -> BaseGeometry | None:
    """A filled quadrilateral; DXF lists the corners of SOLID and TRACE crosswise, wcs_vertices puts them in order."""
    del tolerance
    points = [(point.x, point.y) for point in entity.wcs_vertices()]
    return Polygon(points) if len(set(points)) >= 3 else None


BUILDERS: Mapping[str, Callable[[Any, float], BaseGeometry | None]] = {
    **dict.fromkeys(PATHS, _curve),
    **dict.fromkeys(("HATCH", "MPOLYGON"), _hatch),
    **dict.fromkeys(("SOLID", "TRACE", "3DFACE"), _face),
    "POINT": _point,
}
