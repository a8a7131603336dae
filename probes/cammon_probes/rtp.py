"""RTP packets (RFC 3550) put together to the access units of H.264, H.265, MPEG-4 and JPEG video."""

from dataclasses import dataclass
from struct import Struct
from typing import NamedTuple

from .rtp_jpeg import JpegScan
from .rtp_source import Source
from .rtp_starts import begins_picture

_START = b"\x00\x00\x00\x01"
LARGEST_UNIT = 16 * 1024 * 1024
"""Bytes of one picture: more than a 4K intra frame at the finest quantiser."""
LARGEST_CARRIED = 65536


class Packet(NamedTuple):
    """One RTP packet without its header. `marker` should end a picture. A tuple: hundreds are made for one picture."""

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
    """Collects the packets of one picture after the other. A picture with a missing packet is dropped.

    Packets of one timestamp are one picture. Some cameras set the marker on each slice or each packet: it ends a
    picture when nothing of the same one follows, which `settled` is to be asked after a pause.
    """

    def __init__(self, codec: str, parameter_sets: tuple[bytes, ...] = (), payload_type: int | None = None) -> None:
        self._codec = codec
        self._sets = b"".join(_START + nal for nal in parameter_sets)
        takers = {"h264": self._take_h264, "h265": self._take_h265, "mjpeg": self._take_jpeg}
        self._take = takers.get(codec, self._take_plain)
        self._source = Source(payload_type)
        self._carried = bytearray()
        self._timestamp: int | None = None
        self._ended: int | None = None
        self._begin(None)
        self._following: int | None = None
        self._past_others: int | None = None
        self._alike, self._alike_to = b"", 14
        self.packets = 0
        self.dropped = 0
        """Pictures that were not whole."""

    def _begin(self, timestamp: int | None) -> None:
        self._ended = self._ended if self._timestamp is None else self._timestamp
        self._timestamp = timestamp
        self._marked = False
        self._parts, self._carried = self._carried, bytearray()
        self._kinds: set[int] = set()
        self._whole = True
        self._jpeg = JpegScan()

    def take(self, data: bytes) -> Unit | None:
        """`add` for a packet as it came; anything but a packet of this video, each taken once, is passed over.

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
        if packet is None or not self._is_ours(packet, data[8:12]):
            return None
        self.packets += 1
        if self._is_repeat(packet):
            return None
        unit = self.add(packet)
        self._learn_alike(data, packet)
        return unit

    def _is_ours(self, packet: Packet, sender: bytes) -> bool:
        heard = self._source.heard
        if not self._source.is_video(packet.payload_type, sender, self.packets):
            if heard is not None and sender == heard[1]:
                self._pass_number(packet.sequence)
            return False
        if heard is not None and heard != self._source.heard:
            self._begin(None)
            self._following, self._alike = None, b""
        return True

    def _pass_number(self, number: int) -> None:
        """Packets of one sender are numbered together (RFC 3550), though some cameras number each type by itself."""
        due = self._following if self._past_others is None else self._past_others
        if number == due:
            self._past_others = (number + 1) & 0xFFFF

    def _is_repeat(self, packet: Packet) -> bool:
        """Whether it was taken before: some cameras send each packet twice."""
        if self._following is None or packet.timestamp not in (self._timestamp, self._ended):
            return False
        return 0 < (self._following - packet.sequence) & 0xFFFF < 0x8000

    def _goes_on(self, payload: bytes) -> bool:
        """Whether it is a fragment of a NAL unit that is not the last."""
        if self._codec == "h264":
            return payload[0] & 0x1F == 28 and len(payload) > 2 and not payload[1] & 0x40
        return self._codec == "h265" and payload[0] >> 1 & 0x3F == 49 and len(payload) > 3 and not payload[2] & 0x40

    def _learn_alike(self, data: bytes, packet: Packet) -> None:
        """What the head of the next packet looks like if it goes on with this fragment."""
        self._alike = b""
        if data[0] == 0x80 and self._goes_on(packet.payload):
            self._alike_to = 14 if self._codec == "h264" else 15
            self._alike = data[:2] + data[4 : self._alike_to - 1] + bytes([data[self._alike_to - 1] & 0x7F])

    def add(self, packet: Packet) -> Unit | None:
        """The picture that is complete because this packet is not part of it, if there is one."""
        _, marker, sequence, timestamp, payload = packet
        done: Unit | None = None
        if timestamp != self._timestamp or (self._is_settled() and begins_picture(self._codec, payload)):
            if self._timestamp is not None:
                done = self._unit()
            self._begin(timestamp)
        if sequence != self._following and (sequence != self._past_others or self._past_others is None):
            self._whole = self._whole and self._following is None
        self._following, self._past_others = (sequence + 1) & 0xFFFF, None
        if len(self._parts) > LARGEST_UNIT:
            self._whole = False
        else:
            self._take(payload)
        self._marked = marker and not self._goes_on(payload)
        return done

    def settled(self) -> Unit | None:
        """The picture whose end was marked, if one was, now that nothing has followed for a while."""
        if not self._is_settled():
            return None
        done = self._unit()
        self._begin(None)
        return done

    def _is_settled(self) -> bool:
        return self._marked and self._shows()

    def _shows(self) -> bool:
        """Whether a part of a picture has come, and not only what stands before one."""
        if self._codec == "mpeg4":
            return _VOP in self._parts
        return not self._kinds or not self._kinds <= _BESIDE.get(self._codec, _NONE)

    def _take_jpeg(self, payload: bytes) -> None:
        self._whole = self._jpeg.add(payload) and self._whole

    def _take_plain(self, payload: bytes) -> None:
        self._parts += payload

    def _unit(self) -> Unit | None:
        if self._whole and not self._shows():
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
            start = self._parts.find(_VOP)
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
_VOP = b"\x00\x00\x01\xb6"
"""Where a picture of MPEG-4 begins."""
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
