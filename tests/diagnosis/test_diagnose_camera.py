"""`cammon diagnose --camera`: a live look in words and as a picture, and a view accepted in one step."""

import json
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from defusedxml.ElementTree import fromstring
from sqlalchemy import insert, select

from cammon.cli import cammon
from cammon.diagnosis.sheet import PANEL_PX, Panel, Sheet, arrow, as_png, as_svg, broken, outline
from cammon.store import pictures, references
from cammon.store.opening import open_store
from cammon.store.schema import audit, incident
from cammon.virtual.background import running_fleet
from cammon.virtual.model import CameraSpec, Login
from cammon_probes.model import PoseChange
from cammon_probes.picture.reference import reference_from

ABOUT = 'name = "Mine"\nid = "mine"\n[credentials.crew]\nenv = "CREW_LOGIN"\n'
WHEN = datetime(2026, 5, 1, tzinfo=UTC)
HIDDEN = np.zeros((4, 6), bool)
HIDDEN[1:3, 2:5] = True


class Still:
    """What every camera shows: one soft landscape with fresh noise, which an encoder leaves alone."""

    def frame(self, _camera, width_px, height_px, *, seed, **_moment):
        hills = np.random.default_rng(1).integers(20, 235, (36, 64, 3)).astype(np.float32)
        hills = cv2.resize(hills, (width_px, height_px), interpolation=cv2.INTER_CUBIC)
        noise = np.random.default_rng(seed).normal(0, 2.0, hills.shape)
        return np.clip(hills + noise, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def fleet():
    camera = CameraSpec("CAM01", login=Login("crew", "specht-3", name="crew"))
    with running_fleet([camera], Still()) as running:
        yield running


@pytest.fixture
def site(fleet, tmp_path):
    end = fleet.endpoint("CAM01")
    (tmp_path / "site.toml").write_text(ABOUT, "utf-8")
    row = f"CAM01,主井口,{end.host}:{end.rtsp_port},{end.rtsp_path},{end.sub_path},crew"
    ledger = f"id,name,address,rtsp_path,sub_path,credential\n{row}\n"
    (tmp_path / "cameras.csv").write_text(ledger, "utf-8")
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(cammon, ["diagnose", *map(str, arguments)], env={"CREW_LOGIN": "crew:specht-3"})


def test_a_new_camera_is_judged_by_what_no_working_one_shows(site):
    done = run("--camera", "CAM01", site, "--language", "en")
    assert done.exit_code == 0
    assert "No good picture of this camera is known yet" in done.stdout
    found = json.loads(run("--camera", "CAM01", site, "--json").stdout)
    assert found["id"] == "CAM01"
    assert found["notes"] == ["no_history"]


def test_what_one_look_cannot_show_is_told_from_the_store(site):
    with open_store(site / "cammon.sqlite") as store, store.engine.begin() as connection:
        for camera, fault, closed in (
            ("CAM01", "frozen", None),
            ("CAM01", "blur", WHEN),
            ("CAM02", "black", None),
        ):
            row = {"site": "mine", "camera": camera, "fault_group": "picture", "fault": fault, "version": "v"}
            connection.execute(insert(incident).values(since=WHEN, confirmed_at=WHEN, closed_at=closed, **row))
    said = run("--camera", "CAM01", site, "--language", "en").stdout
    assert "CAM01: cammon has found before, since 2026-05-01" in said
    assert said.count("has found before") == 1
    assert json.loads(run("--camera", "CAM01", site, "--json").stdout)["open"] == ["frozen"]
    assert "此前已判定" in run("--camera", "CAM01", site, "--language", "zh").stdout


def test_it_is_held_against_the_store_shown_and_accepted(site):
    with open_store(site / "cammon.sqlite") as store, store.engine.begin() as connection:
        # Good pictures without the red that there is now.
        other = Still().frame("CAM01", 640, 360, seed=5) // np.array([1, 1, 4], np.uint8)
        references.save(connection, "mine", "CAM01", reference_from([other, other]), WHEN)
        for light in ("day", "dusk", "infrared"):
            body = cv2.imencode(".jpg", other)[1].tobytes()
            pictures.keep_good(connection, "mine", "CAM01", light, WHEN, body)
    drawn = [site / "sheet.svg", site / "sheet.png"]
    for path in drawn:
        done = run("--camera", "CAM01", site, "--picture", path, "--language", "zh")
        assert done.exit_code == 0
        assert "偏色" in done.stdout
    assert drawn[0].read_text("utf-8").count("<image") == 2
    assert "主井口" in drawn[0].read_text("utf-8")
    assert cv2.imread(str(drawn[1])).shape[1] > 2 * PANEL_PX

    done = run("--camera", "CAM01", site, "--accept", "--language", "en")
    assert "accepted" in done.stdout
    assert json.loads(run("--camera", "CAM01", site, "--json").stdout)["verdict"] == "ok"
    with open_store(site / "cammon.sqlite", writer=False) as store, store.reading() as connection:
        assert pictures.good(connection, "mine", "CAM01") == {}
        (line,) = connection.execute(select(audit)).all()
    assert line.what == "accept view of CAM01"
    assert "command line" in line.user


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        pytest.param(["--camera", "CAM09"], 2, "no camera 'CAM09'", id="unknown"),
        pytest.param(["--camera", "CAM01", "--picture", "x.jpg"], 2, ".svg or .png", id="picture's name"),
        pytest.param(["--camera", "CAM01", "--manifest", "m.json"], 2, "not both", id="both"),
        pytest.param([], 2, "--camera", id="neither"),
        pytest.param(["--camera", "CAM01", "--accept"], 2, "no store there yet", id="accept without a store"),
        pytest.param(["--camera", "CAM01", "--picture", "/nowhere/x.png"], 2, "cannot be written", id="no folder"),
    ],
)
def test_wrong_input(site, arguments, status, says):
    done = run(*arguments, site)
    told = done.output + "".join(getattr(done.exception, "lines", ()))
    assert says in told
    assert done.exit_code == status or type(done.exception).__name__ == "UserError"


def test_a_camera_that_sends_nothing_says_why(site):
    (site / "cameras.csv").write_text("id,name,address,rtsp_path\nCAM01,x,127.0.0.1:9,/x\n", "utf-8")
    done = run("--camera", "CAM01", site, "--language", "en")
    assert (done.exit_code, "connection refused" in done.stdout) == (0, True)
    assert json.loads(run("--camera", "CAM01", site, "--json").stdout) == {"id": "CAM01", "error": "refused"}
    assert run("--camera", "CAM01", site, "--accept").exit_code == 1


def test_the_outline_goes_once_round():
    sides = list(outline(HIDDEN))
    assert len(sides) == 2 * (2 + 3)
    across = {y0 for _, y0, _, y1 in sides if y0 == y1}
    assert across == {0.25, 0.75}
    assert {x0 for x0, _, x1, _ in sides if x0 == x1} == {2 / 6, 5 / 6}


@pytest.mark.parametrize(
    ("moved", "begins"),
    [
        pytest.param(PoseChange(6, 0, 0, 1), (0.4, 0.5), id="to the right"),
        pytest.param(PoseChange(-6, 0, 0, 1), (0.6, 0.5), id="to the left"),
        pytest.param(PoseChange(0, 3, 0, 1), (0.5, 0.4), id="down"),
        pytest.param(PoseChange(170, 0, 0, 1), (0.02, 0.5), id="far off"),
    ],
)
def test_the_arrow_points_where_the_camera_turned(moved, begins):
    shaft = arrow(moved, 60.0, (300, 600))
    assert shaft[:2] == pytest.approx(begins)
    assert shaft[2:] == (0.5, 0.5)


@pytest.mark.parametrize("moved", [None, PoseChange(5, 2, 0, 1)], ids=["hidden", "hidden and moved"])
def test_marks_are_drawn_over_the_picture_of_now_alone(moved):
    gray = np.full((180, 320, 3), 90, np.uint8)
    sheet = Sheet(Panel(gray, "C1: now"), Panel(gray, "then"), ["x"], HIDDEN, moved, 60.0)
    drawn = cv2.imdecode(np.frombuffer(as_png(sheet), np.uint8), cv2.IMREAD_COLOR).astype(int)
    red = (drawn[..., 2] - drawn[..., 0]) > 100
    assert red[:, : PANEL_PX + 16].sum() > 500
    assert red[:, PANEL_PX + 32 :].sum() == 0
    assert as_svg(sheet).count("<path") == 2


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        pytest.param("", [""], id="nothing"),
        pytest.param("short", ["short"], id="short"),
        pytest.param("one two three", ["one two", "three"], id="between words"),
        pytest.param("遮挡镜头前有杂物，请清除", ["遮挡镜头前", "有杂物，请", "清除"], id="Chinese"),
        pytest.param("x" * 30, ["x" * 30], id="a word that is too long"),
    ],
)
def test_long_lines_are_broken(line, parts):
    assert broken(line, 75) == parts
    assert "".join(parts).replace(" ", "") == line.replace(" ", "")


def test_no_line_leaves_the_sheet():
    sheet = Sheet(Panel(np.zeros((36, 64, 3), np.uint8), "C1"), None, ["turned to the left, " * 12, "部分遮挡，" * 30])
    root = fromstring(as_svg(sheet))
    texts = [(float(text.get("y")), text.text) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert len(texts) > 5
    assert max(y for y, _ in texts) < float(root.get("height"))
    assert max(len(text.encode("gbk")) for _, text in texts) < 90


def test_a_hostile_name_stays_text():
    sheet = Sheet(Panel(np.zeros((36, 64, 3), np.uint8), '</text><script>"&\x00\x1b'), None, ["<b>遮挡</b>"])
    root = fromstring(as_svg(sheet))
    assert not list(root.iter("{http://www.w3.org/2000/svg}script"))
    assert [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")][1] == "<b>遮挡</b>"
    assert as_png(sheet).startswith(b"\x89PNG")
