"""A box as its servers see it: which streams it has, who may log in, who is connected. No sockets of its own."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from cammon.virtual.accounts import Accounts
from cammon.virtual.backstage import Backstage
from cammon.virtual.login import Gate
from cammon.virtual.model import BadFleet, CameraSpec, Login, StreamSpec
from cammon.virtual.sdp import TRACK


@dataclass(frozen=True, slots=True)
class Channel:
    """One stream of one camera of a box."""

    camera: CameraSpec
    stream: StreamSpec


class Station:
    """One box: a camera, or a recorder with many. Its channels share accounts and the limit of sessions."""

    def __init__(self, cameras: Sequence[CameraSpec], stage: Backstage) -> None:
        self.cameras = tuple(cameras)
        self.stage = stage
        self.host = cameras[0].host
        self.rtsps, self.https = cameras[0].rtsps, cameras[0].https
        self.rtsp_port = cameras[0].rtsp_port
        self.onvif_port = next((camera.onvif_port for camera in cameras if camera.onvif_port is not None), None)
        options = stage.options
        accounts = Accounts(options.login_attempts, options.lock_s, stage.clock.monotonic)
        self.gate = Gate(accounts, options.nonce_life_s, stage.clock.monotonic)
        self.sessions: set[object] = set()
        self.silent = False
        """Connected, but nothing gets through: no byte is answered."""
        self.transports: set[asyncio.WriteTransport] = set()
        self._channels = _by_path(self.cameras)

    @property
    def shared(self) -> bool:
        """Whether several cameras answer here, so that one of them can be gone without the box."""
        return len(self.cameras) > 1

    @property
    def rtsp_scheme(self) -> str:
        """How its streams are addressed."""
        return "rtsps" if self.rtsps else "rtsp"

    @property
    def onvif_scheme(self) -> str:
        """How its device service is addressed."""
        return "https" if self.https else "http"

    @property
    def login(self) -> Login | None:
        """The account of the box itself."""
        return self.cameras[0].login

    @property
    def logins(self) -> tuple[Login, ...]:
        """Every account of the box, as it takes it now."""
        known = dict.fromkeys(camera.login for camera in self.cameras if camera.login is not None)
        return tuple(self.gate.accounts.current(login) for login in known)

    def channel(self, uri: str) -> Channel | None:
        """The stream that an RTSP URI names, with or without its track; None when there is none."""
        return self._channels.get(path_of(uri))

    def has(self, camera: CameraSpec, fault: str) -> bool:
        """Whether a fault is on for one of its cameras."""
        return fault in self.stage.switchboard.of(camera.id)

    def all_have(self, fault: str) -> bool:
        """Whether a fault is on for all its cameras, and so for the box."""
        return all(self.has(camera, fault) for camera in self.cameras)


def path_of(uri: str) -> str:
    """The path and query of an RTSP URI without its track and closing slash: what streams are told apart by."""
    parts = urlsplit(uri)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return "/" + path.removesuffix("/").removesuffix(TRACK).strip("/")


def _by_path(cameras: Sequence[CameraSpec]) -> dict[str, Channel]:
    channels: dict[str, Channel] = {}
    for camera in cameras:
        for stream in camera.streams:
            path = path_of(stream.path)
            if path in channels:
                other = channels[path].camera.id
                raise BadFleet(f"{camera.host}:{camera.rtsp_port}{path} is given to both {other} and {camera.id}")
            channels[path] = Channel(camera, stream)
    return channels
