"""Noticing positions that were measured in another coordinate system than the rest of the site.

GCJ-02 lies 100 to 700 m from WGS84, BD-09 about a kilometre, the next Gauss-Krueger zone hundreds of kilometres. A
position that lies outside the site as it stands, and inside when it is read in such a system, was most likely
measured in it. What lies inside either way cannot be told apart, so what is found is a question, not a correction.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from cammon.sitefiles.datums import BD09, GCJ02, OFFSETS, WGS84, Coordinates, converted, zones_for
from cammon.sitefiles.frame import LOCAL, MapFrame

SWAPPED = "swapped"
"""No system, but the commonest slip: the northing in the column of the easting."""
OUT_OF_PLACE_M = 30.0
"""A position this far outside is out of place; a pole a little off the fence line is not."""
AROUND_MAP_M = 100.0
"""Without a boundary the site reaches this far around what the map shows."""
NEIGHBOUR_M = 150.0
AROUND_CAMERAS_M = 50.0
"""Without a map the site is where most cameras stand, each within this of another, and a little around."""
FAR_OFF_M = 100.0
FEWEST = 3
"""Cameras alone prove little: so many make a site, and so many, this far off, make a question."""


@dataclass(frozen=True, slots=True)
class Pin:
    """Where a ledger says a camera is, in the map's coordinates, and the system that its row names ("" for none)."""

    where: str
    x: float
    y: float
    crs: str = ""


@dataclass(frozen=True, slots=True)
class Misread:
    """Positions that would be in place if they were read in `system`; they lie `metres` outside as they stand
    (the median; inf where they are no place at all)."""

    system: str
    pins: tuple[Pin, ...]
    metres: float


def misread(
    pins: Sequence[Pin], shapes: Sequence[BaseGeometry], boundary: BaseGeometry | None, frame: MapFrame
) -> list[Misread]:
    """The positions that another system would bring into place, the largest group first.

    `shapes` and `boundary` are the map in local metres; `frame` leads from the pins' coordinates to them. Without a
    map the positions are compared with each other.
    """
    if not pins:
        return []
    xy = np.array([(pin.x, pin.y) for pin in pins], dtype=np.float64)
    local = _local(frame, xy)
    site = _site_of(local, shapes, boundary)
    if site is None:
        return []
    away = _away(site, local)
    with_map = len(shapes) >= FEWEST or boundary is not None
    rest = set(np.flatnonzero(away > (OUT_OF_PLACE_M if with_map else FAR_OFF_M)).tolist())
    if not with_map:
        if len(rest) < FEWEST:
            return []
        system = _system_of_most(xy, site, frame, rest)
        if system:
            off = float(np.median(away[sorted(rest)]))
            return [Misread(system, tuple(pins[at] for at in np.flatnonzero(away == 0.0).tolist()), off)]
    readings = {system: _local(frame, read) for system, read in _readings(xy, frame.crs)} if rest else {}
    groups = _explained(readings, site, rest, local[away == 0.0])
    return [
        Misread(system, tuple(pins[at] for at in members), float(np.median(away[members])))
        for system, members in groups
    ]


def _explained(
    readings: Mapping[str, Coordinates], site: BaseGeometry, rest: set[int], good: Coordinates
) -> Iterator[tuple[str, list[int]]]:
    """What brings most positions into place, then what brings most of the others, and so on; among equals the
    system that brings them nearest to the good ones."""
    inside = {system: set(np.flatnonzero(_away(site, read) == 0.0).tolist()) for system, read in readings.items()}
    near = cKDTree(good) if len(good) else None

    def worth(system: str) -> tuple[int, float]:
        members = sorted(rest & inside[system])
        apart = near.query(readings[system][members])[0] if near is not None and members else [0.0]
        return len(members), -float(np.mean(apart))

    while rest and inside:
        best = max(inside, key=worth)
        members = sorted(rest & inside[best])
        if not members:
            return
        yield best, members
        rest = rest - set(members)


def _local(frame: MapFrame, xy: Coordinates) -> Coordinates:
    """Local metres, nan for what is no place."""
    with np.errstate(invalid="ignore"):
        local = frame.to_local(xy)
    return np.where(np.isfinite(local), local, np.nan)


def _site_of(local: Coordinates, shapes: Sequence[BaseGeometry], boundary: BaseGeometry | None) -> BaseGeometry | None:
    """Where the site is: inside its boundary, else around its map, else where most of its cameras stand."""
    if boundary is not None:
        return boundary
    if len(shapes) >= FEWEST:
        return shapely.union_all([shape.envelope for shape in shapes]).convex_hull.buffer(AROUND_MAP_M)
    known = local[np.isfinite(local).all(axis=1)]
    if len(known) < FEWEST:
        return None
    pairs = cKDTree(known).query_pairs(NEIGHBOUR_M, output_type="ndarray")
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(known), len(known)))
    _, group = connected_components(graph, directed=False)
    largest = known[group == np.bincount(group).argmax()]
    if len(largest) < max(FEWEST, len(local) / 2):
        return None
    return shapely.MultiPoint(largest).convex_hull.buffer(AROUND_CAMERAS_M)


def _away(site: BaseGeometry, local: Coordinates) -> NDArray[np.float64]:
    """Metres outside the site, 0 inside, inf for what is no place."""
    with np.errstate(invalid="ignore"):
        away = shapely.distance(site, shapely.points(local))
    return np.where(np.isnan(away), np.inf, away)


def _readings(xy: Coordinates, crs: str) -> Iterator[tuple[str, Coordinates]]:
    """Every other way to read the positions: the system, and where they would be in the map's coordinates."""
    yield SWAPPED, xy[:, ::-1].copy()
    if crs == LOCAL:
        return
    degrees = np.all(np.abs(xy) <= (180.0, 90.0), axis=1)
    for system in (GCJ02, BD09, WGS84):
        yield system, _masked(xy, degrees, partial(converted, source=system, target=crs))
    zones = [zones_for(float(x), float(y)) for x, y in xy]
    for zone in sorted({zone for some in zones for zone in some} - {crs}):
        of_zone = np.array([zone in some for some in zones])
        yield zone, _masked(xy, of_zone, partial(converted, source=zone, target=crs))


def _masked(xy: Coordinates, rows: NDArray[np.bool_], convert: Callable[[Coordinates], Coordinates]) -> Coordinates:
    """Some rows converted, the others no place."""
    read = np.full_like(xy, np.nan)
    if rows.any():
        read[rows] = convert(xy[rows])
    return read


def _system_of_most(xy: Coordinates, site: BaseGeometry, frame: MapFrame, rest: set[int]) -> str:
    """The offset system in which most positions were measured, "" for none: without a map most positions are the
    site, but then the few others move among them by the offset of that system."""
    if not frame.geographic or not rest:
        return ""
    few = xy[sorted(rest)]
    moved = {system: _away(site, _local(frame, forward(few))) for system, forward in OFFSETS.items()}
    return next((system for system, away in moved.items() if (away == 0.0).all()), "")
