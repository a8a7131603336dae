"""Device: what a camera says of itself over ONVIF, and how far its clock is off."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from .addresses import on_configured_host, path_of_address
from .failure import CameraFailed
from .look import Look
from .model import Deadline, DeviceFacts, Endpoint, Fault, ProbeKind, Reading
from .onvif_answers import (
    ActionRefused,
    Element,
    body_of,
    camera_time,
    mac_address,
    media_address,
    profiles_of,
    uri_of,
)
from .onvif_client import OnvifClient
from .redact import kept

CLOCK_TOLERANCE_S = 10.0
_STREAM_SETUP = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
_MOST_PROFILES = 32


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
        if asked.unread:
            look.evidence["unread"] = ", ".join(asked.unread)
    offset_s = asked.facts.clock_offset_s
    skewed = offset_s is not None and abs(offset_s) > clock_tolerance_s
    if skewed and offset_s is not None:
        look.evidence.update(clock_offset_s=offset_s, clock_tolerance_s=clock_tolerance_s)
    return look.reading(fault=Fault.CLOCK_SKEW if skewed else None, device=asked.facts)


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
        self.facts = DeviceFacts()
        self.unread: list[str] = []

    def ask_all(self) -> None:
        """Raises `CameraFailed` when the look must end; a question that the device refuses is only noted."""
        self._ask_time(signed=False)
        self._ask_identity()
        if self._offset_s is None and self._client.can_sign:
            self._ask_time(signed=True)
        self._ask_mac()
        self._ask_services()
        self._ask_streams()
        if self.facts == DeviceFacts():
            raise CameraFailed(Fault.BAD_RESPONSE, error="the device tells nothing of itself")

    def _now(self) -> datetime:
        """Our wall time: the look's beginning and what has passed since."""
        return self._at + timedelta(seconds=self._look.deadline.monotonic() - self._begun_s)

    def _camera_now(self) -> datetime:
        return (self._now() + timedelta(seconds=self._offset_s or 0.0)).astimezone(UTC)

    def _ask_time(self, *, signed: bool) -> None:
        """The clock. By the standard it is told without a login; some ask for one all the same: no wrong password."""
        with self._look.step("clock") as note:
            before = self._now()
            answer = self._client.call("devicemgmt", "GetSystemDateAndTime", signed=signed)
            middle = before + (self._now() - before) / 2
            try:
                told = camera_time(body_of(answer))
            except ActionRefused:
                told = None
            except CameraFailed as failed:
                asks_for_login = failed.fault in (Fault.AUTH_FAILED, Fault.FORBIDDEN)
                if signed or not asks_for_login or not self._client.can_sign:
                    raise
                self._client.learn_login(answer)
                note.detail = "asks for a login"
                return
            if told is None:
                self.unread.append("GetSystemDateAndTime")
                note.detail = "not told"
                return
            # The camera tells whole seconds: half a second is the best guess of what it left out.
            self._offset_s = round((told + timedelta(seconds=0.5) - middle).total_seconds(), 1)
            note.detail = f"{self._offset_s:+.1f} s"
        self.facts = replace(self.facts, clock_offset_s=self._offset_s)

    def _ask_identity(self) -> None:
        body = self._asked("identity", "devicemgmt", "GetDeviceInformation")
        if body is None:
            return
        said = next(iter(body.anywhere("GetDeviceInformationResponse")), body)
        self.facts = replace(
            self.facts,
            manufacturer=self._kept(said.text("Manufacturer")),
            model=self._kept(said.text("Model")),
            firmware=self._kept(said.text("FirmwareVersion")),
            serial=self._kept(said.text("SerialNumber")),
        )

    def _ask_mac(self) -> None:
        body = self._asked("network", "devicemgmt", "GetNetworkInterfaces")
        if body is not None:
            self.facts = replace(self.facts, mac=mac_address(body))

    def _ask_services(self) -> None:
        body = self._asked("services", "devicemgmt", "GetCapabilities", Category="All")
        reported = None if body is None else media_address(body)
        if reported is not None:
            self._client.media_path = path_of_address(reported) or self._client.media_path

    def _ask_streams(self) -> None:
        body = self._asked("profiles", "media", "GetProfiles")
        profiles = [] if body is None else profiles_of(body)[:_MOST_PROFILES]
        if not profiles:
            return
        self.facts = replace(self.facts, profiles=tuple(self._kept(name) or "" for _, name in profiles))
        token = profiles[0][0]
        params = {"StreamSetup": _STREAM_SETUP, "ProfileToken": token}
        self._ask_stream_uri(self._asked("stream_uri", "media", "GetStreamUri", **params))
        self._ask_snapshot_uri(self._asked("snapshot_uri", "media", "GetSnapshotUri", ProfileToken=token))

    def _ask_stream_uri(self, body: Element | None) -> None:
        uri = None if body is None else self._address(uri_of(body))
        if uri is not None:
            used = on_configured_host(uri, self._look.endpoint.host, ("rtsp", "rtsps"))
            self.facts = replace(self.facts, stream_uri=uri, stream_uri_used=used)

    def _ask_snapshot_uri(self, body: Element | None) -> None:
        uri = None if body is None else self._address(uri_of(body))
        if uri is not None:
            used = on_configured_host(uri, self._look.endpoint.host, ("http", "https"))
            self.facts = replace(self.facts, snapshot_uri=uri, snapshot_uri_used=used)

    def _asked(self, step: str, service: str, operation: str, **params: Any) -> Element | None:
        """One question; None when the device refuses it or answers nothing that can be read."""
        with self._look.step(step) as note:
            try:
                return body_of(self._client.call(service, operation, **params))
            except ActionRefused as refused:
                note.detail = str(refused)
            except CameraFailed as failed:
                if failed.fault not in (Fault.BAD_RESPONSE, Fault.NOT_FOUND, Fault.DEVICE_ERROR) or step == "identity":
                    raise
                note.detail = failed.fault.value
        self.unread.append(operation)
        return None

    def _kept(self, text: str | None) -> str | None:
        return None if text is None else kept(text, self._look.endpoint.credential)

    def _address(self, text: str | None) -> str | None:
        return None if text is None else kept(text, self._look.endpoint.credential, longest=1024)
