"""A blind part cut up by true reasons: every piece goes to the first reason in a fixed order that holds all over it.

The order: what health took, too few devices, what one camera fails (mask, light, side, steepness; those that fail one
thing only first), too few pixels, an obstacle in the way, a camera that looks elsewhere, no camera in range.
Within a reason the nearest camera comes first, and of several obstacles the one nearest to the camera.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from cammon_coverage.answers import HEALTHY, NOT_LOOKED_AT
from cammon_coverage.hiders import hidden_by
from cammon_coverage.model import Period, Reason, ReasonCode, Sight, SightState, Target
from cammon_coverage.optics import Floats
from cammon_coverage.overlay import common, moved, without
from cammon_coverage.parts import TOUCH_M, Part
from cammon_coverage.places import Ask
from cammon_coverage.reasons import IN_RANGE_SHARE
from cammon_coverage.seen import Ground, clear_part, night_part
from cammon_coverage.view import View
from cammon_coverage.viewarea import slant_disc

Failure = tuple[ReasonCode, Callable[[View], BaseGeometry]]
"""A condition and the region of the plan in which a camera meets it, within its clear view at the level."""


@dataclass
class Rest:
    """What of a blind part has no reason yet, and the pieces that have one."""

    part: Part
    found: list[tuple[Reason, Part]] = field(default_factory=list)

    def take(self, reason: Reason, region: BaseGeometry) -> None:
        """Give what is left of the region this reason."""
        if self.part.is_empty or region.is_empty:
            return
        if shapely.dwithin(region, self.part.shape(), TOUCH_M):
            self.take_part(reason, self.part.within(region))

    def take_part(self, reason: Reason, part: Part) -> None:
        """Give a part of the rest this reason."""
        if not part.is_empty:
            self.found.append((reason, part))
            self.part = self.part.without(part)

    def left_in(self, region: BaseGeometry) -> bool:
        """Whether anything of the region is left."""
        if region.is_empty or self.part.is_empty or not shapely.dwithin(region, self.part.shape(), TOUCH_M):
            return False
        return not self.part.within(region).is_empty


@dataclass(frozen=True)
class Cutter:
    """Cuts the blind parts of places, in one period, by the cameras that stand near. `bare` views have no masks."""

    views: Mapping[str, View]
    period: Period
    sights: Mapping[str, Sight] | None
    bare: dict[str, View] = field(default_factory=dict)
    kept: dict[tuple[str, str, float, Target], BaseGeometry] = field(default_factory=dict)
    reaches: dict[float, Floats] = field(default_factory=dict)

    def pieces(self, ask: Ask, blind: Part, working: Mapping[str, Part]) -> Sequence[tuple[Reason, Part]]:
        """Disjoint pieces that together are the blind part, each with its reason (codes and names, no measures)."""
        rest = Rest(blind)
        cameras = list(self._near(ask, blind))
        self._inside(ask, rest, cameras)
        for stage in (self._health, self._failures, self._pixels, self._obstacles, self._elsewhere):
            if rest.part.is_empty:
                break
            stage(ask, rest, cameras)
            if stage == self._health:
                self._devices(ask, rest, working)
        rest.take_part(Reason(ReasonCode.NO_CAMERA_IN_RANGE), rest.part)
        return rest.found

    def _near(self, ask: Ask, blind: Part) -> Iterator[View]:
        """The views that reach the part at a quarter of the level, whichever way they look, the nearest first."""
        if not self.views:
            return
        level = IN_RANGE_SHARE * ask.place.level_px_per_m
        views = list(self.views.values())
        if level not in self.reaches:
            self.reaches[level] = np.array([view.reach_m(level) for view in views])
        reach, shape = self.reaches[level], blind.shape()
        eyes = shapely.points([(view.eye.x, view.eye.y) for view in views])
        near = np.flatnonzero(shapely.distance(eyes, shapely.box(*shape.bounds)) <= reach)
        distance = shapely.distance(eyes[near], shape)
        for number in np.argsort(distance, kind="stable"):
            if distance[number] <= reach[near[number]]:
                yield views[near[number]]

    def _once(self, what: str, view: View, ask: Ask, work: Callable[[], BaseGeometry]) -> BaseGeometry:
        """A region of a camera at the level and target of a place, worked out once."""
        key = (what, view.camera.id, ask.place.level_px_per_m, ask.place.target)
        if key not in self.kept:
            self.kept[key] = work()
        return self.kept[key]

    def _bare(self, view: View) -> View:
        if not view.camera.masks:
            return view
        if view.camera.id not in self.bare:
            self.bare[view.camera.id] = View(view.ground, replace(view.camera, masks=()))
        return self.bare[view.camera.id]

    def _whole(self, ask: Ask, view: View) -> BaseGeometry:
        """What a camera has clearly in view at the level by day, were it not for masks, side and steepness."""
        return self._bare(view).region(Period.DAY, ask.place.level_px_per_m, ask.place.target)

    def _inside(self, ask: Ask, rest: Rest, cameras: Sequence[View]) -> None:
        if not self.views:
            return
        ground = next(iter(self.views.values())).ground
        prisms = ground.prisms
        zs = (ask.place.target.z0_m, ask.place.target.z1_m)
        around = prisms.near(rest.part.shape())
        for prism in around[~prisms.hollow[around]]:
            if any(prisms.base[prism] <= z < prisms.top[prism] for z in zs):
                reason = Reason(ReasonCode.INSIDE_OBSTACLE, {"obstacle": obstacle_of(ground, int(prism))})
                rest.take(reason, prisms.footprints[prism])

    def _health(self, ask: Ask, rest: Rest, cameras: Sequence[View]) -> None:
        if self.sights is None:
            return
        for view in cameras:
            sight = self.sights.get(view.camera.id, NOT_LOOKED_AT)
            lost = view.region_for(ask.place, self.period, HEALTHY)
            if sight.state is SightState.SEES:
                if sight == HEALTHY and sight.hidden is None:
                    continue
                lost = without(lost, view.region_for(ask.place, self.period, sight))
            unknown = sight.state is SightState.UNKNOWN
            code = ReasonCode.CAMERA_UNKNOWN if unknown else ReasonCode.CAMERA_FAULTY
            fault = sight.cause or ("not_looked_at" if unknown else "unknown")
            rest.take(Reason(code, {"camera": view.camera.id, "fault": fault}), lost)

    def _devices(self, ask: Ask, rest: Rest, working: Mapping[str, Part]) -> None:
        """What some devices see, but fewer than asked."""
        by_device: dict[str, list[Part]] = {}
        for camera, part in working.items():
            by_device.setdefault(self.views[camera].camera.device, []).append(part)
        for count in range(ask.place.redundancy - 1, 0, -1):
            params = {"devices": float(count), "redundancy": float(ask.place.redundancy)}
            enough = ask.seen_at_least(count, by_device.values())
            rest.take_part(Reason(ReasonCode.REDUNDANCY_SHORT, params), rest.part.common(enough))

    def _failures(self, ask: Ask, rest: Rest, cameras: Sequence[View]) -> None:
        """What a camera has clearly in view at the level and still does not see as the place asks."""
        conditions = list(self._conditions(ask))
        for number, (code, _) in enumerate(conditions):
            others = [meets for other, (_, meets) in enumerate(conditions) if other != number]
            for view in cameras:
                region = self._whole(ask, view)
                for meets in others:
                    region = common(region, meets(view))
                rest.take(Reason(code, {"camera": view.camera.id}), region)
        for code, meets in conditions if len(conditions) > 1 else ():
            for view in cameras:
                whole = self._whole(ask, view)
                rest.take(Reason(code, {"camera": view.camera.id}), without(whole, meets(view)))

    def _conditions(self, ask: Ask) -> Iterator[Failure]:
        place = ask.place
        if any(view.camera.masks for view in self.views.values()):
            yield ReasonCode.MASKED, lambda v: v.region(Period.DAY, place.level_px_per_m, place.target)
        if self.period is Period.NIGHT:
            yield ReasonCode.TOO_DARK, lambda v: self._lit(ask, v)
        if place.facing_deg is not None:
            gentle = replace(place, max_depression_deg=None)
            yield ReasonCode.WRONG_SIDE, lambda v: self._bare(v).region_for(gentle, Period.DAY, HEALTHY)
        if place.max_depression_deg is not None:
            any_side = replace(place, facing_deg=None)
            yield ReasonCode.TOO_STEEP, lambda v: self._bare(v).region_for(any_side, Period.DAY, HEALTHY)

    def _lit(self, ask: Ask, view: View) -> BaseGeometry:
        whole = moved(self._whole(ask, view), -view.eye.x, -view.eye.y)
        return moved(night_part(view.ground, view.camera, view.eye, ask.place.target, whole), view.eye.x, view.eye.y)

    def _pixels(self, ask: Ask, rest: Rest, cameras: Sequence[View]) -> None:
        level = IN_RANGE_SHARE * ask.place.level_px_per_m
        for view in cameras:
            region = self._bare(view).region(Period.DAY, level, ask.place.target)
            rest.take(Reason(ReasonCode.DENSITY_TOO_LOW, {"camera": view.camera.id}), region)

    def _obstacles(self, ask: Ask, rest: Rest, cameras: Sequence[View]) -> None:
        for view in cameras:
            self._hidden(ask, rest, view, self._area(ask, view))

    def _elsewhere(self, ask: Ask, rest: Rest, cameras: Sequence[View]) -> None:
        """What a camera would reach if it looked there; and what even then an obstacle would hide."""
        around = [(view, self._turned(ask, view)) for view in cameras]
        for view, disc in around:
            if rest.left_in(disc) and view.eye.buried_in is None:
                rest.take(Reason(ReasonCode.OUTSIDE_VIEW, {"camera": view.camera.id}), self._open(ask, view, disc))
        for view, disc in around:
            self._hidden(ask, rest, view, disc)

    def _area(self, ask: Ask, view: View) -> BaseGeometry:
        """What the camera would have in view at the level with nothing in the way."""
        return self._once("area", view, ask, lambda: view.area(ask.place.level_px_per_m, ask.place.target))

    def _turned(self, ask: Ask, view: View) -> BaseGeometry:
        """Where the camera would have the level if it were turned there."""
        drops = tuple(view.camera.pose.height_m - z for z in (ask.place.target.z0_m, ask.place.target.z1_m))
        limit = view.density.limit_m(ask.place.level_px_per_m)
        return self._once("turned", view, ask, lambda: moved(slant_disc(limit, drops), view.eye.x, view.eye.y))

    def _open(self, ask: Ask, view: View, disc: BaseGeometry) -> BaseGeometry:
        """What of its disc a camera could see if it turned round."""
        zs = (ask.place.target.z0_m, ask.place.target.z1_m)

        def clear() -> BaseGeometry:
            here = moved(disc, -view.eye.x, -view.eye.y)
            found = clear_part(view.ground.prisms, view.eye, view.camera.pose.height_m, zs, here)
            return moved(found, view.eye.x, view.eye.y)

        return self._once("open", view, ask, clear)

    def _hidden(self, ask: Ask, rest: Rest, view: View, area: BaseGeometry) -> None:
        """Name what hides the rest of an area."""
        if not rest.left_in(area):
            return
        near = shapely.box(*shapely.bounds(rest.part.shape())).buffer(TOUCH_M, join_style="mitre")
        area = common(area, near)
        for prism, shade in hidden_by(view, ask.place.target, area) if not area.is_empty else ():
            params = {"obstacle": obstacle_of(view.ground, prism), "camera": view.camera.id}
            rest.take(Reason(ReasonCode.HIDDEN_BY_OBSTACLE, params), shade)
            if not rest.left_in(area):
                return


def obstacle_of(ground: Ground, prism: int) -> str:
    """The id of the obstacle that a prism is part of."""
    return ground.obstacles[int(ground.prisms.obstacle[prism])].id
