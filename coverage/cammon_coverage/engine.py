"""The coverage of a site: what every camera sees, which key places are covered, by design and now.

Geometry is worked out once per camera and kept. A change of health re-answers only the places that the camera sees.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from cammon_coverage.answers import HEALTHY, NOT_LOOKED_AT, place_answer, place_part, seen_by, site_answer, verdict
from cammon_coverage.blindcut import Cutter
from cammon_coverage.frame import Frame
from cammon_coverage.marks import Mark, Marks, mark_of
from cammon_coverage.model import (
    Basis,
    Camera,
    Period,
    PlaceAnswer,
    Reachable,
    ReachedBy,
    Reason,
    Scene,
    Sight,
    SightState,
    SiteAnswer,
    Target,
    Thread,
)
from cammon_coverage.overlay import moved, union
from cammon_coverage.parts import Part
from cammon_coverage.places import Ask, Tolerance
from cammon_coverage.presets import at_preset
from cammon_coverage.reasons import Explainer
from cammon_coverage.seen import Ground
from cammon_coverage.threads import threads_of
from cammon_coverage.view import View


@dataclass(slots=True)
class _Kept:
    """What one place was last answered from, and the answer."""

    marks: Marks
    answer: PlaceAnswer
    sure: Mapping[str, Part]


@dataclass(frozen=True, slots=True)
class BlindPart:
    """What of a key place is not surely seen, and what each working camera sees of the place."""

    ask: Ask
    blind: Part
    working: Mapping[str, Part]


@dataclass(slots=True)
class _Store:
    """Everything that was worked out for one set of cameras and may be thrown away."""

    parts: dict[tuple[str, int, Period], Part] = field(default_factory=dict)
    places_of: dict[str, tuple[int, ...]] = field(default_factory=dict)
    cameras_of: dict[int, tuple[str, ...]] | None = None
    design: dict[tuple[int, Period], PlaceAnswer] = field(default_factory=dict)
    effective: dict[tuple[int, Period], _Kept] = field(default_factory=dict)
    verdicts: dict[tuple[int, Period], tuple[Marks, bool | None]] = field(default_factory=dict)


class CoverageModel:
    """The coverage of one scene.

    Raises ValueError, naming the camera, when a lens or pose cannot make a picture. Cameras whose state a mapping
    of sights leaves out count as unknown.
    """

    def __init__(self, scene: Scene) -> None:
        self._frame = Frame.of(scene)
        local = self._frame.scene(scene)
        self._ground = self._ground_of(local)
        views = {camera.id: self._view_of(camera) for camera in local.cameras}
        self._begin(scene, self._ground, views, [Ask.of(place) for place in local.key_places], _Store())

    def _ground_of(self, local: Scene) -> Ground:
        """What of a scene (in the frame of the computation) stands still."""
        return Ground(local.obstacles, local.lit_areas, local.density_model)

    def _view_of(self, camera: Camera) -> View:
        """A camera (in the frame of the computation) on the ground."""
        return View(self._ground, camera)

    def _explainer_of(self, views: Mapping[str, View]) -> Explainer:
        """What finds reasons among the views."""
        return Explainer(self._ground, views)

    def _begin(self, scene: Scene, ground: Ground, views: dict[str, View], asks: list[Ask], store: _Store) -> None:
        self.scene = scene
        self._ground = ground
        self._views = views
        self._asks = asks
        self._store = store
        self._tolerance = Tolerance.of(scene)
        self._device_of = {camera.id: camera.device for camera in scene.cameras}
        self._tree = shapely.STRtree([ask.place.geometry for ask in asks])
        self._explainer = self._explainer_of(views)

    # What a camera sees

    def seen(self, camera_id: str, period: Period, level_px_per_m: float, target: Target = Target()) -> BaseGeometry:
        """The region of the plan on which a camera sees the whole target at a level, by design."""
        return self._on_map(self._views[camera_id].region(period, level_px_per_m, target))

    def watched(
        self, sights: Mapping[str, Sight], period: Period, level_px_per_m: float, target: Target = Target()
    ) -> BaseGeometry:
        """The region that working cameras together see at a level."""
        regions = [
            self._views[camera].region_under(sight, period, level_px_per_m, target)
            for camera, sight in sights.items()
            if camera in self._views and sight.state is SightState.SEES
        ]
        return self._on_map(union([region for region in regions if not region.is_empty]))

    def places_of(self, camera_id: str) -> tuple[str, ...]:
        """The key places of which a camera sees any part by design; none for a camera without a pose."""
        if camera_id not in self._views:
            return ()
        return tuple(self._asks[number].place.id for number in self._numbers_of(camera_id))

    def prepare(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Work out all geometry now. `progress(done, of)` is called after every camera."""
        for done, camera in enumerate(self._views, start=1):
            self._numbers_of(camera)
            if progress is not None:
                progress(done, len(self._views))

    # Answers

    def design(self, period: Period) -> SiteAnswer:
        """Coverage with every camera as documented."""
        answers = [self._design_of(number, period) for number in range(len(self._asks))]
        return site_answer(self.scene, self._asks, Basis.DESIGN, period, answers, known=True)

    def effective(self, sights: Mapping[str, Sight], period: Period) -> SiteAnswer:
        """Coverage now. Ratios are None while no camera's state is known."""
        marks = {camera: mark_of(sights.get(camera, NOT_LOOKED_AT)) for camera in self._views}
        answers = [self._effective_of(number, period, sights, marks).answer for number in range(len(self._asks))]
        known = any(sights[c].state is not SightState.UNKNOWN for c in self._views if c in sights)
        return site_answer(self.scene, self._asks, Basis.EFFECTIVE, period, answers, known)

    def threads(self, sights: Mapping[str, Sight], period: Period) -> tuple[Thread, ...]:
        """What hangs on one thing: per camera, device, switch, recorder and power circuit, the places lost with it."""
        marks = {camera: mark_of(sights.get(camera, NOT_LOOKED_AT)) for camera in self._views}
        kept = [self._effective_of(number, period, sights, marks) for number in range(len(self._asks))]
        covered = [(ask, row.sure) for ask, row in zip(self._asks, kept, strict=True) if row.answer.covered]
        cameras = {camera.id: camera for camera in self.scene.cameras}
        return threads_of(covered, cameras, self._tolerance, len(self._asks))

    def verdicts(self, sights: Mapping[str, Sight] | None, period: Period) -> Mapping[str, bool | None]:
        """Place id to covered, by design (None) or now: the quick answer for what-if questions, without reasons."""
        if sights is None:
            sights = all_see(self.scene.cameras)
        marks = {camera: mark_of(sights.get(camera, NOT_LOOKED_AT)) for camera in self._views}
        found: dict[str, bool | None] = {}
        for number, ask in enumerate(self._asks):
            own = tuple((camera, marks[camera]) for camera in self._cameras_of(number))
            kept = self._store.verdicts.get((number, period))
            if kept is None or kept[0] != own:
                _, sure, possible = self._parts_now(number, period, sights)
                kept = own, verdict(ask, sure, possible, self._tolerance)
                self._store.verdicts[number, period] = kept
            found[ask.place.id] = kept[1]
        return found

    def reachable(self, period: Period) -> tuple[Reachable, ...]:
        """Per key place the PTZ presets, home apart, that could show any of it at its level. No part of any ratio."""
        found: dict[int, list[ReachedBy]] = {}
        for camera in self.scene.cameras:
            for preset in camera.presets:
                view = self._view_of(self._frame.camera(at_preset(camera, preset)))
                for number in self._within_reach(view):
                    ask = self._asks[number]
                    rows = seen_by(ask, {camera.id: place_part(view, ask, period, HEALTHY)}, {camera.id: view}, {})
                    found.setdefault(number, []).extend(
                        ReachedBy(camera.id, preset.name, row.share, row.density_px_per_m) for row in rows
                    )
        return tuple(
            Reachable(ask.place.id, tuple(sorted(found.get(number, ()), key=lambda row: -row.share)))
            for number, ask in enumerate(self._asks)
        )

    def why_unseen(self, camera_id: str, place_id: str, period: Period) -> tuple[Reason, ...]:
        """Why one camera by itself does not see the whole of a key place by design; empty when it does.

        KeyError: no such camera or place.
        """
        number = next((at for at, ask in enumerate(self._asks) if ask.place.id == place_id), None)
        if number is None:
            raise KeyError(place_id)
        view, ask = self._views[camera_id], self._asks[number]
        blind = ask.all.without(self._part(camera_id, number, period))
        return () if blind.is_empty else self._explainer_of({camera_id: view}).by_design(ask, period, blind)

    # What the answers rest on

    @property
    def ground(self) -> Ground:
        """Obstacles and lit areas, in the frame of the computation."""
        return self._ground

    @property
    def views(self) -> Mapping[str, View]:
        """The cameras by id, in the frame of the computation."""
        return self._views

    @property
    def frame(self) -> Frame:
        """From the coordinates of the scene to those of the computation."""
        return self._frame

    def cutter(self, period: Period, sights: Mapping[str, Sight] | None) -> Cutter:
        """What cuts blind parts by their reasons, by design (None) or now."""
        return Cutter(self._views, period, sights)

    def blind_parts(self, sights: Mapping[str, Sight] | None, period: Period) -> Iterator[BlindPart]:
        """Every key place of which a part is not surely seen, by design (None) or now."""
        given = all_see(self.scene.cameras) if sights is None else sights
        for number, ask in enumerate(self._asks):
            working, sure, _ = self._parts_now(number, period, given)
            blind = ask.all.without(sure)
            if not blind.is_empty:
                yield BlindPart(ask, blind, working)

    # Other cameras

    def replaced(self, camera: Camera) -> "CoverageModel":
        """The same site with the camera of this id replaced; what the others see is kept. KeyError: no such id."""
        if camera.id not in self._views:
            raise KeyError(camera.id)
        cameras = tuple(camera if old.id == camera.id else old for old in self.scene.cameras)
        return self._with(cameras, camera)

    def added(self, camera: Camera) -> "CoverageModel":
        """The same site with one more camera; what the others see is kept. ValueError: the id is taken."""
        if camera.id in self._views:
            raise ValueError(f"camera {camera.id} exists already")
        return self._with((*self.scene.cameras, camera), camera)

    def _with(self, cameras: tuple[Camera, ...], changed: Camera) -> "CoverageModel":
        views = {**self._views, changed.id: self._view_of(self._frame.camera(changed))}
        touched = set(self._store.places_of.get(changed.id, ()))
        store = _Store(
            parts={key: part for key, part in self._store.parts.items() if key[0] != changed.id},
            places_of={camera: places for camera, places in self._store.places_of.items() if camera != changed.id},
        )
        model = type(self).__new__(type(self))
        model._frame = self._frame
        model._begin(replace(self.scene, cameras=cameras), self._ground, views, self._asks, store)
        touched.update(model._numbers_of(changed.id))
        store.design = {
            key: answer for key, answer in self._store.design.items() if self._stays(key[0], touched, answer)
        }
        return model

    @staticmethod
    def _stays(number: int, touched: set[int], answer: PlaceAnswer) -> bool:
        """Whether an answer holds with another camera: reasons name the best candidate, so uncovered ones may not."""
        return number not in touched and answer.covered is True

    # Inside

    def _on_map(self, shape: BaseGeometry) -> BaseGeometry:
        return moved(shape, self._frame.east, self._frame.north)

    def _answered(self, answer: PlaceAnswer) -> PlaceAnswer:
        return answer if answer.blind is None else replace(answer, blind=self._on_map(answer.blind))

    def _numbers_of(self, camera_id: str) -> tuple[int, ...]:
        if camera_id not in self._store.places_of:
            view = self._views[camera_id]
            near = self._within_reach(view)
            self._prepare_levels(view, near)
            seen = [number for number in near if not self._part(camera_id, number, Period.DAY).is_empty]
            self._store.places_of[camera_id] = tuple(seen)
            self._store.cameras_of = None
        return self._store.places_of[camera_id]

    def _within_reach(self, view: View) -> list[int]:
        """Places that the camera has in view at their level, were nothing in the way."""
        if not self._asks:
            return []
        lowest = min(ask.place.level_px_per_m for ask in self._asks)
        reach = view.reach_m(lowest)
        x, y = view.eye.x, view.eye.y
        around = np.sort(self._tree.query(shapely.box(x - reach, y - reach, x + reach, y + reach)))
        areas: dict[tuple[float, Target], BaseGeometry] = {}
        near: list[int] = []
        for number in around:
            place = self._asks[number].place
            key = (place.level_px_per_m, place.target)
            if key not in areas:
                areas[key] = shapely.buffer(view.area(*key), 1e-5)
                shapely.prepare(areas[key])
            if shapely.intersects(areas[key], place.geometry):
                near.append(int(number))
        return near

    def _prepare_levels(self, view: View, near: Iterable[int]) -> None:
        """The lowest level first: the regions of all higher ones are cut from it."""
        lowest: dict[Target, float] = {}
        for number in near:
            place = self._asks[number].place
            lowest[place.target] = min(place.level_px_per_m, lowest.get(place.target, np.inf))
        for target, level in lowest.items():
            view.prepare(level, target)

    def _cameras_of(self, number: int) -> tuple[str, ...]:
        """The cameras that see any of a place by design, in the order of the scene."""
        cameras_of = self._store.cameras_of
        if cameras_of is None:
            found: dict[int, list[str]] = {}
            for camera in self._views:
                for place in self._numbers_of(camera):
                    found.setdefault(place, []).append(camera)
            cameras_of = {place: tuple(cameras) for place, cameras in found.items()}
            self._store.cameras_of = cameras_of
        return cameras_of.get(number, ())

    def _part(self, camera_id: str, number: int, period: Period, sight: Sight = HEALTHY) -> Part:
        """What a camera sees of a place; by design it is kept."""
        view, ask = self._views[camera_id], self._asks[number]
        plain = sight.density_divisor == 1 and sight.width_px is None and sight.hidden is None
        if not plain:
            return place_part(view, ask, period, sight)
        key = (camera_id, number, period)
        if key not in self._store.parts:
            self._store.parts[key] = place_part(view, ask, period, HEALTHY)
        return self._store.parts[key]

    def _parts(self, number: int, period: Period, sights: Mapping[str, Sight], state: SightState) -> dict[str, Part]:
        parts = {
            camera: self._part(camera, number, period, sights.get(camera, NOT_LOOKED_AT))
            for camera in self._cameras_of(number)
            if sights.get(camera, NOT_LOOKED_AT).state is state
        }
        return {camera: part for camera, part in parts.items() if not part.is_empty}

    def _design_parts(self, number: int, period: Period) -> dict[str, Part]:
        parts = {camera: self._part(camera, number, period) for camera in self._cameras_of(number)}
        return {camera: part for camera, part in parts.items() if not part.is_empty}

    def _design_of(self, number: int, period: Period) -> PlaceAnswer:
        if (number, period) not in self._store.design:
            ask = self._asks[number]
            parts = self._design_parts(number, period)
            sure = ask.seen_by_devices(parts, self._device_of)
            covered = verdict(ask, sure, sure, self._tolerance)
            reasons = () if covered else self._explainer.by_design(ask, period, ask.all.without(sure))
            who = seen_by(ask, parts, self._views, {})
            answer = place_answer(ask, covered, sure, sure, who, reasons)
            self._store.design[number, period] = self._answered(answer)
        return self._store.design[number, period]

    def _effective_of(
        self, number: int, period: Period, sights: Mapping[str, Sight], marks: Mapping[str, Mark]
    ) -> _Kept:
        own = tuple((camera, marks[camera]) for camera in self._cameras_of(number))
        kept = self._store.effective.get((number, period))
        if kept is None or kept.marks != own:
            answer, sure = self._answer_now(number, period, sights)
            kept = _Kept(own, answer, sure)
            self._store.effective[number, period] = kept
        return kept

    def _parts_now(
        self, number: int, period: Period, sights: Mapping[str, Sight]
    ) -> tuple[Mapping[str, Part], Part, Part]:
        """What working cameras see of a place, and what is surely and what is possibly covered."""
        ask = self._asks[number]
        working = self._parts(number, period, sights, SightState.SEES)
        unknown = self._parts(number, period, sights, SightState.UNKNOWN)
        sure = ask.seen_by_devices(working, self._device_of)
        possible = ask.seen_by_devices({**working, **unknown}, self._device_of) if unknown else sure
        return working, sure, possible

    def _answer_now(
        self, number: int, period: Period, sights: Mapping[str, Sight]
    ) -> tuple[PlaceAnswer, Mapping[str, Part]]:
        ask = self._asks[number]
        working, sure, possible = self._parts_now(number, period, sights)
        covered = verdict(ask, sure, possible, self._tolerance)
        reasons: tuple[Reason, ...] = ()
        if covered is not True:
            design = self._design_of(number, period)
            parts = self._design_parts(number, period)
            reasons = self._explainer.now(ask, ask.all.without(sure), sights, parts, working, design)
        who = seen_by(ask, working, self._views, sights)
        return self._answered(place_answer(ask, covered, sure, possible, who, reasons)), working


def all_see(cameras: Iterable[Camera]) -> dict[str, Sight]:
    """The sights of cameras that all work."""
    return {camera.id: HEALTHY for camera in cameras}
