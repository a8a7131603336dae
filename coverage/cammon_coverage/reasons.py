"""Why a place is not covered: conditions tried one by one at points of the blind part, camera by camera.

A reason is only given when it is so at that point: the named camera fails that condition there.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely

from cammon_coverage.candidates import Candidates, Flags, Standing, is_lit
from cammon_coverage.model import Period, PlaceAnswer, Reason, ReasonCode, Sight, SightState
from cammon_coverage.optics import Floats
from cammon_coverage.parts import AreaPart, LinePart, Part
from cammon_coverage.places import Ask
from cammon_coverage.seen import Ground
from cammon_coverage.sightline import first_in_the_way, inside_of
from cammon_coverage.view import View

PIECES = 4
"""The blind pieces that are looked into, the largest first."""

LARGE_M = 3.0
"""The largest blind piece is looked into at several points when it is longer than this."""

MOST_REASONS = 6

IN_RANGE_SHARE = 0.25
"""A camera that has a point in view is in range of it from this share of the level on.

Below a quarter no sensor on the market with the same view would reach the level: the camera is no candidate.
"""

KEPT_LINES = 50_000

TRIED = 6
"""The nearest cameras whose line of sight is tried before the search for a better reason ends."""


@dataclass
class Explainer:
    """Finds reasons among the cameras of a site."""

    ground: Ground
    views: Mapping[str, View]
    _lines: dict[tuple[float, ...], int | None] = field(default_factory=dict)

    @cached_property
    def candidates(self) -> Candidates:
        """All cameras in flat arrays."""
        return Candidates.of(self.views)

    def by_design(self, ask: Ask, period: Period, blind: Part) -> tuple[Reason, ...]:
        """Why the blind part of a place is blind when every camera works."""
        found: dict[tuple[str, ...], Reason] = {}
        for points in blind_points(blind):
            reasons = [reason for point in points for reason in self._at(ask, period, point)]
            others = [reason for reason in reasons if reason.code is not ReasonCode.NO_CAMERA_IN_RANGE]
            for reason in others or reasons:
                found.setdefault(key_of(reason), reason)
        return tuple(found.values())[:MOST_REASONS]

    def now(
        self,
        ask: Ask,
        blind: Part,
        sights: Mapping[str, Sight],
        design: Mapping[str, Part],
        working: Mapping[str, Part],
        by_design: PlaceAnswer,
    ) -> tuple[Reason, ...]:
        """Why it is blind now: cameras that should see it and do not, then what design leaves open."""
        reasons: list[Reason] = []
        for camera, part in sorted(design.items(), key=lambda item: -item[1].size):
            sight = sights.get(camera, Sight(SightState.UNKNOWN))
            missing = part.without(working[camera]) if camera in working else part
            if missing.common(blind).is_empty:
                continue
            if sight.state is SightState.UNKNOWN:
                reasons.append(
                    Reason(ReasonCode.CAMERA_UNKNOWN, {"camera": camera, "fault": sight.cause or "not_looked_at"})
                )
            else:
                reasons.append(Reason(ReasonCode.CAMERA_FAULTY, {"camera": camera, "fault": sight.cause or "unknown"}))
        return (*reasons, *by_design.reasons)[:MOST_REASONS]

    def _at(self, ask: Ask, period: Period, point: Floats) -> Iterator[Reason]:
        """The reasons at one point (x, y)."""
        place = ask.place
        zs = (place.target.z0_m, place.target.z1_m)
        buried = inside_of(self.ground.prisms, point, zs)
        if buried is not None:
            yield Reason(ReasonCode.INSIDE_OBSTACLE, {"obstacle": self._obstacle(buried)})
            return
        if not self.candidates.views:
            yield Reason(ReasonCode.NO_CAMERA_IN_RANGE)
            return
        lit = is_lit(self.candidates.views[0], point)
        standing = self.candidates.standing(place, period, point, lit)
        yield from self._redundancy(ask, point, standing)
        near_misses = list(self._near_misses(ask, point, standing))
        yield from near_misses or self._out_of_view(ask, point, standing)

    def _redundancy(self, ask: Ask, point: Floats, standing: Standing) -> Iterator[Reason]:
        full = standing.in_view & (standing.density >= ask.place.level_px_per_m)
        full &= standing.light & standing.front & standing.gentle & ~standing.masked
        clear = [number for number in self._nearest(full, standing, 64) if self._hider(number, ask, point) is None]
        devices = {self.candidates.views[number].camera.device for number in clear}
        if devices and ask.place.redundancy > 1:
            params = {"devices": float(len(devices)), "redundancy": float(ask.place.redundancy)}
            yield Reason(ReasonCode.REDUNDANCY_SHORT, params)

    def _near_misses(self, ask: Ask, point: Floats, standing: Standing) -> Iterator[Reason]:
        """Cameras that have the point in view and fail it in one way: one of each kind, the best."""
        level = ask.place.level_px_per_m
        dense = standing.in_view & (standing.density >= level)
        thin = standing.in_view & ~dense & (standing.density >= IN_RANGE_SHARE * level)
        failed = {
            ReasonCode.MASKED: (standing.masked, standing.distance),
            ReasonCode.TOO_DARK: (~standing.light, standing.distance),
            ReasonCode.WRONG_SIDE: (~standing.front, standing.distance),
            ReasonCode.TOO_STEEP: (~standing.gentle, standing.depression_deg),
        }
        failures = np.sum([flags for flags, _ in failed.values()], axis=0)
        kinds = [(code, dense & flags & (failures == 1), rank) for code, (flags, rank) in failed.items()]
        kinds.append((ReasonCode.DENSITY_TOO_LOW, thin, -standing.density))
        named = False
        for code, flags, rank in kinds:
            number = self._first_clear(flags, rank, ask, point)
            if number is not None:
                named = True
                yield Reason(code, self._params(code, number, ask, standing))
        hidden = self._first_hidden(dense & (failures == 0), ask, point, standing)
        if hidden is not None:
            yield hidden
        elif not named:
            yield from self._first_of_many(failed, dense, ask, point, standing)

    def _first_of_many(
        self,
        failed: Mapping[ReasonCode, tuple[Flags, Floats]],
        dense: Flags,
        ask: Ask,
        point: Floats,
        standing: Standing,
    ) -> Iterator[Reason]:
        """No camera fails in one way only: the first way in which one fails that fails in several."""
        for code, (flags, rank) in failed.items():
            number = self._first_clear(dense & flags, rank, ask, point)
            if number is not None:
                yield Reason(code, self._params(code, number, ask, standing))
                return
        hidden = self._first_hidden(dense, ask, point, standing)
        if hidden is not None:
            yield hidden

    def _first_hidden(self, flags: Flags, ask: Ask, point: Floats, standing: Standing) -> Reason | None:
        """Of the flagged cameras the nearest that something stands in the way of."""
        for number in self._nearest(flags, standing, TRIED):
            hider = self._hider(number, ask, point)
            if hider is not None:
                return self._hidden(number, hider)
        return None

    def _out_of_view(self, ask: Ask, point: Floats, standing: Standing) -> Iterator[Reason]:
        """No camera has the point in view and reach: is there one that would reach it if it looked there?"""
        reach = standing.turned >= ask.place.level_px_per_m
        number = self._first_clear(reach & ~standing.in_view, standing.distance, ask, point)
        if number is not None:
            yield Reason(ReasonCode.OUTSIDE_VIEW, {"camera": self._name(number)})
            return
        yield self._first_hidden(reach, ask, point, standing) or Reason(ReasonCode.NO_CAMERA_IN_RANGE)

    def _params(self, code: ReasonCode, number: int, ask: Ask, standing: Standing) -> Mapping[str, str | float]:
        name = self._name(number)
        if code is ReasonCode.TOO_DARK:
            return {"camera": name, "night_range_m": float(self.candidates.night_range[number])}
        if code is ReasonCode.TOO_STEEP:
            limit = ask.place.max_depression_deg
            assert limit is not None
            depression = float(standing.depression_deg[number])
            return {"camera": name, "depression_deg": depression, "max_depression_deg": limit}
        if code is ReasonCode.DENSITY_TOO_LOW:
            density = float(standing.density[number])
            return {"camera": name, "density_px_per_m": density, "level_px_per_m": ask.place.level_px_per_m}
        return {"camera": name}

    def _hidden(self, number: int, prism: int) -> Reason:
        params = {"obstacle": self._obstacle(prism), "camera": self._name(number)}
        return Reason(ReasonCode.HIDDEN_BY_OBSTACLE, params)

    def _first_clear(self, flags: Flags, rank: Floats, ask: Ask, point: Floats) -> int | None:
        """Of the flagged cameras the first by rank with nothing in its way."""
        numbers = np.flatnonzero(flags)
        for number in numbers[np.argsort(rank[numbers], kind="stable")][:TRIED]:
            if self._hider(int(number), ask, point) is None:
                return int(number)
        return None

    def _nearest(self, flags: Flags, standing: Standing, most: int) -> Iterable[int]:
        numbers = np.flatnonzero(flags)
        return [int(number) for number in numbers[np.argsort(standing.distance[numbers], kind="stable")][:most]]

    def _hider(self, number: int, ask: Ask, point: Floats) -> int | None:
        """What is in a camera's way; day and night ask the same lines, so they are kept."""
        zs = (ask.place.target.z0_m, ask.place.target.z1_m)
        key = (number, float(point[0]), float(point[1]), *zs)
        if key not in self._lines:
            if len(self._lines) >= KEPT_LINES:
                self._lines.clear()
            view = self.candidates.views[number]
            height = view.camera.pose.height_m
            self._lines[key] = first_in_the_way(self.ground.prisms, view.eye, height, point, zs)
        return self._lines[key]

    def _name(self, number: int) -> str:
        return self.candidates.views[number].camera.id

    def _obstacle(self, prism: int) -> str:
        return self.ground.obstacles[int(self.ground.prisms.obstacle[prism])].id


def key_of(reason: Reason) -> tuple[str, ...]:
    """Equal for reasons that name the same things."""
    return (reason.code, *(value for value in reason.params.values() if isinstance(value, str)))


def blind_points(blind: Part) -> Iterator[list[Floats]]:
    """For each of the largest pieces of the blind part, points (x, y) in it; several in the very largest."""
    for number, piece in enumerate(blind.pieces()[:PIECES]):
        shape = piece.shape()
        if isinstance(piece, LinePart):
            shares = (0.5, 0.1, 0.9) if number == 0 else (0.5,)
            inside = [shapely.line_interpolate_point(shape, share, normalized=True) for share in shares]
        elif isinstance(piece, AreaPart):
            inside = [part.representative_point() for part in ((shape, *_tiles(shape)) if number == 0 else (shape,))]
        else:
            inside = [shape]
        yield [shapely.get_coordinates(point)[0] for point in inside]


def _tiles(shape: shapely.Geometry) -> Iterator[shapely.Geometry]:
    """A large shape cut by a grid of three by three over its box."""
    west, south, east, north = shape.bounds
    if max(east - west, north - south) < LARGE_M:
        return
    wide, high = (east - west) / 3, (north - south) / 3
    for number in range(9):
        x, y = west + number % 3 * wide, south + number // 3 * high
        part = shapely.intersection(shape, shapely.box(x, y, x + wide, y + high))
        if part.area > 0:
            yield part
