"""Pictures from memory: a few seconds of film per size and fault, encoded once and shared by thousands of cameras."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import replace
from itertools import chain, repeat
from typing import Generic, TypeVar

from cammon.clock import Clock
from cammon.virtual.h264 import AccessUnit, Encoder, ParameterSets
from cammon.virtual.media import TimedUnit, Workshop, jpeg
from cammon.virtual.model import CameraSpec, FleetOptions, PictureSource, StreamSpec
from cammon.virtual.moment import Moment, Moments

SCENES = 8
PICTURES_A_SCENE = 5
MAX_KEPT = 32

Film = tuple[tuple[AccessUnit, ...], ...]
"""Scenes that differ in every picture; each begins with a key picture."""

_T = TypeVar("_T")


class MemoryMedia:
    """Plays the same film to everybody; each look at a camera begins one scene further than its last.

    So two looks in a row differ, as they must where nothing is frozen; the ninth equals the first. All cameras of one
    size show the same: the picture source is asked for a camera called "memory".
    """

    def __init__(
        self, source: PictureSource, moments: Moments, workshop: Workshop, clock: Clock, options: FleetOptions
    ) -> None:
        self._source = source
        self._moments = moments
        self._workshop = workshop
        self._clock = clock
        self._options = options
        self._films: _Shelf[Film] = _Shelf(workshop)
        self._jpegs: _Shelf[bytes] = _Shelf(workshop)
        self._looks: dict[str, int] = {}

    async def parameter_sets(self, stream: StreamSpec) -> ParameterSets:
        """What DESCRIBE tells of a stream."""
        return await self._workshop.parameter_sets(stream)

    async def watch(self, camera: CameraSpec, stream: StreamSpec) -> AsyncGenerator[TimedUnit, None]:
        """The film of this stream's size and faults, from this camera's next scene on."""
        gap_s = 1 / stream.rate_fps
        while True:
            moment = self._moments.next(camera.id)
            look = _look_of(moment)
            key = (stream.width_px, stream.height_px, stream.rate_fps, look)
            film = await self._films.get(key, lambda m=moment: shoot(self._source, stream, m))  # type: ignore[misc]
            for unit in _reel(film, self._scene(camera.id, moment), frozen=moment.frozen):
                yield TimedUnit(unit, self._clock.monotonic())
                # As in a live stream, the second picture follows soon, because a decoder waits for it.
                await asyncio.sleep(gap_s)
                gap_s = 1 / self._options.send_fps
                if _look_of(self._moments.next(camera.id)) != look:
                    break

    async def snapshot(self, camera: CameraSpec) -> bytes:
        """A picture of the main stream's size as JPEG, one of a few."""
        moment = self._moments.next(camera.id)
        seeded = replace(moment, seed=self._scene(camera.id, moment))
        key = (camera.main.width_px, camera.main.height_px, seeded.seed, _look_of(moment))
        return await self._jpegs.get(key, lambda: jpeg(self._source, seeded, _NAME, camera.main))

    async def close(self) -> None:
        """Nothing runs by itself here."""

    def _scene(self, camera: str, moment: Moment) -> int:
        if not moment.frozen:
            self._looks[camera] = self._looks.get(camera, -1) + 1
        return self._looks.get(camera, 0) % SCENES


_NAME = "memory"


class _Shelf(Generic[_T]):
    """Keeps what was made, the least used making room; two that ask at once wait for one making."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._kept: OrderedDict[tuple[object, ...], asyncio.Task[_T]] = OrderedDict()

    async def get(self, key: tuple[object, ...], make: Callable[[], _T]) -> _T:
        """What lies under this key, made in a thread when it is not there."""
        if key not in self._kept:
            self._kept[key] = self._workshop.begin(make)
        self._kept.move_to_end(key)
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return await asyncio.shield(self._kept[key])


def shoot(source: PictureSource, stream: StreamSpec, moment: Moment) -> Film:
    """Encode a film of this size under this light and these faults."""
    encoder = Encoder(stream)
    scenes = []
    for scene in range(SCENES):
        takes = [_take(moment, scene * PICTURES_A_SCENE + place) for place in range(PICTURES_A_SCENE)]
        pictures = [take.picture(source, _NAME, stream.width_px, stream.height_px) for take in takes]
        scenes.append(tuple(encoder.encode(picture, key=place == 0) for place, picture in enumerate(pictures)))
    return tuple(scenes)


def _take(moment: Moment, number: int) -> Moment:
    return replace(moment, elapsed_s=float(number), seed=number)


def _look_of(moment: Moment) -> tuple[object, ...]:
    """What a film depends on, apart from its size."""
    faults = tuple((name, *sorted(params.items())) for name, params in sorted(moment.faults.items()))
    return (moment.period, faults, moment.frozen)


def _reel(film: Film, first: int, *, frozen: bool) -> Iterator[AccessUnit]:
    """The film for ever from a scene on, or its key picture again and again."""
    if frozen:
        return repeat(film[first][0])
    order = film[first:] + film[:first]
    return chain.from_iterable(chain.from_iterable(order) for _ in repeat(None))
