"""Seen regions against the brute-force judge, on random sites and in every awkward corner."""

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from cammon_coverage.model import Lens, Obstacle, Period, Projection, Scene, Target
from cammon_coverage.seen import Ground, seen_region
from tests.coverage.conftest import block, ground, make_camera
from tests.coverage.random_sites import random_camera, random_question, random_site, sample_points
from tests.coverage.sight_judge import judge, mismatches

EDGE_M = 0.01


def disagreements(site, camera, period, level, target, seed, count):
    grounds = Ground(site.obstacles, site.lit_areas, site.density_model)
    region = seen_region(grounds, camera, period, level, target)
    assert region.is_valid
    points = sample_points(np.random.default_rng(seed), camera, region, count)
    return mismatches(site, camera, period, level, target, region, points, EDGE_M)


@pytest.mark.parametrize("seed", range(50))
def test_random_sites_agree_with_the_judge(seed):
    rng = np.random.default_rng(seed)
    site = random_site(rng)
    for _ in range(4):
        camera = random_camera(rng, site)
        level, target = random_question(rng)
        for period in Period:
            wrong = disagreements(site, camera, period, level, target, seed, 800)
            assert len(wrong) == 0, f"{camera} {period} {level} {target} at {wrong[:3]}"


def test_the_judge_can_say_no():
    site = Scene((), (), (block("b", -5, 5, 5, 6),))
    blind = replace(site, obstacles=())
    camera = make_camera(tilt=15)
    region = seen_region(Ground(blind.obstacles, ()), camera, Period.DAY, 25.0, Target())
    points = sample_points(np.random.default_rng(1), camera, region, 1000)
    assert len(mismatches(site, camera, Period.DAY, 25.0, Target(), region, points, EDGE_M)) > 50


RAIL = Polygon([(0, 0), (6, 0), (6, 8), (4, 8), (4, 2), (2, 2), (2, 8), (0, 8)])
YARD = box(-10, -10, 10, 10).difference(box(-6, -6, 6, 6))
TOWN = [block("a", -8, 6, 0, 12), block("b", 0, 6, 8, 12), block("low", -4, 3, 4, 4, top=1.0)]

AWKWARD = [
    ("on a wall", [block("w", -5, -4, 5, 0)], make_camera()),
    ("a billionth off the wall", [block("w", -5, -4, 5, -1e-9)], make_camera()),
    ("a billionth inside the wall", [block("w", -5, -4, 5, 1e-9)], make_camera()),
    ("half a millimetre inside, as ledgers round", [block("w", -5, -4, 5, 5e-4)], make_camera()),
    ("on a convex corner", [block("w", -5, -4, 0, 0)], make_camera()),
    ("in a reflex corner", [block("w", -5, -4, 5, 0), block("v", -5, 0, 0, 9)], make_camera(azimuth=45)),
    ("along a wall", [block("w", 0, 1, 4, 20)], make_camera()),
    ("on the wall, along it", [block("w", 0, -4, 4, 20)], make_camera()),
    ("buildings that share a wall", TOWN, make_camera()),
    ("buildings that touch at a corner", [block("a", -4, 6, 0, 10), block("b", 0, 10, 4, 14)], make_camera()),
    ("overlapping buildings", [block("a", -4, 6, 2, 10), block("b", 0, 8, 4, 14, top=3)], make_camera()),
    ("the same building twice", [block("a", -4, 6, 2, 10)] * 2, make_camera()),
    ("the same building twice, one lower", [block("a", -4, 6, 2, 10), block("b", -4, 6, 2, 10, top=2)], make_camera()),
    (
        "a corner twice in a ring",
        [Obstacle("a", Polygon([(-4, 6), (-4, 6), (2, 6), (2, 6), (2, 9)]), 0, 9)],
        make_camera(),
    ),
    (
        "a corner in the middle of a straight wall",
        [Obstacle("a", Polygon([(-4, 6), (-1, 6), (2, 6), (2, 9)]), 0, 9)],
        make_camera(),
    ),
    ("in a courtyard", [Obstacle("y", YARD, 0, 9)], make_camera(lens={"hfov_deg": 150})),
    (
        "in a courtyard, all round",
        [Obstacle("y", YARD, 0, 9)],
        make_camera(tilt=90, lens={"hfov_deg": 180, "projection": Projection.FISHEYE}),
    ),
    ("into a courtyard from a roof", [Obstacle("y", YARD, 0, 4)], make_camera(y=-8, tilt=20)),
    ("a courtyard on legs", [Obstacle("y", YARD, 3, 4)], make_camera()),
    ("a gap of a ten-millionth", [block("a", -5, 6, 0, 8), block("b", 1e-7, 6, 5, 8)], make_camera()),
    ("a gap of two centimetres", [block("a", -5, 6, -0.01, 8), block("b", 0.01, 6, 5, 8)], make_camera()),
    ("on a roof", [block("r", -3, -3, 3, 3, top=5)], make_camera(tilt=30)),
    ("on the edge of a roof", [block("r", -3, -3, 3, 0, top=5)], make_camera(tilt=30)),
    ("a hair above a roof", [block("r", -3, -3, 3, 3, top=5.999)], make_camera(tilt=31)),
    ("under a canopy", [block("c", -3, -3, 3, 30, base=7, top=8)], make_camera(tilt=30)),
    ("just under a gallery", [block("c", -30, 10, 30, 12, base=6, top=8)], make_camera()),
    ("the wall far wider than the view", [block("w", -5000, 10, 5000, 5000)], make_camera()),
    ("a wall through the far limit", [block("w", -300, 12, 300, 12.5)], make_camera()),
    ("parts of one obstacle", [Obstacle("m", MultiPolygon([box(-4, 6, -1, 8), box(1, 6, 4, 8)]), 0, 9)], make_camera()),
    ("a comb", [Obstacle("e", shapely.transform(RAIL, lambda p: np.add(p, (-3, 6))), 0, 9)], make_camera()),
    ("a wall of a millimetre", [block("t", -3, 6, 3, 6.001)], make_camera()),
    ("a twig of half a centimetre", [block("t", -0.0025, 6, 0.0025, 6.005)], make_camera()),
    ("as high as the lens", [block("h", -3, 6, 3, 9, top=6.0)], make_camera()),
    ("as high as the target's upper end", [block("h", -3, 6, 3, 9, top=1.8)], make_camera()),
    (
        "fisheye on the wall",
        [block("w", -5, -4, 5, 0), *TOWN],
        make_camera(tilt=0, lens={"hfov_deg": 180, "projection": Projection.FISHEYE}),
    ),
]


@pytest.mark.parametrize(("obstacles", "camera"), [row[1:] for row in AWKWARD], ids=[row[0] for row in AWKWARD])
@pytest.mark.parametrize("shift", [(0, 0), (5e5, 4.4e6)], ids=["here", "far away"])
def test_awkward(obstacles, camera, shift):
    obstacles = [replace(o, footprint=shapely.transform(o.footprint, lambda p: np.add(p, shift))) for o in obstacles]
    camera = replace(camera, pose=replace(camera.pose, x=shift[0], y=camera.pose.y + shift[1]))
    region = seen_region(Ground(tuple(obstacles), ()), camera, Period.DAY, 30.0, Target())
    assert region.is_valid
    assert math.isfinite(region.area)
    assert region.is_empty == (camera.pose.tilt_deg == 31)  # a hair above the roof its edge hides 18 km
    rng = np.random.default_rng(1)
    points = rng.uniform((-40, -40), (40, 40), (3000, 2)) + shift
    beside = _in_front_of_walls(obstacles, camera)
    site = Scene((), (), tuple(obstacles))
    assert len(mismatches(site, beside, Period.DAY, 30.0, Target(), region, points, EDGE_M)) == 0


def _in_front_of_walls(obstacles, camera):
    """The judge takes a lens in a wall at its word: it is asked about one just in front, where the eye should be."""
    x, y, height = camera.pose.x, camera.pose.y, camera.pose.height_m
    walls = shapely.union_all([o.footprint for o in obstacles if o.base_m <= height <= o.top_m])
    if not shapely.dwithin(shapely.Point(x, y), walls, 1e-6):
        return camera
    eye = Ground(tuple(obstacles), ()).eye(camera)
    assert math.hypot(eye.x - x, eye.y - y) < 0.001
    assert shapely.Point(eye.x, eye.y).distance(walls) > 0
    return replace(camera, pose=replace(camera.pose, x=eye.x, y=eye.y))


def test_deep_inside_stone_nothing_is_seen():
    assert seen_region(ground(block("s", -3, -3, 3, 3)), make_camera(), Period.DAY, 25.0).is_empty


def test_stone_all_round_the_lens():
    halves = (block("a", -3, -3, 0, 3), block("b", 0, -3, 3, 3))
    assert seen_region(ground(*halves), make_camera(), Period.DAY, 25.0).is_empty


def test_with_the_lens_in_the_roof_itself_nothing_below_is_seen():
    assert seen_region(ground(block("r", -3, -3, 3, 3, top=6)), make_camera(), Period.DAY, 25.0).is_empty


def test_in_a_hollow_building_its_room_is_seen_up_to_the_walls():
    shed = Obstacle("shed", RAIL, 0, 8, hollow=True)
    camera = make_camera(x=3, y=1, tilt=20, lens={"hfov_deg": 160})
    region = seen_region(ground(shed), camera, Period.DAY, 20.0)
    assert 0 < region.area < RAIL.area
    assert RAIL.buffer(1e-6).covers(region)
    points = np.random.default_rng(1).uniform((0, 0), (6, 8), (3000, 2))
    in_view = judge(Scene((), ()), camera, Period.DAY, 20.0, Target(), points)
    lines = shapely.linestrings([[(3, 1), point] for point in points])
    expected = in_view & shapely.covered_by(lines, RAIL)
    doubtful = shapely.dwithin(shapely.points(points), region.boundary, EDGE_M)
    assert (shapely.contains_xy(region, *points.T) == expected)[~doubtful].all()


def test_a_hollow_building_hides_what_is_in_it_from_outside():
    shed = block("shed", -5, 8, 5, 20, top=4, hollow=True)
    solid = block("shed", -5, 8, 5, 20, top=4)
    one, other = (seen_region(ground(b), make_camera(), Period.DAY, 25.0) for b in (shed, solid))
    assert one.equals(other)


def test_a_lens_on_the_inner_wall_of_a_hollow_building_looks_into_it():
    shed = block("shed", -5, 0, 5, 20, top=8, hollow=True)
    inwards = seen_region(ground(shed), make_camera(), Period.DAY, 25.0)
    outwards = seen_region(ground(shed), make_camera(azimuth=180), Period.DAY, 25.0)
    assert box(-5, 0, 5, 20).buffer(1e-6).covers(inwards)
    assert inwards.area > 50
    assert outwards.bounds[3] <= 1e-5
    assert outwards.area > 50


FLAT_OR_BROKEN = [
    ("no area", Polygon([(0, 5), (1, 5), (2, 5)]), 0),
    ("nothing", Polygon(), 0),
    ("crossing itself", Polygon([(-2, 5), (2, 7), (2, 5), (-2, 7)]), 4),
    ("parts that overlap", MultiPolygon([box(-2, 5, 1, 7), box(-1, 5, 2, 7)]), 8),
]


@pytest.mark.parametrize(
    ("footprint", "size"), [row[1:] for row in FLAT_OR_BROKEN], ids=[row[0] for row in FLAT_OR_BROKEN]
)
def test_footprints_that_are_no_proper_polygon(footprint, size):
    camera = make_camera(tilt=90, height=30, lens={"hfov_deg": 120})
    low = Obstacle("o", footprint, 0, 1e-6)
    open_ground = seen_region(ground(), camera, Period.DAY, 10.0, Target(0, 0)).area
    region = seen_region(ground(low), camera, Period.DAY, 10.0, Target(0, 0))
    assert open_ground - region.area == pytest.approx(size, abs=1e-3)


def test_an_obstacle_that_ends_below_its_base_hides_nothing():
    camera = make_camera()
    open_ground = seen_region(ground(), camera, Period.DAY, 25.0)
    assert seen_region(ground(block("b", -5, 5, 5, 6, base=3, top=3)), camera, Period.DAY, 25.0).equals(open_ground)


def test_no_density_asked_goes_on_for_five_kilometres():
    region = seen_region(ground(), make_camera(tilt=0), Period.DAY, 0.0, Target(6, 6))
    assert region.area == pytest.approx(5000**2, rel=1e-6)


LENSES = [(hfov, tilt) for hfov in (0.5, 90, 179, 180, 181, 270, 359, 360) for tilt in (-90, -45, 0, 45, 89.999, 90)]


@pytest.mark.parametrize(("hfov", "tilt"), LENSES)
def test_fisheyes_of_every_width_and_tilt(hfov, tilt):
    camera = make_camera(tilt=tilt, azimuth=37)
    camera = replace(camera, lens=Lens(hfov, 2000, 2000, projection=Projection.FISHEYE))
    site = Scene((), (), tuple(TOWN))
    for target in (Target(), Target(6, 6), Target(5, 9)):
        region = seen_region(Ground(site.obstacles, ()), camera, Period.DAY, 40.0, target)
        assert region.is_valid
        points = np.random.default_rng(3).uniform(-20, 20, (400, 2))
        assert len(mismatches(site, camera, Period.DAY, 40.0, target, region, points, EDGE_M)) == 0
