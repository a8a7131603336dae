"""A PTZ that goes its rounds: the key places of its home view do not come and go with every one of them."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice, pairwise
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select

from cammon.health import HOME_LOOKS, PATROL_ENDS_AFTER, PATROL_LEAVINGS, Flip, Health, step
from cammon.modelling import model_of
from cammon.service.present import Watch, answers_of, upgrades_for
from cammon.sight import LOOKS_ELSEWHERE, PATROLS, sight_of
from cammon.sitefiles import read_site
from cammon.sitefiles.model import Probing, Site
from cammon.store import places
from cammon.store.opening import Store
from cammon.store.schema import place_flip
from cammon_coverage.model import Basis, Period, ReasonCode, SightState
from cammon_probes.model import Fault, Finding, ProbeKind, Reading
from cammon_probes.picture.judgement import Note

START = datetime(2026, 5, 1, tzinfo=UTC)
RULE = Probing()
LOOKS_A_DAY = 288
"""at the default pace of five minutes"""


def looks(home: Iterable[bool], first: int = 0) -> list[Reading]:
    """Pictures of the camera, each at home or not."""
    well = (Finding(Fault.BLACK, 0.0, 90.0, "", bad=False),)
    return [
        Reading(
            "PTZ",
            ProbeKind.PICTURE,
            START + timedelta(seconds=number * RULE.picture_s),
            findings=well,
            notes=() if here else (Note.NOT_AT_HOME,),
        )
        for number, here in enumerate(home, start=first)
    ]


def causes(home: Iterable[bool]) -> tuple[list[str | None], list[Flip]]:
    """Why the camera does not see its home region, after each look, and what opened or closed on the way."""
    health, found, flips = Health(), [], []
    for reading in looks(home):
        health, new = step(health, reading, RULE)
        found.append(sight_of(health, RULE, reading.at).cause)
        flips += new
    return found, flips


def tour(at_home: int, away: int) -> Iterable[bool]:
    return cycle([True] * at_home + [False] * away)


def by_chance(share: float) -> Iterable[bool]:
    """A tour that goes its own way between the looks."""
    random = Random(1)
    return (random.random() < share for _ in cycle([0]))


DAYS = {
    "half an hour here, half an hour there": (tour(6, 6), 0.85),
    "two looks here, two there": (tour(2, 2), 0.9),
    "ten minutes here, half an hour there": (tour(2, 6), 0.9),
    "an hour here, ten minutes there": (tour(12, 2), 0.8),
    "home half of the time, by chance": (by_chance(0.5), 0.9),
}


@pytest.mark.parametrize(("home", "mostly"), DAYS.values(), ids=DAYS.keys())
def test_a_day_of_rounds_is_one_change_and_no_incident(home: Iterable[bool], mostly: float) -> None:
    found, flips = causes(islice(home, LOOKS_A_DAY))
    assert not flips
    assert found[-1] == PATROLS
    assert found.count(PATROLS) > mostly * LOOKS_A_DAY
    seen = [cause is None for cause in found]
    assert sum(was != now for was, now in pairwise(seen)) <= 2 * PATROL_LEAVINGS


@pytest.mark.parametrize("away", [1, 2, 12, 100])
def test_sent_elsewhere_once_it_counts_again_with_the_first_picture_of_home(away: int) -> None:
    found, _ = causes([True] * 20 + [False] * away + [True] * 20)
    assert found == [None] * (21 if away else 20) + [LOOKS_ELSEWHERE] * (away - 1) + [None] * 20


def test_what_two_pictures_say_wrongly_makes_no_patrol() -> None:
    found, _ = causes(number % (HOME_LOOKS // 2) != 20 for number in range(LOOKS_A_DAY))
    assert set(found) == {None}


def test_a_patrol_that_has_ended_counts_after_a_while_at_home() -> None:
    found, _ = causes([*islice(tour(2, 2), 48), *[True] * 40])
    assert found[47] == PATROLS
    assert found.index(None, 47) == 47 + PATROL_ENDS_AFTER
    assert set(found[47 + PATROL_ENDS_AFTER :]) == {None}


def test_a_look_without_a_picture_says_nothing_of_home() -> None:
    health = Health(at_home=(True, False))
    lost = Reading("PTZ", ProbeKind.PICTURE, START, Fault.TIMEOUT)
    assert step(health, lost, RULE)[0].at_home == (True, False)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """One PTZ and the gate that nothing else sees."""
    gate = {
        "type": "Feature",
        "properties": {"kind": "key_place", "id": "GATE", "name": "Gate", "level": 25},
        "geometry": {"type": "Point", "coordinates": [0.0, 20.0]},
    }
    (tmp_path / "site.toml").write_text('name = "x"\n[day]\nrule = "always"\n')
    (tmp_path / "map.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [gate]}))
    columns = "id,kind,x,y,lens_height_m,azimuth_deg,tilt_deg,hfov_deg,resolution,address"
    (tmp_path / "cameras.csv").write_text(f"{columns}\nPTZ,ptz,0,0,4,0,10,60,1920x1080,127.0.0.1\n")
    reading = read_site(tmp_path)
    assert reading.site is not None, reading.problems
    return reading.site


@pytest.fixture
def day(site: Site, store: Store) -> Callable[[Iterable[bool]], tuple[int, list[bool | None]]]:
    """A day of looks as the recorder takes them: changes written of the gate, and whether it was covered after each."""

    def lived(home: Iterable[bool]) -> tuple[int, list[bool | None]]:
        model, watch, health, covered = model_of(site), Watch(site), Health(), []
        answers = None
        for reading in looks(islice(home, LOOKS_A_DAY)):
            health, _ = step(health, reading, site.probing(site.camera("PTZ")))
            if watch.refresh({"PTZ": health}, ["PTZ"], reading.at) or answers is None:
                answers = answers_of(site, model, watch.sights, watch.faults, reading.at)
                with store.engine.begin() as connection:
                    now = [answers.by_basis[Basis.EFFECTIVE, Period.DAY]]
                    places.record(connection, site.id, site.version, now, reading.at)
            covered.append(answers.by_basis[Basis.EFFECTIVE, Period.DAY].places[0].covered)
        assert answers is not None
        assert upgrades_for(site, model, answers).rows == (), "nothing is to be mended"
        (place,) = answers.by_basis[Basis.EFFECTIVE, Period.DAY].places
        told = [(reason.code, reason.params["fault"]) for reason in place.reasons]
        assert told == ([] if covered[-1] else [(ReasonCode.CAMERA_FAULTY, PATROLS)])
        with store.reading() as connection:
            return connection.execute(select(func.count()).select_from(place_flip)).scalar_one(), covered

    return lived


def test_rounds_leave_a_handful_of_changes_in_the_store(
    day: Callable[[Iterable[bool]], tuple[int, list[bool | None]]],
) -> None:
    changes, covered = day(tour(2, 2))
    assert changes <= 2 * PATROL_LEAVINGS + 1
    assert covered.count(False) / LOOKS_A_DAY > 0.9


def test_a_ptz_that_stays_at_home_covers_its_gate_all_day(
    day: Callable[[Iterable[bool]], tuple[int, list[bool | None]]],
) -> None:
    changes, covered = day(tour(1, 0))
    assert (changes, set(covered)) == (1, {True})


def test_a_camera_on_its_rounds_is_no_faulty_one() -> None:
    health = Health()
    for reading in looks(islice(tour(2, 2), 48)):
        health, _ = step(health, reading, RULE)
    assert sight_of(health, RULE, reading.at).state is SightState.BLIND
    assert health.state == "ok"
