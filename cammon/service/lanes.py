"""Threads that make the looks. Cameras that do not answer have a lane of their own, so that healthy ones never queue
behind them."""

import logging
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from queue import Empty, SimpleQueue
from threading import Thread

log = logging.getLogger(__name__)


class Lane(StrEnum):
    """Who waits for whom."""

    QUICK = "quick"
    """liveness and device looks at cameras that answered last time"""
    PICTURE = "picture"
    """pictures of cameras that answered last time: they cost CPU"""
    PATIENT = "patient"
    """anything at cameras that did not answer last time: they cost waiting"""


THREADS = {Lane.QUICK: 8, Lane.PICTURE: 4, Lane.PATIENT: 16}


class Lanes:
    """A queue and a few threads for each lane.

    The threads are daemons: a look that hangs in a camera must not hold up the end of the program. Whoever hands in
    work sees to it that it records its own result.
    """

    def __init__(self) -> None:
        self._queues: dict[Lane, SimpleQueue[Callable[[], None] | None]] = {lane: SimpleQueue() for lane in Lane}
        for lane, count in THREADS.items():
            for number in range(count):
                Thread(target=self._work, args=(lane,), name=f"{lane.value}-{number}", daemon=True).start()

    def put(self, lane: Lane, work: Callable[[], None]) -> None:
        """Have this done by the lane's next free thread."""
        self._queues[lane].put(work)

    def waiting(self, lane: Lane) -> int:
        """How much of the lane's work nobody has begun."""
        return self._queues[lane].qsize()

    def close(self) -> None:
        """Let the threads end when they have done what they are at; what waits is dropped."""
        for lane, queue in self._queues.items():
            with suppress(Empty):
                while True:
                    queue.get_nowait()
            for _ in range(THREADS[lane]):
                queue.put(None)

    def _work(self, lane: Lane) -> None:
        while (work := self._queues[lane].get()) is not None:
            try:
                work()
            except Exception:  # the worker loop: one look that breaks must not end the lane
                log.exception("a look broke in the %s lane", lane.value)
