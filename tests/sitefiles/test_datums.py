"""The offset systems against published pairs and by round trips; zones; positions that were measured otherwise."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry import box, mapping

from cammon.sitefiles import read_site, sentence
from cammon.sitefiles.datums import OFFSETS, bd09_of, converted, gcj02_of, system_named, wgs84_of, zones_for
from cammon.sitefiles.frame import UnknownFrame, frame_of
from cammon.sitefiles.mixing import Pin, misread

METRES_PER_DEGREE = 111_320.0
# Pairs that the test suites of the public converters share (longitude, latitude; WGS84 and GCJ-02).
PAIRS = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
]


@pytest.mark.parametrize(("wgs84", "gcj02"), PAIRS, ids=["shanghai", "shenzhen", "beijing"])
def test_published_pairs(wgs84, gcj02):
    assert gcj02_of(np.array([wgs84]))[0] == pytest.approx(gcj02, abs=1e-9)
    assert wgs84_of("gcj02", np.array([gcj02]))[0] == pytest.approx(wgs84, abs=1e-9)


def by_hand(longitude: float, latitude: float) -> tuple[float, float]:
    """GCJ-02 as BD-09, the published formula written with scalars."""
    turn = math.pi * 3000.0 / 180.0
    radius = math.hypot(longitude, latitude) + 0.00002 * math.sin(latitude * turn)
    angle = math.atan2(latitude, longitude) + 0.000003 * math.cos(longitude * turn)
    return radius * math.cos(angle) + 0.0065, radius * math.sin(angle) + 0.006


@pytest.mark.parametrize(("wgs84", "gcj02"), PAIRS, ids=["shanghai", "shenzhen", "beijing"])
def test_baidu_stands_on_gcj02(wgs84, gcj02):
    assert bd09_of(np.array([wgs84]))[0] == pytest.approx(by_hand(*gcj02), abs=1e-9)


@pytest.mark.parametrize("system", OFFSETS)
def test_there_and_back_over_the_whole_country(system):
    random = np.random.default_rng(7)
    there = np.column_stack([random.uniform(73.5, 134.5, 20_000), random.uniform(18.0, 53.5, 20_000)])
    moved = OFFSETS[system](there)
    back = wgs84_of(system, moved)
    assert np.abs(back - there).max() * METRES_PER_DEGREE < 1e-3
    shift_m = np.hypot(*((moved - there) * METRES_PER_DEGREE).T)
    assert 20 < shift_m.min() < shift_m.max() < 3000


def test_outside_of_china_nothing_moves():
    abroad = np.array([[2.35, 48.85], [-74.0, 40.7], [151.2, -33.9]])
    assert (gcj02_of(abroad) == abroad).all()
    assert (bd09_of(abroad) == abroad).all()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("GCJ-02", "gcj02"),
        ("火星坐标系", "gcj02"),
        ("ＢＤ０９", "bd09"),
        ("百度", "bd09"),
        ("WGS 84", "wgs84"),
        ("国家2000", "wgs84"),
        ("EPSG:4546", "EPSG:4546"),
        ("4546", "EPSG:4546"),
    ],
)
def test_names(text, name):
    assert system_named(text) == name


@pytest.mark.parametrize("text", ["", "mars", "EPSG:1", "12", "GCJ-03"])
def test_no_names(text):
    with pytest.raises(UnknownFrame):
        system_named(text)


@pytest.mark.parametrize(
    ("code", "longitude"), [(4546, 111), (4547, 114), (4526, 114), (4525, 111), (4498, 117), (4510, 123)]
)
def test_a_grid_position_knows_its_zone(code, longitude):
    place = np.array([[longitude + 0.4, 39.7]])
    x, y = converted(place, "wgs84", f"EPSG:{code}")[0]
    zones = zones_for(float(x), float(y))
    assert f"EPSG:{code}" in zones
    assert len(zones) == 1 or x < 1e6
    assert converted(np.array([[x, y]]), f"EPSG:{code}", "wgs84")[0] == pytest.approx(place[0], abs=1e-8)
    assert zones_for(float(y), float(x)) == ()


MIDDLE = np.array([113.1, 40.05])
SIZE = np.array([0.004, 0.003])
"""Half the width and height of the site in degrees: about 340 m and 330 m."""


def places(count: int, seed: int = 3) -> np.ndarray:
    return MIDDLE + np.random.default_rng(seed).uniform(-0.9, 0.9, (count, 2)) * SIZE


def pins_of(xy) -> list[Pin]:
    return [Pin(f"row {row}", *map(float, point)) for row, point in enumerate(xy, start=2)]


def boundary(frame):
    return shapely.transform(box(*(MIDDLE - SIZE), *(MIDDLE + SIZE)), frame.to_local)


GRID = Transformer.from_crs("EPSG:4326", "EPSG:4546", always_xy=True)


def grid(lonlat) -> np.ndarray:
    return np.column_stack(GRID.transform(lonlat[:, 0], lonlat[:, 1]))


@pytest.mark.parametrize("system", ["gcj02", "bd09"])
def test_rows_of_another_system_are_found_against_the_boundary(system):
    frame = frame_of("EPSG:4490", tuple(MIDDLE))
    xy = places(60)
    odd = np.arange(0, 60, 3)
    xy[odd] = OFFSETS[system](xy[odd])
    away = shapely.distance(boundary(frame), shapely.points(frame.to_local(xy)))
    (found,) = misread(pins_of(xy), [], boundary(frame), frame)
    assert found.system == system
    assert {pin.where for pin in found.pins} == {f"row {at + 2}" for at in np.flatnonzero(away > 30)}
    assert len(found.pins) > 10


def test_two_systems_in_one_ledger():
    frame = frame_of("EPSG:4490", tuple(MIDDLE))
    xy = places(60) * 0.2 + MIDDLE * 0.8
    xy[:10], xy[10:15] = gcj02_of(xy[:10]), bd09_of(xy[10:15])
    found = misread(pins_of(xy), [], boundary(frame), frame)
    assert [(one.system, len(one.pins)) for one in found] == [("gcj02", 10), ("bd09", 5)]
    assert [round(one.metres, -2) for one in found][1] > 800


def test_degrees_zones_and_swapped_axes_on_a_grid():
    frame = frame_of("EPSG:4546", tuple(grid(MIDDLE[None])[0]))
    lonlat = places(40)
    xy = grid(lonlat)
    xy[:6] = lonlat[:6]
    xy[6:10] = gcj02_of(lonlat[6:10] * 0.1 + MIDDLE * 0.9)
    xy[10:15] = converted(lonlat[10:15], "wgs84", "EPSG:4526")
    xy[15:18] = xy[15:18, ::-1]
    limits = shapely.box(*(grid((MIDDLE - SIZE)[None])[0] - 60), *(grid((MIDDLE + SIZE)[None])[0] + 60))
    found = misread(pins_of(xy), [], shapely.transform(limits, frame.to_local), frame)
    assert {one.system: len(one.pins) for one in found} == {"wgs84": 6, "EPSG:4526": 5, "gcj02": 4, "swapped": 3}


@pytest.mark.parametrize("most", [False, True], ids=["few-are-off", "most-are-off"])
def test_without_a_map_positions_are_compared_with_each_other(most):
    frame = frame_of("EPSG:4490", tuple(MIDDLE))
    xy = MIDDLE + (places(40) - MIDDLE) * 0.5
    off = np.arange(40) >= 10 if most else np.arange(40) < 10
    xy[off] = gcj02_of(xy[off])
    (found,) = misread(pins_of(xy), [], None, frame)
    assert (found.system, len(found.pins)) == ("gcj02", off.sum())


def test_a_right_ledger_raises_no_question():
    frame = frame_of("EPSG:4490", tuple(MIDDLE))
    for seed in range(30):
        assert misread(pins_of(places(50, seed)), [], boundary(frame), frame) == []
        assert misread(pins_of(places(50, seed)), [], None, frame) == []
    assert misread([], [], boundary(frame), frame) == []
    assert misread(pins_of(places(2)), [], None, frame) == []


def write(folder: Path, rows: str, crs: str = "EPSG:4490") -> Path:
    (folder / "site.toml").write_text(f'name = "S"\ncrs = "{crs}"\n', "utf-8")
    feature = {
        "type": "Feature",
        "properties": {"kind": "boundary"},
        "geometry": mapping(box(*(MIDDLE - SIZE), *(MIDDLE + SIZE))),
    }
    (folder / "map.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    header = "id,x,y,crs,lens_height_m,azimuth_deg,tilt_deg,hfov_deg,resolution\n"
    (folder / "cameras.csv").write_text(header + rows, "utf-8")
    return folder


POSE = "6,0,10,60,1920x1080"


def test_the_question_names_rows_and_remedy_and_the_column_answers_it(tmp_path):
    good, off = places(4), gcj02_of(MIDDLE[None])[0]
    rows = "".join(f"C{at},{x:.7f},{y:.7f},{{}},{POSE}\n".format("") for at, (x, y) in enumerate(good))
    reading = read_site(write(tmp_path, f"{rows}C9,{off[0]:.7f},{off[1]:.7f},,{POSE}\n"))
    (question,) = [problem for problem in reading.problems if problem.code == "other_system"]
    assert question.where == "row 6"
    assert "Write gcj02 into the column crs" in sentence(question, "en")
    assert "gcj02" in sentence(question, "zh")
    reading = read_site(write(tmp_path, f"{rows}C9,{off[0]:.7f},{off[1]:.7f},火星坐标,{POSE}\n"))
    assert reading.problems == ()
    assert np.hypot(reading.site.camera("C9").pose.x, reading.site.camera("C9").pose.y) < 400
    at = reading.site.frame.to_map(np.array([[reading.site.camera("C9").pose.x, reading.site.camera("C9").pose.y]]))
    assert np.abs(at[0] - MIDDLE).max() * METRES_PER_DEGREE < 0.05


def test_a_row_with_a_system_on_a_local_map_is_a_fault(tmp_path):
    (tmp_path / "site.toml").write_text('name = "S"\n', "utf-8")
    (tmp_path / "cameras.csv").write_text("id,x,y,crs\nA,1,2,gcj02\nB,1,2,\nC,1,2,moon\n", "utf-8")
    said = {(problem.where, problem.code) for problem in read_site(tmp_path).problems}
    assert said == {("row 2", "row_crs_on_local_map"), ("row 4", "unknown_row_crs")}
