"""Device: what a camera says of itself over ONVIF, and how far its clock is off."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from .addresses import named_host, on_configured_host, path_of_address
from .failure import CameraFailed
from .look import Look
from .model import Deadline, DeviceFacts, Endpoint, Fault, ProbeKind, Reading
from .onvif_answers import (
    ActionRefused,
    Profile,
    mac_address,
    media_in_capabilities,
    media_in_services,
    profiles_of,
    uri_of,
)
from .onvif_client import OnvifClient, service_definition
from .onvif_clock import camera_time
from .onvif_xml import Element, HostileAnswer
from .redact import kept

CLOCK_TOLERANCE_S = 10.0
_STREAM_SETUP = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
_MOST_TRIES = 3
_CONTENT = (Fault.BAD_RESPONSE, Fault.NOT_FOUND, Fault.DEVICE_ERROR)
"""What a device may do to one question and still answer the others."""


def device(
    endpoint: Endpoint, at: datetime, deadline: Deadline, *, clock_tolerance_s: float = CLOCK_TOLERANCE_S
) -> Reading:
    """Clock, identity, profiles and addresses. `clock_skew` beyond the tolerance; never raises for what a camera does.

    What a device does not say is None in the facts and named in the evidence under `unread`.
    """
    look = Look(endpoint, ProbeKind.DEVICE, at, deadline)
    if endpoint.onvif_port is None:
        return look.failed(CameraFailed(Fault.NOT_FOUND, error="no ONVIF port is configured"))
    asked = _Questions(look, at)
    try:
        asked.ask_all()
    except CameraFailed as failed:
        return look.failed(failed, device=asked.facts)
    finally:
        if asked.login is not None:
            look.evidence["login"] = asked.login
        if asked.unread:
            look.evidence["unread"] = ", ".join(asked.unread)
    offset_s = asked.facts.clock_offset_s
    skewed = offset_s is not None and abs(offset_s) > clock_tolerance_s
    if skewed and offset_s is not None:
        look.evidence.update(clock_offset_s=offset_s, clock_tolerance_s=clock_tolerance_s)
    return look.reading(fault=Fault.CLOCK_SKEW if skewed else None, device=asked.facts)


def prepare() -> None:
    """Parses the service definitions, so that no look's time goes by meanwhile: about half a second, once."""
    for name in ("devicemgmt", "media"):
        service_definition(name)


def changed(before: DeviceFacts, now: DeviceFacts) -> Fault | None:
    """What is different between two looks at one device: another device, another firmware, or nothing.

    A fact that one of the looks lacks is no change.
    """
    pairs = ((before.serial, now.serial), (before.mac, now.mac))
    if any(was and this and was != this for was, this in pairs):
        return Fault.IDENTITY_CHANGED
    if before.firmware and now.firmware and before.firmware != now.firmware:
        return Fault.FIRMWARE_CHANGED
    return None


class _Questions:
    """The questions in their order, and the facts so far."""

    def __init__(self, look: Look, at: datetime) -> None:
        self._look = look
        self._at = at
        self._begun_s = look.deadline.monotonic()
        self._offset_s: float | None = None
        self._client = OnvifClient(look.endpoint, look.deadline, self._camera_now)
        self._failed: CameraFailed | None = None
        self._waited_in_vain = False
        self.facts = DeviceFacts()
        self._missing: dict[str, None] = {}

    @property
    def login(self) -> str | None:
        """How the device was logged in to; None when it took no login, or asked for none."""
        return self._client.login_kind if self._client.login_accepted else None

    @property
    def unread(self) -> tuple[str, ...]:
        """What the device would not tell, or not so that it can be read."""
        return tuple(self._missing)

    def ask_all(self) -> None:
        """Raises `CameraFailed` when the look has failed; a question that the device refuses is only noted.

        The clock comes first: a WS-UsernameToken is stamped with the camera's time. Rights differ by question, so the
        network, which an ordinary user may not always see, comes last.
        """
        clock = self._ask_time()
        identity = self._ask_identity()
        if clock is not None and identity is not None:
            raise identity
        self._ask_streams()
        self._ask_mac()
        if identity is not None:
            raise identity
        if self._failed is not None:
            raise self._failed
        if self.facts == DeviceFacts():
            raise CameraFailed(Fault.BAD_RESPONSE, error="the device tells nothing of itself")

    def _wall(self, monotonic_s: float) -> datetime:
        """Our wall time at a moment of the look."""
        return self._at + timedelta(seconds=monotonic_s - self._begun_s)

    def _camera_now(self) -> datetime:
        ours = self._wall(self._look.deadline.monotonic())
        return (ours + timedelta(seconds=self._offset_s or 0.0)).astimezone(UTC)

    def _ask_time(self) -> CameraFailed | None:
        """The clock. By the standard it is told without a login; some ask for one all the same."""

        def read(body: Element) -> str:
            middle = self._wall(sum(self._client.answered_s) / 2)
            told = camera_time(body, middle)
            if told is None:
                self._missing["GetSystemDateAndTime"] = None
                return "not told"
            # The camera tells whole seconds: half a second is the best guess of what it left out.
            self._offset_s = round((told + timedelta(seconds=0.5) - middle).total_seconds(), 1)
            return f"{self._offset_s:+.1f} s"

        _, failed = self._tried("clock", "devicemgmt", "GetSystemDateAndTime", self._look.deadline, read)
        self.facts = replace(self.facts, clock_offset_s=self._offset_s)
        return failed

    def _ask_identity(self) -> CameraFailed | None:
        names = ("Manufacturer", "Model", "FirmwareVersion", "SerialNumber")

        def read(body: Element) -> str:
            told = next(iter(body.anywhere("GetDeviceInformationResponse")), body)
            maker, model, firmware, serial = (self._kept(told.text(name)) for name in names)
            missing = [name for name in names if not told.text(name)]
            self._missing.update(dict.fromkeys(missing))
            self.facts = replace(self.facts, manufacturer=maker, model=model, firmware=firmware, serial=serial)
            return f"not told: {', '.join(missing)}" if missing else ""

        _, failed = self._tried("identity", "devicemgmt", "GetDeviceInformation", self._look.deadline, read)
        return failed

    def _ask_mac(self) -> None:
        body, _ = self._tried("network", "devicemgmt", "GetNetworkInterfaces")
        if body is None:
            return
        mac = mac_address(body, self._look.endpoint.host)
        if mac is None:
            self._missing["HwAddress"] = None
        self.facts = replace(self.facts, mac=mac)

    def _ask_streams(self) -> None:
        for service in self._media_services():
            body, _ = self._tried("profiles", service, "GetProfiles")
            profiles = [] if body is None else profiles_of(body)
            if profiles:
                self._missing.pop("GetProfiles", None)
                self.facts = replace(
                    self.facts,
                    profiles=tuple(self._kept(one.name) or "" for one in profiles),
                    sources=tuple(dict.fromkeys(self._kept(one.source) or "" for one in profiles if one.source)),
                )
                self._ask_addresses(service, profiles)
                return
        self._missing["GetProfiles"] = None

    def _media_services(self) -> Iterator[str]:
        """Media where the device has it or says nothing at all, then Media2. GetServices is asked only when needed."""
        body, _ = self._tried("services", "devicemgmt", "GetCapabilities", Category="All")
        media = None if body is None else media_in_capabilities(body)
        told = self._take("media", media)
        if told:
            yield "media"
        body, _ = self._tried("services", "devicemgmt", "GetServices", IncludeCapability=False)
        addresses = {} if body is None else media_in_services(body)
        if addresses:
            self._missing.pop("GetCapabilities", None)
        if self._take("media", addresses.get("media")) and not told:
            yield "media"
        if self._take("media2", addresses.get("media2")):
            yield "media2"
        elif not told and "media" not in addresses:
            yield "media"

    def _take(self, service: str, reported: str | None) -> bool:
        """Keeps where a service is asked; False when the device names no address that can be used."""
        path = None if reported is None else path_of_address(reported)
        if path is not None:
            self._client.paths[service] = path
        return path is not None

    def _ask_addresses(self, service: str, profiles: list[Profile]) -> None:
        """The addresses of the first profile that has them; those with a video encoder before those without."""
        setup: dict[str, Any] = {"StreamSetup": _STREAM_SETUP} if service == "media" else {"Protocol": "RTSP"}
        endpoint = self._look.endpoint
        uri = self._address(service, "stream_uri", "GetStreamUri", profiles, setup)
        if uri is not None:
            used = on_configured_host(uri, endpoint.host, ("rtsp", "rtsps"))
            self.facts = replace(self.facts, stream_uri=uri, stream_uri_used=used)
        uri = self._address(service, "snapshot_uri", "GetSnapshotUri", profiles, {})
        if uri is not None:
            base = f"{endpoint.onvif_scheme}://{named_host(endpoint.host)}:{endpoint.onvif_port}"
            used = on_configured_host(uri, endpoint.host, ("http", "https"), base)
            self.facts = replace(self.facts, snapshot_uri=uri, snapshot_uri_used=used)

    def _address(
        self, service: str, step: str, operation: str, profiles: list[Profile], setup: dict[str, Any]
    ) -> str | None:
        tokens = [one.token for one in sorted(profiles, key=lambda one: not one.has_video) if one.token]
        for token in tokens[:_MOST_TRIES]:
            body, _ = self._tried(step, service, operation, **setup, ProfileToken=token)
            text = None if body is None else uri_of(body)
            if text is not None:
                self._missing.pop(operation, None)
                return kept(text, self._look.endpoint.credential, longest=1024)
        self._missing[operation] = None
        return None

    def _tried(
        self,
        step: str,
        service: str,
        operation: str,
        patience: Deadline | None = None,
        read: Callable[[Element], str] = lambda body: "",
        **params: Any,
    ) -> tuple[Element | None, CameraFailed | None]:
        """The answer to one question; or None and why, when the device refuses it and may still answer others.

        `read` takes what the answer tells, and gives a detail for the step.
        """
        try:
            with self._look.step(step) as note:
                try:
                    body = self._client.ask(service, operation, patience or self._half(), **params)
                except ActionRefused as refused:
                    note.detail = str(refused)
                    self._missing[operation] = None
                    return None, None
                note.detail = read(body)
                return body, None
        except CameraFailed as failed:
            if not self._goes_on_after(failed, step):
                raise
            self._missing[operation] = None
            return None, failed

    def _half(self) -> Deadline:
        """A question that is not essential may take half of what is left: some devices never answer one of them."""
        deadline = self._look.deadline
        return replace(deadline, at_s=deadline.at_s - deadline.left_s() / 2)

    def _goes_on_after(self, failed: CameraFailed, step: str) -> bool:
        """Whether the other questions are worth asking."""
        if isinstance(failed, HostileAnswer):
            return False
        if failed.fault in (Fault.AUTH_FAILED, Fault.FORBIDDEN):
            without_login = self._look.endpoint.credential is None or self._client.held_back
            if without_login and step in ("profiles", "stream_uri"):
                self._failed = self._failed or failed
            return without_login or self._client.login_accepted
        if self._client.login_doubtful:
            # Some devices refuse a wrong login with a 500 or by hanging up: it is not sent a second time.
            return step == "network" and failed.fault in _CONTENT
        if failed.fault is Fault.TIMEOUT and step not in ("clock", "identity") and not self._waited_in_vain:
            self._waited_in_vain = True
            return True
        return failed.fault in _CONTENT

    def _kept(self, text: str | None) -> str | None:
        return None if text is None else kept(text, self._look.endpoint.credential)
