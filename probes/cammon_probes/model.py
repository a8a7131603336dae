"""The nouns of probing: whom to ask, what came back, what a picture showed. Values only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]
"""A picture as height x width x 3, blue-green-red, 8 bits."""


class ProbeKind(StrEnum):
    """The three looks at a camera."""

    LIVENESS = "liveness"
    PICTURE = "picture"
    DEVICE = "device"


class Fault(StrEnum):
    """Every named thing that can be wrong with a camera."""

    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    BAD_RESPONSE = "bad_response"
    TOO_LARGE = "too_large"
    REDIRECTED = "redirected"
    DEVICE_ERROR = "device_error"
    AUTH_FAILED = "auth_failed"
    AUTH_LOCKED = "auth_locked"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    SESSION_LIMIT = "session_limit"
    TLS_UNTRUSTED = "tls_untrusted"
    NO_VIDEO = "no_video"
    STALLED = "stalled"
    UNDECODABLE = "undecodable"
    WRONG_FORMAT = "wrong_format"
    CLOCK_SKEW = "clock_skew"
    FIRMWARE_CHANGED = "firmware_changed"
    IDENTITY_CHANGED = "identity_changed"

    BLACK = "black"
    UNDEREXPOSED = "underexposed"
    OVEREXPOSED = "overexposed"
    BLUR = "blur"
    COVERED = "covered"
    PARTIAL = "partial"
    FROZEN = "frozen"
    LOW_CONTRAST = "low_contrast"
    COLOUR_CAST = "colour_cast"
    NOISE = "noise"
    STRIPES = "stripes"
    SIGNAL_LOSS = "signal_loss"
    CORRUPTED = "corrupted"
    MOVED = "moved"
    WRONG_CHANNEL = "wrong_channel"


PICTURE_FAULTS = frozenset(list(Fault)[list(Fault).index(Fault.BLACK) :])
DEVICE_FAULTS = frozenset({Fault.CLOCK_SKEW, Fault.FIRMWARE_CHANGED, Fault.IDENTITY_CHANGED})
STREAM_FAULTS = frozenset(Fault) - PICTURE_FAULTS - DEVICE_FAULTS
LOGIN_FAULTS = frozenset({Fault.AUTH_FAILED, Fault.AUTH_LOCKED})
"""After one of these no credentialed request goes to the host until the credential changes or a pause ends."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A login. The password never appears in a repr."""

    name: str
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """What a stream is, or by the ledger should be; None where nobody says."""

    codec: str | None = None
    width_px: int | None = None
    height_px: int | None = None
    rate_fps: float | None = None


DEVICE_SERVICE = "/onvif/device_service"
"""Where every ONVIF device answers, by the standard."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Which certificates count as a camera's own beside those that the system's authorities vouch for.

    `fingerprints` are SHA-256 of the certificate, upper-case hexadecimal; `authorities_pem` are further authorities.
    """

    fingerprints: frozenset[str] = frozenset()
    authorities_pem: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The instant by which a look must be over, handed down through every wait of it."""

    at_s: float
    monotonic: Callable[[], float]

    @classmethod
    def after(cls, seconds: float, monotonic: Callable[[], float]) -> "Deadline":
        """The deadline `seconds` from now on the given monotonic clock."""
        return cls(monotonic() + seconds, monotonic)

    def left_s(self) -> float:
        """Seconds left; never negative."""
        return max(0.0, self.at_s - self.monotonic())


class Turn(Protocol):
    """When a look may send its login. Looks that share an account may have to wait for each other."""

    def begin(self, deadline: Deadline) -> bool:
        """Asked when the camera wants a login, before the first one is sent: wait until it may be; False: not at all.

        Raises `LoginBusy` when that takes too long.
        """

    def accepted(self) -> None:
        """The camera took the login: what still comes of the look does not depend on it."""


class AnyTime:
    """The turn of a look that shares its login with no other."""

    def begin(self, _deadline: Deadline) -> bool:
        """At once."""
        return True

    def accepted(self) -> None:
        """Nobody waits for it."""


ANY_TIME = AnyTime()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one camera answers and how to log in there.

    `rtsp_path` and `sub_path` begin with a slash; `sub_path` is None where the camera has no second stream.
    `onvif_port` is None where the camera speaks no ONVIF. `snapshot_path` is an HTTP path on `onvif_port`, or None.
    A camera without RTSP has `rtsp_port` 0. `onvif_path` is where its device service answers, `onvif_scheme` is http
    or https; `rtsp_scheme` is rtsp or rtsps. `trust` says which certificates are accepted wherever the camera is asked
    over TLS. `turn` says when the login may be sent.
    """

    camera: str
    host: str
    rtsp_port: int = 554
    rtsp_path: str = "/"
    sub_path: str | None = None
    onvif_port: int | None = None
    snapshot_path: str | None = None
    credential: Credential | None = None
    expected: StreamFormat = StreamFormat()
    onvif_path: str = DEVICE_SERVICE
    onvif_scheme: str = "http"
    trust: Trust = Trust()
    rtsp_scheme: str = "rtsp"
    turn: Turn = field(default=ANY_TIME, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a probe did, in the order of doing: what, whether it went well, how long it took."""

    name: str
    ok: bool
    ms: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class PoseChange:
    """How far a picture has moved against its reference, in degrees; zoom as a factor (1 = unchanged)."""

    pan_deg: float
    tilt_deg: float
    roll_deg: float
    zoom: float


@dataclass(frozen=True, slots=True)
class Finding:
    """What one picture check says of one frame, also when all is well.

    `score` is 0 (surely healthy) to 1 (surely faulty), `measured` the number behind it in `unit`, `bad` the verdict.
    `hidden` (for `partial`) is a boolean grid of picture blocks, rows x columns, True where the view is hidden.
    `resolution_loss` (for `blur`) is the factor by which resolution has dropped (1 = none).
    """

    fault: Fault
    score: float
    measured: float
    unit: str
    bad: bool
    hidden: NDArray[np.bool_] | None = field(default=None, compare=False)
    resolution_loss: float | None = None
    moved: PoseChange | None = None


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What a device says of itself; None where it does not. URIs as reported, never followed blindly."""

    manufacturer: str | None = None
    model: str | None = None
    firmware: str | None = None
    serial: str | None = None
    mac: str | None = None
    clock_offset_s: float | None = None
    profiles: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    """tokens of the video sources: the channels of a recorder"""
    stream_uri: str | None = None
    stream_uri_used: str | None = None
    snapshot_uri: str | None = None
    snapshot_uri_used: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What one probe of one camera found. A camera that fails is data: `fault` names it, `evidence` shows it.

    `frame` is the picture of a picture look; `later` are those after it in the same stream, in order, where more than
    one was asked for.
    `notes` are codes of what a reader of the findings has to know; none of them is a fault.
    `of_main`: whether `stream` is the main stream, which is the one that the ledger describes.
    """

    camera: str
    kind: ProbeKind
    at: datetime
    fault: Fault | None = None
    evidence: Mapping[str, str | int | float] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    stream: StreamFormat | None = None
    of_main: bool = False
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    device: DeviceFacts | None = None
    frame: Frame | None = field(default=None, repr=False, compare=False)
    later: tuple[Frame, ...] = field(default=(), repr=False, compare=False)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Everything wrong in this reading: its own fault and the findings that are bad."""
        own = () if self.fault is None else (self.fault,)
        return own + tuple(finding.fault for finding in self.findings if finding.bad and finding.fault != self.fault)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    @property
    def took_ms(self) -> float:
        """How long the probe took."""
        return sum(step.ms for step in self.steps)
