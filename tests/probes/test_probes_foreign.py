"""RTSP servers that are not ours, beside gst-rtsp-server, and a prober that is not ours as the control."""

import re
import socket
import subprocess
import threading
import time
import urllib.request
from pathlib import Path

import pytest
from packets import difference
from peers import mute, refusing
from probe_logins import LOGIN

from cammon_probes.liveness import liveness
from cammon_probes.model import Fault
from cammon_probes.picture_probe import picture


@pytest.fixture(scope="module")
def ipycam_rtsp(yard):
    """The port of ipycam's own RTSP server; the video and its RTP packets are made by ffmpeg."""
    from ipycam.rtsp import NativeRTSPServer

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = NativeRTSPServer(port, "127.0.0.1")
    server.add_stream("yard", yard.shape[1], yard.shape[0], 10, "4M")
    assert server.start()
    ended = threading.Event()

    def feed():
        while not ended.wait(0.1):
            server.stream_frame("yard", yard)

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    yield port
    ended.set()
    feeder.join()
    server.stop()


@pytest.mark.needs("ipycam")
@pytest.mark.needs("ffmpeg")
@pytest.mark.parametrize("frames", [1, 3])
def test_ipycam_with_the_packets_of_ffmpeg(frames, ipycam_rtsp, look, yard):
    reading = look(picture, ipycam_rtsp, deadline_s=15.0, rtsp_path="/yard", options={"frames": frames})
    assert reading.ok, reading
    assert reading.stream.codec == "h264"
    assert len(reading.later) == frames - 1
    for frame in (reading.frame, *reading.later):
        assert difference(frame, yard) < 12


@pytest.fixture
def listening_ffmpeg():
    """ffmpeg's only RTSP server: it takes one stream from an encoder and gives none away."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["ffmpeg", "-loglevel", "quiet", "-rtsp_flags", "listen", "-i", f"rtsp://127.0.0.1:{port}/x"]
    with subprocess.Popen([*command, "-f", "null", "-"], stdin=subprocess.DEVNULL) as process:
        _until_listening(port)
        yield port
        process.kill()


def _until_listening(port):
    """Looks at the kernel's table: ffmpeg takes a single connection, and it is not for us."""
    listed = f":{port:04X} 00000000:0000 0A"
    for _ in range(200):
        if listed in Path("/proc/net/tcp").read_text():
            return
        time.sleep(0.05)


@pytest.mark.needs("ffmpeg")
@pytest.mark.parametrize("prober", [liveness, picture])
def test_an_ffmpeg_that_waits_for_an_encoder_is_no_camera(prober, listening_ffmpeg, look):
    reading = look(prober, listening_ffmpeg, deadline_s=3.0, rtsp_path="/x", credential=LOGIN)
    assert reading.fault is Fault.BAD_RESPONSE, reading
    assert [step.name for step in reading.steps] == ["connect", "describe"]


@pytest.fixture(scope="module")
def blackbox(tmp_path_factory):
    """What blackbox_exporter says of a port: whether something answers RTSP OPTIONS there."""
    config = tmp_path_factory.mktemp("blackbox") / "blackbox.yml"
    config.write_text(
        "modules: {rtsp: {prober: tcp, timeout: 2s, tcp: {query_response: "
        '[{send: "OPTIONS rtsp://127.0.0.1/ RTSP/1.0\\r\\nCSeq: 1\\r\\n\\r"}, {expect: "^RTSP/1.0 "}]}}}\n'
    )
    command = ["prometheus-blackbox-exporter", f"--config.file={config}", "--web.listen-address=127.0.0.1:0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        address = next(found[1] for line in process.stderr if (found := re.search(r"address=(127\S+:\d+)", line)))

        def ask(port):
            url = f"http://{address}/probe?module=rtsp&target=127.0.0.1:{port}"
            with urllib.request.urlopen(url) as answer:
                return b"probe_success 1" in answer.read()

        yield ask
        process.terminate()


@pytest.mark.needs("blackbox_exporter")
@pytest.mark.needs("gst-rtsp-server")
def test_the_control_says_the_same(blackbox, gst, peer, look):
    """And less: that there is a stream, and of which kind, it cannot tell."""
    for port, answers in ((gst(""), True), (refusing(), False), (peer(mute).port, False)):
        reading = look(liveness, port, deadline_s=2.0, rtsp_path="/yard")
        assert blackbox(port) is answers
        assert (reading.fault is None) is answers
    assert look(liveness, gst(""), rtsp_path="/none").fault is Fault.NOT_FOUND
