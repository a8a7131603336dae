"""Blind spots: disjoint, exactly what is blind, and every point of each held against its reason by brute force."""

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from shapely import LineString, Point, box

from cammon_coverage.blind import blind_ground, blind_spots, place_blind_spots, total_m2
from cammon_coverage.engine import CoverageModel
from cammon_coverage.model import (
    LitArea,
    Period,
    Reason,
    ReasonCode,
    Scene,
    Sight,
    SightState,
    Target,
)
from tests.coverage.conftest import block, make_camera, make_place
from tests.coverage.random_sites import random_masks
from tests.coverage.sight_judge import _hides, _in_the_clear, _in_view, judge
from tests.coverage.test_coverage_engine import random_scene

NO_LEVEL = 1e-9
EDGE_M = 0.02
BOUNDARY = box(-45, -45, 45, 45)
WALL = block("B7", -5, 10, 5, 11)
DEAD = Sight(SightState.BLIND, "black")


def spots_of(cameras, obstacles=(), period=Period.DAY, level=25.0, sights=None, **more):
    scene = Scene(tuple(cameras), (), tuple(obstacles), boundary=more.pop("boundary", box(-30, 1, 30, 31)), **more)
    return blind_ground(CoverageModel(scene), period, level, Target(0, 0), sights)


def by_code(found):
    areas = {}
    for spot in found.spots:
        areas[spot.reason.code] = areas.get(spot.reason.code, 0) + spot.area_m2
    return areas


LOW = make_camera(height=0.0, tilt=0)
"""On the ground, 90 degrees to the north, 25 px/m as far as 40 m."""

CASES = [
    ("nobody there", [], (), {}, {ReasonCode.NO_CAMERA_IN_RANGE: 1800}),
    ("far away", [make_camera(y=-900)], (), {}, {ReasonCode.NO_CAMERA_IN_RANGE: 1800}),
    ("beside the view", [LOW], (), {"boundary": box(10, 1, 20, 9)}, {ReasonCode.OUTSIDE_VIEW: 80}),
    ("a wall", [LOW], (WALL,), {"boundary": box(-5, 10, 5, 30)}, {ReasonCode.HIDDEN_BY_OBSTACLE: 190}),
    (
        "too far for the level",
        [LOW],
        (),
        {"boundary": box(-5, 30, 5, 50)},
        {ReasonCode.DENSITY_TOO_LOW: 100},
    ),
    (
        "dead",
        [LOW],
        (),
        {"boundary": box(-5, 10, 5, 30), "sights": {"C1": DEAD}},
        {ReasonCode.CAMERA_FAULTY: 200},
    ),
    (
        "not looked at",
        [LOW],
        (),
        {"boundary": box(-5, 10, 5, 30), "sights": {}},
        {ReasonCode.CAMERA_UNKNOWN: 200},
    ),
    (
        "blurred: what half the density no longer reaches",
        [LOW],
        (),
        {"boundary": box(-5, 10, 5, 30), "sights": {"C1": Sight(density_divisor=2.0, cause="blur")}},
        {ReasonCode.CAMERA_FAULTY: 100},
    ),
    (
        "dark beside the lamp",
        [make_camera(height=0.0, tilt=0, lens={"night_range_m": None})],
        (),
        {
            "boundary": box(-5, 10, 5, 30),
            "period": Period.NIGHT,
            "lit_areas": (LitArea("L", box(-5, 10, 5, 15)),),
        },
        {ReasonCode.TOO_DARK: 150},
    ),
    (
        "under a mask",
        [make_camera(height=0.0, tilt=0, masks=(box(0, 0, 0.5, 1),))],
        (),
        {"boundary": box(-5, 10, 5, 30)},
        {ReasonCode.MASKED: 100},
    ),
    ("all seen", [LOW], (), {"boundary": box(-5, 10, 5, 30)}, {}),
]


@pytest.mark.parametrize(
    ("cameras", "obstacles", "question", "expected"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_areas_on_paper(cameras, obstacles, question, expected):
    found = spots_of(cameras, obstacles, **question)
    assert by_code(found) == pytest.approx(expected, rel=1e-6)


def test_the_first_of_two_obstacles_takes_what_both_hide():
    far = block("B8", -5, 20, 5, 21)
    found = spots_of([LOW], (far, WALL), boundary=box(-5, 10, 5, 30))
    assert {(s.reason.params["obstacle"], s.reason.params["camera"]) for s in found.spots} == {("B7", "C1")}


def test_stone_is_no_ground_and_what_stands_above_is():
    stone = block("house", 0, 10, 5, 15, top=9)
    bridge = block("bridge", -5, 10, 0, 15, base=4, top=5)
    shed = block("shed", -5, 20, 5, 25, hollow=True)
    found = spots_of([], (stone, bridge, shed), boundary=box(-5, 10, 5, 30))
    assert found.ground_m2 == pytest.approx(175)
    assert total_m2(found.spots) == pytest.approx(175)


def test_small_spots_are_dropped_and_counted():
    chimneys = [block(f"B{number}", number, 20, number + 0.1, 20.2, top=2) for number in range(3)]
    found = spots_of([make_camera(tilt=45, height=60)], chimneys, level=5.0, boundary=box(-5, 10, 5, 30))
    assert found.dropped == 3
    assert not found.spots
    assert found.dropped_m2 == pytest.approx(found.blind_m2)
    assert 0 < found.blind_m2 < 0.75


def test_without_a_boundary_there_is_no_watched_ground():
    with pytest.raises(ValueError, match="boundary"):
        blind_spots(CoverageModel(Scene((), ())), Period.DAY, 25.0)


def site(seed, masks=False):
    scene = random_scene(seed, cameras=8, places=12)
    cameras = scene.cameras
    if masks:
        rng = np.random.default_rng(seed)
        cameras = tuple(replace(c, masks=random_masks(rng, 1) if n % 2 else ()) for n, c in enumerate(cameras))
    places = tuple(
        replace(place, facing_deg=90.0 if number % 3 == 0 else None, max_depression_deg=25.0 if number % 2 else None)
        for number, place in enumerate(scene.key_places)
    )
    return replace(scene, cameras=cameras, key_places=places, boundary=BOUNDARY, hole_area_m2=0.25)


def some_broken(scene):
    states = (Sight(), DEAD, Sight(SightState.UNKNOWN, "auth_failed"), Sight(density_divisor=1.6, cause="blur"))
    return {camera.id: states[number % 4] for number, camera in enumerate(scene.cameras)}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("broken", [False, True], ids=["design", "now"])
def test_spots_are_disjoint_and_together_exactly_what_is_blind(seed, broken):
    scene = site(seed, masks=seed % 2 == 1)
    model = CoverageModel(scene)
    sights = some_broken(scene) if broken else None
    for period in Period:
        found = blind_ground(model, period, 25.0, Target(), sights)
        assert total_m2(found.spots) + found.dropped_m2 == pytest.approx(found.blind_m2, abs=1e-4)
        shapes = [spot.geometry for spot in found.spots]
        together = shapely.union_all(shapes, grid_size=1e-9)
        assert together.area == pytest.approx(total_m2(found.spots), abs=1e-4)
        assert all(shape.geom_type == "Polygon" and shape.is_valid for shape in shapes)
        rng = np.random.default_rng(seed)
        points = rng.uniform(-45, 45, (1500, 2))
        points = points[~shapely.dwithin(shapely.points(points), together.boundary, EDGE_M)]
        seen = np.zeros(len(points), dtype=bool)
        for camera in scene.cameras:
            sight = Sight() if sights is None else sights[camera.id]
            if sight.state is SightState.SEES:
                seen |= judge(scene, camera, period, 25.0 * sight.density_divisor, Target(), points)
        stone = np.zeros(len(points), dtype=bool)
        for obstacle in scene.obstacles:
            if obstacle.base_m <= 1.8 and obstacle.top_m > 0 and obstacle.base_m == 0:
                stone |= shapely.contains_xy(obstacle.footprint, *points.T)
        blind = shapely.contains_xy(together, *points.T)
        assert (~seen & ~stone & ~blind).sum() <= 2 + found.dropped
        assert not (blind & (seen | stone)).any()


def inside_points(geometry, rng, most=60):
    """Points of a spot, its edges of 2 cm left out."""
    if geometry.area == 0:
        return shapely.get_coordinates(geometry if geometry.length == 0 else shapely.segmentize(geometry, 0.3))[1:-1]
    core = geometry.buffer(-EDGE_M)
    if core.is_empty:
        return np.empty((0, 2))
    west, south, east, north = core.bounds
    points = rng.uniform((west, south), (east, north), (20 * most, 2))
    return points[shapely.contains_xy(core, *points.T)][:most]


def true_at(scene, level, target, period, reason, points, place=None, sights=None):
    """(n,) whether a reason is so at every point, by the judge's own arithmetic."""
    params = reason.params
    camera = next((c for c in scene.cameras if c.id == params.get("camera")), None)
    bare = camera and replace(camera, masks=())
    zs = (target.z0_m, target.z1_m)
    day = Period.DAY
    code = reason.code
    if code is ReasonCode.INSIDE_OBSTACLE:
        return shapely.contains_xy(next(o.footprint for o in scene.obstacles if o.id == params["obstacle"]), *points.T)
    if code is ReasonCode.HIDDEN_BY_OBSTACLE:
        named = next(o for o in scene.obstacles if o.id == params["obstacle"])
        parts = shapely.get_parts(named.footprint)
        return np.logical_or.reduce([_hides(part, named, camera.pose, points, z) for part in parts for z in zs])
    if code is ReasonCode.OUTSIDE_VIEW:
        in_frame = np.logical_and(*[_in_view(scene, camera, day, NO_LEVEL, points, z) for z in zs])
        return ~in_frame & turned_reaches(scene, bare, level, target, points)
    if code is ReasonCode.DENSITY_TOO_LOW:
        clear = judge(scene, bare, day, level / 4, target, points)
        return clear & ~judge(scene, bare, day, level, target, points)
    if code is ReasonCode.NO_CAMERA_IN_RANGE:
        reached = np.zeros(len(points), dtype=bool)
        for one in scene.cameras:
            reached |= turned_reaches(scene, replace(one, masks=()), level, target, points)
            reached |= judge(scene, replace(one, masks=()), day, level / 4, target, points)
        return ~reached
    if code in (ReasonCode.CAMERA_FAULTY, ReasonCode.CAMERA_UNKNOWN):
        assert sights[camera.id] != Sight()
        return judge(scene, camera, period, level, target, points)
    if code is ReasonCode.REDUNDANCY_SHORT:
        return np.full(len(points), params["devices"] < params["redundancy"])
    whole = judge(scene, bare, day, level, target, points)
    if code is ReasonCode.TOO_DARK:
        return whole & ~judge(scene, bare, Period.NIGHT, level, target, points)
    if code is ReasonCode.MASKED:
        return whole & ~judge(scene, camera, day, level, target, points)
    offset = np.array([camera.pose.x, camera.pose.y]) - points
    if code is ReasonCode.WRONG_SIDE:
        bearing = np.degrees(np.arctan2(*offset.T))
        return whole & (np.abs((bearing - place.facing_deg + 180) % 360 - 180) > place.facing_tolerance_deg)
    assert code is ReasonCode.TOO_STEEP
    steep = np.degrees(np.arctan2(camera.pose.height_m - min(zs), np.hypot(*offset.T)))
    assert (steep <= params["depression_deg"] + 0.1).all()
    return whole & (steep > place.max_depression_deg)


def turned_reaches(scene, camera, level, target, points):
    """Whether the camera would have the level there, unhidden, if it were turned to each point."""
    lens, pose = camera.lens, camera.pose
    arc = lens.width_px / math.radians(lens.hfov_deg)
    flat = lens.width_px / 2 / math.tan(math.radians(lens.hfov_deg / 2))
    models = {"arc": arc, "iec-flat": flat, "datasheet": 25 * lens.detection_m if lens.detection_m else flat}
    scale = arc if lens.projection == "fisheye" else models[scene.density_model]
    found = np.ones(len(points), dtype=bool)
    for z in (target.z0_m, target.z1_m):
        away = np.hypot(np.hypot(points[:, 0] - pose.x, points[:, 1] - pose.y), z - pose.height_m)
        found &= (scale / away >= level) & _in_the_clear(scene, camera, points, z)
    return found


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("broken", [False, True], ids=["design", "now"])
def test_every_reason_holds_all_over_its_spot(seed, broken):
    scene = site(seed, masks=seed % 2 == 1)
    model = CoverageModel(scene)
    sights = some_broken(scene) if broken else None
    rng = np.random.default_rng(seed)
    codes = set()
    for period in Period:
        for spot in blind_spots(model, period, 25.0, Target(), sights)[:25]:
            codes.add(spot.reason.code)
            points = inside_points(spot.geometry, rng, 12)
            ok = true_at(scene, 25.0, Target(), period, spot.reason, points, sights=sights)
            assert ok.all(), (period, spot.reason, points[~ok][:3])
        for spot in place_blind_spots(model, period, sights):
            codes.add(spot.reason.code)
            place = next(p for p in scene.key_places if p.id == spot.place)
            points = inside_points(spot.geometry, rng, 12)
            ok = true_at(scene, place.level_px_per_m, place.target, period, spot.reason, points, place, sights)
            assert ok.all(), (spot.place, period, spot.reason, points[~ok][:3])
    assert len(codes) >= 5


@pytest.mark.parametrize("seed", range(3))
def test_the_spots_of_a_place_are_its_blind_part(seed):
    scene = site(seed)
    model = CoverageModel(scene)
    for sights in (None, some_broken(scene)):
        for period in Period:
            answer = model.design(period) if sights is None else model.effective(sights, period)
            spots = place_blind_spots(model, period, sights)
            for place in answer.places:
                own = [spot for spot in spots if spot.place == place.place]
                if place.blind is None:
                    assert not own
                    continue
                assert math.fsum(s.area_m2 for s in own) == pytest.approx(place.blind.area, abs=1e-6)
                if place.blind.area == 0:
                    assert math.fsum(s.length_m for s in own) == pytest.approx(place.blind.length, abs=1e-4)


def test_a_line_a_point_and_a_place_in_stone():
    places = (
        make_place("fence", LineString([(-20, 20), (20, 20)]), target=Target(0, 0)),
        make_place("door", Point(0, 20), target=Target(0, 0)),
        make_place("cellar", box(-1, 10.2, 1, 10.8), target=Target(0, 0)),
        make_place("twice", box(8, 15, 9, 16), target=Target(0, 0), redundancy=2),
    )
    spots = place_blind_spots(CoverageModel(Scene((LOW,), places, (WALL,))), Period.DAY)
    named = {(spot.place, spot.reason.code): spot for spot in spots}
    assert named["fence", ReasonCode.HIDDEN_BY_OBSTACLE].length_m == pytest.approx(20)
    assert named["door", ReasonCode.HIDDEN_BY_OBSTACLE].geometry.equals(Point(0, 20))
    assert named["cellar", ReasonCode.INSIDE_OBSTACLE].area_m2 == pytest.approx(1.2)
    short = named["twice", ReasonCode.REDUNDANCY_SHORT]
    assert short.reason == Reason(ReasonCode.REDUNDANCY_SHORT, {"devices": 1.0, "redundancy": 2.0})
    assert len(named) == 4


def test_the_site_may_lie_far_from_the_origin():
    cameras = (make_camera(x=5e5, y=4.4e6, height=0.0, tilt=0),)
    found = spots_of(cameras, (), boundary=shapely.transform(box(-5, 30, 5, 50), lambda p: np.add(p, (5e5, 4.4e6))))
    (spot,) = found.spots
    assert spot.reason.code is ReasonCode.DENSITY_TOO_LOW
    assert spot.geometry.bounds == pytest.approx((499995, 4400040, 500005, 4400050), abs=1e-6)
