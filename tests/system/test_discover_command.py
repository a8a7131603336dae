"""`cammon discover` as a person uses it, on devices that are not ours, on addresses of loopback."""

import csv
import json
import os
import sys
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from system_processes import cammon, free_port

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "probes"))

from discovery_peers import Responder, match
from onvif_peers import IDENTITY, NETWORK, OnvifCamera, soap, uri
from peers import Peer, http, mute

from cammon.cli import main
from cammon.sitefiles import read_site
from cammon.store import devices
from cammon.store.opening import open_store
from cammon_probes.model import DeviceFacts

NET = f"127.{50 + os.getpid() % 50}.{os.getpid() // 50 % 250}"
RANGE = ("--wait", "0", "--subnet", f"{NET}.0/29")
HOSTILE = "=cmd|' /C calc'!A0 <script>\x1b[31m".replace("<", "&lt;").replace("\x1b", "&#27;")


def drawn(serial: str, mac: str = "", model: str = "D-1") -> OnvifCamera:
    about = IDENTITY.replace("SN77", serial).replace("D-1", model)
    stream = soap(uri("GetStreamUri", "rtsp://10.0.0.9:8554/live"))
    network = soap(NETWORK.replace("00-1a-2b-3c-4d-5e", mac))
    return OnvifCamera(
        answers={"GetDeviceInformation": soap(about), "GetNetworkInterfaces": network, "GetStreamUri": stream}
    )


@pytest.fixture
def yard(tmp_path):
    """Five hosts: a known camera, one that has moved, a new one, one without ONVIF, a printer's web page."""
    port, rtsp = free_port(), free_port()
    cameras = [drawn("S1", "02:00:00:00:00:01"), drawn("S2", "02:00:00:00:00:02"), drawn("S3", model=HOSTILE)]
    started = [Peer(one, f"{NET}.{number}", port) for number, one in enumerate(cameras, 1)]
    started.append(Peer(mute, f"{NET}.4", rtsp))
    page = http("200 OK", body=b"<html>printer</html>")
    started.append(Peer(lambda connection: (connection.recv(9999), connection.sendall(page)), f"{NET}.5", port))
    (tmp_path / "site.toml").write_text('name = "Yard"\n', "utf-8")
    ledger = f"id,name,address,onvif_port,serial,mac\nA,A,{NET}.1,{port},S1,\nB,B,10.9.9.9,80,,02:00:00:00:00:02\n"
    (tmp_path / "cameras.csv").write_text(ledger, "utf-8")
    yield tmp_path, ("--onvif-port", str(port), "--rtsp-port", str(rtsp)), cameras
    for one in started:
        one.close()


def test_new_and_moved(yard):
    site, ports, cameras = yard
    done = cammon("discover", str(site), *RANGE, *ports, "--json")
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    found = json.loads(done.stdout)
    assert set(found) == {"site", "new", "moved", "known", "not_looked_at"}
    assert [(row["address"], row["serial"]) for row in found["new"]] == [(f"{NET}.3", "S3"), (f"{NET}.4", "")]
    assert found["new"][0]["rtsp_port"] == "8554"
    assert found["moved"] == [
        {"camera": "B", "by": "mac", "value": "02:00:00:00:00:02", "ledger_host": "10.9.9.9", "found_host": f"{NET}.2"}
    ]
    assert (found["known"], found["not_looked_at"]) == (1, 0)
    assert f"B: its device (mac 02:00:00:00:00:02) answers at {NET}.2" in done.stderr
    assert not any("UsernameToken" in body for camera in cameras for body in camera.bodies), "no login is ever sent"


def test_the_rows_can_be_put_under_the_ledger(yard, tmp_path_factory):
    site, ports, _ = yard
    done = cammon("discover", str(site), *RANGE, *ports, "--language", "zh")
    assert "不在台账中 2 台" in done.stderr
    assert "\x1b" not in done.stdout
    (first, second) = csv.DictReader(StringIO(done.stdout))
    assert first["model"].startswith("'=cmd|")
    assert second["rtsp_port"]
    again = tmp_path_factory.mktemp("again")
    (again / "site.toml").write_text('name = "Again"\n', "utf-8")
    (again / "cameras.csv").write_text(done.stdout, "utf-8")
    reading = read_site(again)
    assert not reading.problems, reading.problems
    assert [camera.host for camera in reading.site.cameras] == [f"{NET}.3", f"{NET}.4"]


def test_a_camera_that_announces_itself(tmp_path):
    """Its address is that which it sent from; the rest is what it tells strangers."""
    camera = Peer(drawn("S9", "02:00:00:00:00:09"), f"{NET}.9")
    answer = match(f"http://10.9.9.9:{camera.port}/onvif/device_service")
    responder = Responder(answer, host=f"{NET}.9")
    (tmp_path / "site.toml").write_text('name = "Yard"\n', "utf-8")
    (tmp_path / "cameras.csv").write_text("id,address\nA,10.9.9.9\n", "utf-8")
    done = cammon("discover", tmp_path, "--wait", "2", "--interface", "127.0.0.1", "--json")
    responder.close()
    camera.close()
    rows = [row for row in json.loads(done.stdout)["new"] if row["address"] == f"{NET}.9"]
    assert [(row["name"], row["serial"], row["onvif_port"]) for row in rows] == [("Gate East", "S9", str(camera.port))]


def test_what_the_store_saw_tells_that_a_camera_has_moved(yard):
    site, ports, _ = yard
    with open_store(site / "cammon.sqlite") as store, store.engine.begin() as connection:
        at = read_site(site).site
        devices.record(connection, at.id, "B", DeviceFacts(serial="S3"), datetime(2026, 1, 1, tzinfo=UTC))
    found = json.loads(cammon("discover", str(site), *RANGE, *ports, "--json").stdout)
    assert [(one["camera"], one["by"], one["found_host"]) for one in found["moved"]] == [
        ("B", "mac", f"{NET}.2"), ("B", "serial", f"{NET}.3"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--subnet", "10.0.0.0/8"), "more than 4096 hosts"),
        (("--subnet", "yard"), "192.168.1.0/24"),
        (("--interface", "yard"), "no address of this machine"),
        (("--interface", "192.0.2.1"), "give an address of this machine"),
    ],
)
def test_wrong_input_is_one_line(arguments, words, tmp_path, monkeypatch, capsys):
    (tmp_path / "site.toml").write_text('name = "Yard"\n', "utf-8")
    (tmp_path / "cameras.csv").write_text("id,address\nA,10.9.9.9\n", "utf-8")
    monkeypatch.setattr(sys, "argv", ["cammon", "discover", str(tmp_path), *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (2, "")
    assert words in said.err
    assert len(said.err.strip().splitlines()) == 1
