"""Video cut into RTP payloads the way cameras do it: the counterpart of what is under test, written apart from it."""

import re

import numpy as np


def nal_units(annex_b: bytes) -> list[bytes]:
    """The NAL units of an Annex B stream."""
    return [nal.rstrip(b"\x00") for nal in re.split(rb"\x00\x00\x01", annex_b)[1:]]


def h264_payloads(unit: bytes, mtu: int, aggregate: bool) -> list[bytes]:
    """RFC 6184: small units aggregated (STAP-A) if asked for, large ones in fragments (FU-A)."""
    payloads: list[bytes] = []
    small: list[bytes] = []
    for nal in nal_units(unit):
        if aggregate and len(nal) < mtu // 4:
            small.append(nal)
        elif len(nal) <= mtu:
            payloads.append(nal)
        else:
            parts = [nal[1:][start : start + mtu] for start in range(0, len(nal) - 1, mtu)]
            for index, part in enumerate(parts):
                flags = 0x80 * (index == 0) | 0x40 * (index == len(parts) - 1)
                payloads.append(bytes([nal[0] & 0xE0 | 28, flags | nal[0] & 0x1F]) + part)
    if small:
        payloads.insert(0, b"\x78" + b"".join(len(nal).to_bytes(2) + nal for nal in small))
    return payloads


def h265_payloads(unit: bytes, mtu: int, aggregate: bool) -> list[bytes]:
    """RFC 7798: aggregates (48) and fragments (49)."""
    payloads: list[bytes] = []
    small: list[bytes] = []
    for nal in nal_units(unit):
        if aggregate and len(nal) < mtu // 4:
            small.append(nal)
        elif len(nal) <= mtu:
            payloads.append(nal)
        else:
            kind = nal[0] >> 1 & 0x3F
            parts = [nal[2:][start : start + mtu] for start in range(0, len(nal) - 2, mtu)]
            for index, part in enumerate(parts):
                flags = 0x80 * (index == 0) | 0x40 * (index == len(parts) - 1)
                payloads.append(bytes([nal[0] & 0x81 | 49 << 1, nal[1], flags | kind]) + part)
    if small:
        payloads.insert(0, b"\x60\x01" + b"".join(len(nal).to_bytes(2) + nal for nal in small))
    return payloads


def jpeg_payloads(jpeg: bytes, mtu: int) -> list[bytes]:
    """RFC 2435 with the quantisation tables in the first packet (Q = 255); baseline 4:2:0 with standard Huffman."""
    tables, size, position = b"", (0, 0), 2
    while True:
        marker, length = jpeg[position + 1], int.from_bytes(jpeg[position + 2 : position + 4])
        data = jpeg[position + 4 : position + 2 + length]
        position += 2 + length
        if marker == 0xDB:
            for start in range(0, len(data), 65):
                tables += data[start + 1 : start + 65]
        elif marker == 0xC0:
            size = int.from_bytes(data[3:5]), int.from_bytes(data[1:3])
        elif marker == 0xDA:
            break
    scan = jpeg[position:-2]
    payloads = []
    for offset in range(0, len(scan), mtu):
        head = b"\x00" + offset.to_bytes(3) + bytes([1, 255, size[0] // 8, size[1] // 8])
        if offset == 0:
            head += b"\x00\x00" + len(tables).to_bytes(2) + tables
        payloads.append(head + scan[offset : offset + mtu])
    return payloads


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Mean absolute difference in gray levels."""
    return float(np.abs(one.astype(int) - other.astype(int)).mean())
