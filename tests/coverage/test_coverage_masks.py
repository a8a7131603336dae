"""Privacy masks and hidden blocks: areas on paper, and every point against the brute-force judge."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Point, Polygon, box

from cammon_coverage.engine import CoverageModel
from cammon_coverage.model import DensityModel, Period, Projection, ReasonCode, Scene, Sight, Target
from cammon_coverage.seen import Ground, seen_region
from cammon_coverage.view import View
from tests.coverage.conftest import ground, make_camera, make_place
from tests.coverage.random_sites import (
    random_blocks,
    random_camera,
    random_masks,
    random_question,
    random_site,
    sample_points,
)
from tests.coverage.sight_judge import mismatches

EDGE_M = 0.01
DOWN = make_camera(tilt=90)
"""Straight down from 6 m with 90 degrees: 12 m x 12 m of ground, north above."""
FISHEYE = make_camera(tilt=90, lens={"hfov_deg": 180, "projection": Projection.FISHEYE})
LEVEL = make_camera(tilt=0)
LEVEL_FISHEYE = make_camera(tilt=0, lens={"hfov_deg": 180, "projection": Projection.FISHEYE})
QUARTER = np.pi * (2000 / np.pi / 50) ** 2 / 4
"""A quarter of the disc in which a fisheye of 2,000 pixels has 50 px/m."""


def area(camera, target=Target(0, 0), level=50.0):
    return seen_region(ground(), camera, Period.DAY, level, target).area


CASES = [
    ("the left half", DOWN, (box(0, 0, 0.5, 1),), Target(0, 0), 72),
    ("all of it", DOWN, (box(0, 0, 1, 1),), Target(0, 0), 0),
    ("beyond the rim of the picture", DOWN, (box(-1, 0, 0.25, 2),), Target(0, 0), 108),
    ("wholly outside", DOWN, (box(2, 2, 3, 3),), Target(0, 0), 144),
    ("a triangle", DOWN, (Polygon([(0, 0), (1, 0), (0, 1)]),), Target(0, 0), 72),
    ("with a hole", DOWN, (box(0, 0, 1, 1) - box(0.25, 0.25, 0.75, 0.75),), Target(0, 0), 36),
    ("in two parts", DOWN, (MultiPolygon([box(0, 0, 0.25, 1), box(0.75, 0, 1, 1)]),), Target(0, 0), 72),
    ("two that overlap", DOWN, (box(0, 0, 0.5, 1), box(0.25, 0, 0.75, 1)), Target(0, 0), 36),
    ("crossing itself", DOWN, (Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]),), Target(0, 0), 72),
    ("without an area", DOWN, (Polygon([(0, 0), (1, 1), (0, 0)]),), Target(0, 0), 144),
    ("on the plane of the lens", LEVEL, (box(0, 0, 0.5, 1),), Target(6, 6), 200),
    ("beside the plane of the lens", LEVEL, (box(0, 0, 1, 0.4),), Target(6, 6), 400),
    ("beside the horizon of a fisheye", LEVEL_FISHEYE, (box(0, 0, 1, 0.4),), Target(6, 6), QUARTER * 2),
    ("left on the horizon of a fisheye", LEVEL_FISHEYE, (box(0, 0, 0.5, 1),), Target(6, 6), QUARTER),
    ("all of the horizon of a fisheye", LEVEL_FISHEYE, (box(0, 0.4, 1, 0.6),), Target(6, 6), 0),
    ("half of a fisheye", FISHEYE, (box(0, 0, 0.5, 1),), Target(0, 0), np.pi * ((2000 / np.pi / 50) ** 2 - 36) / 2),
]


@pytest.mark.parametrize(
    ("camera", "masks", "target", "expected"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_masks_cut_what_they_cover(camera, masks, target, expected):
    tolerance = 4e-4 if expected % 1 else 1e-9
    assert area(replace(camera, masks=masks), target) == pytest.approx(expected, rel=tolerance, abs=1e-7)


@pytest.mark.parametrize("seed", range(24))
def test_masked_regions_agree_with_the_judge(seed):
    rng = np.random.default_rng(seed)
    site = random_site(rng)
    for _ in range(3):
        camera = replace(random_camera(rng, site), masks=random_masks(rng))
        level, target = random_question(rng)
        region = seen_region(
            Ground(site.obstacles, site.lit_areas, site.density_model), camera, Period.DAY, level, target
        )
        assert region.is_valid
        points = sample_points(rng, camera, region, 1500)
        wrong = mismatches(site, camera, Period.DAY, level, target, region, points, EDGE_M)
        assert len(wrong) == 0, f"{camera} {level} {target} at {wrong[:3]}"


@pytest.mark.parametrize("seed", range(8))
def test_masks_on_the_plane_through_a_fisheye_agree_with_the_judge(seed):
    rng = np.random.default_rng(seed)
    site = random_site(rng)
    fisheyes = (random_camera(rng, site) for _ in range(200))
    camera = next(one for one in fisheyes if one.lens.projection is Projection.FISHEYE and one.pose.tilt_deg < 90)
    camera = replace(camera, masks=random_masks(rng))
    target = Target(camera.pose.height_m, camera.pose.height_m + float(rng.choice([0.0, 2.0])))
    region = seen_region(Ground(site.obstacles, ()), camera, Period.DAY, 25.0, target)
    points = sample_points(rng, camera, region, 1500)
    site = replace(site, lit_areas=(), density_model=DensityModel.IEC_FLAT)
    wrong = mismatches(site, camera, Period.DAY, 25.0, target, region, points, EDGE_M)
    assert len(wrong) == 0, f"{camera} {target} at {wrong[:3]}"


@pytest.mark.parametrize("seed", range(24))
def test_regions_with_hidden_blocks_agree_with_the_judge(seed):
    rng = np.random.default_rng(seed)
    site = random_site(rng)
    for _ in range(3):
        camera = random_camera(rng, site)
        level, target = random_question(rng)
        blocks = random_blocks(rng)
        view = View(Ground(site.obstacles, site.lit_areas, site.density_model), camera)
        region = view.region(Period.DAY, level, target, blocks)
        points = sample_points(rng, camera, view.region(Period.DAY, level, target), 1500)
        wrong = mismatches(site, camera, Period.DAY, level, target, region, points, EDGE_M, blocks)
        assert len(wrong) == 0, f"{camera} {level} {target} at {wrong[:3]}"


def test_the_horizon_between_two_rows_of_blocks_belongs_to_the_lower():
    upper = np.array([[True, True], [False, False]])
    view = View(ground(), LEVEL_FISHEYE)
    seen = [view.region(Period.DAY, 50.0, Target(6, 6), blocks).area for blocks in (upper, ~upper)]
    assert seen == pytest.approx([2 * QUARTER, 0], rel=4e-4, abs=1e-6)


def test_a_mask_is_the_same_as_hidden_blocks_under_it():
    blocks = np.zeros((4, 4), dtype=bool)
    blocks[1:3, 2:] = True
    for camera in (DOWN, FISHEYE, make_camera(tilt=25)):
        view = View(ground(), camera)
        masked = View(ground(), replace(camera, masks=(box(0.5, 0.25, 1, 0.75),)))
        by_blocks = view.region(Period.DAY, 50.0, Target(), blocks)
        by_mask = masked.region(Period.DAY, 50.0, Target())
        assert shapely.symmetric_difference(by_blocks, by_mask).area < (1e-2 if camera is FISHEYE else 1e-9)
        assert by_mask.area < view.region(Period.DAY, 50.0, Target()).area


def test_a_masked_place_is_blind_and_says_so():
    camera = make_camera(tilt=15, masks=(box(0.4, 0, 0.6, 1),))
    scene = Scene((camera,), (make_place("P", Point(0, 15)), make_place("Q", Point(10, 15))))
    behind, beside = CoverageModel(scene).design(Period.DAY).places
    assert [(reason.code, reason.params["camera"]) for reason in behind.reasons] == [(ReasonCode.MASKED, "C1")]
    assert beside.covered is True


def test_a_mask_is_no_fault_and_stays_when_blocks_are_hidden_too():
    camera = make_camera(tilt=15, masks=(box(0, 0, 0.5, 1),))
    blocks = np.array([[False, False, False, True]])
    view = View(ground(), camera)
    left = view.region_under(Sight(hidden=blocks), Period.DAY, 50.0, Target())
    masks = (box(0, 0, 0.5, 1), box(0.75, 0, 1, 1))
    expected = seen_region(ground(), replace(camera, masks=masks), Period.DAY, 50.0)
    assert shapely.symmetric_difference(left, expected).area < 1e-6
