"""What may be asked at once of recorders, switches and thin links. Monotonic seconds in; no clock of its own."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cammon.metrics import LimitUse
from cammon.sitefiles.model import LedgerCamera, Limit, Limits
from cammon_probes.model import Fault, ProbeKind, Reading

SMALL_MBIT_S = {ProbeKind.LIVENESS: 0.1, ProbeKind.DEVICE: 0.5}
"""What a look without a picture moves in a second, generously: a description is 4 kB, device facts 40 kB."""
LINGER_S = 1.0
"""A look's share of a rate is given back so long after its end: what it moved counts in the second that it ended in."""
REFUSALS = frozenset({Fault.SESSION_LIMIT})
HIDDEN_REFUSALS = frozenset({Fault.FORBIDDEN, Fault.DEVICE_ERROR})
"""Some recorders answer 403 or 500 where they mean 453."""
RELAX_S = 300.0
"""After so long without a refusal one session more is tried."""

Thing = tuple[str, str]
"""(kind, id) of something that several cameras are reached through."""


@dataclass(slots=True)
class _State:
    """What a thing is asked for now, and how often at once it has been found to bear it."""

    limit: Limit
    sessions: int = 0
    mbit_s: float = 0.0
    learnt: int | None = None
    """sessions that it bore when it last refused one; None: it has not refused any lately"""
    relax_at_s: float = 0.0
    blocked: bool = False
    """a look before the present one waits for it: nobody overtakes"""

    @property
    def allowed(self) -> int | None:
        known = [one for one in (self.limit.sessions, self.learnt) if one is not None]
        return min(known) if known else None

    def bears(self, mbit_s: float) -> bool:
        """Whether one look more fits. A look that alone exceeds the rate may be made while nothing else is."""
        if self.allowed is not None and self.sessions >= self.allowed:
            return False
        rate = self.limit.mbit_s
        return rate is None or self.mbit_s < 1e-6 or self.mbit_s + mbit_s <= rate + 1e-9


@dataclass(slots=True)
class _Share:
    """What one look holds: of which things, and at which rate."""

    things: tuple[Thing, ...]
    mbit_s: float
    sessions_then: Mapping[Thing, int] = field(default_factory=dict)


class Budgets:
    """Shares out sessions and megabits per second. Not thread safe: whoever asks holds the schedule's lock.

    Looks are offered most overdue first (`begin_round`, then `take` for each). One that does not fit bars its things
    to all that come after it in the round, so that nothing starves: not a wide stream behind narrow ones, not the last
    channel of a recorder.
    """

    def __init__(self, cameras: Iterable[LedgerCamera], limits: Limits, streams: Mapping[str, str]) -> None:
        self._limits = limits
        self._things = {camera.id: _things_of(camera) for camera in cameras}
        self._streams = streams
        self._measured: dict[str, float] = {}
        self._states: dict[Thing, _State] = defaultdict(lambda: _State(Limit()))
        self._states.update({thing: _State(limit) for thing, limit in limits.of.items()})
        self._shares: dict[str, _Share] = {}
        self._lingering: list[tuple[float, Thing, float]] = []

    def begin_round(self, now_s: float) -> None:
        """Give back what has lingered long enough, and let everybody ask again."""
        keep = []
        for until_s, thing, mbit_s in self._lingering:
            if until_s > now_s:
                keep.append((until_s, thing, mbit_s))
            else:
                self._less(thing, mbit_s)
        self._lingering = keep
        for state in self._states.values():
            state.blocked = False
            if state.learnt is not None and now_s >= state.relax_at_s:
                state.relax_at_s = now_s + RELAX_S
                limit = state.limit.sessions
                state.learnt = None if limit is not None and state.learnt + 1 >= limit else state.learnt + 1

    def take(self, camera: str, kind: ProbeKind) -> bool:
        """Whether this look may begin; when it may, its share is held until `give_back`."""
        things = self._things.get(camera, ())
        if not things:
            return True
        mbit_s = self.rate_of(camera, kind)
        states = [self._states[thing] for thing in things]
        if any(state.blocked or not state.bears(mbit_s) for state in states):
            for state in states:
                state.blocked = True
            return False
        for state in states:
            state.sessions += 1
            state.mbit_s += mbit_s
        self._shares[camera] = _Share(things, mbit_s, {thing: self._states[thing].sessions for thing in things})
        return True

    def give_back(self, camera: str, now_s: float, reading: Reading | None = None) -> None:
        """A look is over. What it found of the recorder's patience, and what its stream sent, is learnt."""
        share = self._shares.pop(camera, None)
        if share is None:
            return
        for thing in share.things:
            self._states[thing].sessions -= 1
            if self._states[thing].limit.mbit_s is None:
                self._less(thing, share.mbit_s)
            else:
                self._lingering.append((now_s + LINGER_S, thing, share.mbit_s))
        if reading is not None:
            self._learn(camera, share, reading, now_s)

    def rate_of(self, camera: str, kind: ProbeKind) -> float:
        """Mbit/s that a look is reserved: of a picture the most that its stream was seen to send, or is said to."""
        if kind is not ProbeKind.PICTURE:
            return SMALL_MBIT_S[kind]
        stated = self._limits.main_mbit_s if self._streams.get(camera) == "main" else self._limits.sub_mbit_s
        return max(stated, self._measured.get(camera, 0.0))

    def used(self, waits_s: Mapping[str, float]) -> tuple[LimitUse, ...]:
        """Every limited thing; `waits_s` are the cameras whose looks were not admitted, and for how long."""
        waiting: dict[Thing, float] = defaultdict(float)
        for camera, wait_s in waits_s.items():
            for thing in self._things.get(camera, ()):
                waiting[thing] = max(waiting[thing], wait_s)
        return tuple(
            LimitUse(*thing, state.sessions, state.allowed, max(0.0, state.mbit_s), state.limit.mbit_s, waiting[thing])
            for thing, state in sorted(self._states.items())
            if state.allowed is not None or state.limit.mbit_s is not None
        )

    def _less(self, thing: Thing, mbit_s: float) -> None:
        state = self._states[thing]
        state.mbit_s = max(0.0, state.mbit_s - mbit_s)

    def _learn(self, camera: str, share: _Share, reading: Reading, now_s: float) -> None:
        sent = reading.evidence.get("received_bytes")
        if reading.kind is ProbeKind.PICTURE and reading.stream is not None and isinstance(sent, int):
            # The most in one second: a look that lasted for more was silent in the rest of it at worst.
            seconds = max(1.0, reading.took_ms / 1000.0 - 1.0)
            self._measured[camera] = max(self._measured.get(camera, 0.0), sent * 8 / 1e6 / seconds)
        for thing, then in share.sessions_then.items():
            crowded = reading.fault in HIDDEN_REFUSALS and then > 1
            if thing[0] == "recorder" and (reading.fault in REFUSALS or crowded):
                state = self._states[thing]
                state.learnt = max(1, min(then - 1, state.allowed or then))
                state.relax_at_s = now_s + RELAX_S


def _things_of(camera: LedgerCamera) -> tuple[Thing, ...]:
    """What a camera is reached through."""
    named = {"recorder": camera.recorder, "switch": camera.switch, "link": camera.link}
    return tuple((kind, name) for kind, name in named.items() if name)
