"""One straight line from a lens to a point: what is in its way."""

import numpy as np
import shapely

from cammon_coverage.eye import Eye
from cammon_coverage.optics import Floats
from cammon_coverage.prisms import Indices, Prisms
from cammon_coverage.shade import height_shares

GRAZE_M = 1e-7
"""A line that runs inside a footprint for less than this only grazes it."""


def first_in_the_way(prisms: Prisms, eye: Eye, height: float, point: Floats, zs: tuple[float, ...]) -> int | None:
    """The prism that hides the point (x, y) at one of the heights `zs`, the first on the way; None: none does."""
    if eye.buried_in is not None:
        return eye.buried_in
    for room in eye.rooms:
        inside = shapely.covers(prisms.footprints[room], shapely.linestrings([eye.place, point]))
        if not inside or not all(prisms.base[room] <= z <= prisms.top[room] for z in zs):
            return room
    line = shapely.linestrings([eye.place, point])
    among = np.sort(prisms.tree.query(line, predicate="intersects"))
    if eye.rooms:
        among = among[~np.isin(among, eye.rooms)]
    if not len(among):
        return None
    hits = [_entries(prisms, among, eye.place, point, height, z) for z in zs]
    entry = np.min(hits, axis=0)
    return int(among[entry.argmin()]) if np.isfinite(entry.min()) else None


def _entries(prisms: Prisms, among: Indices, start: Floats, end: Floats, height: float, z: float) -> Floats:
    """How far along the way each prism begins to hide the end; infinite where it does not."""
    low, high = height_shares(prisms.base[among], prisms.top[among], height, z)
    entry = np.full(len(among), np.inf)
    real = np.flatnonzero(low < high)
    if not len(real):
        return entry
    step = end - start
    stretches = np.stack([start + low[real, None] * step, start + high[real, None] * step], axis=1)
    footprints = prisms.footprints[among[real]]
    within = shapely.intersection(shapely.linestrings(stretches), footprints)
    at_end = (high[real] == 1) & (prisms.base[among[real]] <= z) & (z < prisms.top[among[real]])
    hides = (shapely.length(within) > GRAZE_M) | (at_end & shapely.contains_xy(footprints, *end))
    if hides.any():
        distance = shapely.distance(within[hides], shapely.Point(start))
        entry[real[hides]] = np.where(np.isnan(distance), np.hypot(*step), distance)
    return entry


def inside_of(prisms: Prisms, point: Floats, zs: tuple[float, ...]) -> int | None:
    """The solid prism that one of the points (x, y, z) is inside of; None: none."""
    around = prisms.near(shapely.Point(point))
    for number in around[~prisms.hollow[around]]:
        between = any(prisms.base[number] <= z < prisms.top[number] for z in zs)
        if between and shapely.contains_xy(prisms.footprints[number], *point):
            return int(number)
    return None
