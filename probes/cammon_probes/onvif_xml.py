"""The XML of ONVIF answers: read by local name, mended where devices are known to break it, refused where hostile."""

import codecs
import contextlib
import re
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from .failure import CameraFailed
from .model import Fault

MOST_MARKS = 250_000
"""Elements and attributes in one answer: a recorder of 64 channels tells of some 180,000."""
_DECLARED = re.compile(rb"<\?xml[^>]{0,80}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_ENCODINGS = frozenset(
    {"utf-8", "iso8859-1", "iso8859-15", "cp1252", "cp1251", "koi8-r", "gb2312", "gbk", "gb18030", "big5", "shift_jis"}
)
"""By Python's names. Not every codec decodes a hostile text in linear time."""
_BEGIN = re.compile(r"<(?:[\w.-]{1,40}:)?Envelope\b", re.IGNORECASE)
_END = re.compile(r"</(?:[\w.-]{1,40}:)?Envelope\s{0,20}>", re.IGNORECASE)
_MOST_STRAYS = 1000
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STRAY_AMPERSAND = re.compile(r"&(?!(?:#\d+|#x[0-9a-fA-F]+|amp|lt|gt|quot|apos);)")
_BYTE_ORDER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class HostileAnswer(CameraFailed):
    """An answer that no device gives by mistake: the look ends, whatever was asked."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element of an answer, found and read without its namespace."""

    node: etree._Element

    def all(self, path: str) -> list["Element"]:
        """The elements below by their local names: "Body/Fault"."""
        found = [self.node]
        for name in path.split("/"):
            found = [child for node in found for child in node if _local(child.tag) in _spellings(name)]
        return [Element(node) for node in found]

    def first(self, path: str) -> "Element | None":
        """The first of `all`."""
        return next(iter(self.all(path)), None)

    def named(self, name: str) -> bool:
        """Whether the element itself has this local name."""
        return _local(self.node.tag) in _spellings(name)

    def said(self) -> str:
        """The text of the element itself; "" when it is empty."""
        return (self.node.text or "").strip()

    def text(self, path: str) -> str | None:
        """The text of the first of `all`; None when it is missing or empty."""
        found = self.first(path)
        return (found.said() or None) if found else None

    def number(self, path: str) -> int | None:
        """The whole number in `text`; None when it is none."""
        text = self.text(path) or ""
        return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else None

    def attribute(self, name: str) -> str | None:
        """An attribute by its local name; None when it is missing or empty."""
        for key, value in self.node.items():
            if _local(key).lower() == name:
                return str(value).strip() or None
        return None

    def anywhere(self, name: str) -> list["Element"]:
        """All elements of a local name at any depth, in document order."""
        return [Element(node) for node in self.node.iter(*(f"{{*}}{spelling}" for spelling in _spellings(name)))]


@lru_cache(maxsize=256)
def _spellings(name: str) -> frozenset[str]:
    """A name as the standard writes it, and as devices do that begin it with a small letter or have no others."""
    return frozenset({name, name.lower(), name[:1].lower() + name[1:]})


def _local(tag: object) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def parsed(data: bytes) -> Element | None:
    """The root element; None when it is no XML. `HostileAnswer` for a document type (entities hide there) or a flood.

    What is broken in a way that devices are known for is mended: bytes of another encoding than declared, control
    characters, a bare & in an address, prefixes that nobody declared, text around the envelope.
    """
    if data.count(b"<") + data.count(b"=") > MOST_MARKS:
        raise HostileAnswer(Fault.TOO_LARGE, error="too many elements", limit=MOST_MARKS)
    if not data.strip():
        return None
    try:
        return _tree(data, _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        if "XML_PARSE_HUGE" in str(error):
            return None
    text = _mended(data)
    if text is None:
        return None
    try:
        root = _tree(text.encode(), _parser(recover=True, encoding="utf-8"))
    except (etree.XMLSyntaxError, ValueError):
        return None
    for node in () if root is None else root.node.iter(etree.Element):
        if ":" in node.tag and "}" not in node.tag:
            node.tag = node.tag.rpartition(":")[2] or "_"
    return root


def _parser(**options: object) -> etree.XMLParser:
    bounded = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
    # A comment or an instruction would cut the text around it in two.
    bounded |= {"remove_comments": True, "remove_pis": True}
    return etree.XMLParser(**bounded, **options)  # type: ignore[arg-type]


def _tree(data: bytes, parser: etree.XMLParser) -> Element | None:
    if b"<!DOCTYPE" in data:
        raise HostileAnswer(Fault.BAD_RESPONSE, error="the answer declares a document type")
    root = etree.fromstring(data, parser=parser)
    if root is None:
        return None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise HostileAnswer(Fault.BAD_RESPONSE, error="the answer declares a document type")
    return Element(root)


def _mended(data: bytes) -> str | None:
    """The envelope alone as a text that can be parsed; None when there is no whole one."""
    text = _decoded(data)
    if "<!DOCTYPE" in text:
        raise HostileAnswer(Fault.BAD_RESPONSE, error="the answer declares a document type")
    begin, end = _BEGIN.search(text), 0
    for found in _END.finditer(text):
        end = found.end()
    if begin is None or end < begin.start():
        return None
    return _STRAY_AMPERSAND.sub("&amp;", _NO_XML.sub("", text[begin.start() : end]), count=_MOST_STRAYS)


def _decoded(data: bytes) -> str:
    """By the declared encoding, or what it most likely is: UTF-8, the GB18030 of Chinese devices, Latin-1.

    Chinese characters are pairs of high bytes, in a row at that; letters with an accent stand alone.
    """
    if data[:2] in _BYTE_ORDER_MARKS:
        return data.decode("utf-16", "replace")
    declared = _DECLARED.search(data[:200])
    likely = ("utf-8", "gb18030") if re.search(rb"[\x80-\xff]{2}", data) else ("utf-8",)
    for name in ((declared[1].decode(),) if declared else ()) + likely:
        with contextlib.suppress(LookupError, ValueError):
            if codecs.lookup(name).name in _ENCODINGS:
                return data.decode(name)
    return data.decode("latin-1")
