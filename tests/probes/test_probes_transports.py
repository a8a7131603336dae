"""Ways on which a stream can come: UDP, TLS, IPv6, names, a snapshot; each with what can go wrong on it."""

import re
import socket
import time

import pytest
from packets import difference, h264_payloads
from peers import SDP_H264, RtspCamera, answering, http, mute, rtp, rtsp
from probe_logins import LOGIN
from streams import drawn
from test_probes_picture import in_h264, playing, with_standard_huffman
from tls_peers import certificate, over_tls

from cammon_probes.liveness import liveness
from cammon_probes.model import Endpoint, Fault, Trust
from cammon_probes.picture_probe import picture
from cammon_probes.snapshot import at_snapshot
from cammon_probes.url import parse_url

UNSUPPORTED = rtsp("461 Unsupported Transport")


class UdpCamera:
    """Refuses TCP; sends `packets` (source address, data) to the ports that SETUP names, then stays silent."""

    def __init__(self, packets, host="127.0.0.1"):
        self._packets = packets
        self._host = host
        self.transports = []

    def __call__(self, connection):
        camera = RtspCamera(SDP_H264, self._play)
        conversation = _Rewritten(connection, self)
        camera(conversation)

    def answer(self, asked, reply):
        if not asked.startswith(b"SETUP"):
            return reply
        self.transports.append(re.search(rb"Transport: (.*)\r\n", asked)[1].decode())
        if "TCP" in self.transports[-1]:
            return UNSUPPORTED
        self.port = int(re.search(r"client_port=(\d+)-", self.transports[-1])[1])
        granted = f"Transport: RTP/AVP;unicast;client_port={self.port}-{self.port + 1};server_port=6970-6971"
        return rtsp("200 OK", granted, "Session: 12345")

    def _play(self, connection):
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        ends = {}
        for source, data in self._packets:
            if source not in ends:
                ends[source] = socket.socket(family, socket.SOCK_DGRAM)
                ends[source].bind((source, 0))
            ends[source].sendto(data, (self._host, self.port))
            time.sleep(0.0003)
        mute(connection)
        for end in ends.values():
            end.close()


class _Rewritten:
    """A connection whose answers pass through the camera."""

    def __init__(self, connection, camera):
        self._connection = connection
        self._camera = camera
        self._asked = b""

    def recv(self, size):
        self._asked = self._connection.recv(size)
        return self._asked

    def sendall(self, data):
        self._connection.sendall(self._camera.answer(self._asked, data))


def packets_of(unit, source="127.0.0.1", timestamp=7):
    parts = h264_payloads(unit, 400, aggregate=True)
    return [(source, rtp(part, 65530 + index, timestamp, part is parts[-1])) for index, part in enumerate(parts)]


def swapped(packets):
    """Each second packet overtakes the one before it."""
    found = list(packets)
    for index in range(1, len(found) - 1, 2):
        found[index], found[index + 1] = found[index + 1], found[index]
    return found


def test_udp_where_tcp_is_refused(peer, look, yard, yard_h264):
    camera = UdpCamera(packets_of(yard_h264[0]))
    reading = look(picture, peer(camera).port)
    assert reading.ok, reading
    assert difference(reading.frame, yard) < 8
    assert camera.transports[0] == "RTP/AVP/TCP;unicast;interleaved=0-1"
    assert camera.port % 2 == 0, "RTP stands on the even port, RTCP on the next"


def test_packets_that_overtake_each_other(peer, look, yard, yard_h264):
    reading = look(picture, peer(UdpCamera(swapped(packets_of(yard_h264[0])))).port)
    assert reading.ok, reading
    assert difference(reading.frame, yard) < 8


def test_packets_of_another_host_are_not_listened_to(peer, look, yard, yard_h264):
    """Somebody else sends another picture to our ports: first, and between the camera's own packets."""
    from streams import encoded

    other = packets_of(encoded(drawn(320, 192, seed=9))[0], "127.0.0.77")
    own = packets_of(yard_h264[0])
    mixed = [one for pair in zip(other, own, strict=False) for one in pair] + own[len(other) :]
    reading = look(picture, peer(UdpCamera(other + mixed)).port)
    assert reading.ok, reading
    assert difference(reading.frame, yard) < 8
    silent = look(picture, peer(UdpCamera(other)).port)
    assert (silent.fault, silent.evidence["packets"]) == (Fault.NO_VIDEO, 0)


@pytest.mark.parametrize(
    ("packets", "fault"),
    [
        ([], Fault.NO_VIDEO),
        ([("127.0.0.1", b"x" * 9)] * 5, Fault.NO_VIDEO),
        ([("127.0.0.1", bytes(1200))] * 50, Fault.NO_VIDEO),
        ("cut", Fault.STALLED),
    ],
    ids=["silence", "too short", "no RTP", "stops within the picture"],
)
def test_what_udp_can_do_instead(packets, fault, peer, look, yard_h264):
    sent = packets_of(yard_h264[0])[:-3] if packets == "cut" else packets
    deadline_s = 3.5 if fault is Fault.STALLED else 1.2
    assert look(picture, peer(UdpCamera(sent)).port, deadline_s=deadline_s).fault is fault


def test_a_camera_that_refuses_both(peer, look):
    reading = look(picture, peer(RtspCamera(SDP_H264, mute, SETUP=UNSUPPORTED)).port)
    assert reading.fault is Fault.BAD_RESPONSE
    assert reading.evidence["status"] == 461


def test_udp_over_ipv6(peer, look, yard, yard_h264):
    camera = UdpCamera(packets_of(yard_h264[0], "::1"), "::1")
    reading = look(picture, peer(camera, host="::1").port, host="::1")
    assert reading.ok, reading


@pytest.mark.parametrize(
    ("about", "trusted", "fault"),
    [
        ({}, False, Fault.TLS_UNTRUSTED),
        ({"days": -1}, False, Fault.TLS_UNTRUSTED),
        ({}, True, None),
        ({"days": -1}, True, None),
    ],
    ids=["self-signed", "expired", "self-signed, named by the site", "expired, named by the site"],
)
def test_rtsp_over_tls(about, trusted, fault, peer, look, yard, yard_h264, tmp_path):
    shown = certificate(tmp_path, **about)
    camera = RtspCamera(SDP_H264, playing(yard_h264, in_h264))
    trust = Trust(frozenset({shown.fingerprint})) if trusted else Trust()
    reading = look(picture, peer(over_tls(camera, shown)).port, rtsp_scheme="rtsps", trust=trust, credential=LOGIN)
    assert reading.fault is fault, reading
    if fault is None:
        assert difference(reading.frame, yard) < 8
        assert camera.requests[0].startswith(b"DESCRIBE rtsps://")
    else:
        assert reading.evidence["fingerprint"] == shown.fingerprint
        assert camera.requests == []


def test_a_camera_that_speaks_no_tls(peer, look):
    def plain(connection):
        connection.recv(100)
        connection.sendall(rtsp("400 Bad Request"))

    reading = look(liveness, peer(plain).port, deadline_s=1.2, rtsp_scheme="rtsps")
    assert reading.fault is Fault.BAD_RESPONSE
    assert "no TLS" in reading.evidence["error"]


def test_an_address_of_a_stream_over_tls():
    endpoint = parse_url("rtsps://root:pw@camera.example/live")
    assert (endpoint.rtsp_scheme, endpoint.rtsp_port, endpoint.rtsp_path) == ("rtsps", 322, "/live")
    assert parse_url("rtsps://[::1]:8322/x").host == "::1"


def test_a_picture_over_ipv6_and_by_name(peer, look, yard_h264):
    for host, named in (("::1", "::1"), ("127.0.0.1", "localhost")):
        camera = RtspCamera(SDP_H264, playing(yard_h264, in_h264))
        reading = look(picture, peer(camera, host=host).port, host=named)
        assert reading.ok, reading


@pytest.mark.parametrize("over", ["http", "https"])
def test_a_snapshot_leaves_the_streams_alone(over, peer, look, yard, tmp_path):
    shown = certificate(tmp_path)
    serve = answering(http("200 OK", body=with_standard_huffman(yard)))
    stream = peer(mute)
    port = peer(over_tls(serve, shown) if over == "https" else serve).port
    about = {"onvif_port": port, "onvif_scheme": over, "snapshot_path": "/snap.jpg"}
    trust = Trust(frozenset({shown.fingerprint}))
    reading = look(picture, stream.port, options={"stream": "snapshot"}, trust=trust, **about)
    assert reading.ok, reading
    assert difference(reading.frame, yard) < 8
    assert stream.connections == 0


def test_a_snapshot_that_nobody_named(look):
    assert look(picture, 554, options={"stream": "snapshot"}).fault is Fault.NOT_FOUND


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        ("http://127.0.0.1:8080/snap?ch=1", ("http", 8080, "/snap?ch=1")),
        ("https://127.0.0.1/snap.jpg", ("https", 443, "/snap.jpg")),
        ("http://127.0.0.1/snap.jpg", ("http", 80, "/snap.jpg")),
        ("rtsp://127.0.0.1/stream", None),
        (None, None),
    ],
    ids=["a port of its own", "over TLS", "plain", "a stream instead", "none named"],
)
def test_the_snapshot_that_a_device_names(used, expected):
    found = at_snapshot(Endpoint("C", "127.0.0.1", onvif_port=8000), used)
    told = None if found is None else (found.onvif_scheme, found.onvif_port, found.snapshot_path)
    assert told == expected
