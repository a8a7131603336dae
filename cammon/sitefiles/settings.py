"""site.toml: everything about a site that is not in a table or on the map. Unknown keys are faults, not surprises."""

import re
from datetime import time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from cammon.sitefiles.address import host_and_port
from cammon.sitefiles.faults import Wrong
from cammon.sitefiles.frame import LOCAL, UnknownFrame, horizontal_system
from cammon_probes.model import PICTURE_FAULTS, Fault
from cammon_probes.tls import fingerprint_of

SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
CURRENCY = re.compile(r"[A-Z]{3}")
CLOCK = re.compile(r"\d{2}:\d{2}")


def _slug(text: str) -> str:
    if not SLUG.fullmatch(text):
        raise PydanticCustomError("bad_slug", "")
    return text


def _time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, OSError) as error:  # ZoneInfoNotFoundError is a KeyError only in name lookups
        raise PydanticCustomError("unknown_time_zone", "") from error
    except KeyError as error:
        raise PydanticCustomError("unknown_time_zone", "") from error
    return text


def _clock(text: str) -> str:
    try:
        time.fromisoformat(text if CLOCK.fullmatch(text) else "")
    except ValueError as error:
        raise PydanticCustomError("bad_clock", "") from error
    return text


def _host_and_port(text: str) -> str:
    try:
        host_and_port(text)
    except Wrong as error:
        raise PydanticCustomError("bad_host_and_port", "") from error
    return text


def _currency(text: str) -> str:
    if not CURRENCY.fullmatch(text):
        raise PydanticCustomError("bad_currency", "")
    return text


def _crs(text: str) -> str:
    name = text.strip().upper()
    if name == LOCAL.upper():
        return LOCAL
    try:
        horizontal_system(name if name.startswith("EPSG:") else "")
    except UnknownFrame as error:
        raise PydanticCustomError("unknown_crs", "") from error
    return name


def _fault(name: str) -> str:
    if name not in set(Fault):
        raise PydanticCustomError("unknown_fault", "")
    return name


def _check(name: str) -> str:
    if name not in PICTURE_FAULTS:
        raise PydanticCustomError("unknown_check", "")
    return name


def _fingerprint(text: str) -> str:
    try:
        return fingerprint_of(text)
    except ValueError as error:
        raise PydanticCustomError("bad_fingerprint", "") from error


def _environment_name(text: str) -> str:
    if not ENVIRONMENT_NAME.fullmatch(text):
        raise PydanticCustomError("bad_environment_name", "")
    return text


Seconds = Annotated[float, Field(ge=1.0, le=86400.0 * 7)]
Count = Annotated[int, Field(ge=1, le=100)]
Money = Annotated[float, Field(ge=0.0, le=1e9)]
Clock = Annotated[str, AfterValidator(_clock)]
Rate = Annotated[float, Field(ge=0.1, le=100_000.0)]
Line = Annotated[str, Field(max_length=200)]


class Strict(BaseModel):
    """Values of exactly the kind asked for, no unknown key."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class DaySettings(Strict):
    """[day]"""

    rule: Literal["sun", "fixed", "always", "never"] | None = None
    sunrise: Clock = "06:30"
    sunset: Clock = "18:30"


class Patience(Strict):
    """[probing.faults.NAME]"""

    confirm_after: Count | None = None
    clear_after: Count | None = None


class TierSettings(Strict):
    """[probing] and [probing.tiers.NAME]; what a tier leaves out is as in [probing]."""

    liveness_s: Seconds | None = None
    picture_s: Seconds | None = None
    device_s: Seconds | None = None
    deadline_s: Annotated[float, Field(ge=0.5, le=120.0)] | None = None
    dead_max_s: Seconds | None = None
    faint_s: Seconds | None = None
    confirm_after: Count | None = None
    clear_after: Count | None = None
    picture_stream: Literal["main", "sub", "snapshot"] | None = None
    picture_frames: Annotated[int, Field(ge=1, le=3)] | None = None
    faults: dict[Annotated[str, AfterValidator(_fault)], Patience] = Field(default_factory=dict)


class ProbingSettings(TierSettings):
    """[probing]"""

    tiers: dict[Line, TierSettings] = Field(default_factory=dict)
    login_pause_s: Seconds | None = None


class LimitSettings(Strict):
    """[limits.recorder.ID], [limits.switch.ID], [limits.link.ID]"""

    sessions: Annotated[int, Field(ge=1, le=10_000)] | None = None
    mbit_s: Rate | None = None


class LimitsSettings(Strict):
    """[limits]"""

    main_mbit_s: Rate | None = None
    sub_mbit_s: Rate | None = None
    recorder: dict[Line, LimitSettings] = Field(default_factory=dict)
    switch: dict[Line, LimitSettings] = Field(default_factory=dict)
    link: dict[Line, LimitSettings] = Field(default_factory=dict)


class SelfCheckSettings(Strict):
    """[self_check]"""

    late_s: Seconds | None = None
    own_camera: bool | None = None
    reference: Annotated[str, AfterValidator(_host_and_port)] | None = None


class CostSettings(Strict):
    """[lifecycle.cost]"""

    clean: Money | None = None
    refocus: Money | None = None
    re_aim: Money | None = None
    repair: Money | None = None
    replace: Money | None = None
    add: Money | None = None


class LifecycleSettings(Strict):
    """[lifecycle]"""

    service_life_years: Annotated[float, Field(gt=0.0, le=100.0)] | None = None
    clock_tolerance_s: Annotated[float, Field(gt=0.0, le=86400.0)] | None = None
    cost: CostSettings = CostSettings()


class CredentialSettings(Strict):
    """[credentials.NAME]: exactly one place that the login comes from."""

    env: Annotated[str, AfterValidator(_environment_name)] | None = None
    file: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    store: Literal[True] | None = None

    @model_validator(mode="after")
    def _one_source(self) -> "CredentialSettings":
        if sum(source is not None for source in (self.env, self.file, self.store)) != 1:
            raise PydanticCustomError("one_login_source", "")
        return self


class TlsSettings(Strict):
    """[tls]: certificates that are accepted beside those of the system's authorities."""

    trusted: list[Annotated[str, AfterValidator(_fingerprint)]] = Field(default_factory=list)
    authorities: Annotated[str, Field(min_length=1, max_length=1000)] | None = None


class ContactSettings(Strict):
    """[contacts.NAME]: whom a key place's `owner` means."""

    name: Line = ""
    phone: Line = ""


class CoverageSettings(Strict):
    """[coverage]"""

    weights: dict[Literal["1", "2", "3"], Annotated[float, Field(gt=0.0, le=1e6)]] = Field(default_factory=dict)
    tolerance_share: Annotated[float, Field(ge=0.0, le=0.5)] | None = None
    hole_length_m: Annotated[float, Field(ge=0.0, le=1000.0)] | None = None
    hole_area_m2: Annotated[float, Field(ge=0.0, le=1e6)] | None = None
    blind_severity: Annotated[float, Field(gt=0.0, le=1.0)] | None = None


class PlanSettings(Strict):
    """[plan]: where plan.png lies, in the map's coordinates: [min x, min y, max x, max y]."""

    bounds: Annotated[list[float], Field(min_length=4, max_length=4)]

    @model_validator(mode="after")
    def _ordered(self) -> "PlanSettings":
        low_x, low_y, high_x, high_y = self.bounds
        if low_x >= high_x or low_y >= high_y:
            raise PydanticCustomError("bad_bounds", "")
        return self


class TerrainSettings(Strict):
    """[terrain]: a GeoTIFF of ground heights beside site.toml, and the resolution to answer in."""

    file: Annotated[str, Field(min_length=1, max_length=1000)]
    resolution_m: Annotated[float, Field(ge=0.05, le=1000.0)] | None = None


class GradeSettings(Strict):
    """[pose.GRADE]: standard deviations of a pose of that grade; what is left out is as built in."""

    azimuth_sd_deg: Annotated[float, Field(ge=0.0, le=180.0)] | None = None
    tilt_sd_deg: Annotated[float, Field(ge=0.0, le=90.0)] | None = None
    roll_sd_deg: Annotated[float, Field(ge=0.0, le=180.0)] | None = None
    hfov_sd_pct: Annotated[float, Field(ge=0.0, le=100.0)] | None = None


class PoseSettings(Strict):
    """[pose]: by grade, from the least proven to the most."""

    declared: GradeSettings = GradeSettings()
    ledger: GradeSettings = GradeSettings()
    calibrated: GradeSettings = GradeSettings()
    walked: GradeSettings = GradeSettings()


class Settings(Strict):
    """The whole of site.toml."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    id: Annotated[str, AfterValidator(_slug)] | None = None
    language: Literal["zh", "en"] = "zh"
    time_zone: Annotated[str, AfterValidator(_time_zone)] = "Asia/Shanghai"
    currency: Annotated[str, AfterValidator(_currency)] = "CNY"
    crs: Annotated[str, AfterValidator(_crs)] = LOCAL
    latitude: Annotated[float, Field(ge=-90.0, le=90.0)] | None = None
    longitude: Annotated[float, Field(ge=-180.0, le=180.0)] | None = None
    density_model: Literal["iec-flat", "arc", "datasheet"] = "iec-flat"
    shift_starts: Annotated[list[Clock], Field(min_length=1, max_length=24)] = Field(
        default_factory=lambda: ["08:00", "20:00"]
    )
    day: DaySettings = DaySettings()
    probing: ProbingSettings = ProbingSettings()
    limits: LimitsSettings = LimitsSettings()
    self_check: SelfCheckSettings = SelfCheckSettings()
    lifecycle: LifecycleSettings = LifecycleSettings()
    thresholds: dict[Annotated[str, AfterValidator(_check)], dict[Line, float]] = Field(default_factory=dict)
    credentials: dict[Line, CredentialSettings] = Field(default_factory=dict)
    tls: TlsSettings = TlsSettings()
    contacts: dict[Line, ContactSettings] = Field(default_factory=dict)
    coverage: CoverageSettings = CoverageSettings()
    pose: PoseSettings = PoseSettings()
    plan: PlanSettings | None = None
    terrain: TerrainSettings | None = None

    @model_validator(mode="after")
    def _sun_needs_a_position(self) -> "Settings":
        if self.day.rule == "sun" and (self.latitude is None or self.longitude is None):
            raise PydanticCustomError("sun_without_position", "")
        return self
