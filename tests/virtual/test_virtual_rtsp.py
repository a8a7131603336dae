"""The RTSP dialogue, against viewers that we did not write and, for the rest, by hand."""

import base64
import os
import struct
from itertools import islice, pairwise

import av
import cv2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cammon.virtual.model import CameraSpec, FleetOptions, Login, Scheme, StreamSpec
from tests.virtual.dialogue import Dialogue
from tests.virtual.viewer import OPTIONS, frames, picture, url_of


@pytest.mark.parametrize(("path", "size"), [("/main", (1280, 720)), ("/sub", (640, 360))], ids=["main", "sub"])
def test_libav_plays_both_streams(fleet, path, size):
    some = list(islice(frames(fleet.endpoint("CAM01"), path), 6))
    assert [(frame.width, frame.height) for frame in some] == [size] * 6
    assert some[0].key_frame
    stamps = [frame.pts for frame in some[1:]]
    assert stamps == sorted(set(stamps))


def test_opencv_plays(fleet):
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = "rtsp_transport;tcp"
    capture = cv2.VideoCapture(url_of(fleet.endpoint("CAM01")), cv2.CAP_FFMPEG)
    try:
        ok, frame = capture.read()
        assert ok
        assert frame.shape == (360, 640, 3)
    finally:
        capture.release()


@pytest.mark.parametrize(
    "size", [(352, 288), (1920, 1080), (1280, 960), (2560, 1440)], ids=["cif", "1080p", "4:3", "4mp"]
)
def test_each_size_arrives_as_declared(fleet_with, size):
    fleet = fleet_with(CameraSpec("CAM01", main=StreamSpec("/live", *size), sub=None))
    shape = picture(fleet.endpoint("CAM01")).shape
    assert shape == (size[1], size[0], 3)


def test_the_picture_is_the_pattern_that_was_drawn(fleet):
    # The ball of the test pattern is the only yellow thing in it: a wrong colour order or a torn picture loses it.
    seen = cv2.cvtColor(picture(fleet.endpoint("CAM01")), cv2.COLOR_BGR2HSV)
    yellow = cv2.inRange(seen, (20, 120, 180), (40, 255, 255))
    assert 3000 < cv2.countNonZero(yellow) < 7000  # a disc of radius 45: 6362, cut at the picture's edge at worst


def test_describe_tells_parameter_sets_rate_and_size(fleet):
    with Dialogue(fleet.endpoint("CAM01")) as viewer:
        viewer.log_in()
        answer = viewer.ask("DESCRIBE", "Accept: application/sdp")
        assert answer.status == 200
        assert answer.header("content-base") == viewer.url + "/"
        lines = answer.body.decode().split("\r\n")
    attributes = dict(line[2:].split(":", 1) for line in lines if line.startswith("a=") and ":" in line)
    fmtp = dict(part.split("=", 1) for part in attributes["fmtp"].partition(" ")[2].split(";"))
    sps, pps = (base64.b64decode(part) for part in fmtp["sprop-parameter-sets"].split(","))
    assert (sps[0] & 31, pps[0] & 31) == (7, 8)
    assert fmtp["profile-level-id"] == sps[1:4].hex().upper()
    assert attributes["framerate"] == "25"
    assert attributes["control"] == "trackID=1"


def test_describe_renders_and_encodes_nothing(fleet_with):
    asked = []

    class Spy:
        def frame(self, *args, **more):
            asked.append(args)
            raise AssertionError("nobody plays")

    fleet = fleet_with(pictures=Spy())
    with Dialogue(fleet.endpoint("CAM01")) as viewer:
        viewer.log_in()
        assert viewer.ask("DESCRIBE").status == 200
        assert viewer.set_up().status == 200
    assert asked == []


def test_rtp_begins_with_parameter_sets_and_an_idr_and_counts_on(fleet):
    with Dialogue(fleet.endpoint("CAM01")) as viewer:
        viewer.log_in()
        viewer.set_up()
        info = viewer.ask("PLAY").header("rtp-info")
        packets = []
        while len(packets) < 40:
            channel, packet = viewer.next_packet()
            if channel == 0:
                packets.append(packet)
    heads = [struct.unpack(">BBHII", packet[:12]) for packet in packets]
    numbers = [head[2] for head in heads]
    assert all((after - before) % 65536 == 1 for before, after in pairwise(numbers))
    assert f"seq={numbers[0]}" in info
    assert len({head[4] for head in heads}) == 1
    assert packets[0][12] & 31 == 24  # STAP-A of SPS and PPS
    assert packets[1][12] & 31 == 28  # a large IDR travels in fragments
    assert packets[1][13] & 31 == 5
    ends = [head for head in heads if head[1] & 0x80]
    assert len({head[3] for head in ends}) == len(ends)  # one time stamp a picture


def test_a_sender_report_tells_the_cameras_own_time(fleet_with, turning_clock):
    fleet = fleet_with(clock=turning_clock)
    fleet.put("CAM01", "clock_skew", seconds=3600.0)
    with Dialogue(fleet.endpoint("CAM01")) as viewer:
        viewer.log_in()
        viewer.set_up()
        viewer.ask("PLAY")
        while viewer.next_packet()[0] != 1:
            pass
    _, kind, _, _, seconds = struct.unpack(">BBHII", viewer.packets[-1][1][:12])
    assert kind == 200
    assert seconds - 2208988800 == turning_clock.wall.timestamp() + 3600


def test_two_viewers_share_a_stream_and_the_second_begins_with_a_key_picture(fleet):
    first = frames(fleet.endpoint("CAM01"))
    next(first)
    second = next(iter(frames(fleet.endpoint("CAM01"))))
    assert second.key_frame
    assert next(first) is not None
    assert fleet.state()["cameras"]["CAM01"]["sessions"] >= 1


UDP = "Transport: RTP/AVP;unicast;client_port=50000-50001"
TCP = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("OPTIONS", "/sub", (), 200),
        ("DESCRIBE", "/nowhere", (), 404),
        ("SETUP", "/sub/trackID=1", (UDP,), 461),
        ("SETUP", "/sub/trackID=1", ("Transport: RTP/AVP/UDP;multicast",), 461),
        ("SETUP", "/sub/trackID=1", (), 461),
        ("SETUP", "/nowhere/trackID=1", (TCP,), 404),
        ("PLAY", "/sub", (), 454),
        ("PLAY", "/sub", ("Session: 12345678",), 454),
        ("TEARDOWN", "/sub", (), 454),
        ("GET_PARAMETER", "/sub", (), 200),
        ("RECORD", "/sub", (), 405),
        ("FLY", "/sub", (), 501),
    ],
    ids=lambda value: str(value).replace("Transport: ", "")[:30],
)
def test_each_request_has_its_status(fleet, method, path, headers, status):
    endpoint = fleet.endpoint("CAM01")
    with Dialogue(endpoint) as viewer:
        viewer.log_in()
        url = f"rtsp://{endpoint.host}:{endpoint.rtsp_port}{path}"
        assert viewer.ask(method, *headers, url=url).status == status


def test_udp_first_then_tcp_in_one_header_gets_tcp(fleet):
    with Dialogue(fleet.endpoint("CAM01")) as viewer:
        viewer.log_in()
        both = f"{UDP},{TCP.removeprefix('Transport: ')}".replace("0-1", "4-5")
        answer = viewer.ask("SETUP", both, url=f"{viewer.url}/trackID=1")
    assert answer.status == 200
    assert "interleaved=4-5" in answer.header("transport")


def test_teardown_ends_the_session_and_the_pictures(fleet):
    with Dialogue(fleet.endpoint("CAM01")) as viewer:
        viewer.log_in()
        viewer.set_up()
        viewer.ask("PLAY")
        viewer.next_packet()
        assert viewer.ask("TEARDOWN").status == 200
        assert fleet.state()["cameras"]["CAM01"]["sessions"] == 0
        viewer.session = ""
        assert viewer.set_up().status == 200


def test_the_session_after_the_last_allowed_is_refused(fleet_with):
    fleet = fleet_with(options=FleetOptions(max_sessions=2))
    viewers = [Dialogue(fleet.endpoint("CAM01")) for _ in range(3)]
    for viewer in viewers:
        viewer.log_in()
    assert [viewer.set_up().status for viewer in viewers] == [200, 200, 453]
    assert viewers[0].ask("TEARDOWN").status == 200
    assert viewers[2].set_up().status == 200
    for viewer in viewers:
        viewer.__exit__()


def test_a_recorder_serves_several_cameras_by_path_and_query(fleet_with):
    channels = [
        CameraSpec(
            f"CAM{number}",
            host="127.0.0.9",
            rtsp_port=18554,
            onvif_port=None,
            main=StreamSpec(f"/cam/realmonitor?channel={number}&subtype=0", 640, 360),
            sub=StreamSpec(f"/cam/realmonitor?channel={number}&subtype=1", 320, 240),
        )
        for number in (1, 2)
    ]
    fleet = fleet_with(*channels)
    assert picture(fleet.endpoint("CAM1")).shape == (240, 320, 3)
    assert picture(fleet.endpoint("CAM2"), channels[1].main.path).shape == (360, 640, 3)
    fleet.put("CAM2", "offline")
    assert picture(fleet.endpoint("CAM1")).shape == (240, 320, 3)
    with pytest.raises(av.error.HTTPNotFoundError):
        picture(fleet.endpoint("CAM2"))


def test_a_camera_without_login_asks_for_none(fleet_with):
    fleet = fleet_with(CameraSpec("CAM01", login=None))
    assert fleet.endpoint("CAM01").credential is None
    assert picture(fleet.endpoint("CAM01")).shape == (360, 640, 3)


BAD_BYTES = [
    (b"\0" * 100 + b"\r\n\r\n", b"RTSP/1.0 400"),
    (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"RTSP/1.0 400"),
    (b"OPTIONS * RTSP/2.0\r\nCSeq: 1\r\n\r\n", b"RTSP/1.0 505"),
    (b"DESCRIBE rtsp://x/ RTSP/1.0\r\nContent-Length: 999999\r\n\r\n", b"RTSP/1.0 413"),
    (b"DESCRIBE rtsp://x/ RTSP/1.0\r\nContent-Length: -1\r\n\r\n", b"RTSP/1.0 400"),
    (b"OPTIONS * RTSP/1.0\r\nX: " + b"a" * 40_000, b"RTSP/1.0 413"),
    (b"DESCRIBE rtsp://[x RTSP/1.0\r\nCSeq: 1\r\n\r\n", b"RTSP/1.0 400"),
]


@pytest.mark.parametrize(("data", "start"), BAD_BYTES, ids=[repr(data[:24]) for data, _ in BAD_BYTES])
def test_what_is_no_rtsp_is_refused_and_the_connection_ends(fleet, data, start):
    with Dialogue(fleet.endpoint("CAM01")) as viewer:
        viewer.socket.sendall(data)
        assert viewer.stream.read().startswith(start)


@given(data=st.binary(max_size=300))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_bring_the_server_down(fleet, data):
    with Dialogue(fleet.endpoint("CAM01")) as viewer:
        viewer.socket.sendall(data)
        viewer.socket.shutdown(1)
        viewer.stream.read()
    with Dialogue(fleet.endpoint("CAM01")) as viewer:
        assert viewer.ask("OPTIONS").status == 200


def test_a_connection_that_asks_nothing_is_closed(fleet_with):
    fleet = fleet_with(options=FleetOptions(idle_s=0.05))
    with Dialogue(fleet.endpoint("CAM01")) as viewer:
        assert viewer.stream.read() == b""


@pytest.mark.parametrize(
    "schemes",
    [(Scheme.DIGEST_MD5,), (Scheme.BASIC,), (Scheme.DIGEST_MD5, Scheme.BASIC)],
    ids=lambda schemes: "+".join(schemes),
)
def test_libav_logs_in_by_each_scheme(fleet_with, schemes):
    fleet = fleet_with(CameraSpec("CAM01", login=Login("viewer", "p w:ö", schemes)))
    endpoint = fleet.endpoint("CAM01")
    url = f"rtsp://viewer:p%20w%3A%C3%B6@{endpoint.host}:{endpoint.rtsp_port}/sub"
    with av.open(url, options=OPTIONS, timeout=(2, 2)) as container:
        assert next(container.decode(video=0)).width == 640
    assert fleet.state()["cameras"]["CAM01"]["failed_logins"] == 0


def test_a_digest_of_sha256_by_hand(fleet_with):
    # libav 8 knows MD5 only.
    fleet = fleet_with(CameraSpec("CAM01", login=Login("viewer", "word", (Scheme.DIGEST_SHA256,))))
    with Dialogue(fleet.endpoint("CAM01")) as viewer:
        viewer.log_in()
        assert viewer.ask("DESCRIBE").status == 200


def test_a_wrong_password_is_refused(fleet):
    with pytest.raises(av.error.HTTPUnauthorizedError):
        av.open(url_of(fleet.endpoint("CAM01"), password="wrong"), options=OPTIONS, timeout=(2, 2))
