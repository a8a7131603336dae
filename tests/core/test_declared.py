"""A place that only a camera without a pose is said to see is unknown, not blind."""

from pathlib import Path

from shapely.geometry import Point

from cammon.declared import with_declared
from cammon.sitefiles.model import LedgerCamera, Site
from cammon_coverage.engine import CoverageModel
from cammon_coverage.model import Camera, KeyPlace, Lens, Period, Pose, ReasonCode, Scene

NORTH = Pose(0, 0, 3, 0, 0)
SCENE = Scene(
    cameras=(Camera("SEES", NORTH, Lens(60, 1920, 1080), "SEES"),),
    key_places=(KeyPlace("AHEAD", "", Point(0, 15), 25), KeyPlace("BEHIND", "", Point(0, -15), 25)),
)
LEDGER = (LedgerCamera("SEES", "", "SEES", 2, NORTH), LedgerCamera("POSELESS", "", "POSELESS", 3))


def covered(declared: dict[str, tuple[str, ...]]) -> dict[str, bool | None]:
    site = Site("s", "s", Path(), "v", cameras=LEDGER, scene=SCENE, declared=declared)
    answer = with_declared(site, CoverageModel(SCENE).design(Period.DAY))
    assert answer.ratio == 0.5
    codes = {one.place: [reason.code for reason in one.reasons] for one in answer.places}
    for one in answer.places:
        assert (ReasonCode.CAMERA_WITHOUT_POSE in codes[one.place]) is (one.covered is None)
    return {one.place: one.covered for one in answer.places}


def test_undeclared_is_blind() -> None:
    assert covered({}) == {"AHEAD": True, "BEHIND": False}


def test_declared_for_a_camera_without_pose_is_unknown() -> None:
    assert covered({"BEHIND": ("POSELESS",)}) == {"AHEAD": True, "BEHIND": None}


def test_declared_for_a_camera_with_a_pose_is_what_geometry_says() -> None:
    assert covered({"BEHIND": ("SEES",), "AHEAD": ("POSELESS",)}) == {"AHEAD": True, "BEHIND": False}
