"""Calibration on a slope: heights in clicks are above the ground there, and the drawing lies on that ground."""

import json
import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result
from rasterio.transform import Affine

from cammon.calibration.relief import Relief
from cammon.cli import cammon
from cammon.problem import UserError
from cammon.sitefiles import read_site
from cammon_coverage import optics
from cammon_coverage.model import Lens, Pose
from tests.terrain.dem_files import TERRAIN, save

FALL = -0.12
"""The ground falls to the north, 12 %: a flat answer would look down too little by some degrees."""
LENS = Lens(80.0, 1920, 1080)
HIDDEN = Pose(0.0, 0.0, 6.0, azimuth_deg=4.0, tilt_deg=14.0, roll_deg=0.5)
"""The ledger says azimuth 0, tilt 10."""
HOUSE = (-12.0, 30.0, -4.0, 38.0, 5.0)
"""West, south, east, north, top."""
GROUND = ((-9.0, 22.0), (6.0, 18.0), (14.0, 30.0), (2.0, 45.0), (20.0, 60.0), (-3.0, 70.0))


def ground(x, y):
    return 800.0 + FALL * np.asarray(y) + 0.02 * np.asarray(x)


def roof(top):
    west, south, east, north, _ = HOUSE
    return float(ground((west + east) / 2, (south + north) / 2)) + top


def feature(kind, geometry, **properties):
    return {"type": "Feature", "properties": {"kind": kind, **properties}, "geometry": geometry}


@pytest.fixture
def site(tmp_path):
    """A camera on a slope that looks down it, a house, and a marked yard; `site.toml` names the ground heights."""
    folder = tmp_path / "slope"
    folder.mkdir()
    (folder / "site.toml").write_text('name = "slope"\n' + TERRAIN, encoding="utf-8")
    columns = "id,x,y,lens_height_m,azimuth_deg,tilt_deg,hfov_deg,resolution"
    (folder / "cameras.csv").write_text(f"{columns}\nC1,0,0,6,0,10,80,1920x1080\n", encoding="utf-8")
    west, south, east, north, top = HOUSE
    house = [[[west, south], [east, south], [east, north], [west, north], [west, south]]]
    yard = [[[4, 25], [12, 25], [12, 35], [4, 35], [4, 25]]]
    features = [
        feature("obstacle", {"type": "Polygon", "coordinates": house}, id="house", base_m=0, top_m=top),
        feature("key_place", {"type": "Polygon", "coordinates": yard}, id="yard", name="yard", level=25),
    ]
    (folder / "map.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    column, row = np.meshgrid(np.arange(240) + 0.5, np.arange(240) + 0.5)
    transform = Affine(1, 0, -120, 0, -1, 120)
    save(folder / "dem.tif", ground(column - 120, 120 - row), transform, dtype="float64")
    return folder


def seen_at(points):
    """Pixels of points in true heights as the hidden pose shows them."""
    lens_z = float(ground(0, 0)) + HIDDEN.height_m
    pixels, _, inside = optics.project(replace(HIDDEN, height_m=lens_z), LENS, np.asarray(points, dtype=float))
    assert inside.all()
    return pixels


@pytest.fixture
def pairs(tmp_path):
    """Clicks on the ground, and on two corners of the roof, typed to the centimetre."""
    west, south, east, _, top = HOUSE
    typed = [(x, y, 0.0) for x, y in GROUND] + [(west, south, top), (east, south, top)]
    true = [(x, y, float(ground(x, y))) for x, y in GROUND] + [(west, south, roof(top)), (east, south, roof(top))]
    rows = [
        f"{u:.1f},{v:.1f},{x - 0.01 * (z > 0):.2f},{y:.2f},{z:.2f}"
        for (u, v), (x, y, z) in zip(seen_at(true), typed, strict=True)
    ]
    path = tmp_path / "pairs.csv"
    path.write_text("u,v,x,y,z\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def run(*arguments: object) -> Result:
    words = [str(argument) for argument in arguments]
    return CliRunner().invoke(cammon, ["calibrate", *words, "--language", "en"])


def answer(*arguments: object) -> dict:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.exception
    return json.loads(result.stdout)


def test_the_hidden_pose_is_found_on_the_slope(site, pairs):
    found = answer(site, "C1", "--pairs", pairs)
    assert found["doubtful"] == []
    for name in ("azimuth_deg", "tilt_deg", "roll_deg"):
        assert found["calibrated"][name] == pytest.approx(getattr(HIDDEN, name), abs=0.2), name
    assert found["calibrated"]["hfov_deg"] == pytest.approx(LENS.hfov_deg, abs=0.6)
    assert max(math.hypot(*one["residual_px"]) for one in found["clicks"]) < 5


def test_taken_as_a_plane_the_same_clicks_would_be_wrong(site, pairs):
    """The slope is what is answered: without it the clicks are refused, or the tilt is off."""
    (site / "site.toml").write_text('name = "slope"\n', encoding="utf-8")
    result = run(site, "C1", "--pairs", pairs, "--json")
    if result.exit_code == 0:
        assert abs(json.loads(result.stdout)["calibrated"]["tilt_deg"] - HIDDEN.tilt_deg) > 2
    else:
        assert isinstance(result.exception, UserError)


def test_the_yard_and_the_house_are_drawn_where_they_stand(site, pairs, tmp_path):
    out = tmp_path / "drawn.png"
    assert run(site, "C1", "--pairs", pairs, "--picture", out).exit_code == 0
    image = cv2.imread(str(out))
    south = np.column_stack([np.linspace(4.5, 11.5, 15), np.full(15, 25.0)])
    yard = seen_at(np.column_stack([south, ground(*south.T)]))
    west, south_wall, east, _, top = HOUSE
    eave = np.column_stack([np.linspace(west + 0.5, east - 0.5, 15), np.full(15, south_wall), np.full(15, roof(top))])
    for pixels, colour in ((yard, (230, 200, 40)), (seen_at(eave), (60, 220, 60))):
        for column, row in pixels.astype(int):
            near = image[row - 6 : row + 7, column - 6 : column + 7].reshape(-1, 3).astype(int)
            assert (np.abs(near - colour).max(axis=1) < 40).any(), (column, row, colour)


def test_the_ground_hides_what_lies_behind_it(site):
    """A crest between lens and place: nothing of the place is drawn."""
    relief = Relief.of(read_site(site).site)
    crest = relief.ground.terrain.heights.copy()
    rows = np.arange(len(crest)) + relief.ground.terrain.y0_m
    crest[(rows > 8) & (rows < 12)] += 12
    behind = replace(relief, ground=replace(relief.ground, terrain=replace(relief.ground.terrain, heights=crest)))
    lens = np.array([0.0, 0.0, float(relief.ground.terrain.at(np.array([[0.0, 0.0]]))[0]) + 6])
    yard = relief.draped(np.array([[4.0, 25.0], [12.0, 25.0]]), 0.0)
    assert relief.clear(lens, yard).all()
    assert not behind.clear(lens, yard).any()


def test_a_click_beyond_the_file_of_heights_is_named(site, pairs):
    pairs.write_text(pairs.read_text("utf-8") + "900,400,500,600,0\n", encoding="utf-8")
    result = run(site, "C1", "--pairs", pairs)
    assert isinstance(result.exception, UserError)
    (line,) = result.exception.lines
    assert "click 9" in line
    assert "[terrain]" in line


def test_a_flat_site_needs_no_relief(site):
    (site / "site.toml").write_text('name = "slope"\n', encoding="utf-8")
    assert Relief.of(read_site(site).site) is None
