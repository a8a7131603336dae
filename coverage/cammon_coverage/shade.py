"""What prisms hide from an eye, on the planes of a target.

A straight line from an eye at height H to a point p at height z passes, a share s of the way along, over the plan
point C + s (p - C) at height H - s (H - z). A prism from b to t hides p when some s inside the interval in which
that height lies between b and t has its plan point inside the footprint. So the shade is the union of the footprint
scaled about the eye by 1/s over the interval: along every direction in which the footprint spans [a, e] the shade
spans [a / s_max, e / s_min]. It is drawn from the footprint scaled by 1/s_min and, for the near side, the chains of
edges that face the eye, swept from 1/s_max to 1/s_min; with s_min = 0 these chains swept to infinity are all of it.

The two ends of a target share one shade: the union over both intervals.
"""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from cammon_coverage.optics import Floats
from cammon_coverage.overlay import flat
from cammon_coverage.prisms import Indices, Prisms

CHAIN_TURN = 2 * math.pi / 3
"""A chain of edges is cut where it has turned this far about the eye, so that its shade stays a simple polygon."""

COLLINEAR = 1e-12
"""Edges seen at a smaller sine than this point at the eye and have no breadth to hide anything."""

NEGLIGIBLE = 1e-9


def height_shares(base: Floats, top: Floats, height: float, z: float) -> tuple[Floats, Floats]:
    """(s_min, s_max) per prism: where the way from `height` to `z` runs between base and top; empty if min >= max.

    A point at height z inside a footprint with base <= z < top is hidden whatever the way there.
    """
    fall = height - z
    if fall == 0:
        between = (base < height) & (height < top)
        low, high = np.zeros_like(base), np.where(between, 1.0, 0.0)
    else:
        enter, leave = ((height - top) / fall, (height - base) / fall)
        low = np.maximum(0.0, enter if fall > 0 else leave)
        high = np.minimum(1.0, leave if fall > 0 else enter)
    inside = (base <= z) & (z < top)
    high = np.where(inside, 1.0, high)
    low = np.where(inside, np.minimum(low, 1 - NEGLIGIBLE), low)
    return np.where(low < NEGLIGIBLE, 0.0, low), high


@dataclass(frozen=True, slots=True)
class Sweeps:
    """Prisms (by number) and the interval of s over which each hides; a prism may appear twice."""

    prism: Indices
    low: Floats
    high: Floats


def sweeps(prisms: Prisms, among: Indices, height: float, zs: tuple[float, ...]) -> Sweeps:
    """The intervals of the prisms `among` for all target heights; intervals that overlap are one."""
    base, top = prisms.base[among], prisms.top[among]
    parts = [height_shares(base, top, height, z) for z in sorted(set(zs))]
    low, high = parts[0]
    if len(parts) == 1:
        real = low < high
        return Sweeps(among[real], low[real], high[real])
    other_low, other_high = parts[1]
    first, second = low < high, other_low < other_high
    joined = first & second & (np.maximum(low, other_low) <= np.minimum(high, other_high))
    apart = second & ~joined
    own_low = np.where(joined, np.minimum(low, other_low), low)[first]
    own_high = np.where(joined, np.maximum(high, other_high), high)[first]
    return Sweeps(
        np.concatenate([among[first], among[apart]]),
        np.concatenate([own_low, other_low[apart]]),
        np.concatenate([own_high, other_high[apart]]),
    )


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the plan, relative to the eye, in which shades matter: bounds of the view area and the eye."""

    west: float
    south: float
    east: float
    north: float
    left: tuple[float, float] | None = None
    right: tuple[float, float] | None = None
    """directions of the outermost rays of a view narrower than a half plane, None for wider ones"""

    @property
    def radius(self) -> float:
        """A distance beyond everything in the window."""
        return math.hypot(max(-self.west, self.east), max(-self.south, self.north))


def window_of(area: BaseGeometry) -> Window:
    """The window of a view area that is relative to the eye."""
    points = shapely.get_coordinates(area)
    west, south = np.minimum(points.min(axis=0), 0.0) - 1e-6
    east, north = np.maximum(points.max(axis=0), 0.0) + 1e-6
    left, right = _outer_rays(points)
    return Window(float(west), float(south), float(east), float(north), left, right)


def _outer_rays(points: Floats) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    middle = points.mean(axis=0)
    along = points @ middle
    aside = middle[0] * points[:, 1] - middle[1] * points[:, 0]
    if not (along > 0).all():
        return None, None
    slope = aside / along
    left, right = points[slope.argmax()], points[slope.argmin()]
    return (float(left[0]), float(left[1])), (float(right[0]), float(right[1]))


def shades(prisms: Prisms, which: Sweeps, eye: tuple[float, float], window: Window) -> list[BaseGeometry]:
    """Polygons, relative to the eye, that together cover the shade inside the window (and may reach out of it)."""
    if not len(which.prism):
        return []
    edges, owner = prisms.edges_of(which.prism)
    grown = which.high[owner, None]
    start, end = (prisms.start[edges] - eye) / grown, (prisms.end[edges] - eye) / grown
    hidden = chain_shades(start, end, (which.low / which.high)[owner], owner, window)
    partial = which.low > 0
    if partial.any():
        hidden.extend(_scaled(prisms.footprints[which.prism[partial]], eye, which.low[partial], window))
    return hidden


def _scaled(
    footprints: NDArray[np.object_], eye: tuple[float, float], shares: Floats, window: Window
) -> list[BaseGeometry]:
    """The footprints grown about the eye by 1 / share, without what would reach far out of the window."""
    per_point = np.repeat(shares, shapely.get_num_coordinates(footprints))[:, None]
    scaled: list[BaseGeometry] = list(shapely.transform(footprints, lambda points: (points - eye) / per_point))
    far = 8 * window.radius
    near = shapely.box(-far, -far, far, far)
    return [shape if shapely.covers(near, shape) else flat(shapely.intersection(shape, near)) for shape in scaled]


def chain_shades(start: Floats, end: Floats, low: Floats, owner: Indices, window: Window) -> list[BaseGeometry]:
    """Shades of the edges that face the eye (the eye on their right), swept outwards by up to 1 / low, by chains.

    `start`, `end` (m, 2) relative to the eye, `low` (m,) below 1, 0 for an endless shade; `owner` (m,) keeps chains
    of different prisms apart. Edges must stand in ring order.
    """
    cross = start[:, 0] * end[:, 1] - start[:, 1] * end[:, 0]
    facing = np.flatnonzero((cross < 0) & _in_sector(start, end, window))
    start, end, kept = _clip_to_window(start[facing], end[facing], window)
    facing = facing[kept]
    low, owner = low[facing], owner[facing]
    cross = start[:, 0] * end[:, 1] - start[:, 1] * end[:, 0]
    broad = -cross > COLLINEAR * np.hypot(*start.T) * np.hypot(*end.T)
    if not broad.all():
        start, end, low, owner, cross = (a[broad] for a in (start, end, low, owner, cross))
    if not len(start):
        return []
    turn = np.arctan2(-cross, (start * end).sum(axis=1))
    return _chain_polygons(start, end, low, turn, _chains(start, end, owner, turn), 2 * window.radius)


def _in_sector(start: Floats, end: Floats, window: Window) -> NDArray[np.bool_]:
    """Edges not wholly beyond one of the outermost rays."""
    if window.left is None or window.right is None:
        return np.ones(len(start), dtype=np.bool_)
    (lx, ly), (rx, ry) = window.left, window.right
    beyond_left = (lx * start[:, 1] > ly * start[:, 0]) & (lx * end[:, 1] > ly * end[:, 0])
    beyond_right = (rx * start[:, 1] < ry * start[:, 0]) & (rx * end[:, 1] < ry * end[:, 0])
    return ~(beyond_left | beyond_right)


def _clip_to_window(start: Floats, end: Floats, window: Window) -> tuple[Floats, Floats, Indices]:
    """Edges cut to the window, and which are left. Ends inside the window stay as they are, to the last bit."""
    low = np.array([window.west, window.south])
    high = np.array([window.east, window.north])
    inside = (start >= low) & (start <= high) & (end >= low) & (end <= high)
    if inside.all():
        return start, end, np.arange(len(start))
    step = end - start
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = (low - start) / step, (high - start) / step
    enter, leave = np.fmin(first, second), np.fmax(first, second)
    parallel = step == 0
    outside = (parallel & ((start < low) | (start > high))).any(axis=1)
    t0 = np.maximum(0.0, np.where(parallel, 0.0, enter).max(axis=1))
    t1 = np.minimum(1.0, np.where(parallel, 1.0, leave).min(axis=1))
    kept: Indices = np.flatnonzero((t0 < t1) & ~outside)
    start, step, end, t0, t1 = start[kept], step[kept], end[kept], t0[kept, None], t1[kept, None]
    return np.where(t0 > 0, start + t0 * step, start), np.where(t1 < 1, start + t1 * step, end), kept


def _chains(start: Floats, end: Floats, owner: Indices, turn: Floats) -> Indices:
    """The number of the chain of each edge: edges that follow one another and turn no farther than CHAIN_TURN."""
    broken = np.ones(len(start), dtype=np.bool_)
    broken[1:] = (owner[1:] != owner[:-1]) | (start[1:] != end[:-1]).any(axis=1)
    chain = np.cumsum(broken) - 1
    before = np.cumsum(turn) - turn
    since = before - before[broken][chain]
    if since.max(initial=0.0) <= CHAIN_TURN:
        return chain
    section = (since // CHAIN_TURN).astype(np.intp)
    broken[1:] |= section[1:] != section[:-1]
    return np.cumsum(broken) - 1


def _chain_polygons(
    start: Floats, end: Floats, low: Floats, turn: Floats, chain: Indices, far: float
) -> list[BaseGeometry]:
    count = int(chain[-1]) + 1
    first = np.flatnonzero(np.diff(chain, prepend=-1))
    last = np.append(first[1:], len(start)) - 1
    own_chain = np.concatenate([np.arange(count), chain])
    order = np.concatenate([np.zeros(count), np.arange(len(start)) + 1.0])
    nodes = np.concatenate([start[first], end])
    endless = low[first] == 0
    back_low = np.where(endless, 1.0, low[first])[own_chain]
    finite = ~endless[own_chain]
    back = (nodes / back_low[:, None])[finite]
    span = np.add.reduceat(turn, first)
    cap, cap_chain, cap_order = _far_caps(end[last], start[first], span, np.flatnonzero(endless), far)
    points = np.concatenate([nodes, back, cap])
    rings = np.concatenate([own_chain, own_chain[finite], cap_chain])
    orders = np.concatenate([order, 1e9 - order[finite], cap_order])
    sequence = np.lexsort((orders, rings))
    polygons: list[BaseGeometry] = list(
        shapely.polygons(shapely.linearrings(points[sequence], indices=rings[sequence]))
    )
    return polygons


def _far_caps(last: Floats, first: Floats, span: Floats, chains: Indices, far: float) -> tuple[Floats, Indices, Floats]:
    """Points at the distance `far` that close endless shades, from the last ray of a chain back to its first.

    Rays are at most a right angle apart, so that the chords between them stay beyond 0.7 of `far`.
    """
    steps = np.ceil(span[chains] / (math.pi / 2)).astype(np.intp)
    own = np.repeat(np.arange(len(chains)), steps + 1)
    at = np.arange(len(own)) - np.repeat(np.cumsum(steps + 1) - (steps + 1), steps + 1)
    ends = last[chains][own]
    back = (span[chains] / steps)[own] * at
    cosine, sine = np.cos(back), np.sin(back)
    rays = np.column_stack([ends[:, 0] * cosine - ends[:, 1] * sine, ends[:, 0] * sine + ends[:, 1] * cosine])
    rays = np.where((at == steps[own])[:, None], first[chains][own], rays)
    rays *= (far / np.hypot(*rays.T))[:, None]
    return rays, chains[own], 1e9 + at.astype(np.float64)
