"""Every picture check on drawn pictures: what it must find, what it must leave alone, with and without history."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from streams import drawn

from cammon_probes.model import PICTURE_FAULTS, Fault
from cammon_probes.picture.blur import Blur
from cammon_probes.picture.corrupted import Corrupted
from cammon_probes.picture.frame import prepare
from cammon_probes.picture.grading import falling, rising
from cammon_probes.picture.reference import reference_from
from cammon_probes.picture.registry import CHECKS, EXPLAINS, configured, examine
from cammon_probes.picture.smear import smear

WIDTH, HEIGHT = 640, 360


@cache
def scene(seed=1, width=WIDTH, height=HEIGHT):
    return drawn(width, height, seed)


def noisy(frame, seed, sigma=2.0):
    noise = np.random.default_rng(seed).normal(0, sigma, frame.shape[:2])[..., None]
    return np.clip(frame + noise, 0, 255).astype(np.uint8)


def captioned(frame):
    frame = frame.copy()
    cv2.putText(frame, "2026-06-01 12:34:56 CAM01", (8, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (255, 255, 255), 2)
    return frame


def live(frame, seed=0):
    """As a camera shows it: sensor noise, then the caption."""
    return captioned(noisy(frame, seed))


def by_night(frame):
    gray = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).astype(np.float32)
    rows, columns = np.mgrid[0 : frame.shape[0], 0 : frame.shape[1]]
    beam = 1.1 - np.hypot((columns / frame.shape[1] - 0.5) * 1.2, rows / frame.shape[0] - 0.5)
    return np.repeat(np.clip(gray * 0.8 * beam, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def defocused(frame, radius=5):
    size = 2 * radius + 1
    return cv2.blur(cv2.blur(frame, (size, size)), (size, size))


def shaken(frame, angle_deg, length_px):
    """As the mount moves while the shutter is open."""
    middle, kernel = length_px, np.zeros((2 * length_px + 1, 2 * length_px + 1), np.float32)
    away = 0.5 * length_px * np.array([np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))])
    ends = [tuple(round(16 * (middle + sign * one)) for one in away) for sign in (-1, 1)]
    cv2.line(kernel, *ends, 1.0, 1, cv2.LINE_AA, shift=4)
    return cv2.filter2D(frame, -1, kernel / kernel.sum())


def cloth(frame, level):
    rng = np.random.default_rng(5)
    folds = cv2.resize(
        rng.normal(level, 6, (3, 5)).astype(np.float32), frame.shape[1::-1], interpolation=cv2.INTER_CUBIC
    )
    return np.clip(folds[..., None] * np.array([0.9, 1.0, 1.1]), 0, 255).astype(np.uint8)


def hazy(frame, share):
    return np.clip(frame * (1 - share) + 165 * share, 0, 255).astype(np.uint8)


def tinted(frame):
    return np.clip(frame * np.array([1.4, 0.6, 1.3]), 0, 255).astype(np.uint8)


def placeholder(frame):
    screen = np.full_like(frame, (170, 30, 10))
    cv2.putText(screen, "NO SIGNAL", (200, 190), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (240, 240, 240), 2)
    return screen


def colour_bars(frame):
    bars = [(255, 255, 255), (0, 255, 255), (255, 255, 0), (0, 255, 0), (255, 0, 255), (0, 0, 255), (255, 0, 0)]
    return np.repeat(
        np.array(bars, np.uint8)[None, np.arange(frame.shape[1]) * 7 // frame.shape[1]], len(frame), axis=0
    )


def dark(frame, gain):
    return (frame * gain).astype(np.uint8)


def glaring(frame):
    return np.clip(frame * 2.4 + 40, 0, 255).astype(np.uint8)


def turned(frame):
    return np.roll(scene(9), 200, axis=1)


def barred(frame, slant):
    rows, columns = np.mgrid[0 : frame.shape[0], 0 : frame.shape[1]]
    bars = 1 + 0.12 * np.sin((rows + slant * columns) * (2 * np.pi / 9))
    return np.clip(frame * bars[..., None], 0, 255).astype(np.uint8)


def broken(frame):
    frame, rng = frame.copy(), np.random.default_rng(3)
    for _ in range(30):
        y, x = 16 * rng.integers(0, frame.shape[0] // 16), 16 * rng.integers(0, frame.shape[1] // 16 - 4)
        frame[y : y + 16, x : x + 64] = rng.integers(60, 200, 3)
    return frame


def with_people(frame):
    frame = frame.copy()
    for x in (150, 300, 430):
        frame[180:260, x : x + 24] = (40, 60, 120)
    return frame


def brighter(frame):
    return np.clip(frame * 1.12, 0, 255).astype(np.uint8)


DAY = {
    "as ever": (lambda frame: live(frame, 91), None),
    "people walk": (lambda frame: live(with_people(frame), 92), None),
    "a little brighter": (lambda frame: live(brighter(frame), 93), None),
    "a little haze": (lambda frame: live(hazy(frame, 0.1), 94), None),
    "turned away": (lambda frame: live(turned(frame), 95), Fault.MOVED),
    "turned a little": (lambda frame: live(np.roll(frame, 48, axis=1), 96), Fault.MOVED),
    "a pole sways": (lambda frame: live(np.roll(frame, 6, axis=1), 97), None),
    "bars": (lambda frame: live(barred(frame, 0.0), 98), Fault.STRIPES),
    "slanting bars": (lambda frame: live(barred(frame, 0.6), 99), Fault.STRIPES),
    "blocks of elsewhere": (lambda frame: broken(live(frame, 90)), Fault.CORRUPTED),
    "black": (lambda frame: noisy(np.full_like(frame, 2), 1, 1.0), Fault.BLACK),
    "black with a caption": (lambda frame: captioned(np.zeros_like(frame)), Fault.BLACK),
    "out of focus": (lambda frame: live(defocused(frame), 96), Fault.BLUR),
    "far out of focus": (lambda frame: live(defocused(frame, 14), 97), Fault.BLUR),
    "covered, dark": (lambda frame: live(cloth(frame, 40), 98), Fault.COVERED),
    "covered, bright": (lambda frame: live(cloth(frame, 190), 99), Fault.COVERED),
    "underexposed": (lambda frame: captioned(dark(noisy(frame, 3), 0.12)), Fault.UNDEREXPOSED),
    "overexposed": (lambda frame: captioned(glaring(noisy(frame, 3))), Fault.OVEREXPOSED),
    "dense fog": (lambda frame: live(hazy(frame, 0.88), 4), Fault.LOW_CONTRAST),
    "magenta": (lambda frame: live(tinted(frame), 5), Fault.COLOUR_CAST),
    "snow": (lambda frame: captioned(noisy(frame, 6, 40.0)), Fault.NOISE),
    "blue screen": (placeholder, Fault.SIGNAL_LOSS),
    "colour bars": (colour_bars, Fault.SIGNAL_LOSS),
}
NIGHT = {
    "as ever": (lambda frame: captioned(noisy(frame, 91, 4.0)), None),
    "out of focus": (lambda frame: captioned(noisy(defocused(frame, 8), 92, 4.0)), Fault.BLUR),
    "covered": (lambda frame: captioned(noisy(cloth(frame, 30)[..., :1].repeat(3, 2), 93, 4.0)), Fault.COVERED),
    "black": (lambda frame: captioned(noisy(np.full_like(frame, 3), 94, 1.0)), Fault.BLACK),
    "infrared lamp dead": (lambda frame: captioned(dark(noisy(frame, 95, 4.0), 0.2)), Fault.UNDEREXPOSED),
}


@pytest.fixture(scope="module")
def history():
    day = [live(scene(), seed) for seed in range(3)] + [live(with_people(brighter(scene())), 3)]
    night = [captioned(noisy(by_night(scene()), seed, 4.0)) for seed in range(3)]
    return reference_from(day + night)


def bad(frame, reference, **options):
    return [finding.fault for finding in examine(frame, reference, **options) if finding.bad]


@pytest.mark.parametrize("case", DAY)
def test_by_day(case, history):
    change, fault = DAY[case]
    assert bad(change(scene()), history) == ([] if fault is None else [fault])


@pytest.mark.parametrize("case", NIGHT)
def test_by_night(case, history):
    change, fault = NIGHT[case]
    assert bad(change(by_night(scene())), history) == ([] if fault is None else [fault])


UNKNOWN = ("out of focus", "far out of focus", "turned away", "turned a little")
"""Without history only what no camera can show in good order: some faults are then left to time."""


@pytest.mark.parametrize("case", DAY)
def test_without_history(case):
    change, fault = DAY[case]
    found = bad(change(scene()), None)
    assert found == ([] if fault is None else [fault]) or (case in UNKNOWN and found == [])


@pytest.mark.parametrize("seed", range(2, 14))
@pytest.mark.parametrize("light", [lambda frame: frame, by_night], ids=["day", "night"])
def test_new_cameras_in_good_order_raise_no_alarm(seed, light):
    assert bad(live(light(scene(seed))), None) == []


# (not straight down: the upright lines of the drawn blocks then look smeared themselves)
@pytest.mark.parametrize("angle_deg", [0, 20, 45, 70, 110, 160])
def test_a_new_camera_whose_mount_shakes(angle_deg):
    finding = Blur()(prepare(captioned(noisy(shaken(scene(), angle_deg, 9), 7, 0.5))), None)
    assert finding.bad
    assert finding.unit == "cepstrum"


@pytest.mark.parametrize("angle_deg", [0, 45, 160])
@pytest.mark.parametrize("length_px", [7, 13, 25])
def test_any_smear_is_well_above_that_of_the_sharp_view(angle_deg, length_px):
    sharp = captioned(noisy(scene(), 7, 0.5))
    blurred = captioned(noisy(shaken(scene(), angle_deg, length_px), 7, 0.5))
    assert smear(prepare(blurred).small) > 1.4 * smear(prepare(sharp).small)


@pytest.mark.parametrize("seed", range(6))
def test_upright_and_level_lines_are_no_smear(seed):
    blocks = np.random.default_rng(seed).integers(0, 255, (20, 36)).astype(np.uint8)
    assert smear(cv2.resize(blocks, (480, 270), interpolation=cv2.INTER_NEAREST)) < 0.7 * Blur().smeared


def test_nothing_is_told_of_a_smear_in_a_picture_smaller_than_a_tile():
    assert smear(scene()[:127, :300, 0]) == 0.0


@pytest.mark.parametrize("level", [30, 60, 90])
@pytest.mark.parametrize("grain", [4.0, 7.0])
def test_a_new_camera_covered_by_night_shows_its_grain_alone(level, grain):
    assert bad(captioned(noisy(cloth(scene(), level)[..., :1].repeat(3, 2), 9, grain)), None) == [Fault.COVERED]


@pytest.mark.parametrize("quality", [10, 20, 30])
@pytest.mark.parametrize("seed", range(2, 8))
def test_coarse_coding_is_no_loss(seed, quality):
    coded = cv2.imencode(".jpg", live(scene(seed)), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    assert not Corrupted()(prepare(cv2.imdecode(coded, cv2.IMREAD_COLOR)), None).bad


def test_every_check_tells_its_number_when_all_is_well(history):
    findings = examine(live(scene(), 50), history.after(live(scene(), 51)))
    assert [finding.fault for finding in findings] == [check.fault for check in CHECKS]
    for finding in findings:
        assert 0.0 <= finding.score <= 0.5
        assert np.isfinite(finding.measured)
        assert finding.unit
        assert not finding.bad


@pytest.mark.parametrize("radius", [2, 4, 7])
def test_resolution_loss_follows_the_spot(radius, history):
    """Two box filters of width n spread a point by sqrt((n^2 - 1) / 6) pixels."""
    finding = next(one for one in examine(live(defocused(scene(), radius), 8), history) if one.fault is Fault.BLUR)
    spread = np.sqrt(((2 * radius + 1) ** 2 - 1) / 6)
    truth = np.hypot(0.5, spread) / 0.5
    assert finding.bad
    assert truth / 2 < finding.resolution_loss < truth * 1.5


def test_resolution_loss_is_none_without_history_and_one_when_sharp(history):
    losses = [next(one for one in examine(live(scene(), 8), ref) if one.fault is Fault.BLUR) for ref in (None, history)]
    assert [one.resolution_loss for one in losses] == [None, 1.0]


def encoded_anew(frame):
    return cv2.imdecode(cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], cv2.IMREAD_COLOR)


def test_a_camera_that_is_always_that_calm_is_not_frozen(history):
    frame = noisy(scene(), 1)
    calm = history.calmer(0.3, infrared=False).after(frame)
    assert bad(encoded_anew(frame), calm) == []
    assert bad(frame, calm) == [Fault.FROZEN]


@pytest.mark.parametrize(
    ("looks", "infrared", "change", "frozen"),
    [
        (1, False, encoded_anew, False),
        (25, False, encoded_anew, True),
        (25, True, encoded_anew, False),
        (1, False, lambda frame: frame, True),
        (25, True, lambda frame: frame, True),
    ],
    ids=["young", "well known", "known by infrared alone", "an exact copy", "an exact copy in a new light"],
)
def test_how_calm_a_camera_is_has_to_be_known_first(looks, infrared, change, frozen, history):
    frame, known = noisy(scene(), 1), history
    for _ in range(looks):
        known = known.calmer(3.0, infrared=infrared)
    assert bad(change(frame), known.after(frame)) == ([Fault.FROZEN] if frozen else [])


@pytest.mark.parametrize(
    ("change", "frozen"),
    [
        (lambda frame: frame, True),
        (lambda frame: captioned(frame), True),
        (encoded_anew, True),
        (lambda frame: noisy(frame, 7, 1.0), False),
        (lambda frame: with_people(noisy(frame, 8, 1.0)), False),
    ],
    ids=["the same again", "only the clock runs", "encoded anew", "sensor noise", "people and noise"],
)
def test_frozen(change, frozen, history):
    frame = noisy(scene(), 1)
    assert bad(change(frame), history.after(frame)) == ([Fault.FROZEN] if frozen else [])
    assert bad(change(frame), history) == []


def test_a_frame_of_another_size_is_not_compared(history):
    small = cv2.resize(live(scene(), 1), (352, 288), interpolation=cv2.INTER_AREA)
    assert bad(small, history.after(live(scene(), 2))) == []


def test_gray_days_and_colourful_nights_have_their_own_history():
    day_only = reference_from([live(scene(), seed) for seed in range(3)])
    night = captioned(noisy(by_night(scene()), 9, 4.0))
    assert bad(night, day_only) == []


def test_thresholds_can_be_set():
    checks = configured({"blur": {"drop": 9.0}, "black": {"mean_luma": 60}})
    assert next(check for check in checks if check.fault is Fault.BLUR) == Blur(drop=9.0)
    assert [check.fault for check in checks] == [check.fault for check in CHECKS]
    assert bad(dark(scene(), 0.15), None, checks=checks) == [Fault.BLACK]
    assert configured({}) == CHECKS


@pytest.mark.parametrize(
    ("thresholds", "names"),
    [
        ({"blurr": {}}, ["'blurr'", "black", "blur", "covered"]),
        ({"blur": {"dorp": 1.0}}, ["blur", "'dorp'", "drop, alone"]),
        ({"black": {"fault": 1.0}}, ["'fault'", "mean_luma"]),
    ],
)
def test_unknown_thresholds_name_what_is_allowed(thresholds, names):
    with pytest.raises(ValueError, match=r"there are|it has") as told:
        configured(thresholds)
    assert all(name in str(told.value) for name in names)


def test_what_explains_what():
    for fault, others in EXPLAINS.items():
        assert fault not in others
    assert {fault for pair in EXPLAINS.items() for fault in (pair[0], *pair[1])} <= PICTURE_FAULTS


@pytest.mark.parametrize(
    "frame",
    [
        scene(1, 64, 48),
        scene(1, 48, 64),
        cv2.cvtColor(scene(), cv2.COLOR_BGR2GRAY),
        scene()[..., :1],
        np.dstack([scene(), scene()[..., :1]]),
        scene().astype(np.uint16) << 8,
        np.asfortranarray(scene()),
        scene()[::-1, ::-1],
        cv2.resize(scene(), (2000, 300)),
        cv2.resize(scene(), (360, 1280)),
    ],
    ids=["64 x 48", "48 x 64", "gray", "one channel", "alpha", "16 bits", "by columns", "turned", "wide", "portrait"],
)
def test_unusual_frames_are_judged(frame):
    findings = examine(frame, None)
    assert [finding.fault for finding in findings] == [check.fault for check in CHECKS]
    assert not {finding.fault for finding in findings if finding.bad} & {Fault.BLACK, Fault.SIGNAL_LOSS, Fault.NOISE}


@pytest.mark.parametrize(
    "frame",
    [np.zeros((0, 0, 3), np.uint8), np.zeros((10, 10, 3), np.uint8), np.zeros((40, 40, 2), np.uint8),
     np.zeros((40, 40, 3), np.float32), np.zeros((2, 40, 40, 3), np.uint8)],
    ids=["empty", "10 x 10", "two channels", "floating point", "four dimensions"],
)  # fmt: skip
def test_what_is_no_picture_is_a_value_error(frame):
    with pytest.raises(ValueError, match="a frame"):
        examine(frame, None)


@settings(max_examples=60, deadline=None)
@given(
    arrays.arrays(np.uint8, st.tuples(st.integers(16, 70), st.integers(16, 70), st.just(3)), fill=st.integers(0, 255)),
    st.booleans(),
)
def test_any_frame_is_judged(frame, known):
    reference = reference_from([frame, frame]).after(frame) if known else None
    for finding in examine(frame, reference):
        assert 0.0 <= finding.score <= 1.0
        assert finding.bad <= (finding.score > 0.5)


@given(st.floats(-1e3, 1e3), st.floats(-100, 100), st.floats(0.1, 100))
def test_scores_rise_from_0_over_a_half_to_1(measured, threshold, width):
    assert rising(threshold, threshold, threshold + width) == falling(threshold, threshold, threshold - width) == 0.5
    assert rising(threshold + width, threshold, threshold + width) == pytest.approx(1.0)
    assert (rising(measured, threshold, threshold + width) > 0.5) <= (measured > threshold)
    assert rising(measured, threshold, threshold + width) == pytest.approx(
        falling(-measured, -threshold, -threshold - width)
    )


@pytest.mark.needs_data("pictures")
def test_real_pictures(tmp_path):
    """The development pack: black and covered always found, blur mostly, and hardly a false alarm, none by night."""
    folder = Path(os.environ["CAMMON_DATA"]) / "pictures"
    labels = json.loads((folder / "labels.json").read_text())
    manifest = json.loads((folder / "manifest.json").read_text())
    wanted = {"ok", "black", "blur", "covered"}
    asked = [test for test in manifest["tests"] if labels[test["id"]]["fault"] in wanted]
    clean_days = [key for key, one in labels.items() if one["fault"] == "ok" and not one["night"]]
    left_out = set(clean_days) - set(clean_days[::2])  # half of them are enough, and the test half as long
    manifest["tests"] = [test for test in asked if test["id"] not in left_out]
    for part in ("frames", "refs"):
        (tmp_path / part).symlink_to(folder / part)
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    command = [sys.executable, "-m", "cammon", "diagnose", "--manifest", str(tmp_path), "--masks", str(tmp_path)]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    verdicts = {line["id"]: line["verdict"] for line in map(json.loads, told.stdout.splitlines())}

    def share(fault, accepted, **like):
        like["fault"] = fault
        ids = [key for key in verdicts if all(labels[key][name] == value for name, value in like.items())]
        return sum(verdicts[key] in accepted for key in ids) / len(ids)

    assert share("black", {"black"}) == 1.0
    assert share("covered", {"covered"}, mode="ref") > 0.95
    assert share("covered", {"covered", "blur", "moved"}) == 1.0
    assert share("blur", {"blur", "covered"}, mode="ref") > 0.85
    assert share("ok", {"ok"}) > 0.98
    assert share("ok", {"ok"}, night=True) == 1.0


def test_numbers_are_finite_also_without_anything_to_compare_with():
    assert all(np.isfinite([finding.score, finding.measured]).all() for finding in examine(scene(), None))


@pytest.mark.parametrize(("spread", "drawn"), [(0, True), (8, False), (20, False)], ids=["one tone", "cloth", "folds"])
def test_shading_ironed_flat_by_compression_is_filmed_not_drawn(spread, drawn):
    steps = np.linspace(20, 20 + spread, 8).round().astype(np.uint8)
    picture = np.repeat(np.repeat(steps[None, :, None], 80, axis=1), 360, axis=0).repeat(3, axis=2)
    (finding,) = [one for one in examine(picture, None) if one.fault is Fault.SIGNAL_LOSS]
    assert (finding.score > 0.5) is drawn
