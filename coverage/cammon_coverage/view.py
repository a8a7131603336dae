"""One camera among the obstacles: its regions, computed once per target and level and kept."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from cammon_coverage.density import Density, density_of, reach_m
from cammon_coverage.eye import Eye
from cammon_coverage.hidden import hidden_area
from cammon_coverage.model import Camera, KeyPlace, Period, Sight, Target
from cammon_coverage.optics import Floats, lens_fault, pose_fault
from cammon_coverage.overlay import EYE_GRID_M, common, moved, without
from cammon_coverage.presets import at_preset
from cammon_coverage.seen import Ground, day_region, night_part, on_map
from cammon_coverage.viewarea import facing_area, steep_area, view_area

KEPT_REGIONS = 48
"""Regions at levels of the moment (a blurred lens) that one camera keeps before it starts anew."""


def density_factor(camera: Camera, sight: Sight) -> float:
    """By how much the density asked must grow to make up for what health takes: blur, a narrower stream."""
    width = camera.lens.width_px if sight.width_px is None else sight.width_px
    return max(1.0, sight.density_divisor) * camera.lens.width_px / width


@dataclass(slots=True)
class View:
    """A camera with its eye and the regions that it sees. Everything kept follows from camera and ground alone."""

    ground: Ground
    camera: Camera
    eye: Eye = field(init=False)
    density: Density = field(init=False)
    _clear: dict[Target, tuple[float, BaseGeometry]] = field(default_factory=dict)
    _regions: dict[tuple[Period, float, Target, bytes], BaseGeometry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, camera in self._positions():
            fault = lens_fault(camera.lens) or pose_fault(camera.pose)
            if fault is not None:
                raise ValueError(f"{name}: {fault}")
        self.eye = self.ground.eye(self.camera)
        self.density = density_of(self.camera.lens, self.ground.density_model)

    def _positions(self) -> Iterator[tuple[str, Camera]]:
        """The camera and, for a PTZ, the camera at each preset, under names for people."""
        yield f"camera {self.camera.id}", self.camera
        for preset in self.camera.presets:
            yield f"camera {self.camera.id}, preset {preset.name}", at_preset(self.camera, preset)

    def reach_m(self, level_px_per_m: float) -> float:
        """The greatest slant distance at which this camera has the level."""
        return reach_m(self.camera.lens, self.density, level_px_per_m)

    def region(
        self, period: Period, level_px_per_m: float, target: Target, hidden: NDArray[np.bool_] | None = None
    ) -> BaseGeometry:
        """Where the camera sees the whole target at the level, in site coordinates, less the hidden picture blocks."""
        grid = b"" if hidden is None or not hidden.any() else repr(hidden.shape).encode() + hidden.tobytes()
        key = (period, level_px_per_m, target, grid)
        if key not in self._regions:
            if len(self._regions) >= KEPT_REGIONS:
                self._regions.clear()
            day = self._day(level_px_per_m, target)
            if hidden is not None and grid:
                day = without(day, hidden_area(self.camera, hidden, target, day), EYE_GRID_M)
            self._regions[key] = on_map(self._in_light(period, target, day), self.eye)
        return self._regions[key]

    def region_under(self, sight: Sight, period: Period, level_px_per_m: float, target: Target) -> BaseGeometry:
        """`region` with what health leaves of it (state apart)."""
        return self.region(period, level_px_per_m * density_factor(self.camera, sight), target, sight.hidden)

    def region_for(self, place: KeyPlace, period: Period, sight: Sight) -> BaseGeometry:
        """Where the camera sees what the place asks: level, target, facing and steepness."""
        region = self.region_under(sight, period, place.level_px_per_m, place.target)
        if region.is_empty or (place.facing_deg is None and place.max_depression_deg is None):
            return region
        radius = 2 * self.reach_m(place.level_px_per_m * density_factor(self.camera, sight))
        front = facing_area(place, radius)
        if front is not None:
            region = common(region, moved(front, self.eye.x, self.eye.y))
        steep = steep_area(place, self.camera.pose.height_m, radius)
        return region if steep is None else without(region, moved(steep, self.eye.x, self.eye.y))

    def area(self, level_px_per_m: float, target: Target) -> BaseGeometry:
        """What is in view at a level with nothing in the way, in site coordinates."""
        region = view_area(self.camera, self.ground.density_model, level_px_per_m, target).region
        return moved(region, self.eye.x, self.eye.y)

    def prepare(self, level_px_per_m: float, target: Target) -> None:
        """Work out the clear region down to a level, so that all higher ones follow cheaply."""
        self._day(level_px_per_m, target)

    def _day(self, level_px_per_m: float, target: Target) -> BaseGeometry:
        """The region by day relative to the eye; cut from the kept one of a lower level where there is one."""
        kept = self._clear.get(target)
        if kept is None or kept[0] > level_px_per_m:
            region = day_region(self.ground, self.camera, self.eye, level_px_per_m, target)
            self._clear[target] = (level_px_per_m, region)
            return region
        if kept[0] == level_px_per_m:
            return kept[1]
        area = view_area(self.camera, self.ground.density_model, level_px_per_m, target).region
        return common(kept[1], area, EYE_GRID_M)

    def _in_light(self, period: Period, target: Target, day: BaseGeometry) -> BaseGeometry:
        if period is Period.DAY or day.is_empty:
            return day
        return night_part(self.ground, self.camera, self.eye, target, day)

    def worst_density(self, points: Floats, target: Target, sight: Sight) -> float:
        """The lowest density over plan points (n, 2) at both ends of the target, as health leaves it."""
        ends = [np.column_stack([points, np.full(len(points), z)]) for z in (target.z0_m, target.z1_m)]
        values = self.density.at(self.camera.pose, np.concatenate(ends))
        return float(values.min()) / density_factor(self.camera, sight)
