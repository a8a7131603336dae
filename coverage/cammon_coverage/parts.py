"""Parts of key places: which points, which stretches of a line, which pieces of an area.

Points are told apart by number and lines by distance along them, so that joining, cutting and measuring parts of
them is plain arithmetic; only areas need polygons.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from cammon_coverage.optics import Floats
from cammon_coverage.overlay import EMPTY, common, flat, union, without

TOUCH_M = 1e-6
"""Points and lines this near to a seen region count as in it: fences stand on walls, and rounding is no blind spot."""


class Part(ABC):
    """Part of one key place. Parts are only ever combined with parts of the same place."""

    @property
    @abstractmethod
    def size(self) -> float:
        """How many points, how many metres, how many square metres."""

    @abstractmethod
    def joined(self, others: "Sequence[Part]") -> "Part":
        """Everything in this or any other."""

    @abstractmethod
    def common(self, other: "Part") -> "Part":
        """What is in both."""

    @abstractmethod
    def without(self, other: "Part") -> "Part":
        """What is here and not in the other."""

    @abstractmethod
    def pieces(self) -> "Sequence[Part]":
        """The connected pieces, the largest first."""

    @abstractmethod
    def shape(self) -> BaseGeometry:
        """As geometry."""

    @abstractmethod
    def within(self, region: BaseGeometry) -> "Part":
        """What of it lies in a region of the plan."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left."""
        return self.size == 0

    def corners(self) -> Floats:
        """(n, 2): points among which a convex function over the part has its greatest value."""
        return np.asarray(shapely.get_coordinates(self.shape()), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class PointsPart(Part):
    """Some of the points (n, 2)."""

    points: Floats
    chosen: NDArray[np.bool_]

    @property
    def size(self) -> float:
        return float(self.chosen.sum())

    def joined(self, others: Sequence[Part]) -> Part:
        chosen = self.chosen
        for other in others:
            assert isinstance(other, PointsPart)
            chosen = chosen | other.chosen
        return PointsPart(self.points, chosen)

    def common(self, other: Part) -> Part:
        assert isinstance(other, PointsPart)
        return PointsPart(self.points, self.chosen & other.chosen)

    def without(self, other: Part) -> Part:
        assert isinstance(other, PointsPart)
        return PointsPart(self.points, self.chosen & ~other.chosen)

    def pieces(self) -> Sequence[Part]:
        numbers = np.arange(len(self.chosen))
        return [PointsPart(self.points, numbers == number) for number in np.flatnonzero(self.chosen)]

    def shape(self) -> BaseGeometry:
        chosen = shapely.points(self.points[self.chosen])
        return chosen[0] if len(chosen) == 1 else shapely.multipoints(chosen)

    def within(self, region: BaseGeometry) -> Part:
        with np.errstate(divide="ignore", invalid="ignore"):
            near = shapely.dwithin(shapely.points(self.points), region, TOUCH_M)
        return PointsPart(self.points, self.chosen & near)


@dataclass(frozen=True, slots=True)
class Track:
    """The straight segments of a line place: `start`, `end` (n, 2), `at` (n + 1,) the distance before each.

    Between the lines of a place the track runs on straight, over segments that are not `own` (n,): no part of it.
    """

    start: Floats
    end: Floats
    at: Floats
    own: NDArray[np.bool_]

    @property
    def stretches(self) -> Floats:
        """(n, 2): all of the place."""
        return _merged(np.column_stack([self.at[:-1], self.at[1:]])[self.own])


@dataclass(frozen=True, slots=True)
class LinePart(Part):
    """Stretches (n, 2) of a track: from and to, metres along it, ascending and apart."""

    track: Track
    stretches: Floats

    @property
    def size(self) -> float:
        return float((self.stretches[:, 1] - self.stretches[:, 0]).sum())

    def joined(self, others: Sequence[Part]) -> Part:
        every = [self.stretches]
        for other in others:
            assert isinstance(other, LinePart)
            every.append(other.stretches)
        return LinePart(self.track, _merged(np.concatenate(every)))

    def common(self, other: Part) -> Part:
        assert isinstance(other, LinePart)
        low = np.maximum(self.stretches[:, None, 0], other.stretches[None, :, 0]).ravel()
        high = np.minimum(self.stretches[:, None, 1], other.stretches[None, :, 1]).ravel()
        return LinePart(self.track, _merged(np.column_stack([low, high])[high > low]))

    def without(self, other: Part) -> Part:
        assert isinstance(other, LinePart)
        gaps = np.concatenate([[-np.inf], other.stretches.ravel(), [np.inf]]).reshape(-1, 2)
        return self.common(LinePart(self.track, gaps))

    def pieces(self) -> Sequence[Part]:
        order = np.argsort(self.stretches[:, 0] - self.stretches[:, 1], kind="stable")
        return [LinePart(self.track, self.stretches[number : number + 1]) for number in order]

    def shape(self) -> BaseGeometry:
        lines = [shapely.linestrings(self._run(low, high)) for low, high in self.stretches]
        return lines[0] if len(lines) == 1 else shapely.multilinestrings(lines)

    def _run(self, low: float, high: float) -> Floats:
        """The corners of the track between two distances, ends included."""
        inner = self.track.at[(self.track.at > low) & (self.track.at < high)]
        along = np.concatenate([[low], inner, [high]])
        number = np.clip(np.searchsorted(self.track.at, along, side="right") - 1, 0, len(self.track.start) - 1)
        start, end = self.track.start[number], self.track.end[number]
        share = (along - self.track.at[number]) / (self.track.at[number + 1] - self.track.at[number])
        points: Floats = start + share[:, None] * (end - start)
        return points

    def within(self, region: BaseGeometry) -> Part:
        nothing = LinePart(self.track, np.empty((0, 2)))
        low = np.minimum(self.track.start, self.track.end).min(axis=0) - 1
        high = np.maximum(self.track.start, self.track.end).max(axis=0) + 1
        near = flat(shapely.clip_by_rect(region, *low, *high))
        if near.is_empty:
            return nothing
        grown = shapely.buffer(near, TOUCH_M, join_style="mitre")
        segments = shapely.linestrings(np.stack([self.track.start, self.track.end], axis=1))
        runs, segment = shapely.get_parts(shapely.intersection(segments, grown), return_index=True)
        lines = (shapely.get_type_id(runs) == shapely.GeometryType.LINESTRING) & ~shapely.is_empty(runs)
        runs, segment = runs[lines], segment[lines]
        if not len(runs):
            return nothing
        ends = np.stack([shapely.get_coordinates(shapely.get_point(runs, i)) for i in (0, -1)])
        start, step = self.track.start[segment], (self.track.end - self.track.start)[segment]
        length = np.hypot(*step.T)
        along = ((ends - start) * step).sum(axis=2) / length
        along = np.clip(along, 0.0, (self.track.at[1:] - self.track.at[:-1])[segment]) + self.track.at[segment]
        return self.common(LinePart(self.track, _merged(np.sort(along.T, axis=1))))


def _merged(stretches: Floats) -> Floats:
    """Stretches in order, those that meet within TOUCH_M made one."""
    if not len(stretches):
        return stretches.reshape(0, 2)
    stretches = stretches[np.argsort(stretches[:, 0], kind="stable")]
    reach = np.maximum.accumulate(stretches[:, 1])
    first = np.concatenate([[True], stretches[1:, 0] > reach[:-1] + TOUCH_M])
    last = np.concatenate([np.flatnonzero(first)[1:], [len(stretches)]]) - 1
    return np.column_stack([stretches[first, 0], reach[last]])


@dataclass(frozen=True, slots=True)
class AreaPart(Part):
    """Polygons of an area."""

    region: BaseGeometry

    @property
    def size(self) -> float:
        return float(self.region.area)

    def joined(self, others: Sequence[Part]) -> Part:
        regions = [part.shape() for part in (self, *others)]
        return AreaPart(union([region for region in regions if not region.is_empty]))

    def common(self, other: Part) -> Part:
        return AreaPart(common(self.region, other.shape()))

    def without(self, other: Part) -> Part:
        taken = other.shape()
        return AreaPart(EMPTY if taken is self.region else without(self.region, taken))

    def pieces(self) -> Sequence[Part]:
        parts = [part for part in shapely.get_parts(self.region) if part.area > 0]
        return [AreaPart(part) for part in sorted(parts, key=lambda part: -part.area)]

    def shape(self) -> BaseGeometry:
        return self.region

    def within(self, region: BaseGeometry) -> Part:
        with np.errstate(divide="ignore", invalid="ignore"):
            whole = shapely.covers(region, self.region)
        return self if whole else AreaPart(common(self.region, region))


def whole(geometry: BaseGeometry) -> Part:
    """All of a key place. What has no area counts as its line, what has no length as its points."""
    polygons = flat(geometry)
    if polygons.area > 0:
        return AreaPart(polygons)
    track = _track(geometry)
    if track.own.any():
        return LinePart(track, track.stretches)
    points = np.unique(shapely.get_coordinates(geometry), axis=0)
    return PointsPart(points, np.ones(len(points), dtype=np.bool_))


def nothing_of(part: Part) -> Part:
    """The empty part of the same place."""
    return part.within(EMPTY)


def _track(geometry: BaseGeometry) -> Track:
    points, line = shapely.get_coordinates(shapely.get_parts(shapely.get_parts(geometry)), return_index=True)
    lengths = np.hypot(*(points[1:] - points[:-1]).T)
    real = lengths > 0
    at = np.concatenate([[0.0], np.cumsum(lengths[real])])
    return Track(points[:-1][real], points[1:][real], at, (line[1:] == line[:-1])[real])
