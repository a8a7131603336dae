"""Directions to pixels and back, against figures that stand on paper."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cammon_coverage.model import Lens, Pose, Projection
from cammon_coverage.optics import axes, lens_fault, pose_fault, project, rays

WIDE = Lens(hfov_deg=90, width_px=2000, height_px=1000)
FISHEYE = Lens(hfov_deg=180, width_px=2000, height_px=2000, projection=Projection.FISHEYE)

PICTURES = [
    # name, pose, lens, point, pixel, depth, inside
    ("ahead is the centre", Pose(0, 0, 5, 0, 0), WIDE, (0, 10, 5), (1000, 500), 10, True),
    ("45 degrees right is the right edge", Pose(0, 0, 5, 0, 0), WIDE, (10, 10, 5), (2000, 500), 10, True),
    ("beyond the right edge", Pose(0, 0, 5, 0, 0), WIDE, (10.01, 10, 5), (2001, 500), 10, False),
    ("half as high as far is the upper edge", Pose(0, 0, 5, 0, 0), WIDE, (0, 10, 10), (1000, 0), 10, True),
    ("looking east", Pose(3, 4, 5, 90, 0), WIDE, (13, 4, 5), (1000, 500), 10, True),
    ("looking down 45", Pose(0, 0, 5, 0, 45), WIDE, (0, 5, 0), (1000, 500), 5 * math.sqrt(2), True),
    ("straight down, north is up", Pose(0, 0, 10, 0, 90), WIDE, (0, 5, 0), (1000, 0), 10, True),
    ("roll 90 dips the right side", Pose(0, 0, 5, 0, 0, 90), WIDE, (0, 10, 0), (1500, 500), 10, True),
    ("fisheye on the ceiling", Pose(0, 0, 3, 0, 90), FISHEYE, (0, 3, 0), (1000, 500), 3 * math.sqrt(2), True),
    ("fisheye edge", Pose(0, 0, 3, 0, 90), FISHEYE, (8, 0, 3), (2000, 1000), 8, True),
    ("fisheye above its edge", Pose(0, 0, 3, 0, 90), FISHEYE, (8, 0, 3.1), None, math.hypot(8, 0.1), False),
]


@pytest.mark.parametrize(
    ("pose", "lens", "point", "pixel", "depth", "inside"),
    [row[1:] for row in PICTURES],
    ids=[row[0] for row in PICTURES],
)
def test_project(pose, lens, point, pixel, depth, inside):
    pixels, depths, insides = project(pose, lens, [point])
    assert bool(insides[0]) is inside
    assert depths[0] == pytest.approx(depth, abs=1e-9)
    if pixel:
        assert pixels[0] == pytest.approx(pixel, abs=1e-6)


def test_behind_a_rectilinear_lens_is_no_pixel():
    pixels, depths, insides = project(Pose(0, 0, 5, 0, 0), WIDE, [(0, -10, 5), (0, 0, 5)])
    assert np.isnan(pixels).all()
    assert not insides.any()
    assert depths[0] == -10


def test_pixels_outside_the_image_circle_look_nowhere():
    directions = rays(Pose(0, 0, 3, 0, 90), FISHEYE, [(1, 1), (1000, 1000)])
    assert np.isnan(directions[0]).all()
    assert directions[1] == pytest.approx((0, 0, -1))


angles = st.floats(-360, 360)
poses = st.builds(
    Pose, st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(0, 50), angles, st.floats(-90, 90), angles
)
lenses = st.one_of(
    st.builds(
        Lens, st.floats(2, 170), st.integers(16, 8000), st.integers(16, 8000), st.one_of(st.none(), st.floats(2, 170))
    ),
    st.builds(lambda h, w: Lens(h, w, w, projection=Projection.FISHEYE), st.floats(2, 359), st.integers(16, 8000)),
)


@given(poses, lenses, st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_a_pixel_comes_back_to_itself(pose, lens, across, down):
    pixel = np.array([[across * lens.width_px, down * lens.height_px]])
    direction = rays(pose, lens, pixel)
    if np.isnan(direction).any():
        return
    assert np.linalg.norm(direction) == pytest.approx(1)
    points = np.array([[pose.x, pose.y, pose.height_m]]) + 100 * direction
    pixels, _, inside = project(pose, lens, points)
    assert inside.all()
    assert pixels == pytest.approx(pixel, abs=1e-3)


@given(poses)
def test_axes_are_a_right_handed_frame(pose):
    right, up, forward = axes(pose)
    assert np.cross(right, up) == pytest.approx(-forward, abs=1e-12)
    assert np.array(axes(pose)) @ np.array(axes(pose)).T == pytest.approx(np.eye(3), abs=1e-12)


FAULTY = [
    (Lens(0, 100, 100), "hfov 0"),
    (Lens(180, 100, 100), "hfov 180"),
    (Lens(360, 100, 100), "hfov 360"),
    (Lens(math.nan, 100, 100), "hfov nan"),
    (Lens(90, 100, 100, vfov_deg=180), "vfov 180"),
    (Lens(361, 100, 100, projection=Projection.FISHEYE), "hfov 361"),
    (Lens(90, 0, 100), "resolution 0x100"),
]


@pytest.mark.parametrize(("lens", "words"), FAULTY, ids=[row[1] for row in FAULTY])
def test_lens_fault_says_what_is_wrong(lens, words):
    fault = lens_fault(lens)
    assert fault is not None
    assert words in fault


def test_right_lenses_and_poses_have_no_fault():
    assert lens_fault(WIDE) is None
    assert lens_fault(Lens(360, 10, 10, projection=Projection.FISHEYE)) is None
    assert pose_fault(Pose(0, 0, 3, 0, 90)) is None
    assert "tilt 91" in str(pose_fault(Pose(0, 0, 3, 0, 91)))
    assert "x nan" in str(pose_fault(Pose(math.nan, 0, 3, 0, 9)))
