"""The region that one camera sees: what is in view less what is in the shade, by day and by night."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from cammon_coverage.eye import Eye, eye_of
from cammon_coverage.hidden import masked_area
from cammon_coverage.model import Camera, DensityModel, LitArea, Obstacle, Period, Target
from cammon_coverage.overlay import EMPTY, EYE_GRID_M, common, flat, moved, union, without, without_all
from cammon_coverage.prisms import Prisms, build_prisms
from cammon_coverage.shade import chain_shades, shades, sweeps, window_of
from cammon_coverage.viewarea import slant_disc, slant_radius, view_area


@dataclass(frozen=True)
class Ground:
    """What of a site stands still: obstacles, lit areas, and how density is reckoned."""

    obstacles: tuple[Obstacle, ...]
    lit_areas: tuple[LitArea, ...]
    density_model: DensityModel = DensityModel.IEC_FLAT

    @cached_property
    def prisms(self) -> Prisms:
        """The obstacles in flat arrays."""
        return build_prisms(self.obstacles)

    @cached_property
    def lit(self) -> BaseGeometry:
        """All lit ground."""
        return union([flat(area.geometry) for area in self.lit_areas])

    def stone(self, target: Target) -> BaseGeometry:
        """The solid prisms in which an end of the target would be."""
        full = np.zeros(len(self.prisms.base), dtype=np.bool_)
        for z in (target.z0_m, target.z1_m):
            full |= (self.prisms.base <= z) & (z < self.prisms.top)
        return union(list(self.prisms.footprints[full & ~self.prisms.hollow]))

    def eye(self, camera: Camera) -> Eye:
        """Where the camera's eye really is among the obstacles."""
        return eye_of(self.prisms, camera.pose)


def seen_region(
    ground: Ground, camera: Camera, period: Period, level_px_per_m: float, target: Target = Target()
) -> BaseGeometry:
    """The region of the plan on which the camera sees the whole target at the level, in the map's coordinates."""
    eye = ground.eye(camera)
    day = day_region(ground, camera, eye, level_px_per_m, target)
    region = day if period is Period.DAY else night_part(ground, camera, eye, target, day)
    return on_map(region, eye)


def on_map(region: BaseGeometry, eye: Eye) -> BaseGeometry:
    """A region relative to the eye in the map's coordinates; slivers that rounding turns inside out are dropped."""
    return flat(moved(region, eye.x, eye.y))


def day_region(ground: Ground, camera: Camera, eye: Eye, level_px_per_m: float, target: Target) -> BaseGeometry:
    """`seen_region` by day, relative to the eye."""
    area = view_area(camera, ground.density_model, level_px_per_m, target).region
    if eye.buried_in is not None or area.is_empty:
        return EMPTY
    clear = clear_part(ground.prisms, eye, camera.pose.height_m, (target.z0_m, target.z1_m), area)
    return without(clear, masked_area(camera, target, clear), EYE_GRID_M) if camera.masks else clear


def clear_part(prisms: Prisms, eye: Eye, height: float, zs: tuple[float, ...], area: BaseGeometry) -> BaseGeometry:
    """The part of an area around the eye (relative to it) that no prism hides at any of the heights `zs`."""
    for room in eye.rooms:
        base, top = prisms.base[room], prisms.top[room]
        if not all(base <= z <= top for z in zs):
            return EMPTY
        area = common(area, moved(prisms.footprints[room], -eye.x, -eye.y), EYE_GRID_M)
    if area.is_empty:
        return EMPTY
    window = window_of(area)
    place = (eye.x, eye.y)
    around = shapely.box(window.west + eye.x, window.south + eye.y, window.east + eye.x, window.north + eye.y)
    among = prisms.near(around)
    rooms = np.array(eye.rooms, dtype=np.intp)
    which = sweeps(prisms, among[~np.isin(among, rooms)] if eye.rooms else among, height, zs)
    if eye.flush and np.isin(which.prism[which.low == 0], eye.flush).any():
        return EMPTY
    hidden = shades(prisms, which, place, window)
    for room in eye.rooms:
        edges, owner = prisms.edges_of(np.array([room]))
        inward = slice(None, None, -1)
        walls = (prisms.end[edges][inward] - place, prisms.start[edges][inward] - place)
        hidden += chain_shades(*walls, np.zeros(len(edges)), owner, window)
    return without_all(area, hidden, window.radius)


def night_part(ground: Ground, camera: Camera, eye: Eye, target: Target, region: BaseGeometry) -> BaseGeometry:
    """The part of a region (relative to the eye) that is near enough for the camera's own light, or lit."""
    drops = (camera.pose.height_m - target.z0_m, camera.pose.height_m - target.z1_m)
    reach = camera.lens.night_range_m or 0.0
    points = shapely.get_coordinates(region)
    if not len(points) or np.hypot(*points.T).max() <= slant_radius(reach, drops):
        return region
    near = common(region, slant_disc(reach, drops), EYE_GRID_M)
    if ground.lit.is_empty:
        return near
    lit = common(region, moved(ground.lit, -eye.x, -eye.y), EYE_GRID_M)
    return near if lit.is_empty else union([near, lit], EYE_GRID_M)
