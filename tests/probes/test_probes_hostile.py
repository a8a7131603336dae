"""Cameras that mean harm, or are broken as if they did: each costs one fault, a bounded time and a bounded memory.

What goes wrong before a stream plays is in test_probes_liveness.py, over ONVIF in test_probes_onvif_hostile.py.
"""

import itertools
import socket
import time
import tracemalloc

import pytest
from packets import difference, h264_payloads, jpeg_payloads
from peers import (
    SDP_H264,
    SDP_HEAD,
    Peer,
    RtspCamera,
    answering,
    dripping,
    http,
    interleaved,
    mute,
    pouring,
    resetting,
    rtp,
    rtsp,
)
from streams import drawn, encoded
from test_probes_liveness import HOSTILE
from test_probes_picture import SDP_JPEG, in_h264, playing, with_standard_huffman

from cammon_probes.decode import keyframe
from cammon_probes.liveness import liveness
from cammon_probes.model import Fault
from cammon_probes.picture_probe import picture

MIB = 1024 * 1024


@pytest.fixture
def bounded(look):
    """A look whose memory, decoders apart, is held to a bound as well."""

    def run(*arguments, most_mib, **about):
        tracemalloc.start()
        try:
            reading = look(*arguments, **about)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < most_mib * MIB, f"{peak / MIB:.1f} MiB"
        return reading

    return run


@pytest.mark.parametrize("case", [case for case in HOSTILE if "endless" in case or "MB" in case or "GB" in case])
def test_what_is_announced_or_poured_is_not_kept(case, peer, bounded):
    serve, fault = HOSTILE[case]
    assert bounded(liveness, peer(serve).port, most_mib=2, deadline_s=1.5).fault is fault


class Bits:
    """Writes the parameter set of a picture as large as one likes."""

    def __init__(self):
        self.text = ""

    def put(self, value, width):
        self.text += f"{value:0{width}b}"
        return self

    def golomb(self, *values):
        for value in values:
            code = f"{value + 1:b}"
            self.text += "0" * (len(code) - 1) + code
        return self

    def nal(self):
        text = self.text + "1"
        text += "0" * (-len(text) % 8)
        raw = int(text, 2).to_bytes(len(text) // 8)
        return raw.replace(b"\x00\x00\x01", b"\x00\x00\x03\x01")


def huge_h264(across, down):
    """A keyframe of `across` x `down` macroblocks of 16 x 16 pixels, whose slice says nothing."""
    sps = Bits().put(0x67, 8).put(66, 8).put(0, 8).put(62, 8).golomb(0, 0, 2, 1).put(0, 1)
    sps.golomb(across - 1, down - 1).put(1, 1).put(1, 1).put(0, 1).put(0, 1)
    pps = Bits().put(0x68, 8).golomb(0, 0).put(0, 2).golomb(0, 0, 0).put(0, 3).golomb(0, 0, 0).put(0, 3)
    slice_ = Bits().put(0x65, 8).golomb(0, 7, 0).put(0, 4).golomb(0).put(0, 2).golomb(0)
    start = b"\x00\x00\x00\x01"
    return start + sps.nal() + start + pps.nal() + start + slice_.nal() + b"\x88" * 600


def test_the_huge_picture_is_one_but_for_its_size():
    decoded = keyframe("h264", huge_h264(20, 12))
    assert decoded is not None
    assert decoded.frame.shape == (192, 320, 3)


def one_after_the_other(payloads, timestamp=7, marker_at=None):
    def play(connection):
        for index, payload in enumerate(payloads):
            connection.sendall(interleaved(rtp(payload, index, timestamp, index == marker_at)))

    return play


def endless_picture(connection):
    """A keyframe that never ends: fragment upon fragment of one time, as fast as they are taken."""
    one_after_the_other([b"\x7c\x85" + bytes(60000)])(connection)
    one_after_the_other(b"\x7c\x05" + b"\xaa" * 60000 for _ in itertools.count(1))(connection)


def requests_without_end(connection):
    pouring(b"", b"OPTIONS * RTSP/1.0\r\nCSeq: 9\r\n\r\n" * 100)(connection)


def huge_request(connection):
    connection.sendall(b"ANNOUNCE * RTSP/1.0\r\nContent-Length: 999999\r\n\r\n")
    while True:
        connection.sendall(bytes(65536))


def dripped_packets(connection):
    dripping(interleaved(rtp(bytes(1000), 1, 1)))(connection)


def random_nals(connection):
    import numpy as np

    rng = np.random.default_rng(5)
    for index in range(100000):
        parts = [bytes([kind]) + rng.bytes(300) for kind in (0x67, 0x68, 0x65)]
        for place, part in enumerate(parts):
            connection.sendall(interleaved(rtp(part, 3 * index + place, index, place == 2)))
        time.sleep(0.1)


def aggregates_that_lie(connection):
    for index in range(100000):
        connection.sendall(interleaved(rtp(b"\x78" + b"\xff\xff\x65" + b"\x00\x00" * 30, index, index, True)))
        time.sleep(0.05)


def crumbs(connection):
    """Pictures of one byte, thousands in what is read at once."""
    pouring(b"", b"".join(interleaved(rtp(b"\x65", index, index, True)) for index in range(5000)))(connection)


PLAYING = {
    "a picture that never ends": (endless_picture, Fault.TIMEOUT, 70),
    "requests without end": (requests_without_end, Fault.NO_VIDEO, 4),
    "a request with a huge body": (huge_request, Fault.NO_VIDEO, 4),
    "packets that drip": (dripped_packets, Fault.NO_VIDEO, 4),
    "keyframes of one byte": (crumbs, Fault.UNDECODABLE, 4),
    "NAL units of noise": (random_nals, Fault.UNDECODABLE, 4),
    "aggregates that lie about sizes": (aggregates_that_lie, Fault.UNDECODABLE, 4),
    "H.264 of 16,384 x 16,384": (playing([huge_h264(1024, 1024)], in_h264, 0.1), Fault.UNDECODABLE, 4),
    "H.264 of 1,048,576 x 16": (playing([huge_h264(65536, 1)], in_h264, 0.1), Fault.UNDECODABLE, 4),
}


@pytest.mark.parametrize("case", PLAYING)
def test_a_stream_that_means_harm(case, peer, bounded):
    play, fault, most_mib = PLAYING[case]
    reading = bounded(picture, peer(RtspCamera(SDP_H264, play)).port, most_mib=most_mib, deadline_s=1.2)
    assert reading.fault is fault, reading
    assert reading.frame is None


def test_a_jpeg_in_packets_that_contradict_each_other(peer, bounded, yard):
    """Each packet says another size and place; nothing of it is put together."""
    payloads = jpeg_payloads(with_standard_huffman(yard), 700)
    lying = [part[:1] + (0xFFFFFF - index).to_bytes(3) + part[4:] for index, part in enumerate(payloads)]
    play = one_after_the_other(lying, marker_at=len(lying) - 1)
    camera = RtspCamera(SDP_JPEG, lambda connection: (play(connection), mute(connection)))
    reading = bounded(picture, peer(camera).port, most_mib=4, deadline_s=3.5)
    assert reading.fault is Fault.STALLED, reading


JPEG = with_standard_huffman(drawn(320, 192))


def resized(width, height):
    return JPEG.replace((192).to_bytes(2) + (320).to_bytes(2), height.to_bytes(2) + width.to_bytes(2), 1)


@pytest.mark.parametrize(
    ("serve", "fault", "most_mib"),
    [
        (answering(http("200 OK", body=resized(60000, 60000))), Fault.TOO_LARGE, 2),
        (answering(http("200 OK", body=JPEG[:400])), Fault.UNDECODABLE, 2),
        (answering(http("200 OK", body=JPEG[:400] + b"\xff\xd9")), Fault.UNDECODABLE, 2),
        (answering(http("200 OK", body=JPEG[:-2] + b"\xff\xd9" + resized(60000, 60000))), None, 2),
        (answering(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n"), Fault.TOO_LARGE, 2),
        (pouring(b"HTTP/1.1 200 OK\r\n\r\n", bytes(65536)), Fault.TOO_LARGE, 70),
        (answering(http("302 Found", "Location: file:///etc/passwd")), Fault.REDIRECTED, 2),
    ],
    ids=["60,000 x 60,000", "cut off", "cut off, end mark sewn on", "a second picture behind it", "10 GB announced",
         "poured without end", "302 to a file"],
)  # fmt: skip
def test_a_snapshot_that_means_harm(serve, fault, most_mib, peer, bounded):
    port = peer(serve).port
    about = {"rtsp_path": "", "onvif_port": port, "snapshot_path": "/snap.jpg"}
    reading = bounded(picture, 0, most_mib=most_mib, deadline_s=4.0, **about)
    assert reading.fault is fault, reading
    assert "file:///etc/passwd" not in repr(reading.frame)


def test_a_camera_that_reboots_in_the_middle(look, yard, yard_h264):
    """It hangs up within its picture, refuses for a while, and is itself again on the same port."""
    parts = in_h264(yard_h264[0])
    cut_off = one_after_the_other(parts[: len(parts) // 2])
    camera = Peer(RtspCamera(SDP_H264, lambda connection: (cut_off(connection), connection.close())))
    seen = [look(picture, camera.port).fault]
    camera.close()
    seen.append(look(picture, camera.port).fault)
    back = Peer(RtspCamera(SDP_H264, playing(yard_h264, in_h264)), port=camera.port)
    reading = look(picture, camera.port)
    back.close()
    assert seen == [Fault.STALLED, Fault.REFUSED]
    assert reading.ok, reading
    assert difference(reading.frame, yard) < 8


def test_a_reset_in_the_middle_of_the_conversation(peer, look):
    for methods in ((), ("DESCRIBE",), ("DESCRIBE", "SETUP")):
        reading = look(picture, peer(_resetting_after(len(methods))).port)
        assert reading.fault is Fault.BAD_RESPONSE, reading


def _resetting_after(answers):
    camera = RtspCamera(SDP_H264, mute)

    def serve(connection: socket.socket) -> None:
        if len(camera.methods) >= answers:
            resetting(connection)
        else:
            camera(_Limited(connection, answers))

    return serve


class _Limited:
    """A connection that is reset after so many answers."""

    def __init__(self, connection, answers):
        self._connection = connection
        self._left = answers

    def recv(self, size):
        if not self._left:
            resetting(self._connection)
            raise StopIteration
        return self._connection.recv(size)

    def sendall(self, data):
        self._left -= 1
        self._connection.sendall(data)


@pytest.mark.parametrize("size", [(130, 98), (638, 362), (1366, 768)], ids=str)
@pytest.mark.parametrize("encoder", ["libx264", "mjpeg"])
def test_odd_sizes(size, encoder, peer, look):
    whole = drawn(*size)
    if encoder == "mjpeg":
        body = with_standard_huffman(whole)
        port = peer(answering(http("200 OK", body=body))).port
        reading = look(picture, 0, rtsp_path="", onvif_port=port, snapshot_path="/s")
    else:
        camera = RtspCamera(SDP_H264, playing(encoded(whole), lambda unit: h264_payloads(unit, 1400, aggregate=True)))
        reading = look(picture, peer(camera).port, deadline_s=4.0)
    assert reading.ok, reading
    assert difference(reading.frame, whole) < 10


@pytest.mark.parametrize("size", [(321, 193), (1, 1), (17, 4000)], ids=str)
def test_snapshots_of_sizes_that_no_stream_has(size, peer, look):
    whole = drawn(640, 480)[: size[1], : size[0]] if size[1] < 480 else drawn(17, 4000)
    port = peer(answering(http("200 OK", body=with_standard_huffman(whole)))).port
    reading = look(picture, 0, rtsp_path="", onvif_port=port, snapshot_path="/s")
    assert reading.ok, reading
    assert reading.frame.shape == whole.shape
    assert difference(reading.frame, whole) < 10


def test_hosts_that_a_description_names_are_never_called(peer, look, yard_h264):
    """An address for the media, and servers in the answer to SETUP, that lie elsewhere."""
    trap = peer(mute, host="127.9.9.9")
    sdp = SDP_HEAD + b"c=IN IP4 127.9.9.9\r\n" + SDP_H264.partition(SDP_HEAD)[2]
    granted = f"Transport: RTP/AVP/TCP;unicast;interleaved=0-1;destination=127.9.9.9;source=127.9.9.9:{trap.port}"
    camera = RtspCamera(sdp, playing(yard_h264, in_h264), SETUP=rtsp("200 OK", granted, "Session: 12345"))
    assert look(picture, peer(camera).port).ok
    assert trap.connections == 0
