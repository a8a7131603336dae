"""Low sun, twilight, snow and fog: light and weather that take something from a healthy picture."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from places import HEIGHT, WIDTH, live, place

from cammon_probes.model import Fault
from cammon_probes.picture.frame import prepare
from cammon_probes.picture.judgement import Note
from cammon_probes.picture.reference import Light, Reference, light_of
from cammon_probes.picture.registry import examine, judge
from cammon_probes.picture.view import PLAIN

HERE = place(1)
NOON, LOW_SUN, TWILIGHT, NIGHT = (replace(PLAIN, sun_deg=height) for height in (50.0, 6.0, -4.0, -30.0))


def bank():
    known = Reference()
    for number in range(8):
        known = known.with_good(live(HERE, number, 0.8 + 0.06 * (number % 4)), hour=8.0 + number)
    return known


KNOWN = bank()


def veiled(frame, level=200, share=0.62):
    return frame * (1 - share) + level * share


def into_the_sun(frame, share=0.62):
    frame = veiled(frame, share=share).astype(np.uint8)
    cv2.circle(frame, (WIDTH // 3, HEIGHT // 5), 18, (255, 255, 255), -1)
    return frame


def toned(frame, blue, green, red):
    return np.clip(frame * np.array([blue, green, red]), 0, 255)


def snowed_on(frame):
    frame = frame.copy().astype(np.float32)
    below = frame[int(HEIGHT * 0.6) :]
    below[:] = 0.2 * below + 0.8 * 215
    return frame


def gray(frame):
    return np.repeat(cv2.cvtColor(np.asarray(frame, np.uint8), cv2.COLOR_BGR2GRAY)[..., None], 3, axis=2)


ORANGE, MAGENTA = toned(HERE, 0.72, 0.97, 1.16), toned(HERE, 1.15, 0.72, 1.15)


@pytest.mark.parametrize(
    ("frame", "view", "verdict"),
    [
        pytest.param(ORANGE, NOON, Fault.COLOUR_CAST, id="orange at noon"),
        pytest.param(ORANGE, PLAIN, Fault.COLOUR_CAST, id="orange, nobody knows when"),
        pytest.param(ORANGE, LOW_SUN, None, id="orange while the sun is low"),
        pytest.param(MAGENTA, LOW_SUN, Fault.COLOUR_CAST, id="magenta while the sun is low"),
        pytest.param(veiled(HERE), NOON, Fault.LOW_CONTRAST, id="a veil"),
        pytest.param(veiled(HERE), LOW_SUN, Fault.LOW_CONTRAST, id="a veil while the sun is low"),
        pytest.param(into_the_sun(HERE), LOW_SUN, None, id="the sun in the lens"),
        pytest.param(into_the_sun(HERE), NOON, Fault.LOW_CONTRAST, id="a light in a veil at noon"),
        pytest.param(HERE * 0.12, NOON, Fault.UNDEREXPOSED, id="dark at noon"),
        pytest.param(HERE * 0.12, NIGHT, Fault.UNDEREXPOSED, id="dark by night"),
        pytest.param(HERE * 0.12, TWILIGHT, None, id="dark before the switch to infrared"),
        pytest.param(gray(HERE * 0.12), TWILIGHT, Fault.UNDEREXPOSED, id="dark in spite of infrared"),
        pytest.param(HERE * 0.01, TWILIGHT, Fault.BLACK, id="black"),
    ],
)
def test_light(frame, view, verdict):
    assert judge(live(frame, 90), KNOWN, view=view).verdict is verdict


@pytest.mark.parametrize("gain", [1.0, 0.6, 0.4, 0.25])
def test_a_hue_is_told_in_whatever_light(gain):
    hued, plain = (
        next(one for one in examine(live(frame * gain, 91), KNOWN) if one.fault is Fault.COLOUR_CAST)
        for frame in (MAGENTA, HERE)
    )
    assert hued.score > 0.75
    assert plain.score < 0.25


@pytest.mark.parametrize(
    ("times", "verdict"),
    [
        pytest.param(1, None, id="a good frame of another day looks into the sun too"),
        pytest.param(10, Fault.LOW_CONTRAST, id="what is bright in most good frames is a wall"),
    ],
)
def test_the_sun_is_a_light_that_most_good_frames_do_not_show(times, verdict):
    known = KNOWN
    for number in range(times):
        known = known.with_good(live(into_the_sun(HERE, 0.2), number), hour=8.0 + number)
    assert judge(live(into_the_sun(HERE), 90), known, view=LOW_SUN).verdict is verdict


def streaked(frame, seed):
    draw, frame = np.random.default_rng(seed), frame.astype(np.uint8).copy()
    for x, y in draw.integers(0, (WIDTH, HEIGHT), (100, 2)):
        cv2.line(frame, (int(x), int(y)), (int(x) + 1, int(y) + 9), (225, 225, 225), 1)
    return frame


@pytest.mark.parametrize(("spread_px", "blurred"), [(0, False), (6, True)], ids=["dry again", "out of focus"])
def test_a_history_that_began_in_rain_calls_nothing_else_blurred(spread_px, blurred):
    known = Reference().with_good(live(streaked(HERE, 1), 1), hour=20.0)
    frame = live(cv2.GaussianBlur(HERE, (0, 0), spread_px) if spread_px else HERE, 90)
    (found,) = (finding for finding in judge(frame, known).findings if finding.fault is Fault.BLUR)
    assert found.bad is blurred


def test_snow_on_the_ground_is_no_veil():
    told = judge(live(snowed_on(HERE), 90), KNOWN)
    assert not any(finding.bad for finding in told.findings if finding.fault is Fault.LOW_CONTRAST)


def test_fog_that_leaves_what_is_near_is_no_cover():
    far = veiled(HERE, 190, np.linspace(1.0, 0.5, HEIGHT).clip(0, 0.97)[:, None, None])
    verdict = judge(live(far, 90), KNOWN).verdict
    assert verdict is Fault.LOW_CONTRAST
    assert judge(live(veiled(HERE, 60, 0.99), 90), KNOWN).verdict is Fault.COVERED


def test_a_grey_day_is_no_infrared():
    faint = gray(HERE) + np.array([5.0, 0.0, 0.0])
    assert light_of(prepare(live(faint, 1))) is Light.DAY
    assert light_of(prepare(gray(live(HERE, 1)))) is Light.INFRARED
    assert Note.LIGHT_SWITCHED not in judge(live(faint, 2), KNOWN.after(live(HERE, 3))).notes
