"""The map as flat faces: the walls, roofs and undersides of the prisms, outlined in space."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from shapely import Point, Polygon
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from cammon_coverage.model import Obstacle

Points = NDArray[np.float64]
WALL_M = 1e-3
"""A lens no deeper in a wall than this hangs on it."""


class FaceKind(StrEnum):
    """What a face is a part of. A fence never hides anything: the mathematics does not know it."""

    WALL = "wall"
    ROOF = "roof"
    UNDERSIDE = "underside"
    FENCE = "fence"


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A flat polygon in space. `owner` is the obstacle's id, "" for the fence.

    `rings` (n x 3 each, metres) are the outline and its holes, filled by the even-odd rule. `normal` points out of the
    prism.
    `along` is the unit direction in which `offset_m` counts metres round the footprint, for the texture.
    `part` numbers the prism that the face closes.
    """

    kind: FaceKind
    owner: str
    part: int
    rings: tuple[Points, ...]
    normal: Points
    along: Points
    offset_m: float
    base_m: float
    top_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Prism:
    """One part of an obstacle: a polygon between two heights, and its faces."""

    owner: str
    footprint: Polygon
    base_m: float
    top_m: float
    hollow: bool
    faces: tuple[Face, ...]

    def contains(self, position: Points) -> bool:
        """Whether a point (x, y, z) lies inside, deeper than WALL_M."""
        x, y, z = (float(part) for part in position)
        if not self.base_m < z < self.top_m or not self.footprint.contains(Point(x, y)):
            return False
        return bool(self.footprint.boundary.distance(Point(x, y)) > WALL_M)


def polygons_of(geometry: BaseGeometry) -> list[Polygon]:
    """The polygons of a Polygon, MultiPolygon or collection, outlines counter-clockwise, holes clockwise."""
    parts = getattr(geometry, "geoms", (geometry,))
    return [orient(part) for part in parts if isinstance(part, Polygon) and not part.is_empty]


def prisms_of(obstacles: tuple[Obstacle, ...]) -> tuple[Prism, ...]:
    """Every part of every obstacle as a prism with its faces."""
    prisms: list[Prism] = []
    for obstacle in obstacles:
        for polygon in polygons_of(obstacle.footprint):
            prisms.append(_prism(obstacle, polygon, len(prisms)))
    return tuple(prisms)


def _prism(obstacle: Obstacle, polygon: Polygon, part: int) -> Prism:
    base_m, top_m = obstacle.base_m, obstacle.top_m
    walls = [wall for ring in (polygon.exterior, *polygon.interiors) for wall in _walls(ring, obstacle, part)]
    faces = (*walls, _flat(FaceKind.ROOF, polygon, obstacle, part))
    if base_m > 0:
        faces = (*faces, _flat(FaceKind.UNDERSIDE, polygon, obstacle, part))
    return Prism(obstacle.id, polygon, base_m, top_m, obstacle.hollow, faces)


def _corners(ring: BaseGeometry) -> Points:
    return np.asarray(ring.coords, dtype=np.float64)[:, :2]


def _walls(ring: BaseGeometry, obstacle: Obstacle, part: int) -> Iterator[Face]:
    corners = _corners(ring)
    around_m = 0.0
    for start, end in pairwise(corners):
        length_m = float(np.hypot(*(end - start)))
        if length_m < 1e-9:  # duplicate vertices are allowed
            continue
        yield wall(start, end, obstacle.id, part, around_m, obstacle.base_m, obstacle.top_m)
        around_m += length_m


def wall(
    start: Points,
    end: Points,
    owner: str,
    part: int,
    around_m: float,
    base_m: float,
    top_m: float,
    kind: FaceKind = FaceKind.WALL,
) -> Face:
    """The upright rectangle over the plan segment from `start` to `end`, its normal to the right of that direction."""
    along = np.array([*(end - start), 0.0]) / np.hypot(*(end - start))
    outline = np.array([[*start, base_m], [*end, base_m], [*end, top_m], [*start, top_m]])
    normal = np.array([along[1], -along[0], 0.0])
    offset_m = around_m - float(along[:2] @ start)
    return Face(kind, owner, part, (outline,), normal, along, offset_m, base_m, top_m)


def _flat(kind: FaceKind, polygon: Polygon, obstacle: Obstacle, part: int) -> Face:
    z = obstacle.top_m if kind is FaceKind.ROOF else obstacle.base_m
    rings = tuple(_level(ring, z) for ring in (polygon.exterior, *polygon.interiors))
    normal = np.array([0.0, 0.0, 1.0 if kind is FaceKind.ROOF else -1.0])
    return Face(kind, obstacle.id, part, rings, normal, _longest(rings[0]), 0.0, z, z)


def _level(ring: BaseGeometry, z: float) -> Points:
    corners = _corners(ring)[:-1]
    return np.column_stack([corners, np.full(len(corners), z)])


def _longest(ring: Points) -> Points:
    """The direction of the longest side: roof seams run along it."""
    sides = np.roll(ring, -1, axis=0) - ring
    side = sides[np.argmax(np.hypot(sides[:, 0], sides[:, 1]))]
    unit: Points = side / max(float(np.hypot(side[0], side[1])), 1e-9)
    return unit


def fence_faces(boundary: BaseGeometry | None, height_m: float) -> tuple[Face, ...]:
    """The fence along a boundary, one face a straight piece; none without a boundary."""
    if boundary is None:
        return ()
    rings = [ring for polygon in polygons_of(boundary) for ring in (polygon.exterior, *polygon.interiors)]
    faces: list[Face] = []
    for ring in rings:
        around_m = 0.0
        corners = _corners(LineString(ring.coords))
        for start, end in pairwise(corners):
            length_m = float(np.hypot(*(end - start)))
            if length_m > 1e-9:
                faces.append(wall(start, end, "", -1, around_m, 0.0, height_m, FaceKind.FENCE))
            around_m += length_m
    return tuple(faces)
