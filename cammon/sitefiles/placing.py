"""Putting the map and the cameras into one frame of local metres, and checking that they fit one another."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import shapely
from shapely import STRtree
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from cammon.sitefiles.faults import FileFaults
from cammon.sitefiles.frame import LOCAL, MapFrame
from cammon.sitefiles.ledger import Ledger, Viewpoint
from cammon.sitefiles.limits import MAX_SPREAD_M
from cammon.sitefiles.mixing import SWAPPED, misread
from cammon.sitefiles.sitemap import SiteMap
from cammon_coverage.model import Camera, KeyPlace, Obstacle

BOUNDARY_MARGIN_M = 2.0
"""A pole on the fence line may stand this far outside."""
INSIDE_TOLERANCE_M = 0.001
"""A camera on a wall is not inside the building, whatever its last digit says."""
SMALLEST_AREA_M2 = 1e-4
SMALLEST_LENGTH_M = 1e-3
DEGREES_SPREAD = 0.5
"""A whole map smaller than this, in what it calls metres, is most likely in degrees."""


def middle_of(site_map: SiteMap, viewpoints: Sequence[Viewpoint]) -> tuple[float, float]:
    """The median of the map's features and the cameras in map coordinates: one wrong digit does not shift it."""
    points = _points(site_map, viewpoints)
    if not len(points):
        return 0.0, 0.0
    x, y = np.median(points, axis=0)
    return float(x), float(y)


def looks_like_degrees(site_map: SiteMap, viewpoints: Sequence[Viewpoint]) -> bool:
    """Whether coordinates that are said to be metres are most likely longitude and latitude."""
    points = _points(site_map, viewpoints)
    if len(points) < 3:
        return False
    (x, y), spread = np.abs(points).max(axis=0), np.ptp(points, axis=0).max()
    return bool(1.0 < x <= 180.0 and 1.0 < y <= 90.0 and spread < DEGREES_SPREAD)


def _points(site_map: SiteMap, viewpoints: Sequence[Viewpoint]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    own = [place.geometry for place in site_map.key_places]
    own += [obstacle.footprint for obstacle in site_map.obstacles]
    own += [area.geometry for area in site_map.lit_areas]
    if not own and not viewpoints and site_map.boundary is not None:
        own = [site_map.boundary]
    points = [np.reshape(geometry.bounds, (2, 2)).mean(axis=0) for geometry in own]
    points += [np.array([view.camera.pose.x, view.camera.pose.y]) for view in viewpoints]
    return np.array(points, dtype=np.float64).reshape(-1, 2)


def place_map(site_map: SiteMap, frame: MapFrame, middle: tuple[float, float], faults: FileFaults) -> SiteMap:
    """The same map in local metres; what lies far off or has no size there is set aside with a problem."""
    centre = _local_point(frame, *middle)

    def local(geometry: BaseGeometry, kind: str, name: str) -> BaseGeometry | None:
        placed = geometry if frame.crs == LOCAL else shapely.transform(geometry, frame.to_local)
        wrong = _misplaced(placed, centre)
        if wrong:
            where = site_map.where.get((kind, name), "")
            faults.row(wrong, where, "geometry", params={"limit": MAX_SPREAD_M / 1000.0})
            return None
        return placed

    places = [(place, local(place.geometry, "key_place", place.id)) for place in site_map.key_places]
    obstacles = [(item, local(item.footprint, "obstacle", item.id)) for item in site_map.obstacles]
    lit = [(area, local(area.geometry, "lit_area", area.id)) for area in site_map.lit_areas]
    mounts = [(mount, local(Point(mount.x, mount.y), "mounting_place", mount.id)) for mount in site_map.mounting_places]
    return replace(
        site_map,
        key_places=[replace(place, geometry=shape) for place, shape in places if shape is not None],
        obstacles=[replace(item, footprint=shape) for item, shape in obstacles if shape is not None],
        lit_areas=[replace(area, geometry=shape) for area, shape in lit if shape is not None],
        mounting_places=[replace(mount, x=shape.x, y=shape.y) for mount, shape in mounts if shape is not None],
        boundary=None if site_map.boundary is None else local(site_map.boundary, "boundary", ""),
    )


def _local_point(frame: MapFrame, x: float, y: float) -> tuple[float, float]:
    placed = frame.to_local(np.array([[x, y]], dtype=np.float64))[0]
    return float(placed[0]), float(placed[1])


def _misplaced(geometry: BaseGeometry, centre: tuple[float, float]) -> str:
    """The code of what is wrong with a geometry in local metres, "" when nothing is."""
    bounds = np.array(geometry.bounds)
    if not np.isfinite(bounds).all():
        return "not_in_crs"
    if np.abs(bounds - np.array([*centre, *centre])).max() > MAX_SPREAD_M:
        return "too_far"
    if geometry.geom_type in {"Polygon", "MultiPolygon"}:
        return "zero_area" if geometry.area < SMALLEST_AREA_M2 else ""
    if geometry.geom_type in {"LineString", "MultiLineString"}:
        return "zero_length" if geometry.length < SMALLEST_LENGTH_M else ""
    return ""


def place_cameras(
    viewpoints: Sequence[Viewpoint], site_map: SiteMap, frame: MapFrame, middle: tuple[float, float], faults: FileFaults
) -> Iterator[Camera]:
    """The cameras whose position makes sense, in local metres. The others lose their pose, with a problem."""
    centre = _local_point(frame, *middle)
    tree = STRtree([obstacle.footprint for obstacle in site_map.obstacles])
    allowed = None if site_map.boundary is None else site_map.boundary.buffer(BOUNDARY_MARGIN_M)
    if allowed is not None:
        shapely.prepare(allowed)
    for view in viewpoints:
        x, y = _local_point(frame, view.camera.pose.x, view.camera.pose.y)
        camera = replace(view.camera, pose=replace(view.camera.pose, x=x, y=y))
        shown = f"{view.camera.pose.x:g}, {view.camera.pose.y:g}"
        wrong = _misplaced(Point(x, y), centre)
        building = None if wrong else _building_around(camera, tree, site_map.obstacles)
        if wrong:
            faults.row(wrong, view.where, "x, y", shown, {"limit": MAX_SPREAD_M / 1000.0})
        elif allowed is not None and not allowed.intersects(Point(x, y)):
            away = float(allowed.distance(Point(x, y))) + BOUNDARY_MARGIN_M
            faults.row("outside_boundary", view.where, "x, y", shown, {"metres": round(away)})
        elif building is not None:
            heights: dict[str, str | float] = {"obstacle": building.id, "base": building.base_m, "top": building.top_m}
            faults.row("inside_obstacle", view.where, "x, y", shown, {**heights, "height": camera.pose.height_m})
        else:
            yield camera


def warn_misread(ledger: Ledger, site_map: SiteMap, frame: MapFrame, faults: FileFaults) -> None:
    """Positions that would be in place if they were read in another system: one question for each system."""
    shapes = [place.geometry for place in site_map.key_places] + [item.footprint for item in site_map.obstacles]
    for found in misread(ledger.pins, shapes, site_map.boundary, frame):
        first = found.pins[0]
        rows = [pin.where.removeprefix("row ") for pin in found.pins]
        more = f" … ({len(rows)})" if len(rows) > SHOWN_ROWS else ""
        params: dict[str, str | float] = {"rows": ", ".join(rows[:SHOWN_ROWS]) + more, "system": found.system}
        params["metres"] = f"{found.metres:,.0f}" if np.isfinite(found.metres) else "?"
        code = "axes_swapped" if found.system == SWAPPED else "other_system"
        faults.warning(code, first.where, "x, y", f"{first.x:.10g}, {first.y:.10g}", params)


SHOWN_ROWS = 20


def _building_around(camera: Camera, tree: STRtree, obstacles: Sequence[Obstacle]) -> Obstacle | None:
    """The obstacle that a camera hangs in: not on its wall, its roof, under it, nor in one that is hollow."""
    at = Point(camera.pose.x, camera.pose.y)
    for index in tree.query(at, predicate="within"):
        obstacle = obstacles[int(index)]
        between = obstacle.base_m <= camera.pose.height_m < obstacle.top_m
        if between and not obstacle.hollow and obstacle.footprint.boundary.distance(at) > INSIDE_TOLERANCE_M:
            return obstacle
    return None


def warn_hidden_places(site_map: SiteMap, faults: FileFaults) -> None:
    """A key place that lies, or partly lies, inside a building can never be seen there: a warning, it stays."""
    tree = STRtree([obstacle.footprint for obstacle in site_map.obstacles])
    for place in site_map.key_places:
        inside = sorted(
            site_map.obstacles[index].id
            for index in tree.query(place.geometry, predicate="intersects")
            if _hides(site_map.obstacles[index], place)
        )
        if inside:
            where = site_map.where.get(("key_place", place.id), "")
            faults.warning("place_inside_obstacle", where, "geometry", params={"obstacle": ", ".join(inside[:3])})


def _hides(obstacle: Obstacle, place: KeyPlace) -> bool:
    """Whether part of the place, with more than a wall's thickness of error, is within the building."""
    if obstacle.hollow or not (obstacle.base_m < place.target.z1_m and obstacle.top_m > place.target.z0_m):
        return False
    core = obstacle.footprint.buffer(-0.05)
    return bool(core.intersects(place.geometry))
