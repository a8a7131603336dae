"""Straight lines from one lens: which clear the ground, which clear the prisms.

The ground is triangles, so its height along a line is made of straight pieces that end where the line crosses a row
of nodes, a column of nodes or a diagonal. Only at these crossings, and nowhere else, need the two be held against
each other: the answer is exact.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from cammon_coverage.eye import Eye
from cammon_coverage.optics import Floats
from cammon_coverage.prisms import Indices, Prisms
from cammon_coverage.terrain import Terrain

Flags = NDArray[np.bool_]

GROUND_SLACK_M = 1e-3
"""A line may dip this far into the ground: a target stands on it, and heights are rounded."""

CHUNK = 120_000
"""Crossings that are held against the ground at a time; more no longer fit the processor's cache."""

GRAZE_M = 1e-6
"""Prisms are made thinner by this, so that a line along a wall is not hidden by it."""

NEGLIGIBLE = 1e-9


@dataclass(frozen=True, slots=True)
class _Lines:
    """n lines from one lens in grid units: `lens` and `ends` as (column, row), heights in metres."""

    lens: Floats
    lens_z: float
    ends: Floats
    ends_z: Floats

    def some(self, which: Indices) -> "_Lines":
        return _Lines(self.lens, self.lens_z, self.ends[which], self.ends_z[which])


def clear_of_ground(terrain: Terrain, lens: Floats, points: Floats, heights: Floats) -> Flags:
    """(n,): whether the lines from a lens (x, y, z) to plan points (n, 2) at `heights` (n,) clear the ground.

    A line over ground that is not known does not.
    """
    lines = _Lines(terrain.to_grid(lens[:2])[0], float(lens[2]), terrain.to_grid(points), heights)
    clear: Flags = np.isfinite(heights) & np.isfinite(lines.lens_z)
    for crossed in ((1, 0), (0, 1), (1, -1)):
        left = np.flatnonzero(clear)
        clear[left] = ~_blocked(terrain, lines.some(left), np.array(crossed, dtype=np.float64))
    return clear


def _blocked(terrain: Terrain, lines: _Lines, crossed: Floats) -> Flags:
    """Whether a line runs below the ground where it crosses columns (1, 0), rows (0, 1) or diagonals (1, -1)."""
    start, stop = float(lines.lens @ crossed), lines.ends @ crossed
    ahead = np.where(stop > start, 1, -1)
    first = np.where(ahead > 0, np.floor(start) + 1, np.ceil(start) - 1)
    count = np.maximum(0, np.where(ahead > 0, np.ceil(stop) - first, first - np.floor(stop))).astype(np.intp)
    order = np.argsort(count, kind="stable")
    blocked = np.zeros(len(count), dtype=np.bool_)
    begin = int(np.searchsorted(count[order], 1))
    while begin < len(order):
        most = count[order[begin : begin + max(1, CHUNK // max(1, int(count[order[begin]])))]]
        size = int(np.searchsorted(most * np.arange(1, len(most) + 1), CHUNK, side="right"))
        these = order[begin : begin + max(1, size)]
        begin += len(these)
        number = first[these, None] + ahead[these, None] * np.arange(int(count[these[-1]]))
        share = (number - start) / (stop[these, None] - start)
        blocked[these] = _below(terrain, lines.some(these), crossed, number, share).any(axis=1)
    return blocked


def _below(terrain: Terrain, lines: _Lines, crossed: Floats, number: Floats, share: Floats) -> Flags:
    """(n, m): whether the line is below the ground at each crossing; `share` of the way, crossing line `number`."""
    rows, columns = terrain.heights.shape
    column = lines.lens[0] + share * (lines.ends[:, 0, None] - lines.lens[0])
    row = lines.lens[1] + share * (lines.ends[:, 1, None] - lines.lens[1])
    if crossed[1] == 0:
        base_row = np.clip(np.floor(row), 0, rows - 2)
        base_column, part, stride = np.clip(number, 0, columns - 1), row - base_row, columns
    elif crossed[0] == 0:
        base_column = np.clip(np.floor(column), 0, columns - 2)
        base_row, part, stride = np.clip(number, 0, rows - 1), column - base_column, 1
    else:
        base_column = np.clip(np.floor(column), 0, columns - 2)
        base_row, part, stride = np.clip(base_column - number, 0, rows - 2), column - base_column, columns + 1
    base = (base_row * columns + base_column).astype(np.intp)
    flat = terrain.heights.reshape(-1)
    low = flat.take(base)
    ground = low + np.clip(part, 0.0, 1.0) * (flat.take(base + stride) - low)
    line = lines.lens_z + share * (lines.ends_z[:, None] - lines.lens_z)
    below: Flags = ~(ground <= line + GROUND_SLACK_M) & (share < 1)
    return below


@dataclass(frozen=True, slots=True)
class Solids:
    """Prisms as lines see them: a hair thinner than they are, and the hulls that tell which lines can meet them."""

    prisms: Prisms
    thinned: NDArray[np.object_]
    hulls: NDArray[np.object_]

    @classmethod
    def of(cls, prisms: Prisms) -> "Solids":
        """Made ready once for all lenses."""
        thinned = shapely.buffer(prisms.footprints, -GRAZE_M, join_style="mitre")
        shapely.prepare(thinned)
        return cls(prisms, thinned, shapely.convex_hull(prisms.footprints))


def clear_of_prisms(solids: Solids, eye: Eye, height: float, points: Floats, heights: Floats) -> Flags:
    """(n,): whether the lines from an eye at `height` to plan points (n, 2) at `heights` (n,) clear every prism."""
    prisms = solids.prisms
    if eye.buried_in is not None:
        return np.zeros(len(points), dtype=np.bool_)
    clear = np.ones(len(points), dtype=np.bool_)
    for room in eye.rooms:
        lines = shapely.linestrings(np.stack([np.broadcast_to(eye.place, points.shape), points], axis=1))
        inside = (prisms.base[room] <= heights) & (heights <= prisms.top[room])
        clear &= inside & shapely.covers(prisms.footprints[room], lines)
    if not len(points):
        return clear
    low, high = np.minimum(points.min(axis=0), eye.place), np.maximum(points.max(axis=0), eye.place)
    for prism in prisms.near(shapely.box(*low, *high)):
        if prism in eye.rooms:
            continue
        behind = np.flatnonzero(clear & _behind(solids.hulls[prism], eye, points))
        if len(behind):
            clear[behind] = ~_hides(solids, int(prism), eye, height, points[behind], heights[behind])
    return clear


def _behind(hull: shapely.Geometry, eye: Eye, points: Floats) -> Flags:
    """Points in the sector that a convex hull takes up as seen from the eye, and no nearer than it."""
    nearest = shapely.distance(hull, shapely.Point(eye.place))
    if nearest == 0:
        return np.ones(len(points), dtype=np.bool_)
    corners = shapely.get_coordinates(hull) - eye.place
    middle = corners.mean(axis=0)
    turned = _bearings(corners, middle)
    offsets = points - eye.place
    bearings = _bearings(offsets, middle)
    within = (bearings >= turned.min() - NEGLIGIBLE) & (bearings <= turned.max() + NEGLIGIBLE)
    found: Flags = within & (np.hypot(*offsets.T) >= nearest)
    return found


def _bearings(offsets: Floats, middle: Floats) -> Floats:
    """Angles from the direction `middle`, -pi to pi."""
    found: Floats = np.arctan2(offsets @ (-middle[1], middle[0]), offsets @ middle)
    return found


def _hides(solids: Solids, prism: int, eye: Eye, height: float, points: Floats, heights: Floats) -> Flags:
    """Whether the stretch of each line that runs between base and top of the prism meets its footprint."""
    low, high = _shares(float(solids.prisms.base[prism]), float(solids.prisms.top[prism]), height, heights)
    hides = np.zeros(len(points), dtype=np.bool_)
    real = np.flatnonzero(high - low > NEGLIGIBLE)
    step = points[real] - eye.place
    ends = [eye.place + share[real, None] * step for share in (low, high)]
    stretches = shapely.linestrings(np.stack(ends, axis=1))
    hides[real] = shapely.intersects(solids.thinned[prism], stretches)
    return hides


def _shares(base: float, top: float, height: float, heights: Floats) -> tuple[Floats, Floats]:
    """From and to which share of the way each line is between base and top (docs/coverage.md)."""
    fall = height - heights
    level = fall == 0
    safe = np.where(level, 1.0, fall)
    one, two = (height - top) / safe, (height - base) / safe
    low, high = np.clip(np.minimum(one, two), 0.0, 1.0), np.clip(np.maximum(one, two), 0.0, 1.0)
    between = base < height < top
    return np.where(level, 0.0, low), np.where(level, 1.0 if between else 0.0, high)
