"""Privacy masks: from the file into coverage, in shares or pixels, in a table or a workbook."""

import json

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from small_site import CAMERAS, MAP, MASKS

from cammon.cli import cammon
from cammon.sitefiles import read_site
from cammon.sitefiles.faults import Wrong
from cammon.sitefiles.masks import outline_of, points
from cammon.sitefiles.templates import TEMPLATES
from cammon_coverage.engine import CoverageModel
from cammon_coverage.model import Period, ReasonCode

NEAR_ENOUGH = MAP.replace('"recognise"', '"observe"')
"""The small site's gate asks for what its camera shows of it."""
WAYS = {
    "shares": "camera,points\nC1,0.25 0.5; 0.5 0.5; 0.5 1; 0.25 1\n",
    "pixels": 'camera,points,size\nC1,"480,540; 960,540; 960,1080; 480,1080",1920x1080\n',
    "brackets and bars": 'camera,points\nC1,"(0.25, 0.5) | (0.5, 0.5) | (0.5, 1) | (0.25, 1)"\n',
    "Chinese": "遮挡清单,,\n摄像机编号,遮挡名称,顶点\nC1,窗,０．２５，０．５；０．５，．５；０．５，１；０．２５，１\n",
    "closed by its first point": "camera,points\nC1,0.25 0.5; 0.5 0.5; 0.5 1; 0.25 1; 0.25 0.5\n",
}


@pytest.mark.parametrize("text", WAYS.values(), ids=WAYS)
def test_every_way_of_writing_a_mask_is_the_same_mask(text: str, make_site):
    reading = read_site(make_site(masks=text))
    assert reading.problems == ()
    (mask,) = reading.site.camera("C1").masks
    assert mask.outline.bounds == pytest.approx((0.25, 0.5, 0.5, 1.0))
    assert mask.outline.area == pytest.approx(0.125)
    (camera,) = [camera for camera in reading.site.scene.cameras if camera.id == "C1"]
    assert camera.masks == (mask.outline,)


def test_masks_in_a_workbook(make_site):
    folder = make_site(masks=None)
    book = Workbook()
    book.active.append(["摄像机", "顶点"])
    book.active.append(["C1", "0.25 0.5; 0.5 0.5; 0.5 1"])
    book.save(folder / "masks.xlsx")
    reading = read_site(folder)
    assert reading.problems == ()
    assert [mask.row for mask in reading.site.camera("C1").masks] == [2]
    (folder / "masks.csv").write_text(MASKS, "utf-8")
    assert [(p.file, p.code) for p in read_site(folder).problems] == [("masks.xlsx", "two_tables")]


def test_the_site_is_another_with_other_masks(make_site):
    versions = {read_site(make_site(masks=text)).site.version for text in (None, *WAYS.values())}
    assert len(versions) == 1 + len(WAYS)


def test_a_camera_without_a_pose_keeps_its_mask(make_site):
    cameras = CAMERAS + "C4,,,,,,,,,,,,10.0.0.4,,\n"
    reading = read_site(make_site(cameras=cameras, masks="camera,points\nC4,0 0; 1 0; 1 0.5\nC4,0 0; 0.5 1; 0 1\n"))
    assert [(p.where, p.code, p.value) for p in reading.problems] == [("row 2", "mask_without_pose", "C4")]
    assert [mask.row for mask in reading.site.camera("C4").masks] == [2, 3]


def test_what_lies_under_a_mask_is_not_covered_and_says_why(make_site):
    def of_gate(masks: str | None):
        scene = read_site(make_site(map=NEAR_ENOUGH, masks=masks)).site.scene
        (answer,) = [one for one in CoverageModel(scene).design(Period.DAY).places if one.place == "K1"]
        return answer

    assert of_gate(None).covered
    beside = "camera,points\nC1,0 0; 0.2 0; 0.2 1; 0 1\n"
    assert of_gate(beside).covered
    over = of_gate("camera,points\nC1,0.4 0; 0.6 0; 0.6 1; 0.4 1\n")
    assert over.covered is False
    assert [(reason.code, dict(reason.params)) for reason in over.reasons] == [(ReasonCode.MASKED, {"camera": "C1"})]


def test_the_command_says_masked_with_its_camera(make_site):
    folder = make_site(map=NEAR_ENOUGH, masks="camera,points\nC1,0.4 0; 0.6 0; 0.6 1; 0.4 1\n")
    (gate, _) = json.loads(coverage(folder, "--json"))["key_places"]
    assert gate["design"]["day"]["reasons"] == [{"code": "masked", "params": {"camera": "C1"}}]
    assert "privacy mask" in coverage(folder, "--language", "en")


def coverage(*words) -> str:
    return CliRunner().invoke(cammon, ["coverage", *map(str, words)]).stdout


NUMBERS = st.sampled_from(["0", "1", "0.5", ".25", "1e-9", "0.75", "1e999", "-0", "32", "48", "64", "2"])
LISTS = st.lists(st.lists(NUMBERS, min_size=2, max_size=2).map(" ".join), max_size=8).map("; ".join)
NOISE = st.text(st.sampled_from("0123456789.eE+-;|, \n()[]，；．a％１"), max_size=60)


@settings(max_examples=300)
@given(text=LISTS | NOISE, size=st.sampled_from([None, (64, 48)]))
def test_any_text_is_a_mask_in_the_picture_or_one_fault_that_has_words(text: str, size: tuple[int, int] | None):
    code, outline = read(text, size)
    if outline is None:
        assert code in TEMPLATES
        return
    assert outline.is_valid
    assert 0 < outline.area <= 1
    west, north, east, south = outline.bounds
    assert min(west, north) >= 0
    assert max(east, south) <= 1


def read(text: str, size: tuple[int, int] | None):
    try:
        return "", outline_of(points(text), size).geometry
    except Wrong as wrong:
        return wrong.code, None
