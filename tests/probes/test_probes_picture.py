"""The picture probe: what a stream can do instead of showing a picture, and that it shows it when it does."""

import itertools
import time

import numpy as np
import pytest
from packets import difference, h264_payloads, h265_payloads, jpeg_payloads
from peers import (
    SDP_AUDIO,
    SDP_H264,
    SDP_HEAD,
    RtspCamera,
    answering,
    described,
    http,
    interleaved,
    mute,
    pouring,
    rtp,
    rtsp,
)
from probe_logins import CANARY, LOGIN
from streams import drawn, encoded

from cammon_probes.model import Fault, StreamFormat
from cammon_probes.picture_probe import picture

SDP_H265 = SDP_H264.replace(b"H264", b"H265")
SDP_MPEG4 = SDP_H264.replace(b"H264", b"MP4V-ES")
SDP_JPEG = SDP_HEAD + b"m=video 0 RTP/AVP 26\r\na=control:trackID=1\r\n"


def playing(units, payloads, every_s=0.0, payload_type=96, repeat=True):
    """Plays access units as RTP, again and again."""

    def play(connection):
        sequence = 65500
        for index, unit in enumerate(itertools.cycle(units) if repeat else units):
            parts = payloads(unit)
            for part in parts:
                packet = rtp(part, sequence, 3600 * index, part is parts[-1], payload_type)
                connection.sendall(interleaved(packet))
                sequence += 1
            time.sleep(every_s or 0.005)

    return play


def in_h264(unit):
    return h264_payloads(unit, 400, aggregate=True)


def stalling(units, after):
    def play(connection):
        playing(units[:after], in_h264, repeat=False)(connection)
        mute(connection)

    return play


def without_keyframes(units):
    """The stream joined in the middle of an endless group of pictures."""
    return playing([unit for unit in units if b"\x67" not in unit[:8] and b"\x65" not in unit[:64]], in_h264, 0.05)


def broken(units):
    """Keyframes whose slices say nothing."""

    def damage(unit):
        return [part[:2] + b"\xff" * (len(part) - 2) if len(part) > 100 else part for part in in_h264(unit)]

    return playing([unit for unit in units if b"\x67" in unit[:8]], damage, 0.05)


def half_broken(units):
    """Keyframes with noise in their second half."""
    return playing([unit for unit in units if b"\x67" in unit[:8]], half_damaged, 0.05)


def half_damaged(unit):
    rng, parts = np.random.default_rng(3), in_h264(unit)
    half = len(parts) // 2
    return parts[:half] + [part[:2] + rng.bytes(len(part) - 2) for part in parts[half:]]


def noise(units):
    """Keyframes whose slices are noise behind a head that can be read."""
    rng = np.random.default_rng(5)

    def damage(unit):
        parts = in_h264(unit)
        return [part[:12] + rng.bytes(len(part) - 12) if len(part) > 100 else part for part in parts]

    return playing([unit for unit in units if b"\x67" in unit[:8]], damage, 0.05)


def garbage(connection):
    connection.sendall(b"\x00\xff" * 4096)
    mute(connection)


def empty_frames(connection):
    while True:
        connection.sendall(interleaved(b""))
        time.sleep(0.01)


def other_channel(connection):
    while True:
        connection.sendall(interleaved(rtp(b"\x65abc", 1, 1), channel=3))
        time.sleep(0.01)


def hung_up(connection):
    connection.close()


@pytest.mark.parametrize(
    ("fault", "play"),
    [
        (Fault.NO_VIDEO, lambda units: mute),
        (Fault.NO_VIDEO, lambda units: hung_up),
        (Fault.NO_VIDEO, lambda units: garbage),
        (Fault.NO_VIDEO, lambda units: empty_frames),
        (Fault.NO_VIDEO, lambda units: other_channel),
        (Fault.STALLED, lambda units: stalling(units[1:5], 3)),
        (Fault.STALLED, lambda units: playing(units[1:4], in_h264, repeat=False)),
        (Fault.TIMEOUT, without_keyframes),
        (Fault.UNDECODABLE, broken),
        (Fault.UNDECODABLE, noise),
    ],
    ids=[
        "PLAY then silence",
        "PLAY then closed",
        "PLAY then garbage",
        "frames without content",
        "only another channel",
        "stalls",
        "closes in the middle",
        "no keyframe comes",
        "garbage slices",
        "noise in the slices",
    ],
)
def test_playing_without_a_picture(fault, play, peer, look, yard_h264):
    camera = RtspCamera(SDP_H264, play(yard_h264))
    deadline_s = 2.0 if fault is Fault.STALLED else 1.0
    reading = look(picture, peer(camera).port, deadline_s=deadline_s)
    assert reading.fault is fault, reading
    assert reading.frame is None
    assert reading.steps[-1].name == "keyframe"
    assert not reading.steps[-1].ok


@pytest.mark.parametrize(
    ("overrides", "fault"),
    [
        ({"SETUP": rtsp("453 Not Enough Bandwidth")}, Fault.SESSION_LIMIT),
        ({"SETUP": rtsp("461 Unsupported Transport")}, Fault.BAD_RESPONSE),
        ({"PLAY": rtsp("500 Internal Server Error")}, Fault.DEVICE_ERROR),
        ({"PLAY": rtsp("403 Forbidden")}, Fault.FORBIDDEN),
        ({"DESCRIBE": rtsp("404 Not Found")}, Fault.NOT_FOUND),
        ({"SETUP": rtsp("302 Found", "Location: rtsp://127.9.9.9/")}, Fault.REDIRECTED),
    ],
    ids=["453 at SETUP", "461 at SETUP", "500 at PLAY", "403 at PLAY", "404 at DESCRIBE", "302 at SETUP"],
)
def test_refused_on_the_way_to_playing(overrides, fault, peer, look):
    reading = look(picture, peer(RtspCamera(SDP_H264, mute, **overrides)).port)
    assert reading.fault is fault, reading


@pytest.mark.parametrize(
    ("sdp", "fault"),
    [
        (SDP_AUDIO, Fault.NO_VIDEO),
        (SDP_H264.replace(b"H264", b"VP9"), Fault.UNDECODABLE),
        (SDP_H264.replace(b"a=rtpmap:96 H264/90000\r\n", b""), Fault.UNDECODABLE),
    ],
    ids=["audio alone", "a codec that is not decoded", "no codec named"],
)
def test_descriptions_without_a_picture(sdp, fault, peer, look):
    camera = RtspCamera(sdp, mute)
    assert look(picture, peer(camera).port).fault is fault
    assert camera.methods == ["DESCRIBE"]


@pytest.mark.parametrize(
    ("sdp", "encoder", "payloads", "payload_type", "codec"),
    [
        (SDP_H264, "libx264", in_h264, 96, "h264"),
        (SDP_H264, "libx264", lambda unit: h264_payloads(unit, 60000, aggregate=False), 96, "h264"),
        (SDP_H265, "libx265", lambda unit: h265_payloads(unit, 300, aggregate=True), 96, "h265"),
        (SDP_JPEG, "mjpeg", lambda unit: jpeg_payloads(unit, 700), 26, "mjpeg"),
    ],
    ids=["H.264 in fragments", "H.264 whole", "H.265", "MJPEG"],
)
def test_the_picture_comes_out_as_it_was(sdp, encoder, payloads, payload_type, codec, peer, look, yard):
    units = encoded(yard, encoder)
    if encoder == "mjpeg":
        units = [with_standard_huffman(yard)]
    camera = RtspCamera(sdp, playing(units[3:] + units[:3], payloads, payload_type=payload_type))
    reading = look(picture, peer(camera).port, deadline_s=5.0)
    assert reading.ok, reading
    assert reading.frame.shape == yard.shape
    assert difference(reading.frame, yard) < 8
    assert reading.stream == StreamFormat(codec, 320, 192)
    assert camera.methods[:3] == ["DESCRIBE", "SETUP", "PLAY"]


def test_a_jpeg_that_breaks_off_is_none(peer, look, yard):
    """Each picture ends early, as if nothing more belonged to it."""
    play = playing([with_standard_huffman(yard)], lambda unit: jpeg_payloads(unit, 700)[:5], 0.05, 26)
    reading = look(picture, peer(RtspCamera(SDP_JPEG, play)).port, deadline_s=1.0)
    assert reading.fault is Fault.UNDECODABLE, reading


def with_standard_huffman(frame):
    import cv2

    return cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()


def test_mpeg4(peer, look, yard):
    units = encoded(yard, "mpeg4")

    def cut(unit):
        return [unit[start : start + 500] for start in range(0, len(unit), 500)]

    reading = look(picture, peer(RtspCamera(SDP_MPEG4, playing(units, cut))).port, deadline_s=5.0)
    assert reading.ok, reading
    assert difference(reading.frame, yard) < 12


def test_a_lost_packet_costs_one_picture_only(peer, look, yard, yard_h264):
    whole = playing([yard_h264[0]], in_h264, repeat=True)

    def play(connection):
        parts = in_h264(yard_h264[0])
        for index, part in enumerate(parts):
            if index != len(parts) // 2:
                connection.sendall(interleaved(rtp(part, index, 7, part is parts[-1])))
        whole(connection)

    reading = look(picture, peer(RtspCamera(SDP_H264, play)).port, deadline_s=4.0)
    assert difference(reading.frame, yard) < 8


def test_a_stream_whose_pictures_are_all_damaged_still_gives_one(peer, look, yard, yard_h264):
    reading = look(picture, peer(RtspCamera(SDP_H264, half_broken(yard_h264))).port)
    assert reading.fault is None, reading
    assert reading.evidence["damaged"] == 1
    assert difference(reading.frame[:60], yard[:60]) < 8


def test_a_whole_picture_is_waited_for(peer, look, yard, yard_h264):
    parts = half_damaged(yard_h264[0])

    def play(connection):
        for index, part in enumerate(parts):
            connection.sendall(interleaved(rtp(part, index, 7, part is parts[-1])))
        playing(yard_h264, in_h264)(connection)

    reading = look(picture, peer(RtspCamera(SDP_H264, play)).port)
    assert "damaged" not in reading.evidence
    assert difference(reading.frame, yard) < 8


def test_the_channel_that_the_camera_grants_is_listened_to(peer, look, yard, yard_h264):
    def play(connection):
        parts = in_h264(yard_h264[0])
        for index, part in enumerate(parts):
            connection.sendall(interleaved(b"\x80\xc8\x00\x06" + bytes(24), channel=4))
            connection.sendall(interleaved(rtp(part, index, 7, part is parts[-1]), channel=4))
        mute(connection)

    granted = rtsp("200 OK", "Transport: RTP/AVP/TCP;unicast;interleaved=4-5", "Session: 12345")
    assert look(picture, peer(RtspCamera(SDP_H264, play, SETUP=granted)).port).ok


def test_media_before_the_answer_to_play_and_requests_of_the_server(peer, look, yard, yard_h264):
    packets = in_h264(yard_h264[0])
    first, rest = packets[:2], packets[2:]
    early = b"".join(interleaved(rtp(part, index, 7)) for index, part in enumerate(first))

    def play(connection):
        connection.sendall(b"OPTIONS * RTSP/1.0\r\nCSeq: 9\r\nContent-Length: 4\r\n\r\n$$$$")
        for index, part in enumerate(rest, len(first)):
            connection.sendall(interleaved(rtp(part, index, 7, part is rest[-1])))
        mute(connection)

    camera = RtspCamera(SDP_H264, play, PLAY=early + rtsp("200 OK", "Session: 12345"))
    reading = look(picture, peer(camera).port)
    assert reading.ok, reading
    assert difference(reading.frame, yard) < 8


def test_an_answer_that_is_announced_first(peer, look, yard_h264):
    described_late = b"RTSP/1.0 100 Continue\r\nCSeq: 1\r\n\r\n" + described(SDP_H264)
    camera = RtspCamera(SDP_H264, playing(yard_h264, in_h264, repeat=False), DESCRIBE=described_late)
    assert look(picture, peer(camera).port).ok


def test_the_session_is_ended(peer, look, yard_h264):
    camera = RtspCamera(SDP_H264, playing(yard_h264, in_h264, repeat=False))
    reading = look(picture, peer(camera).port)
    assert reading.ok
    for _ in range(50):
        if "TEARDOWN" in camera.methods:
            break
        time.sleep(0.02)
    assert camera.methods == ["DESCRIBE", "SETUP", "PLAY", "TEARDOWN"]
    assert b"Session: 12345\r\n" in camera.requests[-1]


def test_the_control_address_of_another_host_is_used_on_the_configured_one(peer, look, yard_h264):
    trap = peer(mute, host="127.9.9.9")
    inner = f"rtsp://127.9.9.9:{trap.port}/inner/trackID=1".encode()
    camera = RtspCamera(SDP_H264.replace(b"trackID=1", inner), playing(yard_h264, in_h264, repeat=False))
    reading = look(picture, port := peer(camera).port)
    assert reading.ok
    assert camera.requests[1].startswith(f"SETUP rtsp://127.0.0.1:{port}/inner/trackID=1 ".encode())
    assert trap.connections == 0


@pytest.mark.parametrize(
    ("base", "track", "whole"),
    [
        ("rtsp://10.0.0.9:554/inner/", "/inner/trackID=1", "/inner/"),
        ("rtsp://0.0.0.0/inner/one?x=2", "/inner/one?x=2/trackID=1", "/inner/one?x=2"),
        ("/elsewhere/", "/live/trackID=1", "/live"),
    ],
    ids=["another path", "no slash at the end", "no address"],
)
def test_the_track_lies_below_the_base_that_the_camera_names(base, track, whole, peer, look, yard_h264):
    """The description begins with a byte order mark and is followed by an empty line more than announced."""
    told = rtsp("200 OK", "Content-Type: application/sdp", f"Content-Base: {base}", body=b"\xef\xbb\xbf" + SDP_H264)
    camera = RtspCamera(SDP_H264, playing(yard_h264, in_h264, repeat=False), DESCRIBE=told + b"\r\n")
    assert look(picture, port := peer(camera).port, rtsp_path="/live").ok
    asked = [line.split()[1].decode() for line in camera.requests[1:3]]
    assert asked == [f"rtsp://127.0.0.1:{port}{path}" for path in (track, whole)]


@pytest.mark.parametrize(
    ("about", "options", "path"),
    [
        ({"rtsp_path": "/main", "sub_path": "/sub"}, {}, "/sub"),
        ({"rtsp_path": "/main", "sub_path": "/sub"}, {"stream": "main"}, "/main"),
        ({"rtsp_path": "/main"}, {"stream": "sub"}, "/main"),
    ],
    ids=["sub by default", "main when asked for", "no sub stream"],
)
def test_which_stream(about, options, path, peer, look):
    camera = RtspCamera(SDP_H264, hung_up)
    look(picture, peer(camera).port, **about, options=options)
    assert camera.requests[0].split()[1].decode().endswith(path)


def test_the_main_stream_is_held_against_the_ledger(peer, look, yard_h264):
    camera = RtspCamera(SDP_H264, playing(yard_h264, in_h264))
    reading = look(picture, peer(camera).port, expected=StreamFormat("h264", 1920, 1080))
    assert reading.fault is Fault.WRONG_FORMAT
    assert reading.evidence["size"] == "320x192, not 1920x1080"
    assert reading.frame is not None


@pytest.mark.parametrize("size", [(64, 48), (130, 98), (638, 362)], ids=str)
def test_odd_sizes(size, peer, look):
    units = encoded(drawn(*size))
    reading = look(picture, peer(RtspCamera(SDP_H264, playing(units, in_h264))).port, deadline_s=4.0)
    assert reading.frame.shape == (size[1], size[0], 3)


JPEG = with_standard_huffman(drawn(320, 192))
BOMB = JPEG.replace((192).to_bytes(2) + (320).to_bytes(2), (60000).to_bytes(2) * 2, 1)


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (http("200 OK", "Content-Type: image/jpeg", body=JPEG), None),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
         + b"%x\r\n%s\r\n%x;x=y\r\n%s\r\n0\r\n\r\n" % (1000, JPEG[:1000], len(JPEG) - 1000, JPEG[1000:]), None),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + http("200 OK", body=JPEG), None),
        (http("200 OK", body=JPEG[: len(JPEG) // 2]), Fault.UNDECODABLE),
        (http("200 OK", body=BOMB), Fault.TOO_LARGE),
        (http("200 OK", body=b"<html>"), Fault.UNDECODABLE),
        (http("200 OK", body=b"\xff\xd8" + bytes(200) + b"\xff\xd9"), Fault.UNDECODABLE),
        (http("200 OK"), Fault.UNDECODABLE),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n", Fault.TOO_LARGE),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n", Fault.TOO_LARGE),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n", Fault.BAD_RESPONSE),
        (http("302 Found", "Location: file:///etc/passwd"), Fault.REDIRECTED),
        (http("401 Unauthorized"), Fault.AUTH_FAILED),
        (http("404 Not Found"), Fault.NOT_FOUND),
        (http("503 Busy"), Fault.DEVICE_ERROR),
        (b"RTSP/1.0 200 OK\r\n\r\n", Fault.BAD_RESPONSE),
    ],
    ids=[
        "JPEG", "chunked", "100 first", "cut off", "60,000 x 60,000", "a page", "noise between marks", "empty",
        "10 GB", "a huge chunk", "a chunk below zero", "302 to a file", "401", "404", "503", "not HTTP",
    ],
)  # fmt: skip
def test_snapshots(reply, fault, peer, look):
    port = peer(answering(reply)).port
    reading = look(picture, 0, rtsp_path="", onvif_port=port, snapshot_path="/snap.jpg?channel=1")
    assert reading.fault is fault, reading
    if fault is None:
        assert reading.frame.shape == (192, 320, 3)
        assert reading.stream == StreamFormat("mjpeg", 320, 192)


def test_a_snapshot_that_does_not_end(peer, look):
    port = peer(pouring(b"HTTP/1.1 200 OK\r\n\r\n", bytes(65536))).port
    reading = look(picture, 0, deadline_s=5.0, rtsp_path="", onvif_port=port, snapshot_path="/snap.jpg")
    assert reading.fault is Fault.TOO_LARGE


def test_a_refused_snapshot_login_is_sent_once(peer, look):
    asked = []

    def refuse(head):
        asked.append(head)
        return http("401 no", 'WWW-Authenticate: Digest realm="a", nonce="b", qop="auth"')

    port = peer(answering(refuse)).port
    reading = look(picture, 0, rtsp_path="", onvif_port=port, snapshot_path="/snap.jpg", credential=LOGIN)
    assert reading.fault is Fault.AUTH_FAILED
    assert [b"Authorization" in head for head in asked] == [False, True]


def test_neither_stream_nor_snapshot(look):
    assert look(picture, 0, rtsp_path="").fault is Fault.NOT_FOUND


def test_nothing_is_written_anywhere(peer, look, yard_h264, capfd, caplog):
    caplog.set_level(0)
    for play in (broken(yard_h264), without_keyframes(yard_h264), garbage):
        ask = rtsp("401 no", 'WWW-Authenticate: Basic realm="x"')
        camera = RtspCamera(SDP_H264, play)

        def serve(connection, camera=camera, ask=ask):
            answering(ask)(connection) if not camera.methods else camera(connection)

        reading = look(picture, peer(serve).port, deadline_s=0.7, credential=LOGIN)
        assert CANARY not in repr(reading)
    written = capfd.readouterr()
    assert written.out == written.err == ""
    assert CANARY not in caplog.text
