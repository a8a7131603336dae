"""The health of a camera as a pure step: old health and a reading give new health and what changed.

A reading speaks only of what its probe can see. Faults that answer the same question ("does the camera answer a
DESCRIBE?") form one group: a camera that refuses now and times out next has one fault with a changing name, not two
faults that never reach their count.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from cammon.evidence import Mask, is_faint, same_part
from cammon.sitefiles.model import Probing
from cammon.turned import Turn
from cammon_probes.model import DEVICE_FAULTS, Fault, Finding, ProbeKind, Reading, StreamFormat
from cammon_probes.picture.judgement import Note
from cammon_web.desk import HealthState

NEARLY = 0.4
"""Score of a picture check from which on a camera nearly has its fault: four fifths of the threshold. One healthy
picture in thirty has such a score by chance; in bad weather half of a site's cameras do."""
BAD_ABOVE = 0.5
"""Score of a picture check above which it finds its fault, unless something else explains it."""
HOME_LOOKS, PATROL_LEAVINGS, PATROL_ENDS_AFTER = 48, 3, 16
"""A camera that may look elsewhere patrols when it has left home so often in its newest pictures (four hours of them at
the default pace), until so many in a row show home. A tour that stays there for longer comes and goes."""
VIDEO_FAULTS = frozenset({Fault.NO_VIDEO, Fault.STALLED, Fault.UNDECODABLE})
"""Only a probe that plays the stream can see or clear these."""
REACH_FAULTS = frozenset(
    {
        Fault.UNREACHABLE,
        Fault.REFUSED,
        Fault.TIMEOUT,
        Fault.BAD_RESPONSE,
        Fault.TOO_LARGE,
        Fault.REDIRECTED,
        Fault.DEVICE_ERROR,
        Fault.AUTH_FAILED,
        Fault.AUTH_LOCKED,
        Fault.FORBIDDEN,
        Fault.NOT_FOUND,
        Fault.SESSION_LIMIT,
        Fault.TLS_UNTRUSTED,
    }
)
"""The ways in which a DESCRIBE can fail: a reading has at most one of them."""


def group_of(fault: Fault) -> str:
    """The question that a fault answers; faults of one group exclude each other."""
    if fault in REACH_FAULTS:
        return "reach"
    if fault in VIDEO_FAULTS:
        return "video"
    return fault.value


@dataclass(frozen=True, slots=True)
class Track:
    """The history of one group of faults on one camera, as far as confirming needs it.

    `since` is the first bad reading of the present run; `confirmed_at` None until enough came in a row. `sure_in_row`
    counts the newest of them that are not faint, and hide the same part.
    `severity` is the newest score (1 for faults without one); `resolution_loss` and `hidden` as in a finding.
    `width_px`: of a main stream that differs from the ledger, where it was told.
    """

    fault: Fault
    since: datetime
    bad_in_row: int = 1
    good_in_row: int = 0
    confirmed_at: datetime | None = None
    severity: float = 1.0
    resolution_loss: float | None = None
    hidden: Mask | None = None
    sure_in_row: int = 1
    width_px: int | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of one camera. `looked_at` and `good_at`: newest reading, newest good one, by probe kind."""

    state: HealthState = HealthState.UNKNOWN
    since: datetime | None = None
    tracks: Mapping[str, Track] = field(default_factory=dict)
    looked_at: Mapping[ProbeKind, datetime] = field(default_factory=dict)
    good_at: Mapping[ProbeKind, datetime] = field(default_factory=dict)
    doubted_at: datetime | None = None
    """when cammon did not believe its newest look at the stream; None when it did"""
    nearly: Mapping[Fault, datetime] = field(default_factory=dict)
    """since when its pictures have scored `NEARLY` or more of each fault, bad ones included: what many cameras nearly
    have at once is weather, though hardly any has it"""
    at_home: tuple[bool, ...] = ()
    """which of the newest pictures showed the home view of a camera that may look elsewhere, newest last; none while
    all of them did"""
    turned: Turn | None = None
    """its accepted view was turned against the ledger"""

    @property
    def confirmed(self) -> tuple[Track, ...]:
        """Tracks with a confirmed fault, oldest first."""
        tracks = [track for track in self.tracks.values() if track.confirmed_at is not None]
        return tuple(sorted(tracks, key=lambda track: (track.since, track.fault)))

    @property
    def away_in_row(self) -> int:
        """Newest pictures in a row that did not show the home view: no fault."""
        return next((number for number, home in enumerate(reversed(self.at_home)) if home), len(self.at_home))

    @property
    def patrols(self) -> bool:
        """Whether the camera goes its rounds: it has left home again and again, and not been there for long since."""
        leavings = sum(was and not now for was, now in pairwise(self.at_home))
        return leavings >= PATROL_LEAVINGS and not all(self.at_home[-PATROL_ENDS_AFTER:])

    @property
    def suspected(self) -> tuple[Track, ...]:
        """Tracks with bad readings that are not confirmed yet."""
        return tuple(track for track in self.tracks.values() if track.confirmed_at is None)


class FlipKind(StrEnum):
    """What a flip says."""

    OPENED = "opened"
    RENAMED = "renamed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Flip:
    """A confirmed fault began, changed its name, or ended. `since` is the first bad reading."""

    kind: FlipKind
    camera: str
    group: str
    fault: Fault
    since: datetime
    at: datetime


def step(health: Health, reading: Reading, rule: Probing) -> tuple[Health, tuple[Flip, ...]]:
    """New health after one reading, and the flips it caused."""
    tracks = dict(health.tracks)
    flips = []
    for group, verdict in _verdicts(reading).items():
        old = tracks.pop(group, None)
        if verdict is None and old is not None and not _disproves(reading, old):
            tracks[group] = old
            continue
        new = _good(old, rule) if verdict is None else _bad(old, verdict, reading.at, rule)
        if new is not None:
            tracks[group] = new
        flip = _flip(reading, group, old, new)
        if flip is not None:
            flips.append(flip)
    looked_at = {**health.looked_at, reading.kind: reading.at}
    good_at = {**health.good_at, reading.kind: reading.at} if reading.ok else health.good_at
    doubted_at = health.doubted_at if reading.kind is ProbeKind.DEVICE else None
    state = _state(tracks, looked_at, doubted_at)
    since = health.since if state is health.state else reading.at
    pictured = _nearly(health, reading), _at_home(health, reading)
    after = Health(state, since, tracks, looked_at, good_at, doubted_at, *pictured, health.turned)
    return after, tuple(flips)


def _at_home(health: Health, reading: Reading) -> tuple[bool, ...]:
    if reading.kind is not ProbeKind.PICTURE or not reading.findings:
        return health.at_home
    home = Note.NOT_AT_HOME not in reading.notes
    looks = (*(health.at_home or (True,)), home)[-HOME_LOOKS:]
    return () if all(looks) else looks


def _nearly(health: Health, reading: Reading) -> Mapping[Fault, datetime]:
    """What the newest picture nearly shows; a look without a picture says nothing of it.

    What another fault or the low sun explains is told with its score, but not as bad: it is none of the camera's.
    """
    if reading.kind is not ProbeKind.PICTURE or not reading.findings:
        return health.nearly
    return {
        finding.fault: health.nearly.get(finding.fault, reading.at)
        for finding in reading.findings
        if finding.bad or NEARLY <= finding.score <= BAD_ABOVE
    }


def doubted(health: Health, reading: Reading) -> Health:
    """New health after a bad reading that cammon does not believe: what was confirmed stays, the rest is unknown."""
    if reading.kind is ProbeKind.DEVICE:
        return health
    state = _state(health.tracks, health.looked_at, reading.at)
    since = health.since if state is health.state else reading.at
    return replace(health, state=state, since=since, doubted_at=reading.at)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """A bad answer to one group's question."""

    fault: Fault
    severity: float = 1.0
    resolution_loss: float | None = None
    hidden: Mask | None = None
    width_px: int | None = None


def _verdicts(reading: Reading) -> dict[str, _Verdict | None]:
    """What a reading says, by group: a bad verdict, or None for good. Groups it cannot see are absent."""
    bad = None if reading.fault is None else _Verdict(reading.fault)
    if reading.kind is ProbeKind.DEVICE:
        # A device service that does not answer says nothing about clock and identity, nor about the video.
        if not _device_answered(reading):
            return {}
        return {fault.value: _named(bad, fault) for fault in DEVICE_FAULTS}
    if reading.kind is ProbeKind.PICTURE and reading.fault is Fault.SESSION_LIMIT:
        # Asking what the stream is needs no session: a liveness look that goes well does not disprove it.
        return {"video": bad}
    reached = reading.fault not in REACH_FAULTS
    verdicts: dict[str, _Verdict | None] = {"reach": None if reached else bad}
    if reached and reading.of_main and reading.stream is not None:
        verdicts[Fault.WRONG_FORMAT.value] = _format_verdict(reading, reading.stream)
    if reading.fault is Fault.NO_VIDEO or (reading.kind is ProbeKind.PICTURE and reached):
        verdicts["video"] = bad if reading.fault in VIDEO_FAULTS else None
    for finding in reading.findings:
        verdicts[finding.fault.value] = _of_finding(finding) if finding.bad else None
    return verdicts


def _format_verdict(reading: Reading, stream: StreamFormat) -> _Verdict | None:
    wrong = reading.fault is Fault.WRONG_FORMAT
    return _Verdict(Fault.WRONG_FORMAT, width_px=stream.width_px) if wrong else None


def _disproves(reading: Reading, old: Track) -> bool:
    """Whether a good reading speaks of what was bad: a description without a size does not say that it is right."""
    told = reading.stream is not None and reading.stream.width_px is not None
    return old.fault is not Fault.WRONG_FORMAT or old.width_px is None or told


def _device_answered(reading: Reading) -> bool:
    return reading.fault in DEVICE_FAULTS or (reading.fault is None and reading.device is not None)


def _named(verdict: _Verdict | None, fault: Fault) -> _Verdict | None:
    return verdict if verdict is not None and verdict.fault is fault else None


def _of_finding(finding: Finding) -> _Verdict:
    hidden = None if finding.hidden is None else tuple(tuple(bool(cell) for cell in row) for row in finding.hidden)
    return _Verdict(finding.fault, finding.score, finding.resolution_loss, hidden)


def _bad(old: Track | None, verdict: _Verdict, at: datetime, rule: Probing) -> Track:
    track = Track(
        fault=verdict.fault,
        since=at if old is None else old.since,
        bad_in_row=1 if old is None else old.bad_in_row + 1,
        sure_in_row=_sure_in_row(old, verdict),
        confirmed_at=None if old is None else old.confirmed_at,
        severity=verdict.severity,
        resolution_loss=verdict.resolution_loss,
        hidden=verdict.hidden,
        width_px=verdict.width_px or (None if old is None else old.width_px),
    )
    return replace(track, confirmed_at=at) if track.confirmed_at is None and _is_enough(track, at, rule) else track


def _sure_in_row(old: Track | None, verdict: _Verdict) -> int:
    if is_faint(verdict.fault, verdict.severity, verdict.hidden):
        return 0
    return 1 + (old.sure_in_row if old is not None and same_part(old.hidden, verdict.hidden) else 0)


def _is_enough(track: Track, at: datetime, rule: Probing) -> bool:
    """Whether a fault has been seen often enough: surely, or, faint as it is, for long enough."""
    confirm_after, _ = counts(rule, track.fault)
    if track.sure_in_row >= confirm_after:
        return True
    return track.bad_in_row >= confirm_after and (at - track.since).total_seconds() >= rule.faint_s


def _good(old: Track | None, rule: Probing) -> Track | None:
    """A good reading ends a suspicion at once and a confirmed fault after `clear_after` in a row."""
    if old is None or old.confirmed_at is None:
        return None
    _, clear_after = counts(rule, old.fault)
    if old.good_in_row + 1 >= clear_after:
        return None
    return replace(old, good_in_row=old.good_in_row + 1, bad_in_row=0)


def counts(rule: Probing, fault: Fault) -> tuple[int, int]:
    """How many readings in a row confirm and clear this fault."""
    return rule.faults.get(fault.value, (rule.confirm_after, rule.clear_after))


def hurries(health: Health, rule: Probing) -> bool:
    """Whether the next look may confirm a suspicion. A faint one that has been seen twice waits at the usual pace."""
    return health.state is HealthState.SUSPECT and any(
        track.sure_in_row > 0 or track.bad_in_row < counts(rule, track.fault)[0] for track in health.suspected
    )


def _flip(reading: Reading, group: str, old: Track | None, new: Track | None) -> Flip | None:
    was = old is not None and old.confirmed_at is not None
    now = new is not None and new.confirmed_at is not None
    if new is not None and now and not was:
        return Flip(FlipKind.OPENED, reading.camera, group, new.fault, new.since, reading.at)
    if old is not None and was and not now:
        return Flip(FlipKind.CLOSED, reading.camera, group, old.fault, old.since, reading.at)
    if old is not None and new is not None and was and old.fault is not new.fault:
        return Flip(FlipKind.RENAMED, reading.camera, group, new.fault, new.since, reading.at)
    return None


def _state(
    tracks: Mapping[str, Track], looked_at: Mapping[ProbeKind, datetime], doubted_at: datetime | None
) -> HealthState:
    if any(track.confirmed_at is not None for track in tracks.values()):
        return HealthState.FAULTY
    if doubted_at is not None:
        return HealthState.UNKNOWN
    if tracks:
        return HealthState.SUSPECT
    if ProbeKind.LIVENESS in looked_at or ProbeKind.PICTURE in looked_at:
        return HealthState.OK
    return HealthState.UNKNOWN
