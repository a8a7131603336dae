"""`cammon probe` as a person uses it, on virtual cameras and on hosts that misbehave."""

import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from system_processes import cammon

from cammon import onelook
from cammon.cli import cammon as commands
from cammon.clock import SystemClock
from cammon.store.opening import open_store
from cammon.virtual.background import RunningFleet, running_fleet
from cammon.virtual.model import CameraSpec, Login
from cammon_probes.model import Fault, ProbeKind, Reading
from cammon_probes.unfinished import DecodersBusy
from cammon_probes.url import parse_url
from tests.probes.peers import Peer
from tests.probes.tls_peers import Certificate, certificate, over_tls

PASSWORD = "kanarienvogel-7"
LOGIN = Login("crew", PASSWORD, name="crew")
SHAPE = {"camera", "ok", "fault", "advice", "steps", "picture", "device"}


@pytest.fixture(scope="module")
def fleet() -> Iterator[RunningFleet]:
    with running_fleet([CameraSpec("CAM01", login=LOGIN), CameraSpec("CAM02", login=LOGIN)]) as running:
        yield running


@pytest.fixture
def site(fleet: RunningFleet, tmp_path: Path) -> Path:
    """A site whose ledger names both cameras."""
    (tmp_path / "site.toml").write_text('name = "Probe"\n[credentials.crew]\nenv = "CREW_LOGIN"\n', "utf-8")
    rows = ["id,name,address,rtsp_path,sub_path,onvif_port,credential"]
    for camera in ("CAM01", "CAM02"):
        end = fleet.endpoint(camera)
        rows.append(
            f"{camera},{camera},{end.host}:{end.rtsp_port},{end.rtsp_path},{end.sub_path},{end.onvif_port},crew"
        )
    (tmp_path / "cameras.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return tmp_path


def probe(*arguments: object, password: str = PASSWORD) -> tuple[int, dict]:
    done = cammon("probe", *map(str, arguments), "--json", CREW_LOGIN=f"crew:{password}")
    assert PASSWORD not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout)


def test_a_healthy_camera(site: Path) -> None:
    status, found = probe(site, "CAM01")
    assert (status, set(found), found["ok"], found["fault"]) == (0, SHAPE, True, None)
    assert (found["picture"]["width"], found["picture"]["height"]) == (640, 360)
    assert {"fault", "score", "measured", "unit", "bad"} == set(found["picture"]["findings"][0])
    assert (found["picture"]["frames"], found["picture"]["frames_change"]) == (1, None)
    assert [step["name"] for step in found["steps"]][:3] == ["connect", "options", "describe"]
    assert abs(found["device"]["clock_offset_s"]) < 2
    assert all(set(step) == {"name", "ok", "ms", "detail"} and step["ok"] for step in found["steps"])


@pytest.mark.parametrize(
    ("broken", "fault"),
    [("black", "black"), ("no_packets", "no_video"), ("offline", "refused"), ("clock_skew", "clock_skew")],
)
def test_a_broken_camera(site: Path, fleet: RunningFleet, broken: str, fault: str) -> None:
    fleet.put("CAM02", broken)
    try:
        status, found = probe(site, "CAM02")
    finally:
        fleet.clear_all()
    assert (status, found["ok"], found["fault"]) == (1, False, fault)
    assert found["advice"]


def test_by_hand_too_a_refused_login_rests(site: Path, fleet: RunningFleet, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store(site / "cammon.sqlite").close()
    before = failures(fleet)

    def told(*more: str, password: str = "wrong", language: str = "en") -> tuple[str | None, str, int]:
        monkeypatch.setenv("CREW_LOGIN", f"crew:{password}")
        done = CliRunner().invoke(commands, ["probe", str(site), "CAM01", "--json", "--language", language, *more])
        return json.loads(done.stdout)["fault"], done.stderr, failures(fleet) - before

    assert told() == ("auth_failed", "", 1)
    fault, said, refused = told()
    assert (fault, refused) == ("auth_failed", 1)
    assert "--once-more" in said
    assert "没有发送登录信息" in told(language="zh")[1]
    assert told("--once-more") == ("auth_failed", "", 2)
    fault, said, refused = told(password=PASSWORD)
    assert (fault != "auth_failed", said, refused) == (True, "", 2), "a changed login is tried at once"
    assert told() == ("auth_failed", "", 3), "and what works ends the stop"


def test_a_wrong_password_is_tried_once(site: Path, fleet: RunningFleet) -> None:
    before = failures(fleet)
    status, found = probe(site, "CAM01", password="wrong")
    assert (status, found["fault"]) == (1, "auth_failed")
    assert failures(fleet) == before + 1


def failures(fleet: RunningFleet) -> int:
    text = json.dumps(fleet.state()["cameras"]["CAM01"])
    return int(json.loads(text)["failed_logins"])


def test_an_address_with_a_login(fleet: RunningFleet) -> None:
    end = fleet.endpoint("CAM01")
    status, found = probe("--url", f"rtsp://crew:{PASSWORD}@{end.host}:{end.rtsp_port}{end.rtsp_path}")
    assert (status, found["ok"], found["device"]) == (0, True, None)
    status, found = probe("--url", f"http://crew:{PASSWORD}@{end.host}:{end.onvif_port}/onvif/device_service")
    assert (status, found["ok"], found["picture"]) == (0, True, None)
    assert found["device"]["profiles"]


def test_a_mute_host_is_over_in_fifteen_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        began = time.monotonic()
        status, found = probe("--url", f"rtsp://127.0.0.1:{mute.getsockname()[1]}/x")
        assert time.monotonic() - began < 15
    assert (status, found["fault"]) == (1, "timeout")


def test_a_slow_start_leaves_less_for_the_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onelook, "LEAST_S", 0.3)
    clock = SystemClock()
    with socket.create_server(("127.0.0.1", 0)) as mute:
        endpoint = parse_url(f"rtsp://127.0.0.1:{mute.getsockname()[1]}/x")
        found = onelook.look_once(endpoint, clock, since_s=clock.monotonic() - 13.0)
        assert (found.fault, sum(step.ms for step in found.steps) < 1500) == (Fault.TIMEOUT, True)
        found = onelook.look_once(endpoint, clock, since_s=clock.monotonic() - 11.0)
        assert 1000 < sum(step.ms for step in found.steps) < 3000


def test_a_stream_that_lost_its_viewer_is_left_alone_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    class Turned(SystemClock):
        def sleep(self, seconds: float) -> None:
            done.append(f"{seconds:.1f} s")

    def making(kind: ProbeKind) -> Callable[..., Reading]:
        return lambda endpoint, at, *_, **__: (done.append(kind), Reading(endpoint.camera, kind, at))[1]

    monkeypatch.setattr(onelook, "PROBERS", {kind: making(kind) for kind in ProbeKind})
    onelook.look_once(parse_url("rtsp://127.0.0.1:9/x"), Turned())
    assert done == [ProbeKind.LIVENESS, "0.5 s", ProbeKind.PICTURE]


def test_a_machine_without_a_free_decoder(fleet: RunningFleet, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object, **__: object) -> None:
        raise DecodersBusy

    monkeypatch.setattr(onelook, "PROBERS", {**onelook.PROBERS, ProbeKind.PICTURE: busy})
    end = fleet.endpoint("CAM01")
    url = f"rtsp://crew:{PASSWORD}@{end.host}:{end.rtsp_port}{end.rtsp_path}"
    done = CliRunner().invoke(commands, ["probe", "--url", url, "--language", "zh"])
    assert done.exit_code == 1
    assert "本机负载过高" in done.stdout


@pytest.mark.parametrize("url", ["ftp://x/y", "rtsp://", "rtsp://h:99999/", "nonsense"])
def test_an_address_that_is_none(url: str) -> None:
    done = cammon("probe", "--url", url)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "arguments", [("rtsp://crew:{}@h/x",), ("rtsp://crew:{}@h/x", "CAM01"), ("x", "rtsp://crew:{}@h")]
)
def test_an_address_without_the_option_shows_no_password(arguments: tuple[str, ...]) -> None:
    done = cammon("probe", *(argument.format(PASSWORD) for argument in arguments))
    assert done.returncode == 2
    assert "--url" in done.stderr
    assert PASSWORD not in done.stderr + done.stdout


@pytest.fixture
def https_device(tmp_path: Path) -> Iterator[tuple[str, Certificate]]:
    """An address over TLS, where nothing else is answered, and the certificate shown there."""
    shown = certificate(tmp_path, authority=True)
    server = Peer(over_tls(lambda connection: connection.recv(100), shown))
    yield f"https://127.0.0.1:{server.port}/onvif/device_service", shown
    server.close()


def test_the_options_of_trust_are_those_of_a_site(https_device: tuple[str, Certificate], tmp_path: Path) -> None:
    url, shown = https_device
    status, found = probe("--url", url)
    assert (status, found["fault"]) == (1, "tls_untrusted")
    told = found["steps"][-1]["detail"]
    assert "its certificate is self-signed" in told
    assert shown.fingerprint in told
    pairs = ":".join(re.findall("..", shown.fingerprint.lower()))
    for trust in (("--trusted", pairs), ("--authorities", shown.path), ("--trusted", "0" * 64, "--trusted", pairs)):
        assert probe("--url", url, *trust)[1]["fault"] == "bad_response", "trusted: what follows is no ONVIF"
    assert probe("--url", url, "--trusted", "0" * 64)[1]["fault"] == "tls_untrusted"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--trusted", "3F:5A"), "64 digits"),
        (("--authorities", "nowhere.pem"), "No such file"),
        (("--authorities", __file__), "no certificates in it"),
    ],
    ids=["short", "no file", "another file"],
)
def test_trust_that_is_none(options: tuple[str, str], why: str) -> None:
    done = cammon("probe", "--url", "rtsps://127.0.0.1/x", *options)
    assert done.returncode == 2
    assert why in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_trust_of_a_site_stands_in_its_files(site: Path) -> None:
    done = CliRunner().invoke(commands, ["probe", str(site), "CAM01", "--trusted", "0" * 64])
    assert done.exit_code == 2
    assert "[tls]" in done.stderr


def test_several_pictures_of_a_moving_camera(fleet: RunningFleet) -> None:
    end = fleet.endpoint("CAM01")
    url = f"rtsp://crew:{PASSWORD}@{end.host}:{end.rtsp_port}{end.rtsp_path}"
    status, found = probe("--url", url, "--frames", "3")
    assert status == 0
    assert found["picture"]["frames"] == 3
    assert found["picture"]["frames_span_ms"] > 0
    assert found["picture"]["frames_change"] >= 0.0
    done = CliRunner().invoke(commands, ["probe", "--url", url, "--frames", "2", "--language", "zh"])
    assert "2 幅画面" in done.stdout
