"""Calibration against poses that are known: exact clicks, wrong ones, few ones, senseless ones."""

import math
from dataclasses import replace

import numpy as np
import pytest
from clicked import FISHEYE, TRUE_LENS, TRUE_POSE, exact_clicks, moved
from hypothesis import given, settings
from hypothesis import strategies as st

from cammon_coverage import optics
from cammon_coverage.calibration import (
    Calibration,
    Click,
    ClickDeviations,
    PriorDeviations,
    Refusal,
    RefusalCode,
)
from cammon_coverage.calibration_solve import calibrate
from cammon_coverage.model import Lens, Pose

LEDGER = replace(TRUE_POSE, azimuth_deg=104.0, tilt_deg=10.0, roll_deg=0.0)
LEDGER_LENS = Lens(66.0, 1920, 1080)
SHARP = ClickDeviations(click_px=0.01, map_m=1e-4, height_m=1e-4)
FAST = PriorDeviations(position_m=0.0, height_m=0.0)


def answered(*args, **kwargs) -> Calibration:
    answer = calibrate(*args, **kwargs)
    assert isinstance(answer, Calibration), answer
    return answer


def refused(*args, **kwargs) -> Refusal:
    answer = calibrate(*args, **kwargs)
    assert isinstance(answer, Refusal)
    return answer


def aim(answer: Calibration) -> tuple[float, ...]:
    return (answer.pose.azimuth_deg, answer.pose.tilt_deg, answer.pose.roll_deg, answer.lens.hfov_deg)


@pytest.mark.parametrize("position", [0.0, 0.5], ids=["position held", "position free"])
def test_exact_clicks_give_the_exact_pose(position):
    prior = PriorDeviations(position_m=position, height_m=position)
    answer = answered(exact_clicks(), LEDGER, LEDGER_LENS, prior, SHARP)
    assert aim(answer) == pytest.approx((100.0, 12.0, 1.0, 60.0), abs=1e-3)
    assert answer.doubtful == ()
    assert not answer.prior_off
    assert (answer.pose.x, answer.pose.y, answer.pose.height_m) == pytest.approx((12.0, -7.0, 6.0), abs=1e-2)


def test_a_picture_with_other_pixels_keeps_their_shape():
    lens = Lens(60.0, 1920, 1080, vfov_deg=50.0)
    wide = Lens(
        66.0,
        1920,
        1080,
        vfov_deg=2
        * math.degrees(math.atan(math.tan(math.radians(25)) * math.tan(math.radians(33)) / math.tan(math.radians(30)))),
    )
    answer = answered(exact_clicks(lens=lens), LEDGER, wide, FAST, SHARP)
    assert (answer.lens.hfov_deg, answer.lens.vfov_deg) == pytest.approx((60.0, 50.0), abs=1e-3)


@pytest.mark.parametrize("tilt", [0.0, 45.0, 88.0, 90.0])
def test_fisheyes(tilt):
    pose = replace(TRUE_POSE, tilt_deg=tilt, roll_deg=0.0)
    clicks = exact_clicks(pose, FISHEYE)
    ledger = replace(pose, azimuth_deg=97.0, tilt_deg=max(0.0, tilt - 2))
    answer = answered(
        clicks, ledger, replace(FISHEYE, hfov_deg=185.0), PriorDeviations(roll_deg=0.0, position_m=0, height_m=0), SHARP
    )
    assert aim(answer) == pytest.approx((100.0, tilt, 0.0, 180.0), abs=0.02)


def test_a_ledger_that_points_elsewhere_is_not_believed():
    answer = answered(exact_clicks(), replace(LEDGER, azimuth_deg=285.0), LEDGER_LENS)
    assert answer.prior_off
    assert answer.doubtful == ()
    assert aim(answer) == pytest.approx((100.0, 12.0, 1.0, 60.0), abs=0.3)


@pytest.mark.parametrize("ledger_azimuth", [357.0, 2.0])
def test_north_is_no_seam(ledger_azimuth):
    pose = replace(TRUE_POSE, azimuth_deg=359.5)
    answer = answered(exact_clicks(pose), replace(pose, azimuth_deg=ledger_azimuth), TRUE_LENS, FAST, SHARP)
    assert answer.pose.azimuth_deg == pytest.approx(359.5, abs=1e-3)
    low, high = answer.intervals["azimuth_deg"]
    assert low < answer.pose.azimuth_deg < high


@pytest.mark.parametrize("wrong", range(6))
def test_the_wrong_click_is_named(wrong):
    clicks = exact_clicks()
    clicks[wrong] = moved(clicks[wrong], u=250.0 if clicks[wrong].u < 960 else -250.0)
    answer = answered(clicks, LEDGER, LEDGER_LENS)
    assert answer.doubtful == (wrong,)
    assert answer.clicks[wrong].doubt < 0.01 < min(one.doubt for one in answer.clicks if not one.doubtful)
    assert aim(answer) == pytest.approx((100.0, 12.0, 1.0, 60.0), abs=1.5)


def test_two_wrong_clicks_of_eight_are_named():
    clicks = exact_clicks(count=8)
    clicks[2] = moved(clicks[2], u=300.0 if clicks[2].u < 960 else -300.0)
    clicks[5] = moved(clicks[5], x=40.0, y=40.0)
    assert answered(clicks, LEDGER, LEDGER_LENS).doubtful == (2, 5)


def test_a_click_on_a_point_behind_the_camera_is_named_and_has_no_residual():
    clicks = exact_clicks()
    behind = replace(clicks[3], x=2 * TRUE_POSE.x - clicks[3].x, y=2 * TRUE_POSE.y - clicks[3].y)
    answer = answered([*clicks[:3], behind, *clicks[4:]], LEDGER, LEDGER_LENS)
    assert answer.doubtful == (3,)
    assert answer.clicks[3].residual_px is None


@pytest.mark.parametrize(
    ("clicks", "code"),
    [
        pytest.param([], RefusalCode.TOO_FEW_CLICKS, id="none"),
        pytest.param(exact_clicks(count=3), RefusalCode.TOO_FEW_CLICKS, id="three"),
        pytest.param(exact_clicks(count=1) * 6, RefusalCode.TOO_FEW_PLACES, id="one place six times"),
        pytest.param(
            [replace(one, u=900.0 + n, v=500.0) for n, one in enumerate(exact_clicks())],
            RefusalCode.TOO_FEW_PLACES,
            id="one spot of the picture",
        ),
        pytest.param(
            [replace(one, x=50.0, y=0.0, z=0.0) for one in exact_clicks()],
            RefusalCode.TOO_FEW_PLACES,
            id="one point of the map",
        ),
        pytest.param(
            [*exact_clicks(count=3), moved(exact_clicks(count=4)[3], x=80.0, y=-90.0)],
            RefusalCode.TOO_FEW_GOOD_CLICKS,
            id="four with a wrong one",
        ),
        pytest.param([moved(exact_clicks()[0], u=5000.0), *exact_clicks()], RefusalCode.OUTSIDE_PICTURE, id="outside"),
        pytest.param([Click(math.nan, 1, 2, 3), *exact_clicks()], RefusalCode.BAD_VALUE, id="not a number"),
        pytest.param([Click(10, 1, math.inf, 3), *exact_clicks()], RefusalCode.BAD_VALUE, id="infinite"),
    ],
)
def test_what_is_refused(clicks, code):
    assert refused(clicks, LEDGER, LEDGER_LENS).code is code


@pytest.mark.parametrize(
    ("pose", "lens", "prior", "noise"),
    [
        pytest.param(replace(LEDGER, tilt_deg=120.0), LEDGER_LENS, None, None, id="tilt"),
        pytest.param(LEDGER, replace(LEDGER_LENS, hfov_deg=180.0), None, None, id="hfov"),
        pytest.param(LEDGER, LEDGER_LENS, PriorDeviations(azimuth_deg=-1.0), None, id="negative deviation"),
        pytest.param(LEDGER, LEDGER_LENS, None, ClickDeviations(click_px=0.0), id="perfect hand"),
        pytest.param(LEDGER, LEDGER_LENS, None, ClickDeviations(map_m=math.nan), id="no number"),
    ],
)
def test_bad_pose_lens_and_deviations_are_refused(pose, lens, prior, noise):
    assert refused(exact_clicks(), pose, lens, prior, noise).code is RefusalCode.BAD_VALUE


def test_clicks_at_random_are_never_answered_as_if_they_were_good():
    rng = np.random.default_rng(5)
    for _ in range(2):
        pixels, points = rng.uniform((0, 0), (1920, 1080), (8, 2)), rng.uniform(-60, 60, (8, 3)) * (1, 1, 0.1)
        clicks = [Click(*pixel, *point) for pixel, point in zip(pixels.tolist(), points.tolist(), strict=True)]
        answer = calibrate(clicks, LEDGER, LEDGER_LENS)
        assert isinstance(answer, Refusal) or answer.deviation("azimuth_deg") > 5


def test_points_in_line_answer_with_wide_intervals():
    """A row of posts, one behind the other: what lies across the row is not determined by it."""
    rng = np.random.default_rng(3)
    across = np.linspace(700, 1200, 6)
    pixels = np.column_stack([across, np.full(6, 540.0)])
    clicks = exact_clicks()

    points = np.array([12.0, -7.0, 6.0]) + optics.rays(TRUE_POSE, TRUE_LENS, pixels) * rng.uniform(20, 60, (6, 1))
    line = [Click(*pixel, *point) for pixel, point in zip(pixels.tolist(), points.tolist(), strict=True)]
    in_line, spread = (answered(some, LEDGER, LEDGER_LENS) for some in (line, clicks))
    assert in_line.deviation("roll_deg") > 1.2 * spread.deviation("roll_deg")
    low, high = in_line.intervals["roll_deg"]
    assert low < 1.0 < high


@settings(max_examples=4, deadline=None)
@given(order=st.permutations(range(6)))
def test_the_order_of_clicks_is_nothing(order):
    clicks = noisy()
    straight, shuffled = (answered(some, LEDGER, LEDGER_LENS) for some in (clicks, [clicks[n] for n in order]))
    assert aim(shuffled) == pytest.approx(aim(straight), abs=1e-4)
    assert {order[n] for n in shuffled.doubtful} == set(straight.doubtful)


@settings(max_examples=4, deadline=None)
@given(turn=st.floats(-180, 180), east=st.floats(-1e4, 1e4), north=st.floats(-1e4, 1e4))
def test_a_turned_and_shifted_site_gives_the_turned_and_shifted_answer(turn, east, north):
    def carried(x: float, y: float) -> tuple[float, float]:
        sine, cosine = math.sin(math.radians(turn)), math.cos(math.radians(turn))
        return x * cosine + y * sine + east, y * cosine - x * sine + north

    def carry(thing: Click | Pose) -> tuple[float, float]:
        return carried(thing.x, thing.y)

    clicks = noisy()
    there = [replace(one, x=carry(one)[0], y=carry(one)[1]) for one in clicks]
    ledger = replace(LEDGER, x=carry(LEDGER)[0], y=carry(LEDGER)[1], azimuth_deg=LEDGER.azimuth_deg + turn)
    here, away = answered(clicks, LEDGER, LEDGER_LENS), answered(there, ledger, LEDGER_LENS)
    assert (away.pose.azimuth_deg - here.pose.azimuth_deg - turn + 180) % 360 - 180 == pytest.approx(0, abs=1e-3)
    assert aim(away)[1:] == pytest.approx(aim(here)[1:], abs=1e-3)
    assert (away.pose.x, away.pose.y) == pytest.approx(carry(here.pose), abs=1e-2)
    assert away.doubtful == here.doubtful


def noisy() -> list[Click]:
    rng = np.random.default_rng(8)
    clicks = [
        moved(one, u=rng.normal(0, 4), v=rng.normal(0, 4), x=rng.normal(), y=rng.normal()) for one in exact_clicks()
    ]
    clicks[1] = moved(clicks[1], u=300.0 if clicks[1].u < 960 else -300.0)
    return clicks


def test_more_clicks_say_more():
    few, many = (answered(exact_clicks(count=count), LEDGER, LEDGER_LENS) for count in (4, 12))
    for name in ("azimuth_deg", "tilt_deg", "hfov_deg"):
        assert many.deviation(name) < few.deviation(name)
