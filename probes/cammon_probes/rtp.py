"""RTP packets (RFC 3550) put together to the access units of H.264, H.265, MPEG-4 and JPEG video."""

from dataclasses import dataclass
from typing import NamedTuple

from .rtp_jpeg import JpegScan

_START = b"\x00\x00\x00\x01"
LARGEST_UNIT = 16 * 1024 * 1024
"""Bytes of one picture: more than a 4K intra frame at the finest quantiser."""


class Packet(NamedTuple):
    """One RTP packet without its header. `marker` ends a picture. A tuple: hundreds are made for one picture."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    payload: bytes


def packet_of(data: bytes) -> Packet | None:
    """The packet in `data`; None when it is no RTP version 2 packet or shorter than it says."""
    if len(data) < 12 or data[0] >> 6 != 2:
        return None
    start = 12 + 4 * (data[0] & 0x0F)
    if data[0] & 0x10:
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4])
    end = len(data) - (data[-1] if data[0] & 0x20 else 0)
    if start >= end or 192 <= data[1] <= 223:  # the second: RTCP on the same channel (RFC 5761)
        return None
    number, timestamp = int.from_bytes(data[2:4]), int.from_bytes(data[4:8])
    return Packet(data[1] & 0x7F, bool(data[1] & 0x80), number, timestamp, data[start:end])


@dataclass(frozen=True, slots=True)
class Unit:
    """One coded picture as a decoder takes it; `key` when it can be shown without those before it."""

    data: bytes
    key: bool


class Assembler:
    """Collects the packets of one picture after the other. A picture with a missing packet is dropped."""

    def __init__(self, codec: str, parameter_sets: tuple[bytes, ...] = ()) -> None:
        self._codec = codec
        self._sets = b"".join(_START + nal for nal in parameter_sets)
        self._begin(None)
        self._sequence: int | None = None

    @property
    def known(self) -> bool:
        """Whether this codec can be put together at all."""
        return self._codec in _KINDS or self._codec in ("mjpeg", "mpeg4")

    def _begin(self, timestamp: int | None) -> None:
        self._timestamp = timestamp
        self._parts = bytearray()
        self._kinds: set[int] = set()
        self._whole = True
        self._jpeg = JpegScan()

    def add(self, packet: Packet) -> Unit | None:
        """The picture that this packet completes, if it does. Without a marker the next one's time ends a picture."""
        done: Unit | None = None
        if self._timestamp is not None and packet.timestamp != self._timestamp:
            done = self._unit()
            self._begin(packet.timestamp)
        if self._timestamp is None:
            self._begin(packet.timestamp)
        if self._sequence is not None and packet.sequence != (self._sequence + 1) & 0xFFFF:
            self._whole = False
        self._sequence = packet.sequence
        self._take(packet.payload)
        if packet.marker and done is None:
            done = self._unit()
            self._begin(None)
        return done

    def _take(self, payload: bytes) -> None:
        if len(self._parts) > LARGEST_UNIT:
            self._whole = False
        elif self._codec == "h264":
            self._take_h264(payload)
        elif self._codec == "h265":
            self._take_h265(payload)
        elif self._codec == "mjpeg":
            self._whole = self._jpeg.add(payload) and self._whole
        else:
            self._parts += payload

    def _unit(self) -> Unit | None:
        if self._codec == "mjpeg":
            picture = self._jpeg.picture() if self._whole else None
            return Unit(picture, key=True) if picture else None
        if not self._whole or not self._parts:
            return None
        if self._codec == "mpeg4":
            start = self._parts.find(b"\x00\x00\x01\xb6")
            return Unit(bytes(self._parts), key=0 <= start < len(self._parts) - 4 and self._parts[start + 4] >> 6 == 0)
        key = bool(self._kinds & _KINDS[self._codec])
        return Unit((self._sets if key else b"") + bytes(self._parts), key)

    def _nal(self, kind: int, *parts: bytes) -> None:
        self._kinds.add(kind)
        self._parts += _START
        for part in parts:
            self._parts += part

    def _take_h264(self, payload: bytes) -> None:
        """RFC 6184: single units, aggregates (STAP-A, 24) and fragments (FU-A, 28)."""
        kind = payload[0] & 0x1F
        if kind == 24:
            for nal in _aggregated(payload[1:]):
                self._nal(nal[0] & 0x1F, nal)
        elif kind == 28 and len(payload) > 2:
            if payload[1] & 0x80:
                self._nal(payload[1] & 0x1F, bytes([payload[0] & 0xE0 | payload[1] & 0x1F]))
            self._parts += payload[2:]
        elif 1 <= kind <= 23:
            self._nal(kind, payload)

    def _take_h265(self, payload: bytes) -> None:
        """RFC 7798: single units, aggregates (48) and fragments (49)."""
        kind = payload[0] >> 1 & 0x3F
        if kind == 48:
            for nal in _aggregated(payload[2:]):
                self._nal(nal[0] >> 1 & 0x3F, nal)
        elif kind == 49 and len(payload) > 3:
            inner = payload[2] & 0x3F
            if payload[2] & 0x80:
                self._nal(inner, bytes([payload[0] & 0x81 | inner << 1, payload[1]]))
            self._parts += payload[3:]
        elif kind < 48:
            self._nal(kind, payload)


_KINDS = {"h264": frozenset({5, 7}), "h265": frozenset(range(16, 22)) | {33}}
"""NAL units that begin a picture which needs no other: IDR or IRAP, or a parameter set before an open-GOP I picture."""


def _aggregated(data: bytes) -> list[bytes]:
    found, position = [], 0
    while position + 2 < len(data):
        size = int.from_bytes(data[position : position + 2])
        if size:
            found.append(data[position + 2 : position + 2 + size])
        position += 2 + size
    return found
