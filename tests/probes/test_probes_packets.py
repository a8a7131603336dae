"""Packets that are not as the standards have them: markers, payload types, senders and numbers of real makers."""

import itertools
import time

import pytest
from packets import difference, h264_payloads, h265_payloads
from peers import SDP_H264, RtspCamera, interleaved, mute, rtp
from streams import encoded
from test_probes_picture import SDP_H265
from test_probes_transports import UdpCamera, packets_of

from cammon_probes.picture_probe import picture


def marked(packet, on=True):
    return packet[:1] + bytes([packet[1] & 0x7F | 0x80 * bool(on)]) + packet[2:]


def numbered(packet, number):
    return packet[:2] + (number & 0xFFFF).to_bytes(2) + packet[4:]


def of_type(packet, payload_type):
    return packet[:1] + bytes([packet[1] & 0x80 | payload_type]) + packet[2:]


def sent_by(packet, sender):
    return packet[:8] + sender + packet[12:]


def all_marked(packets):
    return [marked(packet) for packet in packets]


def marked_at_each_end(packets):
    """Of a NAL unit: the last of its fragments, or the only one."""
    return [marked(packet, packet[12] & 0x1F != 28 or packet[13] & 0x40) for packet in packets]


def unmarked(packets):
    return [marked(packet, False) for packet in packets]


def timeless(packets):
    return [packet[:4] + bytes(4) + packet[8:] for packet in packets]


def between(make):
    """Something else behind each packet; `make` makes it of the packet before and its place in the picture."""
    return lambda packets: [one for at, packet in enumerate(packets) for one in (packet, make(packet, at))]


def described_last(packets):
    """Metadata come first, as on a stream whose camera has to wait for the next picture."""
    return [of_type(sent_by(packets[0], b"meta"), 107), *packets]


def sharing_numbers(packets):
    """Every second number belongs to another type of the same sender."""
    first = 2 * int.from_bytes(packets[0][2:4])
    own = [numbered(packet, first + 2 * at) for at, packet in enumerate(packets)]
    return [one for packet in own for one in (packet, of_type(numbered(packet, packet[3] + 1 + packet[2] * 256), 107))]


def as_other_type(packets):
    return [of_type(packet, 97) for packet in packets]


def same(packet, at):
    return packet


def metadata(packet, at):
    return of_type(numbered(packet, 7000 + at), 107)[:12] + b"<metadata/>"


def foreign(packet, at):
    return sent_by(packet, b"else")[:14] + b"else"


def twice(packets):
    return packets + packets


def sending(units, payloads, change, every_s):
    """Plays access units as RTP; what is sent of each is what `change` makes of its packets."""

    def play(connection):
        number = 65500
        for index, unit in enumerate(itertools.cycle(units)):
            parts = payloads(unit)
            packets = [rtp(part, number + at, 3600 * index, part is parts[-1]) for at, part in enumerate(parts)]
            connection.sendall(b"".join(interleaved(packet) for packet in change(packets)))
            number += len(parts)
            time.sleep(every_s)

    return play


def whole(unit):
    return h264_payloads(unit, 60000, aggregate=False)


def cut(unit):
    return h264_payloads(unit, 300, aggregate=False)


@pytest.fixture(scope="module")
def sliced(yard):
    return encoded(yard, slices=4)


TCP = {
    "marker on each slice": (whole, all_marked),
    "marker at the end of each slice": (cut, marked_at_each_end),
    "marker on each packet": (cut, all_marked),
    "no marker": (cut, unmarked),
    "a clock that stands still": (cut, timeless),
    "another payload type with its own numbers": (cut, between(metadata)),
    "another payload type in the same numbers": (cut, sharing_numbers),
    "another payload type first": (cut, described_last),
    "another payload type than described": (cut, as_other_type),
    "another sender": (cut, between(foreign)),
    "each packet twice": (cut, between(same)),
    "each picture twice": (cut, twice),
}


@pytest.mark.parametrize("every_s", [0.02, 0.2], ids=["50 a second", "5 a second"])
@pytest.mark.parametrize("case", TCP)
def test_whatever_the_packets_look_like_the_picture_is_whole(case, every_s, peer, look, yard, sliced):
    payloads, change = TCP[case]
    play = sending(sliced, payloads, change, every_s)
    reading = look(picture, peer(RtspCamera(SDP_H264, play)).port, deadline_s=3.0, options={"frames": 2})
    assert reading.ok, reading
    assert "damaged" not in reading.evidence
    for frame in (reading.frame, *reading.later):
        assert difference(frame, yard) < 8


def test_a_marker_on_each_packet_of_h265(peer, look, yard):
    play = sending(encoded(yard, "libx265"), lambda unit: h265_payloads(unit, 300, False), all_marked, 0.02)
    reading = look(picture, peer(RtspCamera(SDP_H265, play)).port)
    assert reading.ok, reading
    assert difference(reading.frame, yard) < 8


def test_a_sender_that_begins_anew_under_another_name(peer, look, yard, sliced):
    """It is taken for the camera once the first one has gone."""

    def play(connection):
        for at in range(5):
            connection.sendall(interleaved(sent_by(rtp(b"\x41\x9a", at, at, True), b"gone")))
        sending(sliced, cut, lambda packets: packets, 0.005)(connection)

    reading = look(picture, peer(RtspCamera(SDP_H264, play)).port, deadline_s=3.0)
    assert reading.ok, reading
    assert difference(reading.frame, yard) < 8


def test_a_picture_is_not_waited_for_longer_than_a_pause(peer, look, sliced):
    """Nothing follows the only picture: neither a packet of another time nor the end."""

    def play(connection):
        parts = cut(sliced[0])
        for at, part in enumerate(parts):
            connection.sendall(interleaved(rtp(part, at, 7, part is parts[-1])))
        mute(connection)

    reading = look(picture, peer(RtspCamera(SDP_H264, play)).port)
    assert reading.ok, reading


@pytest.mark.parametrize("make", [metadata, foreign, same], ids=["another type", "another sender", "twice"])
def test_what_comes_beside_the_video_over_udp(make, peer, look, yard, yard_h264):
    sent = [one for at, (source, packet) in enumerate(packets_of(yard_h264[0]))
            for one in ((source, packet), (source, make(packet, at)))]  # fmt: skip
    reading = look(picture, peer(UdpCamera(sent)).port)
    assert reading.ok, reading
    assert difference(reading.frame, yard) < 8


def test_slices_with_a_marker_each_over_udp(peer, look, yard, sliced):
    parts = whole(sliced[0])
    sent = [("127.0.0.1", rtp(part, at, 7, True)) for at, part in enumerate(parts)]
    reading = look(picture, peer(UdpCamera(sent)).port)
    assert reading.ok, reading
    assert difference(reading.frame, yard) < 8
