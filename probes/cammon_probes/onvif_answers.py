"""Reading ONVIF answers: whatever can be read is taken, by local name, because devices use wrong namespaces."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from .answers import Answer
from .failure import CameraFailed
from .model import Fault
from .statuses import fault_of, speaks_of_lock

_REFUSED = re.compile(
    r"notauthorized|failedauthentication|failedcheck|invalidsecurity(token)?|not authori[sz]ed|unauthori[sz]ed"
    r"|authentication fail|authority failure",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Element:
    """One element of an answer, found and read without its namespace."""

    node: etree._Element

    def all(self, path: str) -> list["Element"]:
        """The elements below by their local names: "Body/Fault"."""
        found = [self.node]
        for name in path.split("/"):
            found = [child for node in found for child in node if _local(child) == name]
        return [Element(node) for node in found]

    def first(self, path: str) -> "Element | None":
        """The first of `all`."""
        return next(iter(self.all(path)), None)

    def text(self, path: str) -> str | None:
        """The text of the first of `all`; None when it is missing or empty."""
        found = self.first(path)
        return (found.node.text or "").strip() or None if found else None

    def number(self, path: str) -> int | None:
        """The whole number in `text`; None when it is none."""
        text = self.text(path) or ""
        return int(text) if re.fullmatch(r"\d{1,9}", text) else None

    def attribute(self, name: str) -> str | None:
        """An attribute by its local name."""
        for key, value in self.node.items():
            if etree.QName(key).localname == name:
                return str(value)
        return None

    def anywhere(self, name: str) -> list["Element"]:
        """All elements of a local name at any depth, in document order."""
        return [Element(node) for node in self.node.iter() if _local(node) == name]


def _local(node: etree._Element) -> str:
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


class ActionRefused(Exception):
    """The device understood, and will not: an optional action that it lacks, a wrong token. No fault of the video."""


def body_of(answer: Answer) -> Element:
    """The SOAP body. Raises `CameraFailed` for a failed request or login, `ActionRefused` for other SOAP faults."""
    root = _parsed(answer.body)
    body = None if root is None else root.first("Body")
    fault = None if body is None else body.first("Fault")
    if fault is not None:
        _raise_fault(answer, fault)
    status_fault = fault_of(answer)
    if status_fault is not None:
        raise CameraFailed(status_fault, status=answer.status, reason=answer.reason)
    if body is None:
        raise CameraFailed(Fault.BAD_RESPONSE, error="the answer is no SOAP", status=answer.status)
    return body


def _raise_fault(answer: Answer, fault: Element) -> None:
    codes = [value.node.text or "" for value in fault.anywhere("Value") + fault.anywhere("faultcode")]
    words = [text.node.text or "" for text in fault.anywhere("Text") + fault.anywhere("faultstring")]
    said = " ".join((*codes, *words))
    refused = bool(_REFUSED.search(said)) or answer.status == 401
    if refused and speaks_of_lock(said):
        raise CameraFailed(Fault.AUTH_LOCKED, status=answer.status, soap=said)
    if refused:
        raise CameraFailed(Fault.AUTH_FAILED, status=answer.status, soap=said)
    raise ActionRefused(said)


def _parsed(data: bytes) -> Element | None:
    """The root element; None when it is no XML. Raises `CameraFailed` for a document type: entities hide there."""
    if not data.strip():
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    if b"<!DOCTYPE" in data:
        raise CameraFailed(Fault.BAD_RESPONSE, error="the answer declares a document type")
    try:
        root = etree.fromstring(data, parser=parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise CameraFailed(Fault.BAD_RESPONSE, error="the answer declares a document type")
    return Element(root)


def camera_time(body: Element) -> datetime | None:
    """The camera's UTC time; None when it names none that exists."""
    utc = next(iter(body.anywhere("UTCDateTime")), None)
    if utc is None:
        return None
    parts = ("Date/Year", "Date/Month", "Date/Day", "Time/Hour", "Time/Minute", "Time/Second")
    numbers = [utc.number(part) for part in parts]
    if any(number is None for number in numbers):
        return None
    year, month, day, hour, minute, second = (number or 0 for number in numbers)
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        return None


def mac_address(body: Element) -> str | None:
    """The first hardware address, as upper-case pairs with colons."""
    for element in body.anywhere("HwAddress"):
        digits = re.sub(r"[:.-]", "", (element.node.text or "").strip()).upper()
        if re.fullmatch(r"[0-9A-F]{12}", digits) and digits != "0" * 12:
            return ":".join(digits[index : index + 2] for index in range(0, 12, 2))
    return None


def media_address(body: Element) -> str | None:
    """The address of the media service among the capabilities."""
    for element in body.anywhere("Media"):
        if found := element.text("XAddr"):
            return found
    return None


def profiles_of(body: Element) -> list[tuple[str, str]]:
    """Token and name of every profile."""
    found = []
    for element in body.anywhere("Profiles"):
        token = element.attribute("token")
        if token:
            found.append((token, element.text("Name") or token))
    return found


def uri_of(body: Element) -> str | None:
    """The address in a GetStreamUri or GetSnapshotUri answer."""
    return next((text for element in body.anywhere("Uri") if (text := (element.node.text or "").strip())), None)
