"""Areas seen in the plane through the lens, against CGAL's exact visibility polygons."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from cammon_coverage.model import Period
from cammon_coverage.seen import Ground, seen_region
from tests.coverage import plane_judge
from tests.coverage.conftest import block, make_camera
from tests.coverage.random_sites import random_site

DEPTH_M = 40.0
REACH_M = 90.0


def areas(pyvispoly, obstacles, camera):
    """(ours, CGAL's), None where CGAL has no answer."""
    ground = Ground(plane_judge.walls(obstacles), ())
    eye = ground.eye(camera)
    free = plane_judge.open_ground([o.footprint for o in obstacles], eye.place, REACH_M)
    if free is None or plane_judge.has_double_corners(free):
        return None
    level = plane_judge.level_for(camera.lens, DEPTH_M)
    ours = seen_region(ground, camera, Period.DAY, level, plane_judge.PLANE)
    theirs = plane_judge.visible(pyvispoly, free)
    return ours.area, shapely.intersection(theirs, plane_judge.sector(camera.pose, camera.lens, DEPTH_M)).area


def level_camera(x, y, azimuth, hfov):
    camera = make_camera(x=x, y=y, height=plane_judge.HEIGHT_M, azimuth=azimuth, tilt=0)
    return replace(camera, lens=plane_judge.level_lens(hfov))


@pytest.mark.parametrize("seed", [seed for seed in range(13) if seed != 1])  # 1: holes that touch, no answer at all
def test_areas_are_those_of_cgal(seed):
    pyvispoly = pytest.importorskip("pyvispoly")
    rng = np.random.default_rng(seed)
    obstacles = random_site(rng, buildings=14, size=45).obstacles
    compared = 0
    for _ in range(8):
        camera = level_camera(*rng.uniform(-30, 30, 2), rng.uniform(0, 360), rng.uniform(20, 120))
        pair = areas(pyvispoly, obstacles, camera)
        if pair is not None:
            compared += 1
            assert pair[0] == pytest.approx(pair[1], rel=1e-9), camera
    assert compared >= 3


WALL = block("w", -30, -4, 30, 0)

CORNERS = [
    ("on a wall", (WALL, block("b", -3, 8, 5, 12)), level_camera(0, 0, 10, 100)),
    ("along a wall", (block("b", 0, 2, 4, 20), block("c", -9, 9, -2, 12)), level_camera(0, 0, 0, 90)),
    ("a gap of two centimetres", (block("a", -9, 8, -0.01, 9), block("b", 0.01, 8, 9, 9)), level_camera(0, 0, 0, 90)),
    ("overlapping", (block("a", -9, 8, 1, 12), block("b", 0, 10, 9, 15)), level_camera(0, 0, 0, 90)),
    ("a shared wall", (block("a", -9, 8, 0, 12), block("b", 0, 8, 9, 12)), level_camera(0, 0, 20, 90)),
    ("the same twice", (block("a", -9, 8, 1, 12), block("b", -9, 8, 1, 12)), level_camera(0, 0, 0, 90)),
]


@pytest.mark.parametrize(("obstacles", "camera"), [row[1:] for row in CORNERS], ids=[row[0] for row in CORNERS])
def test_awkward_corners_are_those_of_cgal(obstacles, camera):
    ours, theirs = areas(pytest.importorskip("pyvispoly"), obstacles, camera)
    assert ours == pytest.approx(theirs, rel=1e-9)
    assert ours > 50
