"""The schedule: spread, never two looks at one camera, suspects sooner, the dead later but not too late."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cammon.health import Health, Track, step
from cammon.service.schedule import FIRST_LOOK_WITHIN_S, SPARE_S, Due, Plan, Schedule, interval_s, wait_s
from cammon.sitefiles.model import Probing
from cammon_probes.model import Fault, ProbeKind, Reading
from cammon_web.desk import HealthState

NOW = datetime(2026, 5, 1, tzinfo=UTC)
PROBING = Probing(liveness_s=30, picture_s=300, device_s=21600, confirm_after=2, dead_max_s=120)
OK = Health(HealthState.OK)


def plans(count: int, probing: Probing = PROBING) -> list[Plan]:
    return [Plan(f"CAM{number:04}", probing, frozenset(ProbeKind)) for number in range(count)]


def dead(in_row: int) -> Health:
    return Health(HealthState.FAULTY, tracks={"reach": Track(Fault.TIMEOUT, NOW, in_row, 0, NOW)})


def test_every_camera_is_looked_at_soon_after_the_start() -> None:
    schedule, seen = Schedule(plans(100), 0.0), set()
    for tenth in range(int(FIRST_LOOK_WITHIN_S * 10) + 20):
        for look in schedule.due(tenth / 10):
            seen.add((look.camera, look.kind))
            schedule.finished(look, OK, tenth / 10)
    assert len(seen) == 300


def test_looks_are_spread_evenly() -> None:
    schedule = Schedule(plans(1000), 0.0)
    seconds = [0] * 40
    for second in range(40):
        for look in schedule.due(float(second)):
            seconds[second] += look.kind is ProbeKind.LIVENESS
            schedule.finished(look, OK, float(second))
    # 1,000 first looks within 15 s: 67 a second
    assert max(seconds[1:15]) < 2 * 1000 / 15


def test_the_regular_interval_is_kept() -> None:
    schedule, times = Schedule(plans(1, replace(PROBING, picture_s=3600)), 0.0), []
    for tenth in range(6000):
        for look in schedule.due(tenth / 10):
            if look.kind is ProbeKind.LIVENESS:
                times.append(tenth / 10)
            schedule.finished(look, OK, tenth / 10)
    gaps = {round(later - sooner, 1) for sooner, later in pairwise(times)}
    assert gaps <= {29.9, 30.0, 30.1}


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(1, 50), st.booleans()), min_size=1, max_size=60))
def test_never_two_looks_at_one_camera_at_once(story: list[tuple[int, bool]]) -> None:
    schedule, busy, now = Schedule(plans(5), 0.0), {}, 0.0
    for wait, finish in story:
        now += wait
        for look in schedule.due(now):
            assert look.camera not in busy
            busy[look.camera] = look
        if finish and busy:
            schedule.finished(busy.pop(next(iter(busy))), OK, now)


@pytest.mark.parametrize(
    ("tracks", "waits_s"),
    [
        pytest.param([], 30.0, id="nothing"),
        pytest.param([Track(Fault.TIMEOUT, NOW)], 10.0, id="a suspect comes sooner"),
        pytest.param([Track(Fault.PARTIAL, NOW, sure_in_row=0)], 10.0, id="one that is faint, too"),
        pytest.param([Track(Fault.PARTIAL, NOW, 2, sure_in_row=0)], 30.0, id="until it has been seen twice"),
        pytest.param([Track(Fault.PARTIAL, NOW, 5, sure_in_row=1)], 10.0, id="it is surer now"),
        pytest.param([Track(Fault.PARTIAL, NOW, 2, sure_in_row=0), Track(Fault.BLUR, NOW)], 10.0, id="another one"),
    ],
)
def test_a_suspect_comes_sooner(tracks: list[Track], waits_s: float) -> None:
    state = HealthState.SUSPECT if tracks else HealthState.OK
    suspect = Health(state, tracks={track.fault.value: track for track in tracks})
    assert wait_s(PROBING, ProbeKind.LIVENESS, suspect) == waits_s


def test_a_suspected_clock_is_asked_again_soon() -> None:
    suspected = Health(HealthState.SUSPECT, tracks={"clock_skew": Track(Fault.CLOCK_SKEW, NOW)})
    confirmed = Health(HealthState.FAULTY, tracks={"clock_skew": Track(Fault.CLOCK_SKEW, NOW, 2, 0, NOW)})
    waits = [wait_s(PROBING, ProbeKind.DEVICE, health) for health in (OK, suspected, confirmed)]
    assert waits == [21600, 7200, 21600]


def test_the_dead_come_later_but_within_two_minutes() -> None:
    waits = [wait_s(PROBING, ProbeKind.LIVENESS, dead(in_row)) for in_row in range(2, 12)]
    assert waits == [30, 60, 100, 100, 100, 100, 100, 100, 100, 100]


def test_a_camera_that_answers_again_shows_its_picture_at_once() -> None:
    plan = Plan("C", PROBING, frozenset({ProbeKind.LIVENESS, ProbeKind.PICTURE}))
    schedule = Schedule([plan], 0.0)
    for look in schedule.due(100.0):
        schedule.finished(look, dead(5), 100.0)
    (other,) = schedule.due(100.0)
    schedule.finished(other, dead(5), 100.0)
    back, _ = step(dead(5), Reading("C", ProbeKind.LIVENESS, NOW), PROBING)
    schedule.finished(Due("C", ProbeKind.LIVENESS, 130.0, 130.0), back, 130.0)
    assert [look.kind for look in schedule.due(130.0)] == [ProbeKind.PICTURE]


def test_lateness_is_that_of_the_most_overdue() -> None:
    schedule = Schedule(plans(3), 0.0)
    assert schedule.late_s(0.0) == 0.0
    assert 45.0 <= schedule.late_s(60.0) <= 60.0
    looks = schedule.due(60.0)
    assert {look.camera for look in looks} == {"CAM0000", "CAM0001", "CAM0002"}
    assert schedule.late_s(60.0) == 0.0  # the rest waits for its own camera


def test_put_off_comes_again() -> None:
    schedule = Schedule([Plan("C", PROBING, frozenset({ProbeKind.LIVENESS}))], 0.0)
    (look,) = schedule.due(20.0)
    schedule.put_off(look, 20.5)
    assert schedule.due(20.4) == []
    assert [one.kind for one in schedule.due(20.5)] == [ProbeKind.LIVENESS]


def test_intervals() -> None:
    assert [interval_s(PROBING, kind) for kind in ProbeKind] == [30, 300, 21600]


def test_a_look_that_was_put_off_keeps_its_turn_and_is_not_late_by_our_fault() -> None:
    schedule = Schedule([Plan("C", PROBING, frozenset({ProbeKind.LIVENESS}))], 0.0)
    (look,) = schedule.due(0.0)
    schedule.put_off(look, 40.0)
    assert schedule.late_s(60.0) == 0.0
    (again,) = schedule.due(60.0)
    assert (again.due_s, again.excused) == (0.0, True)


def test_looks_that_are_not_admitted_come_in_the_order_in_which_they_were_due() -> None:
    schedule = Schedule(plans(30), 0.0)
    assert schedule.due(20.0, lambda _camera, _kind: False) == []
    assert schedule.late_s(20.0) == 0.0
    assert max(schedule.held(20.0).values()) > 10.0
    looks = schedule.due(25.0)
    assert [look.due_s for look in looks] == sorted(look.due_s for look in looks)
    assert all(look.excused for look in looks if look.due_s < 20.0)


def test_a_dead_cameras_pictures_wait_until_it_answers() -> None:
    plan = Plan("C", PROBING, frozenset({ProbeKind.LIVENESS, ProbeKind.PICTURE}))
    schedule, kinds = Schedule([plan], 0.0), []
    for second in range(3600):
        for look in schedule.due(float(second)):
            kinds.append(look.kind)
            schedule.finished(look, dead(5), float(second))
    assert kinds.count(ProbeKind.PICTURE) == 1
    assert kinds.count(ProbeKind.LIVENESS) >= 3600 / 120


@st.composite
def cadences(draw: st.DrawFn) -> Probing:
    """Intervals whose `dead_max_s` has room for a regular wait, a look, another look and what a busy machine adds."""
    liveness_s, deadline_s = draw(st.floats(5, 60)), draw(st.floats(1, 30))
    dead_max_s = max(liveness_s, deadline_s + 6.0) + deadline_s + SPARE_S + draw(st.floats(0, 60))
    return replace(
        PROBING,
        liveness_s=liveness_s,
        picture_s=draw(st.floats(20, 600)),
        device_s=draw(st.floats(20, 600)),
        deadline_s=deadline_s,
        dead_max_s=dead_max_s,
    )


@settings(max_examples=60, deadline=None)
@given(cadences(), st.integers(0, 2**32), st.sampled_from([0.25, 0.5, 1.0]))
def test_from_beginning_to_beginning_of_looks_at_the_dead_is_dead_max_at_most(
    probing: Probing, seed: int, tick_s: float
) -> None:
    """Looks wait for a thread for up to 4 s, last up to their deadline, and are recorded up to 0.75 s later."""
    schedule, now = Schedule(plans(3, probing), 0.0), 0.0
    begun, in_row = defaultdict[str, list[float]](list), Counter[str]()
    ends: list[tuple[float, Due]] = []
    chance = Random(seed)
    while now < 6 * probing.dead_max_s:
        now += tick_s
        for end in [one for one in ends if one[0] <= now]:
            in_row[end[1].camera] += end[1].kind is ProbeKind.LIVENESS
            schedule.finished(end[1], dead(2 + in_row[end[1].camera]), end[0])
            ends.remove(end)
        for look in schedule.due(now):
            begins_s = now + chance.uniform(0.0, 4.0)
            if look.kind is ProbeKind.LIVENESS:
                begun[look.camera].append(begins_s)
            lasts_s = chance.choice([0.01, probing.deadline_s + 0.2])
            ends.append((begins_s + lasts_s + chance.uniform(0.0, 0.75), look))
    assert set(begun) == {"CAM0000", "CAM0001", "CAM0002"}
    for times in begun.values():
        assert max(later - sooner for sooner, later in pairwise(times)) <= probing.dead_max_s


def test_of_two_looks_that_are_due_at_one_camera_it_is_first_asked_whether_it_answers() -> None:
    schedule = Schedule(plans(20), 0.0)
    looks = schedule.due(60.0)
    assert [look.kind for look in looks] == [ProbeKind.LIVENESS] * 20
    assert [look.due_s for look in looks] == sorted(look.due_s for look in looks)


def test_steady_looks_are_all_equally_far_apart() -> None:
    schedule, times = Schedule(plans(100, replace(PROBING, picture_s=1e6, device_s=1e6)), 0.0), []
    for twentieth in range(20 * 300):
        now = twentieth / 20
        for look in schedule.due(now):
            times.append(now)
            schedule.finished(look, OK, now)
    steady = [at for at in times if at >= 240.0]
    assert max(later - sooner for sooner, later in pairwise(steady)) <= 0.45  # 100 cameras in 30 s: 0.3 s
