"""Seen regions whose areas stand on paper."""

import math

import pytest
from shapely import box

from cammon_coverage.model import DensityModel, LitArea, Period, Projection, Target
from cammon_coverage.seen import seen_region
from tests.coverage.conftest import block, ground, make_camera

FLAT = Target(0, 0)
LEVEL = Target(6, 6)


def area(camera, *obstacles, period=Period.DAY, level=50.0, target=FLAT, **more):
    return seen_region(ground(*obstacles, **more), camera, period, level, target).area


def fisheye(hfov, tilt=90.0, **lens):
    return make_camera(tilt=tilt, lens={"hfov_deg": hfov, "projection": Projection.FISHEYE, **lens})


def ellipse(height, tilt, half):
    """A cone's ellipse on the ground: its long axis from the two rim rays, its short one from the middle."""
    off, half = math.radians(90 - tilt), math.radians(half)
    low, high = height * math.tan(off - half), height * math.tan(off + half)
    middle = (low + high) / 2
    ahead = middle * math.sin(off) + height * math.cos(off)
    width = math.sqrt((ahead / math.cos(half)) ** 2 - middle**2 - height**2)
    return math.pi * (high - low) / 2 * width


REACH_ARC = 2000 / (math.pi / 2) / 50
WALL = block("wall", -1, 5, 1, 6)
LOW = block("low", -1, 5, 1, 6, top=3)

CASES = [
    ("straight down: a square", make_camera(tilt=90), (), {}, 144),
    ("straight down, both ends: the smaller square", make_camera(tilt=90), (), {"target": Target(0, 2)}, 64),
    ("straight down, turned", make_camera(tilt=90, azimuth=30, roll=20), (), {}, 144),
    ("level with the lens: a triangle to the level's depth", make_camera(tilt=0), (), {"target": LEVEL}, 400),
    ("twice the level: a quarter of it", make_camera(tilt=0), (), {"target": LEVEL, "level": 100.0}, 100),
    (
        "arc: a sector",
        make_camera(tilt=0),
        (),
        {"target": LEVEL, "model": DensityModel.ARC},
        math.pi / 4 * REACH_ARC**2,
    ),
    (
        "datasheet: a sector by the printed distance",
        make_camera(tilt=0, lens={"detection_m": 60.0}),
        (),
        {"target": LEVEL, "model": DensityModel.DATASHEET},
        math.pi / 4 * 30**2,
    ),
    (
        "datasheet without a print: iec-flat",
        make_camera(tilt=0),
        (),
        {"target": LEVEL, "model": DensityModel.DATASHEET},
        400,
    ),
    ("fisheye on the ceiling: a disc by the level", fisheye(180), (), {}, math.pi * ((2000 / math.pi / 50) ** 2 - 36)),
    ("narrow fisheye straight down: a disc by the cone", fisheye(90), (), {}, math.pi * 36),
    ("tilted fisheye: an ellipse", fisheye(40, tilt=60), (), {"level": 20.0}, ellipse(6, 60, 20)),
    ("fisheye on the wall: half a disc", fisheye(180, tilt=0), (), {}, math.pi / 2 * ((2000 / math.pi / 50) ** 2 - 36)),
    ("wide as it may be: all round", fisheye(360, tilt=0), (), {}, math.pi * ((1000 / math.pi / 50) ** 2 - 36)),
    ("behind a wall as high as the sky", make_camera(tilt=0), (WALL,), {"target": LEVEL}, 400 - 75),
    ("two walls in one place hide what one hides", make_camera(tilt=0), (WALL, WALL), {"target": LEVEL}, 400 - 75),
    ("by night as far as its light", make_camera(tilt=0), (), {"target": LEVEL, "period": Period.NIGHT}, 400),
    (
        "by night with a weak light: a sector",
        make_camera(tilt=0, lens={"night_range_m": 10.0}),
        (),
        {"target": LEVEL, "period": Period.NIGHT},
        math.pi / 4 * 100,
    ),
    (
        "by night with lamps only: what they light",
        make_camera(tilt=0, lens={"night_range_m": None}),
        (),
        {"target": LEVEL, "period": Period.NIGHT, "lit": (LitArea("L", box(-5, 10, 5, 15)),)},
        50,
    ),
    (
        "by night without any light",
        make_camera(tilt=0, lens={"night_range_m": None}),
        (),
        {"target": LEVEL, "period": Period.NIGHT},
        0,
    ),
]


@pytest.mark.parametrize(
    ("camera", "obstacles", "question", "expected"),
    [row[1:] for row in CASES],
    ids=[row[0] for row in CASES],
)
def test_area(camera, obstacles, question, expected):
    tolerance = 4e-4 if expected % 1 else 1e-9
    assert area(camera, *obstacles, **question) == pytest.approx(expected, rel=tolerance, abs=1e-9)


@pytest.mark.parametrize(
    ("top", "base", "shade"), [(3.0, 0.0, 15 + 8), (3.0, 2.0, 8.75 + 8)], ids=["on the ground", "on legs"]
)
def test_shade_of_a_low_block(top, base, shade):
    camera = make_camera(tilt=90, lens={"hfov_deg": 160.0})
    open_ground = area(camera, level=10.0)
    assert open_ground - area(camera, block("b", -1, 5, 1, 6, base, top), level=10.0) == pytest.approx(shade, abs=1e-6)


def test_the_camera_on_a_roof_does_not_see_the_foot_of_its_house():
    camera = make_camera(tilt=90, height=9.0, lens={"hfov_deg": 160.0})
    house = block("house", -3, -3, 3, 3, top=6)
    assert area(camera, level=10.0) - area(camera, house, level=10.0) == pytest.approx(18**2, abs=1e-6)


def test_looking_up_at_a_gallery_from_below():
    camera = make_camera(tilt=-90, height=2.0, lens={"hfov_deg": 160.0})
    shade = block("slab", -1, 1, 1, 2, base=4, top=5)
    target = Target(10, 10)
    open_sky = area(camera, level=10.0, target=target)
    # the slab fills the way between 2/8 and 3/8 of the height: scaled by 4 and by 8/3, and swept between
    low, high = 8 / 3, 4
    swept = (high**2 - low**2) * 2 / 2 + 2 * high * high
    assert open_sky - area(camera, shade, level=10.0, target=target) == pytest.approx(swept, abs=1e-6)


def test_far_from_the_origin_the_answer_is_the_same():
    near = area(make_camera(tilt=20), WALL, LOW)
    far = make_camera(x=5e5, y=4.4e6, tilt=20)
    moved = [
        block(b.id, *(v + d for v, d in zip(b.footprint.bounds, (5e5, 4.4e6) * 2, strict=True)), b.base_m, b.top_m)
        for b in (WALL, LOW)
    ]
    assert area(far, *moved) == pytest.approx(near, rel=1e-7)
