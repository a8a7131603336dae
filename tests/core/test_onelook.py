"""A look by hand that cammon itself cannot finish says nothing of the camera."""

from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from cammon.cli import cammon as commands
from cammon.clock import SystemClock
from cammon.onelook import look_once
from cammon.virtual.background import RunningFleet, running_fleet
from cammon.virtual.model import CameraSpec
from cammon_probes import decoders
from cammon_probes.decoders import Decoders
from cammon_probes.model import ProbeKind

CAMERA = CameraSpec("CAM01", onvif_port=None, login=None)


@pytest.fixture(scope="module")
def fleet() -> Iterator[RunningFleet]:
    with running_fleet([CAMERA]) as running:
        yield running


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One decoder, which somebody has for as long as the test lasts."""
    pool = Decoders(1)
    monkeypatch.setattr(decoders, "SHARED", pool)
    monkeypatch.setattr("cammon.onelook.MOST_S", {ProbeKind.LIVENESS: 5.0, ProbeKind.PICTURE: 1.0})
    assert pool._free.acquire()
    yield
    pool._free.release()
    pool.close()


def test_no_free_decoder_is_no_fault_of_the_camera(fleet: RunningFleet, busy: None) -> None:
    found = look_once(fleet.endpoint("CAM01"), SystemClock())
    assert (found.fault, found.ok, [one.kind for one in found.unfinished]) == (None, False, [ProbeKind.PICTURE])
    assert found.steps[-1].detail == "this machine was too busy to decode it"
    assert found.liveness is not None
    assert found.liveness.ok
    assert found.picture is None


@pytest.mark.parametrize(("language", "word"), [("en", "CAM01: not known"), ("zh", "未知")])
def test_the_command_says_that_it_is_not_known(fleet: RunningFleet, busy: None, language: str, word: str) -> None:
    end = fleet.endpoint("CAM01")
    url = f"rtsp://{end.host}:{end.rtsp_port}{end.rtsp_path}"
    done = CliRunner().invoke(commands, ["probe", "--url", url, "--language", language])
    assert done.exit_code == 1
    assert word.replace("CAM01", f"{end.host}:{end.rtsp_port}") in done.stdout
    done = CliRunner().invoke(commands, ["probe", "--url", url, "--json", "--language", language])
    assert '"fault": null' in done.stdout
    assert '"ok": false' in done.stdout


def test_several_pictures_tell_whether_anything_moves(fleet: RunningFleet) -> None:
    found = look_once(fleet.endpoint("CAM01"), SystemClock(), frames=3)
    assert found.ok, found
    assert found.picture is not None
    assert len(found.picture.later) == 2
    assert float(found.picture.evidence["frames_change"]) >= 0.0
