"""The same site in local metres, on a grid and in degrees: one geometry, and the way back to the map."""

import json

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from small_site import CAMERAS, MAP

from cammon.sitefiles import read_site
from cammon.sitefiles.frame import MapFrame, UnknownFrame, fits, frame_of

GRID_X, GRID_Y = 500_000.0, 4_430_000.0
GRID = np.array([GRID_X, GRID_Y])
SITE = 'name = "x"\ncrs = "{}"\n[credentials.gate]\nenv = "A"\n'


def on_grid(xy: np.ndarray) -> np.ndarray:
    return xy + GRID


def moved(change) -> tuple[str, str]:
    """The small site's map and ledger with every position changed."""
    raw = json.loads(MAP)
    for feature in raw["features"]:
        geometry = shapely.transform(shapely.geometry.shape(feature["geometry"]), change)
        feature["geometry"] = json.loads(shapely.to_geojson(geometry))
    header, *rows = CAMERAS.strip().split("\n")
    for index, row in enumerate(rows):
        cells = row.split(",")
        x, y = change(np.array([[float(cells[3]), float(cells[4])]]))[0]
        rows[index] = ",".join([*cells[:3], repr(float(x)), repr(float(y)), *cells[5:]])
    return json.dumps(raw), "\n".join([header, *rows])


def read(make_site, crs: str, change):
    site_map, cameras = moved(change)
    reading = read_site(make_site(site=SITE.format(crs), map=site_map, cameras=cameras))
    assert reading.problems == ()
    return reading.site


def geometry_of(site) -> np.ndarray:
    """All coordinates of the scene relative to the first camera."""
    scene = site.scene
    shapes = [place.geometry for place in scene.key_places] + [item.footprint for item in scene.obstacles]
    shapes += [area.geometry for area in scene.lit_areas] + [scene.boundary]
    points = [shapely.get_coordinates(shapes), [(camera.pose.x, camera.pose.y) for camera in scene.cameras]]
    points.append([(mount.x, mount.y) for mount in scene.mounting_places])
    zero = scene.cameras[0].pose
    return np.vstack(points) - (zero.x, zero.y)


@pytest.fixture
def local(make_site):
    return geometry_of(read_site(make_site()).site)


def test_grid_keeps_its_axes(make_site, local):
    site = read(make_site, "EPSG:4546", on_grid)
    assert np.abs(geometry_of(site) - local).max() < 1e-6
    assert np.abs(site.scene.cameras[0].pose.x) < 1000


def test_web_mercator_is_brought_to_true_metres(make_site, local):
    latitude_scale = 1.3054  # 1 / cos(40 degrees)
    site = read(make_site, "EPSG:3857", lambda xy: xy * latitude_scale + (12_600_000.0, 4_865_942.0))
    assert np.abs(geometry_of(site) - local).max() < 0.5


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4490"], ids=["WGS84", "CGCS2000"])
def test_degrees(crs: str, make_site, local):
    geod = Geod(ellps="WGS84")

    def degrees(xy):
        azimuth, length = np.degrees(np.arctan2(xy[:, 0], xy[:, 1])), np.hypot(xy[:, 0], xy[:, 1])
        count = len(xy)
        longitude, latitude, _ = geod.fwd(np.full(count, 113.1), np.full(count, 40.05), azimuth, length)
        return np.column_stack([longitude, latitude])

    site = read(make_site, crs, degrees)
    assert np.abs(geometry_of(site) - local).max() < 0.01
    back = site.frame.geometry_to_map(site.scene.key_places[0].geometry)
    assert np.abs(shapely.get_coordinates(back) - degrees(np.array([[10.0, 25.0]]))).max() < 1e-9


FRAMES = [
    frame_of("local", (0.0, 0.0)),
    frame_of("EPSG:4546", (GRID_X, GRID_Y)),
    frame_of("EPSG:4326", (113.1, 40.05)),
    frame_of("EPSG:3857", (12_600_000.0, 4_865_942.0)),
]


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame.crs)
@given(x=st.floats(-5000, 5000), y=st.floats(-5000, 5000))
def test_there_and_back(frame: MapFrame, x: float, y: float):
    xy = np.array([[x, y]])
    assert np.abs(frame.to_local(frame.to_map(xy)) - xy).max() < 1e-6


@pytest.mark.parametrize(
    "crs", ["EPSG:5773", "EPSG:4979", "EPSG:0", "moon", ""], ids=["height", "3d", "0", "word", "empty"]
)
def test_names_that_are_no_plan_coordinates(crs: str):
    with pytest.raises(UnknownFrame):
        frame_of(crs, (0.0, 0.0))


def test_fit_of_a_grid():
    assert fits("EPSG:4546", (GRID_X, GRID_Y))
    assert not fits("EPSG:4546", (300.0, 200.0))
    assert not fits("EPSG:4326", (500_000.0, 4_430_000.0))
    assert fits("local", (1e7, 1e7))


def test_degrees_read_as_metres_are_doubted(make_site):
    site_map, cameras = moved(lambda xy: xy / 111_000 + (113.1, 40.05))
    reading = read_site(make_site(site=SITE.format("local"), map=site_map, cameras=cameras))
    assert "looks_like_degrees" in [problem.code for problem in reading.problems]


def test_map_that_says_another_system(make_site):
    site_map, cameras = moved(on_grid)
    named = site_map.replace(
        '{"type"', '{"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}}, "type"', 1
    )
    reading = read_site(make_site(site=SITE.format("EPSG:4546"), map=named, cameras=cameras))
    assert [(problem.code, problem.value) for problem in reading.problems] == [("crs_differs", "EPSG:4547")]
