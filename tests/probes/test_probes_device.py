"""Device facts: read in the right order, signed with the camera's time, and never more than the device deserves."""

import os
import re
import subprocess
import sys
import threading
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from digest_judge import DigestJudge
from onvif_peers import (
    ENVELOPE,
    IDENTITY,
    NOT_AUTHORIZED,
    OnvifCamera,
    capabilities,
    clock,
    fault,
    soap,
    uri,
)
from packets import difference
from peers import answering, dropping, http, refusing, request
from probe_logins import CANARY, LOGIN

from cammon_probes.device import changed, device
from cammon_probes.model import LOGIN_FAULTS, DeviceFacts, Fault
from cammon_probes.onvif_client import service_definition
from cammon_probes.picture_probe import picture

OWNER = (LOGIN.username, LOGIN.password)
ORDER = [
    "GetSystemDateAndTime",
    "GetDeviceInformation",
    "GetCapabilities",
    "GetProfiles",
    "GetStreamUri",
    "GetSnapshotUri",
    "GetNetworkInterfaces",
]
WITH_LOGIN = [*ORDER[:2], *ORDER[1:]]
"""The first question that is refused without a login is asked again with it."""


@pytest.fixture
def ask(peer, look):
    """Asks a device on loopback."""

    def run(serve, login=LOGIN, deadline_s=5.0, **options):
        return look(device, 0, deadline_s=deadline_s, onvif_port=peer(serve).port, credential=login, options=options)

    return run


@pytest.fixture(autouse=True, scope="module")
def parsed():
    """The service definitions are parsed once in a process; no test should pay for it."""
    service_definition("devicemgmt")
    service_definition("media")


def test_facts(ask):
    camera = OnvifCamera(OWNER)
    reading = ask(camera)
    assert reading.ok, reading
    facts = reading.device
    assert abs(facts.clock_offset_s) < 2
    assert facts == DeviceFacts(
        manufacturer="Drawn",
        model="D-1",
        firmware="1.0.3",
        serial="SN77",
        mac="00:1A:2B:3C:4D:5E",
        clock_offset_s=facts.clock_offset_s,
        profiles=("main", "sub"),
        stream_uri="rtsp://10.0.0.9:8554/live?x=1&y=2",
        stream_uri_used="rtsp://127.0.0.1:8554/live?x=1&y=2",
        snapshot_uri="http://10.0.0.9/snap.jpg",
        snapshot_uri_used="http://127.0.0.1/snap.jpg",
    )
    assert camera.asked == WITH_LOGIN
    assert camera.refused == 0
    assert set(camera.paths[4:7]) == {"/onvif/Media"}
    assert reading.evidence == {"login": "WS-UsernameToken"}


def test_no_login_is_sent_before_the_device_asks_for_one(ask):
    camera = OnvifCamera(OWNER)
    ask(camera)
    assert ["UsernameToken" in body for body in camera.bodies] == [False, False] + [True] * 6
    assert not any(CANARY in body for body in camera.bodies)


@pytest.mark.parametrize("ahead_s", [-1e9, -3600.0, 90.0, 8 * 3600.0], ids=["1995", "an hour", "90 s", "8 hours"])
def test_a_clock_that_is_off_is_measured_and_signed_with(ahead_s, ask):
    camera = OnvifCamera(OWNER, ahead_s)
    reading = ask(camera)
    assert reading.fault is Fault.CLOCK_SKEW
    assert camera.refused == 0
    assert abs(reading.device.clock_offset_s - ahead_s) < 2
    assert reading.evidence["clock_offset_s"] == reading.device.clock_offset_s
    assert reading.device.serial == "SN77"


def test_the_tolerance_is_settable(ask):
    assert ask(OnvifCamera(OWNER, 90), clock_tolerance_s=120).ok


def test_a_device_that_asks_for_a_login_to_tell_the_time(ask):
    camera = OnvifCamera(OWNER, clock_needs_login=True)
    reading = ask(camera)
    assert reading.ok, reading
    assert reading.device.clock_offset_s is not None
    assert camera.asked == [ORDER[0], *ORDER]
    assert camera.refused == 0


def test_a_wrong_password_is_sent_once(ask):
    camera = OnvifCamera((LOGIN.username, "another"))
    reading = ask(camera)
    assert reading.fault is Fault.AUTH_FAILED
    assert camera.refused == 1
    assert camera.asked == WITH_LOGIN[:3]
    assert reading.device.clock_offset_s is not None


def test_no_login_configured(ask):
    camera = OnvifCamera(OWNER)
    assert ask(camera, login=None).fault is Fault.AUTH_FAILED
    assert camera.refused == 0


@pytest.mark.parametrize("login", [None, LOGIN], ids=["no login", "a login that nobody asks for"])
def test_an_open_device(login, ask):
    camera = OnvifCamera(None)
    assert ask(camera, login=login).ok
    assert camera.asked == ORDER
    assert not any("UsernameToken" in body for body in camera.bodies)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (fault("ter:NotAuthorized", "The account is locked, 1800 s"), Fault.AUTH_LOCKED),
        (fault("ter:NotAuthorized", "3 attempts left"), Fault.AUTH_FAILED),
        (fault("wsse:FailedAuthentication", "no"), Fault.AUTH_FAILED),
        (http("401 Unauthorized", "WWW-Authenticate: Basic"), Fault.AUTH_FAILED),
        (http("401 Unauthorized", body=b"locked out, try later"), Fault.AUTH_LOCKED),
        (http("403 Forbidden"), Fault.FORBIDDEN),
        (http("404 Not Found", body=b"<html>no</html>"), Fault.NOT_FOUND),
        (http("500 Internal Server Error"), Fault.DEVICE_ERROR),
        (http("302 Found", "Location: http://127.9.9.9/"), Fault.REDIRECTED),
        (http("200 OK", body=b"<html><body>hello</body></html>"), Fault.BAD_RESPONSE),
        (http("200 OK", body=b"{}"), Fault.BAD_RESPONSE),
        (http("200 OK", body=b"<?xml version='1.0'?><a><b></a>"), Fault.BAD_RESPONSE),
        (http("200 OK", body=b"\xff\xfe" + "<a/>".encode("utf-16-le")), Fault.BAD_RESPONSE),
        (http("200 OK"), Fault.BAD_RESPONSE),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n", Fault.TOO_LARGE),
        (b"SIP/2.0 200 OK\r\n\r\n", Fault.BAD_RESPONSE),
        (http("200 OK", body=ENVELOPE.format("<a>" * 5000 + "</a>" * 5000).encode()), Fault.BAD_RESPONSE),
    ],
    ids=[
        "locked", "attempts left", "failed authentication", "401", "401 locked", "403", "404", "500", "302",
        "a page", "JSON", "broken XML", "UTF-16", "empty", "200 MB announced", "another protocol", "5,000 deep",
    ],
)  # fmt: skip
def test_bad_answers(reply, expected, ask):
    camera = OnvifCamera(answers={"GetDeviceInformation": reply})
    reading = ask(camera)
    assert reading.fault is expected, reading
    assert reading.device.clock_offset_s is not None, "what was read before is kept"
    assert reading.device.serial is None
    ended = expected in (*LOGIN_FAULTS, Fault.FORBIDDEN, Fault.REDIRECTED, Fault.TOO_LARGE)
    assert (reading.device.mac is None) == ended, "what else can be read is read, unless it would be refused again"


def test_nobody_there(look):
    assert look(device, 0, onvif_port=refusing()).fault is Fault.REFUSED
    with dropping() as port:
        assert look(device, 0, deadline_s=0.5, onvif_port=port).fault is Fault.UNREACHABLE
    assert look(device, 0).fault is Fault.NOT_FOUND


@pytest.mark.parametrize(
    ("operation", "reply", "unread", "missing"),
    [
        ("GetNetworkInterfaces", fault("ter:ActionNotSupported", "no", "500 Error"), "GetNetworkInterfaces", "mac"),
        ("GetNetworkInterfaces", soap("<tds:HwAddress>not one</tds:HwAddress>"), "HwAddress", "mac"),
        ("GetCapabilities", fault("ter:ActionNotSupported", "no"), "GetCapabilities, GetServices", None),
        ("GetCapabilities", soap(capabilities("file:///etc/passwd")), "GetServices", None),
        ("GetProfiles", soap("<trt:GetProfilesResponse/>"), "GetServices, GetProfiles", "stream_uri"),
        ("GetProfiles", http("500 Error"), "GetProfiles, GetServices", "profiles"),
        ("GetStreamUri", fault("ter:NoProfile", "no"), "GetStreamUri", "stream_uri"),
        ("GetStreamUri", soap(uri("GetStreamUri", "http://10.0.0.9/")), "", "stream_uri_used"),
        ("GetSnapshotUri", soap(uri("GetSnapshotUri", "rtsp://10.0.0.9/")), "", "snapshot_uri_used"),
        ("GetSnapshotUri", soap(uri("GetSnapshotUri", "")), "GetSnapshotUri", "snapshot_uri"),
        ("GetDeviceInformation", soap(IDENTITY.replace("SN77", "")), "SerialNumber", "serial"),
        ("GetDeviceInformation", fault("ter:ActionNotSupported", "no"), "GetDeviceInformation", "model"),
        (
            "GetSystemDateAndTime",
            soap(clock(datetime(2024, 2, 3, tzinfo=UTC)).replace(">3<", ">99<")),
            "GetSystemDateAndTime",
            None,
        ),
    ],
)
def test_what_cannot_be_read_is_named_and_the_rest_is_kept(operation, reply, unread, missing, ask):
    reading = ask(OnvifCamera(OWNER, answers={operation: reply}))
    assert reading.ok, reading
    assert reading.evidence.get("unread", "") == unread
    if missing:
        assert not getattr(reading.device, missing)
    assert reading.device.serial == "SN77" or operation == "GetDeviceInformation"


def test_wrong_namespaces_are_read(ask):
    odd = soap(IDENTITY.replace("tds:", "odd:").replace("<odd:Get", "<odd:Get", 1).replace(
        "GetDeviceInformationResponse>", 'GetDeviceInformationResponse xmlns:odd="urn:vendor">', 1))  # fmt: skip
    assert ask(OnvifCamera(OWNER, answers={"GetDeviceInformation": odd})).device.serial == "SN77"


def test_a_login_in_a_reported_address_is_not_kept(ask):
    reply = soap(uri("GetStreamUri", "rtsp://admin:hunter2@10.0.0.9/live"))
    reading = ask(OnvifCamera(OWNER, answers={"GetStreamUri": reply}))
    assert reading.device.stream_uri == "rtsp://10.0.0.9/live"
    assert "hunter2" not in repr(reading)


def test_hostile_strings_are_kept_short_and_printable(ask):
    odd = soap(IDENTITY.replace("D-1", "&lt;script&gt;\n\t" + "x" * 5000 + CANARY.replace("&", "&amp;")))
    facts = ask(OnvifCamera(OWNER, answers={"GetDeviceInformation": odd})).device
    assert facts.model.startswith("<script> xxx")
    assert len(facts.model) <= 160
    assert CANARY not in repr(facts)


def test_http_digest_where_the_device_asks_for_it(peer, look):
    judge, seen = DigestJudge(CANARY), []

    def serve(connection):
        head, _, body = request(connection).decode().partition("\r\n\r\n")
        sent = judge.fields(head)
        seen.append(bool(sent))
        if not sent or not judge.right(sent, "POST"):
            ask = 'WWW-Authenticate: Digest realm="yard", nonce="n1", qop="auth"'
            connection.sendall(http("401 Unauthorized", ask))
        else:
            connection.sendall(OnvifCamera()._answer(re.search(r"Body>\s*<(?:\w+:)?(\w+)", body)[1], body))

    reading = look(device, 0, deadline_s=5.0, onvif_port=peer(serve).port, credential=LOGIN)
    assert reading.ok, reading
    assert seen == [False] + [True] * 7, "the clock too is asked again, with the login"


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (DeviceFacts(serial="A", firmware="1"), DeviceFacts(serial="A", firmware="1"), None),
        (DeviceFacts(serial="A"), DeviceFacts(serial="B"), Fault.IDENTITY_CHANGED),
        (DeviceFacts(mac="00"), DeviceFacts(mac="01"), Fault.IDENTITY_CHANGED),
        (DeviceFacts(serial="A", firmware="1"), DeviceFacts(serial="A", firmware="2"), Fault.FIRMWARE_CHANGED),
        (DeviceFacts(serial="A", firmware="1"), DeviceFacts(serial="B", firmware="2"), Fault.IDENTITY_CHANGED),
        (DeviceFacts(serial="A"), DeviceFacts(), None),
        (DeviceFacts(), DeviceFacts(serial="A", firmware="1"), None),
    ],
)
def test_changes_between_two_looks(before, now, expected):
    assert changed(before, now) is expected


def test_the_service_definitions_are_parsed_once():
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(service_definition("media"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(one) for one in found}) == 1


def test_importing_leaves_logging_and_environment_alone():
    script = (
        "import logging, os; before = dict(os.environ); import cammon_probes.device; "
        "assert not logging.getLogger().handlers and logging.getLogger().level == logging.WARNING; "
        "assert dict(os.environ) == before"
    )
    environment = {**os.environ, "http_proxy": "http://127.0.0.1:9", "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", script], check=True, env=environment)


@pytest.mark.needs_data("onvif_captures")
@pytest.mark.parametrize(
    ("name", "serial", "profiles", "stream", "snapshot"),
    [
        ("DCS-6511", "F07D68099FCA", 2, None, "http://127.0.0.1/dms?nowprofileid=1"),
        (
            "ENP1A14-IR_25X", "ENP1A14-IR/25X20190430AAWRD14878498W", 3,
            "rtsp://127.0.0.1:554/Streaming/Channels/101?transportmode=mcast&profile=Profile_1",
            "http://127.0.0.1/onvif-http/snapshot?Profile_1",
        ),
        (
            "SUNBA", "210231T2H63235000045", 3, "rtsp://127.0.0.1/media/video1",
            "http://127.0.0.1:80/LAPI/V1.0/Media/Video/Streams/0/Snapshot",
        ),
        (
            "happytimesoft", "123456", 2,
            "rtsp://127.0.0.1/test.mp4&t=unicast&p=rtsp&ve=H264&w=1280&h=720&ae=PCMU&sr=8000",
            "http://127.0.0.1:10000/snapshot/ProfileToken_1",
        ),
    ],
)  # fmt: skip
def test_captured_answers_of_real_devices(name, serial, profiles, stream, snapshot, ask):
    folder = Path(os.environ["CAMMON_DATA"]) / "onvif_captures" / name

    def answer(request_: bytes) -> bytes:
        operation = re.search(rb"Body>\s*<(?:\w+:)?(\w+)", request_)[1].decode()
        found = sorted(folder.glob(f"*/{operation}Response.xml"))
        return http("200 OK", body=found[0].read_bytes()) if found else http("500 Error")

    reading = ask(answering(answer))
    assert reading.fault is Fault.CLOCK_SKEW, "they were captured years ago"
    facts = reading.device
    assert (facts.serial, len(facts.profiles)) == (serial, profiles)
    assert (facts.stream_uri_used, facts.snapshot_uri_used) == (stream, snapshot)
    assert "127.66.66.66" in facts.snapshot_uri
    taken = datetime.now(UTC).timestamp() + facts.clock_offset_s
    assert datetime(2023, 1, 1, tzinfo=UTC).timestamp() < taken < datetime(2024, 12, 31, tzinfo=UTC).timestamp()


@pytest.fixture
def ipycam(yard):
    """ipycam's own HTTP handler and ONVIF service, bound to loopback (its start() would bind all addresses)."""
    config = pytest.importorskip("ipycam.config")
    from ipycam.http import IPCameraHTTPHandler
    from ipycam.onvif import ONVIFService

    server = ThreadingHTTPServer(("127.0.0.1", 0), IPCameraHTTPHandler)
    about = config.CameraConfig(username=LOGIN.username, password=LOGIN.password, local_ip="10.9.9.9")
    about.onvif_port = server.server_port
    camera = SimpleNamespace(config=about, onvif=ONVIFService(about), get_snapshot_frame=lambda: yard)
    IPCameraHTTPHandler.camera = camera
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield camera
    server.shutdown()
    server.server_close()


def test_ipycam(ipycam, look):
    port, about = ipycam.config.onvif_port, ipycam.config
    reading = look(device, 0, deadline_s=5.0, onvif_port=port, credential=LOGIN)
    assert reading.ok, reading
    facts = reading.device
    assert (facts.manufacturer, facts.model) == (about.manufacturer, about.model)
    assert (facts.firmware, facts.serial) == (about.firmware_version, about.serial_number)
    assert abs(facts.clock_offset_s) < 2
    assert facts.stream_uri == about.main_stream_rtsp
    assert facts.stream_uri_used == about.main_stream_rtsp.replace("10.9.9.9", "127.0.0.1")
    assert facts.snapshot_uri_used == f"http://127.0.0.1:{port}/{about.snapshot_url}"


def test_ipycam_with_a_wrong_password(ipycam, look):
    ipycam.config.password = "another"
    reading = look(device, 0, deadline_s=5.0, onvif_port=ipycam.config.onvif_port, credential=LOGIN)
    assert reading.fault is Fault.AUTH_FAILED
    assert [step.name for step in reading.steps] == ["clock"], "it asks for a login even to tell the time"


def test_ipycam_snapshot(ipycam, look, yard):
    about = {"rtsp_path": "", "onvif_port": ipycam.config.onvif_port, "snapshot_path": "/" + ipycam.config.snapshot_url}
    reading = look(picture, 0, **about, credential=LOGIN)
    assert reading.ok, reading
    assert difference(reading.frame, yard) < 8
    ipycam.config.password = "another"
    assert look(picture, 0, **about, credential=LOGIN).fault is Fault.AUTH_FAILED


def test_unsigned_answers_are_not_asked_for_again(ask):
    """A device that refuses everything is asked twice: once without a login, once with it."""
    asked = []

    def refuse(request_: bytes) -> bytes:
        asked.append(request_)
        return NOT_AUTHORIZED

    assert ask(answering(refuse)).fault is Fault.AUTH_FAILED
    assert [b"UsernameToken" in one for one in asked] == [False, True]
