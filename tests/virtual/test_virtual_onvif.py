"""ONVIF as the onvif package and its WSDLs see it, and snapshots as requests sees them."""

import base64
import re
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import pytest
import requests
from onvif import ONVIFCamera
from onvif.exceptions import ONVIFError
from requests.auth import HTTPBasicAuth, HTTPDigestAuth
from zeep.transports import Transport

from cammon.virtual.model import CameraSpec, FleetOptions, Identity, Login, Scheme, StreamSpec
from cammon.virtual.wsse import password_digest
from cammon_probes.model import Endpoint
from tests.virtual.viewer import snapshot, snapshot_url


def client(endpoint: Endpoint, password: str | None = None, **more: object) -> ONVIFCamera:
    assert endpoint.credential is not None
    transport = Transport(timeout=5, operation_timeout=5)
    secret = password or endpoint.credential.password
    return ONVIFCamera(
        endpoint.host, endpoint.onvif_port, endpoint.credential.username, secret, transport=transport, **more
    )


@pytest.fixture
def described(fleet_with):
    told = Identity("Hikdahua", "DS-2CD <&>", "V1.0", "SN-0042", "02:11:22:33:44:55")
    return fleet_with(CameraSpec("CAM01", identity=told, main=StreamSpec("/a?b=1&c=2", 1920, 1080)))


def test_device_facts(described):
    device = client(described.endpoint("CAM01")).devicemgmt
    told = device.GetDeviceInformation()
    assert (told.Manufacturer, told.Model, told.FirmwareVersion, told.SerialNumber) == (
        "Hikdahua",
        "DS-2CD <&>",
        "V1.0",
        "SN-0042",
    )
    assert device.GetNetworkInterfaces()[0].Info.HwAddress == "02:11:22:33:44:55"
    assert {service.Namespace for service in device.GetServices({"IncludeCapability": False})} == {
        "http://www.onvif.org/ver10/device/wsdl",
        "http://www.onvif.org/ver10/media/wsdl",
    }
    assert device.GetHostname().Name == "SN-0042"
    assert any("DS-2CD" in scope.ScopeItem for scope in device.GetScopes())


def test_profiles_and_addresses(described):
    endpoint = described.endpoint("CAM01")
    media = client(endpoint).create_media_service()
    profiles = media.GetProfiles()
    sizes = [
        (p.VideoEncoderConfiguration.Resolution.Width, p.VideoEncoderConfiguration.Resolution.Height) for p in profiles
    ]
    assert sizes == [(1920, 1080), (640, 360)]
    assert [p.VideoEncoderConfiguration.RateControl.FrameRateLimit for p in profiles] == [25, 25]
    assert media.GetProfile({"ProfileToken": profiles[1].token}).Name == "subStream"
    assert media.GetVideoSources()[0].Resolution.Width == 1920
    setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
    uris = [media.GetStreamUri({"StreamSetup": setup, "ProfileToken": p.token}).Uri for p in profiles]
    base = f"rtsp://{endpoint.host}:{endpoint.rtsp_port}"
    assert uris == [f"{base}/a?b=1&c=2", f"{base}/sub"]
    assert media.GetSnapshotUri({"ProfileToken": profiles[0].token}).Uri == snapshot_url(endpoint)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda media: media.GetSnapshotUri({"ProfileToken": "nobody"}), "profile token does not exist"),
        (
            lambda media: media.GetStreamUri(
                {
                    "StreamSetup": {"Stream": "RTP-Multicast", "Transport": {"Protocol": "UDP"}},
                    "ProfileToken": "Profile_1",
                }
            ),
            "Only RTP over RTSP",
        ),
        (lambda media: media.GetAudioSources(), "Not Implemented"),
    ],
    ids=["profile", "udp", "unknown operation"],
)
def test_faults_of_the_media_service(fleet, ask, words):
    media = client(fleet.endpoint("CAM01")).create_media_service()
    with pytest.raises(ONVIFError, match=words):
        ask(media)


def test_the_time_needs_no_login_and_follows_the_skew(fleet_with, turning_clock):
    fleet = fleet_with(clock=turning_clock)
    fleet.put("CAM01", "clock_skew", seconds=-86400.0)
    device = client(fleet.endpoint("CAM01"), password="wrong").devicemgmt
    told = device.GetSystemDateAndTime().UTCDateTime
    wall = turning_clock.wall - timedelta(days=1)
    assert (told.Date.Year, told.Date.Month, told.Date.Day) == (wall.year, wall.month, wall.day)
    assert (told.Time.Hour, told.Time.Minute, told.Time.Second) == (wall.hour, wall.minute, wall.second)
    assert fleet.state()["cameras"]["CAM01"]["failed_logins"] == 0


def test_a_skewed_clock_refuses_a_token_of_the_right_time_but_not_one_of_its_own(fleet):
    fleet.put("CAM01", "clock_skew", seconds=600.0)
    endpoint = fleet.endpoint("CAM01")
    with pytest.raises(ONVIFError, match="attempts left: 4"):
        client(endpoint).devicemgmt.GetDeviceInformation()
    assert client(endpoint, adjust_time=True).devicemgmt.GetDeviceInformation().Model == "VC-1"


def test_wrong_passwords_count_down_and_lock(fleet_with):
    fleet = fleet_with(options=FleetOptions(login_attempts=2))
    endpoint = fleet.endpoint("CAM01")
    device = client(endpoint, password="wrong").devicemgmt
    for words in ("attempts left: 1", "attempts left: 0", "account is locked"):
        with pytest.raises(ONVIFError, match=words):
            device.GetDeviceInformation()
    with pytest.raises(ONVIFError, match="account is locked"):
        client(endpoint).devicemgmt.GetDeviceInformation()


def test_firmware_changed(fleet):
    device = client(fleet.endpoint("CAM01")).devicemgmt
    before = device.GetDeviceInformation().FirmwareVersion
    fleet.put("CAM01", "firmware_changed")
    after = device.GetDeviceInformation().FirmwareVersion
    fleet.clear("CAM01", "firmware_changed")
    assert before != after
    assert device.GetDeviceInformation().FirmwareVersion == before


SOAP = "http://www.w3.org/2003/05/soap-envelope"
DEVICE = "http://www.onvif.org/ver10/device/wsdl"
SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"


def token(password: str, created: str, nonce: bytes = b"n" * 16, kind: str = "PasswordDigest") -> str:
    digest = base64.b64encode(password_digest(nonce, created, password)).decode()
    return (
        f'<w:Security xmlns:w="{SECURITY}wssecurity-secext-1.0.xsd" xmlns:u="{SECURITY}wssecurity-utility-1.0.xsd">'
        f'<w:UsernameToken><w:Username>admin</w:Username><w:Password Type="x#{kind}">{digest}</w:Password>'
        f"<w:Nonce>{base64.b64encode(nonce).decode()}</w:Nonce><u:Created>{created}</u:Created>"
        "</w:UsernameToken></w:Security>"
    )


def post(endpoint: Endpoint, header: str = "", body: str | None = None, raw: bytes | None = None) -> requests.Response:
    operation = body if body is not None else f'<GetDeviceInformation xmlns="{DEVICE}"/>'
    text = f'<s:Envelope xmlns:s="{SOAP}"><s:Header>{header}</s:Header><s:Body>{operation}</s:Body></s:Envelope>'
    url = f"http://{endpoint.host}:{endpoint.onvif_port}/onvif/device_service"
    return requests.post(url, raw if raw is not None else text.encode(), timeout=5)


def test_a_token_is_good_once(fleet_with, turning_clock):
    endpoint = fleet_with(clock=turning_clock).endpoint("CAM01")
    header = token("demo-only", turning_clock.wall.strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert [post(endpoint, header).status_code for _ in range(2)] == [200, 400]


@pytest.mark.parametrize(
    ("seconds", "status"), [(-16, 400), (-14, 200), (0, 200), (14, 200), (16, 400)], ids=lambda value: str(value)
)
def test_created_must_be_near_the_cameras_time(fleet_with, turning_clock, seconds, status):
    endpoint = fleet_with(clock=turning_clock).endpoint("CAM01")
    created = (turning_clock.wall + timedelta(seconds=seconds)).isoformat()
    assert post(endpoint, token("demo-only", created)).status_code == status


@pytest.mark.parametrize(
    "header",
    [
        "",
        token("demo-only", "yesterday"),
        token("demo-only", datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC).isoformat(), kind="PasswordText"),
        token("wrong", datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC).isoformat()),
    ],
    ids=["none", "no time", "plain text", "wrong"],
)
def test_no_login_no_facts(fleet_with, turning_clock, header):
    endpoint = fleet_with(clock=turning_clock).endpoint("CAM01")
    answer = post(endpoint, header)
    assert answer.status_code == 400
    assert "ter:NotAuthorized" in answer.text
    assert "VC000001" not in answer.text


def test_http_digest_is_taken_where_no_token_is(fleet):
    endpoint = fleet.endpoint("CAM01")
    url = f"http://{endpoint.host}:{endpoint.onvif_port}/onvif/device_service"
    first = post(endpoint)
    assert first.status_code == 400
    challenge = requests.get(snapshot_url(endpoint), timeout=5).headers["WWW-Authenticate"]
    assert re.match(r'Digest realm="[^"]+", nonce="[^"]+", algorithm=MD5, qop="auth"$', challenge)
    assert requests.get(url, timeout=5).status_code == 405


BOMB = b"""<!DOCTYPE a [<!ENTITY b "boom">]><s:Envelope xmlns:s="%s"><s:Body><x>&b;</x></s:Body></s:Envelope>"""


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<",
        b"not xml",
        BOMB % SOAP.encode(),
        b"<a/>",
        b'<s:Envelope xmlns:s="%s"/>' % SOAP.encode(),
        b"x" * 70_000,
    ],
    ids=["empty", "open", "text", "entity", "no envelope", "no body", "too large"],
)
def test_hostile_bodies_get_a_fault(fleet, raw):
    answer = post(fleet.endpoint("CAM01"), raw=raw)
    assert answer.status_code == 400
    assert "ter:WellFormed" in answer.text
    assert "boom" not in answer.text


def test_a_snapshot_is_the_cameras_picture(fleet):
    answer = snapshot(fleet.endpoint("CAM01"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR).shape == (720, 1280, 3)


@pytest.mark.parametrize(
    ("schemes", "login"),
    [
        ((Scheme.DIGEST_SHA256,), HTTPDigestAuth),
        ((Scheme.BASIC,), HTTPBasicAuth),
        ((Scheme.DIGEST_MD5,), HTTPDigestAuth),
    ],
    ids=["sha256", "basic", "md5"],
)
def test_a_snapshot_by_each_scheme(fleet_with, schemes, login):
    fleet = fleet_with(CameraSpec("CAM01", login=Login("viewer", "wörd", schemes)))
    name, word = ("viewer", "wörd") if login is HTTPDigestAuth else (b"viewer", "wörd".encode())
    answer = requests.get(snapshot_url(fleet.endpoint("CAM01")), auth=login(name, word), timeout=5)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/snapshot/2.jpg", 404),
        ("POST", "/snapshot/1.jpg", 405),
        ("GET", "/snapshot/1.jpg", 401),
    ],
)
def test_other_requests_over_http(fleet, method, path, status):
    endpoint = fleet.endpoint("CAM01")
    answer = requests.request(method, f"http://{endpoint.host}:{endpoint.onvif_port}{path}", timeout=5)
    assert answer.status_code == status
