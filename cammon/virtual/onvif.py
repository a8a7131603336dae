"""The ONVIF operations that the boxes answer: device and media service. One entry in OPERATIONS adds one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from xml.etree.ElementTree import Element

from cammon.virtual.model import CameraSpec, Identity, StreamSpec
from cammon.virtual.soap import TDS, TRT, TT, Node, SoapFault, tds, trt, tt
from cammon.virtual.station import Channel, Station

DEVICE_PATH, MEDIA_PATH = "/onvif/device_service", "/onvif/media_service"
_VERSION = (2, 60)
_CHANGED_FIRMWARE = "V5.8.0 build 250918"


@dataclass(frozen=True, slots=True)
class Call:
    """An operation as it was asked of a box."""

    station: Station
    request: Element

    @property
    def root(self) -> str:
        """The address of the box's web server."""
        return f"{self.station.onvif_scheme}://{self.station.host}:{self.station.onvif_port}"

    def argument(self, namespace: str, name: str) -> str:
        """The text of a child of the request; "" when it has none."""
        return (self.request.findtext(f"{{{namespace}}}{name}") or "").strip()

    def channel(self) -> tuple[str, Channel]:
        """The profile that the request names. SoapFault when there is none of that name."""
        token = self.argument(TRT, "ProfileToken")
        channels = profiles(self.station)
        if token not in channels:
            raise SoapFault(True, ("ter:InvalidArgVal", "ter:NoProfile"), "The requested profile token does not exist")
        return token, channels[token]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: what answers it, and whether it wants a login (ONVIF core, access class PRE_AUTH does not)."""

    answer: Callable[[Call], Node]
    needs_login: bool = True


def profiles(station: Station) -> dict[str, Channel]:
    """The media profiles of a box by token: every camera's main stream, then its sub stream."""
    channels = [Channel(camera, stream) for camera in station.cameras for stream in camera.streams]
    return {f"Profile_{number}": channel for number, channel in enumerate(channels, 1)}


def snapshot_path(station: Station, camera: CameraSpec) -> str:
    """Where a camera's snapshot lies on its box's web server."""
    return f"/snapshot/{station.cameras.index(camera) + 1}.jpg"


def identity(station: Station) -> Identity:
    """What the box says of itself, its faults included."""
    first = station.cameras[0]
    told = first.identity
    return replace(told, firmware=_CHANGED_FIRMWARE) if station.has(first, "firmware_changed") else told


def _system_date_and_time(call: Call) -> Node:
    now = call.station.stage.moments.now(call.station.cameras[0].id)
    local = now.astimezone(call.station.stage.moments.zone)
    return tds.GetSystemDateAndTimeResponse(
        tds.SystemDateAndTime(
            tt.DateTimeType("NTP"),
            tt.DaylightSavings("false"),
            tt.TimeZone(tt.TZ(_posix_zone(local))),
            _date_time("UTCDateTime", now),
            _date_time("LocalDateTime", local),
        )
    )


def _posix_zone(local: datetime) -> str:
    """The zone as POSIX writes it, where east of Greenwich is negative."""
    offset = local.utcoffset()
    minutes = 0 if offset is None else round(offset.total_seconds() / 60)
    sign = "-" if minutes >= 0 else "+"
    return f"CAM{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}:00"


def _date_time(name: str, moment: datetime) -> Node:
    clock = tt.Time(tt.Hour(str(moment.hour)), tt.Minute(str(moment.minute)), tt.Second(str(moment.second)))
    day = tt.Date(tt.Year(str(moment.year)), tt.Month(str(moment.month)), tt.Day(str(moment.day)))
    return tt(name, clock, day)


def _device_information(call: Call) -> Node:
    told = identity(call.station)
    return tds.GetDeviceInformationResponse(
        tds.Manufacturer(told.manufacturer),
        tds.Model(told.model),
        tds.FirmwareVersion(told.firmware),
        tds.SerialNumber(told.serial),
        tds.HardwareId("88"),
    )


def _capabilities(call: Call) -> Node:
    wanted = {(node.text or "").strip() for node in call.request.iter(f"{{{TDS}}}Category")} or {"All"}
    parts = []
    if wanted & {"All", "Device"}:
        parts.append(tt.Device(tt.XAddr(call.root + DEVICE_PATH)))
    if wanted & {"All", "Media"}:
        streaming = (tt.RTPMulticast("false"), tt.RTP_TCP("false"), tt.RTP_RTSP_TCP("true"))
        parts.append(tt.Media(tt.XAddr(call.root + MEDIA_PATH), tt.StreamingCapabilities(*streaming)))
    if not parts:
        raise SoapFault(True, ("ter:ActionNotSupported", "ter:NoSuchService"), "The requested service is not supported")
    return tds.GetCapabilitiesResponse(tds.Capabilities(*parts))


def _services(call: Call) -> Node:
    major, minor = _VERSION
    services = [
        tds.Service(
            tds.Namespace(namespace),
            tds.XAddr(call.root + path),
            tds.Version(tt.Major(str(major)), tt.Minor(str(minor))),
        )
        for namespace, path in ((TDS, DEVICE_PATH), (TRT, MEDIA_PATH))
    ]
    return tds.GetServicesResponse(*services)


def _hostname(call: Call) -> Node:
    return tds.GetHostnameResponse(
        tds.HostnameInformation(tt.FromDHCP("false"), tt.Name(identity(call.station).serial))
    )


def scopes(station: Station) -> tuple[str, ...]:
    """What a box says of itself to everybody."""
    told = identity(station)
    items = ("type/video_encoder", "Profile/Streaming", f"hardware/{told.model}", f"name/{told.manufacturer}")
    return tuple(f"onvif://www.onvif.org/{item.replace(' ', '%20')}" for item in items)


def _scopes(call: Call) -> Node:
    said = (tds.Scopes(tt.ScopeDef("Fixed"), tt.ScopeItem(item)) for item in scopes(call.station))
    return tds.GetScopesResponse(*said)


def _network_interfaces(call: Call) -> Node:
    address = tt.Manual(tt.Address(call.station.host), tt.PrefixLength("8"))
    interface = tds.NetworkInterfaces(
        {"token": "eth0"},
        tt.Enabled("true"),
        tt.Info(tt.Name("eth0"), tt.HwAddress(identity(call.station).mac), tt.MTU("1500")),
        tt.IPv4(tt.Enabled("true"), tt.Config(address, tt.DHCP("false"))),
    )
    return tds.GetNetworkInterfacesResponse(interface)


def _profiles(call: Call) -> Node:
    found = profiles(call.station).items()
    return trt.GetProfilesResponse(*(_profile(trt.Profiles, call.station, token, channel) for token, channel in found))


def _one_profile(call: Call) -> Node:
    token, channel = call.channel()
    return trt.GetProfileResponse(_profile(trt.Profile, call.station, token, channel))


def _profile(make: Callable[..., Node], station: Station, token: str, channel: Channel) -> Node:
    number = station.cameras.index(channel.camera) + 1
    main = channel.camera.main
    bounds = {"x": "0", "y": "0", "width": str(main.width_px), "height": str(main.height_px)}
    source = tt.VideoSourceConfiguration(
        {"token": f"VideoSourceConfig_{number}"},
        tt.Name(f"VideoSourceConfig_{number}"),
        tt.UseCount(str(len(channel.camera.streams))),
        tt.SourceToken(f"VideoSource_{number}"),
        tt.Bounds(bounds),
    )
    name = "mainStream" if channel.stream is main else "subStream"
    return make({"token": token, "fixed": "true"}, tt.Name(name), source, _encoder(token, channel.stream))


def _encoder(token: str, stream: StreamSpec) -> Node:
    multicast = (
        tt.Address(tt.Type("IPv4"), tt.IPv4Address("239.255.0.0")),
        tt.Port("0"),
        tt.TTL("1"),
        tt.AutoStart("false"),
    )
    return tt.VideoEncoderConfiguration(
        {"token": f"Encoder_{token}"},
        tt.Name(f"Encoder_{token}"),
        tt.UseCount("1"),
        tt.Encoding("H264"),
        tt.Resolution(tt.Width(str(stream.width_px)), tt.Height(str(stream.height_px))),
        tt.Quality("4"),
        tt.RateControl(tt.FrameRateLimit(f"{stream.rate_fps:.0f}"), tt.EncodingInterval("1"), tt.BitrateLimit("4096")),
        tt.H264(tt.GovLength(f"{2 * stream.rate_fps:.0f}"), tt.H264Profile("Baseline")),
        tt.Multicast(*multicast),
        tt.SessionTimeout("PT60S"),
    )


def _video_sources(call: Call) -> Node:
    sources = [
        trt.VideoSources(
            {"token": f"VideoSource_{number}"},
            tt.Framerate(f"{camera.main.rate_fps:g}"),
            tt.Resolution(tt.Width(str(camera.main.width_px)), tt.Height(str(camera.main.height_px))),
        )
        for number, camera in enumerate(call.station.cameras, 1)
    ]
    return trt.GetVideoSourcesResponse(*sources)


def _stream_uri(call: Call) -> Node:
    _, channel = call.channel()
    setup = call.request.find(f"{{{TRT}}}StreamSetup")
    protocol = "" if setup is None else (setup.findtext(f"{{{TT}}}Transport/{{{TT}}}Protocol") or "").strip()
    if protocol not in ("RTSP", "TCP", ""):
        raise SoapFault(True, ("ter:InvalidArgVal", "ter:InvalidStreamSetup"), "Only RTP over RTSP is supported")
    uri = f"{call.station.rtsp_scheme}://{call.station.host}:{call.station.rtsp_port}{channel.stream.path}"
    return trt.GetStreamUriResponse(_media_uri(uri))


def _snapshot_uri(call: Call) -> Node:
    _, channel = call.channel()
    return trt.GetSnapshotUriResponse(_media_uri(call.root + snapshot_path(call.station, channel.camera)))


def _media_uri(uri: str) -> Node:
    never = (tt.InvalidAfterConnect("false"), tt.InvalidAfterReboot("false"), tt.Timeout("PT0S"))
    return trt.MediaUri(tt.Uri(uri), *never)


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        f"{{{TDS}}}GetSystemDateAndTime": Operation(_system_date_and_time, needs_login=False),
        f"{{{TDS}}}GetCapabilities": Operation(_capabilities, needs_login=False),
        f"{{{TDS}}}GetServices": Operation(_services, needs_login=False),
        f"{{{TDS}}}GetHostname": Operation(_hostname, needs_login=False),
        f"{{{TDS}}}GetDeviceInformation": Operation(_device_information),
        f"{{{TDS}}}GetNetworkInterfaces": Operation(_network_interfaces),
        f"{{{TDS}}}GetScopes": Operation(_scopes),
        f"{{{TRT}}}GetProfiles": Operation(_profiles),
        f"{{{TRT}}}GetProfile": Operation(_one_profile),
        f"{{{TRT}}}GetVideoSources": Operation(_video_sources),
        f"{{{TRT}}}GetStreamUri": Operation(_stream_uri),
        f"{{{TRT}}}GetSnapshotUri": Operation(_snapshot_uri),
    }
)
"""Operation by the qualified name of its request."""
