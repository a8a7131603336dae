"""When each camera is looked at next. Monotonic seconds in, due looks out; no clock and no threads of its own."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from zlib import crc32

from cammon.health import Health, Track
from cammon.sitefiles.model import Probing
from cammon_probes.model import DEVICE_FAULTS, ProbeKind
from cammon_web.desk import HealthState

FIRST_LOOK_WITHIN_S = 15.0
"""After a start every camera is looked at within this time, however long its intervals are."""
SUSPECT_SPEED = 3.0
"""A suspect camera is looked at this many times as often."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the schedule knows of one camera: its cadence, and which kinds of look it allows."""

    camera: str
    probing: Probing
    kinds: frozenset[ProbeKind]


@dataclass(frozen=True, slots=True)
class Due:
    """A look to be made now. `late_s`: how long it has been due."""

    camera: str
    kind: ProbeKind
    late_s: float


class Schedule:
    """Due times of all looks, spread evenly; never two looks at one camera at once.

    A suspect camera comes sooner; one that does not answer comes later and later, up to its `dead_max_s`, and its
    pictures wait until it answers again.
    """

    def __init__(self, plans: Iterable[Plan], now_s: float) -> None:
        self._plans = {plan.camera: plan for plan in plans}
        self._busy: set[str] = set()
        self._due_s: dict[tuple[str, ProbeKind], float] = {}
        self._heap: list[tuple[float, str, ProbeKind]] = []
        for plan in self._plans.values():
            for kind in plan.kinds:
                spread = min(interval_s(plan.probing, kind), FIRST_LOOK_WITHIN_S)
                self._put(plan.camera, kind, now_s + spread * _fraction(plan.camera, kind))

    def due(self, now_s: float) -> list[Due]:
        """The looks that are due, most overdue first. Their cameras are busy until `finished`."""
        found: list[Due] = []
        waiting: list[tuple[float, str, ProbeKind]] = []
        while self._heap and self._heap[0][0] <= now_s:
            at_s, camera, kind = heapq.heappop(self._heap)
            if self._due_s.get((camera, kind)) != at_s:
                continue  # put elsewhere meanwhile
            if camera in self._busy:
                waiting.append((at_s, camera, kind))
                continue
            self._busy.add(camera)
            del self._due_s[camera, kind]
            found.append(Due(camera, kind, now_s - at_s))
        for item in waiting:
            heapq.heappush(self._heap, item)
        return found

    def finished(self, look: Due, health: Health, now_s: float) -> None:
        """A look has ended: the camera is free, and its next looks follow from its health."""
        self._busy.discard(look.camera)
        plan = self._plans[look.camera]
        self._put(look.camera, look.kind, now_s + wait_s(plan.probing, look.kind, health))
        if look.kind is ProbeKind.LIVENESS and _answers_again(health):
            self.sooner(look.camera, ProbeKind.PICTURE, now_s)

    def sooner(self, camera: str, kind: ProbeKind, at_s: float) -> None:
        """This look is due at `at_s` already, unless it is under way, due before, or not made at this camera."""
        if self._due_s.get((camera, kind), at_s) > at_s:
            self._put(camera, kind, at_s)

    def put_off(self, look: Due, at_s: float) -> None:
        """The look could not be made now: the camera is free, and the look is due again at `at_s`."""
        self._busy.discard(look.camera)
        self._put(look.camera, look.kind, at_s)

    def late_s(self, now_s: float) -> float:
        """How long the most overdue look has been waiting; looks of a busy camera wait by intent."""
        waiting = [at_s for (camera, _), at_s in self._due_s.items() if camera not in self._busy]
        return max(0.0, now_s - min(waiting)) if waiting else 0.0

    def _put(self, camera: str, kind: ProbeKind, at_s: float) -> None:
        self._due_s[camera, kind] = at_s
        heapq.heappush(self._heap, (at_s, camera, kind))


def interval_s(probing: Probing, kind: ProbeKind) -> float:
    """The regular interval of this kind of look."""
    return {
        ProbeKind.LIVENESS: probing.liveness_s,
        ProbeKind.PICTURE: probing.picture_s,
        ProbeKind.DEVICE: probing.device_s,
    }[kind]


def wait_s(probing: Probing, kind: ProbeKind, health: Health) -> float:
    """How long until the next look of this kind."""
    regular_s = interval_s(probing, kind)
    reach = health.tracks.get("reach")
    if kind is ProbeKind.DEVICE:
        unsettled = any(_unsettled(health.tracks[one]) for one in DEVICE_FAULTS if one in health.tracks)
        return regular_s / SUSPECT_SPEED if unsettled else regular_s
    if reach is not None and reach.confirmed_at is not None and reach.good_in_row == 0:
        longest_s = max(regular_s, probing.dead_max_s)
        doublings = max(0, reach.bad_in_row - probing.confirm_after)
        return float(min(longest_s, regular_s * 2.0 ** min(doublings, 16)))
    if health.state is HealthState.SUSPECT or any(track.good_in_row for track in health.tracks.values()):
        return regular_s / SUSPECT_SPEED
    return regular_s


def _unsettled(track: Track) -> bool:
    """Whether the next look decides something: a suspicion to confirm, or a fault about to clear."""
    return track.confirmed_at is None or track.good_in_row > 0


def _answers_again(health: Health) -> bool:
    """Whether the camera was lost and the newest look found it: a picture then tells whether all is well."""
    reach = health.tracks.get("reach")
    return reach is not None and reach.good_in_row > 0


def _fraction(camera: str, kind: ProbeKind) -> float:
    """A stable number in [0, 1) that spreads looks evenly, whatever the ids look like."""
    return crc32(f"{kind.value}/{camera}".encode()) / 2**32
