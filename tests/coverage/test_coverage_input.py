"""Bad and degenerate input: a clear fault or the right answer, never a region that is empty without a word."""

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from cammon_coverage.engine import CoverageModel
from cammon_coverage.model import KeyPlace, Lens, LitArea, Obstacle, Period, Projection, ReasonCode, Scene, Target
from cammon_coverage.nothing import why_nothing
from cammon_coverage.seen import Ground, seen_region
from cammon_coverage.view import View
from tests.coverage.conftest import block, ground, make_camera, make_place
from tests.coverage.sight_judge import mismatches

FLAT = Target(0, 0)
DOWN = make_camera(tilt=90)
"""Sees 12 m x 12 m straight below."""
FISHEYE = {"projection": Projection.FISHEYE}

REFUSED = [
    ("no width", {"lens": {"hfov_deg": 0.0}}, "hfov 0"),
    ("less than none", {"lens": {"hfov_deg": -60.0}}, "hfov -60"),
    ("half a turn", {"lens": {"hfov_deg": 180.0}}, "hfov 180"),
    ("a whole turn", {"lens": {"hfov_deg": 360.0}}, "hfov 360"),
    ("no number", {"lens": {"hfov_deg": math.nan}}, "hfov nan"),
    ("half a turn upright", {"lens": {"vfov_deg": 180.0}}, "vfov 180"),
    ("no height", {"lens": {"vfov_deg": 0.0}}, "vfov 0"),
    ("fisheye of no width", {"lens": {"hfov_deg": 0.0, **FISHEYE}}, "hfov 0"),
    ("fisheye beyond all round", {"lens": {"hfov_deg": 361.0, **FISHEYE}}, "hfov 361"),
    ("no pixels", {"lens": {"width_px": 0}}, "resolution 0x2000"),
    ("beyond straight down", {"tilt": 90.5}, "tilt 90.5"),
    ("beyond straight up", {"tilt": -91.0}, "tilt -91"),
    ("nowhere", {"x": math.nan}, "x nan"),
    ("infinitely high", {"height": math.inf}, "height_m inf"),
    ("no direction", {"azimuth": math.nan}, "azimuth_deg nan"),
]


@pytest.mark.parametrize(("more", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_cannot_make_a_picture_is_refused_by_name(more, words):
    with pytest.raises(ValueError, match=f"camera C1: {words}"):
        CoverageModel(Scene((make_camera(**more),), ()))


BOWTIE = Polygon([(-2, -2), (2, 2), (2, -2), (-2, 2)])
SPIKE = Polygon([(-2, -2), (2, -2), (2, 2), (2, 5), (2, 2), (-2, 2)])

SHAPES = [
    ("a line drawn as a polygon", Polygon([(0, 0), (1, 0), (2, 0)]), 0),
    ("a point drawn as a polygon", Polygon([(1, 1), (1, 1), (1, 1)]), 0),
    ("empty", Polygon(), 0),
    ("a line", LineString([(0, 0), (3, 3)]), 0),
    ("crossing itself", BOWTIE, 8),
    ("with a spike", SPIKE, 16),
    ("a ring run twice", Polygon([(0, 0), (2, 0), (2, 2), (0, 2)] * 2), 4),
    ("clockwise", Polygon([(0, 0), (0, 2), (2, 2), (2, 0)]), 4),
    ("a hole that touches the rim", box(0, 0, 4, 4).difference(Polygon([(0, 2), (2, 1), (2, 3)])), 14),
    ("parts that overlap", MultiPolygon([box(-2, 0, 1, 2), box(-1, 0, 2, 2)]), 8),
    ("a collection", GeometryCollection([box(0, 0, 2, 2), Point(5, 5), LineString([(0, 0), (9, 9)])]), 4),
    ("a billionth wide", box(0, 0, 1e-9, 3), 0),
    ("larger than the country", box(-3e6, -3e6, 3e6, 3e6), 144),
    ("far larger than the view, a corner in it", box(0, 0, 3e7, 3e7), 36),
    ("a hundred thousand corners", Point(0, 0).buffer(2, 25_000), math.pi * 4),
]


@pytest.mark.parametrize(("footprint", "hidden"), [row[1:] for row in SHAPES], ids=[row[0] for row in SHAPES])
def test_footprints_of_every_kind_hide_what_they_cover(footprint, hidden):
    low = Obstacle("o", footprint, 0, 1e-6)
    region = seen_region(ground(low), DOWN, Period.DAY, 25.0, FLAT)
    assert region.is_valid
    assert 144 - region.area == pytest.approx(hidden, rel=1e-5, abs=1e-4)


@pytest.mark.parametrize(("shape", "size"), [row[1:] for row in SHAPES], ids=[row[0] for row in SHAPES])
def test_key_places_of_every_kind_have_an_answer(shape, size):
    (answer,) = CoverageModel(Scene((DOWN,), (make_place("P", shape, target=FLAT),))).design(Period.DAY).places
    assert 0 <= answer.share <= 1
    assert math.isfinite(answer.share)
    assert answer.covered or answer.reasons or shape.is_empty
    if shape.area > 1000:
        assert answer.covered is False
        assert answer.share == pytest.approx(size / shape.area)
    elif not shape.is_empty and max(abs(v) for v in shape.bounds) <= 6:
        assert answer.covered is True


def test_lamps_that_light_nothing_or_everything():
    dark = make_camera(tilt=90, lens={"night_range_m": None})
    for shape, size in (
        (BOWTIE, 8),
        (Polygon(), 0),
        (box(-1e7, -1e7, 1e7, 1e7), 144),
        (LineString([(0, 0), (1, 1)]), 0),
    ):
        lit = Ground((), (LitArea("L", shape),))
        assert seen_region(lit, dark, Period.NIGHT, 25.0, FLAT).area == pytest.approx(size, abs=1e-6)


def why(camera, *obstacles, period=Period.DAY, level=25.0, target=FLAT):
    view = View(ground(*obstacles), camera)
    assert view.region(period, level, target).is_empty
    reason = why_nothing(view, period, level, target)
    return reason.code, dict(reason.params)


HOUSE = block("house", -3, -3, 3, 3)

EMPTY = [
    ("in a building", make_camera(), (HOUSE,), {}, ReasonCode.INSIDE_OBSTACLE, {"obstacle": "house"}),
    (
        "a hair above a wide roof",
        make_camera(height=20.0001, tilt=60),
        (block("house", -300, -300, 300, 300),),
        {},
        ReasonCode.HIDDEN_BY_OBSTACLE,
        {"obstacle": "house", "camera": "C1"},
    ),
    ("at the sky", make_camera(tilt=-80), (), {}, ReasonCode.OUTSIDE_VIEW, {"camera": "C1"}),
    ("below the target, looking down", make_camera(tilt=80), (), {"target": Target(9, 9)}, ReasonCode.OUTSIDE_VIEW, {}),
    (
        "both ends never in view at once",
        make_camera(tilt=0, lens={"hfov_deg": 10.0}),
        (),
        {"target": Target(0, 900)},
        ReasonCode.OUTSIDE_VIEW,
        {},
    ),
    (
        "far too high for the level",
        make_camera(height=500.0, tilt=90),
        (),
        {},
        ReasonCode.DENSITY_TOO_LOW,
        {"camera": "C1", "density_px_per_m": 2.0, "level_px_per_m": 25.0},
    ),
    (
        "a fisheye far too high",
        make_camera(height=500.0, tilt=90, lens={"hfov_deg": 180.0, **FISHEYE}),
        (),
        {},
        ReasonCode.DENSITY_TOO_LOW,
        {"camera": "C1", "density_px_per_m": 2000 / math.pi / 500, "level_px_per_m": 25.0},
    ),
    ("under a mask", make_camera(masks=(box(0, 0, 1, 1),)), (), {}, ReasonCode.MASKED, {"camera": "C1"}),
    (
        "by night without light",
        make_camera(lens={"night_range_m": None}),
        (),
        {"period": Period.NIGHT},
        ReasonCode.TOO_DARK,
        {"camera": "C1", "night_range_m": 0.0},
    ),
]


@pytest.mark.parametrize(
    ("camera", "obstacles", "question", "code", "params"), [row[1:] for row in EMPTY], ids=[row[0] for row in EMPTY]
)
def test_an_empty_region_says_why(camera, obstacles, question, code, params):
    said, found = why(camera, *obstacles, **question)
    assert said is code
    assert {name: found[name] for name in params} == pytest.approx(params)


def test_a_region_that_is_not_empty_has_no_reason_to_be():
    assert why_nothing(View(ground(), make_camera()), Period.DAY, 25.0) is None


def test_a_camera_in_a_building_is_named_at_the_places_it_should_see():
    scene = Scene((make_camera(),), (make_place("P", Point(0, 20)),), (HOUSE,))
    (answer,) = CoverageModel(scene).design(Period.DAY).places
    (reason,) = answer.reasons
    assert (reason.code, reason.params["obstacle"]) == (ReasonCode.HIDDEN_BY_OBSTACLE, "house")


STEEP = [
    (tilt, height, hfov) for tilt in (90, 89.9999999, -90) for height in (1.0, 1.8, 6.0) for hfov in (0.01, 60, 179.9)
]


@pytest.mark.parametrize(("tilt", "height", "hfov"), STEEP)
def test_straight_down_and_up_with_the_lens_among_the_target(tilt, height, hfov):
    camera = replace(make_camera(tilt=tilt, height=height, azimuth=33), lens=Lens(hfov, 2000, 1500))
    site = Scene((), (), (block("b", 1, 1, 3, 3, top=0.9),))
    points = np.random.default_rng(2).uniform(-6, 6, (800, 2))
    for target in (Target(), Target(1.8, 1.8), Target(2, 9)):
        region = seen_region(Ground(site.obstacles, ()), camera, Period.DAY, 5.0, target)
        assert region.is_valid
        assert len(mismatches(site, camera, Period.DAY, 5.0, target, region, points, 0.01)) == 0


def test_a_place_without_geometry_is_never_covered():
    place = KeyPlace("P", "P", shapely.Point(), 25.0)
    (answer,) = CoverageModel(Scene((DOWN,), (place,))).design(Period.DAY).places
    assert (answer.covered, answer.share) == (False, 0.0)
