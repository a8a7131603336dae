"""Liveness against peers that misbehave, each with the one fault that is right, and within its time."""

import re

import pytest
from digest_judge import CountingCamera
from peers import (
    SDP_AUDIO,
    SDP_H264,
    SDP_HEAD,
    answering,
    closing,
    described,
    dripping,
    dropping,
    mute,
    pouring,
    refusing,
    request,
    resetting,
    rtsp,
)
from probe_logins import CANARY, LOGIN

from cammon_probes.liveness import liveness
from cammon_probes.model import Fault, StreamFormat

HOSTILE = {
    "mute": (mute, Fault.TIMEOUT),
    "header dripped": (dripping(b"RTSP/1.0 200 OK\r\n" + b"X-Slow: yes\r\n" * 50), Fault.TIMEOUT),
    "first byte dripped": (dripping(b"R" * 40, 0.2), Fault.BAD_RESPONSE),
    "endless header line": (pouring(b"RTSP/1.0 200 OK\r\nX: ", b"a" * 4096), Fault.TOO_LARGE),
    "endless header lines": (pouring(b"RTSP/1.0 200 OK\r\n", b"X-More: yes\r\n" * 100), Fault.TOO_LARGE),
    "endless status line": (pouring(b"RTSP/1.0 200 ", b"O" * 4096), Fault.TOO_LARGE),
    "301": (answering(rtsp("301 Moved", "Location: rtsp://root:secret@127.9.9.9/x")), Fault.REDIRECTED),
    "302 to a file": (answering(rtsp("302 Found", "Location: file:///etc/passwd")), Fault.REDIRECTED),
    "400": (answering(rtsp("400 Bad Request")), Fault.BAD_RESPONSE),
    "401 without a login": (answering(rtsp("401 Unauthorized")), Fault.AUTH_FAILED),
    "401 locked": (answering(rtsp("401 Unauthorized", body=b"<lockStatus>lock</lockStatus>")), Fault.AUTH_LOCKED),
    "401 not locked": (answering(rtsp("401 Unauthorized", body=b"<lockStatus>unlock</lockStatus>")), Fault.AUTH_FAILED),
    "403": (answering(rtsp("403 Forbidden")), Fault.FORBIDDEN),
    "403 locked": (answering(rtsp("403 Account is locked")), Fault.AUTH_LOCKED),
    "404": (answering(rtsp("404 Not Found")), Fault.NOT_FOUND),
    "453": (answering(rtsp("453 Not Enough Bandwidth")), Fault.SESSION_LIMIT),
    "461": (answering(rtsp("461 Unsupported Transport")), Fault.BAD_RESPONSE),
    "500": (answering(rtsp("500 Internal Server Error")), Fault.DEVICE_ERROR),
    "503": (answering(rtsp("503 Service Unavailable")), Fault.DEVICE_ERROR),
    "garbage": (closing(bytes(range(256)) * 4), Fault.BAD_RESPONSE),
    "another protocol": (closing(b"SSH-2.0-OpenSSH_9.2\r\n"), Fault.BAD_RESPONSE),
    "HTTP": (answering(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), Fault.BAD_RESPONSE),
    "status of letters": (answering(b"RTSP/1.0 abc OK\r\n\r\n"), Fault.BAD_RESPONSE),
    "SDP of 1 MB": (answering(described(SDP_H264 + b"a=x:" + b"y" * 1_000_000)), Fault.TOO_LARGE),
    "10 GB announced": (answering(rtsp("200 OK", "Content-Length: 10000000000")), Fault.TOO_LARGE),
    "length below zero": (answering(rtsp("200 OK", "Content-Length: -1")), Fault.BAD_RESPONSE),
    "SDP without video": (answering(described(SDP_AUDIO)), Fault.NO_VIDEO),
    "SDP empty": (answering(described(SDP_HEAD)), Fault.NO_VIDEO),
    "no SDP at all": (answering(rtsp("200 OK")), Fault.BAD_RESPONSE),
    "a page instead": (answering(rtsp("200 OK", body=b"<html>login</html>")), Fault.BAD_RESPONSE),
    "closes at once": (lambda connection: None, Fault.BAD_RESPONSE),
    "closes after the request": (closing(), Fault.BAD_RESPONSE),
    "closes within the header": (closing(b"RTSP/1.0 200 OK\r\nContent-"), Fault.BAD_RESPONSE),
    "closes within the body": (closing(described()[:-20]), Fault.BAD_RESPONSE),
    "resets": (resetting, Fault.BAD_RESPONSE),
    "body never comes": (answering(rtsp("200 OK", "Content-Length: 500")), Fault.TIMEOUT),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_peer(case, peer, look):
    serve, fault = HOSTILE[case]
    reading = look(liveness, peer(serve).port, deadline_s=1.2)
    assert reading.fault is fault, reading
    assert not reading.ok
    assert reading.steps[-1].ok is False
    assert reading.evidence
    assert all(len(str(value)) <= 200 for value in reading.evidence.values())


@pytest.mark.parametrize(
    ("reply", "detail"),
    [
        (b"SSH-2.0-x\r\n", "bad_response: not RTSP, SSH-2.0-x"),
        (rtsp("404 Not Found"), "not_found: 404, Not Found"),
        (rtsp("301 Moved", "Location: rtsp://u:p@10.0.0.9/x"), "redirected: 301, Moved, rtsp://10.0.0.9/x"),
        (rtsp("200 OK", "Content-Length: 10000000000"), "too_large: announced_bytes 10000000000, limit_bytes 262144"),
        (rtsp("200 OK", body=b"<html>"), "bad_response: the answer is no SDP"),
    ],
    ids=["another protocol", "404", "redirect", "10 GB", "no SDP"],
)
def test_the_steps_alone_say_what_came_back(reply, detail, peer, look):
    assert look(liveness, peer(closing(reply)).port).steps[-1].detail == detail


def test_refused(look):
    reading = look(liveness, refusing())
    assert reading.fault is Fault.REFUSED
    assert [step.name for step in reading.steps] == ["connect"]


def test_nobody_answers_the_connection_request(look):
    with dropping() as port:
        reading = look(liveness, port, deadline_s=1.2)
    assert reading.fault is Fault.UNREACHABLE
    assert reading.evidence["error"] == "no answer"


def test_unknown_host_name(look):
    assert look(liveness, 554, host="no-such-camera.invalid").fault is Fault.UNREACHABLE


def test_no_time_at_all(peer, look):
    assert look(liveness, peer(mute).port, deadline_s=0.0).fault is Fault.TIMEOUT


def test_redirects_are_told_without_their_login_and_not_followed(peer, look):
    trap = peer(mute, host="127.9.9.9")
    moved = rtsp("301 Moved", f"Location: rtsp://root:secret@127.9.9.9:{trap.port}/x")
    reading = look(liveness, peer(answering(moved)).port)
    assert reading.evidence["location"] == f"rtsp://127.9.9.9:{trap.port}/x"
    assert trap.connections == 0


def test_healthy_stream(peer, look):
    reading = look(liveness, peer(answering(described())).port, rtsp_path="/live/门口 1")
    assert reading.ok
    assert reading.stream == StreamFormat("h264")
    assert [(step.name, step.ok) for step in reading.steps] == [("connect", True), ("describe", True), ("stream", True)]


def test_the_request_line_is_escaped(peer, look):
    asked: list[bytes] = []

    def remember(request: bytes) -> bytes:
        asked.append(request)
        return described()

    look(liveness, peer(answering(remember)).port, rtsp_path="/a b\r\nX: y")
    assert re.match(rb"DESCRIBE rtsp://127\.0\.0\.1:\d+/a%20b%0D%0AX:%20y RTSP/1\.0\r\n", asked[0])
    assert b"\r\nX: y" not in asked[0]


@pytest.mark.parametrize(
    ("expected", "differs"),
    [
        (StreamFormat("H.264"), ""),
        (StreamFormat("h264", 1280, 720, 25), ""),
        (StreamFormat("h265"), "codec"),
        (StreamFormat("h264", 1920, 1080), "size"),
        (StreamFormat(rate_fps=12.5), "rate"),
        (StreamFormat(rate_fps=24), ""),
    ],
    ids=lambda value: str(value) if isinstance(value, StreamFormat) else value or "fits",
)
def test_the_stream_is_held_against_the_ledger(expected, differs, peer, look):
    sdp = SDP_HEAD + (
        b"m=video 0 RTP/AVP 26 96\r\na=rtpmap:26 H264/90000\r\na=framesize:26 1280-720\r\na=framerate:25.0\r\n"
    )
    reading = look(liveness, peer(answering(described(sdp))).port, expected=expected)
    assert reading.stream == StreamFormat("h264", 1280, 720, 25)
    assert reading.fault is (Fault.WRONG_FORMAT if differs else None)
    assert set(reading.evidence) == ({differs} if differs else set())
    assert [step.name for step in reading.steps if not step.ok] == (["format"] if differs else [])


def test_the_sub_stream_is_not_held_against_the_ledger(peer, look):
    about = {"sub_path": "/sub", "expected": StreamFormat("h265"), "options": {"stream": "sub"}}
    assert look(liveness, peer(answering(described())).port, **about).ok


def test_ipv6(peer, look):
    reading = look(liveness, peer(answering(described()), host="::1").port, host="::1")
    assert reading.ok


def test_an_echo_of_the_password_is_not_kept(peer, look):
    basic = 'WWW-Authenticate: Basic realm="x"'

    def echo(request: bytes) -> bytes:
        token = request.partition(b"Authorization: Basic ")[2].split(b"\r\n")[0].decode()
        return rtsp(f"401 go away {CANARY} {token}", basic)

    reading = look(liveness, peer(answering(rtsp("401 no", basic), echo)).port, credential=LOGIN)
    assert reading.fault is Fault.AUTH_FAILED
    assert "***" in str(reading.evidence["reason"])
    assert CANARY not in repr(reading)
    assert "a2FuYXJp" not in repr(reading).lower()


def test_control_characters_are_not_kept(peer, look):
    reading = look(liveness, peer(answering("RTSP/1.0 500 \x1b[31mred\x07\u202e!\r\n\r\n".encode())).port)
    assert reading.evidence["reason"] == "[31mred !"


def only_options(reply=b""):
    """A server that answers OPTIONS; DESCRIBE gets `reply`, or nothing."""

    def serve(connection):
        while True:
            asked = request(connection)
            assert b"Authorization" not in asked or not asked.startswith(b"OPTIONS")
            connection.sendall(rtsp("200 OK", "Public: OPTIONS, DESCRIBE") if asked.startswith(b"OPTIONS") else reply)

    return serve


@pytest.mark.parametrize(
    ("serve", "fault", "options"),
    [
        (only_options(), Fault.TIMEOUT, "200 OK"),
        (only_options(rtsp("503 Service Unavailable")), Fault.DEVICE_ERROR, "200 OK"),
        (answering(rtsp("500 Internal Server Error")), Fault.DEVICE_ERROR, "500 Internal Server Error"),
        (mute, Fault.TIMEOUT, "no answer"),
        (lambda connection: None, Fault.BAD_RESPONSE, "no answer"),
        (answering(rtsp("404 Not Found")), Fault.NOT_FOUND, None),
        (answering(rtsp("400 Bad Request")), Fault.BAD_RESPONSE, None),
        (only_options(described()), None, None),
    ],
    ids=["no DESCRIBE", "no stream", "all broken", "mute", "hangs up", "not found", "bad request", "healthy"],
)
def test_options_are_asked_where_they_explain_a_failure(serve, fault, options, peer, look):
    server = peer(serve)
    reading = look(liveness, server.port)
    assert (reading.fault, reading.evidence.get("options")) == (fault, options)
    assert server.connections == (1 if options is None else 2), "a healthy camera is asked once"


@pytest.mark.parametrize(
    ("serve", "fault", "steps"),
    [
        (only_options(described()), None, "connect+ options+ describe+ stream+"),
        (only_options(rtsp("401 Unauthorized")), Fault.AUTH_FAILED, "connect+ options+ describe-"),
        (answering(rtsp("501 Not Implemented"), described()), None, "connect+ options+ describe+ stream+"),
        (
            answering(lambda asked: rtsp("401 No", "Connection: close") if asked.startswith(b"OPT") else described()),
            None,
            "connect+ options+ connect+ describe+ stream+",
        ),
        (only_options(), Fault.TIMEOUT, "connect+ options+ describe-"),
    ],
    ids=["healthy", "login", "does not know it", "closes after it", "no DESCRIBE"],
)
def test_by_hand_options_are_a_step_of_their_own(serve, fault, steps, peer, look):
    server = peer(serve)
    reading = look(liveness, server.port, options={"options": True})
    assert reading.fault is fault
    assert " ".join(f"{step.name}{'+' if step.ok else '-'}" for step in reading.steps) == steps


def test_a_camera_that_does_not_know_options_answers_describe_all_the_same(peer, look):
    def serve(connection):
        while not request(connection).startswith(b"OPTIONS"):
            connection.sendall(described())
        mute(connection)

    reading = look(liveness, peer(serve).port, deadline_s=5.0, options={"options": True})
    assert reading.ok, reading
    assert [(step.name, step.ok) for step in reading.steps][:4] == [
        ("connect", True), ("options", False), ("connect", True), ("describe", True)
    ]  # fmt: skip


def test_no_login_is_sent_with_options(peer, look):
    camera = CountingCamera("another")
    reading = look(liveness, peer(camera).port, credential=LOGIN, options={"options": True})
    assert reading.fault is Fault.AUTH_FAILED
    assert (camera.refused, camera.asked) == (1, 3)
