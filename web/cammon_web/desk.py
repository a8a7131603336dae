"""The desk: everything that pages ask for, and the few things that people do on them.

`web/` knows this protocol and nothing behind it. Values arrive ready: no arithmetic in views or templates.
Times are aware UTC; pages show them in `SiteView.time_zone`. Codes (faults, reasons, actions) are put into words by
`cammon_web.words`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from cammon_coverage.model import Basis, Period, Reason
from cammon_probes.model import DeviceFacts, PoseChange, Step


class Role(StrEnum):
    """What a user may do: see; also acknowledge and accept; also manage users."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class User:
    """A person who has logged in."""

    name: str
    role: Role
    must_change_password: bool = False


class HealthState(StrEnum):
    """The health of a camera."""

    UNKNOWN = "unknown"
    OK = "ok"
    SUSPECT = "suspect"
    FAULTY = "faulty"


class PlaceState(StrEnum):
    """A key place now: covered, dark (nothing of it seen), partly seen, or not known."""

    COVERED = "covered"
    PARTLY = "partly"
    DARK = "dark"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SiteView:
    """What every page's head needs."""

    id: str
    name: str
    language: str
    time_zone: ZoneInfo
    currency: str
    problems: int
    """rows of the site files that were set aside"""


@dataclass(frozen=True, slots=True)
class Looking:
    """Whether cammon itself is looking, and how old the data is."""

    at: datetime
    running: bool
    last_reading_at: datetime | None
    age_s: float | None
    cameras: int
    looked_at: int
    """cameras with a reading within three of their intervals"""
    late_s: float
    """how late the most overdue probe is"""
    cause: str = ""
    """"" when all is well, else a code: `starting`, `stopped`, `late`, `own_network`, `canary`, `reference`"""
    doubts: bool = False
    """whether cammon doubts itself: what it finds wrong now counts as unknown"""
    since: datetime | None = None
    """since when it does"""


@dataclass(frozen=True, slots=True)
class CameraRow:
    """One camera in a list."""

    id: str
    name: str
    health: HealthState
    faults: tuple[str, ...]
    """confirmed faults; for a suspect the ones not yet confirmed"""
    since: datetime | None
    last_looked_at: datetime | None
    picture: str | None
    """opaque id of its newest picture"""
    picture_at: datetime | None
    zone: str = ""
    device: str = ""
    switch: str = ""
    recorder: str = ""
    maintainer: str = ""
    phone: str = ""
    has_pose: bool = True


class Agreement(StrEnum):
    """What geometry says by design of a camera that is, or is not, said to see a key place (挂接)."""

    SEEN = "declared_and_seen"
    NOT_SEEN = "declared_not_seen"
    UNPROVEN = "declared_unproven"
    """the camera has no pose, or the place is not on the map"""
    NOT_DECLARED = "seen_not_declared"


@dataclass(frozen=True, slots=True)
class DeclaredRow:
    """One camera and one key place. `share` that geometry says it sees by design, None where it cannot say.

    `works`: whether the camera works now, None while not known. `reasons`: why it sees nothing of the place.
    """

    camera: str
    name: str
    agreement: Agreement
    share: float | None
    works: bool | None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class DeclaredOnlyRow:
    """Places covered by declaration alone, in none of the four figures; None while not known.

    `contradicted`: those of them for which geometry says of every such camera that it sees nothing. `of`: all places.
    """

    basis: Basis
    period: Period
    places: int | None
    contradicted: int | None
    of: int


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One key place as it is now."""

    id: str
    name: str
    priority: int
    level_px_per_m: float
    state: PlaceState
    share: float | None
    since: datetime | None
    """since when it has not been covered"""
    reasons: tuple[Reason, ...]
    cameras: tuple[CameraRow, ...]
    """the cameras that cover it now, or that would if they worked"""
    design_day: bool
    design_night: bool
    owner: str = ""
    phone: str = ""
    declared: tuple[DeclaredRow, ...] = ()
    """who is said to see it, in the present light; beside the figures, never in them"""


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """A confirmed fault from opening to verified closing."""

    id: int
    camera: str
    camera_name: str
    fault: str
    since: datetime
    """first bad reading"""
    confirmed_at: datetime
    closed_at: datetime | None
    picture: str | None
    acknowledged_by: str = ""
    note: str = ""
    places: tuple[str, ...] = ()
    """names of key places that are not covered because of it"""


@dataclass(frozen=True, slots=True)
class IncidentGroup:
    """Incidents with one cause. `kind` is camera, switch or recorder; `id` names it."""

    kind: str
    id: str
    since: datetime
    incidents: tuple[IncidentRow, ...]


@dataclass(frozen=True, slots=True)
class RatioRow:
    """One of the four figures that always stand together."""

    basis: Basis
    period: Period
    ratio: float | None
    weighted_ratio: float | None
    area_share: float | None
    covered: int
    places: int


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """Key places that hang on one thing."""

    kind: str
    id: str
    name: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatusView:
    """The first screen, in its order."""

    looking: Looking
    period: Period
    dark: tuple[PlaceRow, ...]
    """key places not covered now, highest priority first, then longest dark"""
    shift_began: datetime
    new: tuple[IncidentGroup, ...]
    open: tuple[IncidentGroup, ...]
    """all open ones, those of `new` included"""
    ratios: tuple[RatioRow, ...]
    threads: tuple[ThreadRow, ...]
    health: Mapping[HealthState, int]
    declared_only: tuple[DeclaredOnlyRow, ...] = ()
    """empty where nobody declares anything"""
    unconfirmed: int = 0
    """cameras whose first view nobody has confirmed"""


class ShapeKind(StrEnum):
    """What a shape on the map is; drawn in this order, losses last."""

    BOUNDARY = "boundary"
    LIT = "lit"
    WATCHED = "watched"
    """the union of what working cameras see now at 25 px/m"""
    OBSTACLE = "obstacle"
    PLACE = "place"
    LOST = "lost"
    """parts of key places that are designed to be covered and are not, now"""
    BLIND = "blind"
    """parts of key places that no camera covers even by design"""
    CAMERA = "camera"


@dataclass(frozen=True, slots=True)
class Shape:
    """One thing on the map. `paths`: closed rings (`closed`) or lines of (x, y) in local metres, y north.

    A point (camera, point-like place) is a path of one position. `state` is a HealthState or PlaceState.
    """

    kind: ShapeKind
    id: str
    name: str
    paths: tuple[tuple[tuple[float, float], ...], ...]
    closed: bool = True
    state: str = ""
    azimuth_deg: float | None = None
    note: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class MapView:
    """The map now. `bounds` = (min x, min y, max x, max y) in metres."""

    bounds: tuple[float, float, float, float]
    shapes: tuple[Shape, ...]
    at: datetime
    period: Period


@dataclass(frozen=True, slots=True)
class ProbeRow:
    """The newest look of one kind at one camera."""

    kind: str
    at: datetime
    ok: bool
    fault: str | None
    took_ms: float
    steps: tuple[Step, ...]
    evidence: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FindingRow:
    """What a picture check measured on the newest picture; how much resolution is lost, what is hidden (rows of a
    grid, # hidden), how far it was turned, where a check tells."""

    fault: str
    score: float
    measured: float
    unit: str
    bad: bool
    resolution_loss: float | None = None
    hidden: tuple[str, ...] = ()
    moved: PoseChange | None = None

    @property
    def explained(self) -> bool:
        """Whether it looks bad because of another fault alone: a turned camera hides all that it used to see."""
        return not self.bad and self.score > 0.5


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A measure of the pictures now as a share of what is usual at the same hours."""

    measure: str
    share: float


@dataclass(frozen=True, slots=True)
class MaskView:
    """A privacy mask over a picture: closed rings of (x, y), shares of its width and height from the upper left."""

    name: str
    rings: tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True, slots=True)
class TurnedView:
    """The accepted view is not the one that the ledger describes: how far it was turned, and where it looks now, in
    degrees; None where its picture did not tell."""

    change: PoseChange | None = None
    azimuth_deg: float | None = None
    tilt_deg: float | None = None
    hfov_deg: float | None = None


@dataclass(frozen=True, slots=True)
class CameraView:
    """Everything about one camera."""

    row: CameraRow
    model: str
    address: str
    installed_on: str
    pose: str
    """a ready sentence of figures, for example "x 120.0 y 88.5 h 6.0 m, 135° / 12°", "" without pose"""
    facts: DeviceFacts | None
    probes: tuple[ProbeRow, ...]
    findings: tuple[FindingRow, ...]
    incidents: tuple[IncidentRow, ...]
    """newest first"""
    places: tuple[PlaceRow, ...]
    """key places that it covers by design"""
    masks: tuple[MaskView, ...] = ()
    picture_size: tuple[int, int] = (16, 9)
    """its shape, for drawing the masks over it"""
    notes: tuple[str, ...] = ()
    """what a reader of the findings has to know, in codes"""
    trend: tuple[str, Mapping[str, str | float]] | None = None
    """what its pictures are heading for, as a piece of evidence"""
    compared: tuple[ComparedRow, ...] = ()
    """the last day against the same hours of the past weeks"""
    accepted_at: datetime | None = None
    """when a person last said that it should look like this"""
    accepted_by: str = ""
    turned: TurnedView | None = None
    unconfirmed: bool = False
    """its good pictures are those that it began with, and nobody has looked at them"""


@dataclass(frozen=True, slots=True)
class FirstView:
    """A camera whose view nobody has confirmed, and its good pictures: (id, time), one of each light."""

    id: str
    name: str
    pictures: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True, slots=True)
class Gain:
    """A key place that an action brings back, in one period."""

    place: str
    name: str
    priority: int
    period: Period


@dataclass(frozen=True, slots=True)
class UpgradeRow:
    """One row of the upgrade list. `action`: clean, refocus, re_aim, repair, replace, add.

    `reason`: broken, aged, outdated, blind. `evidence`: reasons in codes. `cumulative`: weighted share of key places
    covered (the worse of day and night) after this action and all above it.
    """

    rank: int
    action: str
    reason: str
    camera: str
    camera_name: str
    target_model: str
    cost: float
    currency: str
    evidence: tuple[Reason | tuple[str, Mapping[str, str | float]], ...]
    gains: tuple[Gain, ...]
    cumulative: float
    kind: str = "camera"
    """what `camera` names: a camera, device, switch, recorder, power circuit or mounting_place"""
    together_with: tuple[str, ...] = ()
    """neighbouring rows without which the gains of this one do not come true"""


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A fault of a site file, in words already chosen for the reader's language. `sentence` is what is wrong and what
    would be right; the rest says where."""

    severity: str
    file: str
    where: str
    column: str
    value: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored picture, as a browser takes it."""

    camera: str
    at: datetime
    jpeg: bytes


class LoginRefused(Exception):
    """The login was not right; `args[0]` is a code: `wrong`, `locked`."""


class Desk(Protocol):
    """What pages may ask. Every call is cheap: answers come from the store and from what was computed at a change."""

    def site(self) -> SiteView:
        """Name, language, time zone."""

    def looking(self) -> Looking:
        """Is cammon itself looking?"""

    def status(self) -> StatusView:
        """The first screen."""

    def cameras(self) -> Sequence[CameraRow]:
        """All cameras, worst first."""

    def camera(self, camera_id: str) -> CameraView | None:
        """One camera, None when there is none of that id."""

    def places(self) -> Sequence[PlaceRow]:
        """All key places, worst first."""

    def map(self) -> MapView | None:
        """The map now; None for a site without geometry."""

    def upgrades(self) -> Sequence[UpgradeRow]:
        """The upgrade list, best first."""

    def problems(self, language: str) -> Sequence[ProblemRow]:
        """What was set aside in the site files."""

    def picture(self, picture_id: str) -> Picture | None:
        """A picture by its opaque id."""

    def acknowledge(self, incident: int, user: User, note: str) -> bool:
        """Put a name and a note on an open incident; False when there is none of that id."""

    def accept_view(self, camera_id: str, user: User) -> bool:
        """The camera should look as in its newest picture from now on; False when it has no picture."""

    def ledger_is_right(self, camera_id: str, user: User) -> bool:
        """The accepted view is the one that the ledger describes; False when nothing says otherwise."""

    def first_views(self) -> Sequence[FirstView]:
        """Cameras whose good pictures nobody has confirmed, with these."""

    def confirm_view(self, camera_id: str, user: User) -> bool:
        """Its good pictures show all that they should; False when it has none, or somebody has said so before."""

    def accept_device(self, camera_id: str, user: User) -> bool:
        """The device and firmware that answer now are meant to be there; False when they have said nothing yet."""

    def first_login_pending(self) -> bool:
        """Whether no user exists yet."""

    def create_first_user(self, token: str, name: str, password: str) -> User:
        """The first administrator, by the one-time token. Raises LoginRefused."""

    def log_in(self, name: str, password: str, address: str) -> User:
        """Raises LoginRefused; counts failures by name and address and locks for a while."""

    def user(self, name: str) -> User | None:
        """A user by name, None when gone."""

    def record_view(self, user: User, what: str) -> None:
        """Append to the audit trail (picture views, exports)."""

    def metrics(self) -> bytes:
        """The Prometheus text exposition."""

    def metrics_token(self) -> str | None:
        """The bearer token that /metrics asks of callers from other machines; None: refuse them."""
