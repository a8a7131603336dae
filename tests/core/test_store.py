"""The store: one writer, nothing lost, clear words when it cannot be used."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

from cammon.health import Flip, FlipKind, Health, Track
from cammon.problem import UserError
from cammon.store import accounts, devices, healths, incidents, login_stops, pictures, places, readings, settings
from cammon.store.opening import Store, open_store
from cammon.store.schema import metadata, place_flip, reading
from cammon_coverage.model import Basis, Period, PlaceAnswer, SiteAnswer
from cammon_probes.model import DeviceFacts, Fault, Finding, ProbeKind, Reading, Step, StreamFormat
from cammon_web.desk import HealthState, LoginRefused, Role

NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
SITE = "mine"


def test_migrations_make_the_tables_of_the_schema(store: Store) -> None:
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_second_service_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with open_store(path), pytest.raises(UserError, match=rf"in use by another cammon \(process {os.getpid()}\)"):
        open_store(path)
    open_store(path).close()


def test_a_killed_writer_leaves_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    script = (
        "import sys, time; from pathlib import Path; from cammon.store.opening import open_store;"
        "s = open_store(Path(sys.argv[1])); print('open', flush=True); time.sleep(60)"
    )
    writer = subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "open\n"
    with pytest.raises(UserError, match=str(writer.pid)):
        open_store(path)
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    open_store(path).close()


@pytest.mark.parametrize(
    "kind", ["folder missing", "not a database", "a folder", "folder is a file", "nothing to read"]
)
def test_unusable_stores(tmp_path: Path, kind: str) -> None:
    path, writer = tmp_path / "a.sqlite", True
    if kind == "folder missing":
        path = tmp_path / "none" / "a.sqlite"
    elif kind == "not a database":
        path.write_bytes(b"this is not a database" * 1000)
    elif kind == "a folder":
        path.mkdir()
    elif kind == "folder is a file":
        (tmp_path / "f").write_text("x")
        path = tmp_path / "f" / "a.sqlite"
    else:
        writer = False
    with pytest.raises(UserError) as caught:
        open_store(path, writer=writer)
    assert len(caught.value.lines) == 1
    assert str(path.parent) in caught.value.lines[0]
    assert "--store" in caught.value.lines[0]


def test_the_store_is_private(tmp_path: Path) -> None:
    with open_store(tmp_path / "a.sqlite"):
        assert (tmp_path / "a.sqlite").stat().st_mode & 0o077 == 0


def test_times_come_back_aware_and_naive_ones_are_refused(store: Store) -> None:
    shanghai = NOW.astimezone(timezone(timedelta(hours=8)))
    with store.engine.begin() as connection:
        accounts.note(connection, shanghai, "a", "b")
        with pytest.raises(Exception, match="naive time"):
            accounts.note(connection, datetime(2026, 1, 1), "a", "b")  # noqa: DTZ001


def delivery(second: int, **more: object) -> readings.Delivery:
    at = NOW + timedelta(seconds=second)
    found = Reading(
        "CAM01",
        ProbeKind.PICTURE,
        at,
        steps=(Step("describe", True, 1.5, "200"),),
        stream=StreamFormat("h264", 640, 360, 5.0),
        findings=(Finding(Fault.BLACK, 0.1, 88.0, "luma", False),),
        **more,  # type: ignore[arg-type]
    )
    return readings.Delivery(at, found)


def test_a_repeated_delivery_changes_nothing(store: Store) -> None:
    with store.engine.begin() as connection:
        readings.add(connection, SITE, "v", [delivery(0), delivery(1)])
        readings.add(connection, SITE, "v", [delivery(1)])
        assert len(connection.execute(select(reading)).all()) == 2
        (newest,) = readings.newest(connection, SITE, "CAM01")
        assert newest.row.at == NOW + timedelta(seconds=1)
        assert newest.row.steps[0] == Step("describe", True, 1.5, "200")
        assert newest.findings[0].measured == 88.0
        assert readings.forget_before(connection, NOW + timedelta(seconds=1)) == 1


def test_health_comes_back_whole(store: Store) -> None:
    track = Track(Fault.PARTIAL, NOW, 3, 0, NOW, 0.7, 1.5, ((True, False), (False, False)))
    looked_at, good_at = {ProbeKind.PICTURE: NOW}, {ProbeKind.LIVENESS: NOW}
    health = Health(HealthState.FAULTY, NOW, {"partial": track}, looked_at, good_at, nearly={Fault.PARTIAL: NOW})
    with store.engine.begin() as connection:
        healths.save(connection, SITE, {"A": Health(HealthState.OK, NOW, {}, {ProbeKind.PICTURE: NOW}), "B": Health()})
        healths.save(connection, SITE, {"A": health})
        assert healths.load(connection, SITE) == {"A": health}
        assert healths.load(connection, "other") == {}


def flip(kind: FlipKind, fault: Fault, second: int) -> Flip:
    return Flip(kind, "CAM01", "reach", fault, NOW, NOW + timedelta(seconds=second))


def test_the_life_of_an_incident(store: Store) -> None:
    with store.engine.begin() as connection:
        for one in (
            flip(FlipKind.OPENED, Fault.REFUSED, 10),
            flip(FlipKind.OPENED, Fault.REFUSED, 11),
            flip(FlipKind.RENAMED, Fault.TIMEOUT, 20),
        ):
            incidents.record(connection, SITE, "v", one, "pic")
        (found,) = incidents.open_ones(connection, SITE)
        assert (found.fault, found.since, found.confirmed_at) == ("timeout", NOW, NOW + timedelta(seconds=10))
        assert incidents.acknowledge(connection, SITE, found.id, "li", "crew sent", NOW)
        assert not incidents.acknowledge(connection, SITE, 999, "li", "", NOW)
        assert not incidents.acknowledge(connection, "other", found.id, "li", "", NOW)
        incidents.record(connection, SITE, "v", flip(FlipKind.CLOSED, Fault.TIMEOUT, 30), None)
        assert incidents.open_ones(connection, SITE) == ()
        (closed,) = incidents.of_camera(connection, SITE, "CAM01")
        assert (closed.closed_at, closed.acknowledged_by) == (NOW + timedelta(seconds=30), "li")


def test_incidents_of_cameras_that_are_gone_are_closed(store: Store) -> None:
    with store.engine.begin() as connection:
        incidents.record(connection, SITE, "v", flip(FlipKind.OPENED, Fault.REFUSED, 0), None)
        assert incidents.close_for_missing(connection, SITE, ["CAM01"], NOW) == 0
        assert incidents.close_for_missing(connection, SITE, ["CAM02"], NOW) == 1


def test_only_the_newest_picture_and_those_of_incidents_stay(store: Store) -> None:
    with store.engine.begin() as connection:
        first = pictures.replace_newest(connection, SITE, "CAM01", NOW, b"1")
        pictures.keep_for_incident(connection, first)
        second = pictures.replace_newest(connection, SITE, "CAM01", NOW + timedelta(seconds=1), b"2")
        third = pictures.replace_newest(connection, SITE, "CAM01", NOW + timedelta(seconds=2), b"3")
        found = [pictures.get(connection, SITE, one) for one in (first, second, third)]
        assert [one and one.jpeg for one in found] == [b"1", None, b"3"]
        assert pictures.newest_ids(connection, SITE) == {"CAM01": (third, NOW + timedelta(seconds=2))}
        assert pictures.get(connection, "other", third) is None


def answers(covered: bool | None, share: float) -> list[SiteAnswer]:
    place = PlaceAnswer("KP", share, covered)
    return [SiteAnswer(Basis.EFFECTIVE, Period.DAY, (place,), None, None, None)]


def test_places_remember_since_when(store: Store) -> None:
    key = ("KP", Basis.EFFECTIVE, Period.DAY)
    with store.engine.begin() as connection:
        story = [(None, 0.0, 0), (True, 1.0, 10), (True, 1.0, 20), (False, 0.5, 30), (False, 0.2, 40), (True, 1.0, 50)]
        since = []
        for covered, share, second in story:
            places.record(connection, SITE, "v", answers(covered, share), NOW + timedelta(seconds=second))
            since.append((places.since(connection, SITE)[key] - NOW).seconds)
        assert since == [0, 10, 10, 30, 30, 50]
        assert len(connection.execute(select(place_flip)).all()) == 5


def test_device_facts_are_held_against_what_was_accepted(store: Store) -> None:
    old, new = DeviceFacts(serial="1", firmware="a"), DeviceFacts(serial="1", firmware="b")
    with store.engine.begin() as connection:
        assert not devices.accept(connection, SITE, "CAM01")
        for facts in (old, new):
            devices.record(connection, SITE, "CAM01", facts, NOW)
        assert devices.accepted(connection, SITE) == {"CAM01": old}
        assert devices.newest(connection, SITE, "CAM01") == new
        assert devices.accept(connection, SITE, "CAM01")
        assert devices.accepted(connection, SITE) == {"CAM01": new}


def test_login_stops_outlive_the_process(tmp_path: Path) -> None:
    stop = login_stops.LoginStop("10.0.0.1", "nvr", "f", NOW, NOW + timedelta(minutes=30))
    with open_store(tmp_path / "a.sqlite") as one, one.engine.begin() as connection:
        login_stops.put(connection, stop)
        login_stops.put(connection, stop)
    with open_store(tmp_path / "a.sqlite") as one, one.engine.begin() as connection:
        assert login_stops.load(connection) == (stop,)
        login_stops.remove(connection, "10.0.0.1", "nvr")
        assert login_stops.load(connection) == ()


def test_the_first_account_needs_the_newest_token_and_only_once(store: Store) -> None:
    with store.engine.begin() as connection:
        assert accounts.none_yet(connection)
        old = accounts.new_first_login_token(connection)
        token = accounts.new_first_login_token(connection)
        assert token not in str(connection.execute(select(metadata.tables["setting"])).all())
        for wrong in (old, "", token + "x"):
            with pytest.raises(LoginRefused):
                accounts.create_first(connection, wrong, "li", "long enough", NOW)
        assert accounts.create_first(connection, token, "li", "long enough", NOW).role is Role.ADMIN
        with pytest.raises(LoginRefused):
            accounts.create_first(connection, token, "eve", "long enough", NOW)
        assert not accounts.none_yet(connection)


def test_five_wrong_passwords_lock_for_a_while(store: Store) -> None:
    with store.engine.begin() as connection:
        accounts.create_first(connection, accounts.new_first_login_token(connection), "li", "right one", NOW)
        assert accounts.log_in(connection, "nobody", "x", NOW) is None
        for _ in range(accounts.FAILURES_BEFORE_LOCK):
            assert accounts.log_in(connection, "li", "wrong", NOW) is None
        with pytest.raises(LoginRefused, match="locked"):
            accounts.log_in(connection, "li", "right one", NOW)
        user = accounts.log_in(connection, "li", "right one", NOW + accounts.LOCKED_FOR)
        assert user is not None
        assert user.name == "li"


def test_a_secret_belongs_to_its_store(tmp_path: Path) -> None:
    found = []
    for name in ("a", "b", "a"):
        with open_store(tmp_path / f"{name}.sqlite") as one, one.engine.begin() as connection:
            found.append(settings.secret(connection, "session_key"))
    assert found[0] == found[2] != found[1]
    assert len(found[0]) == 32
