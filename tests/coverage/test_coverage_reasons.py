"""Reasons: the right one in plain cases, and only true ones on random sites."""

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from shapely import Point, box

from cammon_coverage.engine import CoverageModel
from cammon_coverage.model import LitArea, Period, ReasonCode, Scene, Target
from tests.coverage.conftest import block, make_camera, make_place
from tests.coverage.sight_judge import _hides, _in_view, judge
from tests.coverage.test_coverage_engine import random_scene

HERE = Point(0, 20)
FLAT = Target(0, 0)
WALL = block("B7", -5, 10, 5, 11)

CASES = [
    ("no camera far and wide", [], [], {}, ReasonCode.NO_CAMERA_IN_RANGE, {}),
    ("the only camera is far away", [make_camera(y=-900)], [], {}, ReasonCode.NO_CAMERA_IN_RANGE, {}),
    ("looks away", [make_camera(azimuth=180)], [], {}, ReasonCode.OUTSIDE_VIEW, {"camera": "C1"}),
    (
        "the nearest of two that look away",
        [make_camera("far", y=-3, azimuth=180), make_camera("near", azimuth=180)],
        [],
        {},
        ReasonCode.OUTSIDE_VIEW,
        {"camera": "near"},
    ),
    ("behind a wall", [make_camera()], [WALL], {}, ReasonCode.HIDDEN_BY_OBSTACLE, {"obstacle": "B7", "camera": "C1"}),
    (
        "looks away behind a wall",
        [make_camera(azimuth=180)],
        [WALL],
        {},
        ReasonCode.HIDDEN_BY_OBSTACLE,
        {"obstacle": "B7", "camera": "C1"},
    ),
    (
        "too few pixels",
        [make_camera(tilt=0, height=0.0), make_camera("worse", y=-5, tilt=0, height=0.0)],
        [],
        {"level": 60.0},
        ReasonCode.DENSITY_TOO_LOW,
        {"camera": "C1", "density_px_per_m": 50.0, "level_px_per_m": 60.0},
    ),
    (
        "dark",
        [make_camera(lens={"night_range_m": 10.0})],
        [],
        {"period": Period.NIGHT},
        ReasonCode.TOO_DARK,
        {"camera": "C1", "night_range_m": 10.0},
    ),
    (
        "dark beside the lamps",
        [make_camera(lens={"night_range_m": None})],
        [],
        {"period": Period.NIGHT, "lit": box(-50, 0, 50, 10)},
        ReasonCode.TOO_DARK,
        {"camera": "C1", "night_range_m": 0.0},
    ),
    ("in stone", [make_camera()], [block("B9", -5, 15, 5, 25)], {}, ReasonCode.INSIDE_OBSTACLE, {"obstacle": "B9"}),
    ("from behind", [make_camera()], [], {"facing_deg": 0.0}, ReasonCode.WRONG_SIDE, {"camera": "C1"}),
    (
        "hats only",
        [make_camera(height=20.0, tilt=45)],
        [],
        {"max_depression_deg": 30.0},
        ReasonCode.TOO_STEEP,
        {"camera": "C1", "depression_deg": 45.0, "max_depression_deg": 30.0},
    ),
    (
        "two cameras on one box",
        [make_camera("C1", device="D"), make_camera("C2", x=1, device="D")],
        [],
        {"redundancy": 2},
        ReasonCode.REDUNDANCY_SHORT,
        {"devices": 1.0, "redundancy": 2.0},
    ),
]


@pytest.mark.parametrize(
    ("cameras", "obstacles", "place", "code", "params"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_reason(cameras, obstacles, place, code, params):
    asked = dict(place)
    period, lit = asked.pop("period", Period.DAY), asked.pop("lit", None)
    lamps = () if lit is None else (LitArea("L", lit),)
    scene = Scene(
        tuple(cameras),
        (make_place("P", HERE, asked.pop("level", 25.0), target=FLAT, **asked),),
        tuple(obstacles),
        lamps,
    )
    (answer,) = CoverageModel(scene).design(period).places
    assert answer.covered is False
    assert answer.reasons[0].code is code
    assert dict(answer.reasons[0].params) == pytest.approx(params)


def test_covered_places_have_no_reasons(yard):
    for place in CoverageModel(yard).design(Period.DAY).places:
        assert bool(place.reasons) is not bool(place.covered)


def test_different_parts_have_different_reasons():
    place = make_place("P", box(-20, 5, 20, 45), 40.0)
    scene = Scene((make_camera(tilt=20),), (place,), (block("B1", -6, 14, 6, 16), block("B2", 10, 30, 20, 40)))
    codes = {reason.code for reason in CoverageModel(scene).design(Period.DAY).places[0].reasons}
    assert {ReasonCode.DENSITY_TOO_LOW, ReasonCode.OUTSIDE_VIEW} <= codes


def holds(scene, place, period, reason, points):
    """Whether a reason is so at any of the points, by the judge's own arithmetic."""
    params = reason.params
    camera = next((c for c in scene.cameras if c.id == params.get("camera")), None)
    zs = (place.target.z0_m, place.target.z1_m)
    nowhere = 1e-9
    in_frame = [_in_view(scene, camera, Period.DAY, nowhere, points, z) for z in zs] if camera else None
    if reason.code is ReasonCode.INSIDE_OBSTACLE:
        shape = next(o.footprint for o in scene.obstacles if o.id == params["obstacle"])
        return shapely.intersects_xy(shape, *points.T).any()
    if reason.code is ReasonCode.HIDDEN_BY_OBSTACLE:
        named = [o for o in scene.obstacles if o.id == params["obstacle"]]
        parts = [(part, o) for o in named for part in shapely.get_parts(o.footprint)]
        return any(_hides(part, o, camera.pose, points, z).any() for part, o in parts for z in zs)
    if reason.code is ReasonCode.OUTSIDE_VIEW:
        return (~np.logical_and(*in_frame)).any()
    if reason.code is ReasonCode.DENSITY_TOO_LOW:
        assert params["density_px_per_m"] < place.level_px_per_m
        return judge(scene, camera, Period.DAY, nowhere, place.target, points).any()
    if reason.code is ReasonCode.TOO_DARK:
        day, night = (judge(scene, camera, p, place.level_px_per_m, place.target, points) for p in Period)
        return period is Period.NIGHT and (day & ~night).any()
    if reason.code is ReasonCode.REDUNDANCY_SHORT:
        seen = [judge(scene, c, period, place.level_px_per_m, place.target, points) for c in scene.cameras]
        devices = [
            len({c.device for c, s in zip(scene.cameras, seen, strict=True) if s[n]}) for n in range(len(points))
        ]
        return params["devices"] in devices and params["devices"] < params["redundancy"] == place.redundancy
    if reason.code is ReasonCode.NO_CAMERA_IN_RANGE:
        return _none_reaches(scene, place, points)
    return False


def _none_reaches(scene, place, points):
    """At some point no camera turned towards it would have the level with nothing in the way."""
    reached = np.zeros(len(points), dtype=bool)
    for camera in scene.cameras:
        for number, (x, y) in enumerate(points):
            dx, dy = x - camera.pose.x, y - camera.pose.y
            down = math.degrees(math.atan2(camera.pose.height_m - place.target.z0_m, math.hypot(dx, dy)))
            pose = replace(camera.pose, azimuth_deg=math.degrees(math.atan2(dx, dy)), tilt_deg=down)
            turned = replace(camera, pose=pose)
            reached[number] |= bool(
                judge(scene, turned, Period.DAY, place.level_px_per_m, place.target, points[number : number + 1])[0]
            )
    return not reached.all()


@pytest.mark.parametrize("seed", range(3))
def test_every_reason_given_is_true_somewhere_in_the_blind_part(seed):
    scene = random_scene(seed, cameras=8)
    model = CoverageModel(scene)
    rng = np.random.default_rng(seed)
    seen_codes = set()
    for period in Period:
        for place, answer in zip(scene.key_places, model.design(period).places, strict=True):
            if answer.covered:
                continue
            assert answer.reasons
            points = _points_of(answer.blind, rng)
            for reason in answer.reasons:
                seen_codes.add(reason.code)
                assert holds(scene, place, period, reason, points), (place.id, period, reason)
    assert len(seen_codes) >= 4


def _points_of(blind, rng):
    if blind.geom_type in ("Point", "MultiPoint"):
        return shapely.get_coordinates(blind)
    if blind.area == 0:
        return shapely.get_coordinates(shapely.segmentize(blind, 0.02))
    west, south, east, north = blind.bounds
    points = rng.uniform((west, south), (east, north), (1500, 2))
    return points[shapely.contains_xy(blind, *points.T)]


@pytest.mark.parametrize(
    ("distance", "code"),
    [(41, ReasonCode.DENSITY_TOO_LOW), (159, ReasonCode.DENSITY_TOO_LOW), (161, ReasonCode.NO_CAMERA_IN_RANGE)],
    ids=["just too far", "a quarter of the level", "less than a quarter"],
)
def test_a_camera_is_in_range_from_a_quarter_of_the_level_on(distance, code):
    camera = make_camera(height=0.0, tilt=0)
    scene = Scene((camera,), (make_place("P", Point(0, distance), 25.0, target=FLAT),))
    (answer,) = CoverageModel(scene).design(Period.DAY).places
    assert [reason.code for reason in answer.reasons] == [code]


def test_a_part_with_a_camera_in_range_is_not_said_to_have_none():
    camera = make_camera(height=0.0, tilt=0)
    across = shapely.LineString([(0, 150), (0, 190)])
    apart = shapely.MultiLineString([[(0, 150), (0, 155)], [(0, 170), (0, 175)]])
    for shape, codes in (
        (across, {ReasonCode.DENSITY_TOO_LOW}),
        (apart, {ReasonCode.DENSITY_TOO_LOW, ReasonCode.NO_CAMERA_IN_RANGE}),
    ):
        scene = Scene((camera,), (make_place("P", shape, 25.0, target=FLAT),))
        (answer,) = CoverageModel(scene).design(Period.DAY).places
        assert {reason.code for reason in answer.reasons} == codes


def test_by_night_from_the_wrong_side_two_things_fail_and_one_is_named():
    camera = make_camera(lens={"night_range_m": None})
    scene = Scene((camera,), (make_place("P", HERE, 25.0, target=FLAT, facing_deg=0.0),))
    (answer,) = CoverageModel(scene).design(Period.NIGHT).places
    assert [reason.code for reason in answer.reasons] == [ReasonCode.TOO_DARK]
