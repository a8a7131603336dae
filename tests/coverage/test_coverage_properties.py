"""Rules that hold whatever the site."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cammon_coverage.model import Obstacle, Period, Pose, Scene
from cammon_coverage.plane import CURVE_TOLERANCE_M
from cammon_coverage.seen import Ground, seen_region
from tests.coverage.random_sites import _obstacle as random_obstacle
from tests.coverage.random_sites import random_camera, random_question, random_site

SLIVER_M2 = 1e-3
"""Curves become polygons of slightly different corners; nothing larger than this may differ for that."""

seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=40, deadline=None)


def setting(seed):
    rng = np.random.default_rng(seed)
    site = random_site(rng, buildings=8)
    return rng, site, random_camera(rng, site), *random_question(rng)


def seen(site, camera, level, target, period=Period.DAY):
    return seen_region(Ground(site.obstacles, site.lit_areas, site.density_model), camera, period, level, target)


def inside(one, other):
    return one.difference(other.buffer(1e-6)).area <= SLIVER_M2


@few
@example(93252)
@given(seeds)
def test_another_obstacle_never_adds(seed):
    rng, site, camera, level, target = setting(seed)
    more = replace(site, obstacles=(*site.obstacles, random_obstacle(rng, "new", 30)))
    assert inside(seen(more, camera, level, target), seen(site, camera, level, target))


@few
@given(seeds)
def test_a_higher_level_is_inside_a_lower_one(seed):
    _, site, camera, level, target = setting(seed)
    assert inside(seen(site, camera, level * 1.7, target), seen(site, camera, level, target))


@few
@given(seeds)
def test_night_is_inside_day(seed):
    _, site, camera, level, target = setting(seed)
    day, night = (seen(site, camera, level, target, period) for period in Period)
    assert inside(night, day)


@few
@given(seeds)
def test_a_longer_target_is_inside_each_of_its_ends(seed):
    _, site, camera, level, target = setting(seed)
    whole = seen(site, camera, level, target)
    for z in (target.z0_m, target.z1_m):
        assert inside(whole, seen(site, camera, level, replace(target, z0_m=z, z1_m=z)))


@few
@given(seeds, st.floats(-180, 180), st.floats(-1e5, 1e5), st.floats(-1e5, 1e5))
def test_turning_and_shifting_the_whole_site_changes_nothing(seed, turn, east, north):
    _, site, camera, level, target = setting(seed)
    a = np.radians(turn)
    matrix = np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])

    def carried(shape):
        return shapely.transform(shape, lambda points: points @ matrix.T + np.array([east, north]))

    there = Scene(
        (),
        (),
        tuple(replace(o, footprint=carried(o.footprint)) for o in site.obstacles),
        tuple(replace(area, geometry=carried(area.geometry)) for area in site.lit_areas),
        density_model=site.density_model,
    )
    x, y = matrix @ (camera.pose.x, camera.pose.y) + (east, north)
    moved = replace(camera, pose=replace(camera.pose, x=x, y=y, azimuth_deg=camera.pose.azimuth_deg + turn))
    for period in Period:
        here = carried(seen(site, camera, level, target, period))
        curves = 2 * CURVE_TOLERANCE_M * here.length
        assert seen(there, moved, level, target, period).symmetric_difference(here).area <= SLIVER_M2 + curves


@few
@given(seeds)
def test_the_order_of_obstacles_and_splitting_one_change_nothing(seed):
    _, site, camera, level, target = setting(seed)
    here = seen(site, camera, level, target)
    halves = []
    for obstacle in reversed(site.obstacles):
        west, south, east, north = obstacle.footprint.bounds
        middle = (west + east) / 2
        for box in (shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)):
            halves.append(Obstacle(obstacle.id, obstacle.footprint.intersection(box), obstacle.base_m, obstacle.top_m))
    there = seen(replace(site, obstacles=tuple(halves)), camera, level, target)
    assert there.symmetric_difference(here).area <= SLIVER_M2


@pytest.mark.parametrize("roll", [0, 90, 180, -45])
def test_roll_of_a_square_view_straight_ahead_only_turns_it(roll):
    _, site, camera, level, target = setting(7)
    pose = Pose(0, 0, 30.0, 25, 90, 0)
    square = replace(camera, lens=replace(camera.lens, width_px=1000, height_px=1000, vfov_deg=None, hfov_deg=60))
    rolled = seen(site, replace(square, pose=replace(pose, roll_deg=roll)), level, target)
    turned = seen(site, replace(square, pose=replace(pose, azimuth_deg=25 + roll)), level, target)
    assert rolled.symmetric_difference(turned).area <= SLIVER_M2
