"""How far the coverage of each key place is proven: its grade, its margin and its confidence.

Poses are believed, not known. `Prover` answers from all poses that each camera may really have (docs/proof.md).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import shapely

from cammon_coverage.answers import HEALTHY, NOT_LOOKED_AT
from cammon_coverage.draws import Deviations, PoseGrade, Poses, Trust, drawn_changes
from cammon_coverage.engine import CoverageModel
from cammon_coverage.margin import Margin, camera_margin
from cammon_coverage.model import Camera, Period, Sight, SightState
from cammon_coverage.optics import Floats
from cammon_coverage.outlook import Outlook, Share, Shares, ends_of, outlook, shares_in_view
from cammon_coverage.parts import Part
from cammon_coverage.places import Ask, Tolerance
from cammon_coverage.terrain_ground import TerrainGround
from cammon_coverage.terrain_outlook import cell_ends, terrain_outlook
from cammon_coverage.view import density_factor

FROM_LEDGER = Trust.by_grade(PoseGrade.LEDGER)
AS_IT_STANDS = np.zeros((1, 4))


@dataclass(frozen=True, slots=True)
class Proof:
    """The proof of one covered place.

    `grade`: the best grade such that cameras of at least this grade cover the place by themselves. `margin` None: no
    change of one uncertain quantity of one camera uncovers it. `confidence`: share of draws in which it stays covered.
    """

    place: str
    grade: PoseGrade
    margin: Margin | None
    confidence: float


@dataclass(frozen=True, slots=True)
class _Case:
    """A place with the cameras that see it, or might in some draw."""

    ask: Ask
    outlooks: Mapping[str, Outlook]
    poses: Mapping[str, Poses]
    device_of: Mapping[str, str]
    tolerance: Tolerance
    decided: dict[tuple[tuple[str, int], ...], bool | None] = field(default_factory=dict)

    def covered(self, parts: Mapping[str, Part]) -> bool:
        """Whether what the cameras see covers the place."""
        return self.ask.covered_by(self.ask.seen_by_devices(parts, self.device_of), self.tolerance)

    def standing(self) -> dict[str, Part]:
        """What each camera sees of the place as documented."""
        found = {}
        for camera, view in self.outlooks.items():
            poses = Poses.changed(self.poses[camera].camera, AS_IT_STANDS)
            part = view.seen(poses, 0, int(view.shares(poses)[0]))
            if not part.is_empty:
                found[camera] = part
        return found

    def outcomes(self) -> Iterator[bool]:
        """Whether the place is covered, draw by draw."""
        shares = {camera: view.shares(self.poses[camera]) for camera, view in self.outlooks.items()}
        draws = len(next(iter(self.poses.values()))) if self.poses else 0
        for number in range(draws):
            yield self._outcome(shares, number)

    def _outcome(self, shares: Mapping[str, Shares], number: int) -> bool:
        now = tuple((camera, int(row[number])) for camera, row in shares.items() if row[number] != Share.NONE)
        if now not in self.decided:
            self.decided[now] = self._without_cutting(now)
        decided = self.decided[now]
        if decided is not None:
            return decided
        return self.covered(
            {camera: self.outlooks[camera].seen(self.poses[camera], number, share) for camera, share in now}
        )

    def _without_cutting(self, now: tuple[tuple[str, int], ...]) -> bool | None:
        """The verdict when cameras that have some in view settle it neither by showing nothing nor by showing all."""
        if self.covered({camera: self.outlooks[camera].open for camera, share in now if share == Share.ALL}):
            return True
        return None if self.covered({camera: self.outlooks[camera].open for camera, _ in now}) else False

    def turned(self, camera: str, others: Mapping[str, Part], changes: Floats) -> Iterator[bool]:
        """Whether the place is covered with one camera changed, change by change."""
        view = self.outlooks[camera]
        poses = Poses.changed(self.poses[camera].camera, changes)
        settled: dict[int, bool] = {}
        for number, share in enumerate(view.shares(poses).tolist()):
            if share == Share.SOME:
                yield self.covered({**others, camera: view.seen(poses, number, share)})
                continue
            if share not in settled:
                settled[share] = self.covered({**others, camera: view.seen(poses, number, share)})
            yield settled[share]


class Prover:
    """Proofs of the key places of one site in one period, by design (`sights` None) or now.

    Cameras that `trust` leaves out have a pose from a ledger. Now only cameras that surely see count.
    """

    def __init__(
        self,
        model: CoverageModel,
        trust: Mapping[str, Trust],
        period: Period,
        sights: Mapping[str, Sight] | None = None,
        *,
        draws: int = 200,
        seed: int = 0,
    ) -> None:
        if draws < 1:
            raise ValueError(f"draws {draws} must be at least 1")
        scene = model.scene
        self._sights = {c.id: HEALTHY if sights is None else sights.get(c.id, NOT_LOOKED_AT) for c in scene.cameras}
        local = model.frame.scene(scene)
        self._model, self._ground = model, model.ground
        self._cameras = [c for c in local.cameras if self._sights[c.id].state is SightState.SEES]
        self._trust = {camera.id: trust.get(camera.id, FROM_LEDGER) for camera in self._cameras}
        self._period, self._draws, self._seed = period, draws, seed
        self._device_of = {camera.id: camera.device for camera in self._cameras}
        self._asks = {place.id: Ask.of(place) for place in local.key_places}
        self._tolerance = Tolerance.of(scene)
        self._verdicts = model.verdicts(sights, period)
        self._eyes = np.array([shapely.Point(camera.pose.x, camera.pose.y) for camera in self._cameras], dtype=object)
        self._poses: dict[str, Poses] = {}
        self._reach: dict[float, Floats] = {}

    @property
    def places(self) -> tuple[str, ...]:
        """The ids of all key places, covered or not."""
        return tuple(self._asks)

    def proof(self, place_id: str) -> Proof | None:
        """The proof of a place; None when it is not covered. KeyError: no such place."""
        ask = self._asks[place_id]
        if self._verdicts[place_id] is not True:
            return None
        case = self._case(ask)
        standing = case.standing()
        return Proof(place_id, self._grade(case, standing), self._margin(case, standing), _share(case))

    def outcomes(self, place_id: str) -> tuple[bool, ...]:
        """Whether a place, covered as documented or not, is covered in each draw."""
        found = tuple(self._case(self._asks[place_id]).outcomes())
        return found or (False,) * self._draws

    # Inside

    def _poses_of(self, camera: Camera) -> Poses:
        if camera.id not in self._poses:
            deviations = self._trust[camera.id].deviations
            changes = drawn_changes(camera.id, deviations, self._seed, self._draws)
            self._poses[camera.id] = Poses.changed(camera, changes)
        return self._poses[camera.id]

    def _case(self, ask: Ask) -> _Case:
        outlooks: dict[str, Outlook] = {}
        for camera in self._within_reach(ask):
            if self._ever_in_view(camera, ask):
                sought = terrain_outlook if isinstance(self._ground, TerrainGround) else outlook
                found = sought(self._model, camera, ask, self._period, self._sights[camera.id])
                if not found.open.is_empty:
                    outlooks[camera.id] = found
        poses = {camera.id: self._poses_of(camera) for camera in self._cameras if camera.id in outlooks}
        return _Case(ask, outlooks, poses, self._device_of, self._tolerance)

    def _within_reach(self, ask: Ask) -> list[Camera]:
        """Cameras near enough in some draw, or as documented; no blur brings a camera nearer."""
        if ask.all.is_empty:
            return []
        level = ask.place.level_px_per_m
        if level not in self._reach:
            self._reach[level] = np.array([self._furthest(camera, level) for camera in self._cameras])
        distance = shapely.distance(self._eyes, ask.place.geometry)
        return [self._cameras[number] for number in np.flatnonzero(distance <= self._reach[level] + 1.0)]

    def _furthest(self, camera: Camera, level: float) -> float:
        model = self._ground.density_model
        as_it_stands = Poses.changed(camera, AS_IT_STANDS)
        reach = max(poses.reach_m(model, level) for poses in (as_it_stands, self._poses_of(camera)))
        return reach * max(1.0, 1 / density_factor(camera, self._sights[camera.id]))

    def _ever_in_view(self, camera: Camera, ask: Ask) -> bool:
        """Whether a camera that never looks away has the place in view in some draw, or as documented."""
        level = ask.place.level_px_per_m * density_factor(camera, self._sights[camera.id])
        cells = isinstance(self._ground, TerrainGround)
        if isinstance(self._ground, TerrainGround):
            ends = cell_ends(self._ground, camera, ask)
        else:
            ends = ends_of(ask.all.corners(), self._ground.eye(camera), camera.pose.height_m, ask)
        every = (Poses.changed(camera, AS_IT_STANDS), self._poses_of(camera))
        return any(
            bool((shares_in_view(poses, self._ground.density_model, level, ends, points=cells) != Share.NONE).any())
            for poses in every
        )

    def _grade(self, case: _Case, standing: Mapping[str, Part]) -> PoseGrade:
        for grade in sorted(PoseGrade, key=lambda one: -one.rank):
            trusted = {c: part for c, part in standing.items() if self._trust[c].grade.rank >= grade.rank}
            if case.covered(trusted):
                return grade
        return PoseGrade.DECLARED

    def _margin(self, case: _Case, standing: Mapping[str, Part]) -> Margin | None:
        best: Margin | None = None
        for camera in standing:
            others = {other: part for other, part in standing.items() if other != camera}
            if case.covered(others):
                continue
            deviations: Deviations = self._trust[camera].deviations

            def covered(changes: Floats, camera: str = camera, others: Mapping[str, Part] = others) -> Iterator[bool]:
                return case.turned(camera, others, changes)

            below = np.inf if best is None else best.deviations
            found = camera_margin(case.poses[camera].camera, deviations, covered, below)
            best = found or best
        return best


def _share(case: _Case) -> float:
    found = tuple(case.outcomes())
    return sum(found) / len(found)


def proofs(
    model: CoverageModel,
    trust: Mapping[str, Trust],
    period: Period,
    sights: Mapping[str, Sight] | None = None,
    *,
    draws: int = 200,
    seed: int = 0,
) -> tuple[Proof, ...]:
    """The proofs of all covered places, in the order of the scene."""
    prover = Prover(model, trust, period, sights, draws=draws, seed=seed)
    found = (prover.proof(place) for place in prover.places)
    return tuple(one for one in found if one is not None)
