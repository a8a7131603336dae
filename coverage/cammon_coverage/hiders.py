"""Which prism hides which part of an area from an eye."""

from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from cammon_coverage.model import Target
from cammon_coverage.overlay import EYE_GRID_M, common, flat, moved, union, without
from cammon_coverage.seen import clear_part
from cammon_coverage.shade import shades, sweeps, window_of
from cammon_coverage.view import View


def hidden_by(view: View, target: Target, area: BaseGeometry) -> Iterator[tuple[int, BaseGeometry]]:
    """Prisms (by number, the nearest to the lens first) and what each hides of an area in site coordinates.

    What several hide is in the part of each of them. What is in view from a buried lens is hidden by what it is
    buried in, and what is outside a hollow building that the lens hangs in by that building.
    """
    eye, prisms = view.eye, view.ground.prisms
    if eye.buried_in is not None:
        yield eye.buried_in, area
        return
    height, zs = view.camera.pose.height_m, (target.z0_m, target.z1_m)
    for room in eye.rooms:
        reached = all(prisms.base[room] <= z <= prisms.top[room] for z in zs)
        inside = clear_part(prisms, eye, height, zs, moved(area, -eye.x, -eye.y)) if reached else None
        yield room, area if inside is None else without(area, moved(inside, eye.x, eye.y))
    here = moved(area, -eye.x, -eye.y)
    window = window_of(here)
    around = shapely.box(window.west + eye.x, window.south + eye.y, window.east + eye.x, window.north + eye.y)
    among = prisms.near(around)
    among = among[~np.isin(among, eye.rooms)] if eye.rooms else among
    distance = shapely.distance(prisms.footprints[among], shapely.Point(eye.x, eye.y))
    for prism in among[np.argsort(distance, kind="stable")]:
        which = sweeps(prisms, np.array([prism]), height, zs)
        if not len(which.prism):
            continue
        if prism in eye.flush and (which.low == 0).any():
            yield int(prism), area
            continue
        dark = [flat(shade) for shade in shades(prisms, which, (eye.x, eye.y), window)]
        shade = common(here, union(dark, EYE_GRID_M), EYE_GRID_M)
        if not shade.is_empty:
            yield int(prism), moved(shade, eye.x, eye.y)
