"""The three looks at the project's own virtual camera, in order and with each fault of network, stream and device."""

from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic

import pytest

from cammon.virtual.background import running_fleet
from cammon.virtual.model import CameraSpec, FleetOptions
from cammon_probes.device import changed, device
from cammon_probes.liveness import liveness
from cammon_probes.model import Credential, Deadline, Fault
from cammon_probes.picture_probe import picture


@pytest.fixture
def fleet():
    with running_fleet([CameraSpec("CAM01")], options=FleetOptions(send_fps=20.0, gop_s=0.5)) as running:
        yield running


def looked(prober, endpoint, deadline_s=4.0, **options):
    begun_s = monotonic()
    reading = prober(endpoint, datetime.now(UTC), Deadline.after(deadline_s, monotonic), **options)
    assert monotonic() - begun_s < deadline_s + 1.0
    return reading


def test_in_order(fleet):
    endpoint = fleet.endpoint("CAM01")
    live = looked(liveness, endpoint)
    assert live.ok, live
    assert (live.stream.codec, live.stream.width_px, live.stream.height_px) == ("h264", 1280, 720)
    for stream, shape in (("sub", (360, 640, 3)), ("main", (720, 1280, 3))):
        seen = looked(picture, endpoint, stream=stream)
        assert seen.ok, seen
        assert seen.frame.shape == shape
    facts = looked(device, endpoint)
    assert facts.ok, facts
    assert abs(facts.device.clock_offset_s) < 2
    assert facts.device.serial
    assert facts.device.stream_uri_used.startswith("rtsp://127.0.0.1:")


def test_snapshot(fleet):
    endpoint = fleet.endpoint("CAM01")
    address = looked(device, endpoint).device.snapshot_uri_used
    path = "/" + address.partition("://")[2].partition("/")[2]
    reading = looked(picture, replace(endpoint, rtsp_path="", sub_path=None, snapshot_path=path))
    assert reading.ok, reading
    assert reading.frame.ndim == 3


FAULTS = [
    ("offline", Fault.REFUSED, Fault.REFUSED, Fault.REFUSED),
    ("power_loss", Fault.UNREACHABLE, Fault.UNREACHABLE, Fault.UNREACHABLE),
    ("mute", Fault.TIMEOUT, Fault.TIMEOUT, Fault.TIMEOUT),
    ("refuses_login", Fault.AUTH_FAILED, Fault.AUTH_FAILED, Fault.AUTH_FAILED),
    ("no_packets", None, Fault.NO_VIDEO, None),
    ("clock_skew", None, None, Fault.CLOCK_SKEW),
]


@pytest.mark.parametrize("row", FAULTS, ids=[row[0] for row in FAULTS])
def test_faults(row, fleet):
    name, *expected = row
    endpoint = fleet.endpoint("CAM01")
    fleet.put("CAM01", name)
    found = [looked(prober, endpoint, deadline_s=1.0).fault for prober in (liveness, picture, device)]
    assert found == expected
    fleet.clear("CAM01", name)
    assert all(looked(prober, endpoint).ok for prober in (liveness, picture, device))


def test_a_stream_that_stalls_before_its_keyframe_is_over(fleet):
    fleet.put("CAM01", "stalls", after_s=0.0)
    reading = looked(picture, fleet.endpoint("CAM01"), deadline_s=2.5)
    assert reading.fault in (Fault.STALLED, Fault.NO_VIDEO)


def test_a_wrong_password_costs_one_attempt_a_look_and_a_locked_account_none(fleet):
    """The camera locks after five refused logins; four looks leave it open, the sixth finds it locked."""
    endpoint = fleet.endpoint("CAM01")
    wrong = replace(endpoint, credential=Credential("x", endpoint.credential.username, "wrong"))
    for prober in (liveness, picture, device, liveness):
        assert looked(prober, wrong).fault is Fault.AUTH_FAILED
    assert looked(liveness, endpoint).ok
    for prober in (liveness, picture, device, liveness, picture):
        assert looked(prober, wrong).fault in (Fault.AUTH_FAILED, Fault.AUTH_LOCKED)
    assert looked(liveness, endpoint).fault is Fault.AUTH_LOCKED


def test_a_changed_firmware_is_told_by_comparing(fleet):
    before = looked(device, fleet.endpoint("CAM01")).device
    fleet.put("CAM01", "firmware_changed")
    assert changed(before, looked(device, fleet.endpoint("CAM01")).device) is Fault.FIRMWARE_CHANGED
