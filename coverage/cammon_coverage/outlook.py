"""What a camera sees of one place in many poses.

Walls, light, facing and steepness do not turn with the camera. So what of a place the camera could see wherever it
looked is worked out once (`Outlook.open`), and a pose only cuts it with its view. Most poses have it wholly in view or
wholly out of it; that is told for all poses at once from the corners, and only the others are cut.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from cammon_coverage.answers import place_part
from cammon_coverage.density import UNLIMITED_M
from cammon_coverage.draws import Poses, density_is_flat
from cammon_coverage.engine import CoverageModel
from cammon_coverage.eye import WALL_M, Eye
from cammon_coverage.hidden import hidden_area, masked_area
from cammon_coverage.model import Camera, DensityModel, Period, Projection, Sight
from cammon_coverage.optics import Floats
from cammon_coverage.overlay import EMPTY, EYE_GRID_M, common, without
from cammon_coverage.parts import Part, PointsPart
from cammon_coverage.places import Ask
from cammon_coverage.plane import CURVE_TOLERANCE_M
from cammon_coverage.seen import Ground, clear_part, night_part, on_map
from cammon_coverage.view import View, density_factor
from cammon_coverage.viewarea import facing_area, steep_area, view_area

BAND_M = 5 * CURVE_TOLERANCE_M
"""Corners nearer than this to the rim of a view are left to the exact cut."""

CORNERS_AT_A_TIME = 200_000
"""Corners times poses that are held against the views at once: some 20 MB."""

ROOM_M = 1.0
"""How far around a place the walls are looked at."""


class Share(IntEnum):
    """How much of what is open to a camera it has in view."""

    NONE = 0
    SOME = 1
    ALL = 2


Shares = NDArray[np.int8]


def shares_in_view(
    poses: Poses, model: DensityModel, level_px_per_m: float, ends: Floats, *, points: bool = False
) -> Shares:
    """(n,) a `Share` per pose for corners at both target heights, `ends` (2, m, 3) relative to the lens.

    `points`: the corners are all there is; otherwise they span something. SOME also stands for undecided.
    """
    at_a_time = max(1, CORNERS_AT_A_TIME // max(1, ends.shape[1]))
    if len(poses) > at_a_time:
        runs = [poses.run(first, first + at_a_time) for first in range(0, len(poses), at_a_time)]
        return np.concatenate([shares_in_view(run, model, level_px_per_m, ends, points=points) for run in runs])
    sides = _sides(poses, model, level_px_per_m, ends)
    round_ = _round(poses, model, level_px_per_m, ends)
    inside = np.minimum(sides.min(axis=(1, 2), initial=np.inf), round_.min(axis=1))
    whole = (inside > BAND_M).all(axis=1) & (points or _is_convex(poses))
    beyond = (sides.max(axis=3, initial=-np.inf) < -BAND_M).any(axis=(1, 2))
    none = (inside < -BAND_M).all(axis=1) if points else beyond
    return np.where(none, Share.NONE, np.where(whole, Share.ALL, Share.SOME)).astype(np.int8)


def _is_convex(poses: Poses) -> NDArray[np.bool_]:
    fisheye = poses.camera.lens.projection is Projection.FISHEYE
    return poses.hfov_deg <= 180 if fisheye else np.ones(len(poses), dtype=np.bool_)


def _sides(poses: Poses, model: DensityModel, level_px_per_m: float, ends: Floats) -> Floats:
    """(n, s, 2, m): metres on the plan that the ends lie within the straight sides of the view; s = 0 for a cone."""
    if poses.camera.lens.projection is Projection.FISHEYE:
        return np.empty((len(poses), 0, *ends.shape[:2]))
    right, up, forward = (poses.axes[:, row] for row in range(3))
    wide, high = poses.tangents[:, :1] * forward, poses.tangents[:, 1:] * forward
    normals = [wide - right, wide + right, high - up, high + up]
    offsets = [np.zeros(len(poses))] * 4
    if density_is_flat(poses.camera.lens, model):
        normals.append(-forward)
        offsets.append(poses.limits_m(model, level_px_per_m))
    normal = np.stack(normals, axis=1)
    values = np.einsum("nsk,emk->nsem", normal, ends) + np.stack(offsets, axis=1)[:, :, None, None]
    slope = np.hypot(normal[:, :, 0], normal[:, :, 1])
    scaled: Floats = values / np.maximum(slope, 1e-9)[:, :, None, None]
    return scaled


def _round(poses: Poses, model: DensityModel, level_px_per_m: float, ends: Floats) -> Floats:
    """(n, 2, m): metres that the ends lie within the round limits of the view: cone, level as a sphere, 5 km."""
    slant = np.sqrt((ends**2).sum(axis=2))
    limits = poses.limits_m(model, level_px_per_m)[:, None, None]
    if density_is_flat(poses.camera.lens, model):
        within = np.where(limits < 0.9 * UNLIMITED_M, np.inf, 0.9 * UNLIMITED_M - slant)
        within = np.maximum(within, 0.0) + np.zeros((len(poses), 1, 1))
    else:
        drop = np.abs(ends[:, :, 2]).max(axis=0)
        radius = np.sqrt(np.maximum(limits**2 - drop**2, 0.0))
        within = radius - np.hypot(ends[:, :, 0], ends[:, :, 1])
    if poses.camera.lens.projection is Projection.FISHEYE:
        depth = np.einsum("nk,emk->nem", poses.axes[:, 2], ends)
        angle = np.arccos(np.clip(depth / np.maximum(slant, 1e-9), -1.0, 1.0))
        half = np.radians(poses.hfov_deg / 2)[:, None, None]
        within = np.minimum(within, slant * np.sin(np.clip(half - angle, -np.pi / 2, np.pi / 2)))
    return within


def ends_of(corners: Floats, eye: Eye, height_m: float, ask: Ask) -> Floats:
    """(2, m, 3): both target ends over plan points (m, 2), relative to the lens."""
    flat = corners - eye.place
    target = ask.place.target
    return np.stack([np.column_stack([flat, np.full(len(flat), z - height_m)]) for z in (target.z0_m, target.z1_m)])


@dataclass(frozen=True, slots=True)
class Outlook:
    """One camera before one place.

    `open`: what it would see of the place if it looked there, at most. `exact` gives what it sees in one pose.
    `plane`: `ends` tell what is in view. `true`: having all of `open` in view is seeing all of it. `scattered`: the
    ends stand for cells, each seen or not by itself, and span nothing.
    """

    ask: Ask
    open: Part
    model: DensityModel
    level_px_per_m: float
    ends: Floats
    plane: bool
    true: bool
    exact: Callable[[Camera], Part] = field(compare=False)
    scattered: bool = False

    def shares(self, poses: Poses) -> Shares:
        """How much of it is in view in each pose."""
        if not self.plane:
            return np.full(len(poses), Share.SOME, dtype=np.int8)
        points = self.scattered or isinstance(self.open, PointsPart)
        found = shares_in_view(poses, self.model, self.level_px_per_m, self.ends, points=points)
        return found if self.true else np.minimum(found, np.int8(Share.SOME))

    def seen(self, poses: Poses, number: int, share: int) -> Part:
        """What of the place is seen in one pose, whose share is known."""
        if share == Share.SOME:
            return self.exact(poses[number])
        return self.open if share == Share.ALL else self.ask.nothing


def outlook(model: CoverageModel, camera: Camera, ask: Ask, period: Period, sight: Sight) -> Outlook:
    """The outlook of a camera (in the frame of the model's computation) on a place.

    A lens on the wall of a hollow building changes sides with its azimuth: there every pose that may show the place is
    worked out from the start.
    """
    ground = model.ground
    eye = ground.eye(camera)
    level = ask.place.level_px_per_m * density_factor(camera, sight)
    if at_hollow_wall(ground, camera):

        def from_the_start(turned: Camera) -> Part:
            return place_part(View(ground, turned), ask, period, sight)

        ends = ends_of(ask.all.corners(), eye, camera.pose.height_m, ask)
        return Outlook(ask, ask.all, ground.density_model, level, ends, True, False, from_the_start)

    region = open_region(ground, camera, eye, ask, period)
    part = ask.all.within(on_map(region, eye))
    hidden = sight.hidden if sight.hidden is not None and sight.hidden.any() else None
    whole = hidden is None and not camera.masks

    def cut(turned: Camera) -> Part:
        area = view_area(turned, ground.density_model, level, ask.place.target).region
        if whole:
            return part.within(on_map(area, eye))
        return ask.all.within(on_map(_unhidden(turned, hidden, ask, common(region, area, EYE_GRID_M)), eye))

    ends = ends_of(part.corners() if not part.is_empty else np.empty((0, 2)), eye, camera.pose.height_m, ask)
    return Outlook(ask, part, ground.density_model, level, ends, True, whole, cut)


def _unhidden(camera: Camera, hidden: NDArray[np.bool_] | None, ask: Ask, region: BaseGeometry) -> BaseGeometry:
    """A region relative to the eye without what masks and hidden picture blocks cover."""
    if camera.masks:
        region = without(region, masked_area(camera, ask.place.target, region), EYE_GRID_M)
    if hidden is not None:
        region = without(region, hidden_area(camera, hidden, ask.place.target, region), EYE_GRID_M)
    return region


def at_hollow_wall(ground: Ground, camera: Camera) -> bool:
    """Whether a lens hangs on the wall of a hollow building: it then belongs to the side to which it looks."""
    prisms, pose = ground.prisms, camera.pose
    near = prisms.near(shapely.box(pose.x - WALL_M, pose.y - WALL_M, pose.x + WALL_M, pose.y + WALL_M))
    hollow = near[prisms.hollow[near]]
    walls = shapely.boundary(prisms.footprints[hollow])
    return bool((shapely.distance(walls, shapely.Point(pose.x, pose.y)) <= 2 * WALL_M).any())


def open_region(ground: Ground, camera: Camera, eye: Eye, ask: Ask, period: Period) -> BaseGeometry:
    """Where around a place the camera would see what the place asks if it looked there, relative to its eye."""
    if eye.buried_in is not None:
        return EMPTY
    place, height = ask.place, camera.pose.height_m
    west, south, east, north = place.geometry.bounds
    west, south, east, north = west - eye.x, south - eye.y, east - eye.x, north - eye.y
    around = shapely.box(west - ROOM_M, south - ROOM_M, east + ROOM_M, north + ROOM_M)
    region = clear_part(ground.prisms, eye, height, (place.target.z0_m, place.target.z1_m), around)
    if period is Period.NIGHT and not region.is_empty:
        region = night_part(ground, camera, eye, place.target, region)
    radius = 2 * float(np.hypot(*np.abs(around.bounds).reshape(2, 2).max(axis=0)))
    front, steep = facing_area(place, radius), steep_area(place, height, radius)
    if front is not None:
        region = common(region, front)
    if steep is not None:
        region = without(region, steep)
    return region
