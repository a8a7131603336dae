"""Each fault as a viewer meets it. The viewers are libav and requests."""

import socket
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import av
import cv2
import numpy as np
import pytest
import requests

from cammon.virtual.faults import DRAWN, FAULTS, BadParameter, FaultKind, Layer
from cammon.virtual.model import CameraSpec, FleetOptions
from cammon.virtual.switchboard import Light, Scope, UnknownName
from tests.virtual.dialogue import Dialogue
from tests.virtual.viewer import frames, picture, snapshot, snapshot_url

NO_ANSWER = (av.error.ExitError, av.error.TimeoutError, av.error.InvalidDataError, av.error.OSError)

STREAM_FAULTS = [
    ("offline", av.error.ConnectionRefusedError, requests.ConnectionError),
    ("power_loss", NO_ANSWER, requests.ConnectTimeout),
    ("mute", NO_ANSWER, requests.ReadTimeout),
    ("refuses_login", av.error.HTTPUnauthorizedError, 401),
    ("no_packets", NO_ANSWER, 200),
]


@pytest.mark.parametrize(("fault", "rtsp", "http"), STREAM_FAULTS, ids=[row[0] for row in STREAM_FAULTS])
def test_what_a_viewer_meets_and_that_it_passes(fleet, fault, rtsp, http):
    endpoint = fleet.endpoint("CAM01")
    fleet.put("CAM01", fault)
    with pytest.raises(rtsp) as met:
        next(frames(endpoint, patience_s=0.3))
    if fault != "offline":
        assert not isinstance(met.value, ConnectionRefusedError)
    if isinstance(http, int):
        assert snapshot(endpoint).status_code == http
    else:
        with pytest.raises(http):
            requests.get(snapshot_url(endpoint), timeout=0.3)
    fleet.clear("CAM01", fault)
    assert next(frames(endpoint)).key_frame
    assert fleet.endpoint("CAM01") == endpoint  # the same ports as before


def test_a_stall_lets_pictures_through_for_its_time_only(fleet_with):
    fleet = fleet_with(options=FleetOptions(send_fps=20.0))
    fleet.put("CAM01", "stalls", after_s=0.3)
    seen = []
    with pytest.raises(NO_ANSWER):
        seen.extend(frames(fleet.endpoint("CAM01"), patience_s=0.5))
    # libav may lose what it holds when it gives up, so the list is filled one by one above.
    assert len(seen) <= 8


def test_a_stall_in_the_middle_of_a_stream_and_its_end(fleet):
    stream = frames(fleet.endpoint("CAM01"))
    assert next(stream).key_frame
    fleet.put("CAM01", "stalls", after_s=0.0)
    fleet.clear("CAM01", "stalls")
    # After the gap comes a key picture, so that nothing is torn.
    assert any(frame.key_frame for frame in islice(stream, 60))


@pytest.mark.parametrize("fault", ["power_loss", "mute"])
def test_what_was_connected_before_hangs_and_is_reset_afterwards(fleet, fault):
    with Dialogue(fleet.endpoint("CAM01")) as viewer:
        viewer.log_in()
        fleet.put("CAM01", fault)
        viewer.socket.settimeout(0.2)
        with pytest.raises(TimeoutError):
            viewer.ask("DESCRIBE")
        fleet.clear("CAM01", fault)
        viewer.socket.settimeout(5.0)
        with pytest.raises(ConnectionError):
            viewer.socket.recv(1)


def test_offline_resets_who_is_connected(fleet):
    stream = frames(fleet.endpoint("CAM01"))
    next(stream)
    fleet.put("CAM01", "offline")
    # libav takes the reset for the end of the stream.
    assert len(list(islice(stream, 100))) < 100


def grey(image):
    return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)


def middle(image):
    """Without caption and seed row."""
    return image[image.shape[0] // 5 : image.shape[0] * 4 // 5]


def sharpness(image):
    return cv2.Laplacian(middle(grey(image)), cv2.CV_64F).var()


def grain(image):
    return np.median(np.abs(cv2.Laplacian(middle(grey(image)), cv2.CV_64F)))


PICTURES = [
    ("black", lambda well, ill: middle(ill).mean() < 20 < middle(well).mean()),
    ("blur", lambda well, ill: sharpness(ill) < sharpness(well) / 10),
    ("covered", lambda well, ill: middle(grey(ill)).std() < 15 < middle(grey(well)).std()),
    ("partial", lambda well, ill: 0.1 < (cv2.absdiff(middle(well), middle(ill)).max(axis=2) > 30).mean() < 0.9),
    ("moved", lambda well, ill: (cv2.absdiff(middle(well), middle(ill)).max(axis=2) > 30).mean() > 0.2),
    ("colour_cast", lambda well, ill: abs(_green_share(ill) - _green_share(well)) > 0.05),
    ("noise", lambda well, ill: grain(ill) > 3 * grain(well)),
]


def _green_share(image):
    means = middle(image).reshape(-1, 3).mean(axis=0)
    return means[1] / means.sum()


@pytest.mark.parametrize(("fault", "shows"), PICTURES, ids=[fault for fault, _ in PICTURES])
def test_picture_faults_reach_the_viewer_and_go(fleet, fault, shows):
    endpoint = fleet.endpoint("CAM01")
    well = picture(endpoint)
    fleet.put("CAM01", fault)
    assert shows(well, picture(endpoint))
    still = cv2.imdecode(np.frombuffer(snapshot(endpoint).content, np.uint8), cv2.IMREAD_COLOR)
    assert shows(cv2.resize(well, (1280, 720)), still) or fault in ("blur", "noise", "partial", "moved")
    fleet.clear("CAM01", fault)
    assert not shows(well, picture(endpoint))


def test_a_fault_shows_in_a_stream_that_runs_already(fleet):
    stream = frames(fleet.endpoint("CAM01"))
    assert middle(next(stream).to_ndarray(format="bgr24")).mean() > 20
    fleet.put("CAM01", "black")
    assert any(middle(frame.to_ndarray(format="bgr24")).mean() < 20 for frame in islice(stream, 60))


def test_two_looks_never_show_the_same_picture(fleet):
    endpoint = fleet.endpoint("CAM01")
    for fault in (None, "black", "covered", "signal_loss"):
        if fault is not None:
            fleet.put("CAM01", fault)
        looks = [picture(endpoint).tobytes() for _ in range(4)]
        assert len(set(looks)) == 4
        assert len({snapshot(endpoint).content for _ in range(3)}) == 3
        fleet.clear("CAM01")


def test_frozen_shows_the_same_picture_bit_for_bit_until_it_thaws(fleet):
    endpoint = fleet.endpoint("CAM01")
    fleet.put("CAM01", "frozen")
    looks = [picture(endpoint).tobytes() for _ in range(3)]
    within = [frame.to_ndarray(format="bgr24").tobytes() for frame in islice(frames(endpoint), 5)]
    assert set(looks) == set(within)
    assert len(set(looks)) == 1
    assert len({snapshot(endpoint).content for _ in range(3)}) == 1
    stamps = [frame.pts for frame in islice(frames(endpoint), 5)][1:]
    assert len(set(stamps)) == len(stamps)  # time goes on all the same
    fleet.clear("CAM01", "frozen")
    assert picture(endpoint).tobytes() != looks[0]


def test_freezing_again_holds_another_picture(fleet):
    endpoint = fleet.endpoint("CAM01")
    held = []
    for _ in range(2):
        fleet.put("CAM01", "frozen")
        held.append(picture(endpoint).tobytes())
        fleet.clear("CAM01", "frozen")
    assert held[0] != held[1]


def test_a_stream_that_freezes_and_thaws_while_it_runs(fleet):
    stream = frames(fleet.endpoint("CAM01"))
    next(stream)
    fleet.put("CAM01", "frozen")
    held = [frame.to_ndarray(format="bgr24").tobytes() for frame in islice(stream, 30)]
    assert len(set(held[-10:])) == 1
    fleet.clear("CAM01", "frozen")
    moving = [frame.to_ndarray(format="bgr24").tobytes() for frame in islice(stream, 30)]
    assert len(set(moving[-10:])) == 10


def test_night_is_grey(fleet):
    fleet.light(Light.NIGHT)
    image = middle(picture(fleet.endpoint("CAM01"))).astype(int)
    assert np.abs(image[..., 0] - image[..., 2]).mean() < 3


def test_a_switch_without_power_takes_exactly_its_cameras(fleet_with):
    cameras = [
        CameraSpec("A", switch="SW1", recorder="NVR1"),
        CameraSpec("B", switch="SW2", recorder="NVR1"),
        CameraSpec("C", switch="SW2", recorder="NVR2"),
        CameraSpec("D"),
    ]
    fleet = fleet_with(*cameras)
    before = {name: camera["sessions"] for name, camera in fleet.state()["cameras"].items()}
    fleet.switch_down("SW2")
    assert _answering(fleet) == {"A": True, "B": False, "C": False, "D": True}
    assert fleet.state()["switches"]["SW2"]["down"]
    fleet.put_group(Scope.RECORDER, "NVR1", "power_loss")
    assert _answering(fleet) == {"A": False, "B": False, "C": False, "D": True}
    fleet.switch_up("SW2")
    assert _answering(fleet) == {"A": False, "B": False, "C": True, "D": True}  # B hangs on the recorder still
    fleet.clear_all()
    assert _answering(fleet) == dict.fromkeys("ABCD", True)
    assert {name: camera["sessions"] for name, camera in fleet.state()["cameras"].items()} == before


def _answering(fleet):
    names = list(fleet.state()["cameras"])
    with ThreadPoolExecutor(len(names)) as pool:
        return dict(zip(names, pool.map(_answers, map(fleet.endpoint, names)), strict=True))


def _answers(endpoint):
    try:
        with socket.create_connection((endpoint.host, endpoint.rtsp_port), 1.0) as viewer:
            viewer.sendall(b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")
            return viewer.recv(20).startswith(b"RTSP/1.0 200")
    except OSError:
        return False


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"after_s": "x"}, "must be a number"),
        ({"after_s": True}, "must be a number"),
        ({"after_s": float("nan")}, "must be a number"),
        ({"after_s": -1}, "must lie between 0 and 3600"),
        ({"speed": 1}, "has no parameter 'speed'; it has after_s"),
    ],
    ids=str,
)
def test_parameters_are_checked(given, words):
    with pytest.raises(BadParameter, match=words):
        FAULTS["stalls"].complete(given)


@pytest.mark.parametrize("kind", FAULTS.values(), ids=list(FAULTS))
def test_every_fault_takes_its_defaults_and_says_what_it_is(kind: FaultKind):
    assert kind.complete({}) == {name: spec.default for name, spec in kind.parameters.items()}
    assert kind.meaning
    assert (kind.name in DRAWN) <= (kind.layer is Layer.PICTURE)


def test_names_that_do_not_exist(fleet):
    with pytest.raises(UnknownName) as met:
        fleet.put("CAM99", "black")
    assert met.value.known == ("CAM01",)
    with pytest.raises(UnknownName) as met:
        fleet.put("CAM01", "rain")
    assert "black" in met.value.known
