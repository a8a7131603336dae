"""Rendered cameras of hidden pose: a small seeded run of what benchmarks/calibration.py does at length."""

from itertools import islice
from pathlib import Path

import pytest

from cammon.calibration.rehearsal import Rehearsal, rehearsals
from cammon.sitefiles import read_site
from cammon_coverage import optics
from cammon_coverage.calibration import Calibration, ClickDeviations, Refusal
from cammon_coverage.calibration_solve import calibrate

EXACT = ClickDeviations(click_px=1e-6, map_m=0.0, height_m=0.0)


@pytest.fixture(scope="module")
def scene(repository: Path):
    site = read_site(repository / "config" / "demo-mine").site
    assert site is not None
    return site.scene


@pytest.fixture(scope="module")
def answers(scene) -> list[tuple[Rehearsal, Calibration | Refusal]]:
    trials = list(islice(rehearsals(scene, seed=3), 18))
    return [(trial, calibrate(trial.clicks, trial.camera.pose, trial.camera.lens)) for trial in trials]


def test_the_wrong_clicks_are_named(answers):
    wrong = [(trial.wrong, answer) for trial, answer in answers if trial.wrong is not None]
    assert len(wrong) == 6
    named = [isinstance(answer, Calibration) and number in answer.doubtful for number, answer in wrong]
    assert sum(named) >= 5


def test_azimuths_are_near_and_mostly_within_their_interval(answers):
    solved = [(trial, answer) for trial, answer in answers if isinstance(answer, Calibration)]
    assert len(solved) >= 16
    off = [(answer.pose.azimuth_deg - trial.pose.azimuth_deg + 180) % 360 - 180 for trial, answer in solved]
    assert sum(abs(one) <= 2.5 for one in off) >= len(solved) - 2
    ends = [answer.intervals["azimuth_deg"] for _, answer in solved]
    half = [(high - low) / 2 for low, high in ends]
    assert sum(abs(one) <= width for one, width in zip(off, half, strict=True)) >= len(solved) - 3


def test_rehearsed_clicks_show_what_the_hidden_camera_shows(scene):
    for trial in islice(rehearsals(scene, seed=1, noise=EXACT, wrong_every=10**9), 1, 4):
        pixels, _, inside = optics.project(trial.pose, trial.lens, [(one.x, one.y, one.z) for one in trial.clicks])
        assert inside.all()
        assert abs(pixels - [(one.u, one.v) for one in trial.clicks]).max() < 1e-3
