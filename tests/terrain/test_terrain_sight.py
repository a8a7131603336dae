"""What cameras see over uneven ground, against marching along every line."""

from dataclasses import replace

import numpy as np
import pytest
from ground_judge import Judge
from shapely.geometry import LineString, Point, Polygon, box

from cammon_coverage.blind import blind_ground, place_blind_spots
from cammon_coverage.engine import CoverageModel
from cammon_coverage.model import (
    Camera,
    KeyPlace,
    Lens,
    LitArea,
    Obstacle,
    Period,
    Pose,
    Projection,
    ReasonCode,
    Scene,
    Sight,
    SightState,
    Target,
)
from cammon_coverage.terrain import Terrain
from cammon_coverage.terrain_model import TerrainModel
from cammon_coverage.terrain_sight import clear_of_ground

X0, Y0, SIZE = -60.0, -60.0, 120.0
KNOWN = box(-59, -59, 59, 59)


def ground(shape, cell=1.0, seed=0) -> Terrain:
    count = int(SIZE / cell) + 1
    x, y = np.meshgrid(X0 + np.arange(count) * cell, Y0 + np.arange(count) * cell)
    return Terrain(np.asarray(shape(x, y, np.random.default_rng(seed)), dtype=float), X0, Y0, cell)


def plane(x, y, rng):
    return np.full_like(x, 1312.5)


def slope(x, y, rng):
    return 100 + 0.2 * x - 0.05 * y


def ridge(x, y, rng):
    return 50 + 6 * np.exp(-(((y - 15) / 4) ** 2))


def pit(x, y, rng):
    return 200 - np.clip(40 - np.hypot(x, y), 0, 20)


def rough(x, y, rng):
    return 900 + 3 * np.sin(x / 9) * np.cos(y / 7) + rng.normal(0, 0.25, x.shape)


def camera(name="C", x=0.3, y=0.4, height=8.0, azimuth=20.0, tilt=15.0, **lens) -> Camera:
    optics = {"hfov_deg": 70.0, "width_px": 1920, "height_px": 1080, "night_range_m": 25.0} | lens
    return Camera(name, Pose(x, y, height, azimuth, tilt), Lens(**optics), name)


FISHEYE = {"hfov_deg": 180.0, "width_px": 1600, "height_px": 1600, "projection": Projection.FISHEYE}
CAMERAS = {
    "wide": camera(),
    "low": camera(height=2.5, tilt=2, azimuth=100),
    "down": camera(height=12, tilt=60, azimuth=250),
    "on a node": camera(x=5.0, y=-7.0, azimuth=0, tilt=10),
    "fisheye ceiling": camera(x=-20.3, y=9.1, height=7, tilt=90, azimuth=0, **FISHEYE),
    "fisheye wall": camera(x=14.2, y=-30.7, height=5, tilt=10, azimuth=330, **FISHEYE),
}
LIT = box(5, 10, 40, 33)
LEVEL = 20.0


@pytest.mark.parametrize("period", list(Period))
@pytest.mark.parametrize("name", CAMERAS)
@pytest.mark.parametrize("shape", [plane, slope, ridge, pit, rough])
def test_region_against_the_judge(shape, name, period):
    terrain, one = ground(shape), CAMERAS[name]
    judge = Judge(terrain.heights, X0, Y0, 1.0, lit=[LIT])
    scene = Scene((one,), (), lit_areas=(LitArea("L", LIT),))
    points = np.random.default_rng(7).uniform(-57, 57, (1200, 2))
    for target in (Target(), Target(1.4, 1.8)):
        region = TerrainModel(scene, terrain).seen(one.id, period, LEVEL, target)
        assert len(judge.mismatches(one, period, LEVEL, target, region, points)) == 0
        inside = judge.sees(one, period, LEVEL, target, points).mean()
        assert abs(inside - region.area / 114**2) < 0.04


@pytest.mark.parametrize("seed", range(6))
def test_nodes_are_judged_without_a_band(seed):
    rng = np.random.default_rng(seed)
    terrain = ground(rough, seed=seed)
    lens = np.array([*rng.uniform(-30, 30, 2), 0.0])
    lens[2] = terrain.at(lens[None, :2])[0] + rng.uniform(1, 4)
    points = rng.integers(-55, 56, (2500, 2)).astype(float)
    heights = terrain.at(points) + rng.uniform(0, 2)
    said = clear_of_ground(terrain, lens, points, heights)
    judge = Judge(terrain.heights, X0, Y0, 1.0)
    truth = np.concatenate(
        [judge._clear(lens, np.column_stack([points, heights])[at : at + 250]) for at in range(0, 2500, 250)]
    )
    assert not (said & ~truth).any(), "the exact test finds all that marching finds"
    assert (said != truth).mean() < 0.02, "marching steps over the tips of the ground only"
    assert 0.1 < truth.mean() < 0.99


def test_flat_ground_gives_the_exact_polygons_within_a_cell():
    shed = Obstacle("B", box(-10.3, 12.2, 7.7, 20.9), 0, 6)
    bridge = Obstacle("S", box(10.5, 2.5, 14.5, 40.5), 4, 6)
    court = Obstacle("H", Polygon(box(-40, -40, -20, -20).exterior, [box(-35, -35, -25, -25).exterior]), 0, 5)
    cameras = tuple(replace(one, id=name, device=name) for name, one in CAMERAS.items())
    scene = Scene(cameras, (), (shed, bridge, court), (LitArea("L", LIT),))
    exact, cells = CoverageModel(scene), TerrainModel(scene, ground(plane))
    for name in CAMERAS:
        for period in Period:
            one, other = (model.seen(name, period, LEVEL).intersection(KNOWN) for model in (exact, cells))
            rim = one.boundary.buffer(0.75)
            assert one.symmetric_difference(other).difference(rim).area < 1e-6


def test_finer_cells_come_nearer_to_the_exact_area():
    scene = Scene((CAMERAS["wide"],), (), (Obstacle("B", box(-10.3, 12.2, 7.7, 20.9), 0, 6),))
    exact = CoverageModel(scene).seen("C", Period.DAY, LEVEL).intersection(KNOWN)
    off = [
        TerrainModel(scene, ground(plane, cell))
        .seen("C", Period.DAY, LEVEL)
        .intersection(KNOWN)
        .symmetric_difference(exact)
        .area
        for cell in (2.0, 1.0, 0.5)
    ]
    assert off[0] > 1.5 * off[1] > 2.25 * off[2]


@pytest.mark.parametrize("shape", [plane, slope, rough])
def test_prisms_stand_on_the_ground(shape):
    terrain = ground(shape)
    footprints = [Polygon([(-6.2, 14.1), (9.4, 11.3), (12.1, 19.7), (-3.3, 22.8)]), box(12.4, 28.2, 30.3, 33.6)]
    heights = [(0.0, 5.0), (3.0, 6.0)]
    obstacles = tuple(
        Obstacle(f"B{n}", shape_, *pair) for n, (shape_, pair) in enumerate(zip(footprints, heights, strict=True))
    )
    x, y = np.meshgrid(np.arange(X0, 61), np.arange(Y0, 61))
    prisms = []
    for footprint, (base, top) in zip(footprints, heights, strict=True):
        inside = [
            h
            for h, px, py in zip(terrain.heights.ravel(), x.ravel(), y.ravel(), strict=True)
            if footprint.contains(Point(px, py))
        ]
        corners = terrain.at(np.array(footprint.exterior.coords))
        lowest = min(*inside, *corners)
        prisms.append((footprint, lowest if base == 0 else base + np.mean(inside), top + np.mean(inside)))
    judge = Judge(terrain.heights, X0, Y0, 1.0, prisms)
    points = np.random.default_rng(3).uniform(-57, 57, (2500, 2))
    roofs = np.array([any(f.buffer(0.8).contains(Point(p)) for f in footprints) for p in points])
    for one in (CAMERAS["wide"], CAMERAS["on a node"], CAMERAS["fisheye wall"]):
        region = TerrainModel(Scene((one,), (), obstacles), terrain).seen("C", Period.DAY, LEVEL)
        assert len(judge.mismatches(one, Period.DAY, LEVEL, Target(), region, points[~roofs])) == 0
        for footprint, (base, _) in zip(footprints, heights, strict=True):
            if base == 0:
                assert region.intersection(footprint.buffer(-1e-6)).area < 1e-9


def test_a_ridge_hides_what_lies_behind_it_and_says_so():
    terrain = ground(ridge)
    one = camera(azimuth=0, tilt=5, height=4, hfov_deg=60.0)
    behind = KeyPlace("behind", "behind", Point(0, 25), 10.0)
    before = KeyPlace("before", "before", Point(0, 9), 10.0)
    model = TerrainModel(Scene((one,), (behind, before)), terrain)
    places = {place.place: place for place in model.design(Period.DAY).places}
    assert places["before"].covered
    assert not places["behind"].covered
    assert [reason.code for reason in places["behind"].reasons] == [ReasonCode.HIDDEN_BY_TERRAIN]
    assert places["behind"].reasons[0].params == {"camera": "C"}
    assert CoverageModel(model.scene).verdicts(None, Period.DAY)["behind"]


def test_a_pit_is_seen_from_its_rim_and_not_from_behind_it():
    floor = KeyPlace("floor", "floor", box(-10, -10, 10, 10), 12.5)
    rim = camera("rim", x=0, y=-41, height=10, azimuth=0, tilt=40, hfov_deg=80.0, width_px=3840, height_px=2160)
    back = replace(rim, id="back", device="back", pose=replace(rim.pose, y=-58, height_m=4, tilt_deg=20))
    model = TerrainModel(Scene((rim, back), (floor,)), ground(pit))
    (answer,) = model.design(Period.DAY).places
    assert answer.covered
    assert [row.camera for row in answer.seen_by] == ["rim"]
    depth = 51 * np.cos(np.radians(40)) + 30 * np.sin(np.radians(40))
    at_most = 3840 / (2 * depth * np.tan(np.radians(40)))
    assert answer.seen_by[0].density_px_per_m == pytest.approx(at_most, rel=0.05)


def test_heights_count_from_the_ground_under_each():
    terrain = ground(slope)
    one = camera(azimuth=90, tilt=0, height=6)
    model = TerrainModel(Scene((one,), (KeyPlace("P", "P", Point(20, 0.4), 20.0),)), terrain)
    (answer,) = model.design(Period.DAY).places
    drop = 6 - 0.2 * 19.7
    assert answer.seen_by[0].density_px_per_m == pytest.approx(1920 / (2 * 19.7 * np.tan(np.radians(35))), rel=1e-6)
    steep = replace(model.scene.key_places[0], max_depression_deg=np.degrees(np.arctan(drop / 19.7)) + 1.5)
    flat = replace(steep, max_depression_deg=steep.max_depression_deg - 3)
    for place, seen in ((steep, True), (flat, False)):
        assert TerrainModel(replace(model.scene, key_places=(place,)), terrain).verdicts(None, Period.DAY)["P"] is seen


def test_a_lens_and_a_target_on_a_roof_count_from_the_building():
    terrain = ground(slope)
    house = Obstacle("H", box(-5, -5, 5, 5), 0, 10)
    other = Obstacle("O", box(-30, -5, -20, 5), 0, 10)
    one = camera(x=-4.5, y=0, height=12, azimuth=270, tilt=5)
    roof = KeyPlace("roof", "roof", Point(-25, 0), 20.0, Target(10.0, 11.8))
    model = TerrainModel(Scene((one,), (roof,), (house, other)), terrain)
    assert model.design(Period.DAY).ratio == 1.0
    view = model._views["C"]
    assert view.camera.pose.height_m == pytest.approx(100 + 12, abs=0.01)


def test_a_hollow_hall_is_seen_from_inside_only():
    hall = Obstacle("H", box(-10.4, -10.4, 10.4, 10.4), 0, 8, hollow=True)
    inner, outer = KeyPlace("in", "in", Point(3, 3), 20.0), KeyPlace("out", "out", Point(3, 14), 20.0)
    one = camera(height=6, azimuth=0, tilt=40, hfov_deg=100.0)
    two = camera("D", x=3, y=30, height=6, azimuth=180, tilt=15)
    model = TerrainModel(Scene((one, two), (inner, outer), (hall,)), ground(plane))
    seen = {p.place: [row.camera for row in p.seen_by] for p in model.design(Period.DAY).places}
    assert seen == {"in": ["C"], "out": ["D"]}
    assert model.seen("C", Period.DAY, LEVEL).difference(hall.footprint.buffer(1e-6)).is_empty


def test_places_against_a_wall_are_covered_whole():
    wall = Obstacle("W", box(-20.37, 20.23, 20.41, 25), 0, 6)
    fence = KeyPlace("fence", "fence", LineString([(-5, 20.23), (5, 20.23)]), 20.0)
    yard = KeyPlace("yard", "yard", box(-5, 12, 5, 20.23), 20.0)
    model = TerrainModel(Scene((camera(azimuth=0),), (fence, yard), (wall,)), ground(plane))
    assert model.design(Period.DAY).ratio == 1.0


def test_unknown_ground_is_neither_seen_nor_seen_across():
    heights = ground(plane).heights.copy()
    heights[85:88, :] = np.nan
    terrain = Terrain(heights, X0, Y0, 1.0)
    model = TerrainModel(Scene((camera(azimuth=0),), ()), terrain)
    region = model.seen("C", Period.DAY, LEVEL)
    assert region.bounds[3] <= 25
    assert region.area > 20
    lost = camera(x=0, y=26.2)
    assert TerrainModel(Scene((lost,), ()), terrain).seen("C", Period.DAY, LEVEL).is_empty


def test_a_site_far_from_the_origin_is_the_same_site():
    place = KeyPlace("P", "P", box(-5, 10, 12, 25), 20.0)
    terrain = ground(rough)
    near = TerrainModel(Scene((camera(),), (place,)), terrain)
    east, north = 512_000.0, 4_432_000.0
    there = camera(x=0.3 + east, y=0.4 + north)
    moved = replace(place, geometry=box(east - 5, north + 10, east + 12, north + 25))
    far = TerrainModel(Scene((there,), (moved,)), terrain.shifted(east, north))
    one, other = near.design(Period.DAY).places[0], far.design(Period.DAY).places[0]
    assert other.share == pytest.approx(one.share, abs=1e-6)
    assert 0 < one.share < 1


def test_blind_ground_over_terrain_is_whole_and_names_the_ground():
    house = Obstacle("H", box(-30, 2, -20, 12), 0, 6)
    one = camera(azimuth=0, tilt=5, height=4, hfov_deg=60.0)
    fence = box(-40, 2, 40, 40)
    place = KeyPlace("P", "P", box(-3, 22, 3, 28), 12.5)
    model = TerrainModel(Scene((one,), (place,), (house,), boundary=fence), ground(ridge))
    told = blind_ground(model, Period.DAY, 12.5)
    expected = fence.difference(house.footprint).difference(model.seen("C", Period.DAY, 12.5))
    assert told.blind_m2 == pytest.approx(expected.area, abs=1e-3)
    assert sum(spot.area_m2 for spot in told.spots) + told.dropped_m2 == pytest.approx(expected.area, abs=1e-3)
    behind = [spot for spot in told.spots if spot.geometry.contains(Point(0.3, 25.3))]
    assert [spot.reason.code for spot in behind] == [ReasonCode.HIDDEN_BY_TERRAIN]
    spots = place_blind_spots(model, Period.DAY)
    assert {spot.reason.code for spot in spots} == {ReasonCode.HIDDEN_BY_TERRAIN}
    assert sum(spot.area_m2 for spot in spots) == pytest.approx(36.0, abs=1e-6)
    broken = place_blind_spots(model, Period.DAY, {"C": Sight(SightState.BLIND, "black")})
    assert sum(spot.area_m2 for spot in broken) == pytest.approx(36.0, abs=1e-6)


def test_health_changes_and_what_ifs_follow():
    place = KeyPlace("P", "P", box(-5, 10, 12, 25), 20.0)
    terrain = ground(rough)
    model = TerrainModel(Scene((camera(),), (place,)), terrain)
    full = model.design(Period.DAY).places[0].share
    half = model.effective({"C": Sight(SightState.SEES, "blur", density_divisor=2.5)}, Period.DAY).places[0].share
    blocks = np.zeros((4, 4), dtype=bool)
    blocks[:, :2] = True
    left = model.effective({"C": Sight(SightState.SEES, "partial", hidden=blocks)}, Period.DAY).places[0].share
    assert model.effective({"C": Sight(SightState.BLIND, "black")}, Period.DAY).places[0].share == 0
    assert 0 < left < full
    assert half < full
    turned = replace(camera(), pose=replace(camera().pose, azimuth_deg=200))
    assert model.replaced(turned).design(Period.DAY).places[0].share == 0
    more = model.added(camera("D", x=-8, y=2))
    assert more.design(Period.DAY).places[0].share >= full
    assert type(more) is TerrainModel
    assert more.places_of("D") == ("P",)


@pytest.mark.parametrize(
    ("heights", "cell"), [(np.zeros((1, 5)), 1.0), (np.zeros(5), 1.0), (np.zeros((3, 3)), 0.0)], ids=str
)
def test_no_ground(heights, cell):
    with pytest.raises(ValueError, match="ground heights"):
        Terrain(heights, 0, 0, cell)
