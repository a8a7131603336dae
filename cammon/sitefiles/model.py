"""What a site folder says, after it was read once and checked whole. Frozen; rooms receive parts of it as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from shapely.geometry.base import BaseGeometry

from cammon.sitefiles.frame import MapFrame
from cammon_coverage.draws import DEVIATIONS, Deviations, PoseGrade
from cammon_coverage.model import Pose, Scene
from cammon_coverage.terrain import Terrain
from cammon_probes.model import DEVICE_SERVICE, StreamFormat, Trust


class Severity(StrEnum):
    """Fatal: the start stops. Row: this row is set aside. Warning: it stays, visibly."""

    FATAL = "fatal"
    ROW = "row"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in one site file. `code` and `params` become a sentence with its remedy at the edge.

    `where` is a row ("row 17"), a feature ("feature 4 (KP-03)") or a key ("probing.liveness_s"), "" for a whole file.
    `value` is cut to a length that fits a line, and empty where showing it would show a secret.
    """

    severity: Severity
    file: str
    where: str
    column: str
    value: str
    code: str
    params: Mapping[str, str | float] = field(default_factory=dict)


class CameraKind(StrEnum):
    """What sort of camera hangs there."""

    FIXED = "fixed"
    PTZ = "ptz"
    PANORAMIC = "panoramic"
    THERMAL = "thermal"
    MOBILE = "mobile"


@dataclass(frozen=True, slots=True)
class Mask:
    """A privacy mask: an outline (Polygon or MultiPolygon) in the camera's picture at home, as shares of its width and
    height from its upper left corner. `row` of masks.csv."""

    name: str
    outline: BaseGeometry
    row: int


@dataclass(frozen=True, slots=True)
class LedgerCamera:
    """One row of cameras.csv. Only `id` is sure to be there; a camera without `pose` is monitored all the same."""

    id: str
    name: str
    device: str
    row: int
    pose: Pose | None = None
    model: str = ""
    kind: CameraKind = CameraKind.FIXED
    tier: str = ""
    host: str | None = None
    rtsp_port: int = 554
    rtsp_path: str = "/"
    sub_path: str | None = None
    onvif_port: int | None = None
    onvif_scheme: str = "http"
    rtsp_scheme: str = "rtsp"
    onvif_path: str = DEVICE_SERVICE
    picture_stream: str | None = None
    """where its pictures come from; None: as its tier says"""
    snapshot_path: str | None = None
    """where its JPEG lies on `onvif_port`; None: where the device says"""
    credential: str | None = None
    expected: StreamFormat = StreamFormat()
    serial: str | None = None
    mac: str | None = None
    switch: str | None = None
    port: str | None = None
    recorder: str | None = None
    link: str | None = None
    power: str | None = None
    pole: str = ""
    zone: str = ""
    floor: str = ""
    owner: str = ""
    maintainer: str = ""
    phone: str = ""
    installed_on: date | None = None
    service_life_years: float | None = None
    certificate_until: date | None = None
    pose_grade: str = "ledger"
    azimuth_sd_deg: float | None = None
    """Standard deviations that calibration wrote; None: those of the pose grade."""
    tilt_sd_deg: float | None = None
    hfov_sd_pct: float | None = None
    notes: str = ""
    masks: tuple[Mask, ...] = ()
    """What of its picture is hidden on purpose; no picture check calls that a fault."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A position that a PTZ camera can be sent to; `home` is where it looks when nobody steers it."""

    camera: str
    name: str
    azimuth_deg: float
    tilt_deg: float
    hfov_deg: float
    home: bool = False


@dataclass(frozen=True, slots=True)
class CatalogModel:
    """A camera model that can be bought, or that hangs somewhere and has an end of life."""

    model: str
    maker: str = ""
    width_px: int | None = None
    height_px: int | None = None
    hfov_min_deg: float | None = None
    hfov_max_deg: float | None = None
    night_range_m: float | None = None
    price: float | None = None
    end_of_life: date | None = None
    available: bool = True


class DayRule(StrEnum):
    """How day and night are told apart."""

    SUN = "sun"
    FIXED = "fixed"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Daylight:
    """Day by the sun at (latitude, longitude), by fixed local hours, always, or never (underground)."""

    rule: DayRule = DayRule.FIXED
    latitude: float | None = None
    longitude: float | None = None
    sunrise: str = "06:30"
    sunset: str = "18:30"


@dataclass(frozen=True, slots=True)
class Probing:
    """Cadence and patience of the probes, for one tier of cameras."""

    liveness_s: float = 30.0
    picture_s: float = 300.0
    device_s: float = 21600.0
    deadline_s: float = 10.0
    confirm_after: int = 2
    clear_after: int = 2
    faint_s: float = 43200.0
    """how long a faint fault of the picture has to last before it is confirmed"""
    picture_stream: str = "sub"
    picture_frames: int = 1
    """pictures that a picture look takes in a row; one more where hardly anything changed since the last look"""
    dead_max_s: float = 120.0
    """the longest wait before a camera that does not answer is looked at again"""
    faults: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Confirm and clear counts of single faults that differ from the tier's."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What may be asked of one shared thing at once; None: as much as one likes."""

    sessions: int | None = None
    mbit_s: float | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of recorders, switches and links by (kind, id), and what a picture is taken to cost of them.

    `main_mbit_s` and `sub_mbit_s` are the most that a main and a sub stream of this site send in a second.
    """

    of: Mapping[tuple[str, str], Limit] = field(default_factory=dict)
    main_mbit_s: float = 8.0
    sub_mbit_s: float = 2.0


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """When cammon doubts itself: looks late by `late_s`, its own camera or the `reference` (host, port) gone."""

    late_s: float = 30.0
    own_camera: bool = True
    reference: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """When a camera counts as aged or outdated, and what things cost when the catalog does not say."""

    service_life_years: float = 8.0
    clock_tolerance_s: float = 10.0
    cost: Mapping[str, float] = field(
        default_factory=lambda: {
            "clean": 150.0,
            "refocus": 200.0,
            "re_aim": 200.0,
            "repair": 600.0,
            "replace": 3000.0,
            "add": 5000.0,
        }
    )


@dataclass(frozen=True, slots=True)
class CredentialSource:
    """Where a login comes from: an environment variable or a file, each holding `user:password`, or the encrypted
    store beside the database."""

    name: str
    env: str | None = None
    file: Path | None = None
    store: bool = False


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What the picture checks call bad where a site differs from the built-in figures: check -> field -> number."""

    checks: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call about a key place or a camera."""

    name: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """A whole site. `version` is the hash of its files; `problems` are the rows set aside and the warnings.

    `scene` holds, in local metres, everything with geometry; cameras without a pose are in `cameras` only.
    `declared` maps a key place to the cameras that are said to see it.
    """

    id: str
    name: str
    folder: Path
    version: str
    language: str = "zh"
    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    currency: str = "CNY"
    crs: str = "local"
    daylight: Daylight = Daylight()
    shift_starts: tuple[str, ...] = ("08:00", "20:00")
    tiers: Mapping[str, Probing] = field(default_factory=lambda: {"": Probing()})
    login_pause_s: float = 1800.0
    """after a refused login no further one goes to that host for so long; site.toml [probing] login_pause_s"""
    limits: Limits = Limits()
    self_check: SelfCheck = SelfCheck()
    blind_severity: float = 0.9
    """from this severity on a camera with noise, bad exposure or low contrast counts as blind"""
    trust: Trust = field(default_factory=Trust)
    """certificates that are accepted beside those of the system's authorities; site.toml [tls]"""
    lifecycle: Lifecycle = Lifecycle()
    thresholds: Thresholds = Thresholds()
    credentials: Mapping[str, CredentialSource] = field(default_factory=dict)
    cameras: tuple[LedgerCamera, ...] = ()
    scene: Scene = Scene((), ())
    declared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    catalog: Mapping[str, CatalogModel] = field(default_factory=dict)
    contacts: Mapping[str, Contact] = field(default_factory=dict)
    """Key place -> whom to call (its owner)."""
    plan: Path | None = None
    problems: tuple[Problem, ...] = ()
    frame: MapFrame = field(default_factory=MapFrame)
    """Between the map's own coordinates and the local metres of `scene`."""
    presets: Mapping[str, tuple[Preset, ...]] = field(default_factory=dict)
    """PTZ camera -> its presets."""
    plan_bounds: tuple[float, float, float, float] | None = None
    """(min x, min y, max x, max y) of the plan in local metres."""
    deviations: Mapping[PoseGrade, Deviations] = field(default_factory=lambda: DEVIATIONS)
    """How far a pose of each grade may be off; the ledger's own figures for a camera go before them."""
    terrain: Terrain | None = field(default=None, compare=False)
    """Ground heights in local metres; None: the site is taken as a plane."""

    def camera(self, camera_id: str) -> LedgerCamera:
        """The camera of that id; KeyError when the site has none."""
        for camera in self.cameras:
            if camera.id == camera_id:
                return camera
        raise KeyError(camera_id)

    def probing(self, camera: LedgerCamera) -> Probing:
        """Cadence and patience for this camera: its tier's, or the site's; its own picture stream where it has one."""
        tier = self.tiers.get(camera.tier, self.tiers[""])
        return tier if camera.picture_stream is None else replace(tier, picture_stream=camera.picture_stream)


@dataclass(frozen=True, slots=True)
class SiteReading:
    """What reading a site folder gave: the site (None when a problem is fatal) and every problem of every file."""

    site: Site | None
    problems: tuple[Problem, ...]

    @property
    def faults(self) -> tuple[Problem, ...]:
        """The problems that are wrong input, warnings left out."""
        return tuple(problem for problem in self.problems if problem.severity is not Severity.WARNING)
