"""Frames: never equal unless asked to be, people in them, night in them, and a moved camera."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest
from render_worlds import EVERYTHING, WALL, camera, site
from shapely import Point, box

from cammon.virtual.render import PICTURE_FAULTS, Renderer
from cammon.virtual.render.caption import printable
from cammon_coverage.model import KeyPlace, LitArea, Period, Scene

AT = datetime(2024, 5, 6, 14, 3, 22, tzinfo=UTC)
DAY, NIGHT = Period.DAY, Period.NIGHT


def frame(
    renderer: Renderer,
    camera_id: str = "yard",
    size: tuple[int, int] = (320, 180),
    elapsed_s: float = 0.0,
    period: Period = DAY,
    faults: Mapping[str, Mapping[str, float]] | None = None,
    seed: int = 1,
) -> np.ndarray:
    return renderer.frame(camera_id, *size, AT, elapsed_s, period, faults or {}, seed)


@pytest.mark.parametrize("period", [DAY, NIGHT])
@pytest.mark.parametrize("fault", [None, *PICTURE_FAULTS])
def test_no_two_frames_are_equal_and_equal_arguments_give_equal_frames(
    renderer: Renderer, fault: str | None, period: Period
) -> None:
    faults = {fault: {}} if fault else {}
    pictures = [frame(renderer, period=period, faults=faults, seed=seed) for seed in range(6)]
    again = frame(renderer, period=period, faults=faults, seed=3)
    assert np.array_equal(again, pictures[3])
    assert len({picture.tobytes() for picture in pictures}) == 6
    assert all(picture.shape == (180, 320, 3) and picture.dtype == np.uint8 for picture in pictures)


def test_main_and_sub_stream_show_the_same(renderer: Renderer) -> None:
    main = frame(renderer, size=(1280, 720))
    sub = frame(renderer, size=(320, 180))
    small = cv2.resize(main, (320, 180), interpolation=cv2.INTER_AREA)
    likeness = np.corrcoef(small[20:160].ravel(), sub[20:160].ravel())[0, 1]
    assert likeness > 0.95


def test_threads_get_the_frames_that_one_caller_gets(renderer: Renderer) -> None:
    fresh = Renderer(EVERYTHING)
    jobs = [(name, size) for name in ("yard", "down", "roof") for size in ((320, 180), (160, 90))] * 3
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda job: frame(fresh, *job), jobs))
    for job, picture in zip(jobs, got, strict=True):
        assert np.array_equal(picture, frame(renderer, *job))


def test_a_moved_camera_shows_what_one_with_that_pose_shows(renderer: Renderer) -> None:
    yard = next(one for one in EVERYTHING.cameras if one.id == "yard")
    pose = replace(yard.pose, azimuth_deg=yard.pose.azimuth_deg + 9, tilt_deg=yard.pose.tilt_deg + 2)
    others = tuple(one for one in EVERYTHING.cameras if one.id != "yard")
    turned = Renderer(replace(EVERYTHING, cameras=(replace(yard, pose=pose), *others)))
    faults = {"moved": {"pan_deg": 9.0, "tilt_deg": 2.0}}
    assert np.array_equal(frame(renderer, faults=faults), frame(turned))
    assert not np.array_equal(frame(renderer), frame(turned))


def quiet(scene: Scene, elapsed_s: float, period: Period = DAY) -> np.ndarray:
    """A frame of 640 x 360 as smooth as can be, so that people stand out from noise."""
    return cv2.GaussianBlur(Renderer(scene).frame("C1", 640, 360, AT, elapsed_s, period, {}, 1), (0, 0), 1.5)


def test_people_walk_and_are_hidden_by_a_wall_but_not_by_a_canopy() -> None:
    places = (KeyPlace("K", "door", Point(0, 26), 62.5), KeyPlace("L", "lamp room", Point(-3, 32), 62.5))
    high_wall = replace(WALL, footprint=box(-40, 20, 40, 21), top_m=9.0)
    bare = replace(site(), key_places=places)
    walled = replace(site(high_wall), key_places=places)
    open_ = [quiet(bare, at).astype(int) for at in (0.0, 7.0)]
    behind = [quiet(walled, at).astype(int) for at in (0.0, 7.0)]
    watched = np.s_[190:300, 150:500]
    assert np.abs(open_[0] - open_[1])[watched].max() > 25
    assert np.abs(behind[0] - behind[1])[watched].max() < 12


def test_the_night_is_dark_beyond_the_infrared_and_not_in_a_lit_area() -> None:
    lamp = LitArea("L", box(-100, 60, 100, 80))
    scene = site(cameras=(camera(night_range_m=20.0),), lit_areas=(lamp,), boundary=box(-90, -90, 90, 200))
    picture = Renderer(scene).frame("C1", 640, 360, AT, 0.0, NIGHT, {}, 1).astype(int)

    def ground(distance_m: float) -> float:
        row = int(180 + 320 * 5.0 / distance_m)
        return float(picture[row - 1 : row + 2, 200:440].mean())

    assert ground(10) > 70
    assert ground(20) < 0.5 * ground(10)
    assert ground(45) < 0.25 * ground(10)
    assert ground(70) > 2 * ground(45)
    colours = picture[200:340, 100:540].reshape(-1, 3).mean(axis=0)
    assert np.ptp(colours) < 3  # infrared has no colour


def test_without_infrared_lamps_are_warm_and_the_rest_is_dark() -> None:
    lamp = LitArea("L", box(-100, 8, 100, 20))
    scene = site(lit_areas=(lamp,), boundary=box(-90, -90, 90, 200))
    picture = Renderer(scene).frame("C1", 640, 360, AT, 0.0, NIGHT, {}, 1).astype(int)
    lit = picture[290, 200:440].mean(axis=0)
    assert lit[2] > 1.3 * lit[0]
    assert picture[185:195, 200:440].mean() < 0.3 * lit.mean()


def test_by_day_the_sky_is_brighter_than_the_ground_and_walls_differ_by_their_side(renderer: Renderer) -> None:
    picture = frame(renderer, size=(640, 360)).astype(float)
    assert picture[5:15, 200:440].mean() > 1.3 * picture[300:340, 200:440].mean()


@pytest.mark.parametrize("period", [DAY, NIGHT])
@pytest.mark.parametrize("name", [one.id for one in EVERYTHING.cameras if one.id not in ("flush",)])
def test_every_picture_has_structure_to_measure(renderer: Renderer, name: str, period: Period) -> None:
    """A blur check needs edges everywhere: most blocks of a picture hold more than noise."""
    grey = cv2.cvtColor(frame(renderer, name, (640, 360), period=period), cv2.COLOR_BGR2GRAY)
    inner = cv2.GaussianBlur(grey[30:340], (0, 0), 1.2).astype(float)
    assert np.abs(cv2.Laplacian(inner, cv2.CV_64F)).mean() > (0.9 if period is DAY else 0.35)


@pytest.mark.parametrize(
    ("given", "written"),
    [("CAM01 主井口", "CAM01"), ("主井口 Main shaft", "Main shaft"), ("a\tb\x00c", "abc"), ("井", "")],
)
def test_captions_are_ascii(given: str, written: str) -> None:
    assert printable(given) == written


def test_the_clock_is_in_the_picture_whatever_the_fault(renderer: Renderer) -> None:
    corner = np.s_[:24, :200]
    for fault in ("black", "covered", "blur"):
        one = renderer.frame("yard", 640, 360, AT, 0.0, DAY, {fault: {}}, 1)
        other = renderer.frame("yard", 640, 360, AT.replace(second=58), 0.0, DAY, {fault: {}}, 1)
        assert one[corner].max() > 200
        assert np.abs(one[corner].astype(int) - other[corner]).max() > 100


def test_kept_stills_stay_below_the_limit_and_are_forgotten() -> None:
    small = Renderer(site(), limit_bytes=2_000_000, keep_s=60.0)
    for width in range(160, 640, 16):
        small.frame("C1", width, 90, AT, 0.0, DAY, {}, 1)
    assert 0 < small.forget_unused(1.0) <= 2_000_000
    assert small.forget_unused(61.0) == 0


@pytest.mark.parametrize(
    ("faults", "problem"),
    [
        ({"sunburn": {}}, "no picture fault 'sunburn'"),
        ({"blur": {"radius": 3}}, "blur has no parameter 'radius'"),
        ({"blur": {"radius_px": -1}}, "outside 0 to 200"),
        ({"blur": {"radius_px": float("nan")}}, "outside 0 to 200"),
    ],
    ids=["unknown fault", "unknown parameter", "out of range", "not a number"],
)
def test_a_wrong_fault_is_named(renderer: Renderer, faults: dict, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        frame(renderer, faults=faults)


def test_a_camera_that_the_scene_has_not_is_a_key_error(renderer: Renderer) -> None:
    with pytest.raises(KeyError):
        frame(renderer, "nobody")
