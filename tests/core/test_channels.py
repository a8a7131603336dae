"""Channels of a recorder: a swap is found by the pictures, a missing one by what the recorder tells."""

from dataclasses import replace
from datetime import datetime
from itertools import permutations
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from cammon.service.channels import ChannelCount, Channels, fewer_channels
from cammon.service.references import References
from cammon.sitefiles import read_site
from cammon.sitefiles.model import LedgerCamera
from cammon.virtual.render import Renderer
from cammon_coverage.model import Period
from cammon_probes.model import DeviceFacts, Fault, Finding
from cammon_probes.picture.frame import PreparedFrame, prepare
from cammon_probes.picture.reference import reference_from

CAMERAS = ("CAM01", "CAM07", "CAM16", "CAM24")
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def pictures(repository):
    """Good frames of the morning and a frame of the afternoon, of each camera."""
    renderer = Renderer(read_site(repository / "config" / "demo-mine").site.scene)

    def shot(camera: str, hour: int, elapsed_s: float) -> PreparedFrame:
        at = datetime(2026, 6, 1, hour, tzinfo=ZONE)
        seed = int(elapsed_s)
        return prepare(
            renderer.frame(camera, 640, 360, at=at, elapsed_s=elapsed_s, period=Period.DAY, faults={}, seed=seed)
        )

    known = {camera: reference_from([shot(camera, 10, 60.0 * turn) for turn in range(3)]) for camera in CAMERAS}
    return known, {camera: shot(camera, 16, 5000.0) for camera in CAMERAS}


def channels(known, host="10.0.0.9"):
    rows = [LedgerCamera(camera, "", "", 1, host=host, recorder="NVR1") for camera in CAMERAS]
    return Channels(rows, References(known.items()))


@pytest.mark.parametrize(("camera", "shown"), list(permutations(CAMERAS, 2)), ids="-".join)
def test_a_swapped_channel_is_named_with_the_camera_that_it_shows(pictures, camera, shown):
    known, now = pictures
    covered = Finding(Fault.COVERED, 0.9, 0.1, "similarity", True)
    findings, evidence = channels(known).judged(camera, now[shown], (covered,))
    assert [one.fault for one in findings if one.bad] == [Fault.WRONG_CHANNEL]
    assert evidence == {"shows_channel": shown}


@pytest.mark.parametrize("camera", CAMERAS)
def test_a_channel_that_shows_its_own_camera_is_left_alone(pictures, camera):
    known, now = pictures
    findings, evidence = channels(known).judged(camera, now[camera], ())
    assert not any(one.bad for one in findings)
    assert evidence == {}


@pytest.mark.parametrize("spoilt", ["black", "noise", "grey"])
def test_a_spoilt_picture_is_no_other_channel(pictures, spoilt):
    known, _ = pictures
    frame = {
        "black": np.zeros((360, 640, 3), np.uint8),
        "grey": np.full((360, 640, 3), 128, np.uint8),
        "noise": np.random.default_rng(1).integers(0, 255, (360, 640, 3), dtype=np.uint8),
    }[spoilt]
    findings, _ = channels(known).judged("CAM01", prepare(frame), ())
    assert not any(one.bad for one in findings)


def test_a_camera_that_turns_is_not_judged(pictures):
    known, now = pictures
    turning = {**known, "CAM01": replace(known["CAM01"], sketches=tuple(known[one].sketches[0] for one in CAMERAS[:3]))}
    assert channels(turning).judged("CAM01", now["CAM24"], ()) == ((), {})


def test_cameras_at_their_own_hosts_are_not_compared(pictures):
    known, now = pictures
    rows = [LedgerCamera(camera, "", "", 1, host=f"10.0.0.{row}") for row, camera in enumerate(CAMERAS)]
    assert Channels(rows, References(known.items())).judged("CAM01", now["CAM07"], ()) == ((), {})


def test_fewer_channels_than_the_ledger():
    rows = [LedgerCamera(f"C{row}", "", "", row, host="10.0.0.9", recorder="NVR1") for row in range(3)]
    alone = LedgerCamera("D", "", "", 9, host="10.0.0.8", recorder="NVR1")
    told = {"C0": DeviceFacts(sources=("1", "2")), "C1": DeviceFacts(), "D": DeviceFacts(sources=("1",))}
    assert fewer_channels([*rows, alone], told) == (ChannelCount("NVR1", 2, 3),)
    assert fewer_channels(rows, {"C0": DeviceFacts(sources=("1", "2", "3"))}) == ()
    assert fewer_channels(rows, {}) == ()
