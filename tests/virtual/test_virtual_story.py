"""The story: well-formed for itself, cast from any site, and played on a real fleet."""

import asyncio
from pathlib import Path

import pytest
from shapely import Point

from cammon.sitefiles.model import LedgerCamera, Site
from cammon.virtual.faults import FAULTS
from cammon.virtual.fleet import Fleet
from cammon.virtual.model import CameraSpec
from cammon.virtual.story import LENGTH_S, STORY, Action, play, story_of
from cammon.virtual.switchboard import Light, Scope
from cammon_coverage.model import Camera, KeyPlace, Lens, Pose, Scene


def place(place_id, x, y, priority):
    return KeyPlace(place_id, f"{place_id} 库", Point(x, y), 20.0, priority=priority)


def site_of(count=6, places=()):
    """Cameras in a row along x, 100 m apart, all looking north; each sees what lies some 20 m before it."""
    cameras = [
        LedgerCamera(
            f"C{n}",
            "名",
            f"C{n}",
            n,
            pose=Pose(100.0 * n, 0.0, 5.0, 0.0, 10.0),
            host=f"127.0.5.{n}",
            switch=f"SW{n % 2}",
        )
        for n in range(1, count + 1)
    ]
    scene = Scene(
        tuple(Camera(row.id, row.pose, Lens(80.0, 1920, 1080), row.device) for row in cameras if row.pose),
        tuple(places),
    )
    return Site("s", "s", Path(), "v", cameras=tuple(cameras), scene=scene)


PLACES = (place("yard", 200.0, 20.0, 2), place("magazine", 500.0, 20.0, 1), place("nowhere", 900.0, -50.0, 1))


def test_every_fault_of_the_story_exists_takes_its_parameters_and_is_repaired():
    on = {}
    for beat in STORY:
        if beat.action is Action.BREAK:
            FAULTS[beat.what].complete(beat.params)
            on[beat.role, beat.what] = beat
        elif beat.action is Action.REPAIR:
            del on[beat.role, beat.what]
    assert on == {}
    times = [beat.at_s for beat in STORY]
    assert times == sorted(times)
    assert times[-1] == LENGTH_S
    assert [Light(beat.what) for beat in STORY if beat.action is Action.LIGHT][-1] is Light.AUTO


def test_the_lead_is_the_camera_that_looks_at_the_most_important_place():
    cues = story_of(site_of(places=PLACES))
    black = next(cue for cue in cues if cue.what == "black")
    assert (black.scope, black.target) == (Scope.CAMERA, "C5")
    assert black.en == "C5 turns black: magazine 库 goes dark."
    assert "C5" in black.zh
    assert "magazine 库" in black.zh


def test_who_has_computed_it_may_name_the_lead():
    cues = story_of(site_of(places=PLACES), alone=[("yard", "gone"), ("yard", "C2")])
    assert next(cue.target for cue in cues if cue.what == "black") == "C2"


def test_the_switch_is_not_the_leads_own_where_there_is_another():
    cues = story_of(site_of(places=PLACES))
    assert {cue.target for cue in cues if cue.what == "power_loss"} == {"SW0"}


@pytest.mark.parametrize("count", [0, 1, 2, 6])
def test_beats_that_nobody_can_play_are_left_out(count):
    cues = story_of(site_of(count, PLACES))
    assert {cue.target for cue in cues if cue.scope is Scope.CAMERA} <= {f"C{n}" for n in range(1, count + 1)}
    assert not any("{" in cue.zh + cue.en for cue in cues)
    assert (cues[0].action, cues[-1].action) == (Action.SAY, Action.SAY)


def test_played_through_it_leaves_everything_as_it_was():
    cameras = [CameraSpec(f"C{n}", onvif_port=None, switch=f"SW{n % 2}") for n in range(1, 7)]
    met, said = set(), []

    async def run():
        fleet = Fleet(cameras)
        await fleet.start()

        def say(cue):
            said.append(cue.en)
            met.update(name for camera in fleet.cameras for name in fleet.switchboard.of(camera))

        try:
            await play(fleet, story_of(site_of(places=PLACES)), say, speed=1000.0)
            return {camera: (dict(fleet.switchboard.of(camera)), fleet.box(camera).reach) for camera in fleet.cameras}
        finally:
            await fleet.stop()

    after = asyncio.run(run())
    assert met == {beat.what for beat in STORY if beat.action is Action.BREAK}
    assert after == {f"C{n}": ({}, "up") for n in range(1, 7)}
    assert len(said) == len(STORY)
