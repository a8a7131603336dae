"""What cammon's own probes make of each fault: the two sides were written apart and must agree."""

import time
from datetime import UTC, datetime

import pytest

from cammon_probes.device import changed, device
from cammon_probes.liveness import liveness
from cammon_probes.model import Deadline, Fault
from cammon_probes.picture_probe import picture

AT = datetime(2026, 5, 4, tzinfo=UTC)

MET = [
    (None, None, None, None),
    ("offline", Fault.REFUSED, Fault.REFUSED, Fault.REFUSED),
    ("power_loss", Fault.UNREACHABLE, Fault.UNREACHABLE, Fault.UNREACHABLE),
    ("mute", Fault.TIMEOUT, Fault.TIMEOUT, Fault.TIMEOUT),
    ("refuses_login", Fault.AUTH_FAILED, Fault.AUTH_FAILED, Fault.AUTH_FAILED),
    ("no_packets", None, Fault.NO_VIDEO, None),
]


def within(seconds: float) -> Deadline:
    return Deadline.after(seconds, time.monotonic)


@pytest.mark.parametrize(("fault", "live", "seen", "told"), MET, ids=[str(row[0]) for row in MET])
def test_each_probe_names_the_fault(fleet, fault, live, seen, told):
    if fault is not None:
        fleet.put("CAM01", fault)
    waits_s = {"power_loss": 0.5, "mute": 0.5}.get(fault, 5.0)
    endpoint, at = fleet.endpoint("CAM01"), datetime.now(UTC)
    assert liveness(endpoint, at, within(waits_s)).fault == live
    assert picture(endpoint, at, within(1.5 if fault == "no_packets" else waits_s)).fault == seen
    assert device(endpoint, at, within(waits_s)).fault == told


def test_a_locked_account(fleet_with):
    fleet = fleet_with()
    fleet.put("CAM01", "refuses_login")
    endpoint = fleet.endpoint("CAM01")
    met = [liveness(endpoint, AT, within(5.0)).fault for _ in range(7)]
    assert met == [Fault.AUTH_FAILED] * 5 + [Fault.AUTH_LOCKED] * 2
    assert fleet.state()["cameras"]["CAM01"]["failed_logins"] == 5


def test_clock_and_firmware(fleet):
    endpoint = fleet.endpoint("CAM01")
    before = device(endpoint, datetime.now(UTC), within(5.0))
    fleet.put("CAM01", "firmware_changed")
    fleet.put("CAM01", "clock_skew", seconds=-7200.0)
    after = device(endpoint, datetime.now(UTC), within(5.0))
    assert (before.fault, after.fault) == (None, Fault.CLOCK_SKEW)
    assert after.device.clock_offset_s == pytest.approx(-7200.0, abs=3.0)
    assert changed(before.device, after.device) == Fault.FIRMWARE_CHANGED
