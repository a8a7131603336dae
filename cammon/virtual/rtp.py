"""RTP of H.264 (RFC 6184, packetization mode 1) and RTCP sender reports (RFC 3550), interleaved in RTSP (RFC 2326)."""

import struct
from collections.abc import Iterator
from datetime import datetime

from cammon.virtual.h264 import NAL_PPS, NAL_SPS, AccessUnit

PAYLOAD_TYPE = 96
CLOCK_HZ = 90_000
MAX_PAYLOAD = 1400
_STAP_A, _FU_A = 24, 28
_NTP_TO_UNIX_S = 2_208_988_800


class Packetiser:
    """One RTP stream within an RTSP session; counts what it sent for the sender reports."""

    def __init__(self, ssrc: int, sequence: int, timestamp: int) -> None:
        self._ssrc = ssrc
        self.sequence = sequence
        """number of the next packet"""
        self.start = timestamp
        """RTP time of second 0"""
        self._packets = 0
        self._octets = 0

    def timestamp(self, at_s: float) -> int:
        """RTP time, `at_s` seconds after the stream's start."""
        return (self.start + round(at_s * CLOCK_HZ)) & 0xFFFFFFFF

    def packets(self, unit: AccessUnit, at_s: float) -> Iterator[bytes]:
        """The packets of one picture; the last one bears the marker."""
        payloads = [part for nal in _aggregated(unit.nals) for part in _payloads(nal)]
        for place, payload in enumerate(payloads, 1):
            marker = 0x80 if place == len(payloads) else 0
            head = struct.pack(">BBHII", 0x80, marker | PAYLOAD_TYPE, self.sequence, self.timestamp(at_s), self._ssrc)
            self.sequence = (self.sequence + 1) & 0xFFFF
            self._packets += 1
            self._octets += len(payload)
            yield head + payload

    def sender_report(self, at_s: float, now: datetime) -> bytes:
        """Which wall time (the camera's own clock) belongs to which RTP time (RFC 3550 section 6.4.1)."""
        wall = now.timestamp() + _NTP_TO_UNIX_S
        seconds, fraction = int(wall) & 0xFFFFFFFF, int(wall % 1 * 2**32)
        counts = (self._packets & 0xFFFFFFFF, self._octets & 0xFFFFFFFF)
        return struct.pack(">BBHIIIIII", 0x80, 200, 6, self._ssrc, seconds, fraction, self.timestamp(at_s), *counts)


def interleaved(channel: int, packet: bytes) -> bytes:
    """A packet as it travels in the RTSP connection (RFC 2326 section 10.12)."""
    return struct.pack(">cBH", b"$", channel, len(packet)) + packet


def _aggregated(nals: tuple[bytes, ...]) -> Iterator[bytes]:
    """SPS and PPS that follow each other become one STAP-A; the rest stays."""
    sets = [nal for nal in nals if nal[0] & 31 in (NAL_SPS, NAL_PPS)]
    if sets:
        reference = max(nal[0] & 0x60 for nal in sets)
        yield bytes([reference | _STAP_A]) + b"".join(struct.pack(">H", len(nal)) + nal for nal in sets)
    yield from (nal for nal in nals if nal[0] & 31 not in (NAL_SPS, NAL_PPS))


def _payloads(nal: bytes) -> Iterator[bytes]:
    """One NAL unit as a single packet, or as fragments (FU-A) when it is too long."""
    if len(nal) <= MAX_PAYLOAD:
        yield nal
        return
    indicator, kind = (nal[0] & 0xE0) | _FU_A, nal[0] & 31
    step = MAX_PAYLOAD - 2
    for start in range(1, len(nal), step):
        first = 0x80 if start == 1 else 0
        last = 0x40 if start + step >= len(nal) else 0
        yield bytes([indicator, first | last | kind]) + nal[start : start + step]
