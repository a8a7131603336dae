"""What servers of real makers do beside answering: no length, requests of their own, sessions that end soon."""

import select
import socket
import time

import pytest
from packets import difference
from peers import SDP_AUDIO, SDP_H264, RtspCamera, answering, dripping, interleaved, pouring, request, rtp, rtsp
from test_probes_picture import in_h264, playing
from test_probes_transports import UdpCamera

from cammon_probes.asides import MOST_ANSWERED
from cammon_probes.liveness import liveness
from cammon_probes.model import Fault
from cammon_probes.picture_probe import picture

OF_ANY_LENGTH = rtsp("200 OK", "Content-Type: application/sdp")
OPTIONS = b"OPTIONS * RTSP/1.0\r\nCSeq: 77\r\n\r\n"
ANNOUNCE = b"ANNOUNCE rtsp://camera/ RTSP/1.0\r\nCSeq: 78\r\nContent-Length: 9\r\n\r\nv=0\r\no=- "
SET_PARAMETER = b"SET_PARAMETER * RTSP/1.0\r\nContent-Length: 3\r\nCSeq: 79\r\n\r\n$$$"


class ClosingAfterDescribe:
    """Ends its description by closing the connection; the rest is asked over the next one."""

    def __init__(self, camera):
        self._camera = camera
        self.connections = 0

    def __call__(self, connection):
        self.connections += 1
        if self.connections == 1:
            request(connection)
            connection.sendall(OF_ANY_LENGTH + SDP_H264)
        else:
            self._camera(connection)


@pytest.mark.parametrize("prober", [liveness, picture])
def test_a_description_that_ends_when_the_server_falls_silent(prober, peer, look, yard_h264):
    camera = RtspCamera(SDP_H264, playing(yard_h264, in_h264), DESCRIBE=OF_ANY_LENGTH + SDP_H264)
    serving = peer(camera)
    reading = look(prober, serving.port)
    assert reading.ok, reading
    assert reading.stream.codec == "h264"
    assert serving.connections == 1


def test_a_description_that_ends_with_the_connection(peer, look, yard, yard_h264):
    serve = ClosingAfterDescribe(RtspCamera(SDP_H264, playing(yard_h264, in_h264)))
    reading = look(picture, peer(serve).port)
    assert reading.ok, reading
    assert difference(reading.frame, yard) < 8
    assert serve.connections == 2


@pytest.mark.parametrize(
    ("serve", "fault"),
    [
        (pouring(OF_ANY_LENGTH + SDP_H264, b"a=x:yyyyyyyyy\r\n" * 1000), Fault.TOO_LARGE),
        (dripping(OF_ANY_LENGTH[:-2] + b"\r\n" + SDP_H264, 0.02), Fault.TIMEOUT),
        (answering(OF_ANY_LENGTH + SDP_AUDIO), Fault.NO_VIDEO),
        (answering(OF_ANY_LENGTH), Fault.BAD_RESPONSE),
    ],
    ids=["without end", "dripped", "no video", "nothing"],
)
def test_a_description_of_any_length_has_bounds(serve, fault, peer, look):
    assert look(liveness, peer(serve).port, deadline_s=1.5).fault is fault


@pytest.mark.parametrize("asked", [OPTIONS, ANNOUNCE, SET_PARAMETER], ids=["OPTIONS", "ANNOUNCE", "SET_PARAMETER"])
@pytest.mark.parametrize("before", ["DESCRIBE", "SETUP", "PLAY"])
def test_a_request_of_the_server_before_its_answer(before, asked, peer, look, yard, yard_h264):
    """The server waits for what is said to it before it goes on."""
    camera = RtspCamera(SDP_H264, playing(yard_h264, in_h264))
    heard = []

    class Asking:
        def __init__(self, connection):
            self.connection = connection
            self.method = b""

        def recv(self, size):
            data = self.connection.recv(size)
            self.method = data.split(b" ")[0]
            return data

        def sendall(self, data):
            if self.method == before.encode() and data.startswith(b"RTSP/"):
                self.connection.sendall(asked)
                heard.append(request(self.connection))
            self.connection.sendall(data)

    reading = look(picture, peer(lambda connection: camera(Asking(connection))).port)
    assert reading.ok, reading
    assert difference(reading.frame, yard) < 8
    number = asked.partition(b"CSeq: ")[2].partition(b"\r")[0]
    status = b"200 OK" if asked is OPTIONS else b"501 Not Implemented"
    assert heard == [b"RTSP/1.0 " + status + b"\r\nCSeq: " + number + b"\r\n\r\n"]


@pytest.mark.parametrize("prober", [liveness, picture])
def test_a_server_that_only_asks_is_not_served_for_ever(prober, peer, look):
    answered = []

    def serve(connection):
        request(connection)
        connection.sendall(OPTIONS * 50)
        while data := connection.recv(65536):
            answered.append(data)

    reading = look(prober, peer(serve).port)
    assert reading.fault is Fault.BAD_RESPONSE, reading
    assert b"".join(answered).count(b"CSeq: 77") <= MOST_ANSWERED


class ShortSession:
    """Plays pictures that need others until `key_after_s`, unless nothing is heard of the viewer for a second."""

    def __init__(self, units, answer, key_after_s=1.8):
        self._units = units
        self._answer = answer
        self._key_after_s = key_after_s
        self.heard = []
        self.ended = False

    def play(self, connection, send):
        begun_s = heard_s = time.monotonic()
        number = 0
        for index in range(1000):
            if select.select([connection], [], [], 0.04)[0]:
                self.heard.append(request(connection))
                heard_s = time.monotonic()
                if self.heard[-1].startswith(b"GET_PARAMETER"):
                    connection.sendall(self._answer)
            if time.monotonic() - heard_s > 1.0:
                self.ended = True
                return
            parts = in_h264(self._units[0 if time.monotonic() - begun_s > self._key_after_s else 1])
            for part in parts:
                send(rtp(part, number, 3600 * index, part is parts[-1]))
                number += 1


GRANTED = rtsp("200 OK", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1", "Session: 12345;timeout=1")
ANSWERS = {
    "answered": rtsp("200 OK", "Session: 12345"),
    "answered with a body": rtsp("200 OK", "Session: 12345", body=b"$x: 1\r\n"),
    "not understood": rtsp("501 Not Implemented"),
    "left without an answer": b"",
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_session_that_ends_before_a_keyframe_comes_is_kept_open(answer, peer, look, yard, yard_h264):
    session = ShortSession(yard_h264, ANSWERS[answer])

    def play(connection):
        session.play(connection, lambda packet: connection.sendall(interleaved(packet)))

    reading = look(picture, peer(RtspCamera(SDP_H264, play, SETUP=GRANTED)).port, deadline_s=4.0)
    assert reading.ok, reading
    assert difference(reading.frame, yard) < 8
    kept = [asked for asked in session.heard if asked.startswith(b"GET_PARAMETER")]
    assert 2 <= len(kept) <= 4, "at half the time that the server names"
    assert all(b"Session: 12345\r\n" in asked for asked in kept)


def test_a_session_that_outlasts_the_look_is_left_alone(peer, look, yard_h264):
    session = ShortSession(yard_h264, b"", key_after_s=0.8)

    def play(connection):
        session.play(connection, lambda packet: connection.sendall(interleaved(packet)))

    camera = RtspCamera(SDP_H264, play)
    assert look(picture, peer(camera).port).ok
    assert not any(asked.startswith(b"GET_PARAMETER") for asked in session.heard)


def test_a_silent_stream_is_stalled_though_its_session_is_short(peer, look, yard_h264):
    def play(connection):
        for at, part in enumerate(in_h264(yard_h264[1])):
            connection.sendall(interleaved(rtp(part, at, 7)))
        while request(connection).startswith(b"GET_PARAMETER"):
            connection.sendall(ANSWERS["answered"])

    reading = look(picture, peer(RtspCamera(SDP_H264, play, SETUP=GRANTED)).port, deadline_s=2.5)
    assert reading.fault is Fault.STALLED, reading


class ShortSessionOverUdp(UdpCamera):
    """The session belongs to the connection, the packets come beside it."""

    def __init__(self, session):
        super().__init__([])
        self._session = session

    def answer(self, asked, reply):
        return super().answer(asked, reply).replace(b"Session: 12345", b"Session: 12345;timeout=1")

    def _play(self, connection):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.bind((self._host, 0))
            self._session.play(connection._connection, lambda packet: end.sendto(packet, (self._host, self.port)))


def test_a_short_session_over_udp(peer, look, yard, yard_h264):
    session = ShortSession(yard_h264, ANSWERS["answered"])
    reading = look(picture, peer(ShortSessionOverUdp(session)).port, deadline_s=4.0)
    assert reading.ok, reading
    assert difference(reading.frame, yard) < 8
