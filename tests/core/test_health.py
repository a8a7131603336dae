"""Health as a pure step: confirming, clearing, renaming, and what a reading may speak about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from cammon.health import FlipKind, Health, counts, group_of, step
from cammon.sitefiles.model import Probing
from cammon_probes.model import DeviceFacts, Fault, Finding, ProbeKind, Reading, StreamFormat
from cammon_web.desk import HealthState

START = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
RULE = Probing(confirm_after=2, clear_after=2)
H264 = StreamFormat("h264", 640, 360, 5.0)


def live(second: int, fault: Fault | None = None) -> Reading:
    stream = H264 if fault in (None, Fault.WRONG_FORMAT) else None
    return Reading("C", ProbeKind.LIVENESS, START + timedelta(seconds=second), fault, stream=stream, of_main=True)


def picture(second: int, *bad: Fault, fault: Fault | None = None) -> Reading:
    findings = tuple(
        Finding(one, 1.0 if one in bad else 0.0, 0.0, "", one in bad) for one in (Fault.BLACK, Fault.BLUR, Fault.NOISE)
    )
    at = START + timedelta(seconds=second)
    stream = H264 if fault is None else None
    return Reading("C", ProbeKind.PICTURE, at, fault, stream=stream, findings=() if fault else findings)


def device(second: int, fault: Fault | None = None, facts: DeviceFacts | None = None) -> Reading:
    return Reading("C", ProbeKind.DEVICE, START + timedelta(seconds=second), fault, device=facts)


def run(*readings: Reading, rule: Probing = RULE) -> tuple[Health, list[tuple[FlipKind, Fault]]]:
    health, flips = Health(), []
    for reading in readings:
        health, new = step(health, reading, rule)
        flips += [(flip.kind, flip.fault) for flip in new]
    return health, flips


OPENED, CLOSED, RENAMED = FlipKind.OPENED, FlipKind.CLOSED, FlipKind.RENAMED
T, R, B, W = Fault.TIMEOUT, Fault.REFUSED, Fault.BLACK, Fault.WRONG_FORMAT
SIZELESS = StreamFormat("h264")

STORIES = {
    "nothing yet": ([], HealthState.UNKNOWN, []),
    "one good look": ([live(0)], HealthState.OK, []),
    "one bad look is a suspicion": ([live(0, T)], HealthState.SUSPECT, []),
    "a good look ends a suspicion": ([live(0, T), live(1)], HealthState.OK, []),
    "two bad looks confirm": ([live(0, T), live(1, T)], HealthState.FAULTY, [(OPENED, T)]),
    "not in a row: never confirmed": ([live(0, T), live(1), live(2, T), live(3)], HealthState.OK, []),
    "one good look does not clear": ([live(0, T), live(1, T), live(2)], HealthState.FAULTY, [(OPENED, T)]),
    "two good looks clear": ([live(0, T), live(1, T), live(2), live(3)], HealthState.OK, [(OPENED, T), (CLOSED, T)]),
    "good, bad, good does not clear": (
        [live(0, T), live(1, T), live(2), live(3, T), live(4)],
        HealthState.FAULTY,
        [(OPENED, T)],
    ),
    "a changing name is one fault": ([live(0, R), live(1, T)], HealthState.FAULTY, [(OPENED, T)]),
    "an open fault is renamed": (
        [live(0, R), live(1, R), live(2, T)],
        HealthState.FAULTY,
        [(OPENED, R), (RENAMED, T)],
    ),
    "both looks count towards reach": ([live(0, T), picture(1, fault=T)], HealthState.FAULTY, [(OPENED, T)]),
    "a dark picture": ([picture(0, B), picture(1, B)], HealthState.FAULTY, [(OPENED, B)]),
    "liveness does not clear a dark picture": (
        [picture(0, B), live(1), live(2), live(3), picture(4, B)],
        HealthState.FAULTY,
        [(OPENED, B)],
    ),
    "liveness does not clear missing video": (
        [picture(0, fault=Fault.NO_VIDEO), live(1), picture(2, fault=Fault.NO_VIDEO), live(3), live(4)],
        HealthState.FAULTY,
        [(OPENED, Fault.NO_VIDEO)],
    ),
    "a lost camera says nothing of its picture": (
        [picture(0, B), picture(1, B), live(2, T), live(3, T), live(4), live(5)],
        HealthState.FAULTY,
        [(OPENED, B), (OPENED, T), (CLOSED, T)],
    ),
    "a device service that fails is no fault of the video": (
        [live(0), device(1, T), device(2, T), device(3, T)],
        HealthState.OK,
        [],
    ),
    "a wrong clock": (
        [device(0, Fault.CLOCK_SKEW), device(1, Fault.CLOCK_SKEW)],
        HealthState.FAULTY,
        [(OPENED, Fault.CLOCK_SKEW)],
    ),
    "a device that does not answer does not clear a wrong clock": (
        [device(0, Fault.CLOCK_SKEW), device(1, Fault.CLOCK_SKEW), device(2, T), device(3, T)],
        HealthState.FAULTY,
        [(OPENED, Fault.CLOCK_SKEW)],
    ),
    "a clock set right": (
        [
            device(0, Fault.CLOCK_SKEW),
            device(1, Fault.CLOCK_SKEW),
            device(2, facts=DeviceFacts()),
            device(3, facts=DeviceFacts()),
            live(4),
        ],
        HealthState.OK,
        [(OPENED, Fault.CLOCK_SKEW), (CLOSED, Fault.CLOCK_SKEW)],
    ),
    "the wrong format": (
        [live(0, W), live(1, W), live(2), live(3)],
        HealthState.OK,
        [(OPENED, W), (CLOSED, W)],
    ),
    "the picture of a sub stream says nothing of the main stream's format": (
        [live(0, W), picture(1), live(2, W), picture(3), picture(4)],
        HealthState.FAULTY,
        [(OPENED, W)],
    ),
    "nor does a description without a size": (
        [live(0, W), live(1, W), *(replace(live(second), stream=SIZELESS) for second in (2, 3))],
        HealthState.FAULTY,
        [(OPENED, W)],
    ),
    "which does where no size was wrong": (
        [replace(live(second, *fault), stream=SIZELESS) for second, *fault in ((0, W), (1, W), (2,), (3,))],
        HealthState.OK,
        [(OPENED, W), (CLOSED, W)],
    ),
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_stories(story: tuple[list[Reading], HealthState, list[tuple[FlipKind, Fault]]]) -> None:
    readings, state, flips = story
    health, found = run(*readings)
    assert (health.state, found) == (state, flips)


def test_since_is_the_first_bad_reading_and_confirmed_the_last() -> None:
    health, _ = run(live(0), live(10, T), live(20, T))
    (track,) = health.confirmed
    assert (track.since, track.confirmed_at) == (START + timedelta(seconds=10), START + timedelta(seconds=20))


def test_too_many_viewers_is_not_disproved_by_a_look_without_video() -> None:
    full = Fault.SESSION_LIMIT
    health, flips = run(picture(0, fault=full), live(10), live(20), picture(30, fault=full), live(40))
    assert (health.state, flips) == (HealthState.FAULTY, [(OPENED, full)])
    _, flips = run(picture(0, fault=full), picture(30, fault=full), live(40), picture(50), picture(60))
    assert flips == [(OPENED, full), (CLOSED, full)]


def test_counts_of_one_fault_differ_from_the_tier() -> None:
    rule = Probing(confirm_after=2, clear_after=2, faults={"black": (1, 3)})
    assert counts(rule, Fault.BLACK) == (1, 3)
    assert counts(rule, Fault.TIMEOUT) == (2, 2)
    _, flips = run(picture(0, B), rule=rule)
    assert flips == [(OPENED, B)]


def test_every_fault_has_a_group() -> None:
    assert {group_of(fault) for fault in Fault} >= {"reach", "video", "black", "clock_skew"}


@given(
    st.lists(st.sampled_from([None, T, R, Fault.AUTH_FAILED, Fault.WRONG_FORMAT]), max_size=30),
    st.integers(1, 4),
    st.integers(1, 4),
)
def test_flips_alternate_and_agree_with_the_state(faults: list[Fault | None], confirm: int, clear: int) -> None:
    rule = Probing(confirm_after=confirm, clear_after=clear)
    health, opened = Health(), {}
    for second, fault in enumerate(faults):
        health, flips = step(health, live(second, fault), rule)
        for flip in flips:
            assert (flip.kind is OPENED) == (flip.group not in opened)
            if flip.kind is CLOSED:
                del opened[flip.group]
            else:
                opened[flip.group] = flip.fault
        assert {group: track.fault for group, track in health.tracks.items() if track.confirmed_at} == opened
        assert (health.state is HealthState.FAULTY) == bool(opened)


def scored(second: int, *scores: tuple[Fault, float, bool]) -> Reading:
    findings = tuple(Finding(fault, score, 0.0, "", bad) for fault, score, bad in scores)
    return Reading("C", ProbeKind.PICTURE, START + timedelta(seconds=second), stream=H264, findings=findings)


P, L = Fault.PARTIAL, Fault.LOW_CONTRAST


@pytest.mark.parametrize(
    ("readings", "nearly"),
    [
        pytest.param([scored(0, (P, 0.39, False))], {}, id="as usual"),
        pytest.param([scored(0, (P, 0.4, False))], {P: 0}, id="nearly"),
        pytest.param([scored(0, (P, 0.4, False)), scored(9, (P, 0.5, False))], {P: 0}, id="since when"),
        pytest.param([scored(0, (P, 0.4, False)), scored(9, (P, 0.7, True), (L, 0.4, False))], {P: 0, L: 9}, id="more"),
        pytest.param([scored(0, (P, 0.4, False)), scored(9, (P, 0.1, False))], {}, id="no more"),
        pytest.param([scored(0, (P, 0.8, False))], {}, id="another fault explains it"),
        pytest.param([scored(0, (P, 0.4, False)), live(9)], {P: 0}, id="a look without a picture says nothing of it"),
        pytest.param([scored(0, (P, 0.4, False)), picture(9, fault=T)], {P: 0}, id="nor does one that failed"),
    ],
)
def test_what_a_camera_nearly_has(readings: list[Reading], nearly: dict[Fault, int]) -> None:
    health, _ = run(*readings)
    assert health.nearly == {fault: START + timedelta(seconds=second) for fault, second in nearly.items()}


HOUR = 3600
FAINT, SURE = 0.55, 0.9


def story(fault: Fault, *looks: tuple[float, float]) -> list[Reading]:
    """Looks as (hour, score)."""
    return [scored(int(hour * HOUR), (fault, score, score > 0.5)) for hour, score in looks]


@pytest.mark.parametrize(
    ("readings", "confirmed_h"),
    [
        pytest.param(story(Fault.STRIPES, (0, FAINT), (0.03, FAINT)), None, id="faint stripes"),
        pytest.param(story(P, (0, SURE), (0.03, SURE)), 0.03, id="sure: with the second look"),
        pytest.param(story(P, (0, FAINT), (0.03, FAINT)), None, id="faint: not yet"),
        pytest.param(story(P, (0, FAINT), (2, FAINT), (3, FAINT)), 3, id="it lasts"),
        pytest.param(story(P, (0, FAINT), (3, FAINT)), 3, id="twice is often enough"),
        pytest.param(story(P, (0, FAINT), (2, 0.2), (3, FAINT)), None, id="it passed and came again"),
        pytest.param(story(P, (0, FAINT), (1, SURE)), None, id="sure once"),
        pytest.param(story(P, (0, FAINT), (1, SURE), (1.03, SURE)), 1.03, id="sure twice"),
        pytest.param(story(P, (0, SURE), (1, FAINT), (1.03, SURE)), None, id="not in a row"),
        pytest.param(story(Fault.COVERED, (0, FAINT), (0.03, FAINT)), 0.03, id="a cover does not pass"),
    ],
)
def test_what_is_faint_and_may_pass_has_to_last(readings: list[Reading], confirmed_h: float | None) -> None:
    health, _ = run(*readings, rule=Probing(faint_s=3 * HOUR))
    at = [track.confirmed_at for track in health.confirmed]
    assert at == ([] if confirmed_h is None else [START + timedelta(seconds=int(confirmed_h * HOUR))])


@given(st.lists(st.floats(0.51, 1.0), min_size=1, max_size=8), st.integers(60, 2 * HOUR))
def test_whatever_lasts_is_told(scores: list[float], every_s: int) -> None:
    """However faint a fault is that stays, and however seldom it is looked at."""
    count = 2 + 3 * HOUR // every_s
    rule = Probing(faint_s=3 * HOUR)
    looks = [scored(number * every_s, (P, scores[number % len(scores)], True)) for number in range(count + 1)]
    health, _ = run(*looks, rule=rule)
    (track,) = health.confirmed
    soonest, latest = timedelta(seconds=every_s), timedelta(seconds=3 * HOUR + every_s)
    assert soonest <= track.confirmed_at - START <= latest


def test_looks_away_from_home_are_counted_in_a_row() -> None:
    """A picture that shows the home view ends it; a look that brought no picture, or was no picture's, says nothing."""
    away = [replace(picture(second), notes=("not_at_home",)) for second in (0, 1, 5)]
    silent = picture(2, fault=Fault.NO_VIDEO)
    looks = [away[0], live(1), away[1], silent, device(3), picture(4), away[2]]
    health, counted = Health(), []
    for look in looks:
        health, flips = step(health, look, RULE)
        counted.append(health.away_in_row)
        assert not flips
    assert counted == [1, 1, 2, 2, 2, 0, 1]
    assert TypeAdapter(Health).validate_python(TypeAdapter(Health).dump_python(health, mode="json")) == health


def hiding(second: int, *columns: int, score: float = SURE) -> Reading:
    """Something hides these of ten columns."""
    mask = np.zeros((4, 10), np.bool_)
    mask[:, list(columns)] = True
    finding = Finding(P, score, float(mask.mean()), "", True, hidden=mask)
    return Reading("C", ProbeKind.PICTURE, START + timedelta(seconds=second), stream=H264, findings=(finding,))


@pytest.mark.parametrize(
    ("score", "columns", "opened"),
    [
        pytest.param(0.8, 5, True, id="half of the picture for sure"),
        pytest.param(0.8, 6, False, id="a little of nearly everything: rain on the glass"),
        pytest.param(0.95, 6, True, id="surely hidden: a sheet"),
    ],
)
def test_what_is_spread_over_the_picture_is_surer_to_be_told(score: float, columns: int, opened: bool) -> None:
    _, flips = run(*(hiding(second, *range(columns), score=score) for second in (0, 100)))
    assert flips == ([(OPENED, P)] if opened else [])


@pytest.mark.parametrize(
    ("looks", "since"),
    [
        pytest.param([hiding(0, 1, 2, 3), hiding(9, 1, 2, 3)], 0, id="the same part"),
        pytest.param([hiding(0, 1, 2, 3, 4), hiding(9, 2, 3, 4)], 0, id="nearly the same"),
        pytest.param([hiding(0, 1, 2, 3), hiding(9, 6, 7, 8)], None, id="another: it passes by"),
        pytest.param([hiding(0, 1), hiding(9, 1, 2, 3, 4)], None, id="much more"),
        pytest.param([hiding(0, 1, 2), hiding(9, 6, 7), hiding(18, 6, 7)], 0, id="another, which stays"),
        pytest.param([hiding(0, 1, 2), hiding(9, 6, 7), hiding(18, 1, 2)], None, id="now here, now there"),
        pytest.param([hiding(0, 1, 2), hiding(9, 6, 7), hiding(12 * HOUR, 1, 2)], 0, id="for long"),
        pytest.param([hiding(0, 1, 2), hiding(9, 1, 2), hiding(18, 6, 7)], 0, id="an open fault may spread"),
    ],
)
def test_what_hides_a_part_stays_where_it_is(looks: list[Reading], since: int | None) -> None:
    health, flips = run(*looks)
    assert flips == ([] if since is None else [(OPENED, P)])
    assert [track.since for track in health.confirmed] == ([] if since is None else [START + timedelta(seconds=since)])
