"""`cammon probe --url` at ONVIF devices that are not ours: what it prints, whatever they leave out."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "probes"))

from onvif_peers import IDENTITY, NOT_SUPPORTED, OnvifCamera, soap
from peers import Peer, http
from tls_peers import certificate, over_tls

from cammon.cli import main

ASKED = {
    "manufacturer", "model", "firmware", "serial", "clock_offset_s", "profiles", "stream_uri", "snapshot_uri",
    "stream_uri_used", "snapshot_uri_used", "mac", "unread",
}  # fmt: skip


@pytest.fixture
def probe(monkeypatch, capsys):
    """Runs the command on a device; gives the exit status and the object."""

    def run(serve, scheme="http", host="127.0.0.1", login=""):
        peer = Peer(serve, host=host)
        named = f"[{host}]" if ":" in host else host
        url = f"{scheme}://{login}{named}:{peer.port}/onvif/device_service"
        monkeypatch.setattr(sys, "argv", ["cammon", "probe", "--url", url, "--json"])
        with pytest.raises(SystemExit) as ended:
            main()
        peer.close()
        return ended.value.code, json.loads(capsys.readouterr().out)

    return run


@pytest.mark.parametrize(("host", "used"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")], ids=["IPv4", "IPv6"])
def test_a_device_with_a_login(host, used, probe):
    status, found = probe(OnvifCamera(("viewer", "a b@c")), host=host, login="viewer:a%20b%40c@")
    assert (status, found["ok"], found["fault"]) == (0, True, None)
    told = found["device"]
    assert set(told) >= ASKED
    assert (told["manufacturer"], told["serial"], told["profiles"]) == ("Drawn", "SN77", ["main", "sub"])
    assert told["stream_uri"] == "rtsp://10.0.0.9:8554/live?x=1&y=2"
    assert told["stream_uri_used"] == f"rtsp://{used}:8554/live?x=1&y=2"
    assert told["snapshot_uri_used"] == f"http://{used}/snap.jpg"
    assert told["unread"] == []


def test_what_is_not_told_is_named(probe):
    answers = {
        "GetDeviceInformation": soap(IDENTITY.replace("SN77", "")),
        "GetNetworkInterfaces": NOT_SUPPORTED,
        "GetSnapshotUri": http("404 Not Found"),
    }
    status, found = probe(OnvifCamera(answers=answers))
    assert (status, found["fault"], found["device"]["serial"]) == (0, None, None)
    assert found["device"]["unread"] == ["SerialNumber", "GetSnapshotUri", "GetNetworkInterfaces"]
    details = {step["name"]: (step["ok"], step["detail"]) for step in found["steps"]}
    assert details["identity"] == (True, "not told: SerialNumber")
    assert details["snapshot_uri"] == (False, "not_found: 404, Not Found")
    assert "ActionNotSupported" in details["network"][1]


def test_a_certificate_that_nobody_vouches_for(probe, tmp_path):
    shown = certificate(tmp_path)
    status, found = probe(over_tls(OnvifCamera(), shown), "https")
    assert (status, found["fault"]) == (1, "tls_untrusted")
    assert shown.fingerprint in found["steps"][0]["detail"]
    assert found["advice"]


def test_a_web_page_is_no_device(probe):
    page = http("200 OK", body=b"<html>hello</html>")
    status, found = probe(lambda connection: (connection.recv(9999), connection.sendall(page)))
    assert (status, found["ok"], found["fault"]) == (1, False, "bad_response")
