"""A desk for tests and for looking at the pages: a small mine with faults that a test can set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from shapely import box, union_all

from cammon_coverage.model import Basis, Period, Reason, ReasonCode
from cammon_probes.model import DeviceFacts, Fault
from cammon_web.desk import (
    Agreement,
    CameraRow,
    CameraView,
    DeclaredOnlyRow,
    DeclaredRow,
    FirstView,
    HealthState,
    IncidentGroup,
    IncidentRow,
    LoginRefused,
    Looking,
    MapView,
    MaskView,
    Picture,
    PlaceRow,
    PlaceState,
    ProblemRow,
    RatioRow,
    Role,
    Shape,
    ShapeKind,
    SiteView,
    StatusView,
    ThreadRow,
    UpgradeRow,
    User,
)
from tests.web.fake_looks import Broken, findings, looks
from tests.web.fake_sights import jpeg, ring, rings, sector
from tests.web.fake_site import ALL_CAMERAS, BY_ID, OBSTACLES, PLACES
from tests.web.fake_upgrades import WEIGHTS, upgrade_rows

DECLARED = ("KP-03", "KP-04")
WINDOWS = MaskView("<窗> windows", (((0.0, 0.0), (0.25, 0.0), (0.25, 0.5), (0.0, 0.0)),))
NOON = datetime(2026, 3, 4, 4, 40, 5, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
TOKEN = "one-time-token"


SHIFT: Mapping[str, Broken] = {
    "C-24": Broken(Fault.BLACK, 12),
    "C-05": Broken(Fault.UNREACHABLE, 31),
    "C-06": Broken(Fault.UNREACHABLE, 31),
    "C-07": Broken(Fault.UNREACHABLE, 31),
    "C-08": Broken(Fault.UNREACHABLE, 31),
    "C-09": Broken(Fault.UNREACHABLE, 31),
    "C-12": Broken(Fault.BLUR, 2900),
    "C-19": Broken(Fault.PARTIAL, 3, HealthState.SUSPECT),
    "C-16": Broken(Fault.AUTH_FAILED, 200, HealthState.UNKNOWN),
}
"""A shift like any other: a switch without power, a black picture, a dirty lens, a refused login."""


@dataclass
class FakeDesk:
    """`broken` sets the state of the cameras; everything else follows from it."""

    broken: Mapping[str, Broken] = field(default_factory=lambda: dict(SHIFT))
    at: datetime = NOON
    period: Period = Period.DAY
    read: bool = True
    cause: str = ""
    with_map: bool = True
    rename: Mapping[str, str] = field(default_factory=dict)
    users: dict[str, tuple[str, Role]] = field(
        default_factory=lambda: {
            "王班长": ("correct horse battery", Role.OPERATOR),
            "viewer": ("correct horse battery", Role.VIEWER),
        }
    )
    views: list[tuple[str, str]] = field(default_factory=list)
    acknowledged: dict[int, tuple[str, str]] = field(default_factory=dict)
    accepted: list[tuple[str, str]] = field(default_factory=list)
    strangers: tuple[tuple[str, str], ...] = ()
    """cameras whose view nobody has confirmed: id and name"""
    confirmed: dict[str, str] = field(default_factory=dict)
    token: str | None = "scrape-me"
    locked: bool = False
    language: str = "zh"

    # -- the site

    def site(self) -> SiteView:
        return SiteView(
            "demo-mine", self.named("青山煤矿 Qingshan coal mine"), self.language, ZONE, "CNY", len(PROBLEMS)
        )

    def looking(self) -> Looking:
        last = self.at - timedelta(seconds=4) if self.read else None
        return Looking(
            at=self.at,
            running=self.cause != "stopped",
            last_reading_at=last,
            age_s=4.0 if self.read else None,
            cameras=len(ALL_CAMERAS),
            looked_at=len(ALL_CAMERAS) if self.read else 0,
            late_s=90.0 if self.cause == "late" else 0.0,
            cause=self.cause,
        )

    def problems(self, language: str) -> Sequence[ProblemRow]:
        return [replace(row, value=self.named(row.value)) for row in PROBLEMS]

    def named(self, name: str) -> str:
        return self.rename.get(name, self.rename.get("*", name))

    # -- cameras

    def _row(self, camera_id: str) -> CameraRow:
        camera, broken = BY_ID[camera_id], self.broken.get(camera_id)
        health = broken.health if broken else HealthState.OK if self.read else HealthState.UNKNOWN
        return CameraRow(
            id=camera.id,
            name=self.named(camera.name),
            health=health,
            faults=(broken.fault,) if broken else (),
            since=self._since(camera_id),
            last_looked_at=self.at - timedelta(seconds=7) if self.read else None,
            picture=f"pic-{camera.id}" if self.read else None,
            picture_at=(self._since(camera_id) or self.at - timedelta(minutes=2)) if self.read else None,
            zone=camera.zone,
            device=f"dev-{camera.id}",
            switch=camera.switch,
            recorder=camera.recorder,
            maintainer="监控维修组 CCTV crew",
            phone="+86 351 555 0199",
            has_pose=camera.id != "C-04",
        )

    def _since(self, camera_id: str) -> datetime | None:
        broken = self.broken.get(camera_id)
        return self.at - timedelta(minutes=broken.minutes) if broken else None

    def cameras(self) -> Sequence[CameraRow]:
        order = [HealthState.FAULTY, HealthState.SUSPECT, HealthState.UNKNOWN, HealthState.OK]
        return sorted((self._row(camera.id) for camera in ALL_CAMERAS), key=lambda row: order.index(row.health))

    def camera(self, camera_id: str) -> CameraView | None:
        if camera_id not in BY_ID:
            return None
        camera = BY_ID[camera_id]
        number = int(camera_id[2:])
        return CameraView(
            row=self._row(camera_id),
            unconfirmed=camera_id in [view.id for view in self.first_views()],
            model="DS-2CD3T46",
            address=f"127.0.9.{number}:554",
            installed_on="2019-06-01",
            pose=f"x {camera.x} y {camera.y} h 6.0 m, {camera.azimuth_deg}° / 12°",
            facts=DeviceFacts("Hikvision", "DS-2CD3T46WD", "V5.5.82", f"SN00{number}", None, 1.25),
            probes=looks(self.at, self.broken.get(camera_id)) if self.read else (),
            findings=findings(self.broken.get(camera_id)) if self.read else (),
            incidents=tuple(row for row in self._incidents() if row.camera == camera_id),
            places=tuple(row for row in self.places() if camera_id in _seen_by(row.id)),
            masks=(WINDOWS,) if number == 5 else (),
            picture_size=(1920, 1080),
        )

    # -- key places

    def places(self) -> Sequence[PlaceRow]:
        order = [PlaceState.DARK, PlaceState.PARTLY, PlaceState.UNKNOWN, PlaceState.COVERED]
        rows = [self._place(row[0]) for row in PLACES]
        return sorted(rows, key=lambda row: (order.index(row.state), row.priority, row.since or self.at))

    def _place(self, place_id: str) -> PlaceRow:
        _id, name, priority, level, _geometry, cameras, owner, phone = _PLACE[place_id]
        out = [camera for camera in cameras if self._blind(camera)]
        state, share = self._place_state(place_id, cameras, out)
        sinces = [since for since in map(self._since, out) if since]
        return PlaceRow(
            id=place_id,
            name=self.named(name),
            priority=priority,
            level_px_per_m=level,
            state=state,
            share=share,
            since=max(sinces) if sinces and state is not PlaceState.COVERED else None,
            reasons=() if state is PlaceState.COVERED else self._reasons(place_id, out),
            cameras=tuple(self._row(camera) for camera in cameras),
            design_day=bool(cameras),
            design_night=bool(cameras) and place_id != "KP-09",
            owner=self.named(owner),
            phone=phone,
            declared=self._declared(cameras) if place_id in DECLARED else (),
        )

    def _declared(self, cameras: Sequence[str]) -> tuple[DeclaredRow, ...]:
        first = cameras[0]
        turned = (Reason(ReasonCode.OUTSIDE_VIEW, {"camera": "C-07"}),)
        return (
            DeclaredRow(first, BY_ID[first].name, Agreement.SEEN, 1.0, not self._blind(first)),
            DeclaredRow("C-07", BY_ID["C-07"].name, Agreement.NOT_SEEN, 0.0, True, turned),
            DeclaredRow("C-04", BY_ID["C-04"].name, Agreement.UNPROVEN, None, None),
            DeclaredRow("C-08", BY_ID["C-08"].name, Agreement.NOT_DECLARED, 0.5, True),
        )

    def _blind(self, camera_id: str) -> bool:
        return camera_id in self.broken and self.broken[camera_id].health is HealthState.FAULTY

    def _place_state(
        self, place_id: str, cameras: Sequence[str], out: Sequence[str]
    ) -> tuple[PlaceState, float | None]:
        if not self.read:
            return PlaceState.UNKNOWN, None
        if not cameras:
            return PlaceState.DARK, 0.0
        if place_id == "KP-10" and out:
            return PlaceState.PARTLY, 0.42
        return (PlaceState.DARK, 0.0) if len(out) == len(cameras) else (PlaceState.COVERED, 1.0)

    def _reasons(self, place_id: str, out: Sequence[str]) -> tuple[Reason, ...]:
        if not self.read:
            return (Reason(ReasonCode.CAMERA_UNKNOWN, {"camera": "C-01", "fault": "not_looked_at"}),)
        if out:
            return tuple(
                Reason(ReasonCode.CAMERA_FAULTY, {"camera": camera, "fault": self.broken[camera].fault})
                for camera in out
            )
        if place_id == "KP-17":
            return (Reason(ReasonCode.NO_CAMERA_IN_RANGE),)
        return (
            Reason(ReasonCode.DENSITY_TOO_LOW, {"camera": "C-20", "density_px_per_m": 31.257, "level_px_per_m": 62.5}),
            Reason(ReasonCode.HIDDEN_BY_OBSTACLE, {"camera": "C-17", "obstacle": "B-19"}),
        )

    # -- incidents

    def _incidents(self) -> list[IncidentRow]:
        rows = []
        for number, (camera_id, broken) in enumerate(sorted(self.broken.items()), start=101):
            if broken.health is HealthState.SUSPECT:
                continue
            since = self.at - timedelta(minutes=broken.minutes)
            by, note = self.acknowledged.get(number, ("", ""))
            dark = tuple(
                place.name
                for place in map(self._place, _PLACE)
                if camera_id in _seen_by(place.id) and place.state is not PlaceState.COVERED
            )
            rows.append(
                IncidentRow(
                    number, camera_id, self.named(BY_ID[camera_id].name), broken.fault, since,
                    since + timedelta(minutes=1), None, f"pic-{camera_id}", by, self.named(note) if note else "", dark,
                )
            )  # fmt: skip
        return rows

    def _groups(self) -> list[IncidentGroup]:
        groups: dict[tuple[str, str], list[IncidentRow]] = {}
        for row in self._incidents():
            shared = row.fault == Fault.UNREACHABLE and BY_ID[row.camera].switch == "SW-2"
            groups.setdefault(("switch", "SW-2") if shared else ("camera", row.camera), []).append(row)
        made = [
            IncidentGroup(kind, name, min(r.since for r in rows), tuple(rows)) for (kind, name), rows in groups.items()
        ]
        return sorted(made, key=lambda group: group.since, reverse=True)

    def acknowledge(self, incident: int, user: User, note: str) -> bool:
        if incident not in {row.id for row in self._incidents()}:
            return False
        self.acknowledged[incident] = (user.name, note)
        return True

    def accept_view(self, camera_id: str, user: User) -> bool:
        if camera_id not in self.broken:
            return False
        self.accepted.append((f"view of {camera_id}", user.name))
        return True

    def ledger_is_right(self, camera_id: str, user: User) -> bool:
        if camera_id not in self.broken:
            return False
        self.accepted.append((f"ledger of {camera_id}", user.name))
        return True

    def first_views(self):
        shown = [(camera, name) for camera, name in self.strangers if camera not in self.confirmed]
        return tuple(FirstView(camera, name, (("p1", self.at),)) for camera, name in shown)

    def confirm_view(self, camera_id: str, user: User) -> bool:
        if camera_id in self.confirmed or camera_id not in dict(self.strangers):
            return False
        self.confirmed[camera_id] = user.name
        return True

    def accept_device(self, camera_id: str, user: User) -> bool:
        if camera_id not in self.broken:
            return False
        self.accepted.append((camera_id, user.name))
        return True

    # -- the first screen

    def status(self) -> StatusView:
        shift = self.at.replace(hour=0, minute=0, second=0)
        groups = self._groups()
        rows = self.cameras()
        return StatusView(
            looking=self.looking(),
            period=self.period,
            dark=tuple(sorted((p for p in self.places() if p.state is not PlaceState.COVERED), key=_dark_order)),
            shift_began=shift,
            new=tuple(group for group in groups if group.since >= shift),
            open=tuple(groups),
            ratios=tuple(self._ratio(basis, period) for basis in Basis for period in Period),
            threads=self._threads(),
            health={state: sum(row.health is state for row in rows) for state in HealthState},
            declared_only=(
                DeclaredOnlyRow(Basis.DESIGN, Period.DAY, 2, 1, len(PLACES)),
                DeclaredOnlyRow(Basis.EFFECTIVE, Period.DAY, 1 if self.read else None, 0, len(PLACES)),
            ),
            unconfirmed=len(self.first_views()),
        )

    def _ratio(self, basis: Basis, period: Period) -> RatioRow:
        places = [self._place(place_id) for place_id in _PLACE]
        if basis is Basis.DESIGN:
            covered = [p for p in places if (p.design_day if period is Period.DAY else p.design_night)]
        else:
            covered = [p for p in places if p.state is PlaceState.COVERED and (period is Period.DAY or p.design_night)]
        if basis is Basis.EFFECTIVE and not self.read:
            return RatioRow(basis, period, None, None, None, 0, len(places))
        weight = sum(WEIGHTS[p.priority] for p in covered) / sum(WEIGHTS[p.priority] for p in places)
        return RatioRow(basis, period, len(covered) / len(places), weight, 0.9134, len(covered), len(places))

    def _threads(self) -> tuple[ThreadRow, ...]:
        if not self.read:
            return ()
        covered = [p for p in self.places() if p.state is PlaceState.COVERED]
        hang = [(p.cameras[0], p.name) for p in covered if len([c for c in p.cameras if not c.faults]) == 1]
        rows = [ThreadRow("camera", camera.id, camera.name, (name,)) for camera, name in hang]
        switch = tuple(p.name for p in covered if {c.switch for c in p.cameras} == {"SW-1"})
        return (ThreadRow("switch", "SW-1", "SW-1", switch), *rows) if switch else tuple(rows)

    # -- the map

    def map(self) -> MapView | None:
        if not self.with_map:
            return None
        shapes = [Shape(ShapeKind.BOUNDARY, "site", "", (ring(box(0, 0, 600, 400)), ring(box(1300, 445, 1375, 510))))]
        shapes += [Shape(ShapeKind.WATCHED, "watched", "", rings(self._watched()))]
        shapes += [Shape(ShapeKind.OBSTACLE, b, self.named(name), (ring(box(*xy)),)) for b, name, xy in OBSTACLES]
        for place in self.places():
            shapes += self._place_shapes(place)
        for camera in ALL_CAMERAS:
            row = self._row(camera.id)
            shapes.append(
                Shape(
                    ShapeKind.CAMERA, camera.id, row.name, (((camera.x, camera.y),),), False, row.health,
                    camera.azimuth_deg,
                )
            )  # fmt: skip
        return MapView((0, 0, 1375, 510), tuple(shapes), self.at, self.period)

    def _place_shapes(self, place: PlaceRow) -> list[Shape]:
        geometry = tuple(_PLACE[place.id][4])
        closed = len(geometry) > 2
        shapes = [Shape(ShapeKind.PLACE, place.id, place.name, (geometry,), closed, place.state, None, place.reasons)]
        if place.state in (PlaceState.DARK, PlaceState.PARTLY):
            kind = ShapeKind.LOST if place.cameras else ShapeKind.BLIND
            shapes.append(Shape(kind, place.id, place.name, (geometry,), closed, place.state))
        return shapes

    def _watched(self):
        ground = union_all([box(*xy) for _b, _name, xy in OBSTACLES])
        return union_all([sector(c) for c in ALL_CAMERAS if not self._blind(c.id)]).difference(ground)

    # -- the upgrade list

    def upgrades(self) -> Sequence[UpgradeRow]:
        start = min(self._ratio(Basis.EFFECTIVE, period).weighted_ratio or 0.0 for period in Period)
        return upgrade_rows(self, start, ALL_WEIGHT) if self.read else []

    # -- pictures, people, metrics

    def picture(self, picture_id: str) -> Picture | None:
        camera_id = picture_id.removeprefix("pic-")
        if camera_id not in BY_ID or not self.read:
            return None
        broken = self.broken.get(camera_id)
        return Picture(camera_id, self.at, jpeg(camera_id, broken.fault if broken else ""))

    def first_login_pending(self) -> bool:
        return not self.users

    def create_first_user(self, token: str, name: str, password: str) -> User:
        if token != TOKEN or self.users:
            raise LoginRefused("wrong")
        self.users[name] = (password, Role.ADMIN)
        return User(name, Role.ADMIN)

    def log_in(self, name: str, password: str, address: str) -> User:
        if self.locked:
            raise LoginRefused("locked")
        if name not in self.users or self.users[name][0] != password:
            raise LoginRefused("wrong")
        return User(name, self.users[name][1])

    def user(self, name: str) -> User | None:
        return User(name, self.users[name][1]) if name in self.users else None

    def record_view(self, user: User, what: str) -> None:
        self.views.append((user.name, what))

    def metrics(self) -> bytes:
        return b'cammon_coverage_ratio{site="demo-mine",basis="effective",period="day"} 0.5\n'

    def metrics_token(self) -> str | None:
        return self.token


_PLACE = {row[0]: row for row in PLACES}
ALL_WEIGHT = sum(WEIGHTS[row[2]] for row in PLACES)
PROBLEMS = (
    ProblemRow("row", "cameras.csv", "row 17", "azimuth_deg", "north", "方位角应为数字（0 到 360 度，正北为 0）。"),
    ProblemRow("warning", "map.geojson", "feature 4 (KP-03)", "geometry", "", "多边形自接触，已修复。"),
)


def _seen_by(place_id: str) -> tuple[str, ...]:
    return _PLACE[place_id][5]


def _dark_order(place: PlaceRow) -> tuple[int, bool, datetime]:
    return place.priority, place.since is None, place.since or NOON
