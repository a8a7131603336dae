"""Raw GeoJSON geometry as checked shapes: what cannot be right is Wrong, what can be repaired safely is repaired."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from cammon.sitefiles.faults import Wrong
from cammon.sitefiles.limits import MAX_COORDINATE, MAX_POSITIONS

Positions = NDArray[np.float64]
SMALLEST_AREA = 1e-12
"""In map units squared; the check in square metres follows once the map is projected."""
REPAIR_TOLERANCE = 1e-9
PLACE_IN_REASON = re.compile(r"\[(\S+) (\S+)\]")


@dataclass(frozen=True, slots=True)
class Shape:
    """A checked geometry in map coordinates and the code of what was repaired, "" when nothing was."""

    geometry: BaseGeometry
    repaired: str = ""


def shape_of(raw: Mapping[str, Any], allowed: tuple[str, ...], expects: str) -> Shape:
    """The geometry, which must be of one of the `allowed` types. Raises Wrong."""
    kind = raw.get("type")
    if kind not in allowed:
        raise Wrong("wrong_geometry", expects=expects, type=str(kind)[:40])
    coordinates = raw.get("coordinates")
    if not isinstance(coordinates, list) or not coordinates:
        raise Wrong("bad_coordinates", expects="position")
    return BUILDERS[str(kind)](coordinates)


def _positions(raw: object, least: int) -> Positions:
    """A list of positions as n x 2; heights in the map are left out."""
    if not isinstance(raw, list) or not raw or len(raw) > MAX_POSITIONS:
        raise Wrong("bad_coordinates", expects="position")
    try:
        array = np.asarray(raw)
    except (ValueError, OverflowError) as error:
        raise Wrong("bad_coordinates", expects="position") from error
    if array.ndim != 2 or array.shape[1] < 2 or array.dtype.kind not in "iuf":
        raise Wrong("bad_coordinates", expects="position")
    flat = array[:, :2].astype(np.float64)
    if not np.isfinite(flat).all():
        raise Wrong("not_finite", expects="position")
    if np.abs(flat).max() > MAX_COORDINATE:
        raise Wrong("coordinate_too_large", expects="position")
    if len(flat) < least:
        raise Wrong("too_few_points", least=least)
    return flat


def _point(raw: list[Any]) -> Shape:
    return Shape(Point(_positions([raw], 1)[0]))


def _multi_point(raw: list[Any]) -> Shape:
    return Shape(MultiPoint(_positions(raw, 1)))


def _line(raw: list[Any]) -> Shape:
    line = LineString(_positions(raw, 2))
    if line.length == 0.0:
        raise Wrong("zero_length")
    return Shape(line)


def _multi_line(raw: list[Any]) -> Shape:
    return Shape(MultiLineString([_line(part).geometry for part in _parts(raw)]))


def _polygon(raw: list[Any]) -> Shape:
    rings = [_ring(ring) for ring in raw]
    polygon = Polygon(rings[0][0], [ring for ring, _ in rings[1:]])
    shape = _valid(polygon)
    closed = any(was_open for _, was_open in rings)
    return Shape(shape.geometry, shape.repaired or ("ring_closed" if closed else ""))


def _multi_polygon(raw: list[Any]) -> Shape:
    parts = [_polygon(part) for part in _parts(raw)]
    whole = MultiPolygon([piece for part in parts for piece in shapely.get_parts(part.geometry)])
    repaired = next((part.repaired for part in parts if part.repaired), "")
    if not whole.is_valid:  # every part is right by itself: they overlap or touch along a line
        return Shape(shapely.union_all(list(whole.geoms)), "parts_united")
    return Shape(whole, repaired)


def _parts(raw: list[Any]) -> list[list[Any]]:
    if not all(isinstance(part, list) and part for part in raw):
        raise Wrong("bad_coordinates", expects="position")
    return raw


def _ring(raw: object) -> tuple[Positions, bool]:
    """A closed ring, and whether it had to be closed."""
    ring = _positions(raw, 3)
    was_open = bool((ring[0] != ring[-1]).any())
    if was_open:
        ring = np.vstack([ring, ring[:1]])
    if len(np.unique(ring, axis=0)) < 3:
        raise Wrong("too_few_points", least=3)
    return ring, was_open


def _valid(polygon: Polygon) -> Shape:
    """The polygon itself, or repaired where that changes nothing that anyone drew: a ring that touches itself."""
    if polygon.is_valid:
        if polygon.area <= SMALLEST_AREA:
            raise Wrong("zero_area")
        return Shape(polygon)
    reason = shapely.is_valid_reason(polygon)
    repaired = shapely.make_valid(polygon)
    same_area = abs(repaired.area - polygon.area) <= REPAIR_TOLERANCE * max(polygon.area, repaired.area)
    if reason.startswith("Ring Self-intersection") and same_area and repaired.geom_type in {"Polygon", "MultiPolygon"}:
        return Shape(repaired, "ring_touches_itself")
    if repaired.area <= SMALLEST_AREA:
        raise Wrong("zero_area")
    raise Wrong("self_crossing" if "Self-intersection" in reason else "rings_wrong", at=_place(reason))


def _place(reason: str) -> str:
    found = PLACE_IN_REASON.search(reason)
    return f"({float(found[1]):.10g}, {float(found[2]):.10g})" if found else "?"


BUILDERS: Mapping[str, Callable[[list[Any]], Shape]] = {
    "Point": _point,
    "MultiPoint": _multi_point,
    "LineString": _line,
    "MultiLineString": _multi_line,
    "Polygon": _polygon,
    "MultiPolygon": _multi_polygon,
}
