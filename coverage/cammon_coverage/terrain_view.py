"""One camera over terrain: its cells in view, judged once per target, and the regions made of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

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


@dataclass(slots=True)
class TerrainView(View):
    """A `View` on a `TerrainGround`; its camera's lens height is above the terrain's datum.

    A camera on ground that is not known sees nothing.
    """

    base: TerrainGround = field(kw_only=True)
    blindfold: bool = False
    _surveys: dict[tuple[Target, Bounds | None], Survey] = field(default_factory=dict)
    _made: dict[tuple[Period, float, Target, float, bytes, Bounds | None], BaseGeometry] = field(default_factory=dict)

    @classmethod
    def on(cls, ground: TerrainGround, camera: Camera) -> "TerrainView":
        """The view of a camera whose lens height is above local ground."""
        lifted = ground.camera(camera)
        known = bool(np.isfinite(lifted.pose.height_m) or not np.isfinite(camera.pose.height_m))
        return cls(ground, lifted if known else camera, base=ground, blindfold=not known)

    def region(
        self, period: Period, level_px_per_m: float, target: Target, hidden: NDArray[np.bool_] | None = None
    ) -> BaseGeometry:
        """Where the camera sees the whole target at the level, as cells, less the hidden picture blocks."""
        return self._region(period, level_px_per_m, target, EVERY_ANGLE_DEG, hidden, None)

    def region_for(self, place: KeyPlace, period: Period, sight: Sight) -> BaseGeometry:
        """Where round a place the camera sees what it asks: level, target, facing and steepness."""
        level = place.level_px_per_m * density_factor(self.camera, sight)
        steepest = EVERY_ANGLE_DEG if place.max_depression_deg is None else place.max_depression_deg
        region = self._region(period, level, place.target, steepest, sight.hidden, place.geometry.bounds)
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

    def _surveyed(self, level: float, target: Target, bounds: Bounds | None) -> Survey:
        radius = -1.0 if self.blindfold or self.eye.buried_in is not None else self.reach_m(level)
        cells = cells_within(self.base.terrain, self.base.cut(target), self.eye.x, self.eye.y, radius, bounds)
        found = self._measured(level, cells, target)
        if self.camera.masks:
            found = _some(found, ~self._masked(found))
        lens = np.array([self.eye.x, self.eye.y, self.camera.pose.height_m])
        clear = clear_of_ground(self.base.terrain, lens, found.cells.points, np.minimum(found.low, found.high))
        for heights in (found.low, found.high):
            left = np.flatnonzero(clear)
            clear[left] = self._clear_of_prisms(found.cells.points[left], heights[left])
        return _some(found, clear)

    def _measured(self, level: float, cells: Cells, target: Target) -> Survey:
        """The cells that are in view and dense enough, with nothing in the way."""
        low, high = self.base.ends(cells.points, target)
        ends = [np.column_stack([cells.points, heights]) for heights in (low, high)]
        pose, lens = self.camera.pose, self.camera.lens
        in_view = np.logical_and(*(project(pose, lens, end)[2] for end in ends))
        density = np.minimum(*(self.density.at(pose, end) for end in ends))
        offsets = [end - (pose.x, pose.y, pose.height_m) for end in ends]
        slant = np.maximum(*(np.linalg.norm(offset, axis=1) for offset in offsets))
        level_m = np.hypot(*offsets[0][:, :2].T)
        depression = np.degrees(np.arctan2(pose.height_m - np.minimum(low, high), level_m))
        every = Survey(level, cells, low, high, density, slant, depression)
        return _some(every, in_view & (density >= level * (1 - DENSITY_SLACK)))

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


def _some(survey: Survey, which: Flags) -> Survey:
    """Some of the cells of a survey."""
    if which.all():
        return survey
    return Survey(
        survey.level,
        survey.cells.some(which),
        *(row[which] for row in (survey.low, survey.high, survey.density, survey.slant, survey.depression)),
    )
