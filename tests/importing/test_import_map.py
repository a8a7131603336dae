"""GeoJSON, shapefiles and GeoPackages in any coordinate system, made with pyogrio, taken over and read back."""

from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from conftest_import import feature, features_of, run
from pyproj import Transformer
from shapely.geometry import LineString, Point, Polygon, box

from cammon.sitefiles import read_site
from cammon.sitefiles.datums import gcj02_of

MIDDLE = (113.1, 40.05)
EAST, NORTH = 508_532.0, 4_435_000.0
HOUSES = [box(0, 0, 20, 10), box(40, 0, 60, 10), Polygon([(80, 0), (100, 0), (100, 10), (80, 10)])]


def save(path: Path, shapes, crs: str | None = "EPSG:4546", layer: str | None = None, encoding=None, **columns) -> Path:
    shapes = list(shapes)
    kinds = {shape.geom_type for shape in shapes}
    pyogrio.raw.write(
        path,
        geometry=np.array([shapely.to_wkb(shape) for shape in shapes], dtype=object),
        field_data=[np.array(values) for values in columns.values()],
        fields=list(columns),
        geometry_type=kinds.pop() if len(kinds) == 1 else "Unknown",
        crs=crs,
        layer=layer,
        encoding=encoding,
        append=path.exists(),
    )
    return path


def moved(shapes, crs: str = "EPSG:4546"):
    """The shapes at the site's middle, in that system (drawn in EPSG:4546)."""
    there = [shapely.transform(shape, lambda xy: xy + np.array([EAST, NORTH])) for shape in shapes]
    if crs == "EPSG:4546":
        return there
    to = Transformer.from_crs("EPSG:4546", crs, always_xy=True)
    return [shapely.transform(shape, lambda xy: np.column_stack(to.transform(xy[:, 0], xy[:, 1]))) for shape in there]


@pytest.mark.parametrize("suffix", ["geojson", "shp", "gpkg"])
@pytest.mark.parametrize("site_crs", ["EPSG:4546", "EPSG:4490", "EPSG:4326", "EPSG:4526", "EPSG:32649"])
def test_any_format_into_any_system(tmp_path, make_folder, suffix, site_crs):
    system = "EPSG:4326" if suffix == "geojson" else "EPSG:4546"
    path = save(
        tmp_path / f"houses.{suffix}",
        moved(HOUSES, system),
        system,
        bid=["B1", "B2", "B3"],
        floors=[3, 2, 6],
        label=["甲", "乙", "丙"],
    )
    folder = make_folder(site_crs)
    done = run(
        *("map", path, "--into", folder, "--kind", "obstacle", "--id-field", "bid", "--name-field", "label"),
        *("--floors-field", "floors*3.5m", "--json"),
    )
    assert (done.errors, done.report["written"]) == ((), {"obstacle": 3})
    reading = read_site(folder)
    assert reading.problems == ()
    assert {item.id: item.top_m for item in reading.site.scene.obstacles} == {"B1": 10.5, "B2": 7.0, "B3": 21.0}
    assert [item.footprint.area for item in reading.site.scene.obstacles] == pytest.approx([200] * 3, rel=0.002)
    assert {item["properties"]["name"] for item in features_of(folder)} == {"甲", "乙", "丙"}


def test_a_shapefile_in_gbk_without_a_code_page(tmp_path, make_folder):
    path = save(tmp_path / "a.shp", moved(HOUSES), encoding="GBK", 编号=["一", "二", "三"], 高度=[3.0, 4.5, 6.0])
    path.with_suffix(".cpg").unlink()
    folder = make_folder("EPSG:4546")
    done = run("map", path, "--into", folder, "--kind", "obstacle", "--json")
    assert done.report["written"] == {"obstacle": 3}
    assert {item.id: item.top_m for item in read_site(folder).site.scene.obstacles} == {"一": 3.0, "二": 4.5, "三": 6.0}


def test_gcj02_maps_are_converted(tmp_path, make_folder):
    shapes = [shapely.transform(shape, gcj02_of) for shape in moved(HOUSES, "EPSG:4326")]
    path = save(tmp_path / "a.geojson", shapes, "EPSG:4326", top_m=[5, 5, 5])
    folder = make_folder("EPSG:4546")
    run("map", path, "--into", folder, "--kind", "obstacle", "--crs", "gcj02")
    first = shapely.from_geojson(shapely.to_geojson(shapely.geometry.shape(features_of(folder)[0]["geometry"])))
    assert first.hausdorff_distance(moved(HOUSES)[0]) < 0.05


def test_key_places_fences_and_levels(tmp_path, make_folder):
    shapes = [Point(5, 5), LineString([(0, 0), (50, 0)]), box(0, 0, 30, 30)]
    path = save(tmp_path / "k.gpkg", moved(shapes), name=["门", "墙", "场"], level=["identify", "", "40"])
    folder = make_folder("EPSG:4546")
    done = run("map", path, "--into", folder, "--kind", "key_place", "--level", "detect", "--json")
    assert done.report["written"] == {"key_place": 3}
    places = {place.name: place for place in read_site(folder).site.scene.key_places}
    assert {name: place.level_px_per_m for name, place in places.items()} == {"门": 250.0, "墙": 25.0, "场": 40.0}
    assert places["墙"].geometry.geom_type == "LineString"


def test_a_site_survives_a_round_trip_through_qgis(make_folder, tmp_path):
    square = {"type": "Polygon", "coordinates": [[[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]]]}
    given = [feature("obstacle", square, id="B1", base_m=1, top_m=8), feature("lit_area", square, id="L1")]
    one = make_folder(features=given)
    other = make_folder(name="other")
    done = run("map", one / "map.geojson", "--into", other, "--crs", "local", "--json")
    assert done.report["written"] == {"obstacle": 1, "lit_area": 1}
    assert read_site(other).site.scene.obstacles == read_site(one).site.scene.obstacles


BOW_TIE = Polygon([(0, 0), (20, 20), (20, 0), (0, 20)])
NEARLY = Polygon([(0, 50), (20, 50), (20, 70), (20.01, 70.01), (19.99, 70.01), (20, 70), (0, 70)])


def test_what_was_dropped_and_repaired_is_said(tmp_path, make_folder):
    shapes = [HOUSES[0], BOW_TIE, NEARLY, box(0, 0, 1e-4, 1e-4), HOUSES[0], HOUSES[1], Point(1, 1), HOUSES[2]]
    path = save(
        tmp_path / "a.gpkg",
        moved(shapes),
        bid=["A", "B", "C", "D", "E", "A", "G", "H"],
        top=["5", "5", "5", "5", "5", "5", "5", "tall"],
    )
    folder = make_folder("EPSG:4546")
    done = run("map", path, "--into", folder, "--kind", "obstacle", "--id-field", "bid", "--top-field", "top", "--json")
    assert done.report["written"] == {"obstacle": 2}
    said = {(note["where"], note["outcome"], note["code"]) for note in done.report["notes"]}
    assert said == {
        ("feature 2", "dropped", "self_crossing"),
        ("feature 3", "repaired", "outline_repaired"),
        ("feature 4", "dropped", "zero_area"),
        ("feature 5", "dropped", "drawn_twice"),
        ("feature 6", "dropped", "duplicate_id"),
        ("feature 7", "dropped", "wrong_geometry"),
        ("feature 8", "dropped", "not_a_number"),
    }
    assert done.report["counts"] == {"dropped": 6, "repaired": 1, "kept": 0, "note": 0}
    assert read_site(folder).problems == ()


def test_a_map_that_lies_elsewhere_is_refused(tmp_path, make_folder):
    folder = make_folder("EPSG:4546")
    run("map", save(tmp_path / "a.gpkg", moved(HOUSES), height=[5, 5, 5]), "--into", folder, "--kind", "obstacle")
    before = (folder / "map.geojson").read_bytes()
    other = save(tmp_path / "b.gpkg", moved(HOUSES), None, height=[5, 5, 5])
    for crs, code in (("4547", "km from the site"), ("32601", "no place where"), ("4326", "no place where")):
        done = run("map", other, "--into", folder, "--kind", "obstacle", "--crs", crs, "--language", "en")
        assert (done.status, len(done.errors)) == (2, 1)
        assert code in done.errors[0]
    assert (folder / "map.geojson").read_bytes() == before


def test_a_broken_map_is_left_alone(tmp_path, make_folder):
    folder = make_folder("EPSG:4546")
    (folder / "map.geojson").write_text("{broken", "utf-8")
    path = save(tmp_path / "a.gpkg", moved(HOUSES), height=[5, 5, 5])
    done = run("map", path, "--into", folder, "--kind", "obstacle", "--language", "en")
    assert done.status == 2
    assert done.errors[0].startswith("map.geojson line 1: not JSON")
    assert (folder / "map.geojson").read_text("utf-8") == "{broken"
    assert [entry.name for entry in folder.iterdir() if entry.name.startswith(".")] == []
