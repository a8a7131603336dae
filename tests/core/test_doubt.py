"""Self-doubt: what is bad is believed only while cammon itself is well."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from cammon.health import Flip, FlipKind, Health, doubted, step
from cammon.service.doubt import Canary, Cause, Conscience
from cammon.sight import SELF_DOUBT, sight_of
from cammon.sitefiles.model import Probing
from cammon_coverage.model import SightState
from cammon_probes.model import Fault, ProbeKind, Reading
from cammon_web.desk import HealthState

NOW = datetime(2026, 5, 1, tzinfo=UTC)
RULE = Probing()


@dataclass
class World:
    """A conscience with a canary that can be broken and a time that can be turned."""

    well: bool = True
    seconds: float = 0.0
    asked: int = 0
    hosts: int = 20
    conscience: Conscience = field(init=False)

    def __post_init__(self) -> None:
        canary = Canary(Cause.CANARY, self._look)
        self.conscience = Conscience((canary,), 30.0, self.hosts, self.now)

    def _look(self) -> bool:
        self.asked += 1
        return self.well

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)

    def opens(self, fault: Fault = Fault.TIMEOUT, since: float | None = None, **evidence: str) -> bool:
        """Whether an incident may open upon a bad reading made now."""
        found = reading(fault, self.seconds, **evidence)
        began = NOW + timedelta(seconds=self.seconds if since is None else since)
        flip = Flip(FlipKind.OPENED, "C", "reach", fault, began, found.at)
        return self.conscience.vouches(found, (flip,))


def reading(fault: Fault | None, second: float = 0.0, kind: ProbeKind = ProbeKind.LIVENESS, **evidence: str) -> Reading:
    return Reading("C", kind, NOW + timedelta(seconds=second), fault, evidence)


def test_an_incident_opens_only_when_the_canary_answers() -> None:
    world = World()
    assert world.opens()
    world.well, world.seconds = False, 60.0
    assert not world.opens()
    assert world.conscience.doubt is not None
    assert (world.conscience.doubt.cause, world.conscience.doubt.since) == (Cause.CANARY, world.now())
    world.seconds = 65.0
    assert not world.conscience.believes(reading(Fault.TIMEOUT, 65))
    world.well, world.seconds = True, 70.0
    world.conscience.ask_canaries()
    assert world.conscience.doubt is None
    assert world.opens()


def test_the_canary_is_not_asked_for_each_of_many() -> None:
    world = World()
    assert all(world.opens() for _ in range(100))
    assert world.asked == 1


def test_a_picture_fault_needs_no_canary() -> None:
    world = World(well=False)
    assert world.opens(Fault.BLACK)
    assert world.asked == 0


def test_a_camera_that_answers_is_believed_even_in_doubt() -> None:
    world = World(well=False)
    world.opens()
    assert world.conscience.doubt is not None
    assert world.conscience.believes(reading(None))


@pytest.mark.parametrize(
    ("late_s", "in_doubt"),
    [((31.0,), True), ((29.0,), False), ((31.0, 20.0), True), ((31.0, 14.0), True), ((31.0, 14.0, 0.0), False)],
    ids=["late", "not yet", "catching up", "just caught up", "calm again"],
)
def test_lateness(late_s: tuple[float, ...], in_doubt: bool) -> None:
    world = World()
    for turn, one in enumerate(late_s):
        world.conscience.late(one, NOW + timedelta(seconds=10 * turn))
    doubt = world.conscience.doubt
    assert (doubt is not None) is in_doubt
    if doubt is not None:
        assert (doubt.cause, doubt.since) == (Cause.LATE, NOW - timedelta(seconds=31))
    assert world.conscience.believes(reading(Fault.TIMEOUT)) is not in_doubt


def test_no_way_to_any_host_is_our_own_network() -> None:
    world = World()
    for host in range(3):
        assert world.conscience.doubt is None
        world.conscience.network(f"10.0.0.{host}", reading(Fault.UNREACHABLE, host, error="ENETUNREACH"))
    doubt = world.conscience.doubt
    assert doubt is not None
    assert (doubt.cause, doubt.since) == (Cause.OWN_NETWORK, NOW)
    world.conscience.network("10.0.0.9", reading(Fault.TIMEOUT, 9))
    assert world.conscience.doubt is None


def test_no_way_to_one_host_is_that_hosts_fault_once_another_has_answered() -> None:
    world = World()
    world.conscience.network("10.0.0.2", reading(None, 0))
    world.seconds = 20.0
    assert not world.opens(Fault.UNREACHABLE, since=10.0, error="ENETUNREACH")
    world.conscience.network("10.0.0.2", reading(None, 25))
    world.seconds = 30.0
    assert world.opens(Fault.UNREACHABLE, since=10.0, error="ENETUNREACH")


def test_want_of_files_is_our_own_lack() -> None:
    assert not World().conscience.believes(reading(Fault.UNREACHABLE, error="EMFILE"))


def test_a_doubted_reading_makes_a_camera_unknown_and_never_faulty() -> None:
    health, _ = step(Health(), reading(None, kind=ProbeKind.PICTURE), RULE)
    for second in range(1, 20):
        health = doubted(health, reading(Fault.TIMEOUT, second))
    assert (health.state, health.tracks) == (HealthState.UNKNOWN, {})
    sight = sight_of(health, RULE, NOW + timedelta(seconds=20))
    assert (sight.state, sight.cause) == (SightState.UNKNOWN, SELF_DOUBT)
    health, flips = step(health, reading(None, 20), RULE)
    assert (health.state, flips) == (HealthState.OK, ())
    assert sight_of(health, RULE, NOW + timedelta(seconds=20)).state is SightState.SEES


def test_doubt_does_not_mend_what_was_confirmed() -> None:
    health = Health()
    for second in range(2):
        health, _ = step(health, reading(Fault.TIMEOUT, second), RULE)
    assert doubted(health, reading(Fault.TIMEOUT, 3)).state is HealthState.FAULTY
