"""`cammon coverage --blind`: which ground counts as watched, and what is said when nobody knows."""

import json

import pytest
from click.testing import CliRunner

from cammon.cli.coverage import coverage
from cammon.parallel import FEW, shared

CAMERAS = """id,x,y,lens_height_m,azimuth_deg,tilt_deg,hfov_deg,resolution
C1,0,0,6,0,20,90,2688x1520
"""


def feature(kind, rings, **properties):
    return {
        "type": "Feature",
        "properties": {"kind": kind, **properties},
        "geometry": {"type": "Polygon", "coordinates": [rings]},
    }


def rectangle(west, south, east, north):
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


YARD = feature("key_place", rectangle(-5, 10, 5, 20), id="yard", name="yard", level=25)
BEHIND = feature("key_place", rectangle(-5, -20, 5, -10), id="behind", name="behind", level=25)
BOUNDARY = feature("boundary", rectangle(-10, 0, 10, 20))


@pytest.fixture
def blind(tmp_path):
    """Run the command on a small site; gives the features, standard error and the exit status."""

    def run(*options, boundary=False):
        site = tmp_path / "site"
        site.mkdir()
        (site / "site.toml").write_text('name = "s"\n', encoding="utf-8")
        (site / "cameras.csv").write_text(CAMERAS, encoding="utf-8")
        features = [YARD, BEHIND] + ([BOUNDARY] if boundary else [])
        (site / "map.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        out = tmp_path / "blind.geojson"
        done = CliRunner().invoke(coverage, [str(site), "--blind", str(out), "--language", "en", *options])
        found = json.loads(out.read_text(encoding="utf-8"))["features"] if out.exists() else []
        return [one["properties"] for one in found], done.stderr, done

    return run


def ground_area(found):
    return sum(one["area_m2"] for one in found if one["place"] is None)


def test_without_a_boundary_the_key_places_are_written_and_it_is_said(blind):
    found, said, _ = blind()
    assert {one["place"] for one in found} == {"behind"}
    assert {one["ground"] for one in found} == {None}
    assert "no feature of kind boundary" in said
    assert "--ground hull" in said


@pytest.mark.parametrize(
    ("options", "kind", "named"),
    [
        ((), "boundary", "boundary"),
        (("--ground", "hull"), "hull", "convex hull of map and cameras"),
        (("--ground", "-10,0,10,20"), "box", "box given"),
    ],
    ids=["boundary", "hull", "box"],
)
def test_the_ground_is_named_in_the_table_and_in_every_spot(blind, options, kind, named):
    found, said, _ = blind(*options, boundary=kind == "boundary")
    assert {one["ground"] for one in found if one["place"] is None} == {kind}
    assert named in said
    assert "of it blind" in said
    assert ground_area(found) > 0


def test_a_box_of_the_same_size_gives_the_same_spots_as_the_boundary(blind, tmp_path):
    _, by_boundary, _ = blind(boundary=True)
    (tmp_path / "site").rename(tmp_path / "first")
    _, by_box, _ = blind("--ground", "-10,0,10,20")
    assert by_box.splitlines()[1:] == by_boundary.splitlines()[1:]


@pytest.mark.parametrize(
    "asked", ["", "1,2,3", "a,b,c,d", "10,0,-10,20", "0,0,0,5", "0,0,nan,5", "0,0,inf,5"], ids=repr
)
def test_what_is_no_ground_is_one_clear_line(blind, asked):
    *_, done = blind("--ground", asked)
    assert done.exit_code != 0
    assert "--ground" in str(done.exception)
    assert "west,south,east,north" in str(done.exception)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("count", [0, 3, FEW + 5])
def test_shared_work_comes_back_in_order(workers, count):
    seen = []
    assert shared(str, range(count), workers, lambda done, of: seen.append((done, of))) == [
        str(number) for number in range(count)
    ]
    assert seen == [(number + 1, count) for number in range(count)]
