"""Long work shared among processes, with word of how far it is."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from itertools import pairwise, zip_longest
from multiprocessing import get_context
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Progress = Callable[[int, int], None]

FEW = 24
"""Less than so much is done sooner than another process has started."""

AT_A_TIME = 4

_work: list[Callable[[Any], Any]] = []
"""What a worker process was started for."""


def shared(
    work: Callable[[Item], Result], items: Sequence[Item], workers: int, progress: Progress | None = None
) -> list[Result]:
    """`work` of every item, in order. `progress(done, of)` is called as results come.

    Each worker gets one run of neighbouring items, so that what it keeps of one serves the next. Workers are started
    anew: `work` travels to them, and the calling program must be one that can be imported.
    """
    found: dict[int, Result] = {}
    for number, result in arriving(work, items, workers):
        found[number] = result
        if progress is not None:
            progress(len(found), len(items))
    return [found[number] for number in range(len(items))]


def arriving(work: Callable[[Item], Result], items: Sequence[Item], workers: int) -> Iterator[tuple[int, Result]]:
    """The number and the result of every item as they come; otherwise as `shared`."""
    alone = workers <= 1 or len(items) < FEW
    return enumerate(map(work, items)) if alone else _from_workers(work, items, workers)


def _from_workers(work: Callable[[Item], Result], items: Sequence[Item], workers: int) -> Iterator[tuple[int, Result]]:
    """Numbers and results, the runs of the workers in turn."""
    bounds = [len(items) * number // workers for number in range(workers + 1)]
    with ExitStack() as open_pools:
        runs = []
        for first, last in pairwise(bounds):
            pool = ProcessPoolExecutor(1, get_context("spawn"), _begin, (work,))
            open_pools.enter_context(pool)
            runs.append(enumerate(pool.map(_one, items[first:last], chunksize=AT_A_TIME), start=first))
        for row in zip_longest(*runs):
            yield from (one for one in row if one is not None)


def _begin(work: Callable[[Any], Any]) -> None:
    _work[:] = [work]


def _one(item: Any) -> Any:
    return _work[0](item)
