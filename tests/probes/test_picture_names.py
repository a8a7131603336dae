"""Faults that look alike get their right name, with the camera's good frames and without."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import cv2
import numpy as np
import pytest

from cammon.sitefiles import read_site
from cammon.virtual.render import Renderer
from cammon_coverage.model import Period
from cammon_probes.model import Fault, Finding
from cammon_probes.picture.reference import reference_from
from cammon_probes.picture.registry import CHECKS, judge

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="module")
def renderer(repository):
    return Renderer(read_site(repository / "config" / "demo-mine").site.scene)


@pytest.fixture(scope="module")
def yard(renderer):
    """A view of the demo site by day, as often as it is asked for, with the sensor's noise."""
    return lambda look: renderer.frame("CAM01", 640, 360, NOON, 60.0 * look, Period.DAY, {}, seed=look)


@pytest.fixture(scope="module")
def history(yard):
    return reference_from([yard(look) for look in range(4)])


def frosted(frame, seed=3):
    """Needles of ice, and their veil, over everything."""
    rng = np.random.default_rng(seed)
    ice = np.zeros(frame.shape[:2], np.float32)
    for _ in range(900):
        begin, angle, length = rng.uniform(0, 1, 2) * frame.shape[1::-1], rng.uniform(0, 2 * np.pi), rng.uniform(8, 50)
        end = begin + length * np.array([np.cos(angle), np.sin(angle)])
        cv2.line(
            ice, begin.astype(int).tolist(), end.astype(int).tolist(), (float(rng.uniform(20, 70)),), 1, cv2.LINE_AA
        )
    return np.clip(0.9 * frame + 135 + ice[..., None], 0, 255).astype(np.uint8)


def stretched(frame):
    return np.clip(frame.astype(np.float32) * 2.3 + 25, 0, 255).astype(np.uint8)


def dimmed(frame, luma=39.5):
    return (frame * (luma / frame.mean())).astype(np.uint8)


def hued(frame):
    return np.clip(frame * np.array([0.85, 1.05, 0.65]) + np.array([0, 18, 0]), 0, 255).astype(np.uint8)


def foggy(frame):
    return np.clip(0.22 * frame + 0.78 * 150, 0, 255).astype(np.uint8)


def bright_sheet(frame):
    rng = np.random.default_rng(8)
    folds = cv2.resize(
        rng.normal(196, 22, (3, 5)).astype(np.float32), frame.shape[1::-1], interpolation=cv2.INTER_CUBIC
    )
    return np.clip(np.repeat(folds[..., None], 3, axis=2), 0, 255).astype(np.uint8)


def slightly_barred(frame):
    rows, columns = np.mgrid[0 : frame.shape[0], 0 : frame.shape[1]]
    return np.clip(frame * (1 + 0.0098 * np.sin((rows + 0.4 * columns) * (2 * np.pi / 11)))[..., None], 0, 255).astype(
        np.uint8
    )


WITH_HISTORY = {
    "as ever": (lambda frame: frame, None),
    "frost": (frosted, Fault.LOW_CONTRAST),
    "too much light": (stretched, Fault.OVEREXPOSED),
    "too little light": (dimmed, Fault.UNDEREXPOSED),
    "one hue": (hued, Fault.COLOUR_CAST),
    "fog": (foggy, Fault.LOW_CONTRAST),
    "a bright sheet": (bright_sheet, Fault.COVERED),
    "slight bars": (slightly_barred, Fault.STRIPES),
}


@pytest.mark.parametrize("case", WITH_HISTORY)
def test_with_history(case, yard, history):
    change, fault = WITH_HISTORY[case]
    assert judge(change(yard(20)), history).verdict == fault


@pytest.mark.parametrize("case", [case for case in WITH_HISTORY if case != "slight bars"])
def test_without_history(case, yard):
    change, fault = WITH_HISTORY[case]
    assert judge(change(yard(20)), None).verdict == fault


@dataclass(frozen=True)
class Said:
    """A check that says what it is told to."""

    fault: Fault
    score: float

    def __call__(self, frame, reference):
        return Finding(self.fault, self.score, 0.0, "", bad=self.score > 0.5)


NAMES = {
    "a hue takes light": ({"underexposed": 0.6, "colour_cast": 0.9}, "colour_cast"),
    "a dark picture has a hue": ({"underexposed": 0.9, "colour_cast": 0.6}, "underexposed"),
    "a hue takes contrast": ({"low_contrast": 0.6, "colour_cast": 1.0}, "colour_cast"),
    "a hue over all fits no good frame": ({"partial": 0.6, "colour_cast": 0.9}, "colour_cast"),
    "a coloured sheet": ({"partial": 0.9, "colour_cast": 0.6}, "partial"),
    "fog hardly covers": ({"covered": 0.55, "low_contrast": 1.0, "partial": 0.9}, "low_contrast"),
    "out of focus hardly covers": ({"covered": 0.55, "blur": 1.0}, "blur"),
    "a torn stream hardly covers": ({"covered": 0.55, "corrupted": 1.0}, "corrupted"),
    "a sheet is blurred": ({"covered": 0.7, "blur": 1.0, "low_contrast": 1.0}, "covered"),
    "a sheet lies elsewhere": ({"covered": 0.55, "moved": 0.6, "low_contrast": 1.0}, "covered"),
    "a dark sheet": ({"covered": 0.55, "underexposed": 0.6, "blur": 1.0}, "covered"),
    "a slight turn": ({"moved": 0.47, "partial": 0.7}, "moved"),
    "something hangs before the lens": ({"moved": 0.4, "partial": 0.7}, "partial"),
    "stripes over a view that fits elsewhere by them": ({"stripes": 0.7, "moved": 0.8}, Fault.STRIPES),
    "a view that nearly fits elsewhere": ({"moved": 0.47, "partial": 0.5}, None),
}


@pytest.mark.parametrize("case", NAMES)
def test_the_surer_one_names_the_fault(case, yard, history):
    scores, name = NAMES[case]
    checks = tuple(Said(one.fault, scores.get(one.fault.value, 0.0)) for one in CHECKS)
    judgement = judge(yard(0), history, checks)
    assert judgement.verdict == name
    assert all(finding.bad <= (finding.score > 0.5) for finding in judgement.findings)


def test_without_history_a_sheet_is_not_taken_for_fog(yard):
    checks = (Said(Fault.COVERED, 0.55), Said(Fault.LOW_CONTRAST, 1.0))
    assert judge(yard(0), None, checks).verdict == Fault.COVERED


def rained_on(frame, drops=90, sharp=False):
    """Drops on the glass, out of focus: each shows the sky that is above, and hides what is behind it."""
    rng = np.random.default_rng(12)
    cover = np.zeros(frame.shape[:2], np.float32)
    for x, y, radius in zip(*(rng.uniform(0, 1, (2, drops)) * [[640], [360]]), rng.uniform(4, 7, drops), strict=True):
        cv2.circle(cover, (int(x), int(y)), int(radius), (1.0,), -1)
    if not sharp:
        cover = 0.8 * cv2.GaussianBlur(cover, (0, 0), 2.2)
    return (frame * (1 - cover[..., None]) + 215 * cover[..., None]).astype(np.uint8)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (rained_on, Fault.PARTIAL),
        (lambda frame: rained_on(frame, 12), None),
        (lambda frame: rained_on(frame, sharp=True), None),
    ],
    ids=["drops on the glass", "a few", "round lamps in focus"],
)
def test_drops_are_seen_without_history(change, fault, yard):
    judgement = judge(change(yard(20)), None)
    assert judgement.verdict == fault
    if fault is not None:
        hidden = next(one.hidden for one in judgement.findings if one.fault is fault)
        assert 0.02 < hidden.mean() < 0.5


def test_a_dark_picture_is_dusk_where_another_light_is_known(yard, renderer):
    night = renderer.frame("CAM01", 640, 360, NOON, 0.0, Period.NIGHT, {}, seed=1)
    assert judge(dimmed(yard(20)), reference_from([night])).verdict is None


def test_a_view_with_many_edges_is_not_covered(yard):
    """Another view, however unlike and with however fewer edges, is a view."""
    squares = np.random.default_rng(5).integers(0, 2, (45, 80, 3)).astype(np.uint8) * 220
    history = reference_from([cv2.resize(squares, (640, 360), interpolation=cv2.INTER_NEAREST)])
    bright = np.clip(yard(0) * 1.6, 0, 255).astype(np.uint8)
    covered = next(one for one in judge(bright, history).findings if one.fault is Fault.COVERED)
    assert covered.measured < 0.6
    assert not covered.bad
