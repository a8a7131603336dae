"""WS-Discovery on the multicast group of loopback: who looks for devices there hears of the virtual cameras."""

import asyncio
import logging
import socket
import struct
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from lxml import etree

from cammon.virtual.onvif import DEVICE_PATH, scopes
from cammon.virtual.soap import ENV, TDS, Node
from cammon.virtual.station import Station

log = logging.getLogger(__name__)

GROUP, PORT = "239.255.255.250", 3702
WSA = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
WSD = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
KINDS = ("NetworkVideoTransmitter", "Device")
_NSMAP = {"env": ENV, "wsa": WSA, "wsd": WSD, "tds": TDS, "dn": "http://www.onvif.org/ver10/network/wsdl"}


class Announcer(asyncio.DatagramProtocol):
    """Answers for each box that has a device service and is up, from that box's own address."""

    def __init__(self, up: Callable[[], Sequence[Station]]) -> None:
        self._up = up
        self._transport: asyncio.BaseTransport | None = None

    async def start(self) -> None:
        """Listen. Where the group cannot be had the cameras are not announced, and answer all the same."""
        try:
            group = _group()
        except OSError as error:
            log.warning("the virtual cameras are not announced: %s", error.strerror)
            return
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, sock=group)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple[str | Any, int]) -> None:
        """One question, or whatever else comes; only loopback is answered."""
        number = asked(data)
        if number is None or not address[0].startswith("127."):
            return
        for station in self._up():
            with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
                own.bind((station.host, 0))
                own.setblocking(False)
                own.sendto(match(station, number), address)

    def stop(self) -> None:
        """Listen no more."""
        if self._transport is not None:
            self._transport.close()


def asked(data: bytes) -> str | None:
    """The number of a Probe that looks for ONVIF devices, or for anything; None for every other message."""
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    probe = root.find(f"{{{ENV}}}Body/{{{WSD}}}Probe")
    if probe is None:
        return None
    kinds = (probe.findtext(f"{{{WSD}}}Types") or "").split()
    if kinds and not any(kind.rpartition(":")[2] in KINDS for kind in kinds):
        return None
    return (root.findtext(f"{{{ENV}}}Header/{{{WSA}}}MessageID") or "").strip()


def match(station: Station, number: str) -> bytes:
    """What a box answers to the Probe with this number."""
    own = uuid.uuid5(uuid.NAMESPACE_OID, f"{station.host}:{station.onvif_port}").urn
    root = etree.Element(f"{{{ENV}}}Envelope", nsmap=_NSMAP)
    header, body = (etree.SubElement(root, f"{{{ENV}}}{name}") for name in ("Header", "Body"))
    for name, text in (("MessageID", uuid.uuid4().urn), ("RelatesTo", number), ("Action", f"{WSD}/ProbeMatches")):
        _put(header, WSA, name, text)
    found = _put(_put(body, WSD, "ProbeMatches"), WSD, "ProbeMatch")
    _put(_put(found, WSA, "EndpointReference"), WSA, "Address", own)
    _put(found, WSD, "Types", "dn:NetworkVideoTransmitter tds:Device")
    _put(found, WSD, "Scopes", " ".join(scopes(station)))
    _put(found, WSD, "XAddrs", f"{station.onvif_scheme}://{station.host}:{station.onvif_port}{DEVICE_PATH}")
    _put(found, WSD, "MetadataVersion", "1")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _put(parent: Node, namespace: str, name: str, text: str | None = None) -> Node:
    node = etree.SubElement(parent, f"{{{namespace}}}{name}")
    node.text = text
    return node


def _group() -> socket.socket:
    """The multicast group of loopback, shared with whoever else listens to it. OSError."""
    group = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        group.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        group.bind((GROUP, PORT))
        loopback = struct.pack("4s4s", socket.inet_aton(GROUP), socket.inet_aton("127.0.0.1"))
        group.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, loopback)
        group.setblocking(False)
    except OSError:
        group.close()
        raise
    return group
