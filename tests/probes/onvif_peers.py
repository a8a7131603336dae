"""ONVIF devices on loopback: one that checks logins by the standard, and answers that can be changed."""

import base64
import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from peers import http, request

ENVELOPE = (
    '<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:tds="http://www.onvif.org/ver10/device/wsdl" '
    'xmlns:trt="http://www.onvif.org/ver10/media/wsdl"><s:Body>{}</s:Body></s:Envelope>'
)


def soap(body: str, status: str = "200 OK", *headers: str) -> bytes:
    return http(status, "Content-Type: application/soap+xml", *headers, body=ENVELOPE.format(body).encode())


def fault(subcode: str, text: str, status: str = "400 Bad Request") -> bytes:
    return soap(
        f"<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>{subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en">{text}</s:Text></s:Reason></s:Fault>',
        status,
    )


NOT_AUTHORIZED = fault("ter:NotAuthorized", "Sender not Authorized")
NOT_SUPPORTED = fault("ter:ActionNotSupported", "Optional Action Not Implemented", "500 Internal Server Error")
IDENTITY = (
    "<tds:GetDeviceInformationResponse><tds:Manufacturer>Drawn</tds:Manufacturer><tds:Model>D-1</tds:Model>"
    "<tds:FirmwareVersion>1.0.3</tds:FirmwareVersion><tds:SerialNumber>SN77</tds:SerialNumber>"
    "<tds:HardwareId>1</tds:HardwareId></tds:GetDeviceInformationResponse>"
)
NETWORK = (
    '<tds:GetNetworkInterfacesResponse><tds:NetworkInterfaces token="eth0"><tt:Info>'
    "<tt:HwAddress>00-1a-2b-3c-4d-5e</tt:HwAddress></tt:Info></tds:NetworkInterfaces></tds:GetNetworkInterfacesResponse>"
)
PROFILES = (
    '<trt:GetProfilesResponse><trt:Profiles token="P1" fixed="true"><tt:Name>main</tt:Name></trt:Profiles>'
    '<trt:Profiles token="P2"><tt:Name>sub</tt:Name></trt:Profiles></trt:GetProfilesResponse>'
)


def capabilities(media: str) -> str:
    return (
        "<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Events><tt:XAddr>http://127.9.9.9/events</tt:XAddr>"
        f"</tt:Events><tt:Media><tt:XAddr>{media}</tt:XAddr></tt:Media></tds:Capabilities>"
        "</tds:GetCapabilitiesResponse>"
    )


def services(**addresses: str) -> str:
    """A list of services: media (ver10), media2 (ver20) at the given addresses."""
    names = {"media": "http://www.onvif.org/ver10/media/wsdl", "media2": "http://www.onvif.org/ver20/media/wsdl"}
    told = "".join(
        f"<tds:Service><tds:Namespace>{names[name]}</tds:Namespace><tds:XAddr>{address}</tds:XAddr>"
        "<tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>"
        for name, address in addresses.items()
    )
    return f"<tds:GetServicesResponse>{told}</tds:GetServicesResponse>"


def clock(at: datetime) -> str:
    return (
        "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>"
        f"<tt:UTCDateTime><tt:Time><tt:Hour>{at.hour}</tt:Hour><tt:Minute>{at.minute}</tt:Minute><tt:Second>{at.second}"
        f"</tt:Second></tt:Time><tt:Date><tt:Year>{at.year}</tt:Year><tt:Month>{at.month}</tt:Month><tt:Day>{at.day}"
        "</tt:Day></tt:Date></tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
    )


def uri(operation: str, address: str) -> str:
    return f"<trt:{operation}Response><trt:MediaUri><tt:Uri>{address}</tt:Uri></trt:MediaUri></trt:{operation}Response>"


class OnvifCamera:
    """A device. `answers` replaces single operations; `login` is (user, password) or None; `ahead_s` its clock."""

    def __init__(
        self,
        login: tuple[str, str] | None = None,
        ahead_s: float = 0.0,
        clock_needs_login: bool = False,
        answers: dict[str, bytes | Callable[[str], bytes]] | None = None,
    ) -> None:
        self.login, self.ahead, self.clock_needs_login = login, timedelta(seconds=ahead_s), clock_needs_login
        self.answers = answers or {}
        self.asked: list[str] = []
        self.paths: list[str] = []
        self.bodies: list[str] = []
        self.refused = 0

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def __call__(self, connection) -> None:
        while True:
            head, _, body = request(connection).decode().partition("\r\n\r\n")
            operation = re.search(r"Body>\s*<(?:\w+:)?(\w+)", body)[1]
            self.asked.append(operation)
            self.paths.append(head.split()[1])
            self.bodies.append(body)
            connection.sendall(self._answer(operation, body))

    def _answer(self, operation: str, body: str) -> bytes:
        open_to_all = operation == "GetSystemDateAndTime" and not self.clock_needs_login
        if self.login and not open_to_all and not self._allowed(body):
            return NOT_AUTHORIZED
        reply = self.answers.get(operation)
        if reply is not None:
            return reply(body) if callable(reply) else reply
        known = {
            "GetSystemDateAndTime": clock(self.now()),
            "GetDeviceInformation": IDENTITY,
            "GetNetworkInterfaces": NETWORK,
            "GetCapabilities": capabilities("http://10.0.0.9:8899/onvif/Media"),
            "GetProfiles": PROFILES,
            "GetStreamUri": uri("GetStreamUri", "rtsp://10.0.0.9:8554/live?x=1&amp;y=2"),
            "GetSnapshotUri": uri("GetSnapshotUri", "http://10.0.0.9/snap.jpg"),
        }
        return soap(known[operation]) if operation in known else NOT_SUPPORTED

    def _allowed(self, body: str) -> bool:
        """WS-UsernameToken 1.0 with a password digest, five seconds around this camera's own clock."""
        if "UsernameToken" not in body:
            return False
        user, digest, nonce, created = (
            re.search(rf"<(?:\w+:)?{name}(?:\s[^>]*)?>([^<]*)<", body)[1]
            for name in ("Username", "Password", "Nonce", "Created")
        )
        assert created.endswith("Z")
        away_s = abs((datetime.fromisoformat(created) - self.now()).total_seconds())
        made = hashlib.sha1(base64.b64decode(nonce) + created.encode() + self.login[1].encode()).digest()
        right = user == self.login[0] and digest == base64.b64encode(made).decode() and away_s < 5
        self.refused += not right
        return right
