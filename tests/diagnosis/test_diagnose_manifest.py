"""`cammon diagnose --manifest`: an answer for every frame, whatever it is; a bad manifest is said in clear lines."""

import json
import os
import re
import struct
import subprocess
import sys
from io import BytesIO

import cv2
import numpy as np
import pytest
from batches import jpeg, png, png_header, scene, written
from click.testing import CliRunner
from PIL import Image

from cammon.cli import cammon
from cammon.cli.diagnose import MOST_ASIDES, diagnose
from cammon.diagnosis.batch import BatchWork, mask_picture, told
from cammon.diagnosis.manifest import MOST_PREVIOUS, read_manifest
from cammon.diagnosis.picturefile import Unreadable, decoded, size_of
from cammon.problem import UserError
from cammon_probes.model import Fault, Finding, PoseChange
from cammon_probes.picture.judgement import Judgement

GOOD = scene()
GRAY = cv2.cvtColor(GOOD, cv2.COLOR_BGR2GRAY)


def pillow(kind, mode=None, *, dither=None, palette=0, colors=256, **options):
    """The good picture as the bytes of another kind of file."""
    picture = Image.fromarray(np.ascontiguousarray(GOOD[..., ::-1]))
    file = BytesIO()
    (picture.convert(mode, dither=dither, palette=palette, colors=colors) if mode else picture).save(
        file, kind, **options
    )
    return file.getvalue()


def woven(picture):
    """Two fields of a scene that moves by a few pixels between them."""
    both = picture.copy()
    both[1::2] = np.roll(picture, 6, axis=1)[1::2]
    return both


def with_thumbnail(data):
    """A JPEG with another, whole one in its header."""
    small = jpeg(scene(48, 30))
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(small) + 2) + small + data[2:]


def claiming(data, width, height):
    """A JPEG whose header says another size."""
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


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
        pytest.param(jpeg(np.ascontiguousarray(np.rot90(GOOD))), "ok", id="portrait"),
        pytest.param(pillow("JPEG", "CMYK", quality=90), "ok", id="CMYK"),
        pytest.param(jpeg(np.zeros_like(GOOD)), "black", id="black"),
        pytest.param(jpeg(GOOD)[:9000], "corrupted", id="breaks off"),
        pytest.param(jpeg(GOOD)[:-2], "corrupted", id="no end mark"),
        pytest.param(with_thumbnail(jpeg(GOOD)[:9000]), "corrupted", id="breaks off after a whole thumbnail"),
        pytest.param(jpeg(GOOD) + b"made by X" * 99, "ok", id="the maker's bytes after it"),
        pytest.param(pillow("JPEG", progressive=True), "ok", id="progressive"),
        pytest.param(jpeg(woven(GOOD)), "ok", id="interlaced"),
        pytest.param(pillow("PNG", "LA"), "ok", id="gray with alpha"),
        pytest.param(pillow("PNG", "P", dither=0, colors=256, palette=1), "ok", id="palette"),
        pytest.param(png(np.zeros((48, 64), np.uint16)), "black", id="16 bits, nothing in them"),
        pytest.param(png(scene(2000, 20)), "ok", id="a strip"),
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
        pytest.param(b"<html>401 Unauthorized</html>", "not a JPEG, PNG or BMP", id="a page"),
        pytest.param(png_header(60_000, 60_000), "at most 50000000", id="PNG bomb"),
        pytest.param(claiming(jpeg(GOOD), 60_000, 60_000), "at most 50000000", id="JPEG bomb"),
        pytest.param(pillow("WEBP"), "a WebP file; save it as", id="WebP"),
        pytest.param(pillow("GIF"), "a GIF file", id="GIF"),
        pytest.param(pillow("TIFF"), "a TIFF file", id="TIFF"),
        pytest.param(png(GOOD)[:9000], "damaged", id="a PNG that breaks off"),
        pytest.param(jpeg(scene(12, 9)), "too small", id="too small"),
        pytest.param(png(scene(8000, 16)), "8000 x 16 pixels is too narrow", id="a line"),
        pytest.param(png(scene(17, 60_000)), "17 x 60000 pixels is too narrow", id="an upright line"),
        pytest.param(png(scene(1, 10_000)), "too small", id="one pixel wide"),
        pytest.param(b"BM" + b"\xff" * 60, "damaged", id="nonsense"),
    ],
)
def test_an_error_for_what_is_no_picture(tmp_path, data, says):
    answer = one_answer(tmp_path, data)
    assert "verdict" not in answer
    assert says.lower() in answer["error"].lower()


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
    (folder / "loop.jpg").symlink_to("loop.jpg")
    frames = ["good.jpg", "missing.jpg", "../outside.jpg", "/etc/passwd", "pipe.jpg", "folder.jpg", "", "a\0b", 7]
    frames += ["loop.jpg", "good.jpg/x", "\ud800", "C:\\f.jpg", "~/f.jpg"]
    tests = [{"id": f"t{number}", "camera": "C1", "frame": frame} for number, frame in enumerate(frames)]
    tests += [{"id": "unknown", "camera": "C9", "frame": "good.jpg"}, {"camera": "C1"}, "nonsense", tests[0]]
    found = answers(written(folder, {"good.jpg": jpeg(GOOD)}, tests))
    errors = {name for name, answer in found.items() if "error" in answer}
    assert errors == {"unknown", "#16", "#17", "#18"} | {f"t{number}" for number in range(1, 14)}
    assert "leads out" in found["t2"]["error"]
    assert "leads out" in found["t3"]["error"]
    assert found["t0"]["verdict"] == "ok"
    assert "twice" in found["#18"]["error"]


@pytest.mark.parametrize("fault", [cv2.error("one\ntwo"), ZeroDivisionError("by zero")], ids=["OpenCV", "arithmetic"])
def test_what_nobody_thought_of_costs_one_answer(tmp_path, monkeypatch, fault):
    def judge(frame, *_arguments, **_view):
        if frame.width_px == 96:
            raise fault
        return Judgement(())

    monkeypatch.setattr("cammon.diagnosis.batch.judge", judge)
    files = {"odd.jpg": jpeg(scene(96, 64)), "f.jpg": jpeg(GOOD)}
    tests = [{"id": name, "camera": "C1", "frame": name} for name in files]
    found = answers(written(tmp_path, files, tests))
    assert re.fullmatch(r"odd.jpg: the picture checks cannot work on it \(.+\)", found["odd.jpg"]["error"])
    assert found["f.jpg"]["verdict"] == "ok"


def test_good_frames_that_cannot_be_read_are_named_and_left_out(tmp_path):
    cameras = {"C1": {"refs": [{"file": "r.jpg"}, {"file": "gone.jpg"}, {"file": "tiny.png"}]}}
    tests = [{"id": "t", "camera": "C1", "frame": "f.jpg", "prev": ["tiny.png", "cut.jpg"]}]
    files = {"f.jpg": jpeg(GOOD), "r.jpg": jpeg(GOOD), "cut.jpg": jpeg(GOOD)[:9000], "tiny.png": png(scene(12, 9))}
    answer = answers(written(tmp_path, files, tests, cameras))["t"]
    assert answer["verdict"] == "ok"
    assert answer["unread"] == ["gone.jpg", "tiny.png", "cut.jpg", "tiny.png"]


def test_libraries_that_decode_say_nothing_of_their_own(tmp_path, capfd):
    broken = bytearray(jpeg(GOOD))
    for at in range(2000, len(broken) - 100, 997):
        broken[at] ^= 0x55
    damaged = bytearray(png(GOOD))
    damaged[len(damaged) // 2] ^= 0xFF
    files = {"b.jpg": bytes(broken), "d.png": bytes(damaged), "c.jpg": jpeg(GOOD)[:9000]}
    found = answers(written(tmp_path, files, [{"id": name, "camera": "C1", "frame": name} for name in files]))
    assert [found[name].get("verdict") for name in files] == ["corrupted", None, "corrupted"]
    assert capfd.readouterr().err == ""


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


def about(**camera):
    """A manifest that says this of its camera."""
    return json.dumps({"version": 1, "cameras": {"C1": camera}, "tests": []})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("", "not JSON", id="empty"),
        pytest.param("{", "not JSON.*line 1", id="no JSON"),
        pytest.param("[" * 100_000, "not JSON", id="too deep"),
        pytest.param('{"tests": []}'.encode("utf-16"), "not UTF-8 at byte 1", id="UTF-16"),
        pytest.param('{"cameras": {"主井": {}}, "tests": []}'.encode("gbk"), "not UTF-8 at byte 15", id="GBK"),
        pytest.param("[]", "an object", id="a list"),
        pytest.param('{"version": 9, "tests": []}', "version 9", id="version"),
        pytest.param('{"version": "1", "tests": []}', 'version "1"', id="version as text"),
        pytest.param('{"version": null, "tests": []}', "version null", id="no version"),
        pytest.param('{"cameras": {}}', "'tests'", id="no tests"),
        pytest.param('{"cameras": {}, "tests": {"a": 1}}', "'tests'.*not {", id="tests are an object"),
        pytest.param('{"cameras": [], "tests": []}', "'cameras'", id="cameras"),
        pytest.param('{"cameras": {"C1": {}, "C1": {}}, "tests": []}', '"C1" stands twice', id="camera twice"),
        pytest.param('{"cameras": {"C1": null}, "tests": []}', "'C1'|\"C1\".*not null", id="no camera"),
        pytest.param(about(refs=[{"file": "a"}, "b"]), "number 2 of 'refs'", id="a good frame"),
        pytest.param(about(refs="a"), "'refs' has to be a list", id="refs"),
        pytest.param(about(hfov_deg=900), "'hfov_deg'.*360 degrees.*leave it out", id="angle"),
        pytest.param(about(hfov_deg="wide"), "'hfov_deg'.*leave it out", id="angle as text"),
        pytest.param(about(hfov_deg=True), "'hfov_deg'", id="angle true"),
        pytest.param(about(hfov_deg=float("nan")), "360 degrees", id="angle NaN"),
        pytest.param(about(hfov_deg=10**400), "360 degrees", id="huge angle"),
        pytest.param(about().replace("{}", '{"hfov_deg": %s}' % ("9" * 5000)), "360 degrees", id="endless angle"),
        pytest.param(about(privacy=[[[0, 0]]]), "three corners", id="privacy"),
        pytest.param(about(privacy=[[0, 0], [1, 0], [1, 1]]), "polygon 1.*three corners", id="one polygon, no list"),
        pytest.param(about(privacy=[[[0, 0], [640, 0], [640, 360]]]), "0 to 1, not .640", id="privacy in pixels"),
        pytest.param(about(privacy=[[[0, 0], [float("nan"), 0], [1, 1]]]), "not .NaN", id="privacy NaN"),
        pytest.param(about(privacy=None), "list of polygons, not null", id="privacy null"),
        pytest.param(about(away="no"), "'away'", id="away"),
    ],
)
def test_a_bad_manifest_is_wrong_input(tmp_path, text, says):
    (tmp_path / "manifest.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UserError, match=says) as caught:
        run("--manifest", str(tmp_path))
    assert [len(line) < 400 and str(tmp_path) in line for line in caught.value.lines] == [True]


def test_a_bad_manifest_ends_with_status_2_and_without_a_traceback(tmp_path):
    (tmp_path / "manifest.json").write_text(about(hfov_deg=10**400))
    done = subprocess.run(
        [sys.executable, "-m", "cammon", "diagnose", "--manifest", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("test", "called", "says"),
    [
        pytest.param({"camera": "C1", "frame": "f.jpg"}, "#1", "'id'.*not null", id="no id"),
        pytest.param({"id": 7, "camera": "C1", "frame": "f.jpg"}, "#1", "'id'.*not 7", id="id is a number"),
        pytest.param({"id": "t", "camera": "C2", "frame": "f.jpg"}, "t", '"C2".*none of', id="unknown camera"),
        pytest.param({"id": "t", "camera": [1], "frame": "f.jpg"}, "t", "none of", id="camera is a list"),
        pytest.param({"id": "t", "camera": "C1"}, "t", "'frame'.*not null", id="no frame"),
        pytest.param(
            {"id": "t", "camera": "C1", "frame": "f.jpg", "prev": "p.jpg"}, "t", "'prev'", id="prev is a text"
        ),
        pytest.param(None, "#1", "an object.*not null", id="null"),
    ],
)
def test_a_bad_test_is_told_in_its_line(tmp_path, test, called, says):
    found = answers(written(tmp_path, {"f.jpg": jpeg(GOOD)}, [test, {"id": "ok", "camera": "C1", "frame": "f.jpg"}]))
    assert re.search(f"test 1: .*{says}", found[called]["error"])
    assert found["ok"]["verdict"] == "ok"


@pytest.mark.parametrize(
    ("time", "wrong"),
    [
        pytest.param("noon", True, id="a word"),
        pytest.param("2026-05-01", True, id="a day"),
        pytest.param("2026-13-01T12:30:00", True, id="no such month"),
        pytest.param("", True, id="empty"),
        pytest.param(1746100000, True, id="a number"),
        pytest.param(float("nan"), True, id="NaN"),
        pytest.param(["2026-05-01T12:30:00"], True, id="a list"),
        pytest.param("x" * 5000, True, id="endless"),
        pytest.param("2026-05-01T12:30:00Z", False, id="UTC"),
        pytest.param("2026-05-01 12:30", False, id="a space, no seconds"),
        pytest.param("20260501T1230", False, id="without marks"),
        pytest.param(None, False, id="null"),
    ],
)
def test_a_time_that_is_none_is_said_and_stops_nothing(tmp_path, time, wrong):
    tests = [{"id": "t", "camera": "主井", "frame": "f.jpg"}]
    refs = [{"file": "f.jpg"}, {"file": "f.jpg", "time": time}]
    folder = written(tmp_path, {"f.jpg": jpeg(GOOD)}, tests, {"主井": {"refs": refs}})
    result = run("--manifest", str(folder))
    assert (result.exit_code, json.loads(result.stdout)["verdict"]) == (0, "ok")
    said = [line for line in result.stderr.splitlines() if "'time'" in line]
    assert len(said) == wrong
    for line in said:
        assert str(folder / "manifest.json") in line
        assert 'camera "主井": number 2 of ' in line
        assert json.dumps(time)[:40] in line
        assert "write it as 2026-05-01T12:30:00" in line
        assert len(line) - len(str(folder)) < 300


def test_a_thousand_wrong_times_are_told_in_a_few_lines(tmp_path):
    refs = [{"file": "f.jpg", "time": f"image_{number}.png"} for number in range(1000)]
    folder = written(tmp_path, {"f.jpg": jpeg(scene(96, 64))}, [], {"C1": {"refs": refs}})
    said = run("--manifest", str(folder)).stderr.splitlines()
    assert len(said) == MOST_ASIDES + 1
    assert said[-1] == f"... and {1000 - MOST_ASIDES} more like it"


def test_an_odd_manifest_is_taken(tmp_path):
    good = [{"file": "f.jpg", "time": time} for time in (None, 7, "noon", "2026-05-01T12:30:00Z")]
    tests = [
        {"id": "\ud800\x1b[31m", "camera": "1", "frame": "f.jpg", "prev": ["gone.jpg"] * 5000, "note": "x"},
        {"id": "x" * 5000, "camera": 1, "frame": "f" * 5000},
    ]
    written(tmp_path, {"f.jpg": jpeg(scene(96, 64))}, tests, {"1": {"refs": good * 500, "make": "?"}})
    (tmp_path / "manifest.json").write_bytes(b"\xef\xbb\xbf" + (tmp_path / "manifest.json").read_bytes())
    odd, long = answers(tmp_path).values()
    assert odd["verdict"] == "ok"
    assert odd["unread"] == ["gone.jpg"] * MOST_PREVIOUS
    assert len(long["error"]) < 300


def test_a_manifest_that_is_not_there():
    with pytest.raises(UserError, match="No such file"):
        run("--manifest", "/nowhere/manifest.json")
    assert "--manifest" in CliRunner().invoke(cammon, ["diagnose"]).output


def test_masks_that_cannot_be_written_are_told_before_anything_is_judged(tmp_path):
    written(tmp_path, {"file": b"", "f.jpg": jpeg(GOOD)}, [{"id": "t", "camera": "C1", "frame": "f.jpg"}])
    with pytest.raises(UserError, match=r"Not a directory.*--masks"):
        run("--manifest", str(tmp_path), "--masks", str(tmp_path / "file" / "masks"))


def test_a_mask_that_cannot_be_written_stops_nothing(tmp_path):
    rng = np.random.default_rng(3)
    hours = [{"file": f"r{hour}.jpg", "time": f"2026-05-01T{hour:02}:30:00"} for hour in (8, 10, 12, 14, 16)]
    good = {one["file"]: jpeg(np.clip(GOOD + rng.normal(0, 2, GOOD.shape), 0, 255).astype(np.uint8)) for one in hours}
    hidden = GOOD.copy()
    hidden[:, 380:] = cv2.GaussianBlur(hidden, (0, 0), 40)[:, 380:] // 2
    tests = [{"id": "t", "camera": "C1", "frame": "f.jpg"}]
    folder = written(tmp_path, {"f.jpg": jpeg(hidden), **good}, tests, {"C1": {"refs": hours}})
    work = BatchWork(read_manifest(folder), folder / "f.jpg" / "masks", "en")
    answer = work(0)
    assert answer["verdict"] == "partial"
    assert "mask cannot be written" in answer["error"]
    assert "mask" not in answer


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
