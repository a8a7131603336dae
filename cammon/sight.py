"""From the health of a camera to what is left of its sight: the one table that joins the two worlds."""

from datetime import datetime

import numpy as np

from cammon.health import HOME_LOOKS, REACH_FAULTS, VIDEO_FAULTS, Health, Track, counts
from cammon.resolution import loss_on
from cammon.sitefiles.model import Probing
from cammon.turned import Aim, holds
from cammon_coverage.model import Sight, SightState
from cammon_probes.model import Fault, ProbeKind

NOT_LOOKED_AT = "not_looked_at"
SELF_DOUBT = "self_doubt"
LOOKS_ELSEWHERE = "looks_elsewhere"
PATROLS = "patrols"
TURNED = "turned"
"""A person accepted a turned view: it works, but what it looks at is not what the ledger says."""
SENT_ELSEWHERE = frozenset({LOOKS_ELSEWHERE, PATROLS})
"""No fault: somebody has the camera look elsewhere, now or in turns."""
STALE_AFTER = 3.0
"""A camera whose newest look is older than this many of its intervals counts as not looked at."""

UNKNOWN_FAULTS = frozenset(
    {
        Fault.AUTH_FAILED,
        Fault.AUTH_LOCKED,
        Fault.FORBIDDEN,
        Fault.SESSION_LIMIT,
        Fault.TLS_UNTRUSTED,
        Fault.IDENTITY_CHANGED,
        Fault.WRONG_CHANNEL,
    }
)
"""The camera may well see; cammon may not look."""
BLIND_FAULTS = frozenset(
    {Fault.BLACK, Fault.COVERED, Fault.FROZEN, Fault.SIGNAL_LOSS, Fault.CORRUPTED, Fault.MOVED}
    | (REACH_FAULTS - UNKNOWN_FAULTS)
    | VIDEO_FAULTS
)
GRADED_FAULTS = frozenset(
    {Fault.UNDEREXPOSED, Fault.OVEREXPOSED, Fault.LOW_CONTRAST, Fault.NOISE, Fault.COLOUR_CAST, Fault.STRIPES}
)
"""Nothing is seen beyond a severity, all of it below."""


def sight_of(
    health: Health,
    rule: Probing,
    now: datetime,
    main_px: int | None = None,
    blind_severity: float = 0.9,
    aim: Aim | None = None,
) -> Sight:
    """What a camera of this health sees. Only confirmed faults count: a suspect keeps its last confirmed state.

    `main_px`: the width of its main stream by the ledger, `aim`: where it looks by the ledger; None where that does not
    say.
    """
    tracks = health.confirmed
    for faults, state in ((BLIND_FAULTS, SightState.BLIND), (UNKNOWN_FAULTS, SightState.UNKNOWN)):
        named = [track.fault for track in tracks if track.fault in faults]
        if named:
            return Sight(state, named[0].value)
    severe = [track for track in tracks if track.fault in GRADED_FAULTS and track.severity >= blind_severity]
    if severe:
        return Sight(SightState.BLIND, severe[0].fault.value)
    if health.doubted_at is not None:
        return Sight(SightState.UNKNOWN, SELF_DOUBT)
    if not looked_at(health, rule, now):
        return Sight(SightState.UNKNOWN, NOT_LOOKED_AT)
    if health.patrols:
        return Sight(SightState.BLIND, PATROLS)
    if health.away_in_row >= min(HOME_LOOKS, counts(rule, Fault.MOVED)[0]):
        return Sight(SightState.BLIND, LOOKS_ELSEWHERE)
    if holds(health.turned, aim):
        return Sight(SightState.UNKNOWN, TURNED)
    return _partial_sight(tracks, main_px)


def looked_at(health: Health, rule: Probing, now: datetime) -> bool:
    """Whether cammon has looked lately: at the stream, and once at a picture."""
    picture_known = ProbeKind.PICTURE in health.good_at or bool(health.confirmed)
    if ProbeKind.PICTURE not in health.looked_at or not picture_known:
        return False
    limits_s = {ProbeKind.LIVENESS: rule.liveness_s, ProbeKind.PICTURE: rule.picture_s}
    ages = {kind: (now - at).total_seconds() for kind, at in health.looked_at.items() if kind in limits_s}
    return any(age <= STALE_AFTER * limits_s[kind] + rule.deadline_s for kind, age in ages.items())


def _partial_sight(tracks: tuple[Track, ...], main_px: int | None) -> Sight:
    by_fault = {track.fault: track for track in tracks}
    blur, partial = by_fault.get(Fault.BLUR), by_fault.get(Fault.PARTIAL)
    width_px = _narrower(by_fault.get(Fault.WRONG_FORMAT), main_px)
    loss = 1.0 if blur is None or blur.resolution_loss is None else max(1.0, blur.resolution_loss)
    if width_px is not None and main_px is not None:
        loss = loss_on(loss, main_px, width_px)
    hidden = None if partial is None or partial.hidden is None else np.array(partial.hidden, dtype=np.bool_)
    causes = [fault for fault in (Fault.BLUR, Fault.PARTIAL, Fault.WRONG_FORMAT) if fault in by_fault]
    return Sight(SightState.SEES, causes[0].value if causes else None, loss, width_px, hidden)


def _narrower(wrong: Track | None, main_px: int | None) -> int | None:
    """The actual width of a stream that is narrower than the ledger says. A wider one gives no place more than its
    design until the ledger knows of it."""
    if wrong is None or wrong.width_px is None or main_px is None or wrong.width_px >= main_px:
        return None
    return wrong.width_px
