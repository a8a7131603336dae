"""Dirt on a lens is foretold; rain, fog, seasons, a cleaned lens and a quiet camera are not taken for it."""

from datetime import datetime, timedelta
from math import cos, pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cammon.trend import HourMean, Measure, compared, last_cleaning, theil_sen, trend_of

START = datetime(2026, 3, 1)  # noqa: DTZ001  local time of the site


def nothing(_day, _night):
    return 0.0


def hours(days, sharpness=nothing, contrast=nothing, seed=1, night=True, noise=0.05):
    """Hourly means of a camera: its own day, noise, and what is said of sharpness and contrast (ln) by day number."""
    rng = np.random.default_rng(seed)
    for number in range(24 * days):
        at = START + timedelta(hours=number)
        dark = not 6 <= at.hour < 19
        if dark and not night:
            continue
        day = number / 24
        usual = 3.0 + (0.4 if dark else 0.0) + 0.3 * cos(at.hour / 24 * 2 * pi)
        yield HourMean(
            at,
            "infrared" if dark else "day",
            usual + sharpness(day, dark) + noise * rng.standard_normal(),
            (90.0 if dark else 150.0) * np.exp(contrast(day, dark) + 0.4 * noise * rng.standard_normal()),
            60.0 if dark else 110.0,
        )


def falling(per_day, begins=0.0):
    return lambda day, _night: -per_day * max(0.0, day - begins)


def cleaned(per_day, on):
    return lambda day, _night: -per_day * (day if day < on else day - on)


def rain(share, depth=0.5, seed=3, lasts=3):
    wet = np.random.default_rng(seed).random(400) < share / lasts
    wet = np.convolve(wet, np.ones(lasts), "full")[:400] > 0
    return lambda day, _night: -depth if wet[int(day)] else 0.0


def season(swing):
    """Half a year from one end to the other, by day alone: light, leaves, snow."""
    return lambda day, dark: 0.0 if dark else swing / 2 * cos(day / 182 * pi)


def both(*parts):
    return lambda day, dark: sum(part(day, dark) for part in parts)


@pytest.mark.parametrize(
    ("sharpness", "days"),
    [
        pytest.param(nothing, 90, id="nothing"),
        pytest.param(rain(0.25), 60, id="rain every fourth day"),
        pytest.param(rain(0.35, lasts=6), 60, id="long rains"),
        pytest.param(lambda day, _: -0.6 if day > 54 else 0.0, 60, id="rain at the end"),
        pytest.param(season(0.7), 90, id="a season"),
        pytest.param(both(season(0.7), rain(0.25)), 120, id="a season with rain"),
        pytest.param(cleaned(0.01, 25), 33, id="just cleaned"),
        pytest.param(falling(0.02), 10, id="too short a history"),
        pytest.param(falling(0.0012), 60, id="far away"),
        pytest.param(lambda day, _: 0.01 * day, 60, id="it becomes sharper"),
        pytest.param(lambda day, _: -0.3 if day > 30 else 0.0, 60, id="a step: no trend but a change"),
    ],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_no_trend(sharpness, days, seed):
    found = trend_of(list(hours(days, sharpness, seed=seed)))
    assert found is None


@pytest.mark.parametrize(
    ("sharpness", "days", "left"),
    [
        pytest.param(falling(0.008), 25, 0.35 / 0.008 - 25, id="slow"),
        pytest.param(falling(0.015), 15, 0.35 / 0.015 - 15, id="fast"),
        pytest.param(both(falling(0.008), rain(0.25)), 30, 0.35 / 0.008 - 30, id="with rain"),
        pytest.param(both(falling(0.007), season(-0.15)), 35, 0.35 / 0.007 - 35, id="with a season"),
        pytest.param(cleaned(0.01, 40), 60, 0.35 / 0.01 - 20, id="cleaned once, dirty anew"),
        pytest.param(falling(0.012), 40, 0.0, id="over already"),
    ],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_dirt_is_foretold(sharpness, days, left, seed):
    found = trend_of(list(hours(days, sharpness, seed=seed)))
    assert found is not None
    assert found.measure is Measure.SHARPNESS
    assert found.days_left == pytest.approx(left, abs=max(7.0, 0.35 * left))


def test_dust_that_takes_contrast_alone_is_foretold():
    found = trend_of(list(hours(30, contrast=falling(0.02))))
    assert found is not None
    assert found.measure is Measure.CONTRAST
    assert found.days_left == pytest.approx(0.9 / 0.02 - 30, abs=8)


def test_one_light_alone_has_to_fall_faster():
    assert trend_of(list(hours(40, falling(0.004), night=False))) is None
    assert trend_of(list(hours(30, falling(0.009), night=False))) is not None


def test_the_last_cleaning_begins_the_history():
    dates = [START.date() + timedelta(days=number) for number in range(28)]
    days = [(date, -0.01 * number) for number, date in enumerate(dates[:20])]
    after = [(date, -0.01 * number) for number, date in enumerate(dates[20:])]
    assert last_cleaning(days) == 0
    assert last_cleaning(days + after) == 20


@given(
    slope=st.floats(-1, 1),
    wild=st.lists(st.floats(-1e3, 1e3), max_size=5),
)
@settings(max_examples=60, deadline=None)
def test_a_line_stays_a_line_whatever_a_few_points_do(slope, wild):
    points = [(float(number), slope * number) for number in range(30)]
    for place, value in enumerate(wild):
        points[5 * place] = (5.0 * place, value)
    assert theil_sen(points)[0] == pytest.approx(slope, abs=1e-6 + 0.15 * abs(slope) + (0.05 if wild else 0))


def test_against_the_same_hours_of_the_past_weeks():
    rows = list(hours(30, lambda day, _: -0.5 if day >= 29 else 0.0, noise=0.01))
    found = compared(rows, START + timedelta(days=30))
    assert found is not None
    assert found.sharpness == pytest.approx(np.exp(-0.25), abs=0.02)
    assert found.contrast == pytest.approx(1.0, abs=0.02)
    assert found.luma == pytest.approx(1.0, abs=0.01)
    assert compared(rows[:20], START + timedelta(days=1)) is None
