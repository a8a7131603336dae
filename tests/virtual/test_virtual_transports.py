"""UDP and TLS, met by libav, by requests and by cammon's own probes."""

import time
from datetime import UTC, datetime
from itertools import islice

import av
import pytest
import requests

from cammon.virtual.model import CameraSpec, FleetOptions, StreamSpec
from cammon_probes.device import device
from cammon_probes.liveness import liveness
from cammon_probes.model import Deadline, Endpoint, Fault, Reading, Trust
from cammon_probes.picture_probe import picture
from tests.virtual.dialogue import Dialogue
from tests.virtual.viewer import frames, snapshot_url, url_of


def looked(prober, endpoint: Endpoint, **options: object) -> Reading:
    return prober(endpoint, datetime.now(UTC), Deadline.after(5.0, time.monotonic), **options)


def test_a_camera_that_speaks_udp_alone(fleet):
    endpoint = fleet.endpoint("CAM01")
    fleet.put("CAM01", "udp_only")
    reading = looked(picture, endpoint, frames=3)
    assert reading.fault is None, reading
    assert [step.name for step in reading.steps if not step.ok] == ["setup"], "461 to TCP"
    assert reading.steps[-1].ok
    with pytest.raises(av.error.FFmpegError):
        next(frames(endpoint))  # libav, asked for TCP
    fleet.clear("CAM01")
    assert all(step.ok for step in looked(picture, endpoint).steps)


def test_libav_plays_over_udp(fleet):
    fleet.put("CAM01", "udp_only")
    options = {"rtsp_transport": "udp", "analyzeduration": "0", "probesize": "32", "fpsprobesize": "0"}
    with av.open(url_of(fleet.endpoint("CAM01")), options=options, timeout=(5, 5)) as container:
        some = list(islice(container.decode(video=0), 3))
    assert [(frame.width, frame.height) for frame in some] == [(640, 360)] * 3


@pytest.mark.parametrize(
    ("transport", "status"),
    [
        ("RTP/AVP;unicast;client_port=50000-50001", 200),
        ("RTP/AVP/UDP;unicast;client_port=50000-50001", 200),
        ("RTP/AVP/TCP;unicast;interleaved=0-1, RTP/AVP;unicast;client_port=50000-50001", 200),
        ("RTP/AVP/TCP;unicast;interleaved=0-1", 461),
        ("RTP/AVP;multicast;client_port=50000-50001", 461),
        ("RTP/AVP;unicast", 461),
        ("RTP/AVP;unicast;client_port=0-1", 461),
        ("RTP/AVP;unicast;client_port=99999-100000", 461),
    ],
)
def test_transports_that_it_takes(fleet, transport, status):
    fleet.put("CAM01", "udp_only")
    with Dialogue(fleet.endpoint("CAM01")) as viewer:
        viewer.log_in()
        assert viewer.ask("SETUP", "/sub/trackID=1", f"Transport: {transport}").status == status


@pytest.fixture
def over_tls(fleet_with):
    return fleet_with(CameraSpec("CAM01", main=StreamSpec("/main", 640, 360), rtsps=True, https=True))


def test_a_camera_over_tls(over_tls):
    endpoint = over_tls.endpoint("CAM01")
    assert (endpoint.rtsp_scheme, endpoint.onvif_scheme) == ("rtsps", "https")
    assert [looked(prober, endpoint).fault for prober in (liveness, picture, device)] == [None] * 3
    told = looked(device, endpoint).device
    assert told.stream_uri.startswith("rtsps://")
    assert told.snapshot_uri.startswith("https://")
    stranger = Endpoint(**{**_fields(endpoint), "trust": Trust()})
    for prober in (liveness, picture, device):
        reading = looked(prober, stranger)
        assert reading.fault is Fault.TLS_UNTRUSTED
        assert reading.evidence["fingerprint"] in endpoint.trust.fingerprints
    snapshot = looked(picture, Endpoint(**{**_fields(endpoint), "rtsp_path": ""}), stream="snapshot")
    assert snapshot.stream is not None
    assert snapshot.stream.codec == "mjpeg"


def test_faults_over_tls(over_tls):
    endpoint = over_tls.endpoint("CAM01")
    for fault, told in (("mute", Fault.TIMEOUT), ("offline", Fault.REFUSED), ("no_packets", Fault.NO_VIDEO)):
        over_tls.put("CAM01", fault)
        deadline = Deadline.after(1.5, time.monotonic)
        assert picture(endpoint, datetime.now(UTC), deadline).fault is told
        over_tls.clear_all()
    assert looked(picture, endpoint).fault is None


def test_requests_over_tls(over_tls):
    url = snapshot_url(over_tls.endpoint("CAM01")).replace("http://", "https://")
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(url, timeout=5)


def test_thousands_from_memory_may_speak_udp(fleet_with):
    fleet = fleet_with(options=FleetOptions(from_memory=True))
    fleet.put("CAM01", "udp_only")
    assert looked(picture, fleet.endpoint("CAM01")).fault is None


def _fields(endpoint: Endpoint) -> dict[str, object]:
    return {name: getattr(endpoint, name) for name in endpoint.__slots__}
