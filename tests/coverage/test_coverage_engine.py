"""The coverage of whole sites: design, now, threads; each against working it out anew or by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from shapely import LineString, Point, box

from cammon_coverage.engine import CoverageModel, all_see
from cammon_coverage.model import (
    Camera,
    Lens,
    Period,
    Pose,
    Projection,
    ReasonCode,
    Scene,
    Sight,
    SightState,
    Target,
)
from cammon_coverage.optics import project
from tests.coverage.conftest import block, make_camera, make_place
from tests.coverage.random_sites import random_camera, random_site
from tests.coverage.sight_judge import judge

BLIND = Sight(SightState.BLIND, "black")
UNKNOWN = Sight(SightState.UNKNOWN, "auth_failed")


def random_scene(seed, cameras=14, places=16):
    rng = np.random.default_rng(seed)
    site = random_site(rng, buildings=10, size=40)
    found = []
    for number in range(cameras):
        camera = random_camera(rng, site, size=40)
        camera = replace(camera, pose=replace(camera.pose, tilt_deg=float(rng.uniform(5, 40))))
        things = {kind: f"{kind}{rng.integers(4)}" for kind in ("switch", "recorder", "power")}
        found.append(replace(camera, id=f"C{number}", device=f"D{number * 2 // 3}", **things))
    asked = []
    for number in range(places):
        x, y = rng.uniform(-25, 25, 2)
        shape = (Point(x, y), LineString([(x, y), (x + 6, y + 3), (x + 9, y)]), box(x, y, x + 7, y + 5))[number % 3]
        asked.append(make_place(f"P{number}", shape, float(rng.choice([12.5, 25])), redundancy=1 + (number % 5 == 0)))
    return replace(
        site, cameras=tuple(found), key_places=tuple(asked), tolerance_share=0.3, hole_length_m=9, hole_area_m2=30
    )


def without_blind(answer):
    return replace(answer, places=tuple(replace(p, blind=None) for p in answer.places))


def by_place(answer):
    return {place.place: place for place in answer.places}


# By design


def test_the_yard_by_design(yard):
    model = CoverageModel(yard)
    day = model.design(Period.DAY)
    places = by_place(day)
    assert places["gate"].covered is True
    assert [row.camera for row in places["gate"].seen_by] == ["C1"]
    assert places["store"].covered is True
    assert places["behind"].covered is False
    assert day.ratio == pytest.approx(3 / 4)
    assert day.weighted_ratio == pytest.approx((2 + 4 + 2) / 10)
    assert day.area_share == pytest.approx(1)
    assert set(model.places_of("C1")) == {"gate", "store", "both"}


def test_density_at_the_worst_point():
    camera = make_camera(tilt=0, height=1.8)
    place = make_place("P", box(-2, 10, 2, 20), level=40.0, target=Target(1.8, 1.8))
    (row,) = CoverageModel(Scene((camera,), (place,))).design(Period.DAY).places[0].seen_by
    assert row.share == pytest.approx(1)
    assert row.density_px_per_m == pytest.approx(2000 / (2 * 20))


def test_places_without_cameras_and_cameras_without_places():
    assert CoverageModel(Scene((), ())).design(Period.DAY).ratio is None
    lonely = CoverageModel(Scene((make_camera(),), ()))
    assert lonely.design(Period.DAY).ratio is None
    lonely.prepare()
    assert lonely.places_of("C1") == ()
    assert lonely.places_of("a camera without a pose") == ()
    dark = CoverageModel(Scene((), (make_place("P", Point(0, 0)),))).design(Period.DAY)
    assert dark.ratio == 0
    assert [reason.code for reason in dark.places[0].reasons] == [ReasonCode.NO_CAMERA_IN_RANGE]
    assert dark.area_share is None


@pytest.mark.parametrize(
    ("lens", "words"),
    [(Lens(180, 100, 100), "camera C1: hfov 180"), (Lens(0, 100, 100), "camera C1: hfov 0")],
    ids=["180", "0"],
)
def test_a_lens_that_makes_no_picture_is_refused(lens, words):
    with pytest.raises(ValueError, match=words):
        CoverageModel(Scene((replace(make_camera(), lens=lens),), ()))


def test_progress_is_told_camera_by_camera(yard):
    told = []
    CoverageModel(yard).prepare(lambda done, of: told.append((done, of)))
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("seed", range(4))
def test_shares_of_points_lines_and_areas_against_the_judge(seed):
    scene = random_scene(seed)
    model = CoverageModel(scene)
    rng = np.random.default_rng(seed)
    for period in Period:
        for place, answer in zip(scene.key_places, model.design(period).places, strict=True):
            points, slack = _samples(place.geometry, rng)
            seen = [judge(scene, c, period, place.level_px_per_m, place.target, points) for c in scene.cameras]
            devices = {camera.device for camera in scene.cameras}
            per_device = [
                np.any([s for s, c in zip(seen, scene.cameras, strict=True) if c.device == d], axis=0)
                for d in sorted(devices)
            ]
            share = (np.sum(per_device, axis=0) >= place.redundancy).mean()
            assert answer.share == pytest.approx(share, abs=slack)


def _samples(geometry, rng):
    if geometry.geom_type == "Point":
        return shapely.get_coordinates(geometry), 1e-9
    if geometry.geom_type == "LineString":
        along = (np.arange(600) + 0.5) / 600
        return shapely.get_coordinates(shapely.line_interpolate_point(geometry, along, normalized=True)), 0.01
    west, south, east, north = geometry.bounds
    return rng.uniform((west, south), (east, north), (1500, 2)), 0.05


def test_a_fence_on_the_wall_of_a_building_is_seen_from_its_front():
    angle = math.radians(33.3)
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    house = replace(block("h", -8, 10, 8, 18), footprint=shapely.transform(box(-8, 10, 8, 18), lambda p: p @ turn))
    front, back = (LineString(np.array(ends) @ turn) for ends in (((-6, 10), (6, 10)), ((-6, 18), (6, 18))))
    camera = make_camera(azimuth=-math.degrees(angle) + 0, tilt=10)
    x, y = np.array([0.0, 1.0]) @ turn
    camera = replace(camera, pose=replace(camera.pose, azimuth_deg=math.degrees(math.atan2(x, y))))
    scene = Scene((camera,), (make_place("front", front), make_place("back", back)), (house,))
    places = by_place(CoverageModel(scene).design(Period.DAY))
    assert places["front"].covered is True
    assert places["back"].share == 0


# Facing, steepness


def test_facing_and_depression_against_plain_angles():
    rng = np.random.default_rng(5)
    camera = make_camera(tilt=40, lens={"hfov_deg": 120})
    for facing in (None, 10.0, 200.0):
        for steepest in (None, 30.0):
            points = rng.uniform((-15, 1), (15, 25), (300, 2))
            places = [
                make_place(
                    str(n), Point(p), 20.0, facing_deg=facing, max_depression_deg=steepest, target=Target(1.4, 1.8)
                )
                for n, p in enumerate(points)
            ]
            scene = Scene((camera,), tuple(places))
            answers = CoverageModel(scene).design(Period.DAY).places
            expected = judge(scene, camera, Period.DAY, 20.0, Target(1.4, 1.8), points)
            away = np.hypot(*points.T)
            if facing is not None:
                to_camera = np.degrees(np.arctan2(-points[:, 0], -points[:, 1]))
                expected &= np.abs((to_camera - facing + 180) % 360 - 180) <= 45
            if steepest is not None:
                expected &= np.degrees(np.arctan2(6 - 1.4, away)) <= steepest
            assert [bool(a.covered) for a in answers] == expected.tolist()


# Now


def test_before_any_reading_there_are_no_ratios(yard):
    model = CoverageModel(yard)
    answer = model.effective({}, Period.DAY)
    assert (answer.ratio, answer.weighted_ratio, answer.area_share) == (None, None, None)
    assert by_place(answer)["gate"].covered is None
    assert by_place(answer)["behind"].covered is False


def test_all_cameras_well_is_the_design(yard):
    model = CoverageModel(yard)
    for period in Period:
        design, now = model.design(period), model.effective(all_see(yard.cameras), period)
        assert now.ratio == design.ratio
        assert [p.share for p in now.places] == [p.share for p in design.places]
        assert [p.reasons for p in now.places] == [p.reasons for p in design.places]


def test_faulty_and_unknown_are_told_apart(yard):
    model = CoverageModel(yard)
    faulty = by_place(model.effective(all_see(yard.cameras) | {"C1": BLIND}, Period.DAY))["gate"]
    assert faulty.covered is False
    assert faulty.reasons[0].code is ReasonCode.CAMERA_FAULTY
    assert dict(faulty.reasons[0].params) == {"camera": "C1", "fault": "black"}
    unknown = by_place(model.effective(all_see(yard.cameras) | {"C1": UNKNOWN}, Period.DAY))["gate"]
    assert (unknown.covered, unknown.share, unknown.unknown_share) == (None, 0, 1)
    assert dict(unknown.reasons[0].params) == {"camera": "C1", "fault": "auth_failed"}
    left_out = by_place(model.effective({"C2": Sight()}, Period.DAY))["gate"]
    assert dict(left_out.reasons[0].params) == {"camera": "C1", "fault": "not_looked_at"}


def test_redundancy_counts_devices_not_cameras(yard):
    places = tuple(replace(p, redundancy=2) if p.id == "store" else p for p in yard.key_places)
    model = CoverageModel(replace(yard, key_places=places))
    assert by_place(model.design(Period.DAY))["store"].covered is True
    short = by_place(model.effective(all_see(yard.cameras) | {"C3": BLIND}, Period.DAY))["store"]
    assert short.covered is False
    assert [row.camera for row in short.seen_by] == ["C1", "C2"]


def random_sights(rng, cameras):
    kinds = (
        Sight(),
        Sight(),
        BLIND,
        UNKNOWN,
        Sight(cause="blur", density_divisor=1.6),
        Sight(cause="wrong_format", width_px=900),
        Sight(cause="partial", hidden=rng.random((6, 8)) < 0.3),
    )
    return {camera.id: kinds[rng.integers(len(kinds))] for camera in cameras if rng.random() < 0.95}


@pytest.mark.parametrize("seed", range(3))
def test_following_health_gives_what_working_it_out_anew_gives(seed):
    scene = random_scene(seed)
    rng = np.random.default_rng(seed)
    model = CoverageModel(scene)
    for _ in range(4):
        sights = random_sights(rng, scene.cameras)
        anew = CoverageModel(scene)
        for period in Period:
            got, expected = model.effective(sights, period), anew.effective(sights, period)
            assert [p.covered for p in got.places] == [p.covered for p in expected.places]
            assert [p.share for p in got.places] == pytest.approx([p.share for p in expected.places], abs=1e-6)
            assert [p.unknown_share for p in got.places] == pytest.approx(
                [p.unknown_share for p in expected.places], abs=1e-6
            )
            assert dict(model.verdicts(sights, period)) == {p.place: p.covered for p in got.places}


def test_blur_and_a_narrower_stream_are_a_weaker_camera(yard):
    model = CoverageModel(yard)
    half = tuple(replace(c, lens=replace(c.lens, width_px=1000, height_px=1000)) for c in yard.cameras)
    weaker = CoverageModel(replace(yard, cameras=half)).design(Period.DAY)
    for sight in (Sight(cause="blur", density_divisor=2.0), Sight(cause="wrong_format", width_px=1000)):
        now = model.effective({camera.id: sight for camera in yard.cameras}, Period.DAY)
        assert [p.share for p in now.places] == pytest.approx([p.share for p in weaker.places], abs=1e-6)
        assert [r.density_px_per_m for p in now.places for r in p.seen_by] == pytest.approx(
            [r.density_px_per_m for p in weaker.places for r in p.seen_by]
        )


HIDDEN_LENSES = [
    ("rectilinear", Lens(80, 1600, 900), 25),
    ("rectilinear with its own vfov", Lens(80, 1600, 900, vfov_deg=70), 35),
    ("fisheye on the ceiling", Lens(180, 1200, 1200, projection=Projection.FISHEYE), 90),
    ("fisheye on the wall", Lens(180, 1200, 1200, projection=Projection.FISHEYE), 20),
    ("very wide fisheye", Lens(200, 1200, 1200, projection=Projection.FISHEYE), 30),
]


@pytest.mark.parametrize(("lens", "tilt"), [row[1:] for row in HIDDEN_LENSES], ids=[row[0] for row in HIDDEN_LENSES])
@pytest.mark.parametrize("roll", [0, 12])
def test_hidden_picture_blocks_are_cut_out(lens, tilt, roll):
    rng = np.random.default_rng(9)
    hidden = rng.random((9, 16)) < 0.25
    camera = Camera("C", Pose(3, -2, 5, 40, tilt, roll), lens, "D")
    target = Target(0, 1.8)
    model = CoverageModel(Scene((camera,), ()))
    region = model.watched({"C": Sight(cause="partial", hidden=hidden)}, Period.DAY, 15.0, target)
    whole = model.seen("C", Period.DAY, 15.0, target)
    west, south, east, north = whole.bounds
    points = rng.uniform((west, south), (east, north), (6000, 2))
    expected = shapely.contains_xy(whole, *points.T)
    for z in (0, 1.8):
        pixels, _, inside = project(camera.pose, lens, np.column_stack([points, np.full(len(points), z)]))
        inside &= (pixels >= 0).all(axis=1) & (pixels < (lens.width_px, lens.height_px)).all(axis=1)
        at = np.nan_to_num(pixels) // (lens.width_px / 16, lens.height_px / 9)
        column, row = np.clip(at.astype(int), 0, (15, 8)).T
        expected &= ~(hidden[row, column] & inside)
    edge = shapely.dwithin(shapely.points(points), region.boundary, 0.01)
    wrong = (shapely.contains_xy(region, *points.T) != expected) & ~edge
    assert wrong.sum() == 0
    assert 0 < region.area < whole.area


def test_watched_is_the_union_of_what_works(yard):
    model = CoverageModel(yard)
    seen = [model.seen(c, Period.DAY, 25.0, Target()) for c in ("C1", "C2")]
    watched = model.watched({"C1": Sight(), "C2": Sight(), "C3": BLIND}, Period.DAY, 25.0, Target())
    assert watched.symmetric_difference(shapely.union_all(seen)).area < 1e-6


# One thing less


@pytest.mark.parametrize("seed", range(4))
def test_threads_against_switching_things_off_one_by_one(seed):
    scene = random_scene(seed)
    model, other = CoverageModel(scene), CoverageModel(scene)
    rng = np.random.default_rng(seed)
    sights = {camera.id: BLIND if rng.random() < 0.1 else Sight() for camera in scene.cameras}
    for period in Period:
        now = by_place(model.effective(sights, period))
        expected = {}
        for kind in ("camera", "device", "switch", "recorder", "power"):
            names = {c.id if kind == "camera" else getattr(c, kind) for c in scene.cameras}
            for name in names:
                members = {c.id for c in scene.cameras if (c.id if kind == "camera" else getattr(c, kind)) == name}
                off = {camera: BLIND if camera in members else sight for camera, sight in sights.items()}
                after = other.verdicts(off, period)
                lost = {place for place in now if now[place].covered and not after[place]}
                if lost:
                    expected[kind, name] = lost
        threads = model.threads(sights, period)
        assert {(t.kind, t.id): set(t.places) for t in threads} == expected
        assert all(t.share_lost == pytest.approx(len(t.places) / len(scene.key_places)) for t in threads)
    assert expected


# Other cameras


@pytest.mark.parametrize("seed", range(3))
def test_added_and_replaced_are_what_a_new_model_says(seed):
    scene = random_scene(seed)
    first = CoverageModel(replace(scene, cameras=scene.cameras[:-1]))
    for period in Period:
        first.design(period)
    more = first.added(scene.cameras[-1])
    better = replace(scene.cameras[0], lens=replace(scene.cameras[0].lens, width_px=6000))
    other = more.replaced(better)
    anew = CoverageModel(scene), CoverageModel(replace(scene, cameras=(better, *scene.cameras[1:])))
    for model, fresh in zip((more, other), anew, strict=True):
        for period in Period:
            assert without_blind(model.design(period)) == without_blind(fresh.design(period))


def test_added_twice_and_replaced_by_a_stranger_are_refused(yard):
    model = CoverageModel(yard)
    with pytest.raises(ValueError, match="C1"):
        model.added(make_camera("C1"))
    with pytest.raises(KeyError):
        model.replaced(make_camera("C9"))


@pytest.mark.parametrize("seed", range(3))
def test_another_camera_never_removes_coverage(seed):
    scene = random_scene(seed)
    model = CoverageModel(replace(scene, cameras=scene.cameras[:5]))
    for camera in scene.cameras[5:]:
        more = model.added(camera)
        for before, after in zip(model.design(Period.DAY).places, more.design(Period.DAY).places, strict=True):
            assert after.share >= before.share - 1e-6
            assert after.covered or not before.covered
        model = more


def test_a_site_in_national_coordinates():
    near = random_scene(1)
    east, north = 500_321.25, 4_400_777.5

    def there(shape):
        return shapely.transform(shape, lambda p: np.add(p, (east, north)))

    far = replace(
        near,
        cameras=tuple(replace(c, pose=replace(c.pose, x=c.pose.x + east, y=c.pose.y + north)) for c in near.cameras),
        key_places=tuple(replace(p, geometry=there(p.geometry)) for p in near.key_places),
        obstacles=tuple(replace(o, footprint=there(o.footprint)) for o in near.obstacles),
        lit_areas=tuple(replace(a, geometry=there(a.geometry)) for a in near.lit_areas),
    )
    one, other = CoverageModel(near), CoverageModel(far)
    for period in Period:
        a, b = one.design(period), other.design(period)
        assert [p.share for p in b.places] == pytest.approx([p.share for p in a.places], abs=1e-5)
        for p, q in zip(a.places, b.places, strict=True):
            assert (p.blind is None) == (q.blind is None)
            if p.blind is not None:
                assert there(p.blind).hausdorff_distance(q.blind) < 1e-3 or p.blind.area < 1e-3
    seen = there(one.seen("C0", Period.DAY, 25.0))
    assert seen.symmetric_difference(other.seen("C0", Period.DAY, 25.0)).area < 1e-3


@pytest.mark.parametrize("seed", range(2))
def test_quick_verdicts_follow_replaced_cameras(seed):
    scene = random_scene(seed)
    model = CoverageModel(scene)
    sights = random_sights(np.random.default_rng(seed), scene.cameras)
    for period in Period:
        model.verdicts(None, period), model.verdicts(sights, period)
    turned = replace(
        scene.cameras[3], pose=replace(scene.cameras[3].pose, azimuth_deg=scene.cameras[3].pose.azimuth_deg + 120)
    )
    other, fresh = (
        model.replaced(turned),
        CoverageModel(replace(scene, cameras=(*scene.cameras[:3], turned, *scene.cameras[4:]))),
    )
    for period in Period:
        assert dict(other.verdicts(None, period)) == {p.place: p.covered for p in fresh.design(period).places}
        assert dict(other.verdicts(sights, period)) == {
            p.place: p.covered for p in fresh.effective(sights, period).places
        }
