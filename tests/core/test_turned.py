"""A turned view that a person accepts: the camera works, and what it sees is not known until the ledger is right."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cammon.cli import cammon
from cammon.clock import SystemClock
from cammon.desk.desk import SiteDesk
from cammon.health import Health
from cammon.service.service import Service
from cammon.sight import TURNED, sight_of
from cammon.sitefiles import read_site
from cammon.sitefiles.model import Probing, Site
from cammon.store import pictures, readings, references
from cammon.store.opening import Store
from cammon.store.readings import Delivery
from cammon.turned import Aim, Turn, aims, turn_after
from cammon.virtual.background import RunningFleet, running_fleet
from cammon.virtual.model import CameraSpec
from cammon_coverage.model import Basis, Period, ReasonCode, Sight, SightState
from cammon_probes.model import Fault, Finding, PoseChange, ProbeKind, Reading
from cammon_probes.picture.judgement import Note
from cammon_probes.picture.reference import Reference
from cammon_web.desk import HealthState, Role, User

NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
AIM = Aim(350.0, 10.0, 0.0, 60.0)
RIGHT = PoseChange(15.0, 0.0, 0.0, 1.0)
ME = User("li", Role.OPERATOR)


def about(axis: int, degrees: float) -> NDArray[np.float64]:
    """A rotation about one of the axes right, down, forward of a camera."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    one, two = [(1, 2), (2, 0), (0, 1)][axis]
    turned = np.eye(3)
    turned[[one, one, two, two], [one, two, one, two]] = c, -s, s, c
    return turned


@given(st.floats(0, 359.9), st.floats(-20, 70), st.floats(-30, 30), st.floats(-12, 12), st.floats(0.6, 1.6))
def test_where_it_looks_now_is_what_turning_it_in_space_gives(
    azimuth: float, tilt: float, pan: float, down: float, zoom: float
) -> None:
    """The point of the old picture that is in the middle of the new one."""
    now = Turn(Aim(azimuth, tilt, 0.0, 60.0), PoseChange(pan, down, 0.0, zoom)).now
    assert now is not None
    seen = np.array([np.tan(np.radians(pan)), np.tan(np.radians(down)), 1.0])
    # From the camera's axes to right, down, forward of one that looks level and north, then to east, north, up.
    x, y, z = about(1, azimuth) @ about(0, -tilt) @ (seen / np.linalg.norm(seen))
    east, north, up = x, z, -y
    axis = np.radians([now.azimuth_deg, now.tilt_deg])
    found = [np.cos(axis[1]) * np.sin(axis[0]), np.cos(axis[1]) * np.cos(axis[0]), -np.sin(axis[1])]
    assert found == pytest.approx([east, north, up], abs=1e-9)
    assert np.tan(np.radians(now.hfov_deg / 2)) * zoom == pytest.approx(np.tan(np.radians(30)))


def test_a_level_camera_turns_by_as_much_as_its_picture() -> None:
    now = Turn(Aim(350.0, 0.0, 1.0, 60.0), PoseChange(15.0, 0.0, 2.0, 1.0)).now
    assert now is not None
    assert (now.azimuth_deg, now.tilt_deg, now.roll_deg) == (pytest.approx(5.0), pytest.approx(0.0), 3.0)


def moved(change: PoseChange | None = RIGHT, bad: bool = True) -> Finding:
    return Finding(Fault.MOVED, 0.9 if bad else 0.1, 0.1, "gain", bad, moved=change)


LEFT = PoseChange(-14.0, 1.0, 0.0, 1.0)
OTHER = Aim(5.0, 10.0, 0.0, 60.0)
ACCEPTED = {
    "not turned": (None, AIM, moved(bad=False), (), None),
    "turned": (None, AIM, moved(), (), Turn(AIM, RIGHT)),
    "turned, not known how far": (None, AIM, moved(None), (), Turn(AIM)),
    "turned far away: what its picture says of it is nothing": (None, AIM, moved(), (Note.OTHER_VIEW,), Turn(AIM)),
    "a PTZ's new home": (None, AIM, moved(bad=False), (Note.NOT_AT_HOME,), Turn(AIM)),
    "turned on": (Turn(AIM, RIGHT), AIM, moved(), (), Turn(AIM, PoseChange(30.0, 0.0, 0.0, 1.0))),
    "turned back": (Turn(AIM, RIGHT), AIM, moved(LEFT), (), None),
    "zoomed in, then out": (
        Turn(AIM, PoseChange(0, 0, 0, 1.5)),
        AIM,
        moved(PoseChange(0.0, 0.0, 0.0, 0.67)),
        (),
        None,
    ),
    "turned from nobody knows where": (Turn(AIM), AIM, moved(LEFT), (), Turn(AIM)),
    "accepted once more": (Turn(AIM, RIGHT), AIM, moved(bad=False), (), Turn(AIM, RIGHT)),
    "turned after the ledger was corrected": (Turn(AIM, RIGHT), OTHER, moved(LEFT), (), Turn(OTHER, LEFT)),
    "accepted after the ledger was corrected": (Turn(AIM, RIGHT), OTHER, moved(bad=False), (), None),
    "the ledger gives no direction": (None, None, moved(), (), None),
}


@pytest.mark.parametrize(("before", "aim", "finding", "notes", "after"), ACCEPTED.values(), ids=ACCEPTED.keys())
def test_what_is_known_of_an_accepted_view(
    before: Turn | None, aim: Aim | None, finding: Finding, notes: tuple[str, ...], after: Turn | None
) -> None:
    assert turn_after(before, aim, (finding,), notes) == after


def test_unknown_until_the_ledger_says_something_else() -> None:
    fresh = {ProbeKind.LIVENESS: NOW, ProbeKind.PICTURE: NOW}
    health, rule = Health(HealthState.OK, NOW, {}, fresh, fresh, turned=Turn(AIM, RIGHT)), Probing()
    assert sight_of(health, rule, NOW, aim=AIM) == Sight(SightState.UNKNOWN, TURNED)
    assert sight_of(health, rule, NOW, aim=OTHER).state is SightState.SEES
    assert sight_of(health, rule, NOW).state is SightState.SEES


def test_the_store_keeps_it(store: Store) -> None:
    with store.engine.begin() as connection:
        for camera, turn in (("C1", Turn(AIM, RIGHT)), ("C2", Turn(AIM)), ("C3", None)):
            references.accept(connection, "s", camera, Reference(), NOW, "li", turn)
        assert references.turned(connection, "s") == {"C1": Turn(AIM, RIGHT), "C2": Turn(AIM)}
        references.not_turned(connection, "s", "C1")
        references.accept(connection, "s", "C2", Reference(), NOW, "li")
        assert references.turned(connection, "s") == {}


@pytest.fixture(scope="module")
def fleet() -> Iterator[RunningFleet]:
    with running_fleet([CameraSpec("CAM01", onvif_port=None, login=None)]) as running:
        yield running


@pytest.fixture
def site(fleet: RunningFleet, tmp_path: Path) -> Site:
    end = fleet.endpoint("CAM01")
    gate = {
        "type": "Feature",
        "properties": {"kind": "key_place", "id": "GATE", "name": "Gate", "level": 25},
        "geometry": {"type": "Point", "coordinates": [0.0, 20.0]},
    }
    (tmp_path / "site.toml").write_text('name = "x"\nid = "x"\n[day]\nrule = "always"\n')
    (tmp_path / "map.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [gate]}))
    columns = "id,x,y,lens_height_m,azimuth_deg,tilt_deg,hfov_deg,resolution,address,rtsp_path,sub_path"
    row = f"C1,0,0,4,350,10,60,1280x720,{end.host}:{end.rtsp_port},{end.rtsp_path},{end.sub_path}"
    (tmp_path / "cameras.csv").write_text(f"{columns}\n{row}\n")
    reading = read_site(tmp_path)
    assert reading.site is not None, reading.problems
    return reading.site


def looked(service: Service) -> None:
    """One picture look, recorded."""
    done = Event()
    delivery = service._looker.look(service.site.camera("C1"), ProbeKind.PICTURE, service.clock.now())
    service._recorder.take(delivery, lambda _health: done.set())
    assert done.wait(10)


def told(service: Service) -> tuple[bool | None, list[str]]:
    """Whether the gate is covered now, and which causes are given, once the newest look is published."""
    deadline_s = time.monotonic() + 10
    while service.present.healths != service._recorder._healths and time.monotonic() < deadline_s:
        time.sleep(0.01)
    (place,) = service.present.answers.by_basis[Basis.EFFECTIVE, Period.DAY].places
    unknown = [str(one.params["fault"]) for one in place.reasons if one.code is ReasonCode.CAMERA_UNKNOWN]
    return place.covered, unknown


def said_on_the_command_line(site: Site, *options: str) -> str:
    done = CliRunner().invoke(cammon, ["coverage", str(site.folder), "--no-proof", *options, "--store", "db"])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_from_the_button_to_the_coverage_and_back(
    site: Site, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    seen = Reading("C1", ProbeKind.PICTURE, datetime.now(UTC) - timedelta(seconds=9), findings=(moved(),))
    with store.engine.begin() as connection:
        readings.add(connection, site.id, site.version, [Delivery(seen.at, seen)])
    service = Service(site, store, SystemClock())
    service._recorder.start()
    try:
        looked(service)
        assert told(service) == (True, [])
        # What the look before last found stands in the store as the newest picture's.
        with store.engine.begin() as connection:
            again = Reading("C1", ProbeKind.PICTURE, datetime.now(UTC) + timedelta(seconds=1), findings=(moved(),))
            readings.add(connection, site.id, site.version, [Delivery(again.at, again)])
            assert pictures.newest_ids(connection, site.id)
        desk = SiteDesk(service, store)
        assert desk.accept_view("C1", ME)
        looked(service)
        assert told(service) == (None, [TURNED])
        view = desk.camera("C1")
        assert view is not None
        assert view.turned is not None
        assert (view.turned.change, round(view.turned.azimuth_deg or 0), view.row.health) == (RIGHT, 5, "ok")
        assert not service.present.upgrades or not service.present.upgrades.rows
        (tmp_path / "db").symlink_to(store.path)
        told_in = {language: said_on_the_command_line(site, "--language", language) for language in ("en", "zh")}
        assert "C1: Against the ledger: turned 15° to the right. Its pictures say: about 5° azimuth" in told_in["en"]
        assert "C1: 与台账相比：向右转动 15°。按画面估计：方位角约 5°" in told_in["zh"]
        (row,) = json.loads(said_on_the_command_line(site, "--json"))["turned"]
        assert (row["camera"], row["change"]["pan_deg"], round(row["now"]["azimuth_deg"])) == ("C1", 15.0, 5)

        restarted = Service(site, store, SystemClock())
        assert restarted._looker.turned("C1") == Turn(aims(site)["C1"], RIGHT)
        assert desk.ledger_is_right("C1", ME)
        assert not desk.ledger_is_right("C1", ME)
        looked(service)
        assert told(service) == (True, [])
        assert desk.camera("C1").turned is None  # type: ignore[union-attr]
    finally:
        service._recorder.close(5.0)


def test_whoever_corrects_the_ledger_need_not_say_so(site: Site, store: Store) -> None:
    with store.engine.begin() as connection:
        references.accept(connection, site.id, "C1", Reference(), NOW, "li", Turn(aims(site)["C1"], RIGHT))
    ledger = site.folder / "cameras.csv"
    ledger.write_text(ledger.read_text().replace(",350,", ",5,"))
    corrected = read_site(site.folder).site
    assert corrected is not None
    service = Service(corrected, store, SystemClock())
    service._recorder.start()
    try:
        looked(service)
        assert told(service) == (True, [])
    finally:
        service._recorder.close(5.0)
