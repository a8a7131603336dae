"""Whether cammon may believe its own bad readings: its canary, its own network, its own lateness."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from threading import RLock

from cammon.health import Flip, FlipKind
from cammon_probes.model import STREAM_FAULTS, Fault, Reading

OWN_NETWORK = frozenset({"ENETUNREACH", "ENETDOWN", "EADDRNOTAVAIL"})
"""What connecting says when this machine itself has no way out."""
OWN_LACK = frozenset({"EMFILE", "ENFILE", "ENOMEM", "ENOBUFS"})
"""What connecting says when this machine has no more to give."""
HOSTS_DOWN = 3
"""So many hosts without a way to them, and none that answered since, are no fault of the hosts."""
FRESH = timedelta(seconds=2)
"""A canary that answered so lately is not asked again."""


CALM = timedelta(seconds=15)
"""Looks that were under way while cammon was late are over by then, with their deadline."""


class Cause(StrEnum):
    """Why cammon doubts itself, the worst first."""

    OWN_NETWORK = "own_network"
    CANARY = "canary"
    REFERENCE = "reference"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Cammon doubts itself: why, and since when."""

    cause: Cause
    since: datetime


@dataclass(frozen=True, slots=True)
class Canary:
    """Something that must answer. `look` asks it now, within a second or two: whether it answered."""

    cause: Cause
    look: Callable[[], bool]


class Conscience:
    """Collects the reasons for doubt. Thread safe: looks, the tick and the recorder all tell it."""

    def __init__(self, canaries: tuple[Canary, ...], late_s: float, hosts: int, now: Callable[[], datetime]) -> None:
        self._canaries = canaries
        self._late_s = late_s
        self._hosts_down = min(HOSTS_DOWN, max(1, hosts))
        self._now = now
        self._lock = RLock()
        self._since: dict[Cause, datetime] = {}
        self._good_at: dict[Cause, datetime] = {}
        self._no_way: dict[str, datetime] = {}
        self._answered_at: datetime | None = None
        self._late_at: datetime | None = None

    @property
    def doubt(self) -> Doubt | None:
        """The worst reason for doubt now; None when there is none."""
        with self._lock:
            return next((Doubt(cause, self._since[cause]) for cause in Cause if cause in self._since), None)

    def ask_canaries(self) -> None:
        """Look at every canary now."""
        for canary in self._canaries:
            began = self._now()
            self._told(canary.cause, good=canary.look(), since=began)

    def canary(self, *, good: bool, at: datetime) -> None:
        """What a regular look at cammon's own camera found."""
        self._told(Cause.CANARY, good=good, since=at)

    def late(self, late_s: float, at: datetime) -> None:
        """How late the most overdue look is; the doubt ends when half of the limit is made up, for a while."""
        with self._lock:
            if late_s > self._late_s:
                self._since.setdefault(Cause.LATE, at - timedelta(seconds=late_s))
            if late_s > self._late_s / 2:
                self._late_at = at
            elif self._late_at is None or at - self._late_at > CALM:
                self._since.pop(Cause.LATE, None)

    def network(self, host: str, reading: Reading) -> None:
        """What a look at a camera says of this machine's own network."""
        with self._lock:
            if not no_way_out(reading):
                self._answered_at = max(reading.at, self._answered_at or reading.at)
                self._no_way.clear()
                self._since.pop(Cause.OWN_NETWORK, None)
                return
            self._no_way[host] = reading.at
            if len(self._no_way) >= self._hosts_down:
                self._since.setdefault(Cause.OWN_NETWORK, min(self._no_way.values()))

    def believes(self, reading: Reading) -> bool:
        """Whether a reading counts. A camera that did answer did; only what is bad can be cammon's own fault."""
        if reading.ok:
            return True
        return self.doubt is None and reading.evidence.get("error") not in OWN_LACK

    def vouches(self, reading: Reading, flips: tuple[Flip, ...]) -> bool:
        """Whether an incident may open upon this reading: only after every canary has answered since it was made.

        One that says that there is no way to the camera must have been followed by an answer of another camera.
        """
        opened = [flip for flip in flips if flip.kind is FlipKind.OPENED and flip.fault in STREAM_FAULTS]
        if not opened:
            return True
        with self._lock:
            if no_way_out(reading):
                since = min(flip.since for flip in opened)
                if self._answered_at is None or self._answered_at <= since:
                    self._since.setdefault(Cause.OWN_NETWORK, since)
                    return False
        return self._canaries_answer()

    def _canaries_answer(self) -> bool:
        for canary in self._canaries:
            asked_at = self._now()
            with self._lock:
                good_at = self._good_at.get(canary.cause)
            if good_at is None or asked_at - good_at > FRESH:
                self._told(canary.cause, good=canary.look(), since=asked_at)
        return self.doubt is None

    def _told(self, cause: Cause, *, good: bool, since: datetime) -> None:
        with self._lock:
            if good:
                self._good_at[cause] = self._now()
                self._since.pop(cause, None)
            else:
                self._since.setdefault(cause, since)


def no_way_out(reading: Reading) -> bool:
    """Whether this machine had no way to the camera."""
    return reading.fault is Fault.UNREACHABLE and reading.evidence.get("error") in OWN_NETWORK
