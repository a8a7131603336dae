"""A look asks for its turn before it sends a login: not before the camera wants one, and it keeps to what it hears."""

import time
from datetime import UTC, datetime

import pytest
from digest_judge import CountingCamera
from onvif_peers import OnvifCamera
from peers import http, request
from probe_logins import CANARY, LOGIN

from cammon_probes.device import device
from cammon_probes.liveness import liveness
from cammon_probes.model import Deadline, Endpoint, Fault
from cammon_probes.onvif_client import service_definition
from cammon_probes.picture_probe import picture
from cammon_probes.unfinished import LoginBusy


class Gate:
    """A turn that lets looks log in or not, and counts."""

    def __init__(self, opens=True, busy=False):
        self.opens, self.busy, self.asked, self.taken = opens, busy, 0, 0

    def begin(self, deadline):
        self.asked += 1
        if self.busy:
            raise LoginBusy
        return self.opens

    def accepted(self):
        self.taken += 1


@pytest.fixture(autouse=True, scope="module")
def parsed():
    """The service definitions are parsed once in a process; no test should pay for it."""
    service_definition("devicemgmt")
    service_definition("media")


class Snapshots:
    """A web server whose only page wants Digest."""

    def __init__(self):
        self.heads = []

    def __call__(self, connection):
        self.heads.append(request(connection))
        connection.sendall(http("401 Unauthorized", 'WWW-Authenticate: Digest realm="yard", nonce="n1"'))


def streams(peer):
    camera = CountingCamera(CANARY)
    return camera, liveness, {"rtsp_port": peer(camera).port}, lambda: camera.refused + camera.accepted


def snapshots(peer):
    camera = Snapshots()
    about = {"rtsp_port": 0, "rtsp_path": "", "onvif_port": peer(camera).port, "snapshot_path": "/snap.jpg"}
    return camera, picture, about, lambda: sum(b"Authorization" in bytes(head) for head in camera.heads)


def devices(peer):
    camera = OnvifCamera((LOGIN.username, LOGIN.password))
    about = {"rtsp_port": 0, "onvif_port": peer(camera).port}
    return camera, device, about, lambda: sum("UsernameToken" in body for body in camera.bodies)


def looked(prober, gate, about):
    port = about.pop("rtsp_port")
    endpoint = Endpoint("CAM01", "127.0.0.1", port, credential=LOGIN, turn=gate, **about)
    return prober(endpoint, datetime.now(UTC), Deadline.after(5.0, time.monotonic))


@pytest.mark.parametrize("door", [streams, snapshots, devices])
def test_no_login_is_sent_when_it_is_held_back(door, peer):
    _, prober, about, logins = door(peer)
    gate = Gate(opens=False)
    reading = looked(prober, gate, about)
    assert reading.fault is Fault.AUTH_FAILED
    assert (gate.asked, gate.taken, logins()) == (1, 0, 0)
    assert "login" not in [step.name for step in reading.steps]


@pytest.mark.parametrize("door", [streams, snapshots, devices])
def test_no_login_is_sent_and_no_fault_told_when_others_have_the_account(door, peer):
    _, prober, about, logins = door(peer)
    with pytest.raises(LoginBusy):
        looked(prober, Gate(busy=True), about)
    assert logins() == 0


@pytest.mark.parametrize("door", [streams, devices])
def test_the_turn_is_over_when_the_login_was_accepted(door, peer):
    _, prober, about, logins = door(peer)
    gate = Gate()
    assert looked(prober, gate, about).ok
    assert logins() >= 1
    assert (gate.asked, gate.taken) == (1, 1)


def test_a_camera_that_wants_no_login_needs_no_turn(peer):
    gate = Gate()
    assert looked(device, gate, {"rtsp_port": 0, "onvif_port": peer(OnvifCamera()).port}).ok
    assert (gate.asked, gate.taken) == (0, 0)


def test_the_time_that_a_look_waits_for_its_turn_is_not_the_cameras(peer):
    seconds = [100.0]

    class Slow(Gate):
        def begin(self, deadline):
            seconds[0] += 5.0
            return True

    endpoint = Endpoint("CAM01", "127.0.0.1", peer(CountingCamera(CANARY)).port, credential=LOGIN, turn=Slow())
    reading = liveness(endpoint, datetime.now(UTC), Deadline.after(60.0, lambda: seconds[0]))
    assert reading.ok
    assert reading.took_ms == 0.0
