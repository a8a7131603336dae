"""Budgets: never exceeded, nobody starves, refusals make them smaller for a while."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cammon.health import Health
from cammon.service.budgets import LINGER_S, RELAX_S, Budgets
from cammon.service.schedule import Due, Plan, Schedule
from cammon.sitefiles.model import LedgerCamera, Limit, Limits, Probing
from cammon_probes.model import Fault, ProbeKind, Reading, Step, StreamFormat
from cammon_web.desk import HealthState

NOW = datetime(2026, 5, 1, tzinfo=UTC)
OK = Health(HealthState.OK)
LIVENESS, PICTURE = ProbeKind.LIVENESS, ProbeKind.PICTURE


def channels(count: int, link: str | None = "RADIO1") -> list[LedgerCamera]:
    return [LedgerCamera(f"C{number:02}", "", "", number, recorder="NVR1", link=link) for number in range(count)]


def budgets(count: int = 8, **limits: Limit) -> Budgets:
    named = {("recorder" if name.startswith("NVR") else "link", name): limit for name, limit in limits.items()}
    return Budgets(channels(count), Limits(named, main_mbit_s=8.0, sub_mbit_s=2.0), {})


def taken(found: Budgets, count: int, kind: ProbeKind = PICTURE, now_s: float = 0.0) -> list[str]:
    found.begin_round(now_s)
    return [f"C{number:02}" for number in range(count) if found.take(f"C{number:02}", kind)]


def reading(camera: str, fault: Fault | None = None, kind: ProbeKind = PICTURE, **evidence: int) -> Reading:
    return Reading(camera, kind, NOW, fault, evidence, (Step("keyframe", True, 200.0),))


@pytest.mark.parametrize(
    ("limits", "kind", "begin"),
    [
        ({}, PICTURE, 8),
        ({"NVR1": Limit(sessions=3)}, PICTURE, 3),
        ({"NVR1": Limit(sessions=3)}, LIVENESS, 3),
        ({"RADIO1": Limit(mbit_s=5.0)}, PICTURE, 2),
        ({"RADIO1": Limit(mbit_s=5.0)}, LIVENESS, 8),
        ({"RADIO1": Limit(mbit_s=1.0)}, PICTURE, 1),
        ({"NVR1": Limit(sessions=3), "RADIO1": Limit(mbit_s=5.0)}, PICTURE, 2),
        ({"NVR1": Limit(sessions=1), "RADIO1": Limit(mbit_s=5.0)}, PICTURE, 1),
    ],
    ids=["none", "sessions", "also liveness", "rate", "small looks", "too wide alone", "both", "the tighter"],
)
def test_how_many_begin(limits: dict[str, Limit], kind: ProbeKind, begin: int) -> None:
    assert len(taken(budgets(**limits), 8, kind)) == begin


def test_a_session_is_free_at_once_and_a_rate_a_second_later() -> None:
    found = budgets(NVR1=Limit(sessions=2), RADIO1=Limit(mbit_s=4.0))
    first = taken(found, 8)
    assert first == ["C00", "C01"]
    for camera in first:
        found.give_back(camera, 1.0)
    assert taken(found, 8, now_s=1.0 + LINGER_S - 0.1) == []
    assert len(taken(found, 8, now_s=1.0 + LINGER_S)) == 2


def test_a_wide_stream_is_not_overtaken_for_ever() -> None:
    cameras = channels(3)
    found = Budgets(cameras, Limits({("link", "RADIO1"): Limit(mbit_s=9.0)}), {"C01": "main"})
    found.begin_round(0.0)
    assert found.take("C00", PICTURE)
    assert not found.take("C01", PICTURE)  # 2 + 8 Mbit/s
    assert not found.take("C02", PICTURE)  # would fit, but comes after
    found.give_back("C00", 1.0)
    found.begin_round(3.0)
    assert found.take("C01", PICTURE)


def test_what_a_stream_sent_is_reserved_next_time() -> None:
    found = budgets(RADIO1=Limit(mbit_s=10.0))
    assert found.rate_of("C00", PICTURE) == 2.0
    taken(found, 1)
    found.give_back("C00", 0.2, replace(reading("C00", received_bytes=600_000), stream=StreamFormat("h264", 640, 360)))
    assert found.rate_of("C00", PICTURE) == pytest.approx(4.8)


@pytest.mark.parametrize(
    ("fault", "smaller"),
    [(Fault.SESSION_LIMIT, True), (Fault.FORBIDDEN, True), (Fault.DEVICE_ERROR, True), (Fault.TIMEOUT, False)],
)
def test_a_refusal_lowers_the_sessions_for_a_while(fault: Fault, smaller: bool) -> None:
    found = budgets(NVR1=Limit(sessions=4))
    first = taken(found, 4)
    for camera in first:
        found.give_back(camera, 1.0, reading(camera, fault if camera == "C03" else None))
    assert len(taken(found, 8, now_s=2.0)) == (3 if smaller else 4)
    for camera in first:
        found.give_back(camera, 3.0)
    assert len(taken(found, 8, now_s=2.0 + RELAX_S)) == 4


def test_a_recorder_without_a_limit_learns_one() -> None:
    found = budgets()
    for camera in taken(found, 8):
        found.give_back(camera, 1.0, reading(camera, Fault.SESSION_LIMIT if camera > "C04" else None))
    assert len(taken(found, 8, now_s=2.0)) < 8


def test_forbidden_to_one_alone_is_no_matter_of_sessions() -> None:
    found = budgets()
    taken(found, 1)
    found.give_back("C00", 1.0, reading("C00", Fault.FORBIDDEN))
    assert len(taken(found, 8, now_s=2.0)) == 8


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.05, 3.0), st.integers(0, 7)), min_size=5, max_size=80),
    st.integers(1, 4),
    st.floats(2.0, 12.0),
)
def test_neither_limit_is_ever_exceeded(story: list[tuple[float, int]], sessions: int, mbit_s: float) -> None:
    found = budgets(NVR1=Limit(sessions=sessions), RADIO1=Limit(mbit_s=mbit_s))
    under_way: list[str] = []
    now_s = 0.0
    for wait_s, end in story:
        now_s += wait_s
        for camera in under_way[:end]:
            found.give_back(camera, now_s)
        del under_way[:end]
        found.begin_round(now_s)
        idle = [f"C{one:02}" for one in range(8) if f"C{one:02}" not in under_way]
        under_way += [camera for camera in idle if found.take(camera, PICTURE)]
        for use in found.used({}):
            assert use.sessions_allowed is None or use.sessions <= use.sessions_allowed
            assert use.mbit_s_allowed is None or use.mbit_s <= use.mbit_s_allowed + 1e-6


def test_sixty_four_channels_through_six_sessions_in_their_intervals() -> None:
    """The real schedule for a simulated hour: a look lasts 0.3 s, a picture 2 s; each channel comes in its interval."""
    cameras = channels(64)
    limits = Limits({("recorder", "NVR1"): Limit(sessions=6), ("link", "RADIO1"): Limit(mbit_s=20.0)})
    found = Budgets(cameras, limits, {})
    plans = [Plan(camera.id, Probing(), frozenset({LIVENESS, PICTURE})) for camera in cameras]
    schedule = Schedule(plans, 0.0)
    ends: list[tuple[float, Due]] = []
    begun: dict[tuple[str, ProbeKind], list[float]] = {}
    for quarter in range(4 * 3600):
        now_s = quarter / 4
        for end_s, look in [one for one in ends if one[0] <= now_s]:
            found.give_back(look.camera, end_s)
            schedule.finished(look, OK, now_s)
        ends = [one for one in ends if one[0] > now_s]
        found.begin_round(now_s)
        for look in schedule.due(now_s, found.take):
            ends.append((now_s + (2.0 if look.kind is PICTURE else 0.3), look))
            begun.setdefault((look.camera, look.kind), []).append(now_s)
        assert len(ends) <= 6
    for (_, kind), times in begun.items():
        gaps = [later - sooner for sooner, later in pairwise(times)]
        assert max(gaps) <= {LIVENESS: 30.0, PICTURE: 300.0}[kind] + 5.0
        assert len(times) >= 3600 / {LIVENESS: 30.0, PICTURE: 300.0}[kind] - 1
