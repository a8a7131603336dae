"""Weather and passing things over rendered pictures: each does what its name says, none of them by accident."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from cammon.sitefiles import read_site
from cammon.virtual.render import Renderer
from cammon.virtual.render.surroundings import CLEAR_NOON, Surroundings
from cammon.virtual.weather import CLIMATE, Day, Mount, Weather
from cammon_coverage.model import Period

NOON = datetime(2026, 7, 1, 12, 0)  # noqa: DTZ001  local solar time
CLEAR = Surroundings()


@pytest.fixture(scope="module")
def show(repository):
    renderer = Renderer(read_site(repository / "config" / "demo-mine").site.scene)

    def shown(around=CLEAR, period=Period.DAY, seed=1):
        picture = renderer.frame("CAM10", 320, 180, NOON, 0.0, period, {}, seed, around)
        return picture[20:160].astype(np.float64)  # without the caption

    return shown


def gray(picture):
    return picture.mean(axis=2)


def spread(picture):
    return float(np.diff(np.percentile(gray(picture), [5, 95]))[0])


def changed_share(picture, other, least=25):
    return float((np.abs(gray(picture) - gray(other)) > least).mean())


def test_nothing_around_changes_nothing(show):
    assert np.array_equal(show(), show(CLEAR_NOON))


@pytest.mark.parametrize("period", Period)
@pytest.mark.parametrize(
    "around",
    [
        pytest.param(Surroundings(visibility_m=60), id="fog"),
        pytest.param(Surroundings(visibility_m=60, dusty=1), id="dust"),
    ],
)
def test_fog_and_dust_take_contrast_and_take_more_when_thicker(show, around, period):
    spreads = [spread(show(replace(around, visibility_m=metres), period)) for metres in (30, 60, 200, 1e9)]
    assert spreads == sorted(spreads)
    assert spreads[0] < 0.5 * spreads[-1]


def test_dust_is_brown_and_fog_is_not(show):
    tint = [np.subtract(*show(Surroundings(visibility_m=60, dusty=d)).mean(axis=(0, 1))[[2, 0]]) for d in (0, 1)]
    assert tint[1] > tint[0] + 20


def test_dusk_is_darker_and_noisier_than_noon(show):
    levels = [gray(show(Surroundings(daylight=daylight))).mean() for daylight in (1.0, 0.1, 0.02, 0.004)]
    assert all(bright > dark for bright, dark in pairwise(levels))
    assert levels[1] > 0.6 * levels[0]  # the exposure makes up for most of it


@pytest.mark.parametrize(
    ("around", "period", "least", "most"),
    [
        pytest.param(Surroundings(insects=3), Period.NIGHT, 0.001, 0.2, id="insects"),
        pytest.param(Surroundings(headlights=1), Period.NIGHT, 0.005, 0.4, id="headlights"),
        pytest.param(Surroundings(truck=0.3), Period.DAY, 0.05, 0.6, id="truck"),
        pytest.param(Surroundings(drops=1.0), Period.DAY, 0.005, 0.3, id="drops"),
        pytest.param(Surroundings(snow_cover=1.0), Period.DAY, 0.3, 0.9, id="snow on the ground"),
        pytest.param(Surroundings(shade=0.9), Period.DAY, 0.03, 0.7, id="shadows"),
        pytest.param(Surroundings(glare=0.8), Period.DAY, 0.2, 1.0, id="low sun"),
        pytest.param(Surroundings(rain=1.0), Period.DAY, 0.002, 0.2, id="rain"),
        pytest.param(Surroundings(snow=1.0), Period.DAY, 0.002, 0.2, id="snow"),
        pytest.param(Surroundings(wet=1.0), Period.DAY, 0.1, 0.9, id="wet ground"),
        pytest.param(Surroundings(sway_px=(5.0, 0.0)), Period.DAY, 0.002, 0.3, id="sway"),
    ],
)
def test_how_much_of_the_picture_it_changes(show, around, period, least, most):
    assert least < changed_share(show(around, period), show(CLEAR, period)) < most


def test_drops_stay_where_they_are_and_rain_does_not(show):
    drops = [show(Surroundings(drops=1.0, drops_seed=5), seed=seed) for seed in (1, 2)]
    rain = [show(Surroundings(rain=1.0), seed=seed) for seed in (1, 2)]
    assert changed_share(*drops) < 0.002 < changed_share(*rain)


WEATHER = Weather(7)


def test_the_sun_is_where_it_belongs():
    heights = [WEATHER.sun(NOON + timedelta(hours=hours))[0] for hours in (-12, -6, 0, 6)]
    assert heights[2] == pytest.approx(90 - 39.6 + 23.1, abs=0.5)
    assert heights[0] < -20
    assert WEATHER.sun(NOON)[1] == pytest.approx(180, abs=2)
    assert WEATHER.sun(NOON - timedelta(hours=5))[1] < 110


def test_a_site_has_its_weather_whoever_asks_and_others_have_others():
    days = [Weather(7).day(NOON.date() + timedelta(days=number)) for number in range(200)]
    assert days == [Weather(7).day(NOON.date() + timedelta(days=number)) for number in range(200)]
    assert {day.kind for day in days} == set().union(*CLIMATE.values())
    assert days != [Weather(8).day(NOON.date() + timedelta(days=number)) for number in range(200)]


def test_weather_comes_and_goes_within_its_hours():
    day = Day("rain", 8.0, 12.0, 0.8, 0.2)
    assert [day.strength_at(hour) for hour in (7.9, 10.0, 12.1)] == [0.0, 0.8, 0.0]
    assert 0 < day.strength_at(8.3) < 0.8


def test_cameras_of_a_site_share_fog_but_not_insects():
    weather = next(
        (Weather(7), NOON.replace(hour=6) + timedelta(days=number))
        for number in range(400)
        if Weather(7).day(NOON.date() + timedelta(days=number)).kind == "fog"
    )
    day = weather[0].day(weather[1].date())
    at = weather[1].replace(hour=int((day.begins_h + day.ends_h) / 2))
    around = [weather[0].around(at, Mount(seed), night=False, seed=seed) for seed in range(20)]
    assert len({one.visibility_m for one in around}) == 1
    assert around[0].visibility_m < 2000
    assert len({one.sway_px for one in around}) == 20
