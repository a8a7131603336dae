"""Where a lens really is among the prisms: beside a wall, on a roof, in an open shed, or inside solid stone.

Cameras hang on walls, and rounding puts half of them a hair inside. A lens no deeper than WALL_M is taken to hang
just outside the wall; one that is deeper is buried and sees nothing, unless the building is hollow: then it sees
the room that it hangs in, up to the walls.
"""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from cammon_coverage.model import Pose
from cammon_coverage.optics import Floats
from cammon_coverage.prisms import Indices, Prisms

WALL_M = 0.001
CLEARANCE_M = 1e-6
DIRECTIONS = 64


@dataclass(frozen=True, slots=True)
class Eye:
    """The plan point of a lens and the prisms around it.

    `buried_in`: the solid prism that the lens is in (None: none). `rooms`: hollow prisms that it is in. `flush`:
    prisms over or under it whose top or base is just at its height.
    """

    x: float
    y: float
    buried_in: int | None = None
    rooms: tuple[int, ...] = ()
    flush: tuple[int, ...] = ()

    @property
    def place(self) -> Floats:
        """(2,)"""
        return np.array([self.x, self.y])


def eye_of(prisms: Prisms, pose: Pose) -> Eye:
    """The eye of a pose among the prisms."""
    point = shapely.Point(pose.x, pose.y)
    around = prisms.near(shapely.box(pose.x - WALL_M, pose.y - WALL_M, pose.x + WALL_M, pose.y + WALL_M))
    base, top = prisms.base[around], prisms.top[around]
    level = around[(base - CLEARANCE_M <= pose.height_m) & (pose.height_m <= top + CLEARANCE_M)]
    touching = level[shapely.distance(prisms.footprints[level], point) < CLEARANCE_M]
    if not len(touching):
        return Eye(pose.x, pose.y)
    inside = touching[_is_inside(prisms, touching, pose)]
    between = (prisms.base[inside] < pose.height_m) & (pose.height_m < prisms.top[inside])
    flush = tuple(int(number) for number in inside[~between])
    rooms = tuple(int(number) for number in inside[between & prisms.hollow[inside]])
    solid = inside[between & ~prisms.hollow[inside]]
    if len(solid):
        return Eye(pose.x, pose.y, int(solid[0]), rooms, flush)
    beside = np.setdiff1d(touching, inside)
    outside = _beside(prisms, beside, pose) if len(beside) else (pose.x, pose.y)
    if outside is None:
        return Eye(pose.x, pose.y, int(beside[0]), rooms, flush)
    return Eye(*outside, None, rooms, flush)


def _is_inside(prisms: Prisms, which: Indices, pose: Pose) -> NDArray[np.bool_]:
    """Whether a lens is deeper than a wall in each prism; at the wall of a hollow one, whether it looks inwards."""
    footprints = prisms.footprints[which]
    depth = shapely.distance(shapely.boundary(footprints), shapely.Point(pose.x, pose.y))
    azimuth = math.radians(pose.azimuth_deg)
    ahead = (pose.x + 10 * WALL_M * math.sin(azimuth), pose.y + 10 * WALL_M * math.cos(azimuth))
    deep = (depth > WALL_M) & shapely.contains_xy(footprints, pose.x, pose.y)
    inside: NDArray[np.bool_] = deep | (
        (depth <= WALL_M) & prisms.hollow[which] & shapely.contains_xy(footprints, *ahead)
    )
    return inside


def _beside(prisms: Prisms, which: Indices, pose: Pose) -> tuple[float, float] | None:
    """The nearest place outside the walls that a lens is on or in; None when stone is all round."""
    walls = shapely.union_all(prisms.footprints[which])
    depth = shapely.distance(shapely.boundary(walls), shapely.Point(pose.x, pose.y))
    if depth > WALL_M:
        return None
    angles = np.arange(DIRECTIONS) * (2 * math.pi / DIRECTIONS)
    for radius in (2 * CLEARANCE_M, depth + 2 * CLEARANCE_M, 2 * WALL_M):
        xs, ys = pose.x + radius * np.cos(angles), pose.y + radius * np.sin(angles)
        clear = shapely.distance(walls, shapely.points(xs, ys))
        best = int(clear.argmax())
        if clear[best] >= CLEARANCE_M / 2:
            return float(xs[best]), float(ys[best])
    return None
