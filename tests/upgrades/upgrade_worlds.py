"""Small worlds for the upgrade list: key places cut into cells, and who sees which cell by day and by night."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from shapely import Point

from cammon.sitefiles.model import LedgerCamera, Site
from cammon_coverage.model import (
    Basis,
    Camera,
    KeyPlace,
    Lens,
    Period,
    PlaceAnswer,
    Pose,
    Scene,
    Sight,
    SightState,
    SiteAnswer,
)

LENS = Lens(90.0, 1920, 1080)


@dataclass(frozen=True)
class CellCoverage:
    """A coverage by counting: a place is covered when enough devices see each of its cells."""

    places: Mapping[str, KeyPlace]
    cells: Mapping[str, int]
    seen: Mapping[tuple[str, Period], Mapping[str, frozenset[int]]]
    cameras: tuple[Camera, ...]
    asked: list[int] = field(default_factory=list, compare=False)

    def verdicts(self, sights: Mapping[str, Sight] | None, period: Period) -> dict[str, bool | None]:
        self.asked.append(1)
        known = {camera.id: Sight() for camera in self.cameras} if sights is None else sights
        return {place: self._answer(place, known, period).covered for place in self.places}

    def design(self, period: Period) -> SiteAnswer:
        everything = {camera.id: Sight() for camera in self.cameras}
        answers = tuple(self._answer(place, everything, period) for place in self.places)
        return SiteAnswer(Basis.DESIGN, period, answers, None, None, None)

    def added(self, camera: Camera) -> "CellCoverage":
        return replace(self, cameras=(*self.cameras, camera))

    def places_of(self, camera_id: str) -> Collection[str]:
        return {place for (place, _), seen in self.seen.items() if seen.get(camera_id)}

    def _answer(self, place: str, sights: Mapping[str, Sight], period: Period) -> PlaceAnswer:
        sure = self._share(place, period, sights, {SightState.SEES})
        possible = self._share(place, period, sights, {SightState.SEES, SightState.UNKNOWN})
        covered = True if sure == 1 else None if possible == 1 else False
        return PlaceAnswer(place, sure, covered, possible - sure)

    def _share(self, place: str, period: Period, sights: Mapping[str, Sight], good: set[SightState]) -> float:
        k = self.places[place].redundancy
        full = 0
        for cell in range(self.cells[place]):
            devices = {
                camera.device
                for camera in self.cameras
                if sights[camera.id].state in good and cell in self.seen[place, period].get(camera.id, frozenset())
            }
            full += len(devices) >= k
        return full / self.cells[place]


def camera(name: str, device: str | None = None) -> Camera:
    return Camera(name, Pose(0, 0, 5, 0, 10), LENS, device or name)


def ledger(name: str, **fields: object) -> LedgerCamera:
    return LedgerCamera(name, f"Camera {name}", str(fields.pop("device", name)), 2, host="127.0.0.2", **fields)


def place(name: str, priority: int = 2, redundancy: int = 1) -> KeyPlace:
    return KeyPlace(name, f"Place {name}", Point(0, 0), 125.0, priority=priority, redundancy=redundancy)


def site_of(cameras: Collection[LedgerCamera], places: Collection[KeyPlace], **fields: object) -> Site:
    scene = Scene(tuple(camera(own.id, own.device) for own in cameras), tuple(places))
    return Site("demo", "Demo", Path("demo"), "v1", cameras=tuple(cameras), scene=scene, **fields)


def world(
    cameras: Collection[str], places: Mapping[str, tuple[int, int, Mapping[str, Collection[int]]]], night: bool = True
) -> tuple[Site, CellCoverage]:
    """`places`: id -> (priority, redundancy, camera -> cells that it sees); night as day, or nothing by night."""
    key_places = [place(name, priority, k) for name, (priority, k, _) in places.items()]
    site = site_of([ledger(name) for name in cameras], key_places)
    return site, coverage_of(site, {name: seen for name, (_, _, seen) in places.items()}, night)


def coverage_of(site: Site, seen: Mapping[str, Mapping[str, Collection[int]]], night: bool = True) -> CellCoverage:
    cells = {name: 1 + max((cell for own in by.values() for cell in own), default=0) for name, by in seen.items()}
    table = {}
    for name, by in seen.items():
        by_day = {who: frozenset(own) for who, own in by.items()}
        table[name, Period.DAY] = by_day
        table[name, Period.NIGHT] = by_day if night else {}
    return CellCoverage({own.id: own for own in site.scene.key_places}, cells, table, site.scene.cameras)
