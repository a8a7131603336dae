"""Another camera's picture, cameras that may look anywhere, and what a bank of good frames says of itself."""

from itertools import permutations

import cv2
import numpy as np
import pytest
from places import HEIGHT, WIDTH, live, place, shifted

from cammon_probes.model import Fault
from cammon_probes.picture.frame import prepare
from cammon_probes.picture.judgement import Note
from cammon_probes.picture.reference import Reference
from cammon_probes.picture.registry import judge
from cammon_probes.picture.view import PLAIN, View

HERE, THERE, NOWHERE = place(1), place(2), place(3)
PTZ = View(roams=True)


def bank_of(frames):
    """Good frames, two hours apart."""
    bank = Reference()
    for number, frame in enumerate(frames):
        bank = bank.with_good(live(frame, number, 1 + 0.04 * (number % 3)), hour=float(2 * number % 24))
    return bank


def soft(frame, spread):
    return cv2.GaussianBlur(frame, (0, 0), spread)


def interlaced(upper, lower):
    """A frame of two fields, the second a fiftieth of a second later."""
    frame = upper.copy()
    frame[1::2] = lower[1::2]
    return frame


def with_walker(frame, left):
    frame = frame.copy()
    cv2.rectangle(frame, (left, HEIGHT // 2), (left + 14, HEIGHT - 20), (40, 60, 200), -1)
    return frame


HOME = bank_of([HERE] * 6)
ROAMED = bank_of([HERE, THERE] * 4)


@pytest.mark.parametrize("seed", range(2, 10))
def test_another_cameras_picture_is_moved_and_told_apart(seed):
    told = judge(live(place(seed), 90), HOME)
    assert (told.verdict, told.notes) == (Fault.MOVED, (Note.OTHER_VIEW,))


@pytest.mark.parametrize(
    "frame",
    [HERE * 0.5, soft(HERE, 3), HERE * 0.15 + 140, np.flip(HERE, axis=2), shifted(HERE, 3, 2)],
    ids=["half the light", "out of focus", "fog", "other colours", "a swaying pole"],
)
def test_the_own_view_is_never_another_one(frame):
    assert Note.OTHER_VIEW not in judge(live(frame, 90), HOME).notes


def test_a_turned_camera_is_moved_but_still_sees_its_place():
    told = judge(live(shifted(HERE, WIDTH // 5), 90), HOME)
    assert (told.verdict, told.notes) == (Fault.MOVED, ())


@pytest.mark.parametrize(
    ("frame", "verdict", "notes"),
    [
        (HERE, None, ()),
        (THERE, None, (Note.NOT_AT_HOME,)),
        (shifted(HERE, 4), None, ()),
        (shifted(THERE, 4), None, (Note.NOT_AT_HOME,)),
        (NOWHERE, None, (Note.AWAY, Note.NOT_AT_HOME)),
        (soft(HERE, 3), Fault.BLUR, ()),
        (soft(THERE, 3), Fault.BLUR, (Note.NOT_AT_HOME,)),
        (HERE * 0, Fault.BLACK, (Note.NO_HISTORY_OF_LIGHT,)),
    ],
    ids=["home", "a preset", "a play at home", "a play", "elsewhere", "blurred", "blurred elsewhere", "black"],
)
def test_a_ptz_is_held_against_the_good_frames_of_the_same_view(frame, verdict, notes):
    told = judge(live(frame, 90), ROAMED, view=PTZ)
    assert (told.verdict, told.notes) == (verdict, notes)


@pytest.mark.parametrize("view", [PTZ, View(away=True)], ids=["PTZ", "mobile"])
@pytest.mark.parametrize(
    ("frame", "at_home"),
    [
        (HERE, True),
        (HERE * 0.5, True),
        (HERE * 0.15 + 140, True),
        (shifted(HERE, 5, 3), True),
        (HERE * 0, True),
        (np.full_like(HERE, 90), True),
        (shifted(HERE, WIDTH // 5), False),
        (THERE, False),
        (place(7), False),
    ],
    ids=["home", "darker", "in fog", "swaying", "black", "covered", "turned a little", "a preset", "far away"],
)
def test_whether_it_shows_its_home_view(view, frame, at_home):
    assert (Note.NOT_AT_HOME in judge(live(frame, 90), ROAMED, view=view).notes) is not at_home


def test_home_is_what_a_person_accepted_and_unknown_in_a_light_that_never_showed_it():
    accepted = ROAMED.renewed([live(THERE, 1)])
    assert Note.NOT_AT_HOME in judge(live(HERE, 90), accepted, view=PTZ).notes
    assert Note.NOT_AT_HOME not in judge(live(THERE, 90), accepted, view=PTZ).notes
    gray = live(np.repeat(cv2.cvtColor(NOWHERE.astype(np.float32), cv2.COLOR_BGR2GRAY)[..., None], 3, axis=2), 90)
    gray = np.repeat(cv2.cvtColor(gray, cv2.COLOR_BGR2GRAY)[..., None], 3, axis=2)
    assert Note.NOT_AT_HOME not in judge(gray, ROAMED, view=PTZ).notes
    assert Note.NOT_AT_HOME not in judge(live(HERE, 90), Reference(), view=PTZ).notes


def test_a_fixed_camera_is_never_away_from_home():
    assert Note.NOT_AT_HOME not in judge(live(THERE, 90), HOME).notes


@pytest.mark.parametrize("view", [PTZ, View(away=True)], ids=["PTZ", "mobile"])
def test_a_picture_that_stands_still_is_told_wherever_the_camera_looks(view):
    shown = live(NOWHERE, 5)
    assert judge(shown, ROAMED.after(shown), view=view).verdict is Fault.FROZEN
    assert judge(live(NOWHERE * 0.9, 6), ROAMED.after(shown), view=view).verdict is None


@pytest.mark.parametrize(
    ("frames", "notes"),
    [
        ([HERE] * 7, ()),
        ([shifted(HERE, 6 * (-1) ** n * (1 - n / 9), n / 2) for n in range(8)], (Note.SWAYS,)),
        ([HERE] * 3 + [THERE] + [HERE] * 2, (Note.BANK_DISAGREES,)),
        ([HERE] * 3 + [soft(HERE, 0.3 + 0.1 * number) for number in range(5)], (Note.DRIFTED,)),
        ([HERE] * 3 + [soft(HERE, 0.7), *[HERE] * 3], ()),
    ],
    ids=["steady", "a swaying pole", "a frame of elsewhere", "ever softer", "soft once"],
)
def test_what_a_bank_says_of_itself(frames, notes):
    told = judge(live(frames[-1], 90), bank_of(frames))
    assert (told.verdict, told.notes) == (None, notes)


@pytest.mark.parametrize(
    ("hours", "young"),
    [
        ([], False),
        ([9.0], True),
        ([9.0, 9.2, 9.9, 9.4, 9.5], True),
        ([9.0, 10.0, 11.0], True),
        ([9, 11, 13, 15], False),
    ],
    ids=["none", "one", "one hour", "three hours", "four hours"],
)
def test_a_history_of_a_few_hours_says_that_it_is_young(hours, young):
    bank = Reference()
    for number, hour in enumerate(hours):
        bank = bank.with_good(live(HERE, number), hour=hour)
    assert (Note.YOUNG_HISTORY in judge(live(HERE, 90), bank).notes) is young
    chosen = Reference().renewed([live(HERE, 1)])
    assert Note.YOUNG_HISTORY not in judge(live(HERE, 90), chosen).notes


def test_a_bank_that_disagrees_still_finds_what_is_wrong():
    bank = bank_of([HERE] * 3 + [THERE] + [HERE] * 2)
    assert judge(live(soft(HERE, 3), 90), bank).verdict is Fault.BLUR
    assert judge(live(NOWHERE, 90), bank).verdict is Fault.MOVED


def test_good_frames_in_any_order_say_the_same():
    frames = [live(HERE, number, gain) for number, gain in enumerate((0.8, 1.0, 1.2))]
    shown = prepare(live(soft(HERE, 1.0), 90))
    told = []
    for order in permutations(range(3)):
        bank = Reference()
        for number in order:
            bank = bank.with_good(frames[number], hour=float(number))
        told.append(judge(shown, bank))
    assert len({one.verdict for one in told}) == 1
    for findings in zip(*(one.findings for one in told), strict=True):
        assert np.ptp([one.score for one in findings]) < 0.02, findings[0].fault


@pytest.mark.parametrize("reference", [None, bank_of([interlaced(HERE, HERE)] * 6)], ids=["new", "known"])
@pytest.mark.parametrize(
    "frame",
    [
        interlaced(HERE, HERE),
        interlaced(HERE, shifted(HERE, 2)),
        interlaced(with_walker(HERE, 200), with_walker(HERE, 206)),
    ],
    ids=["still", "shaking", "somebody walks"],
)
def test_two_fields_of_a_moving_scene_are_no_fault(frame, reference):
    assert judge(live(frame, 90), reference, view=PLAIN).verdict is None
