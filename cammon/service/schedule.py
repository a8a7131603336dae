"""When each camera is looked at next. Monotonic seconds in, due looks out; no clock and no threads of its own."""

import heapq
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

from cammon.health import Health, Track, hurries
from cammon.sitefiles.model import Probing
from cammon_probes.model import DEVICE_FAULTS, ProbeKind

FIRST_LOOK_WITHIN_S = 15.0
"""After a start every camera of a small site is looked at within this time, however long its intervals are."""
FIRST_LOOKS_A_SECOND = {ProbeKind.LIVENESS: 100.0, ProbeKind.PICTURE: 8.0, ProbeKind.DEVICE: 10.0}
"""A large site's first looks come no faster: the start must not be the hour of the greatest load."""
FIRST_OF_A_HOST_S = 2.0
"""Between the first pictures of two channels of one host, and between their first device looks."""
SUSPECT_SPEED = 3.0
"""A suspect camera is looked at this many times as often."""
CATCH_UP = 0.25
"""A look that has left its place in the spread is made earlier by this share of its interval at most."""
EARLY = 0.01
"""A look that was this share of its interval before its place comes that much later next time."""
BREATH_S = 1.0
"""Between two looks of a kind at a camera that does not answer."""
SPARE_S = 10.0
"""What may lie between the time for a look at a dead camera and its beginning, beside one other look at that camera: a
tick, the recorder's round, a queue for threads."""

_Item = tuple[float, str, ProbeKind]
"""(considered from, camera, kind)"""
Admit = Callable[[str, ProbeKind], bool]
"""Whether a look may begin now; what it answers with True has begun."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the schedule knows of one camera: its cadence, and which kinds of look it allows."""

    camera: str
    probing: Probing
    kinds: frozenset[ProbeKind]
    channels: int = 1
    """cameras that answer at its host: first pictures of a recorder's channels come one after the other"""


@dataclass(frozen=True, slots=True)
class Due:
    """A look to be made now. `due_s`: since when it is due; `begun_s`: when it was handed out.

    `excused`: it waited for its camera, a limit or a login, and is not late by our fault.
    """

    camera: str
    kind: ProbeKind
    due_s: float
    begun_s: float
    excused: bool = False

    @property
    def late_s(self) -> float:
        """How long it had been due when it was handed out."""
        return self.begun_s - self.due_s


@dataclass(frozen=True, slots=True)
class _Entry:
    """A look to come: considered from `at_s` on, due since `due_s` (earlier when it was put off)."""

    at_s: float
    due_s: float


class Schedule:
    """Due times of all looks, spread evenly over their intervals; never two looks at one camera at once.

    A suspect camera comes sooner; one that does not answer comes later and later, within its `dead_max_s`, and
    its pictures wait until it answers again. Looks that may not begin yet wait in the order in which they were due.
    """

    def __init__(self, plans: Iterable[Plan], now_s: float) -> None:
        self._plans = {plan.camera: plan for plan in plans}
        self._start_s = now_s
        self._busy: set[str] = set()
        self._held: set[tuple[str, ProbeKind]] = set()
        self._excused: set[tuple[str, ProbeKind]] = set()
        self._entries: dict[tuple[str, ProbeKind], _Entry] = {}
        self._heap: list[_Item] = []
        self._places: dict[tuple[str, ProbeKind], float] = {}
        for kind in ProbeKind:
            self._places_of(kind, [plan for plan in self._plans.values() if kind in plan.kinds])

    def _places_of(self, kind: ProbeKind, plans: Sequence[Plan]) -> None:
        """The place of each camera in the spread of this kind of look, and its first look."""
        for camera, place in _spread(kind, [plan.camera for plan in plans]).items():
            self._places[camera, kind] = place
            plan = self._plans[camera]
            within_s = max(FIRST_LOOK_WITHIN_S, len(plans) / FIRST_LOOKS_A_SECOND[kind])
            if kind is not ProbeKind.LIVENESS and plan.channels > 1:
                within_s = max(within_s, plan.channels * FIRST_OF_A_HOST_S)
            regular_s = interval_s(plan.probing, kind)
            self._put(camera, kind, self._start_s + place * min(regular_s, within_s))

    def due(self, now_s: float, admit: Admit = lambda _camera, _kind: True) -> list[Due]:
        """The looks that are due and may begin, most overdue first. Their cameras are busy until `finished`."""
        found: list[Due] = []
        waiting: list[_Item] = []
        self._held.clear()
        ready: list[tuple[float, _Item]] = []
        while self._heap and self._heap[0][0] <= now_s:
            item = heapq.heappop(self._heap)
            entry = self._entries.get(item[1:])
            if entry is not None and entry.at_s == item[0]:  # else it was put elsewhere meanwhile
                ready.append((entry.due_s, item))
        for due_s, item in _in_turn(ready):
            _, camera, kind = item
            if camera in self._busy:
                waiting.append(item)
            elif not admit(camera, kind):
                self._held.add((camera, kind))
                waiting.append(item)
            else:
                self._busy.add(camera)
                del self._entries[camera, kind]
                found.append(Due(camera, kind, due_s, now_s, (camera, kind) in self._excused))
                self._excused.discard((camera, kind))
        self._excused.update((camera, kind) for _, camera, kind in waiting)
        for item in waiting:
            heapq.heappush(self._heap, item)
        return found

    def finished(self, look: Due, health: Health, now_s: float) -> None:
        """A look has ended: the camera is free, and its next looks follow from its health."""
        self._busy.discard(look.camera)
        plan = self._plans[look.camera]
        wait = wait_s(plan.probing, look.kind, health)
        regular_s = interval_s(plan.probing, look.kind)
        if look.kind is ProbeKind.PICTURE and ProbeKind.LIVENESS in plan.kinds and _lost(health):
            self._put(look.camera, look.kind, math.inf)
        elif look.kind is not ProbeKind.DEVICE and _lost(health):
            # From beginning to beginning: a look that waited for its whole deadline must not come on top.
            self._put(look.camera, look.kind, max(look.begun_s + wait, now_s + BREATH_S))
        elif wait == regular_s:
            self._put(look.camera, look.kind, self._in_place(look, now_s, regular_s))
        else:
            self._put(look.camera, look.kind, now_s + wait)
        if look.kind is ProbeKind.LIVENESS and not _lost(health):
            self._resume_pictures(look.camera, health, now_s)

    def _resume_pictures(self, camera: str, health: Health, now_s: float) -> None:
        """A camera that was lost and is found again: a picture then tells whether all is well."""
        parked = self._entries.get((camera, ProbeKind.PICTURE))
        if _answers_again(health) or (parked is not None and parked.at_s == math.inf):
            self.sooner(camera, ProbeKind.PICTURE, now_s)

    def _in_place(self, look: Due, now_s: float, regular_s: float) -> float:
        """The next look an interval from now, drawn towards its place in the spread."""
        place_s = self._start_s + self._places[look.camera, look.kind] * regular_s
        behind_s = (now_s + regular_s - place_s) % regular_s
        if behind_s > regular_s * (1.0 - EARLY):
            behind_s -= regular_s
        return now_s + regular_s - min(behind_s, CATCH_UP * regular_s)

    def sooner(self, camera: str, kind: ProbeKind, at_s: float) -> None:
        """This look is due at `at_s` already, unless it is under way, due before, or not made at this camera."""
        entry = self._entries.get((camera, kind))
        if entry is not None and entry.at_s > at_s:
            self._put(camera, kind, at_s)

    def put_off(self, look: Due, at_s: float, *, excused: bool = True) -> None:
        """The look could not be made now: the camera is free, and the look comes again at `at_s`, due as before."""
        self._busy.discard(look.camera)
        if excused:
            self._excused.add((look.camera, look.kind))
        self._put(look.camera, look.kind, at_s, look.due_s)

    def late_s(self, now_s: float) -> float:
        """How long the most overdue look has been waiting without a reason.

        Looks of a busy camera, that were not admitted or were put off, wait by intent.
        """
        waiting = [
            entry.due_s
            for (camera, kind), entry in self._entries.items()
            if entry.at_s <= now_s and camera not in self._busy and (camera, kind) not in self._excused
        ]
        return max(0.0, now_s - min(waiting)) if waiting else 0.0

    def held(self, now_s: float) -> Mapping[str, float]:
        """Cameras whose looks were not admitted, and how long they have been due."""
        waits: dict[str, float] = {}
        for camera, kind in self._held:
            entry = self._entries.get((camera, kind))
            if entry is not None:
                waits[camera] = max(waits.get(camera, 0.0), now_s - entry.due_s)
        return waits

    def _put(self, camera: str, kind: ProbeKind, at_s: float, due_s: float | None = None) -> None:
        self._entries[camera, kind] = _Entry(at_s, at_s if due_s is None else due_s)
        if at_s != math.inf:
            heapq.heappush(self._heap, (at_s, camera, kind))


def interval_s(probing: Probing, kind: ProbeKind) -> float:
    """The regular interval of this kind of look."""
    return {
        ProbeKind.LIVENESS: probing.liveness_s,
        ProbeKind.PICTURE: probing.picture_s,
        ProbeKind.DEVICE: probing.device_s,
    }[kind]


def wait_s(probing: Probing, kind: ProbeKind, health: Health) -> float:
    """How long until the next look of this kind; at a camera that does not answer from beginning to beginning.

    A device look, which may hold the camera for its whole deadline, and all that a machine under load adds lie within
    `dead_max_s`.
    """
    regular_s = interval_s(probing, kind)
    if kind is ProbeKind.DEVICE:
        unsettled = any(_unsettled(health.tracks[one]) for one in DEVICE_FAULTS if one in health.tracks)
        return regular_s / SUSPECT_SPEED if unsettled else regular_s
    if _lost(health):
        longest_s = max(regular_s, probing.dead_max_s - probing.deadline_s - SPARE_S)
        doublings = max(0, health.tracks["reach"].bad_in_row - probing.confirm_after)
        return float(min(longest_s, regular_s * 2.0 ** min(doublings, 16)))
    if hurries(health, probing) or any(track.good_in_row for track in health.tracks.values()):
        return regular_s / SUSPECT_SPEED
    return regular_s


def _lost(health: Health) -> bool:
    """Whether the camera surely does not answer."""
    reach = health.tracks.get("reach")
    return reach is not None and reach.confirmed_at is not None and reach.good_in_row == 0


def _unsettled(track: Track) -> bool:
    """Whether the next look decides something: a suspicion to confirm, or a fault about to clear."""
    return track.confirmed_at is None or track.good_in_row > 0


def _answers_again(health: Health) -> bool:
    """Whether the camera was lost and the newest look found it."""
    reach = health.tracks.get("reach")
    return reach is not None and reach.good_in_row > 0


def _in_turn(ready: list[tuple[float, _Item]]) -> list[tuple[float, _Item]]:
    """(due since, item): most overdue first; of one camera's looks that which tells whether it answers at all."""
    lively = {camera: due_s for due_s, (_, camera, kind) in ready if kind is ProbeKind.LIVENESS}

    def turn(one: tuple[float, _Item]) -> tuple[float, bool, _Item]:
        due_s, (_, camera, kind) = one
        return max(due_s, lively.get(camera, due_s)), kind is not ProbeKind.LIVENESS, one[1]

    return sorted(ready, key=turn)


def _spread(kind: ProbeKind, cameras: Sequence[str]) -> dict[str, float]:
    """A place in [0, 1) for each: all equally far apart, in an order that does not follow the ids.

    Neighbours in the ledger hang on one switch or recorder: they must not be looked at one after the other.
    """
    shuffled = sorted(cameras, key=lambda camera: (crc32(f"{kind.value}/{camera}".encode()), camera))
    return {camera: rank / len(shuffled) for rank, camera in enumerate(shuffled)}
