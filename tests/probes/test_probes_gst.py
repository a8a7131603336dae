"""Liveness and picture against gst-rtsp-server, an RTSP server that is not ours."""

from ipaddress import ip_address

import pytest
from packets import difference
from probe_logins import LOGIN

from cammon_probes.liveness import liveness
from cammon_probes.model import Credential, Fault
from cammon_probes.picture_probe import picture

pytestmark = pytest.mark.needs("gst-rtsp-server")
LOGINS = pytest.mark.parametrize("method", ["", "digest", "basic"])


@LOGINS
def test_liveness(method, gst, look):
    reading = look(liveness, gst(method), deadline_s=8.0, rtsp_path="/yard", credential=LOGIN)
    assert reading.ok, reading
    assert (reading.stream.codec, reading.stream.width_px, reading.stream.height_px) == ("h264", 320, 192)
    assert ("login" in [step.name for step in reading.steps]) == bool(method)


@LOGINS
def test_no_such_stream(method, gst, look):
    reading = look(liveness, gst(method), deadline_s=8.0, rtsp_path="/none", credential=LOGIN)
    assert reading.fault is Fault.NOT_FOUND


@LOGINS
@pytest.mark.parametrize(("mount", "codec"), [("/yard2", "h264"), ("/yard265", "h265")])
def test_picture(mount, codec, method, gst, look, yard):
    reading = look(picture, gst(method), deadline_s=8.0, rtsp_path=mount, credential=LOGIN)
    assert reading.ok, reading
    assert reading.stream.codec == codec
    assert difference(reading.frame, yard) < 8


@pytest.mark.parametrize("method", ["digest", "basic"])
@pytest.mark.parametrize("prober", [liveness, picture])
def test_wrong_password(prober, method, gst, look):
    reading = look(prober, gst(method), rtsp_path="/yard", credential=Credential("x", LOGIN.username, "no"))
    assert reading.fault is Fault.AUTH_FAILED
    assert [step.name for step in reading.steps] == ["connect", "describe", "login"]


def test_jpeg(gst, look):
    reading = look(picture, gst(""), deadline_s=8.0, rtsp_path="/jpeg")
    assert reading.ok, reading
    assert reading.stream.codec == "mjpeg"
    assert reading.frame.shape == (240, 320, 3)
    blue, green, red = reading.frame[120, 160]
    assert red > 200 > 60 > max(green, blue), "the test picture is red"


@pytest.mark.parametrize("method", ["", "digest"])
@pytest.mark.parametrize(("mount", "codec"), [("/udp/yard2", "h264"), ("/udp/yard265", "h265")])
def test_a_server_that_speaks_udp_alone(mount, codec, method, gst, look, yard):
    reading = look(picture, gst(method), deadline_s=8.0, rtsp_path=mount, credential=LOGIN)
    assert reading.ok, reading
    assert reading.stream.codec == codec
    assert difference(reading.frame, yard) < 8
    steps = [step.name for step in reading.steps if step.name != "login"]
    assert steps == ["connect", "describe", "stream", "setup", "setup", "play", "keyframe"]


def test_three_pictures_in_a_row(gst, look):
    reading = look(picture, gst(""), deadline_s=8.0, rtsp_path="/yard", options={"frames": 3})
    assert reading.ok, reading
    assert len(reading.later) == 2


def test_five_hundred_cameras_each_at_its_own_address(gst, look):
    port = gst("digest", "127.7.0.1+500")
    hosts = [str(ip_address("127.7.0.1") + number) for number in range(500)]
    about = {"rtsp_path": "/yard", "credential": LOGIN}
    found = [look(liveness, port, deadline_s=8.0, host=host, **about) for host in hosts]
    assert [reading.fault for reading in found] == [None] * 500
