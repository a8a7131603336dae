"""A fleet from a ledger, as a whole and as a process: start, clear errors, clean end."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading

import pytest

from cammon.sitefiles.model import LedgerCamera, Site
from cammon.virtual.background import running_fleet
from cammon.virtual.fleet import Fleet
from cammon.virtual.model import BadFleet, CameraSpec, CannotListen, FleetOptions, Login, StreamSpec
from cammon.virtual.pattern import TestPattern
from cammon.virtual.run import fleet_of
from cammon.virtual.specs import many, spec_of, specs_of
from cammon_probes.model import StreamFormat
from tests.virtual.dialogue import Dialogue
from tests.virtual.viewer import frames, snapshot

LOGINS = {"demo": ("viewer", "word")}


def ledger(camera_id="CAM01", **more):
    given = {
        "host": "127.0.3.1",
        "rtsp_port": 15540,
        "onvif_port": 15541,
        "rtsp_path": "/ch1/main",
        "sub_path": "/ch1/sub",
    }
    return LedgerCamera(camera_id, "门卫", camera_id, 2, **{**given, **more})


def test_a_ledger_row_becomes_the_camera_that_it_describes():
    row = ledger(
        credential="demo",
        model="Hikdahua DS-2CD",
        serial="SN1",
        mac="aa:bb:cc:dd:ee:ff",
        expected=StreamFormat("h264", 2560, 1440, 20.0),
        switch="SW1",
        recorder="NVR1",
    )
    spec = spec_of(row, LOGINS)
    assert spec.main == StreamSpec("/ch1/main", 2560, 1440, 20.0)
    assert spec.sub == StreamSpec("/ch1/sub", 640, 360, 20.0)
    assert (spec.identity.manufacturer, spec.identity.serial, spec.identity.mac) == (
        "Hikdahua",
        "SN1",
        "aa:bb:cc:dd:ee:ff",
    )
    assert (spec.login, spec.switch, spec.recorder) == (Login("viewer", "word"), "SW1", "NVR1")


def test_what_the_ledger_does_not_say_is_made_up_the_same_each_time():
    one, two, other = (spec_of(ledger(name), {}) for name in ("CAM01", "CAM01", "CAM02"))
    assert one == two
    assert one.identity.mac != other.identity.mac
    assert one.identity.serial != other.identity.serial
    assert (one.main.width_px, one.main.height_px, one.login) == (1920, 1080, None)


def test_rows_without_an_address_are_left_out(tmp_path):
    site = Site("s", "s", tmp_path, "v", cameras=(ledger("A"), ledger("B", host=None)))
    assert [spec.id for spec in specs_of(site, {})] == ["A"]


def test_odd_sizes_become_even():
    assert spec_of(ledger(expected=StreamFormat(None, 1279, 719, None)), {}).main.height_px == 720


@pytest.mark.parametrize(
    ("cameras", "words"),
    [
        ([CameraSpec("A"), CameraSpec("A")], "two cameras A"),
        ([CameraSpec("A", host="192.168.1.10")], "outside 127.0.0.0/8"),
        ([CameraSpec("A", host="camera-1.example")], "is no address"),
        (
            [CameraSpec("A", host="127.0.3.2", rtsp_port=15550), CameraSpec("B", host="127.0.3.2", rtsp_port=15550)],
            "given to both A and B",
        ),
    ],
    ids=["id twice", "not loopback", "name", "path twice"],
)
def test_fleets_that_cannot_be(cameras, words):
    with pytest.raises(BadFleet, match=words), running_fleet(cameras):
        pass


def test_a_credential_without_a_login():
    with pytest.raises(BadFleet, match="camera CAM01 names the credential 'north'"):
        spec_of(ledger(credential="north"), LOGINS)


class Held(TestPattern):
    """Pictures that nobody gets before they are released: a machine that is busy while everything ends."""

    def __init__(self):
        super().__init__()
        self.asked, self.released = threading.Event(), threading.Event()

    def frame(self, *about, **moment):
        self.asked.set()
        self.released.wait(10)
        return super().frame(*about, **moment)


def work_of_the_fleet():
    """What runs in its threads for somebody; the web server's own connections end when their loop does."""
    return [task for task in asyncio.all_tasks() if task.get_coro().__qualname__.startswith(("Workshop", "_Pump"))]


@pytest.mark.parametrize("from_memory", [False, True], ids=["rendered", "from memory"])
def test_a_fleet_that_stops_leaves_nothing_behind(from_memory):
    pictures = Held()

    async def run():
        fleet = Fleet([CameraSpec("A", login=None)], pictures, FleetOptions(workers=1, from_memory=from_memory))
        await fleet.start()
        end = fleet.endpoint("A")
        _, page = await asyncio.open_connection(end.host, end.onvif_port)
        page.write(f"GET {end.snapshot_path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        await asyncio.to_thread(pictures.asked.wait, 10)
        _, stream = await asyncio.open_connection(end.host, end.rtsp_port)
        url = f"rtsp://{end.host}:{end.rtsp_port}{end.rtsp_path}"
        stream.write(f"DESCRIBE {url} RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
        await asyncio.sleep(0.1)
        began = work_of_the_fleet()
        await fleet.stop()
        page.close()
        stream.close()
        return began, work_of_the_fleet()

    try:
        began, left = asyncio.run(run())
    finally:
        pictures.released.set()
    assert began
    assert not left


def test_a_port_in_use_is_one_clear_error_and_nothing_stays_open():
    with socket.socket() as taken:
        taken.bind(("127.0.3.3", 0))
        taken.listen()
        port = taken.getsockname()[1]
        cameras = [
            CameraSpec("A", host="127.0.3.3", rtsp_port=15560, onvif_port=None),
            CameraSpec("B", host="127.0.3.3", rtsp_port=port, onvif_port=None),
        ]
        with pytest.raises(CannotListen) as met, running_fleet(cameras):
            pass
        assert (met.value.host, met.value.port) == ("127.0.3.3", port)
        assert str(met.value) == f"cannot listen on 127.0.3.3:{port}: the port is in use by another program"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.3.3", 15560), 1)


def test_a_control_port_in_use_is_the_same_error():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        options = FleetOptions(control_port=taken.getsockname()[1])
        with pytest.raises(CannotListen, match="in use"), running_fleet([CameraSpec("A")], options=options):
            pass


def test_a_fleet_can_start_again_on_its_ports_while_a_viewer_hangs_on():
    camera = CameraSpec("A", host="127.0.3.4", rtsp_port=15570, onvif_port=15571, login=None)
    for _ in range(3):
        with running_fleet([camera]) as fleet:
            viewer = Dialogue(fleet.endpoint("A"))
            viewer.set_up()
            viewer.ask("PLAY")
            viewer.next_packet()
    viewer.__exit__()


def test_own_addresses_are_all_different_and_on_loopback():
    hosts = [camera.host for camera in many(2000)]
    assert len(set(hosts)) == 2000
    assert all(host.startswith("127.") for host in hosts)
    for host in hosts:
        socket.inet_aton(host)


def test_a_camera_without_pose_shows_the_test_pattern(tmp_path):
    site = Site("s", "s", tmp_path, "v", cameras=(ledger("A"),))
    fleet = fleet_of(site, {})
    assert list(fleet.cameras) == ["A"]


SCRIPT = """
    import sys
    from pathlib import Path
    from cammon.sitefiles.model import LedgerCamera, Site
    from cammon.virtual.model import CannotListen
    from cammon.virtual.run import run_fleet
    cameras = tuple(
        LedgerCamera(f"C{n}", "c", "d", n, host=f"127.0.4.{n}", rtsp_port=15580, onvif_port=15581) for n in range(1, 4)
    )
    site = Site("s", "s", Path("."), "v", cameras=cameras)
    run_fleet(site, {}, 0, ready=lambda fleet: print("ready", fleet.control_port, flush=True), with_parent=True)
    print("over", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_the_process_ends_when_asked_also_while_somebody_watches(number, repository):
    path = os.pathsep.join(str(repository / room) for room in ("", "coverage", "probes", "web"))
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SCRIPT)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    try:
        assert process.stdout.readline().startswith("ready ")
        with socket.create_connection(("127.0.4.2", 15580), 5) as viewer:
            viewer.sendall(b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")
            assert viewer.recv(100).startswith(b"RTSP/1.0 200")
            process.send_signal(number)
            assert process.stdout.read() == "over\n"
            assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()


def test_the_process_ends_with_the_one_that_started_it(repository):
    path = os.pathsep.join(str(repository / room) for room in ("", "coverage", "probes", "web"))
    script = textwrap.dedent(SCRIPT)
    starter = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {script!r}]); sys.stdin.read()"
    process = subprocess.Popen(
        [sys.executable, "-c", starter],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert process.stdout.readline().startswith("ready ")
    process.kill()
    process.wait()
    assert process.stdout.read() == "over\n"  # the grandchild held the pipe and let go of it
    process.stdin.close()


class Broken:
    """A picture source that fails for one camera."""

    def frame(self, camera_id, *size, **more):
        if camera_id == "A":
            raise RuntimeError("no paint")
        return TestPattern().frame(camera_id, *size, **more)


def test_a_picture_source_that_fails_ends_that_stream_only(fleet_with, caplog):
    fleet = fleet_with(CameraSpec("A"), CameraSpec("B"), pictures=Broken())
    assert list(frames(fleet.endpoint("A"))) == []
    assert snapshot(fleet.endpoint("A")).status_code == 500
    assert "no more pictures of camera A" in caplog.text
    assert next(frames(fleet.endpoint("B"))).key_frame
    assert fleet.state()["cameras"]["A"]["sessions"] == 0
