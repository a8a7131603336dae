"""What ONVIF answers mean: whatever can be read is taken, by local name, because devices use wrong namespaces."""

import re
from dataclasses import dataclass
from ipaddress import ip_address

from .answers import Answer
from .failure import CameraFailed
from .model import Fault
from .onvif_xml import Element, parsed
from .statuses import demand_success, speaks_of_lock

_REFUSED = re.compile(
    r"not ?authori[sz]ed|unauthori[sz]ed|requires authori[sz]ation|authori[sz]ed time check|authority failure"
    r"|authenticat|failedcheck|invalidsecurity|security (token|error)|operationprohibited|access denied|permission"
    r"|password|credential|log ?in (fail|error)|用户名|密码|认证|鉴权|权限|登录",
    re.IGNORECASE,
)
_UNDERSTOOD = re.compile(
    r"notsupported|not (supported|implemented)|optional ?action|invalid ?arg|no ?such|noprofile|incomplete",
    re.IGNORECASE,
)
MOST_PROFILES = 256
_MOST_INTERFACES = 32
_ACCOUNT = re.compile(r"user|account|用户|帐号|账号", re.IGNORECASE)


class ActionRefused(Exception):
    """The device understood, and will not: an optional action that it lacks, a wrong token. No fault of the video."""

    @property
    def understood(self) -> bool:
        """Whether its words are about the question, so that a login sent with it was not what it refused."""
        return _UNDERSTOOD.search(str(self)) is not None


@dataclass(frozen=True, slots=True)
class Profile:
    """A media profile: its token (None where the device forgot it), its name, whether it has a video encoder.

    `source` is the token of its video source: on a recorder, the channel.
    """

    token: str | None
    name: str
    has_video: bool
    source: str | None = None


def body_of(answer: Answer) -> Element:
    """The SOAP body. Raises `CameraFailed` for a failed request or login, `ActionRefused` for other SOAP faults."""
    root = parsed(answer.body)
    body = root.first("Body") if root is not None and root.named("Envelope") else None
    fault = None if body is None else body.first("Fault")
    if fault is not None:
        _raise_fault(answer, fault)
    demand_success(answer)
    if body is None:
        raise CameraFailed(Fault.BAD_RESPONSE, error="the answer is no SOAP", status=answer.status)
    return body


def _raise_fault(answer: Answer, fault: Element) -> None:
    """By its codes and words, whatever the HTTP status: devices send faults with 200, 400, 401 and 500."""
    names = ("Value", "faultcode", "Text", "faultstring", "detail")
    said = " ".join(element.said() for name in names for element in fault.anywhere(name)).strip()
    refused = bool(_REFUSED.search(said)) or answer.status == 401
    if speaks_of_lock(said) and (refused or _ACCOUNT.search(said)):
        raise CameraFailed(Fault.AUTH_LOCKED, status=answer.status, soap=said)
    if refused:
        raise CameraFailed(Fault.AUTH_FAILED, status=answer.status, soap=said)
    raise ActionRefused(said or "a SOAP fault")


def mac_address(body: Element, host: str) -> str | None:
    """The hardware address of the interface that has `host`, else of the first enabled one, as pairs with colons."""
    interfaces = body.anywhere("NetworkInterfaces")[:_MOST_INTERFACES] or [body]
    ranked = sorted(interfaces, key=lambda one: (not _has_address(one, host), one.text("Enabled") == "false"))
    return next(
        (mac for one in ranked for element in one.anywhere("HwAddress") if (mac := as_mac(element.said()))), None
    )


def _has_address(interface: Element, host: str) -> bool:
    return any(_same_host(element.said(), host) for element in interface.anywhere("Address"))


def _same_host(one: str, other: str) -> bool:
    try:
        return ip_address(one) == ip_address(other)
    except ValueError:
        return False


def as_mac(text: str) -> str | None:
    """A hardware address as upper-case pairs with colons; None when it is none, or all zeros or ones."""
    digits = re.sub(r"[:.\s-]", "", text).upper()
    if not re.fullmatch(r"[0-9A-F]{12}", digits) or digits in ("0" * 12, "F" * 12):
        return None
    return ":".join(digits[index : index + 2] for index in range(0, 12, 2))


def media_in_capabilities(body: Element) -> str | None:
    """The address of the media service among the capabilities."""
    return next((found for element in body.anywhere("Media") if (found := element.text("XAddr"))), None)


def media_in_services(body: Element) -> dict[str, str]:
    """The addresses of "media" (ver10) and "media2" (ver20) in the list of services."""
    found: dict[str, str] = {}
    for element in body.anywhere("Service"):
        namespace, address = element.text("Namespace") or "", element.text("XAddr")
        version = re.search(r"/ver(10|20)/media/", namespace + "/")
        if version and address:
            found.setdefault("media" if version[1] == "10" else "media2", address)
    return found


def profiles_of(body: Element) -> list[Profile]:
    """Every profile, in the order of telling."""
    found = []
    for element in body.anywhere("Profiles")[:MOST_PROFILES]:
        token = element.attribute("token")
        name = element.text("Name") or token
        video = any(element.first(path) for path in ("VideoEncoderConfiguration", "Configurations/VideoEncoder"))
        if name:
            sources = ("VideoSourceConfiguration/SourceToken", "Configurations/VideoSource/SourceToken")
            source = next((told for path in sources if (told := element.text(path))), None)
            found.append(Profile(token, name, video, source))
    return found


def uri_of(body: Element) -> str | None:
    """The address in a GetStreamUri or GetSnapshotUri answer."""
    return next((text for element in body.anywhere("Uri") if (text := element.said())), None)
