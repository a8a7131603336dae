"""`cammon calibrate` on a copy of the demo site: what it prints, draws and writes, and what it refuses."""

import json
import shutil
from dataclasses import replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result

from cammon.calibration.rehearsal import Rehearsal, rehearsals
from cammon.cli import cammon
from cammon.problem import UserError
from cammon.sitefiles import read_site
from cammon.virtual.render import render_static

HEADER = "u,v,x,y,z,label\n"


@pytest.fixture(scope="module")
def trial(repository: Path) -> Rehearsal:
    """CAM18 of the demo with six clicks, one of them wrong."""
    scene = read_site(repository / "config" / "demo-mine").site.scene
    own = replace(scene, cameras=tuple(camera for camera in scene.cameras if camera.id == "CAM18"))
    return next(islice(rehearsals(own, seed=4), 1))


@pytest.fixture
def site(repository: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(repository / "config" / "demo-mine", tmp_path / "demo-mine"))


@pytest.fixture
def pairs(trial: Rehearsal, tmp_path: Path) -> Path:
    rows = [
        f"{one.u:.1f},{one.v:.1f},{one.x:.2f},{one.y:.2f},{one.z:.2f},corner {n}"
        for n, one in enumerate(trial.clicks, 1)
    ]
    path = tmp_path / "pairs.csv"
    path.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def run(*arguments: object) -> Result:
    words = [str(argument) for argument in arguments]
    return CliRunner().invoke(cammon, ["calibrate", *words, "--language", "en"])


def told(result: Result) -> tuple[str, ...]:
    assert isinstance(result.exception, UserError), result.exception
    return result.exception.lines


def test_json(site, pairs, trial):
    result = run(site, "CAM18", "--pairs", pairs, "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert set(answer) == {
        *("camera", "ledger", "calibrated", "deviations", "intervals_95", "prior_off", "chi_square"),
        *("degrees_of_freedom", "doubtful", "clicks"),
    }
    assert answer["doubtful"] == [trial.wrong + 1]
    assert answer["calibrated"]["azimuth_deg"] == pytest.approx(trial.pose.azimuth_deg, abs=2.5)
    assert answer["ledger"]["azimuth_deg"] == 315.0
    assert [one["label"] for one in answer["clicks"]] == [f"corner {number}" for number in range(1, 7)]


def test_table_names_the_doubtful_click(site, pairs, trial):
    text = run(site, "CAM18", "--pairs", pairs).stdout
    assert "95 % interval" in text
    (line,) = [line for line in text.splitlines() if "doubtful" in line]
    assert f"corner {trial.wrong + 1}" in line


def test_clicks_on_a_smaller_picture(site, pairs, trial, tmp_path):
    half = tmp_path / "half.csv"
    lines = pairs.read_text("utf-8").splitlines()[1:]
    cells = [line.split(",") for line in lines]
    camera = trial.camera.lens
    half.write_text(
        HEADER + "\n".join(f"{float(u) / 2},{float(v) / 2},{','.join(rest)}" for u, v, *rest in cells), "utf-8"
    )
    size = f"{camera.width_px // 2}x{camera.height_px // 2}"
    whole = json.loads(run(site, "CAM18", "--pairs", pairs, "--json").stdout)
    small = json.loads(run(site, "CAM18", "--pairs", half, "--json", "--size", size).stdout)
    assert small == whole


def test_the_drawing_lies_on_the_rendered_picture(site, pairs, trial, tmp_path, repository):
    scene = read_site(site).site.scene
    hidden = replace(trial.camera, pose=trial.pose, lens=trial.lens)
    view = render_static(scene, hidden, 960, 540)
    grey = np.where(view.surface >= 0, 150, 60).astype(np.uint8)
    cv2.imwrite(str(tmp_path / "now.png"), cv2.merge([grey] * 3))
    scaled = ("--size", f"{trial.lens.width_px}x{trial.lens.height_px}")
    out = tmp_path / "drawn.png"
    result = run(site, "CAM18", "--pairs", pairs, "--image", tmp_path / "now.png", "--picture", out, *scaled)
    assert result.exit_code == 0, result.output
    image = cv2.imread(str(out))
    assert image.shape == (540, 960, 3)
    green = (image[..., 1] > 180) & (image[..., 0] < 120) & (image[..., 2] < 120)
    edges = cv2.dilate(
        (cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3))) > 0).astype(np.uint8), np.ones((25, 25))
    )
    assert green.sum() > 300
    assert edges[green].mean() > 0.5


def test_the_drawing_shows_privacy_masks(site, pairs, trial, tmp_path):
    plain, masked = tmp_path / "plain.png", tmp_path / "masked.png"
    assert run(site, "CAM18", "--pairs", pairs, "--picture", plain).exit_code == 0
    (site / "masks.csv").write_text("camera,points\nCAM18,0.5 0; 0.75 0; 0.75 0.25; 0.5 0.25\n", "utf-8")
    assert run(site, "CAM18", "--pairs", pairs, "--picture", masked).exit_code == 0
    differs = (cv2.imread(str(plain)) != cv2.imread(str(masked))).any(axis=2)
    rows, columns = (places / size for places, size in zip(np.nonzero(differs), differs.shape, strict=True))
    assert 0.05 < differs[: differs.shape[0] // 4, differs.shape[1] // 2 : 3 * differs.shape[1] // 4].mean() < 0.5
    found = (columns.min(), columns.max(), rows.min(), rows.max())
    assert found == pytest.approx((0.5, 0.75, 0.0, 0.25), abs=0.005)


def test_accept_changes_the_row_and_nothing_else(site, pairs):
    before = (site / "cameras.csv").read_text("utf-8").splitlines()
    assert run(site, "CAM18", "--pairs", pairs, "--accept").exit_code == 0
    after = (site / "cameras.csv").read_text("utf-8").splitlines()
    assert after[0] == before[0] + ",roll_deg,azimuth_sd_deg,tilt_sd_deg,hfov_sd_pct"
    for old, new in zip(before[1:], after[1:], strict=True):
        assert new == old + ",,,," or old.startswith("CAM18,")
    reading = read_site(site)
    assert reading.problems == ()
    camera = reading.site.camera("CAM18")
    assert camera.pose_grade == "calibrated"
    assert 0 < camera.azimuth_sd_deg < 5
    assert 0 < camera.tilt_sd_deg < 3
    assert 0 < camera.hfov_sd_pct < 10
    written = json.loads(run(site, "CAM18", "--pairs", pairs, "--json").stdout)["ledger"]
    assert written["azimuth_deg"] != 315.0


def test_a_workbook_is_left_alone_and_says_what_to_type(site, pairs):
    from openpyxl import Workbook

    book = Workbook()
    for line in (site / "cameras.csv").read_text("utf-8").splitlines():
        book.active.append(next(iter(__import__("csv").reader([line]))))
    book.save(site / "cameras.xlsx")
    (site / "cameras.csv").unlink()
    (line,) = told(run(site, "CAM18", "--pairs", pairs, "--accept"))
    assert "cameras.xlsx" in line
    assert "pose_grade calibrated" in line


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("u,v,x,y\n1,2,3,4\n", ["z"], id="missing column"),
        pytest.param("", ["empty|no header|column"], id="empty"),
        pytest.param(HEADER, ["0 clicks"], id="no clicks"),
        pytest.param(HEADER + "10,20,430,90,0,\n" * 3, ["3 clicks"], id="three clicks"),
        pytest.param(HEADER + "ten,20,430,90,0,\n" * 4, ["row 2", "row 3", "row 4", "row 5"], id="letters"),
        pytest.param(HEADER + "nan,20,430,90,inf,\n" * 4, ["row 2 u", "row 2 z"], id="nan and inf"),
        pytest.param(HEADER + "10,20,430,,0,\n" * 4, ["row 2 y"], id="empty cell"),
        pytest.param(HEADER + "9000,20,430,90,0,\n" * 4, ["row 2 u, v"], id="outside the picture"),
        pytest.param(HEADER + "10,20,430000,90,0,\n" * 4, ["row 2 x, y"], id="other coordinates"),
        pytest.param(HEADER + "10,20,430,90,0,\n" * 4, ["1 different places"], id="one place"),
        pytest.param('u,v,x,y,z\n"1,2,3,4\n1,2,3,4,5\n', ["row 2"], id="broken quotes"),
    ],
)
def test_bad_pairs(site, tmp_path, text, words):
    path = tmp_path / "bad.csv"
    path.write_text(text, "utf-8")
    lines = told(run(site, "CAM18", "--pairs", path))
    assert all(line.startswith("bad.csv") for line in lines)
    for word in words:
        assert any(part in line for part in word.split("|") for line in lines), lines


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        pytest.param(("NOWHERE",), "no camera", id="no such camera"),
        pytest.param(("CAM18", "--size", "big"), "--size big", id="size"),
        pytest.param(("CAM18", "--image", "missing.png"), "missing.png", id="no image"),
        pytest.param(("CAM18", "--picture", "no/such/folder/out.png"), "cannot write", id="picture"),
    ],
)
def test_bad_arguments(site, pairs, arguments, word, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (line,) = told(run(site, arguments[0], "--pairs", pairs, *arguments[1:]))
    assert word in line


def test_no_pairs_file(site, tmp_path):
    (line,) = told(run(site, "CAM18", "--pairs", tmp_path / "none.csv"))
    assert "cannot be read" in line
