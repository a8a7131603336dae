"""The long run in small: one camera for some hours, a fault found, weather of a site taken out."""

import importlib.util
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cammon.health import Health, Track
from cammon_probes.model import Fault, ProbeKind

NOON = datetime(2026, 7, 1, 11, 0)  # noqa: DTZ001  local solar time


@pytest.fixture(scope="module")
def longrun(repository):
    spec = importlib.util.spec_from_file_location("pictures_longrun", repository / "benchmarks" / "pictures_longrun.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["pictures_longrun"] = module
    spec.loader.exec_module(module)
    return module


def test_a_planted_fault_is_found_with_the_second_look_and_nothing_else(longrun, tmp_path):
    covered = longrun.Planted("black", NOON + timedelta(hours=4), NOON + timedelta(hours=5))
    task = longrun.Task(1, "CAM10", NOON, 0.25, timedelta(minutes=30), 3, tmp_path, (covered,))
    tally = longrun.replay(task)
    assert [(met.planted, met.found, met.right) for met in tally.met] == [(covered, True, True)]
    assert [alarm.planted for alarm in tally.alarms] == ["black"]
    assert sum(tally.looks.values()) >= 8


def test_what_strikes_a_whole_site_is_no_false_alarm(longrun, tmp_path):
    task = longrun.Task(1, "CAM10", NOON, 1.0, timedelta(minutes=30), 3, tmp_path)
    at = NOON.replace(tzinfo=UTC)
    tallies = [longrun.Tally(replace(task, camera=name)) for name in ("CAM01", "CAM02", "CAM07", "CAM10")]
    for number, tally in enumerate(tallies):
        struck = number < 3
        tracks = {"blur": Track(Fault.BLUR, at)} if struck else {}
        tally.soft.append((at, Health(tracks=tracks, looked_at={ProbeKind.PICTURE: at})))
        alarm = longrun.Alarm(1, tally.task.camera, "blur", at, at, None, False, 0.5, "fog", "")
        if struck:
            tally.alarms.append(alarm)
    assert {alarm.camera for alarm in longrun.by_weather(tallies)} == {"CAM01", "CAM02", "CAM07"}
    assert longrun.by_weather(tallies[:2]) == set()


def test_a_planted_fault_that_is_told_as_weather_counts_as_missed(longrun, tmp_path, capsys):
    at = NOON.replace(tzinfo=UTC)
    planted = longrun.Planted("blur", NOON - timedelta(minutes=2), NOON + timedelta(hours=1))
    task = longrun.Task(1, "CAM10", NOON, 1.0, timedelta(minutes=30), 3, tmp_path)
    tallies = [longrun.Tally(replace(task, camera=name)) for name in ("CAM01", "CAM02", "CAM07", "CAM10")]
    tallies[0].alarms.append(longrun.Alarm(1, "CAM01", "blur", at, at, "blur", False, 0.5, "fog", ""))
    tallies[0].met.append(longrun.Met(planted, at, True, True))
    assert longrun.told(tallies)["found"] == 1.0
    for number, tally in enumerate(tallies):
        tracks = {} if number else {"blur": Track(Fault.BLUR, at)}
        nearly = {Fault.PARTIAL: at} if number else {}
        tally.soft.append((at, Health(tracks=tracks, looked_at={ProbeKind.PICTURE: at}, nearly=nearly)))
    assert longrun.told(tallies)["found"] == 0.0
    assert "blur          0/1  0/1" in capsys.readouterr().out


def test_a_site_of_few_cameras_is_judged_by_these_alone(longrun, tmp_path):
    task = longrun.Task(1, "CAM10", NOON, 1.0, timedelta(minutes=30), 3, tmp_path)
    at = NOON.replace(tzinfo=UTC)
    tallies = [longrun.Tally(replace(task, camera=name)) for name in longrun.CAMERAS[:8]]
    for number, tally in enumerate(tallies):
        tracks = {"blur": Track(Fault.BLUR, at)} if number in (0, 5, 6) else {}
        tally.soft.append((at, Health(tracks=tracks, looked_at={ProbeKind.PICTURE: at})))
        if tracks:
            tally.alarms.append(longrun.Alarm(1, tally.task.camera, "blur", at, at, None, False, 0.5, "fog", ""))
    assert [len(site) for site in longrun.in_sites_of(tallies, 3)] == [3, 3, 2]
    assert len(longrun.by_weather(tallies)) == 3
    assert {alarm.camera for alarm in longrun.by_weather(tallies, 4)} == set(longrun.CAMERAS[5:7])
