"""`cammon coverage`: the shapes that other programs rely on."""

import json

import pytest
import shapely
from click.testing import CliRunner

from cammon.cli.coverage import coverage

GAUSS_KRUGER = (38_500_000.0, 4_430_000.0)
"""A place in EPSG:4526, CGCS2000 in zone 38."""


def square(x, y, size):
    return [[[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]]


@pytest.fixture
def site(tmp_path):
    """Writes a small site somewhere on the map of a coordinate system; gives its folder."""

    def write(crs="", east=0.0, north=0.0):
        folder = tmp_path / "site"
        folder.mkdir()
        (folder / "site.toml").write_text('name = "s"\n' + (f'crs = "{crs}"\n' if crs else ""), encoding="utf-8")
        header = "id,x,y,lens_height_m,azimuth_deg,tilt_deg,hfov_deg,resolution\n"
        (folder / "cameras.csv").write_text(f"{header}C1,{east},{north},6,0,20,90,2688x1520\n", encoding="utf-8")
        places = [("near", square(east - 2, north + 12, 4)), ("behind", square(east, north - 20, 4))]
        features = [
            {
                "type": "Feature",
                "properties": {"kind": "key_place", "id": name, "name": name, "level": 25},
                "geometry": {"type": "Polygon", "coordinates": rings},
            }
            for name, rings in places
        ]
        (folder / "map.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        return folder

    return write


def run(folder, *options):
    done = CliRunner().invoke(coverage, [str(folder), *options])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_json_has_the_promised_shape(site):
    told = json.loads(run(site(), "--json", "--down", "C1"))
    assert set(told["ratios"]) == {"design", "effective"}
    assert told["ratios"]["design"]["day"] == 0.5
    assert told["ratios"]["effective"]["day"] == 0.0
    near, behind = told["key_places"]
    assert near["level_px_per_m"] == 25
    for basis, covered in (("design", True), ("effective", False)):
        assert near[basis]["day"]["covered"] is covered
    assert near["effective"]["day"]["reasons"] == [
        {"code": "camera_faulty", "params": {"camera": "C1", "fault": "down"}}
    ]
    assert set(near["proof"]) == {"grade", "margin", "confidence"}
    assert near["proof"]["grade"] == "ledger"
    assert behind["proof"] is None
    assert behind["design"]["day"]["reasons"][0]["code"] == "outside_view"


def test_proofs_can_be_left_out(site):
    assert json.loads(run(site(), "--json", "--no-proof"))["key_places"][0]["proof"] is None


@pytest.mark.parametrize(
    ("crs", "named"),
    [("", None), ("EPSG:4526", "urn:ogc:def:crs:EPSG::4526")],
    ids=["local metres", "CGCS2000 zone 38"],
)
def test_geojson_says_in_which_coordinates_it_is(site, tmp_path, crs, named):
    east, north = GAUSS_KRUGER if crs else (0.0, 0.0)
    out = tmp_path / "seen.geojson"
    run(site(crs, east, north), "--geojson", str(out), "--at-level", "25", "--target", "0,1.8")
    written = json.loads(out.read_text(encoding="utf-8"))
    assert written.get("crs", {}).get("properties", {}).get("name") == named
    region = shapely.geometry.shape(written["features"][0]["geometry"])
    assert region.is_valid
    assert region.contains(shapely.Point(east, north + 14))
