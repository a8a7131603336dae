"""SOAP 1.2 envelopes: reading requests that may be hostile, writing answers and faults as ONVIF asks for them."""

from collections.abc import Callable, Mapping
from functools import partial
from xml.etree.ElementTree import Element  # only the type: parsing is defusedxml's

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from lxml import etree

ENV = "http://www.w3.org/2003/05/soap-envelope"
TDS = "http://www.onvif.org/ver10/device/wsdl"
TRT = "http://www.onvif.org/ver10/media/wsdl"
TT = "http://www.onvif.org/ver10/schema"
TER = "http://www.onvif.org/ver10/error"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_NSMAP = {"env": ENV, "tds": TDS, "trt": TRT, "tt": TT, "ter": TER}

CONTENT_TYPE = "application/soap+xml; charset=utf-8"
Node = etree._Element


class Maker:
    """Makes elements of one namespace: `maker.Name(child, "text", {"attribute": "value"})`. All text is escaped."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace

    def __getattr__(self, name: str) -> Callable[..., Node]:
        return partial(self, name)

    def __call__(self, name: str, *content: "Node | str | Mapping[str, str]") -> Node:
        node = etree.Element(f"{{{self._namespace}}}{name}", nsmap=_NSMAP)
        for part in content:
            if isinstance(part, str):
                node.text = part
            elif isinstance(part, Mapping):
                for key, value in part.items():
                    node.set(key, value)
            else:
                node.append(part)
        return node


tds, trt, tt, _env = Maker(TDS), Maker(TRT), Maker(TT), Maker(ENV)


class SoapFault(Exception):
    """A SOAP fault: sender or receiver, ONVIF subcodes from the outside in, and a sentence."""

    def __init__(self, sender: bool, subcodes: tuple[str, ...], reason: str) -> None:
        super().__init__(reason)
        self.sender = sender
        self.subcodes = subcodes
        self.reason = reason

    @property
    def status(self) -> int:
        """The HTTP status that belongs to it (SOAP 1.2 part 2, table 20)."""
        return 400 if self.sender else 500


def read_envelope(body: bytes) -> tuple[Element, Element | None]:
    """The operation element and the header of a request. SoapFault when it is no envelope, or holds a DTD."""
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise SoapFault(True, ("ter:WellFormed",), "Well-formed Error") from error
    content = root.find(f"{{{ENV}}}Body")
    if root.tag != f"{{{ENV}}}Envelope" or content is None or len(content) == 0:
        raise SoapFault(True, ("ter:WellFormed",), "Well-formed Error")
    return content[0], root.find(f"{{{ENV}}}Header")


def envelope(content: Node) -> bytes:
    """A message around its content."""
    return etree.tostring(_env.Envelope(_env.Body(content)), xml_declaration=True, encoding="UTF-8")


def fault(error: SoapFault) -> bytes:
    """A fault as a message."""
    subcode: Node | None = None
    for code in reversed(error.subcodes):
        inner = [] if subcode is None else [subcode]
        subcode = _env.Subcode(_env.Value(code), *inner)
    outer = [] if subcode is None else [subcode]
    text = _env.Text(error.reason, {"{http://www.w3.org/XML/1998/namespace}lang": "en"})
    side = "env:Sender" if error.sender else "env:Receiver"
    return envelope(_env.Fault(_env.Code(_env.Value(side), *outer), _env.Reason(text)))
