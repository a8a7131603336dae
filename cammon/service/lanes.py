"""Threads that make the looks. Cameras that do not answer have a lane of their own, so that healthy ones never queue
behind them."""

import logging
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from queue import Empty, SimpleQueue
from threading import Lock, Thread

log = logging.getLogger(__name__)


class Lane(StrEnum):
    """Who waits for whom."""

    QUICK = "quick"
    """liveness and device looks at cameras that answered last time"""
    PICTURE = "picture"
    """pictures of cameras that answered last time: they cost CPU"""
    PATIENT = "patient"
    """anything at cameras that did not answer last time: they cost waiting"""


THREADS = {Lane.QUICK: 24, Lane.PICTURE: 4, Lane.PATIENT: 8}
MOST_THREADS = {Lane.QUICK: 192, Lane.PICTURE: 24, Lane.PATIENT: 512}
"""However many cameras keep a lane waiting. The patient look at 5,000 dead cameras in 100 s, each for 10 s."""
STARVED_S = 0.75
"""When `balance` comes so late the machine is the bottleneck: more threads would make it worse."""
STUCK_S = 0.5
"""A look that has lasted so long waits for a camera: its thread costs nothing, and another takes its place."""
IDLE_S = 20.0
"""A thread that took the place of a waiting one goes when it had nothing to do for so long."""

Work = Callable[[], None]


class Lanes:
    """A queue and a few threads for each lane, more of them while cameras keep some waiting.

    A switch that dies takes a hundred cameras with it that all answered last time: each of them holds a thread for its
    whole deadline, and the healthy ones must not stand behind them.

    The threads are daemons: a look that hangs in a camera must not hold up the end of the program. Whoever hands in
    work sees to it that it records its own result.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._balanced_s = monotonic()
        self._lanes = {lane: _LaneOf(lane, monotonic) for lane in Lane}

    def put(self, lane: Lane, work: Work) -> None:
        """Have this done by the lane's next free thread."""
        self._lanes[lane].put(work)

    def waiting(self, lane: Lane) -> int:
        """How much of the lane's work nobody has begun."""
        return self._lanes[lane].waiting()

    def threads(self, lane: Lane) -> int:
        """How many threads the lane has now."""
        return self._lanes[lane].threads()

    def balance(self) -> None:
        """Give each lane a thread for each one that is stuck; to be called several times a second."""
        since_s, self._balanced_s = self._balanced_s, self._monotonic()
        if self._balanced_s - since_s > STARVED_S:
            return
        for lane in self._lanes.values():
            lane.balance()

    def close(self) -> None:
        """Let the threads end when they have done what they are at; what waits is dropped."""
        for lane in self._lanes.values():
            lane.close()


class _LaneOf:
    """One lane."""

    def __init__(self, lane: Lane, monotonic: Callable[[], float]) -> None:
        self._lane = lane
        self._monotonic = monotonic
        self._queue: SimpleQueue[Work | None] = SimpleQueue()
        self._lock = Lock()
        self._begun_s: dict[int, float | None] = {}
        self._number = 0
        self._closed = False
        for _ in range(THREADS[lane]):
            self._add()

    def put(self, work: Work) -> None:
        self._queue.put(work)

    def waiting(self) -> int:
        return self._queue.qsize()

    def threads(self) -> int:
        with self._lock:
            return len(self._begun_s)

    def balance(self) -> None:
        with self._lock:
            missing = min(self._queue.qsize(), self._wanted() - len(self._begun_s))
        for _ in range(missing):
            self._add()

    def close(self) -> None:
        with suppress(Empty):
            while True:
                self._queue.get_nowait()
        with self._lock:
            self._closed = True
            for _ in self._begun_s:
                self._queue.put(None)

    def _wanted(self) -> int:
        now_s = self._monotonic()
        stuck = sum(begun_s is not None and now_s - begun_s > STUCK_S for begun_s in self._begun_s.values())
        return min(MOST_THREADS[self._lane], THREADS[self._lane] + stuck)

    def _add(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._number += 1
            number, spare = self._number, len(self._begun_s) >= THREADS[self._lane]
            self._begun_s[number] = None
        name = f"{self._lane.value}-{number}"
        Thread(target=self._run, args=(number, spare), name=name, daemon=True).start()

    def _run(self, number: int, spare: bool) -> None:
        while (work := self._next(spare)) is not None:
            self._begun_s[number] = self._monotonic()
            try:
                work()
            except Exception:  # the worker loop: one look that breaks must not end the lane
                log.exception("a look broke in the %s lane", self._lane.value)
            self._begun_s[number] = None
        with self._lock:
            del self._begun_s[number]

    def _next(self, spare: bool) -> Work | None:
        try:
            return self._queue.get(timeout=IDLE_S if spare else None)
        except Empty:
            return None
