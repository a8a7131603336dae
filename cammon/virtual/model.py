"""The nouns of the virtual cameras: what one is, who may log in, where its picture comes from. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from cammon_coverage.model import Period
from cammon_probes.model import Frame


class Scheme(StrEnum):
    """A way to log in over RTSP and HTTP."""

    DIGEST_MD5 = "digest-md5"
    DIGEST_SHA256 = "digest-sha256"
    BASIC = "basic"


@dataclass(frozen=True, slots=True)
class Login:
    """The one account of a camera and the schemes that it offers. The password never appears in a repr."""

    username: str
    password: str = field(repr=False)
    schemes: tuple[Scheme, ...] = (Scheme.DIGEST_MD5,)
    name: str = "demo"
    """the credential's name in the site files"""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a camera says of itself over ONVIF."""

    manufacturer: str = "cammon"
    model: str = "VC-1"
    firmware: str = "V5.7.3 build 230412"
    serial: str = "VC000001"
    mac: str = "02:00:00:00:00:01"


@dataclass(frozen=True, slots=True)
class StreamSpec:
    """One stream. `rate_fps` is what the camera declares (SDP, SPS); how many frames it really sends is the fleet's
    `send_fps`, as a camera in poor light sends fewer than it says. Width and height are even."""

    path: str
    width_px: int
    height_px: int
    rate_fps: float = 25.0


@dataclass(frozen=True, slots=True)
class CameraSpec:
    """A virtual camera. Port 0 means any free port; `onvif_port` None: it speaks RTSP only.

    `rtsps` and `https`: it is asked over TLS, with the fleet's own certificate.
    """

    id: str
    host: str = "127.0.0.1"
    rtsp_port: int = 0
    onvif_port: int | None = 0
    main: StreamSpec = StreamSpec("/main", 1280, 720)
    sub: StreamSpec | None = StreamSpec("/sub", 640, 360)
    login: Login | None = Login("admin", "demo-only")
    identity: Identity = Identity()
    switch: str | None = None
    recorder: str | None = None
    rtsps: bool = False
    https: bool = False

    @property
    def streams(self) -> tuple[StreamSpec, ...]:
        """Its streams, main first."""
        return (self.main,) if self.sub is None else (self.main, self.sub)


class PictureSource(Protocol):
    """Where pictures come from: the renderer of the site's map, or a test pattern.

    The same arguments give the same picture, bit for bit. `at` is what the clock in the picture shows, `elapsed_s`
    drives what moves, `seed` the sensor noise. `faults` holds picture faults only (cammon.virtual.faults) with their
    parameters. Called from several threads at once. KeyError for a camera that it does not know.
    """

    def frame(
        self,
        camera_id: str,
        width_px: int,
        height_px: int,
        *,
        at: datetime,
        elapsed_s: float,
        period: Period,
        faults: Mapping[str, Mapping[str, float]],
        seed: int,
    ) -> Frame:
        """The picture, height x width x 3, blue-green-red."""


@dataclass(frozen=True, slots=True)
class FleetOptions:
    """How all cameras of a fleet behave, and where its control listens (`control_port` None: nowhere; 0: any)."""

    send_fps: float = 5.0
    max_sessions: int = 6
    """sessions that one box serves at once; the next SETUP gets 453"""
    login_attempts: int = 5
    lock_s: float = 300.0
    nonce_life_s: float = 120.0
    """age at which a digest nonce is stale"""
    created_window_s: float = 15.0
    """how far the Created of a WS-UsernameToken may be from the camera's own clock"""
    idle_s: float = 60.0
    """a connection that plays nothing and asks nothing for so long is closed"""
    gop_s: float = 2.0
    workers: int = 2
    """threads that render and encode"""
    from_memory: bool = False
    """serve a few pictures encoded once per size instead of rendering: for thousands of cameras"""
    announce: bool = False
    """answer WS-Discovery on the multicast group of loopback"""
    control_host: str = "127.0.0.1"
    control_port: int | None = None


class CannotListen(Exception):
    """An address that the fleet needs cannot be had: taken, not allowed, or not of this machine."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"cannot listen on {host}:{port}: {reason}")
        self.host = host
        self.port = port
        self.reason = reason


class BadFleet(Exception):
    """The cameras asked for cannot be served as they are (two on one path, an address outside 127.0.0.0/8 ...)."""
