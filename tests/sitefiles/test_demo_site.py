"""The demo site says what it is meant to say: a believable mine whose coverage is high and honestly below 100 %."""

import json
from collections import Counter
from pathlib import Path

import pytest
import shapely

from cammon.sitefiles import read_site
from cammon_coverage.engine import CoverageModel
from cammon_coverage.model import Period, Projection, ReasonCode, Sight, Target

MAGAZINE = "K04"
NO_CAMERA = {"K19", "K23"}
ONLY_BY_DAY = {"K18"}
TOO_OLD = {"K11"}


@pytest.fixture(scope="module")
def folder(repository: Path) -> Path:
    return repository / "config" / "demo-mine"


@pytest.fixture(scope="module")
def site(folder: Path):
    reading = read_site(folder)
    assert reading.problems == ()
    return reading.site


@pytest.fixture(scope="module")
def model(site) -> CoverageModel:
    return CoverageModel(site.scene)


@pytest.fixture(scope="module")
def answers(model):
    return {period: {answer.place: answer for answer in model.design(period).places} for period in Period}


def test_size(site):
    scene = site.scene
    assert len(site.cameras) == len(scene.cameras) == 24, "every camera has a pose"
    assert [camera.id for camera in site.cameras] == [f"CAM{n:02}" for n in range(1, 25)]
    assert len(scene.obstacles) >= 30
    assert len(scene.key_places) >= 16
    assert {camera.switch for camera in scene.cameras} == {"SW1", "SW2", "SW3", "SW4"}
    assert {camera.recorder for camera in scene.cameras} == {"NVR1", "NVR2"}
    assert len({camera.power for camera in scene.cameras}) >= 3
    assert len(scene.mounting_places) >= 5
    assert len(scene.lit_areas) >= 5
    square = shapely.get_parts(scene.boundary)[0]
    assert (square.bounds[2] - square.bounds[0], square.bounds[3] - square.bounds[1]) == (580, 380)


def test_variety(site):
    places = site.scene.key_places
    assert {place.geometry.geom_type for place in places} >= {"Point", "LineString", "MultiLineString", "Polygon"}
    assert len({place.level_px_per_m for place in places}) >= 5
    assert {place.priority for place in places} == {1, 2, 3}
    assert any(place.redundancy > 1 for place in places)
    assert sum(place.facing_deg is not None for place in places) >= 2
    assert {place.target for place in places} >= {Target(), Target(1.4, 1.8), Target(0.5, 1.2)}
    assert sum(obstacle.base_m > 0 for obstacle in site.scene.obstacles) >= 5, "galleries on legs"
    lenses = Counter(camera.lens.projection for camera in site.scene.cameras)
    assert lenses[Projection.FISHEYE] == 1
    assert len(site.catalog) >= 8
    assert set(site.contacts) == {place.id for place in places}


def test_buildings_do_not_overlap(site):
    """Apart from what stands on or runs into something else by design (a headframe, a gallery)."""
    on_the_ground = [item for item in site.scene.obstacles if item.base_m == 0]
    for index, one in enumerate(on_the_ground):
        for other in on_the_ground[index + 1 :]:
            assert one.footprint.intersection(other.footprint).area < 0.1, (one.name, other.name)


def test_magazine_is_an_island_behind_its_own_radio_link(site):
    square, island = shapely.get_parts(site.scene.boundary)
    assert 700 < square.distance(island) < 900
    there = [camera.id for camera in site.scene.cameras if island.covers(shapely.Point(camera.pose.x, camera.pose.y))]
    behind = [camera.id for camera in site.scene.cameras if camera.switch == "SW4"]
    assert there == behind == ["CAM23", "CAM24"]


@pytest.mark.parametrize("period", list(Period))
def test_one_camera_alone_covers_the_magazine(period: Period, site, model, answers):
    answer = answers[period][MAGAZINE]
    assert answer.covered
    assert [seen.camera for seen in answer.seen_by] == ["CAM24"]
    threads = model.threads({camera.id: Sight() for camera in site.scene.cameras}, period)
    hanging = {(thread.kind, thread.id) for thread in threads if MAGAZINE in thread.places}
    assert hanging == {
        ("camera", "CAM24"),
        ("device", "CAM24"),
        ("switch", "SW4"),
        ("recorder", "NVR2"),
        ("power", "P5"),
    }


def test_coverage_is_high_and_honestly_below_all(model, answers):
    missing = {period: {place for place, answer in answers[period].items() if not answer.covered} for period in Period}
    assert missing[Period.DAY] == NO_CAMERA | TOO_OLD
    assert missing[Period.NIGHT] == NO_CAMERA | TOO_OLD | ONLY_BY_DAY
    assert 0.8 < model.design(Period.NIGHT).ratio < model.design(Period.DAY).ratio < 1


def test_why_places_are_not_covered(answers):
    day, night = answers[Period.DAY], answers[Period.NIGHT]
    for place in NO_CAMERA:
        assert day[place].share == 0
        assert not day[place].seen_by
    (old,) = TOO_OLD
    reason = day[old].reasons[0]
    assert (reason.code, reason.params["camera"]) == (ReasonCode.DENSITY_TOO_LOW, "CAM09")
    assert reason.params["density_px_per_m"] < reason.params["level_px_per_m"]
    (dark,) = ONLY_BY_DAY
    reason = night[dark].reasons[0]
    assert (reason.code, reason.params["camera"]) == (ReasonCode.TOO_DARK, "CAM21")


def test_one_place_stands_though_any_single_camera_fails(site, model):
    """The coal yard is seen whole from both masts."""
    threads = model.threads({camera.id: Sight() for camera in site.scene.cameras}, Period.DAY)
    assert not [thread.id for thread in threads if thread.kind == "camera" and "K15" in thread.places]


def test_no_camera_looks_into_living_or_changing_rooms(site, model):
    """At the level at which a person is recognised, cameras see nothing inside these walls, nor close to them except
    where a key place (an entrance) is."""
    private = [item for item in site.scene.obstacles if any(word in item.name for word in ("宿舍", "公寓", "浴室"))]
    assert len(private) == 4
    entrances = shapely.union_all([place.geometry.buffer(6) for place in site.scene.key_places])
    for camera in site.scene.cameras:
        seen = model.seen(camera.id, Period.DAY, 125.0)
        for building in private:
            assert seen.intersection(building.footprint).area < 1e-6
            close = building.footprint.buffer(2).difference(building.footprint).difference(entrances)
            assert seen.intersection(close).area < 1.0, (camera.id, building.name)


def test_addresses_and_login(site):
    assert [camera.host for camera in site.cameras] == [f"127.20.0.{n}" for n in range(1, 25)]
    assert {(c.rtsp_port, c.rtsp_path, c.sub_path, c.onvif_port, c.credential) for c in site.cameras} == {
        (8554, "/main", "/sub", 8080, "demo")
    }
    assert site.credentials["demo"].env == "CAMMON_DEMO_LOGIN"
    probing = site.probing(site.cameras[0])
    assert (probing.liveness_s, probing.picture_s, probing.device_s) == (10, 15, 20)
    assert (probing.confirm_after, probing.clear_after) == (2, 2)


def test_ages(site):
    years = {camera.id: camera.installed_on.year for camera in site.cameras}
    assert years["CAM09"] == min(years.values())
    assert sum(year < 2017 for year in years.values()) >= 3, "some are past their service life"
    assert sum(year >= 2021 for year in years.values()) >= 8
    assert {camera.model for camera in site.cameras} <= set(site.catalog)
    assert site.catalog[site.camera("CAM09").model].end_of_life.year < 2020
    assert sum(model.available for model in site.catalog.values()) >= 8


def test_map_stays_editable(folder: Path):
    """One feature a line, so that a change of one is a change of one line."""
    lines = (folder / "map.geojson").read_text(encoding="utf-8").splitlines()
    features = [json.loads(line.rstrip(",")) for line in lines if line.startswith('{"type": "Feature",')]
    assert len(features) == len(lines) - 3
    names = [feature["properties"].get("name", "") for feature in features]
    assert all(any("\u4e00" <= char <= "\u9fff" for char in name) and name.split()[-1].isascii() for name in names)
