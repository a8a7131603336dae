"""PTZ presets are reachable and never covered; a box with several lenses is one device."""

import math

import pytest
from shapely import LineString, Point, box

from cammon_coverage.engine import CoverageModel, all_see
from cammon_coverage.model import Lens, Period, Preset, Projection, Scene, Sight, SightState
from cammon_coverage.presets import at_preset, with_presets, zoomed
from tests.coverage.conftest import block, make_camera, make_place

NORTH = make_place("north", Point(0, 20))
SOUTH = make_place("south", Point(0, -20))
BACK = Preset("back", 180.0, 10.0, 90.0)
CLOSE = Preset("close", 180.0, 10.0, 30.0)


def model(camera, *places, obstacles=()):
    return CoverageModel(Scene((camera,), places or (NORTH, SOUTH), tuple(obstacles)))


def test_only_home_covers_and_the_others_are_reachable():
    found = model(make_camera(presets=(BACK, CLOSE)))
    assert [place.covered for place in found.design(Period.DAY).places] == [True, False]
    north, south = found.reachable(Period.DAY)
    assert north.by == ()
    assert {(row.camera, row.preset, row.share) for row in south.by} == {("C1", "back", 1.0), ("C1", "close", 1.0)}
    densities = {row.preset: row.density_px_per_m for row in south.by}
    assert densities["close"] / densities["back"] == pytest.approx(1 / math.tan(math.radians(15)))


def test_ratios_are_the_same_with_and_without_presets():
    with_them, without = model(make_camera(presets=(BACK,))), model(make_camera())
    for period in Period:
        assert with_them.design(period).ratio == without.design(period).ratio == 0.5
    sights = all_see(with_them.scene.cameras)
    assert with_them.effective(sights, Period.DAY).ratio == 0.5


def test_what_is_hidden_or_dark_is_not_reachable_either():
    wall = block("w", -30, -12, 30, -11)
    assert model(make_camera(presets=(BACK,)), obstacles=(wall,)).reachable(Period.DAY)[1].by == ()
    dark = make_camera(presets=(BACK,), lens={"night_range_m": 10.0})
    assert model(dark).reachable(Period.NIGHT)[1].by == ()
    assert len(model(dark).reachable(Period.DAY)[1].by) == 1


def test_the_preset_that_shows_most_stands_first():
    fence = make_place("fence", LineString([(-40, -20), (40, -20)]))
    wide = Preset("wide", 180.0, 10.0, 100.0)
    (row,) = model(make_camera(presets=(CLOSE, wide, BACK)), fence).reachable(Period.DAY)
    shares = [one.share for one in row.by]
    assert shares == sorted(shares, reverse=True)
    assert row.by[0].preset == "wide"
    assert 0 < shares[-1] < shares[0] < 1


def test_the_home_preset_becomes_pose_and_lens():
    home = Preset("home", 90.0, 5.0, 60.0)
    camera = with_presets(make_camera(lens={"vfov_deg": 60.0, "detection_m": 100.0}), home, (BACK,))
    assert (camera.pose.azimuth_deg, camera.pose.tilt_deg, camera.lens.hfov_deg) == (90.0, 5.0, 60.0)
    assert camera.presets == (BACK,)
    assert math.tan(math.radians(camera.lens.vfov_deg / 2)) == pytest.approx(1 / 3)
    assert camera.lens.detection_m == pytest.approx(100 * math.sqrt(3))
    assert with_presets(make_camera(), None, (BACK,)) == make_camera(presets=(BACK,))


def test_masks_of_home_do_not_follow_to_other_presets():
    masked = make_camera(presets=(BACK,), masks=(box(0, 0, 1, 1),))
    found = model(masked)
    assert [place.covered for place in found.design(Period.DAY).places] == [False, False]
    assert [row.preset for row in found.reachable(Period.DAY)[1].by] == ["back"]
    assert at_preset(masked, BACK).masks == ()


@pytest.mark.parametrize(
    ("preset", "words"),
    [
        (Preset("p", 0.0, 0.0, 0.0), "camera C1, preset p: hfov 0"),
        (Preset("p", 0.0, 0.0, 180.0), "camera C1, preset p: hfov 180"),
        (Preset("p", 0.0, 91.0, 60.0), "camera C1, preset p: tilt 91"),
        (Preset("p", math.nan, 0.0, 60.0), "camera C1, preset p: azimuth_deg nan"),
    ],
    ids=["no width", "half a turn", "beyond straight down", "no number"],
)
def test_a_preset_that_makes_no_picture_is_refused_by_name(preset, words):
    with pytest.raises(ValueError, match=words):
        model(make_camera(presets=(preset,)))


def test_a_zoomed_fisheye_keeps_its_projection():
    lens = zoomed(Lens(180, 2000, 2000, projection=Projection.FISHEYE), 90.0)
    assert (lens.hfov_deg, lens.projection) == (90.0, Projection.FISHEYE)


# Boxes with several lenses


def ring(device_of):
    """Four lenses on one pole, one to each side, 100 degrees wide."""
    return tuple(
        make_camera(f"L{number}", azimuth=90.0 * number, tilt=0, device=device_of(number), lens={"hfov_deg": 100.0})
        for number in range(4)
    )


AROUND = make_place("around", Point(0, 0).buffer(20).difference(Point(0, 0).buffer(18)), target=NORTH.target)


def test_lenses_of_one_box_join_to_cover_and_count_once():
    place = make_place("P", AROUND.geometry, redundancy=1)
    both = make_place("Q", AROUND.geometry, redundancy=2)
    found = CoverageModel(Scene(ring(lambda _: "D"), (place, both)))
    one, two = found.design(Period.DAY).places
    assert one.covered is True
    assert len(one.seen_by) == 4
    assert (two.covered, two.share) == (False, 0.0)


def test_where_lenses_of_two_boxes_overlap_two_devices_see():
    both = make_place("Q", AROUND.geometry, redundancy=2)
    found = CoverageModel(Scene(ring(lambda number: f"D{number % 2}"), (both,)))
    (answer,) = found.design(Period.DAY).places
    assert answer.share == pytest.approx(4 * 10 / 360, rel=0.01)


def test_a_box_is_one_thread():
    place = make_place("P", AROUND.geometry)
    found = CoverageModel(Scene((*ring(lambda _: "D"),), (place,)))
    threads = found.threads(all_see(found.scene.cameras), Period.DAY)
    assert {(thread.kind, thread.id) for thread in threads} == {
        ("device", "D"),
        *(("camera", f"L{n}") for n in range(4)),
    }


def test_a_dead_lens_leaves_its_box_the_rest():
    place = make_place("P", AROUND.geometry)
    found = CoverageModel(Scene(ring(lambda _: "D"), (place,)))
    sights = {**all_see(found.scene.cameras), "L0": Sight(SightState.BLIND, "black")}
    (answer,) = found.effective(sights, Period.DAY).places
    assert 0.7 < answer.share < 0.8
