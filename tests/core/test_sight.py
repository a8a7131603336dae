"""What each fault leaves of a camera's sight: the table of the design, row by row."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from cammon.health import Health, Track, group_of
from cammon.sight import BLIND_FAULTS, GRADED_FAULTS, LOOKS_ELSEWHERE, NOT_LOOKED_AT, UNKNOWN_FAULTS, sight_of
from cammon.sitefiles.model import Probing
from cammon_coverage.model import Sight, SightState
from cammon_probes.model import Fault, ProbeKind
from cammon_web.desk import HealthState

NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
RULE = Probing(liveness_s=10, picture_s=15, deadline_s=5)
FRESH = {ProbeKind.LIVENESS: NOW, ProbeKind.PICTURE: NOW}


def faulty(fault: Fault, *, confirmed: bool = True, severity: float = 1.0, loss: float | None = None) -> Health:
    track = Track(
        fault,
        NOW,
        2,
        0,
        NOW if confirmed else None,
        severity,
        loss,
        ((True, False),) if fault is Fault.PARTIAL else None,
    )
    state = HealthState.FAULTY if confirmed else HealthState.SUSPECT
    return Health(state, NOW, {group_of(fault): track}, FRESH, FRESH)


NOTHING = (
    "unreachable",
    "refused",
    "timeout",
    "bad_response",
    "too_large",
    "redirected",
    "device_error",
    "not_found",
    "no_video",
    "stalled",
    "undecodable",
    "black",
    "covered",
    "frozen",
    "signal_loss",
    "corrupted",
    "moved",
)
UNKNOWN = (
    "auth_failed",
    "auth_locked",
    "forbidden",
    "session_limit",
    "tls_untrusted",
    "identity_changed",
    "wrong_channel",
)
ALL_OF_IT = (
    "clock_skew",
    "firmware_changed",
    "wrong_format",
    "blur",
    "partial",
)


@pytest.mark.parametrize("name", NOTHING)
def test_sees_nothing(name: str) -> None:
    assert sight_of(faulty(Fault(name)), RULE, NOW) == Sight(SightState.BLIND, name)


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_is_counted_apart(name: str) -> None:
    assert sight_of(faulty(Fault(name)), RULE, NOW) == Sight(SightState.UNKNOWN, name)


@pytest.mark.parametrize("name", ALL_OF_IT)
def test_still_sees(name: str) -> None:
    assert sight_of(faulty(Fault(name)), RULE, NOW).state is SightState.SEES


@pytest.mark.parametrize("fault", sorted(GRADED_FAULTS))
def test_graded_faults_blind_only_beyond_a_severity(fault: Fault) -> None:
    assert sight_of(faulty(fault, severity=0.95), RULE, NOW).state is SightState.BLIND
    assert sight_of(faulty(fault, severity=0.5), RULE, NOW).state is SightState.SEES
    assert sight_of(faulty(fault, severity=0.5), RULE, NOW, blind_severity=0.4).state is SightState.BLIND


def test_the_table_has_every_fault() -> None:
    named = {Fault(name) for name in (*NOTHING, *UNKNOWN, *ALL_OF_IT)} | GRADED_FAULTS
    assert named == set(Fault)
    assert not BLIND_FAULTS & UNKNOWN_FAULTS


def test_blur_divides_the_density_and_a_mask_hides_its_blocks() -> None:
    assert sight_of(faulty(Fault.BLUR, loss=3.0), RULE, NOW).density_divisor == 3.0
    hidden = sight_of(faulty(Fault.PARTIAL), RULE, NOW).hidden
    assert hidden is not None
    assert hidden.tolist() == [[True, False]]


WIDTHS = {
    "narrower": (1280, 1920, 1280),
    "wider: no more than the design": (2560, 1920, None),
    "the ledger has been corrected": (1280, 1280, None),
    "the codec alone is wrong": (None, 1920, None),
    "the ledger does not say": (1280, None, None),
}


@pytest.mark.parametrize(("actual", "by_ledger", "counted"), WIDTHS.values(), ids=WIDTHS.keys())
def test_a_stream_narrower_than_the_ledger_says(actual: int | None, by_ledger: int | None, counted: int | None) -> None:
    health = faulty(Fault.WRONG_FORMAT)
    health = replace(health, tracks={"wrong_format": replace(health.tracks["wrong_format"], width_px=actual)})
    expected = Sight(SightState.SEES, "wrong_format", 1.0, counted)
    assert sight_of(health, RULE, NOW, by_ledger) == expected


def test_a_blurred_stream_that_is_narrower_too_counts_its_own_pixels() -> None:
    wrong, soft = faulty(Fault.WRONG_FORMAT).tracks["wrong_format"], faulty(Fault.BLUR, loss=5.0).tracks["blur"]
    both = replace(faulty(Fault.BLUR), tracks={"wrong_format": replace(wrong, width_px=640), "blur": soft})
    sight = sight_of(both, RULE, NOW, 1920)
    assert (sight.width_px, sight.density_divisor) == (640, pytest.approx(np.sqrt(1 + 24 / 9)))


def test_a_suspect_keeps_what_it_had() -> None:
    assert sight_of(faulty(Fault.BLACK, confirmed=False), RULE, NOW).state is SightState.SEES


@pytest.mark.parametrize(
    "health",
    [
        Health(),
        Health(HealthState.OK, NOW, {}, {ProbeKind.LIVENESS: NOW}, {ProbeKind.LIVENESS: NOW}),
        Health(HealthState.SUSPECT, NOW, {"black": Track(Fault.BLACK, NOW)}, FRESH, {ProbeKind.LIVENESS: NOW}),
    ],
    ids=["never", "no picture yet", "first picture only suspected"],
)
def test_not_looked_at_is_unknown(health: Health) -> None:
    assert sight_of(health, RULE, NOW) == Sight(SightState.UNKNOWN, NOT_LOOKED_AT)


def test_away_from_home_nothing_of_it_is_seen_and_a_fault_is_told_first() -> None:
    once, twice = (
        Health(HealthState.OK, NOW, {}, FRESH, FRESH, at_home=(True, *looks)) for looks in ([False], [False] * 2)
    )
    assert sight_of(once, RULE, NOW).state is SightState.SEES
    assert sight_of(twice, RULE, NOW) == Sight(SightState.BLIND, LOOKS_ELSEWHERE)
    assert sight_of(twice, RULE, NOW + timedelta(seconds=60)).cause == NOT_LOOKED_AT
    assert sight_of(replace(faulty(Fault.BLACK), at_home=twice.at_home), RULE, NOW).cause == "black"
    patient = Probing(liveness_s=10, picture_s=15, deadline_s=5, faults={"moved": (3, 2)})
    assert sight_of(twice, patient, NOW).state is SightState.SEES


def test_an_old_look_is_unknown_and_a_confirmed_fault_stays() -> None:
    later = NOW + timedelta(seconds=60)
    healthy = Health(HealthState.OK, NOW, {}, FRESH, FRESH)
    assert sight_of(healthy, RULE, NOW + timedelta(seconds=30)).state is SightState.SEES
    assert sight_of(healthy, RULE, later).cause == NOT_LOOKED_AT
    assert sight_of(faulty(Fault.BLACK), RULE, later).state is SightState.BLIND
