"""GeoTIFFs of ground heights: read right in several coordinate systems, and refused with one clear line."""

import subprocess
import sys

import numpy as np
import pytest
from dem_files import TERRAIN, height, middle_in, save, write_dem, write_site
from pyproj import Transformer
from rasterio.transform import Affine

from cammon.modelling import method_of, model_of
from cammon.sitefiles import Severity, read_site, sentence
from cammon.sitefiles.demcodes import DemCode
from cammon.sitefiles.templates import TEMPLATES
from cammon.terrain import geotiff
from cammon_coverage.engine import CoverageModel
from cammon_coverage.model import Period
from cammon_coverage.terrain_model import TerrainModel

SYSTEMS = [
    ("local", None, 1.0),
    ("EPSG:4547", "EPSG:4547", 1.0),
    ("EPSG:4547", "EPSG:32649", 0.5),
    ("EPSG:4547", "EPSG:4490", 1e-5),
    ("EPSG:4326", "EPSG:32649", 1.0),
    ("EPSG:4326", "EPSG:4326", 1e-5),
]


def site_of(folder):
    reading = read_site(folder)
    assert reading.site is not None, [sentence(problem, "en") for problem in reading.problems]
    return reading.site


@pytest.mark.parametrize(("site_crs", "dem_crs", "pixel"), SYSTEMS, ids=lambda value: str(value))
def test_heights_are_where_they_belong(tmp_path, site_crs, dem_crs, pixel):
    folder = write_site(tmp_path / "s", site_crs, TERRAIN)
    write_dem(folder / "dem.tif", dem_crs, pixel)
    site = site_of(folder)
    assert site.terrain is not None
    rng = np.random.default_rng(1)
    local = np.array([[site.scene.cameras[0].pose.x, site.scene.cameras[0].pose.y]]) + rng.uniform(-80, 80, (400, 2))
    on_map = site.frame.to_map(local)
    if site_crs == "local":
        east, north = on_map.T
    else:
        to = Transformer.from_crs(site_crs, "+proj=tmerc +lon_0=113 +lat_0=40", always_xy=True)
        east, north = to.transform(*on_map.T)
    assert np.abs(site.terrain.at(local) - height(east, north)).max() < 0.05
    assert site.terrain.cell_m == pytest.approx(1.12 if pixel < 1e-4 else pixel, rel=0.15)
    assert not [problem for problem in site.problems if problem.code.startswith("dem")]


def test_the_model_follows_the_site(tmp_path):
    folder = write_site(tmp_path / "s", "local", TERRAIN + "resolution_m = 2.0\n")
    write_dem(folder / "dem.tif", reach=250)
    site = site_of(folder)
    model = model_of(site)
    assert isinstance(model, TerrainModel)
    assert model.resolution_m == 2.0
    assert method_of(site) == {"method": "terrain", "resolution_m": 2.0, "dem_resolution_m": 1.0, "filled_cells": 0}
    assert 0 <= model.design(Period.DAY).ratio <= 1
    flat = site_of(write_site(tmp_path / "f"))
    assert type(model_of(flat)) is CoverageModel
    assert method_of(flat) == {"method": "polygons"}


def test_another_file_is_another_version(tmp_path):
    folder = write_site(tmp_path / "s", "local", TERRAIN)
    write_dem(folder / "dem.tif")
    first = site_of(folder).version
    write_dem(folder / "dem.tif", change=lambda heights: heights + 1)
    assert site_of(folder).version != first


def test_a_coarse_wish_averages_a_fine_file(tmp_path):
    folder = write_site(tmp_path / "s", "local", TERRAIN + "resolution_m = 4.0\n")
    noise = np.random.default_rng(2).normal(0, 1, (800, 800))
    write_dem(folder / "dem.tif", pixel=0.5, change=lambda heights: heights + noise)
    terrain = site_of(folder).terrain
    rows, columns = np.nonzero(np.isfinite(terrain.heights))
    points = terrain.nodes(rows, columns)
    off = terrain.heights[rows, columns] - height(*points.T)
    assert off.std() < 0.3


def test_scaled_whole_numbers(tmp_path):
    folder = write_site(tmp_path / "s", "local", TERRAIN)
    write_dem(folder / "dem.tif", dtype="int32", scale=0.01, change=lambda heights: heights * 100, nodata=-999999)
    terrain = site_of(folder).terrain
    assert terrain.at(np.array([[10.5, 20.5]]))[0] == pytest.approx(height(10.5, 20.5), abs=0.02)


def test_small_gaps_are_filled_and_said(tmp_path):
    def pierced(heights):
        heights[190:193, 200:202] = np.nan
        heights[180, 180] = np.nan
        return heights

    folder = write_site(tmp_path / "s", "local", TERRAIN, places=((0.0, 30.0), (-40.0, 30.0), (40.0, 30.0)))
    write_dem(folder / "dem.tif", change=pierced)
    site = site_of(folder)
    (said,) = [problem for problem in site.problems if problem.code == "dem_filled"]
    assert said.severity is Severity.WARNING
    assert said.params["cells"] == site.terrain.filled >= 7
    assert site.terrain.at(np.array([[1.0, 8.5]]))[0] == pytest.approx(height(1.0, 8.5), abs=0.3)
    assert "7" in sentence(said, "en") or str(site.terrain.filled) in sentence(said, "en")


def test_gaps_that_nobody_looks_across_do_not_matter(tmp_path):
    def corner(heights):
        heights[:120, :] = np.nan
        return heights

    folder = write_site(tmp_path / "s", "local", TERRAIN)
    write_dem(folder / "dem.tif", change=corner)
    site = site_of(folder)
    assert np.isnan(site.terrain.at(np.array([[0.0, 100.0]])))[0]
    assert np.isfinite(site.terrain.at(np.array([[0.0, 40.0]])))[0]


def test_too_many_heights_become_coarser_and_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(geotiff, "MAX_NODES", 2000)
    folder = write_site(tmp_path / "s", "local", TERRAIN)
    write_dem(folder / "dem.tif")
    site = site_of(folder)
    assert site.terrain.heights.size <= 2000 * 1.1
    (said,) = [problem for problem in site.problems if problem.code == "dem_coarsened"]
    assert said.params["resolution"] == site.terrain.cell_m
    assert "2000" in sentence(said, "en")


def hole(heights):
    heights[165:185, 190:225] = np.nan
    return heights


def no_file(path):
    """Nothing is written."""


def a_text(path):
    path.write_bytes(b"these are no heights\n")


def cut_short(path):
    write_dem(path)
    path.write_bytes(path.read_bytes()[:40_000])


def without_place(path):
    save(path, np.full((400, 400), 1200.0), Affine.identity())


def far_away(path):
    x, y = middle_in("EPSG:4547")
    save(path, np.full((300, 300), 1200.0), Affine(1, 0, x + 900, 0, -1, y + 100), "EPSG:4547")


def half(path):
    x, y = middle_in("EPSG:4547")
    save(path, np.full((300, 300), 1200.0), Affine(1, 0, x - 150, 0, -1, y + 10), "EPSG:4547")


# ruff: noqa: E501 one mistake, one line
# fmt: off
MISTAKES = [
    ("missing", "EPSG:4547", no_file, DemCode.MISSING, "put it beside site.toml"),
    ("a folder", "EPSG:4547", lambda path: path.mkdir(), "not_a_file", "plain file"),
    ("a text", "EPSG:4547", a_text, DemCode.NOT_GEOTIFF, "export the ground heights as GeoTIFF"),
    ("cut short", "local", cut_short, DemCode.BROKEN, "copy or export it anew"),
    ("a picture", "EPSG:4547", lambda path: write_dem(path, "EPSG:4547", dtype="uint8", bands=3, nodata=0), DemCode.NOT_HEIGHTS, "3 bands of uint8"),
    ("a hillshade", "EPSG:4547", lambda path: write_dem(path, "EPSG:4547", dtype="uint8", nodata=0), DemCode.NOT_HEIGHTS, "one band of heights"),
    ("no coordinate system", "EPSG:4547", write_dem, DemCode.WITHOUT_CRS, "EPSG:4547"),
    ("no place", "local", without_place, DemCode.WITHOUT_POSITION, "where on the map it lies"),
    ("local site", "local", lambda path: write_dem(path, "EPSG:4547"), DemCode.SITE_IS_LOCAL, "give crs in site.toml"),
    ("feet", "EPSG:4547", lambda path: write_dem(path, "EPSG:4547", unit="ft"), DemCode.WRONG_UNITS, '"ft", not in metres'),
    ("centimetres", "EPSG:4547", lambda path: write_dem(path, "EPSG:4547", change=lambda h: h * 100), DemCode.IMPLAUSIBLE, "no ground heights in metres"),
    ("undeclared gap", "EPSG:4547", lambda path: write_dem(path, "EPSG:4547", nodata=None, change=lambda h: np.where(np.isnan(hole(h)), -9999, h)), DemCode.IMPLAUSIBLE, "-a_nodata"),
    ("elsewhere", "EPSG:4547", far_away, DemCode.DOES_NOT_COVER, "heights of the whole site"),
    ("half of it", "EPSG:4547", half, DemCode.DOES_NOT_COVER, "it covers"),
    ("a wide gap", "EPSG:4547", lambda path: write_dem(path, "EPSG:4547", change=hole), DemCode.HOLE, "gdal_fillnodata.py"),
]
# fmt: on


@pytest.mark.parametrize(
    ("crs", "write", "code", "remedy"), [case[1:] for case in MISTAKES], ids=[c[0] for c in MISTAKES]
)
def test_a_wrong_file_is_one_clear_line(tmp_path, crs, write, code, remedy):
    folder = write_site(tmp_path / "s", crs, TERRAIN)
    write(folder / "dem.tif")
    reading = read_site(folder)
    assert reading.site is None
    (problem,) = reading.problems
    assert (problem.severity, problem.file, problem.code) == (Severity.FATAL, "dem.tif", code)
    assert remedy in sentence(problem, "en")
    assert sentence(problem, "zh").startswith("dem.tif：")
    assert "{" not in sentence(problem, "en") + sentence(problem, "zh")


def test_every_code_has_words_and_a_case():
    assert set(DemCode) <= set(TEMPLATES)
    assert {case[3] for case in MISTAKES} | {DemCode.FILLED, DemCode.COARSENED} >= set(DemCode)


@pytest.mark.parametrize(
    ("lines", "where", "remedy"),
    [
        ("\n[terrain]\n", "terrain.file", "dem.tif"),
        ('\n[terrain]\nfile = ""\n', "terrain.file", "dem.tif"),
        (TERRAIN + "resolution_m = 0\n", "terrain.resolution_m", "0.05 to 1000"),
        (TERRAIN + 'resolution_m = "fine"\n', "terrain.resolution_m", "0.05 to 1000"),
        (TERRAIN + "resolution = 1\n", "terrain.resolution", "docs/site-files.md"),
        ('terrain = "dem.tif"\n', "terrain", "[terrain]"),
    ],
)
def test_wrong_settings(tmp_path, lines, where, remedy):
    reading = read_site(write_site(tmp_path / "s", "local", lines))
    assert [problem.where for problem in reading.problems] == [where]
    assert remedy in sentence(reading.problems[0], "en")


def test_the_command_line_says_it_without_a_traceback(tmp_path):
    folder = write_site(tmp_path / "s", "EPSG:4547", TERRAIN)
    done = subprocess.run(  # the whole way, as a person runs it
        [sys.executable, "-m", "cammon", "check", str(folder), "--language", "en"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "dem.tif: site.toml names this file" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_site_without_positions_needs_no_ground(tmp_path):
    folder = write_site(tmp_path / "s", "local", TERRAIN, places=())
    write_dem(folder / "dem.tif")
    (folder / "cameras.csv").write_text("id,address\nC1,10.0.0.1\n", encoding="utf-8")
    assert site_of(folder).terrain is None
