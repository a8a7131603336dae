"""What hides a part of the view: found, with where it is; what moves through the view or is masked on purpose: not."""

import cv2
import numpy as np
import pytest
from streams import drawn

from cammon_probes.model import Fault
from cammon_probes.picture.reference import reference_from
from cammon_probes.picture.registry import judge
from cammon_probes.picture.view import PLAIN, View

WIDTH, HEIGHT = 640, 360


def shown(seed, light=1.0):
    noise = np.random.default_rng(seed).normal(0, 2.0, (HEIGHT, WIDTH, 1))
    return np.clip(drawn(WIDTH, HEIGHT, 4) * light + noise, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def history():
    return reference_from(shown(seed, 0.85 + 0.05 * seed) for seed in range(5))


def region(kind):
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    if kind == "right third":
        mask[:, 2 * WIDTH // 3 :] = 1
    elif kind == "lower left":
        cv2.circle(mask, (0, HEIGHT), 260, 1, -1)
    else:
        mask[: HEIGHT // 3] = 1
    return mask


def behind_a_sheet(kind):
    cover = cv2.GaussianBlur(region(kind), (0, 0), 6)[..., None]
    sheet = np.full((HEIGHT, WIDTH, 3), (60, 90, 120)) + np.linspace(-15, 15, WIDTH)[None, :, None]
    return np.clip(shown(9) * (1 - cover) + sheet * cover, 0, 255).astype(np.uint8)


def partial(frame, reference, view=PLAIN):
    return next(one for one in judge(frame, reference, view=view).findings if one.fault is Fault.PARTIAL)


@pytest.mark.parametrize("kind", ["right third", "lower left"])
def test_a_sheet_is_found_and_where_it_hangs(kind, history):
    judgement = judge(behind_a_sheet(kind), history)
    finding = next(one for one in judgement.findings if one.fault is Fault.PARTIAL)
    assert judgement.verdict is Fault.PARTIAL
    rows, columns = finding.hidden.shape
    truth = cv2.resize(region(kind), (columns, rows), interpolation=cv2.INTER_AREA) > 0.5
    assert (truth & finding.hidden).sum() / (truth | finding.hidden).sum() > 0.5
    assert finding.measured == pytest.approx(finding.hidden.mean())


def with_a_van(frame):
    frame = frame.copy()
    frame[190:260, 220:330] = (200, 210, 205)
    frame[200:225, 230:260] = (60, 50, 40)
    return frame


@pytest.mark.parametrize(
    "change",
    [lambda frame: frame, with_a_van, lambda frame: np.roll(frame, 5, axis=1), lambda frame: shown(8, 1.08)],
    ids=["as ever", "a van", "a pole sways", "brighter than ever"],
)
def test_what_is_not_hidden(change, history):
    assert not partial(change(shown(7)), history).bad


def test_nothing_is_judged_without_history_or_away(history):
    assert partial(behind_a_sheet("right third"), None).hidden is None
    assert not partial(behind_a_sheet("right third"), history, View(away=True)).bad


def test_a_privacy_mask_hides_nothing():
    view = View(privacy=(((0.66, 0.0), (1.0, 0.0), (1.0, 1.0), (0.66, 1.0)),))
    known = reference_from((shown(seed) for seed in range(4)), view)
    assert not partial(behind_a_sheet("right third"), known, view).bad
    beside_it = partial(behind_a_sheet("lower left"), known, view)
    assert beside_it.bad
    assert not beside_it.hidden[:, int(0.7 * beside_it.hidden.shape[1]) :].any()


def behind_a_web():
    """Threads through one another over the upper half: they hide a little everywhere."""
    rng = np.random.default_rng(6)
    threads = np.zeros((HEIGHT, WIDTH), np.float32)
    for _ in range(160):
        begin, end = rng.uniform(0, 1, (2, 2)) * (WIDTH, 0.45 * HEIGHT)
        cv2.line(threads, begin.astype(int).tolist(), end.astype(int).tolist(), (1.0,), 2, cv2.LINE_AA)
    cover = 0.9 * cv2.GaussianBlur(threads, (0, 0), 1.2)[..., None]
    return np.clip(shown(9) * (1 - cover) + 215 * cover, 0, 255).astype(np.uint8), cv2.blur(threads, (15, 15)) > 0.1


def test_a_web_is_told_where_it_is_thin_too(history):
    frame, truth = behind_a_web()
    found = partial(frame, history)
    hidden = found.hidden
    assert found.bad
    small = cv2.resize(truth.astype(np.float32), hidden.shape[::-1], interpolation=cv2.INTER_AREA) > 0.5
    assert (small & hidden).sum() / small.sum() > 0.75
    assert (small & hidden).sum() / (small | hidden).sum() > 0.6


def behind_something_near(kind):
    """Coloured, patterned, and far out of focus: a leaf, a hand, a bag."""
    patches = np.random.default_rng(8).uniform(20, 230, (9, 16, 3)).astype(np.float32)
    near = cv2.GaussianBlur(cv2.resize(patches, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), (0, 0), 5)
    cover = cv2.GaussianBlur(region(kind), (0, 0), 6)[..., None]
    return np.clip(shown(9) * (1 - cover) + near * cover, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("kind", ["right third", "lower left", "upper third"])
def test_something_near_the_lens_is_told_of_a_new_camera(kind):
    finding = partial(behind_something_near(kind), None)
    truth = cv2.resize(region(kind), finding.hidden.shape[::-1], interpolation=cv2.INTER_AREA) > 0.5
    assert finding.bad
    assert (truth & finding.hidden).sum() / (truth | finding.hidden).sum() > 0.6


def test_a_lens_that_is_out_of_focus_itself_hides_no_part():
    assert not partial(cv2.GaussianBlur(behind_something_near("right third"), (0, 0), 4), None).bad
