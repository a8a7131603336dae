"""Ways over open ground between places, round the obstacles that stand on it: for roads, and for people."""

import heapq
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from cammon_coverage.model import KeyPlace, Obstacle

Way = NDArray[np.float64]
"""Corners of a way, n x 2 metres."""
HEADROOM_M = 2.2
"""People and lorries pass under what begins above this."""
CLEARANCE_M = 1.2
DETOUR_M = 30.0
"""How far beside the straight line obstacles are taken into account."""


class Grounds:
    """The open ground of a site and the ways across it."""

    def __init__(self, obstacles: Sequence[Obstacle]) -> None:
        standing = [obstacle.footprint for obstacle in obstacles if obstacle.base_m < HEADROOM_M]
        blocks = shapely.union_all([shape.buffer(CLEARANCE_M, join_style="mitre") for shape in standing])
        self._blocks = [block for block in shapely.get_parts(blocks) if not block.is_empty]
        self._tree = shapely.STRtree(self._blocks)
        self._cores = [block.buffer(-0.05) for block in self._blocks]
        shapely.prepare(self._cores)

    def anchor(self, place: KeyPlace) -> Way:
        """A point (2) on open ground at a key place."""
        inside = _middle(place.geometry)
        for index in self._tree.query(inside, predicate="intersects"):
            inside = nearest_points(self._blocks[index].boundary, inside)[0]
        return np.array([inside.x, inside.y])

    def way(self, start: Way, end: Way) -> Way | None:
        """The shortest way (Dijkstra over the corners in sight of each other); None when walls leave none."""
        direct = LineString([start, end])
        if self._clear([direct])[0]:
            return np.array([start, end])
        near = self._tree.query(direct.buffer(DETOUR_M), predicate="intersects")
        corners = [start, end]
        for index in near:
            for ring in (self._blocks[index].exterior, *self._blocks[index].interiors):
                corners.extend(np.asarray(ring.simplify(0.5).coords)[:-1])
        return self._shortest(np.array(corners))

    def _clear(self, lines: Sequence[BaseGeometry]) -> NDArray[np.bool_]:
        """Which lines touch no block from within (running along its edge is allowed)."""
        clear = np.ones(len(lines), np.bool_)
        line, block = self._tree.query(lines, predicate="intersects")
        crossed = shapely.intersects(np.array(self._cores)[block], np.array(lines)[line])
        clear[line[crossed]] = False
        return clear

    def _shortest(self, corners: Way) -> Way | None:
        """The shortest way from the first corner to the second over those in sight of each other."""
        first, second = np.triu_indices(len(corners), 1)
        lines = shapely.linestrings(np.stack([corners[first], corners[second]], axis=1))
        clear = self._clear(list(lines))
        steps: dict[int, list[tuple[int, float]]] = {index: [] for index in range(len(corners))}
        for a, b in zip(first[clear], second[clear], strict=True):
            length = float(np.hypot(*(corners[a] - corners[b])))
            steps[int(a)].append((int(b), length))
            steps[int(b)].append((int(a), length))
        trail = _dijkstra(steps)
        return None if trail is None else corners[trail]


def _dijkstra(steps: dict[int, list[tuple[int, float]]]) -> list[int] | None:
    """The nodes of the shortest way from node 0 to node 1."""
    queue: list[tuple[float, int, int]] = [(0.0, 0, -1)]
    came: dict[int, int] = {}
    while queue:
        length, node, before = heapq.heappop(queue)
        if node in came:
            continue
        came[node] = before
        if node == 1:
            break
        for following, step in steps[node]:
            if following not in came:
                heapq.heappush(queue, (length + step, following, node))
    if 1 not in came:
        return None
    trail = [1]
    while came[trail[-1]] >= 0:
        trail.append(came[trail[-1]])
    return trail[::-1]


def _middle(geometry: BaseGeometry) -> BaseGeometry:
    if geometry.geom_type in ("LineString", "LinearRing"):
        return geometry.interpolate(0.5, normalized=True)
    return geometry.representative_point()


def links(anchors: Sequence[Way], longest_m: float) -> list[tuple[int, int]]:
    """Pairs that join all anchors with the least length (Prim), without links longer than `longest_m`."""
    if len(anchors) < 2:
        return []
    points = np.array(anchors)
    apart = np.hypot(*(points[:, None] - points[None, :]).transpose(2, 0, 1))
    joined, found = {0}, []
    while len(joined) < len(points):
        inner, outer = sorted(joined), [index for index in range(len(points)) if index not in joined]
        table = apart[np.ix_(inner, outer)]
        a, b = np.unravel_index(int(table.argmin()), table.shape)
        if table[a, b] <= longest_m:
            found.append((inner[int(a)], outer[int(b)]))
        joined.add(outer[int(b)])
    return found
