"""Drawings made with ezdxf, taken over and read back by the site reader."""

import io
import math
from pathlib import Path

import ezdxf
import pytest
from conftest_import import feature, features_of, run
from shapely.geometry import shape

from cammon.sitefiles import read_site

SQUARE = [(0, 0), (20, 0), (20, 10), (0, 10)]


def save(drawing, folder: Path, name: str = "plan.dxf") -> Path:
    path = folder / name
    drawing.saveas(path)
    return path


def new(version: str = "R2010", units: int = 6):
    drawing = ezdxf.new(version)
    drawing.header["$INSUNITS"] = units
    return drawing


@pytest.fixture
def plan(tmp_path):
    """Two buildings, a round tank, a fence, a lamp's area, a pole, a text."""
    drawing = new()
    space = drawing.modelspace()
    space.add_lwpolyline(SQUARE, close=True, dxfattribs={"layer": "建筑"})
    space.add_text("调度楼", dxfattribs={"layer": "注记", "insert": (10, 5), "height": 2})
    space.add_circle((60, 5), 5, dxfattribs={"layer": "建筑", "thickness": 7})
    space.add_lwpolyline([(0, 50), (100, 50)], dxfattribs={"layer": "围墙"})
    space.add_lwpolyline([(-5, -5), (105, -5), (105, 105), (-5, 105)], close=True, dxfattribs={"layer": "红线"})
    space.add_point((30, 30), dxfattribs={"layer": "杆"})
    return save(drawing, tmp_path)


LAYERS = "建筑=obstacle:0,12,围墙=fence,红线=boundary,杆=mounting_place:6"


def test_layers_become_what_they_are(plan, make_folder):
    folder = make_folder()
    done = run("dxf", plan, "--into", folder, "--layers", LAYERS, "--names", "注记", "--level", "detect", "--json")
    assert done.status == 0
    assert done.report["written"] == {"obstacle": 2, "key_place": 1, "boundary": 1, "mounting_place": 1}
    reading = read_site(folder)
    assert [problem for problem in reading.problems if problem.severity != "warning"] == []
    scene = reading.site.scene
    house, tank = sorted(scene.obstacles, key=lambda item: item.footprint.area, reverse=True)
    assert (house.footprint.area, house.base_m, house.top_m) == (200.0, 0.0, 12.0)
    assert tank.top_m == 7.0
    assert tank.footprint.area == pytest.approx(math.pi * 25, rel=0.01)
    assert tank.footprint.hausdorff_distance(shape(tank.footprint).centroid.buffer(5, 256)) < 0.02
    assert scene.key_places[0].geometry.length == 100.0
    assert scene.boundary.area == 110 * 110
    assert (scene.mounting_places[0].x, scene.mounting_places[0].height_m) == (30.0, 6.0)
    names = {item["properties"].get("name") for item in features_of(folder)}
    assert "调度楼" in names


def test_a_missing_layer_is_one_line_with_the_layers_that_are_there(plan, make_folder):
    folder = make_folder()
    done = run("dxf", plan, "--into", folder, "--layers", "BUILDINGS=obstacle:0,12", "--language", "en")
    assert done.status == 2
    assert done.errors == (
        'plan.dxf --layers "BUILDINGS": there is no such layer; '
        "there are: 建筑 (2), 围墙 (1), 杆 (1), 注记 (1), 红线 (1)",
    )
    assert not (folder / "map.geojson").exists()


def test_bulges_are_arcs(tmp_path, make_folder):
    drawing = new()
    drawing.modelspace().add_lwpolyline([(0, 0, 1), (40, 0, 1)], format="xyb", close=True, dxfattribs={"layer": "A"})
    folder = make_folder()
    run("dxf", save(drawing, tmp_path), "--into", folder, "--layers", "A=obstacle:0,5")
    (tank,) = read_site(folder).site.scene.obstacles
    assert tank.footprint.area == pytest.approx(math.pi * 400, rel=0.002)


def test_blocks_are_taken_apart_on_the_layer_on_which_they_stand(tmp_path, make_folder):
    drawing = new()
    block = drawing.blocks.new("HOUSE")
    block.add_lwpolyline(SQUARE, close=True)
    block.add_attdef("高度", (0, 0))
    space = drawing.modelspace()
    for x, height in ((0, "9"), (100, "15"), (500_000, "18")):
        insert = space.add_blockref("HOUSE", (x, 4_400_000), {"layer": "B", "rotation": 90, "xscale": 2})
        insert.add_auto_attribs({"高度": height})
    folder = make_folder()
    done = run("dxf", save(drawing, tmp_path), "--into", folder, "--layers", "B=obstacle", "--units", "m", "--json")
    assert done.report["written"] == {"obstacle": 2}
    assert [note["code"] for note in done.report["notes"] if note["outcome"] == "dropped"] == ["too_far"]
    assert {(item.footprint.area, item.top_m) for item in read_site(folder).site.scene.obstacles} == {
        (400.0, 9.0),
        (400.0, 15.0),
    }


@pytest.mark.parametrize(
    ("units", "asked", "scale", "guessed"),
    [(4, "auto", 1000, False), (0, "auto", 1000, True), (4, "auto", 1, True), (6, "mm", 1000, False)],
    ids=["millimetres", "says-nothing-mm", "says-mm-but-metres", "asked"],
)
def test_units(tmp_path, make_folder, units, asked, scale, guessed):
    drawing = new(units=units)
    for x in range(0, 400, 50):
        points = [((x + a) * scale, b * scale) for a, b in SQUARE]
        drawing.modelspace().add_lwpolyline(points, close=True, dxfattribs={"layer": "B"})
    folder = make_folder()
    done = run(
        "dxf", save(drawing, tmp_path), "--into", folder, "--layers", "B=obstacle:0,5", "--units", asked, "--json"
    )
    assert {item.footprint.area for item in read_site(folder).site.scene.obstacles} == {200.0}
    assert any(note["code"] == "units_guessed" for note in done.report["notes"]) == guessed


def test_gbk_with_and_without_saying_so(tmp_path, make_folder):
    for number, page in enumerate(("ANSI_936", "")):
        drawing = ezdxf.new("R2000")
        drawing.header["$INSUNITS"] = 6
        drawing.encoding = "gbk"
        drawing.header["$DWGCODEPAGE"] = "ANSI_936"
        drawing.modelspace().add_lwpolyline(SQUARE, close=True, dxfattribs={"layer": "建筑物"})
        stream = io.StringIO()
        drawing.write(stream)
        text = stream.getvalue()
        if not page:
            lines = text.split("\n")
            at = lines.index("$DWGCODEPAGE")
            text = "\n".join(lines[: at - 1] + lines[at + 3 :])
        path = tmp_path / f"gbk{number}.dxf"
        path.write_bytes(text.encode("gbk"))
        folder = make_folder(name=f"site{number}")
        done = run("dxf", path, "--into", folder, "--layers", "建筑物=obstacle:0,5", "--json")
        assert done.report["written"] == {"obstacle": 1}, page


def test_outlines_that_are_not_closed(tmp_path, make_folder):
    drawing = new()
    space = drawing.modelspace()
    space.add_lwpolyline([*SQUARE, (0, 0.2)], dxfattribs={"layer": "B"})
    for one, other in zip(SQUARE, [*SQUARE[1:], SQUARE[0]], strict=True):
        space.add_line((one[0] + 50, one[1]), (other[0] + 50, other[1] + 0.1), dxfattribs={"layer": "B"})
    space.add_lwpolyline([(100, 0), (120, 0), (120, 10)], dxfattribs={"layer": "B"})
    folder = make_folder()
    done = run("dxf", save(drawing, tmp_path), "--into", folder, "--layers", "B=obstacle:0,5", "--json")
    assert done.report["written"] == {"obstacle": 2}
    assert [note["code"] for note in done.report["notes"]] == ["gap_closed", "lines_joined", "open_line"]
    done = run("dxf", tmp_path / "plan.dxf", "--into", folder, "--layers", "B=obstacle:0,5", "--wall", 0.3, "--json")
    assert (done.report["written"], done.report["counts"]["kept"]) == ({"obstacle": 1}, 2)
    assert min(item.footprint.area for item in read_site(folder).site.scene.obstacles) == pytest.approx(9.0, rel=0.05)


def test_a_damaged_drawing_is_recovered(tmp_path, make_folder):
    drawing = new("R2000")
    drawing.modelspace().add_lwpolyline(SQUARE, close=True, dxfattribs={"layer": "B"})
    path = save(drawing, tmp_path)
    text = path.read_text("utf-8")
    path.write_text(text.replace("ENTITIES\n", "ENTITIES\n  0\nLINE\n 10\nbroken\n", 1), "utf-8")
    done = run("dxf", path, "--into", make_folder(), "--layers", "B=obstacle:0,5", "--json")
    assert done.report["written"] == {"obstacle": 1}
    assert [note["code"] for note in done.report["notes"]] == ["drawing_recovered"]


def test_floors_and_holes_from_hatches(tmp_path, make_folder):
    drawing = new()
    space = drawing.modelspace()
    hatch = space.add_hatch(dxfattribs={"layer": "B"})
    hatch.paths.add_polyline_path([(0, 0), (40, 0), (40, 40), (0, 40)], is_closed=True)
    hatch.paths.add_polyline_path([(10, 10), (30, 10), (30, 30), (10, 30)], is_closed=True, flags=16)
    space.add_mtext("混5", dxfattribs={"layer": "B", "insert": (5, 5)})
    folder = make_folder()
    run("dxf", save(drawing, tmp_path), "--into", folder, "--layers", "B=obstacle", "--floor-height", 3)
    (house,) = read_site(folder).site.scene.obstacles
    assert (house.footprint.area, house.top_m) == (1200.0, 15.0)


def test_heights_from_elevation_and_thickness(tmp_path, make_folder):
    drawing = new()
    attributes = {"layer": "B", "elevation": 4, "thickness": 2}
    drawing.modelspace().add_lwpolyline(SQUARE, close=True, dxfattribs=attributes)
    path = save(drawing, tmp_path)
    for rule, expected in {"elevation,thickness": (4, 6), "0,elevation": (0, 4), "0,9": (0, 2)}.items():
        folder = make_folder(name=f"site{expected[1]}")
        run("dxf", path, "--into", folder, "--layers", f"B=obstacle:{rule}")
        (house,) = read_site(folder).site.scene.obstacles
        assert (house.base_m, house.top_m) == expected, rule


def test_what_is_there_stays_unless_it_is_to_be_replaced(plan, make_folder):
    old = feature("lit_area", {"type": "Polygon", "coordinates": [[[0, 0], [9, 0], [9, 9], [0, 0]]]}, id="L1", mine="x")
    folder = make_folder(features=[old])
    assert run("dxf", plan, "--into", folder, "--layers", LAYERS, "--level", "25", "--dry-run").status == 0
    assert features_of(folder) == [old]
    run("dxf", plan, "--into", folder, "--layers", LAYERS, "--level", "25")
    first = features_of(folder)
    assert first[0] == old
    again = run("dxf", plan, "--into", folder, "--layers", "建筑=obstacle:0,30", "--json")
    assert (again.report["written"], again.report["counts"]["kept"], features_of(folder)) == ({}, 2, first)
    run("dxf", plan, "--into", folder, "--layers", "建筑=obstacle:0,30", "--replace")
    assert len(features_of(folder)) == len(first)
    assert {item.top_m for item in read_site(folder).site.scene.obstacles} == {30.0, 7.0}
