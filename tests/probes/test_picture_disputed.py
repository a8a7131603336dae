"""What was hidden when a history began goes from it once others show it; what came while it was young is told."""

import cv2
import numpy as np
import pytest

from cammon_probes.model import Fault
from cammon_probes.picture.disputed import beside_anchors, settled
from cammon_probes.picture.frame import prepare
from cammon_probes.picture.judgement import Note
from cammon_probes.picture.reference import Reference
from cammon_probes.picture.registry import judge


def view(number, brightness=1.0):
    """A place with much to see, at one time: its own light and grain."""
    rng = np.random.default_rng(3)
    picture = np.full((288, 512, 3), 120, np.uint8)
    for _ in range(160):
        corner, size = rng.integers(0, [512, 288]), rng.integers(8, 60, 2)
        colour = tuple(int(value) for value in rng.integers(20, 235, 3))
        cv2.rectangle(picture, tuple(map(int, corner)), tuple(map(int, corner + size)), colour, -1)
    picture = cv2.GaussianBlur(picture, (3, 3), 0.7)
    grain = np.random.default_rng(number).normal(0, 2.0, picture.shape)
    return np.clip(picture * brightness + grain, 0, 255).astype(np.uint8)


def behind_mud(picture, number):
    """With a soft dark blot over a third of it."""
    blot = np.zeros(picture.shape[:2], np.float32)
    cv2.ellipse(blot, (160, 136), (152, 104), 20, 0, 360, 1.0, -1)
    blot = cv2.GaussianBlur(blot, (0, 0), 9)[..., None]
    mud = 46 + np.random.default_rng(number + 500).normal(0, 2.0, picture.shape)
    return np.clip(picture * (1 - blot) + mud * blot, 0, 255).astype(np.uint8)


def grown(muddy):
    """A history of an hour's steps, each settled; `muddy` says of each frame whether the blot is before the lens."""
    known = Reference()
    for number, hides in enumerate(muddy):
        shown = view(number, 1.0 + 0.02 * (number % 5))
        frame = prepare(behind_mud(shown, number) if hides else shown)
        known = settled(known.with_good(frame, 8.0 + number), frame)
    return known


@pytest.mark.parametrize("muddy", [1, 2, 3], ids=lambda number: f"the first {number}")
def test_what_was_hidden_at_first_is_forgotten_when_it_is_gone(muddy):
    known = grown([True] * muddy + [False] * 5)
    assert [one.hour for one in known.sketches] == [8.0 + muddy + number for number in range(5)]
    assert sum(one.anchor for one in known.sketches) == 3
    assert judge(prepare(behind_mud(view(90), 90)), known).verdict is Fault.PARTIAL
    assert judge(prepare(view(91)), known).verdict is None


def test_what_came_while_the_history_was_young_is_told():
    known = grown([False] * 2 + [True] * 5)
    assert [one.hour for one in known.sketches][:2] == [None, None]
    assert judge(prepare(behind_mud(view(90), 90)), known).verdict is Fault.PARTIAL
    assert judge(prepare(view(91)), known).verdict is None


@pytest.mark.parametrize("muddy", [False, True], ids=["never hidden", "always hidden"])
def test_a_history_that_agrees_is_left_alone(muddy):
    known = grown([muddy] * 8)
    assert [one.hour for one in known.sketches] == [8.0 + number for number in range(8)]


def test_a_full_bank_is_left_alone():
    known = Reference()
    for number in range(14):
        shown = view(number)
        frame = prepare(behind_mud(shown, number) if number < 2 else shown)
        known = known.with_good(frame, 1.5 * number)
    assert settled(known, frame) is known


@pytest.mark.parametrize(("dirt", "told"), [(0.0, False), (0.9, True)], ids=["clean", "dirt"])
def test_dirt_that_was_learnt_bit_by_bit_is_told_beside_the_anchors(dirt, told):
    known = Reference()
    for number in range(12):
        clean = view(number).astype(np.float32)
        share = 0.0 if number < 3 else dirt * min(1.0, (number - 2) / 4)
        frame = prepare((clean * (1 - share) + behind_mud(clean, number) * share).astype(np.uint8))
        known = beside_anchors(known.with_good(frame, 8.0 + 2 * (number % 4)), frame)
    assert sum(one.anchor for one in known.sketches) == 3
    assert (Note.DRIFTED in judge(view(40), known).notes) is told
