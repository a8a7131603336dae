"""Encoding and packets: what goes in comes out, whatever its size."""

import io
import struct
from datetime import UTC, datetime

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cammon.virtual.h264 import AccessUnit, Encoder, split_annex_b
from cammon.virtual.model import StreamSpec
from cammon.virtual.pattern import TestPattern
from cammon.virtual.rtp import MAX_PAYLOAD, Packetiser, interleaved
from cammon_coverage.model import Period

AT = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


def nal(kind: int, length: int) -> bytes:
    return bytes([0x60 | kind]) + bytes((place * 7 + length) % 251 + 1 for place in range(length - 1))


def put_together(packets: list[bytes]) -> list[bytes]:
    """The NAL units that a receiver makes of RTP packets (RFC 6184), written down anew from the standard."""
    units, part = [], bytearray()
    for packet in packets:
        payload = packet[12:]
        kind = payload[0] & 31
        if kind == 24:
            place = 1
            while place < len(payload):
                length = struct.unpack(">H", payload[place : place + 2])[0]
                units.append(payload[place + 2 : place + 2 + length])
                place += 2 + length
        elif kind == 28:
            if payload[1] & 0x80:
                part = bytearray([payload[0] & 0xE0 | payload[1] & 31])
            part += payload[2:]
            if payload[1] & 0x40:
                units.append(bytes(part))
        else:
            units.append(payload)
    return units


LENGTHS = st.sampled_from(
    [1, 2, MAX_PAYLOAD - 1, MAX_PAYLOAD, MAX_PAYLOAD + 1, 2 * MAX_PAYLOAD - 3, 2 * MAX_PAYLOAD]
) | st.integers(1, 9000)


@given(slices=st.lists(LENGTHS, min_size=1, max_size=4), key=st.booleans(), first=st.integers(0, 65535))
@settings(deadline=None)
def test_packets_carry_every_picture_whole(slices, key, first):
    units = [nal(7, 24), nal(8, 5)] * key + [nal(5 if key else 1, length) for length in slices]
    packets = list(Packetiser(7, first, 0xFFFFFF00).packets(AccessUnit(tuple(units), key), 1.0))
    assert put_together(packets) == units
    heads = [struct.unpack(">BBHII", packet[:12]) for packet in packets]
    assert [head[2] for head in heads] == [(first + place) % 65536 for place in range(len(heads))]
    assert [head[1] >> 7 for head in heads] == [0] * (len(heads) - 1) + [1]
    assert {head[3] for head in heads} == {(0xFFFFFF00 + 90000) % 2**32}
    assert all(len(packet) <= 12 + MAX_PAYLOAD for packet in packets)


@given(
    units=st.lists(
        st.binary(min_size=1, max_size=40).filter(
            lambda unit: b"\0\0" not in unit and unit[-1:] != b"\0" and unit[0] != 0
        )
    )
)
def test_annex_b_comes_apart_at_long_and_short_start_codes(units):
    stream = b"".join((b"\0\0\1" if place % 2 else b"\0\0\0\1") + unit for place, unit in enumerate(units))
    assert split_annex_b(stream) == units


def test_a_packet_in_the_rtsp_connection():
    assert interleaved(2, b"abc") == b"$\x02\x00\x03abc"


def pictures(count: int, width_px: int = 320, height_px: int = 240):
    source = TestPattern()
    for number in range(count):
        more = {"at": AT, "elapsed_s": number / 5, "period": Period.DAY, "faults": {}, "seed": number}
        yield source.frame("CAM01", width_px, height_px, **more)


def decoded(units: list[AccessUnit]) -> list[np.ndarray]:
    stream = b"".join(b"\0\0\0\1" + part for unit in units for part in unit.nals)
    with av.open(io.BytesIO(stream), format="h264") as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def test_what_is_encoded_is_what_is_seen():
    encoder = Encoder(StreamSpec("/", 320, 240))
    drawn = list(pictures(6))
    units = [encoder.encode(picture, key=place in (0, 4)) for place, picture in enumerate(drawn)]
    assert [unit.key for unit in units] == [True, False, False, False, True, False]
    seen = decoded(units)
    assert len(seen) == 6
    for one, other in zip(drawn, seen, strict=True):
        assert np.abs(one[..., 1].astype(int) - other[..., 1]).mean() < 6


def test_the_same_picture_encodes_to_the_same_bytes():
    picture = next(pictures(1))
    first, second = (Encoder(StreamSpec("/", 320, 240)).encode(picture, key=True) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("rate_fps", [5.0, 12.5, 25.0, 29.97, 60.0])
def test_the_declared_rate_stands_in_the_stream(rate_fps):
    encoder = Encoder(StreamSpec("/", 320, 240, rate_fps))
    unit = encoder.encode(next(pictures(1)), key=True)
    with av.open(io.BytesIO(b"".join(b"\0\0\0\1" + part for part in unit.nals * 2)), format="h264") as container:
        next(container.decode(video=0))
        assert float(container.streams.video[0].codec_context.framerate) == pytest.approx(rate_fps, rel=1e-3)
