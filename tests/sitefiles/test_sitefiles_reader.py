"""What a good site folder becomes, and how its files are checked against one another."""

import json
import os
from pathlib import Path

import pytest
from small_site import CAMERAS, MAP, SITE

from cammon.sitefiles import read_site
from cammon.sitefiles.model import Contact, DayRule
from cammon_coverage.model import Target

BARE = 'name = "x"\n'


def test_values_arrive(make_site):
    site = read_site(make_site()).site
    assert (site.id, site.name, str(site.time_zone)) == ("small", "小矿 Small mine", "Asia/Shanghai")
    assert (site.daylight.rule, site.daylight.latitude) == (DayRule.SUN, 40.0)
    places = {place.id: place for place in site.scene.key_places}
    assert (places["K1"].level_px_per_m, places["K1"].priority, places["K1"].target) == (125.0, 1, Target())
    assert (places["K2"].level_px_per_m, places["K2"].priority, places["K2"].name) == (25.0, 2, "煤场")
    assert site.contacts == {"K1": Contact("Ann", "000-0000-1")}
    assert site.declared == {"K1": ("C1",)}
    assert [preset.home for preset in site.presets["C1"]] == [True, False]
    assert site.catalog["M1"].price == 1980.0
    assert site.credentials["gate"].env == "GATE_LOGIN"
    assert (site.scene.mounting_places[0].height_m, site.scene.obstacles[0].top_m) == (6.0, 8.0)
    assert site.scene.boundary.area == 10_000
    assert [camera.pose is not None for camera in site.cameras] == [True] * 3


def test_only_a_name_and_a_list_of_ids(make_site):
    reading = read_site(make_site(site=BARE, cameras="id\nA\nB\n", map=None, declared=None, presets=None, catalog=None))
    assert reading.problems == ()
    assert [camera.id for camera in reading.site.cameras] == ["A", "B"]
    assert reading.site.daylight.rule is DayRule.FIXED


def test_declared_coverage_without_a_map(make_site):
    reading = read_site(
        make_site(
            site=BARE,
            cameras="id\nA\nB\n",
            map=None,
            declared="重点部位,摄像机编号\n主井口,A\n主井口,B\n",
            presets=None,
        )
    )
    assert reading.problems == ()
    assert reading.site.declared == {"主井口": ("A", "B")}


def test_a_ledger_that_cannot_be_read_is_the_only_fault(make_site):
    reading = read_site(make_site(cameras=b"\xff\xff\xff"))
    assert [problem.code for problem in reading.problems] == ["bad_encoding"]


def test_a_row_set_aside_is_not_unknown_elsewhere(make_site):
    reading = read_site(make_site(cameras=CAMERAS.replace("C1,大门 Gate,M1,10", "C1,大门 Gate,M1,here")))
    assert [problem.code for problem in reading.problems] == ["not_a_number"]
    assert reading.site.declared == {}


def test_version_is_that_of_the_bytes(make_site, tmp_path: Path):
    folder = make_site()
    first = read_site(folder).site.version
    for path in folder.iterdir():
        os.utime(path, (0, 0))
    assert read_site(folder.rename(tmp_path / "elsewhere")).site.version == first
    assert read_site(make_site(site=SITE + "\n")).site.version != first
    assert read_site(make_site(presets=None)).site.version != first


@pytest.mark.parametrize(
    ("name", "expected"),
    [("demo-mine", "demo-mine"), ("a_b.c", "a_b.c"), ("城区 矿", None)],
    ids=["slug", "dots", "words"],
)
def test_id_from_the_folder(name: str, expected: str | None, make_site, tmp_path: Path):
    folder = make_site().rename(tmp_path / name)
    site_id = read_site(folder).site.id
    assert site_id == (expected or site_id)
    assert site_id.isascii()
    assert read_site(folder).site.id == site_id


def test_tiers_and_faults_take_what_they_leave_out_from_the_site(make_site):
    text = f"""{SITE}
[probing]
liveness_s = 7
dead_max_s = 40
login_pause_s = 60
[probing.faults.blur]
confirm_after = 5
[probing.tiers.A]
picture_s = 20
[coverage]
weights = {{1 = 9}}
blind_severity = 0.5
"""
    cameras = CAMERAS.replace("installed_on", "tier").replace("2021-05-03", "A").replace("2022-01-31", "B")
    reading = read_site(make_site(site=text, cameras=cameras))
    site = reading.site
    assert [(problem.code, problem.value) for problem in reading.problems] == [("unknown_tier", "B")]
    first, second, third = (site.probing(camera) for camera in site.cameras)
    assert (first.liveness_s, first.picture_s, first.dead_max_s) == (7.0, 20.0, 40.0)
    assert (second.picture_s, third.picture_s) == (300.0, 300.0)
    assert first.faults == second.faults == {"blur": (5, 2)}
    assert (site.login_pause_s, site.blind_severity, site.scene.weights) == (60.0, 0.5, {1: 9.0, 2: 2.0, 3: 1.0})


HANGING = {
    "on-the-roof": ("25", "30", "8", None),
    "above-the-roof": ("25", "30", "9", None),
    "on-the-wall": ("20", "30", "5", None),
    "a-hair-inside-the-wall": ("20.0005", "30", "5", None),
    "inside": ("25", "30", "5", "inside_obstacle"),
    "on-the-fence": ("-1.5", "50", "5", None),
    "outside": ("-3", "50", "5", "outside_boundary"),
}


@pytest.mark.parametrize(("x", "y", "height", "code"), HANGING.values(), ids=HANGING)
def test_where_a_camera_may_hang(x: str, y: str, height: str, code: str | None, make_site):
    cameras = CAMERAS.replace("M1,10,10,6,0,", f"M1,{x},{y},{height},0,")
    reading = read_site(make_site(cameras=cameras))
    assert [problem.code for problem in reading.problems] == ([code] if code else [])
    assert [camera.id for camera in reading.site.cameras] == ["C1", "C2", "C3"], "it is monitored all the same"
    assert (reading.site.cameras[0].pose is None) == (code is not None)


@pytest.mark.parametrize(
    "change",
    [('"top_m": 8', '"top_m": 8, "hollow": true'), ('"base_m": 0, "top_m": 8', '"base_m": 6, "top_m": 8')],
    ids=["hollow", "gallery-on-legs"],
)
def test_a_camera_may_hang_in_a_hollow_shed_and_under_a_gallery(change: tuple[str, str], make_site):
    cameras = CAMERAS.replace("M1,10,10,6,0,", "M1,25,30,5,0,")
    assert read_site(make_site(cameras=cameras, map=MAP.replace(*change))).problems == ()


def features(*new: dict) -> str:
    raw = json.loads(MAP)
    raw["features"] += new
    return json.dumps(raw)


def obstacle(ring: list, kind: str = "Polygon", **properties) -> dict:
    coordinates = [ring] if kind == "Polygon" else ring
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": {"kind": "obstacle", "top_m": 5, **properties}, "geometry": geometry}


SQUARE = [[40, 20], [50, 20], [50, 30], [40, 30], [40, 20]]
NEXT = [[45, 25], [55, 25], [55, 35], [45, 35], [45, 25]]


@pytest.mark.parametrize(
    ("added", "codes", "area"),
    [
        ([obstacle(SQUARE, id="X"), obstacle(SQUARE, id="Y")], [], 200),
        ([obstacle(SQUARE, id="X"), obstacle(SQUARE, id="X")], ["duplicate_obstacle_id"], 200),
        ([obstacle([[p[0], p[1], 7.5] for p in SQUARE], id="X")], [], 100),
        ([obstacle(SQUARE, id=7)], [], 100),
        ([obstacle([[SQUARE], [NEXT]], "MultiPolygon", id="X")], ["parts_united"], 175),
        ([obstacle(SQUARE)], [], 100),
    ],
    ids=["duplicates", "same-id", "heights-in-coordinates", "number-as-id", "overlapping-parts", "without-id"],
)
def test_what_real_maps_hold(added: list, codes: list[str], area: float, make_site):
    reading = read_site(make_site(map=features(*added)))
    assert [problem.code for problem in reading.problems] == codes
    assert sum(item.footprint.area for item in reading.site.scene.obstacles[1:]) == area
    ids = [item.id for item in reading.site.scene.obstacles]
    assert len(set(ids)) == len(ids)


@pytest.mark.needs_data("city")
def test_a_real_city():
    reading = read_site(Path(os.environ["CAMMON_DATA"]) / "city")
    scene = reading.site.scene
    assert reading.faults == ()
    assert {problem.code for problem in reading.problems} <= {"place_inside_obstacle"}
    assert (len(scene.cameras), len(scene.key_places), len(scene.obstacles)) == (1000, 200, 2185)


def test_an_enormous_place_round_the_site_does_not_move_its_middle(make_site):
    """One place 2,000 km wide, one camera in the midst of it: the place is at fault, the camera is not."""
    ring = [[-1e6, -1e6], [1e6, -1e6], [1e6, 1e6], [-1e6, 1e6], [-1e6, -1e6]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    place = {"type": "Feature", "properties": {"kind": "key_place", "id": "P", "level": 25}, "geometry": geometry}
    ledger = "id,x,y,lens_height_m,azimuth_deg,tilt_deg,hfov_deg,resolution\nC1,0,0,6,0,15,90,1920x1080\n"
    reading = read_site(
        make_site(
            site='name = "s"\n', cameras=ledger, map=json.dumps({"type": "FeatureCollection", "features": [place]})
        )
    )
    assert [problem.file for problem in reading.problems if problem.code == "too_far"] == ["map.geojson"]
    assert [camera.id for camera in reading.site.scene.cameras] == ["C1"]
