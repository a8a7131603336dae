"""Which ground counts as watched when blind ground is asked for: the boundary, or what stands in for it."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from cammon.problem import UserError
from cammon.sitefiles.model import Site

HULL = "hull"
HULL_MARGIN_M = 10.0


class GroundKind(StrEnum):
    """Where the outline of the watched ground comes from."""

    BOUNDARY = "boundary"
    HULL = "hull"
    BOX = "box"


@dataclass(frozen=True, slots=True)
class WatchedGround:
    """An outline in local metres, obstacles not yet taken off."""

    kind: GroundKind
    outline: BaseGeometry


def watched_ground_of(site: Site, asked: str | None) -> WatchedGround | None:
    """The ground that `--ground` names; without it the boundary, None when the map has none.

    `asked`: `hull` for the convex hull of everything on the map and all cameras, HULL_MARGIN_M wider, or
    `west,south,east,north` in the map's own coordinates. UserError when it is neither.
    """
    if asked is None:
        boundary = site.scene.boundary
        return None if boundary is None else WatchedGround(GroundKind.BOUNDARY, boundary)
    if asked.strip().lower() == HULL:
        return WatchedGround(GroundKind.HULL, _hull(site))
    return WatchedGround(GroundKind.BOX, _box(site, asked))


def _hull(site: Site) -> BaseGeometry:
    scene = site.scene
    shapes = [
        *(place.geometry for place in scene.key_places),
        *(obstacle.footprint for obstacle in scene.obstacles),
        *(area.geometry for area in scene.lit_areas),
        *(shapely.Point(place.x, place.y) for place in scene.mounting_places),
        *(shapely.Point(camera.pose.x, camera.pose.y) for camera in scene.cameras),
    ]
    if not shapes:
        raise UserError(f"--ground {HULL}: {site.folder} has neither a map nor a camera with a pose")
    return shapely.buffer(shapely.convex_hull(shapely.geometrycollections(shapes)), HULL_MARGIN_M)


def _box(site: Site, asked: str) -> BaseGeometry:
    remedy = f"give {HULL}, or west,south,east,north in the map's coordinates, for example 0,0,400,300"
    try:
        west, south, east, north = (float(part) for part in asked.split(","))
    except ValueError:
        raise UserError(f"--ground {asked}: {remedy}") from None
    if not (np.isfinite([west, south, east, north]).all() and west < east and south < north):
        raise UserError(f"--ground {asked}: west must be less than east and south less than north; {remedy}")
    corners = shapely.segmentize(shapely.box(west, south, east, north), max(east - west, north - south) / 64)
    local = shapely.transform(corners, site.frame.to_local)
    if not np.isfinite(shapely.get_coordinates(local)).all():
        raise UserError(f"--ground {asked}: not within reach of the map's coordinate system {site.crs}; {remedy}")
    return local
