"""`cammon diagnose --manifest`: an answer for every frame, whatever it is; a bad manifest is said in clear lines."""

import json
import os
from io import BytesIO

import cv2
import numpy as np
import pytest
from batches import jpeg, png, png_header, scene, written
from click.testing import CliRunner
from PIL import Image

from cammon.cli import cammon
from cammon.cli.diagnose import diagnose
from cammon.diagnosis.batch import mask_picture, told
from cammon.diagnosis.picturefile import Unreadable, decoded, size_of
from cammon.problem import UserError
from cammon_probes.model import Fault, Finding, PoseChange
from cammon_probes.picture.judgement import Judgement

GOOD = scene()
GRAY = cv2.cvtColor(GOOD, cv2.COLOR_BGR2GRAY)


def cmyk():
    file = BytesIO()
    Image.fromarray(GOOD).convert("CMYK").save(file, "JPEG", quality=90)
    return file.getvalue()


def run(*arguments):
    return CliRunner().invoke(diagnose, list(arguments), catch_exceptions=False)


def answers(folder, *options):
    result = run("--manifest", str(folder), "--language", "en", *options)
    assert result.exit_code == 0
    return {one["id"]: one for one in map(json.loads, result.stdout.splitlines())}


def one_answer(tmp_path, data, **camera):
    folder = written(
        tmp_path, {"f": data, "r.jpg": jpeg(GOOD)}, [{"id": "t", "camera": "C1", "frame": "f"}], {"C1": camera}
    )
    return answers(folder)["t"]


@pytest.mark.parametrize(
    ("data", "verdict"),
    [
        pytest.param(jpeg(GOOD), "ok", id="as it is"),
        pytest.param(png(GOOD), "ok", id="png"),
        pytest.param(cv2.imencode(".bmp", GOOD)[1].tobytes(), "ok", id="bmp"),
        pytest.param(jpeg(GRAY), "ok", id="gray"),
        pytest.param(png(GRAY.astype(np.uint16) * 257), "ok", id="16 bits"),
        pytest.param(png(np.dstack([GOOD, np.full_like(GRAY, 255)])), "ok", id="alpha"),
        pytest.param(jpeg(scene(64, 48)), "ok", id="tiny"),
        pytest.param(jpeg(scene(7680, 4320, blocks=600), 60), "ok", id="8K"),
        pytest.param(jpeg(scene(360, 640)), "ok", id="portrait"),
        pytest.param(cmyk(), "ok", id="CMYK"),
        pytest.param(jpeg(np.zeros_like(GOOD)), "black", id="black"),
        pytest.param(jpeg(GOOD)[:9000], "corrupted", id="breaks off"),
    ],
)
def test_a_verdict_for_every_picture(tmp_path, data, verdict):
    answer = one_answer(tmp_path, data)
    assert answer["verdict"] == verdict
    assert (answer["scores"].get(verdict, 0) > 0.5) == (verdict != "ok")
    assert answer["ms"] > 0


@pytest.mark.parametrize(
    ("data", "says"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"hello", "not a JPEG, PNG or BMP", id="text"),
        pytest.param(jpeg(GOOD)[:300], "damaged", id="only a header"),
        pytest.param(png_header(60_000, 60_000), "at most 50000000", id="bomb"),
        pytest.param(jpeg(scene(12, 9)), "too small", id="too small"),
        pytest.param(b"BM" + b"\xff" * 60, "BMP", id="nonsense"),
    ],
)
def test_an_error_for_what_is_no_picture(tmp_path, data, says):
    answer = one_answer(tmp_path, data)
    assert "verdict" not in answer
    assert says.lower() in answer["error"].lower() or "damaged" in answer["error"]


@pytest.mark.parametrize("size", [(320, 180), (480, 480), (1920, 1080)], ids=str)
def test_a_reference_of_another_size_is_no_ground_for_a_fault(tmp_path, size):
    folder = written(
        tmp_path,
        {"f.jpg": jpeg(GOOD), "r.jpg": jpeg(cv2.resize(GOOD, size))},
        [{"id": "t", "camera": "C1", "frame": "f.jpg", "prev": ["r.jpg"]}],
        {"C1": {"refs": [{"file": "r.jpg"}]}},
    )
    assert answers(folder)["t"]["verdict"] == "ok"


def test_one_bad_frame_never_stops_the_batch(tmp_path):
    (tmp_path / "outside.jpg").write_bytes(jpeg(GOOD))
    folder = tmp_path / "pack"
    folder.mkdir()
    os.mkfifo(folder / "pipe.jpg")
    (folder / "folder.jpg").mkdir()
    frames = ["good.jpg", "missing.jpg", "../outside.jpg", "/etc/passwd", "pipe.jpg", "folder.jpg", "", "a\0b", 7]
    tests = [{"id": f"t{number}", "camera": "C1", "frame": frame} for number, frame in enumerate(frames)]
    tests += [{"id": "unknown", "camera": "C9", "frame": "good.jpg"}, {"camera": "C1"}, "nonsense", tests[0]]
    found = answers(written(folder, {"good.jpg": jpeg(GOOD)}, tests))
    errors = {name for name, answer in found.items() if "error" in answer}
    assert errors == {"t0", "unknown", "#11", "#12"} | {f"t{number}" for number in range(1, 9)}
    assert "leads out" in found["t2"]["error"]
    assert "leads out" in found["t3"]["error"]
    assert "twice" in found["t0"]["error"]


def test_good_frames_that_cannot_be_read_are_named_and_left_out(tmp_path):
    cameras = {"C1": {"refs": [{"file": "r.jpg"}, {"file": "gone.jpg"}]}}
    tests = [{"id": "t", "camera": "C1", "frame": "f.jpg", "prev": ["cut.jpg"]}]
    files = {"f.jpg": jpeg(GOOD), "r.jpg": jpeg(GOOD), "cut.jpg": jpeg(GOOD)[:9000]}
    answer = answers(written(tmp_path, files, tests, cameras))["t"]
    assert answer["verdict"] == "ok"
    assert answer["unread"] == ["gone.jpg", "cut.jpg"]


def test_history_and_the_frame_before_are_used(tmp_path):
    soft = cv2.GaussianBlur(GOOD, (0, 0), 3)
    cameras = {"C1": {"refs": [{"file": "r.jpg", "time": "2026-05-01T12:30:00"}], "hfov_deg": 60}}
    tests = [
        {"id": "soft", "camera": "C1", "frame": "soft.jpg"},
        {"id": "again", "camera": "C1", "frame": "r.jpg", "prev": ["r.jpg"]},
    ]
    found = answers(written(tmp_path, {"soft.jpg": jpeg(soft), "r.jpg": jpeg(GOOD)}, tests, cameras))
    assert found["soft"]["verdict"] == "blur"
    assert found["soft"]["resolution_loss"] > 1.5
    assert "blurred" in found["soft"]["words"]
    assert found["again"]["verdict"] == "frozen"


def test_workers_answer_as_one_does(tmp_path):
    files = {f"{number}.jpg": jpeg(scene(seed=number, width=160, height=96)) for number in range(30)}
    tests = [{"id": name, "camera": "C1", "frame": name} for name in files]
    folder = written(tmp_path, files, tests)
    alone, together = answers(folder, "--workers", "1"), answers(folder, "--workers", "2")
    for one in (*alone.values(), *together.values()):
        one.pop("ms")
    assert alone == together


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("{", "not JSON", id="no JSON"),
        pytest.param("[" * 100_000, "not JSON", id="too deep"),
        pytest.param("[]", "an object", id="a list"),
        pytest.param('{"version": 9, "tests": []}', "version 9", id="version"),
        pytest.param('{"cameras": {}}', "'tests'", id="no tests"),
        pytest.param('{"cameras": [], "tests": []}', "'cameras'", id="cameras"),
        pytest.param('{"cameras": {"C1": {"refs": ["a"]}}, "tests": []}', "'C1'", id="refs"),
        pytest.param('{"cameras": {"C1": {"hfov_deg": 900}}, "tests": []}', "360 degrees", id="angle"),
        pytest.param('{"cameras": {"C1": {"privacy": [[[0, 0]]]}}, "tests": []}', "three corners", id="privacy"),
    ],
)
def test_a_bad_manifest_is_wrong_input(tmp_path, text, says):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(UserError, match=says):
        run("--manifest", str(tmp_path))


def test_a_manifest_that_is_not_there():
    with pytest.raises(UserError, match="No such file"):
        run("--manifest", "/nowhere/manifest.json")
    assert "--manifest" in CliRunner().invoke(cammon, ["diagnose"]).output


def test_a_mask_covers_what_is_hidden():
    hidden = np.zeros((6, 10), bool)
    hidden[:3, :5] = True
    mask = mask_picture(hidden, 200, 120)
    assert mask.shape == (120, 200)
    assert set(np.unique(mask)) == {0, 255}
    assert (mask > 0).mean() == pytest.approx(0.25, abs=0.03)
    assert mask[10, 10] == 255
    assert mask[100, 190] == 0


def test_what_is_told_of_a_turned_camera():
    moved = Finding(Fault.MOVED, 0.9, 4.0, "°", True, moved=PoseChange(-4.0, 0.0, 0.0, 1.0))
    answer = told(Judgement((moved,)), "en")
    assert answer["verdict"] == "moved"
    assert answer["moved"] == {"pan_deg": -4.0, "tilt_deg": 0.0, "roll_deg": 0.0, "zoom": 1.0}
    assert "turned 4° to the left" in answer["words"]
    assert "向左转动 4°" in told(Judgement((moved,)), "zh")["words"]


@pytest.mark.parametrize("data", [jpeg(scene(48, 30)), png(scene(48, 30))], ids=["jpeg", "png"])
def test_sizes_are_known_before_decoding(data):
    assert size_of(data) == (48, 30)
    for cut in range(0, len(data), 97):
        try:
            decoded(data[:cut])
        except Unreadable:
            continue
