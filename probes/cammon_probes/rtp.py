"""RTP packets (RFC 3550) put together to the access units of H.264, H.265, MPEG-4 and JPEG video."""

from dataclasses import dataclass
from struct import Struct
from typing import NamedTuple

from .rtp_jpeg import JpegScan

_START = b"\x00\x00\x00\x01"
LARGEST_UNIT = 16 * 1024 * 1024
"""Bytes of one picture: more than a 4K intra frame at the finest quantiser."""
LARGEST_CARRIED = 65536


class Packet(NamedTuple):
    """One RTP packet without its header. `marker` ends a picture. A tuple: hundreds are made for one picture."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    payload: bytes


_HEAD = Struct(">BBHL").unpack_from


def packet_of(data: bytes) -> Packet | None:
    """The packet in `data`; None when it is no RTP version 2 packet or shorter than it says."""
    size = len(data)
    if size < 12:
        return None
    flags, kind, number, timestamp = _HEAD(data)
    start, end = 12, size
    if flags != 0x80:
        if flags >> 6 != 2:
            return None
        start += 4 * (flags & 0x0F)
        if flags & 0x10:
            start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4])
        if flags & 0x20:
            end -= data[-1]
    if start >= end or 192 <= kind <= 223:  # the second: RTCP on the same channel (RFC 5761)
        return None
    return Packet(kind & 0x7F, kind > 0x7F, number, timestamp, data[start:end])


@dataclass(frozen=True, slots=True)
class Unit:
    """One coded picture as a decoder takes it; `key` when it can be shown without those before it. `timestamp` is in
    ticks of the stream's clock."""

    data: bytes
    key: bool
    timestamp: int = 0


class Assembler:
    """Collects the packets of one picture after the other. A picture with a missing packet is dropped."""

    def __init__(self, codec: str, parameter_sets: tuple[bytes, ...] = ()) -> None:
        self._codec = codec
        self._sets = b"".join(_START + nal for nal in parameter_sets)
        takers = {"h264": self._take_h264, "h265": self._take_h265, "mjpeg": self._take_jpeg}
        self._take = takers.get(codec, self._take_plain)
        self._carried = bytearray()
        self._begin(None)
        self._following: int | None = None
        self._alike, self._alike_to = b"", 14
        self.packets = 0
        self.dropped = 0
        """Pictures that were not whole."""

    def _begin(self, timestamp: int | None) -> None:
        self._timestamp = timestamp
        self._parts, self._carried = self._carried, bytearray()
        self._kinds: set[int] = set()
        self._whole = True
        self._jpeg = JpegScan()

    def take(self, data: bytes) -> Unit | None:
        """`add` for a packet as it came; anything but a packet is passed over.

        Nearly all packets are the next fragment of the same NAL unit, alike in all but their number: those are added
        without being taken apart.
        """
        alike = len(data) >= self._alike_to and data[:2] + data[4 : self._alike_to] == self._alike
        if alike and data[2] << 8 | data[3] == self._following:
            self._following = (self._following + 1) & 0xFFFF
            self.packets += 1
            if len(self._parts) <= LARGEST_UNIT:
                self._parts += data[self._alike_to :]
            else:
                self._whole = False
            return None
        packet = packet_of(data)
        if packet is None:
            return None
        self.packets += 1
        unit = self.add(packet)
        self._learn_alike(data, packet)
        return unit

    def _learn_alike(self, data: bytes, packet: Packet) -> None:
        """What the head of the next packet looks like if it goes on with this fragment."""
        first, length = packet.payload[0], 2
        kind = first & 0x1F
        if self._codec == "h265":
            kind, length = first >> 1 & 0x3F, 3
        going_on = self._timestamp is not None and data[0] == 0x80 and len(packet.payload) > length
        if going_on and kind == _FRAGMENT.get(self._codec) and not packet.payload[length - 1] & 0x40:
            inner = packet.payload[length - 1] & 0x7F
            self._alike_to = 12 + length
            self._alike = data[:2] + data[4 : 11 + length] + bytes([inner])
        else:
            self._alike = b""

    def add(self, packet: Packet) -> Unit | None:
        """The picture that this packet completes, if it does. Without a marker the next one's time ends a picture."""
        _, marker, sequence, timestamp, payload = packet
        done: Unit | None = None
        if timestamp != self._timestamp:
            if self._timestamp is not None:
                done = self._unit()
            self._begin(timestamp)
        if sequence != self._following:
            self._whole = self._whole and self._following is None
        self._following = (sequence + 1) & 0xFFFF
        if len(self._parts) > LARGEST_UNIT:
            self._whole = False
        else:
            self._take(payload)
        if marker and done is None:
            done = self._unit()
            self._begin(None)
        return done

    def _take_jpeg(self, payload: bytes) -> None:
        self._whole = self._jpeg.add(payload) and self._whole

    def _take_plain(self, payload: bytes) -> None:
        self._parts += payload

    def _unit(self) -> Unit | None:
        if self._whole and self._kinds and self._kinds <= _BESIDE.get(self._codec, _NONE):
            # Some cameras end their parameter sets like a picture: they belong to the picture that follows.
            self._carried = self._parts if len(self._parts) <= LARGEST_CARRIED else bytearray()
            return None
        made = self._made() if self._whole else None
        self.dropped += made is None
        return made

    def _made(self) -> Unit | None:
        if self._codec == "mjpeg":
            picture = self._jpeg.picture()
            return Unit(picture, True, self._timestamp or 0) if picture else None
        if not self._parts:
            return None
        key = self._is_key()
        return Unit((self._sets if key else b"") + self._parts, key, self._timestamp or 0)

    def _is_key(self) -> bool:
        if self._codec == "mpeg4":
            start = self._parts.find(b"\x00\x00\x01\xb6")
            return 0 <= start < len(self._parts) - 4 and self._parts[start + 4] >> 6 == 0
        return bool(self._kinds & _KINDS[self._codec])

    def _nal(self, kind: int, *parts: bytes) -> None:
        self._kinds.add(kind)
        self._parts += _START
        for part in parts:
            self._parts += part

    def _take_h264(self, payload: bytes) -> None:
        """RFC 6184: single units, aggregates (STAP-A, 24) and fragments (FU-A, 28)."""
        kind = payload[0] & 0x1F
        if kind == 28 and len(payload) > 2:
            if payload[1] & 0x80:
                self._nal(payload[1] & 0x1F, bytes([payload[0] & 0xE0 | payload[1] & 0x1F]))
            self._parts += payload[2:]
        elif kind == 24:
            for nal in _aggregated(payload[1:]):
                self._nal(nal[0] & 0x1F, nal)
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


_NONE: frozenset[int] = frozenset()
_BESIDE = {"h264": frozenset(range(6, 24)) - {19, 20, 21}, "h265": frozenset(range(32, 48))}
"""NAL units that hold no part of a picture: parameter sets, messages, delimiters."""
_FRAGMENT = {"h264": 28, "h265": 49}
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
