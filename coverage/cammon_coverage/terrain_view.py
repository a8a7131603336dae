"""One camera over terrain: its cells in view, judged once per target, and the regions made of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from cammon_coverage.eye import Eye
from cammon_coverage.model import Camera, KeyPlace, Period, Sight, Target
from cammon_coverage.optics import Floats, project
from cammon_coverage.overlay import EMPTY, common, moved, union
from cammon_coverage.terrain_cells import Bounds, Cells, cells_within, region_of
from cammon_coverage.terrain_ground import TerrainGround
from cammon_coverage.terrain_sight import Flags, clear_of_ground, clear_of_prisms
from cammon_coverage.view import KEPT_REGIONS, View, density_factor
from cammon_coverage.viewarea import facing_area

EVERY_ANGLE_DEG = 90.0

DENSITY_SLACK = 1e-12

FAR = 100.0
"""So much farther than it has the level no draw of a camera's pose reaches."""

KEPT_SURVEYS = 256
"""Surveys that one camera keeps before it starts anew."""


@dataclass(frozen=True, slots=True)
class Survey:
    """The cells on which the whole target is in view, unhidden and has at least `level` by day.

    Per cell (n,): `low` and `high` the heights of the target's ends, `density` the lower and `slant` the greater of
    the two ends' figures, `depression` the angle in degrees under which the lens looks down on the lower end.
    """

    level: float
    cells: Cells
    low: Floats
    high: Floats
    density: Floats
    slant: Floats
    depression: Floats


@dataclass(frozen=True, slots=True)
class Unhidden:
    """Cells that nothing hides from a lens, wherever it looks; `low`, `high` (n,): heights of the target's ends."""

    cells: Cells
    low: Floats
    high: Floats

    def some(self, which: Flags) -> "Unhidden":
        """Some of the cells."""
        return Unhidden(self.cells.some(which), self.low[which], self.high[which])

    def within(self, eye: Eye, radius: float) -> "Unhidden":
        """The cells within a radius of an eye."""
        return self.some(np.hypot(*(self.cells.points - (eye.x, eye.y)).T) <= radius)


Clearance = dict[tuple[Eye, Target, Bounds], Unhidden]
"""What is unhidden round boxes: the same for all views of one lens, which may share it."""


@dataclass(slots=True)
class TerrainView(View):
    """A `View` on a `TerrainGround`; its camera's lens height is above the terrain's datum.

    A camera on ground that is not known sees nothing. With a `clearance` lines of sight round a box are followed once
    for all poses: worth it for many of them, not for one.
    """

    base: TerrainGround = field(kw_only=True)
    blindfold: bool = False
    clearance: Clearance | None = None
    _surveys: dict[tuple[Target, Bounds | None], Survey] = field(default_factory=dict)
    _made: dict[tuple[Period, float, Target, float, bytes, Bounds | None], BaseGeometry] = field(default_factory=dict)

    @classmethod
    def on(cls, ground: TerrainGround, camera: Camera, clearance: Clearance | None = None) -> "TerrainView":
        """The view of a camera whose lens height is above local ground."""
        lifted = ground.camera(camera)
        known = bool(np.isfinite(lifted.pose.height_m) or not np.isfinite(camera.pose.height_m))
        return cls(ground, lifted if known else camera, base=ground, blindfold=not known, clearance=clearance)

    def region(
        self, period: Period, level_px_per_m: float, target: Target, hidden: NDArray[np.bool_] | None = None
    ) -> BaseGeometry:
        """Where the camera sees the whole target at the level, as cells, less the hidden picture blocks."""
        return self._region(period, level_px_per_m, target, EVERY_ANGLE_DEG, hidden, None)

    def region_for(self, place: KeyPlace, period: Period, sight: Sight) -> BaseGeometry:
        """Where round a place the camera sees what it asks: level, target, facing and steepness."""
        level = place.level_px_per_m * density_factor(self.camera, sight)
        region = self._region(period, level, place.target, _steepest(place), sight.hidden, place.geometry.bounds)
        front = facing_area(place, 2 * self.reach_m(level))
        return region if front is None else common(region, moved(front, self.eye.x, self.eye.y))

    def area(self, level_px_per_m: float, target: Target) -> BaseGeometry:
        """What is seen by day: over terrain nothing larger is known at less cost."""
        return self.region(Period.DAY, level_px_per_m, target)

    def prepare(self, level_px_per_m: float, target: Target) -> None:
        """Nothing: only the cells round a place are judged for it, when it is asked."""

    def worst_density(self, points: Floats, target: Target, sight: Sight) -> float:
        """The lowest density over plan points (n, 2) at both ends of the target, as health leaves it."""
        heights = self.base.ends(points, target)
        values = [self.density.at(self.camera.pose, np.column_stack([points, end])) for end in heights]
        return float(np.nanmin(values)) / density_factor(self.camera, sight)

    def survey(self, level_px_per_m: float, target: Target, bounds: Bounds | None = None) -> Survey:
        """The cells seen by day at least at a level, all or those round a box; kept until a lower one is asked."""
        for known in (None, bounds):
            kept = self._surveys.get((target, known))
            if kept is not None and kept.level <= level_px_per_m:
                return kept
        if len(self._surveys) >= KEPT_SURVEYS:
            self._surveys.clear()
        made = self._surveyed(level_px_per_m, target, bounds)
        self._surveys[target, bounds] = made
        return made

    def unhidden(self, target: Target, bounds: Bounds) -> Unhidden:
        """The cells round a box that nothing hides from the lens; kept in the clearance, if there is one."""
        clearance = {} if self.clearance is None else self.clearance
        key = (self.eye, target, bounds)
        if key not in clearance:
            radius = -1.0 if self._is_blind else np.inf
            cells = cells_within(self.base.terrain, self.base.cut(target), self.eye.x, self.eye.y, radius, bounds)
            low, high = self.base.ends(cells.points, target)
            clearance[key] = Unhidden(cells, low, high).some(self._free(cells.points, low, high))
        return clearance[key]

    def open_to(self, place: KeyPlace, period: Period) -> tuple[BaseGeometry, Survey]:
        """Where round a place the camera would see what it asks, at any level, if it looked there; and its cells."""
        found = self.unhidden(place.target, place.geometry.bounds)
        survey = self._figures(0.0, found.cells, found.low, found.high)[0]
        survey = _some(survey, survey.depression <= _steepest(place))
        region = self._in_light(period, place.target, self._shape(survey.cells, place.target), survey)
        front = facing_area(place, FAR * self.reach_m(place.level_px_per_m))
        return (region if front is None else common(region, moved(front, self.eye.x, self.eye.y))), survey

    @property
    def _is_blind(self) -> bool:
        return self.blindfold or self.eye.buried_in is not None

    def _surveyed(self, level: float, target: Target, bounds: Bounds | None) -> Survey:
        if self.clearance is not None and bounds is not None:
            near = self.unhidden(target, bounds).within(self.eye, self.reach_m(level))
            return self._unmasked(self._measured(level, near.cells, near.low, near.high))
        radius = -1.0 if self._is_blind else self.reach_m(level)
        cells = cells_within(self.base.terrain, self.base.cut(target), self.eye.x, self.eye.y, radius, bounds)
        found = self._unmasked(self._measured(level, cells, *self.base.ends(cells.points, target)))
        return _some(found, self._free(found.cells.points, found.low, found.high))

    def _unmasked(self, survey: Survey) -> Survey:
        return _some(survey, ~self._masked(survey)) if self.camera.masks else survey

    def _measured(self, level: float, cells: Cells, low: Floats, high: Floats) -> Survey:
        """The cells that are in view and dense enough, with nothing in the way."""
        every, in_view = self._figures(level, cells, low, high)
        return _some(every, in_view & (every.density >= level * (1 - DENSITY_SLACK)))

    def _figures(self, level: float, cells: Cells, low: Floats, high: Floats) -> tuple[Survey, Flags]:
        """What is measured of cells, and which of them are in view."""
        ends = [np.column_stack([cells.points, heights]) for heights in (low, high)]
        pose, lens = self.camera.pose, self.camera.lens
        in_view: Flags = np.logical_and(*(project(pose, lens, end)[2] for end in ends))
        density = np.minimum(*(self.density.at(pose, end) for end in ends))
        offsets = [end - (pose.x, pose.y, pose.height_m) for end in ends]
        slant = np.maximum(*(np.linalg.norm(offset, axis=1) for offset in offsets))
        level_m = np.hypot(*offsets[0][:, :2].T)
        depression = np.degrees(np.arctan2(pose.height_m - np.minimum(low, high), level_m))
        return Survey(level, cells, low, high, density, slant, depression), in_view

    def _free(self, points: Floats, low: Floats, high: Floats) -> Flags:
        """(n,): whether nothing stands between the lens and both ends of targets over plan points (n, 2)."""
        lens = np.array([self.eye.x, self.eye.y, self.camera.pose.height_m])
        clear = clear_of_ground(self.base.terrain, lens, points, np.minimum(low, high))
        for heights in (low, high):
            left = np.flatnonzero(clear)
            clear[left] = self._clear_of_prisms(points[left], heights[left])
        return clear

    def _clear_of_prisms(self, points: Floats, heights: Floats) -> Flags:
        return clear_of_prisms(self.base.solids, self.eye, self.camera.pose.height_m, points, heights)

    def _region(
        self,
        period: Period,
        level: float,
        target: Target,
        steepest: float,
        hidden: NDArray[np.bool_] | None,
        bounds: Bounds | None,
    ) -> BaseGeometry:
        grid = b"" if hidden is None or not hidden.any() else repr(hidden.shape).encode() + hidden.tobytes()
        key = (period, level, target, steepest, grid, bounds)
        if key not in self._made:
            if len(self._made) >= KEPT_REGIONS:
                self._made.clear()
            survey = self.survey(level, target, bounds)
            survey = _some(survey, survey.density >= level * (1 - DENSITY_SLACK))
            survey = _some(survey, survey.depression <= steepest)
            if hidden is not None and grid:
                survey = _some(survey, ~self._hidden(survey, hidden))
            self._made[key] = self._in_light(period, target, self._shape(survey.cells, target), survey)
        return self._made[key]

    def _shape(self, cells: Cells, target: Target) -> BaseGeometry:
        return region_of(self.base.terrain, self.base.cut(target), cells)

    def _in_light(
        self, period: Period, target: Target, day: BaseGeometry, survey: Survey | None = None
    ) -> BaseGeometry:
        if period is Period.DAY or day.is_empty or survey is None:
            return day
        near = survey.slant <= (self.camera.lens.night_range_m or 0.0)
        if near.all():
            return day
        parts = [self._shape(survey.cells.some(near), target), common(day, self.base.lit)]
        parts = [part for part in parts if not part.is_empty]
        return union(parts) if parts else EMPTY

    def _pixels(self, survey: Survey) -> Iterator[Floats]:
        """Where the lower and where the upper ends appear in the picture, as shares (n, 2) of its width and height."""
        lens = self.camera.lens
        for heights in (survey.low, survey.high):
            pixels = project(self.camera.pose, lens, np.column_stack([survey.cells.points, heights]))[0]
            yield np.nan_to_num(pixels) / (lens.width_px, lens.height_px)

    def _hidden(self, survey: Survey, hidden: NDArray[np.bool_]) -> Flags:
        """Cells of which an end of the target is behind a hidden block of the picture."""
        rows, columns = hidden.shape
        found = np.zeros(len(survey.low), dtype=np.bool_)
        for shares in self._pixels(survey):
            column = np.clip(shares[:, 0] * columns, 0, columns - 1).astype(np.intp)
            row = np.clip(shares[:, 1] * rows, 0, rows - 1).astype(np.intp)
            found |= hidden[row, column]
        return found

    def _masked(self, survey: Survey) -> Flags:
        """Cells of which an end of the target is behind a privacy mask."""
        found = np.zeros(len(survey.low), dtype=np.bool_)
        for mask in self.camera.masks:
            for shares in self._pixels(survey):
                found |= shapely.contains_xy(mask, shares)
        return found


def _steepest(place: KeyPlace) -> float:
    return EVERY_ANGLE_DEG if place.max_depression_deg is None else place.max_depression_deg


def _some(survey: Survey, which: Flags) -> Survey:
    """Some of the cells of a survey."""
    if which.all():
        return survey
    return Survey(
        survey.level,
        survey.cells.some(which),
        *(row[which] for row in (survey.low, survey.high, survey.density, survey.slant, survey.depression)),
    )
