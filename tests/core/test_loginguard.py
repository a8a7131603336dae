"""The guard against locking accounts, step by step; test_no_lockout.py lets hours of it pass."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from cammon.loginguard import LONGER, LoginGuard, guard_of
from cammon.store import login_stops
from cammon.store.opening import Store
from cammon_probes.model import Credential, Fault, ProbeKind, Reading, Step

NOW = datetime(2026, 5, 1, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
LOGIN = Credential("nvr", "admin", "one:with:colons")
NEW = Credential("nvr", "admin", "new")
HOST = "127.0.0.1"


def refused(kind: ProbeKind = ProbeKind.LIVENESS, fault: Fault = Fault.AUTH_FAILED, at: datetime = NOW) -> Reading:
    return Reading("C", kind, at, fault, steps=(Step("login", False, 1.0),))


def worked(kind: ProbeKind = ProbeKind.LIVENESS, fault: Fault | None = None, at: datetime = NOW) -> Reading:
    if kind is ProbeKind.DEVICE:
        return Reading("C", kind, at, fault, {"login": "digest"}, steps=(Step("identity", True, 1.0),))
    return Reading("C", kind, at, fault, steps=(Step("login", True, 1.0),))


@pytest.fixture
def guard() -> LoginGuard:
    return LoginGuard(b"k", pause=HALF_HOUR)


def test_after_a_refusal_no_login_until_the_pause_ends(guard: LoginGuard) -> None:
    assert guard.stopped_until(HOST, LOGIN, NOW) is None
    guard.learn(HOST, LOGIN, refused())
    assert guard.stopped_until(HOST, LOGIN, NOW + timedelta(minutes=29)) == NOW + HALF_HOUR
    assert guard.stopped_until(HOST, LOGIN, NOW + HALF_HOUR) is None
    assert guard.stopped_until("127.0.0.2", LOGIN, NOW) is None


def test_refused_again_after_its_pause_it_rests_longer(guard: LoginGuard) -> None:
    guard.learn(HOST, LOGIN, refused())
    later = NOW + HALF_HOUR
    guard.learn(HOST, LOGIN, refused(at=later))
    assert guard.stopped_until(HOST, LOGIN, later) == later + HALF_HOUR * LONGER


def test_a_lock_ends_by_itself_so_its_pause_does_not_grow(guard: LoginGuard) -> None:
    for at in (NOW, NOW + HALF_HOUR):
        guard.learn(HOST, LOGIN, refused(fault=Fault.AUTH_LOCKED, at=at))
        assert guard.stopped_until(HOST, LOGIN, at) == at + HALF_HOUR
        assert guard.refused_as(HOST, LOGIN) is Fault.AUTH_LOCKED


def test_a_changed_password_ends_the_stop_and_going_back_to_the_refused_one_does_not(guard: LoginGuard) -> None:
    guard.learn(HOST, LOGIN, refused())
    assert guard.stopped_until(HOST, NEW, NOW) is None
    guard.learn(HOST, NEW, refused())
    assert guard.stopped_until(HOST, LOGIN, NOW) == NOW + HALF_HOUR


def test_another_name_for_the_same_login_is_the_same_login(guard: LoginGuard) -> None:
    guard.learn(HOST, LOGIN, refused())
    assert guard.stopped_until(HOST, Credential("yard", LOGIN.username, LOGIN.password), NOW) == NOW + HALF_HOUR


@pytest.mark.parametrize(
    ("reading", "over"),
    [
        (worked(), True),
        (worked(fault=Fault.WRONG_FORMAT), True),
        (worked(ProbeKind.DEVICE, Fault.CLOCK_SKEW), True),
        (Reading("C", ProbeKind.LIVENESS, NOW), False),
        (Reading("C", ProbeKind.DEVICE, NOW, steps=(Step("identity", True, 1.0),)), False),
        (Reading("C", ProbeKind.LIVENESS, NOW, Fault.TIMEOUT), False),
    ],
    ids=[
        "works",
        "works, wrong format",
        "works, clock skew",
        "was not asked for",
        "was not asked for by the device",
        "no answer",
    ],
)
def test_only_a_login_that_was_asked_for_and_works_ends_a_stop(guard: LoginGuard, reading: Reading, over: bool) -> None:
    guard.learn(HOST, LOGIN, refused(reading.kind))
    guard.learn(HOST, LOGIN, reading)
    assert (guard.stopped_until(HOST, LOGIN, NOW) is None) is over


def test_a_login_that_works_for_the_stream_alone_is_not_offered_to_the_device_service_all_day(
    guard: LoginGuard,
) -> None:
    guard.learn(HOST, LOGIN, refused(ProbeKind.DEVICE))
    later = NOW + HALF_HOUR
    guard.learn(HOST, LOGIN, worked(at=later))
    assert guard.stopped_until(HOST, LOGIN, later, ProbeKind.PICTURE) is None
    assert guard.stopped_until(HOST, LOGIN, later, ProbeKind.DEVICE) == NOW + HALF_HOUR * LONGER
    assert guard.stopped_until(HOST, NEW, later, ProbeKind.DEVICE) is None


def test_a_login_that_is_forbidden_three_times_in_a_row_is_taken_for_refused(guard: LoginGuard) -> None:
    forbidden = refused(fault=Fault.FORBIDDEN)
    without_login = Reading("C", ProbeKind.LIVENESS, NOW, Fault.FORBIDDEN)
    for one in (forbidden, forbidden, worked(), forbidden, without_login, forbidden):
        guard.learn(HOST, LOGIN, one)
        assert guard.stopped_until(HOST, LOGIN, NOW) is None
    guard.learn(HOST, LOGIN, forbidden)
    assert guard.stopped_until(HOST, LOGIN, NOW) == NOW + HALF_HOUR
    assert guard.refused_as(HOST, LOGIN) is Fault.FORBIDDEN


def test_a_login_that_worked_before_it_was_refused_does_not_end_the_stop(guard: LoginGuard) -> None:
    seconds = [NOW + timedelta(seconds=number) for number in range(5)]
    guard.learn(HOST, LOGIN, refused(at=seconds[0]), at=seconds[2])  # it began first, and was refused later
    guard.learn(HOST, LOGIN, worked(ProbeKind.PICTURE, at=seconds[1]), at=seconds[1])
    assert guard.stopped_until(HOST, LOGIN, seconds[3]) == seconds[2] + HALF_HOUR
    guard.learn(HOST, LOGIN, worked(ProbeKind.PICTURE, at=seconds[1]), at=seconds[4])
    assert guard.stopped_until(HOST, LOGIN, seconds[4]) is None


def test_a_restart_keeps_the_stop(store: Store) -> None:
    guard_of(store, HALF_HOUR).learn(HOST, LOGIN, refused())
    with store.reading() as connection:
        assert "colons" not in repr(login_stops.load(connection))
    anew = guard_of(store, HALF_HOUR)
    assert anew.stopped_until(HOST, LOGIN, NOW) == NOW + HALF_HOUR
    anew.learn(HOST, LOGIN, refused(at=NOW + HALF_HOUR))
    assert anew.stopped_until(HOST, LOGIN, NOW + HALF_HOUR) == NOW + HALF_HOUR * (LONGER + 1)


def test_what_another_process_finds_out_counts_within_two_seconds(store: Store) -> None:
    service, by_hand = guard_of(store, HALF_HOUR), guard_of(store, HALF_HOUR)
    assert service.stopped_until(HOST, LOGIN, NOW) is None
    by_hand.learn(HOST, LOGIN, refused())
    soon = NOW + timedelta(seconds=2)
    assert service.stopped_until(HOST, LOGIN, soon) == NOW + HALF_HOUR
    by_hand.learn(HOST, LOGIN, worked(at=soon))
    assert service.stopped_until(HOST, LOGIN, soon + timedelta(seconds=2)) is None


def test_a_stop_that_could_not_be_written_is_not_lost_to_a_look_into_the_store(store: Store) -> None:
    service = guard_of(store, HALF_HOUR)
    with store.engine.begin() as connection:
        connection.execute(text("PRAGMA query_only = ON"))
    with pytest.raises(DatabaseError):
        service.learn(HOST, LOGIN, refused())
    assert service.stopped_until(HOST, LOGIN, NOW + timedelta(seconds=5)) == NOW + HALF_HOUR
