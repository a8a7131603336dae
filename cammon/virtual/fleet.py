"""A fleet: all virtual cameras of a site in one process, on one event loop, with their faults and their control."""

import ipaddress
import resource
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, tzinfo

from cammon.clock import Clock, SystemClock
from cammon.virtual.announcing import Announcer
from cammon.virtual.backstage import Backstage
from cammon.virtual.box import Box, Reach
from cammon.virtual.certificate import made
from cammon.virtual.control import Control
from cammon.virtual.media import LiveMedia, Workshop
from cammon.virtual.memory import MemoryMedia
from cammon.virtual.model import BadFleet, CameraSpec, FleetOptions, PictureSource
from cammon.virtual.moment import Moments
from cammon.virtual.onvif import snapshot_path
from cammon.virtual.pattern import TestPattern
from cammon.virtual.station import Station
from cammon.virtual.switchboard import Light, Scope, Switchboard
from cammon_coverage.model import Period
from cammon_probes.model import Credential, Endpoint, StreamFormat, Trust

FILES_SPARE = 256
LOOPBACK = ipaddress.ip_network("127.0.0.0/8")


def always_day(_at: datetime) -> Period:
    """The light of a fleet that belongs to no site."""
    return Period.DAY


class Fleet:
    """Virtual cameras that run between `start` and `stop`. Everything but the constructor belongs to one event loop.

    `pictures` None: a test pattern. `daylight` tells day from night while the light is `auto`, `zone` is the local time
    of the clocks in the pictures.
    """

    def __init__(
        self,
        cameras: Iterable[CameraSpec],
        pictures: PictureSource | None = None,
        options: FleetOptions | None = None,
        *,
        clock: Clock | None = None,
        daylight: Callable[[datetime], Period] = always_day,
        zone: tzinfo = UTC,
    ) -> None:
        self.cameras = {camera.id: camera for camera in _checked(cameras)}
        self.options = options or FleetOptions()
        self._clock = clock or SystemClock()
        self._pictures = pictures or TestPattern()
        self._zone = zone
        self.switchboard = Switchboard(self.cameras.values(), self._clock, daylight)
        self._boxes: dict[str, Box] = {}
        self._workshop: Workshop | None = None
        self._stage: Backstage | None = None
        self._control: Control | None = None
        self._announcer: Announcer | None = None

    async def start(self) -> None:
        """Listen on every address. CannotListen, BadFleet; then nothing is left open."""
        _allow_files(4 * len(self.cameras) + FILES_SPARE)
        self._stage = self._built_stage()
        try:
            for group in _by_box(self.cameras.values()):
                box = Box(Station(group, self._stage))
                self._boxes.update({camera.id: box for camera in group})
                await box.settle()
            if self.options.announce:
                self._announcer = Announcer(self._up)
                await self._announcer.start()
            if self.options.control_port is not None:
                self._control = Control(self)
                await self._control.start(self.options.control_host, self.options.control_port)
        except BaseException:
            await self.stop()
            raise

    def _built_stage(self) -> Backstage:
        self._workshop = Workshop(ThreadPoolExecutor(self.options.workers, thread_name_prefix="camera"))
        moments = Moments(self.switchboard, self._clock, self._zone)
        kind = MemoryMedia if self.options.from_memory else LiveMedia
        media = kind(self._pictures, moments, self._workshop, self._clock, self.options)
        over_tls = any(camera.rtsps or camera.https for camera in self.cameras.values())
        own = made(self._clock.now()) if over_tls else None
        return Backstage(self.options, self._clock, self.switchboard, moments, media, own)

    async def stop(self) -> None:
        """Close every connection and listener, and end the threads."""
        if self._control is not None:
            await self._control.stop()
            self._control = None
        if self._announcer is not None:
            self._announcer.stop()
            self._announcer = None
        if self._stage is not None:
            await self._stage.media.close()
        for box in self.boxes:
            await box.close()
        self._boxes.clear()
        if self._workshop is not None:
            await self._workshop.close()

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Every box once."""
        return tuple(dict.fromkeys(self._boxes.values()))

    @property
    def control_port(self) -> int | None:
        """Where the control listens; None when it does not."""
        return None if self._control is None else self._control.port

    def _up(self) -> list[Station]:
        """The boxes that have a device service and can be reached."""
        return [box.station for box in self.boxes if box.reach is Reach.UP and box.station.onvif_port is not None]

    def box(self, camera_id: str) -> Box:
        """The box in which a camera is. KeyError."""
        return self._boxes[camera_id]

    def endpoint(self, camera_id: str) -> Endpoint:
        """Where a camera of this fleet answers, and its right login. KeyError."""
        camera, station = self.cameras[camera_id], self._boxes[camera_id].station
        login = None if camera.login is None else station.gate.accounts.current(camera.login)
        own = station.stage.certificate
        return Endpoint(
            camera=camera.id,
            host=camera.host,
            rtsp_port=station.rtsp_port,
            rtsp_path=camera.main.path,
            sub_path=None if camera.sub is None else camera.sub.path,
            onvif_port=station.onvif_port,
            snapshot_path=None if station.onvif_port is None else snapshot_path(station, camera),
            credential=None if login is None else Credential(login.name, login.username, login.password),
            rtsp_scheme=station.rtsp_scheme,
            onvif_scheme=station.onvif_scheme,
            trust=Trust() if own is None else Trust(frozenset({own.fingerprint})),
            expected=StreamFormat("h264", camera.main.width_px, camera.main.height_px, camera.main.rate_fps),
        )

    def change_password(self, camera_id: str, password: str) -> None:
        """Give the account of a camera's box another password; all its channels have it then. KeyError."""
        login = self.cameras[camera_id].login
        if login is not None:
            self._boxes[camera_id].station.gate.accounts.change(login.username, password)

    async def put_fault(
        self, scope: Scope, name: str, fault: str, params: Mapping[str, object] | None = None
    ) -> tuple[str, ...]:
        """Switch a fault on and wait until it shows on the network; the cameras reached. UnknownName, BadParameter."""
        return await self._settled(self.switchboard.put(scope, name, fault, params))

    async def clear_fault(self, scope: Scope, name: str, fault: str | None = None) -> tuple[str, ...]:
        """Switch one fault, or all, of a thing off and wait until it is reachable again. UnknownName, CannotListen."""
        return await self._settled(self.switchboard.clear(scope, name, fault))

    async def clear_all(self) -> tuple[str, ...]:
        """Repair everything."""
        return await self._settled(self.switchboard.clear_all())

    def set_light(self, light: Light) -> None:
        """Day, night, or what the clock says."""
        self.switchboard.light = light

    async def _settled(self, cameras: tuple[str, ...]) -> tuple[str, ...]:
        for box in dict.fromkeys(self._boxes[camera] for camera in cameras if camera in self._boxes):
            await box.settle()
        return cameras


def _checked(cameras: Iterable[CameraSpec]) -> Sequence[CameraSpec]:
    """The cameras, or BadFleet: only loopback is served, and an id names one camera."""
    checked: dict[str, CameraSpec] = {}
    for camera in cameras:
        if camera.id in checked:
            raise BadFleet(f"there are two cameras {camera.id}")
        try:
            address = ipaddress.ip_address(camera.host)
        except ValueError as error:
            raise BadFleet(
                f"camera {camera.id}: {camera.host!r} is no address; virtual cameras need 127.x.y.z"
            ) from error
        if address not in LOOPBACK:
            raise BadFleet(f"camera {camera.id}: {camera.host} is outside 127.0.0.0/8, where virtual cameras live")
        checked[camera.id] = camera
    return tuple(checked.values())


def _by_box(cameras: Iterable[CameraSpec]) -> list[list[CameraSpec]]:
    """Cameras that answer at the same address and port are channels of one box; port 0 always means an own one."""
    boxes: dict[tuple[str, object], list[CameraSpec]] = {}
    for camera in cameras:
        key = camera.id if camera.rtsp_port == 0 else camera.rtsp_port
        boxes.setdefault((camera.host, key), []).append(camera)
    return list(boxes.values())


def _allow_files(wanted: int) -> None:
    """Lift the soft limit of open files towards the hard one where so many cameras need it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        ceiling = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, ceiling), hard))
