"""The control over HTTP: what it tells, what it changes, and whom it refuses."""

import json

import pytest
import requests

from cammon.virtual.faults import FAULTS
from cammon.virtual.model import CameraSpec
from tests.virtual.viewer import picture


@pytest.fixture
def site(fleet_with):
    return fleet_with(
        CameraSpec("CAM01", switch="SW1", recorder="NVR1"), CameraSpec("CAM 2/é", switch="SW2", recorder="NVR1")
    )


def call(fleet, method, path, **more):
    return requests.request(method, fleet.control_url + path, timeout=5, **more)


def faults(fleet, camera="CAM01"):
    return call(fleet, "GET", "/state").json()["cameras"][camera]["faults"]


def test_state_tells_where_each_camera_is(site):
    state = call(site, "GET", "/state").json()
    endpoint, told = site.endpoint("CAM01"), state["cameras"]["CAM01"]
    assert (told["address"], told["rtsp_port"], told["onvif_port"]) == (
        endpoint.host,
        endpoint.rtsp_port,
        endpoint.onvif_port,
    )
    assert (told["rtsp_path"], told["sub_path"], told["reach"]) == ("/main", "/sub", "up")
    assert state["switches"]["SW2"] == {"cameras": ["CAM 2/é"], "down": False, "faults": {}}
    assert state["recorders"]["NVR1"]["cameras"] == ["CAM01", "CAM 2/é"]
    assert state["light"] == "auto"


def test_put_and_delete_of_a_fault(site):
    answer = call(site, "PUT", "/cameras/CAM01/faults/black")
    assert (answer.status_code, answer.json()) == (200, {"cameras": ["CAM01"]})
    assert list(faults(site)) == ["black"]
    assert picture(site.endpoint("CAM01"))[100:200].mean() < 20
    assert call(site, "DELETE", "/cameras/CAM01/faults/black").status_code == 200
    assert call(site, "DELETE", "/cameras/CAM01/faults/black").status_code == 200  # not on: no error
    assert faults(site) == {}


def test_parameters_and_their_defaults(site):
    call(site, "PUT", "/cameras/CAM01/faults/moved", data=json.dumps({"pan_deg": 7}))
    assert faults(site)["moved"]["parameters"]["pan_deg"] == 7
    assert set(faults(site)["moved"]["parameters"]) == set(FAULTS["moved"].parameters)


def test_blurred_is_another_word_for_blur(site):
    call(site, "PUT", "/cameras/CAM01/faults/blurred")
    assert list(faults(site)) == ["blur"]
    call(site, "DELETE", "/cameras/CAM01/faults/blurred")
    assert faults(site) == {}


def test_an_id_may_need_quoting(site):
    assert call(site, "PUT", "/cameras/CAM%202%2F%C3%A9/faults/black").json() == {"cameras": ["CAM 2/é"]}
    assert list(faults(site, "CAM 2/é")) == ["black"]


def test_switches_and_recorders(site):
    assert call(site, "PUT", "/switches/SW2/down").json() == {"cameras": ["CAM 2/é"]}
    state = call(site, "GET", "/state").json()
    assert [camera["reach"] for camera in state["cameras"].values()] == ["up", "power_loss"]
    assert state["switches"]["SW2"]["down"]
    assert call(site, "DELETE", "/switches/SW2/down").status_code == 200
    assert call(site, "PUT", "/recorders/NVR1/faults/low_contrast").json() == {"cameras": ["CAM01", "CAM 2/é"]}
    assert call(site, "PUT", "/recorders/NVR1/down").status_code == 200
    assert call(site, "DELETE", "/faults").status_code == 200
    assert [faults(site, camera) for camera in ("CAM01", "CAM 2/é")] == [{}, {}]
    assert [camera["reach"] for camera in site.state()["cameras"].values()] == ["up", "up"]


def test_all_faults_of_one_camera(site):
    for fault in ("black", "noise", "offline"):
        call(site, "PUT", f"/cameras/CAM01/faults/{fault}")
    assert call(site, "DELETE", "/cameras/CAM01/faults").status_code == 200
    assert faults(site) == {}


@pytest.mark.parametrize("light", ["day", "night", "auto"])
def test_light(site, light):
    assert call(site, "PUT", f"/light/{light}").json() == {"light": light}
    assert call(site, "GET", "/state").json()["light"] == light


def test_the_list_of_faults(site):
    told = call(site, "GET", "/faults").json()
    assert set(told) == set(FAULTS)
    assert told["stalls"]["parameters"]["after_s"] == {"default": 1.0, "low": 0.0, "high": 3600.0}


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("/cameras/CAM99/faults/black", ["CAM 2/é", "CAM01"]),
        ("/switches/SW9/down", ["SW1", "SW2"]),
        ("/recorders/NVR9/down", ["NVR1"]),
        ("/cameras/CAM01/faults/rain", sorted(FAULTS)),
        ("/light/dusk", ["auto", "day", "night"]),
    ],
)
def test_unknown_names_are_told_what_there_is(site, path, known):
    answer = call(site, "PUT", path)
    assert answer.status_code == 404
    assert answer.json()["known"] == known


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("{", "must be a JSON object"),
        ("[1]", "must be a JSON object"),
        ("[" * 5000, "must be a JSON object"),
        ('{"after_s": "soon"}', "must be a number"),
        ('{"after_s": NaN}', "must be a number"),
        ('{"after_s": 1e9}', "must lie between"),
        ('{"spin": 1}', "has no parameter 'spin'; it has after_s"),
    ],
    ids=lambda value: value[:20],
)
def test_bad_parameters_change_nothing(site, body, words):
    answer = call(site, "PUT", "/cameras/CAM01/faults/stalls", data=body)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert faults(site) == {}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_a_page_can_send_without_asking_changes_nothing(site, method):
    assert call(site, method, "/cameras/CAM01/faults/black").status_code == 405
    assert faults(site) == {}


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Host": "evil.example:80"}, {"Host": ""}, {"Origin": "http://evil.example"}],
    ids=str,
)
def test_pages_from_elsewhere_are_refused(site, headers):
    answer = call(site, "PUT", "/cameras/CAM01/faults/black", headers=headers)
    assert answer.status_code in (400, 403)
    assert call(site, "GET", "/state", headers=headers).status_code in (400, 403)
    assert faults(site) == {}


def test_a_preflight_gets_no_leave(site):
    answer = call(site, "OPTIONS", "/cameras/CAM01/faults/black", headers={"Origin": "http://evil.example"})
    assert answer.status_code in (403, 405)
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_localhost_is_the_controls_own_name_too(site):
    port = site.control_url.rpartition(":")[2]
    assert call(site, "GET", "/state", headers={"Host": f"localhost:{port}"}).status_code == 200


def test_too_much_is_refused(site):
    answer = call(site, "PUT", "/cameras/CAM01/faults/stalls", data="{" + " " * 40_000)
    assert answer.status_code == 413
    assert faults(site) == {}
