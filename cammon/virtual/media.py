"""Encoded pictures of cameras for those who watch, and only while somebody watches."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import cv2

from cammon.clock import Clock
from cammon.virtual.h264 import AccessUnit, Encoder, ParameterSets
from cammon.virtual.model import CameraSpec, FleetOptions, PictureSource, StreamSpec
from cammon.virtual.moment import Moment, Moments
from cammon_probes.model import Frame

log = logging.getLogger(__name__)
JPEG_QUALITY = 85
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class TimedUnit:
    """An encoded picture and when it was taken, on the monotonic clock."""

    unit: AccessUnit
    at_s: float


class Media(Protocol):
    """Where the servers get encoded pictures from."""

    async def parameter_sets(self, stream: StreamSpec) -> ParameterSets:
        """What DESCRIBE tells of a stream; encodes nothing."""

    def watch(self, camera: CameraSpec, stream: StreamSpec) -> AsyncGenerator[TimedUnit, None]:
        """Pictures from now on, the first one a key picture of a fresh moment. Close the iterator to stop."""

    async def snapshot(self, camera: CameraSpec) -> bytes:
        """One picture of the main stream's size as JPEG."""

    async def close(self) -> None:
        """End everything that runs."""


class Workshop:
    """Runs what takes processor time in the fleet's threads, and keeps parameter sets, one of each size and rate."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._begun: set[asyncio.Task[Any]] = set()
        self._sets: dict[tuple[int, int, float], asyncio.Task[ParameterSets]] = {}

    async def run(self, work: Callable[[], _T]) -> _T:
        """Call `work` in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    def begin(self, work: Callable[[], _T]) -> asyncio.Task[_T]:
        """The same for several who wait for it, or for nobody any more; it ends with the workshop at the latest."""
        task = asyncio.create_task(self.run(work))
        self._begun.add(task)
        task.add_done_callback(self._begun.discard)
        return task

    async def close(self) -> None:
        """Begin nothing more and wait for nothing: a thread that is at work ends by itself, and nobody hears of it."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        begun = list(self._begun)
        for task in begun:
            task.cancel()
        await asyncio.gather(*begun, return_exceptions=True)

    async def parameter_sets(self, stream: StreamSpec) -> ParameterSets:
        """SPS and PPS of a stream; two that ask at once share one encoder's opening."""
        key = (stream.width_px, stream.height_px, stream.rate_fps)
        if key not in self._sets:
            self._sets[key] = self.begin(lambda: Encoder(stream).parameter_sets)
        return await asyncio.shield(self._sets[key])


class LiveMedia:
    """Renders and encodes while somebody watches. Those who watch the same stream share one encoder."""

    def __init__(
        self, source: PictureSource, moments: Moments, workshop: Workshop, clock: Clock, options: FleetOptions
    ) -> None:
        self.source = source
        self.moments = moments
        self.workshop = workshop
        self.clock = clock
        self.options = options
        self._pumps: dict[tuple[str, str], _Pump] = {}

    async def parameter_sets(self, stream: StreamSpec) -> ParameterSets:
        """What DESCRIBE tells of a stream."""
        return await self.workshop.parameter_sets(stream)

    async def watch(self, camera: CameraSpec, stream: StreamSpec) -> AsyncGenerator[TimedUnit, None]:
        """Pictures from now on; joins the pump of this stream, or starts it."""
        key = (camera.id, stream.path)
        pump = self._pumps.get(key)
        if pump is None or pump.ended:
            pump = self._pumps[key] = _Pump(self, camera, stream)
        viewer = pump.join()
        try:
            while (timed := await viewer.get()) is not None:
                yield timed
        finally:
            pump.leave(viewer)
            if pump.ended and self._pumps.get(key) is pump:
                del self._pumps[key]

    async def snapshot(self, camera: CameraSpec) -> bytes:
        """One picture of the main stream's size as JPEG."""
        moment = self.moments.next(camera.id)
        return await self.workshop.run(lambda: jpeg(self.source, moment, camera.id, camera.main))

    async def close(self) -> None:
        """End the pumps."""
        for pump in list(self._pumps.values()):
            await pump.stop()


def jpeg(source: PictureSource, moment: Moment, camera: str, stream: StreamSpec) -> bytes:
    """A moment as JPEG, in a stream's size."""
    picture = moment.picture(source, camera, stream.width_px, stream.height_px)
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()


class _Pump:
    """Makes the pictures of one stream while it has viewers, and hands them out. It ends itself with the last one."""

    def __init__(self, media: LiveMedia, camera: CameraSpec, stream: StreamSpec) -> None:
        self._media = media
        self._camera = camera
        self._stream = stream
        self.ended = False
        self._viewers: set[asyncio.Queue[TimedUnit | None]] = set()
        self._waiting: set[asyncio.Queue[TimedUnit | None]] = set()
        self._joined = asyncio.Event()
        self._encoder: Encoder | None = None
        self._key_s = 0.0
        self._held: tuple[Moment, AccessUnit] | None = None
        self._task = asyncio.create_task(self._run())

    def join(self) -> asyncio.Queue[TimedUnit | None]:
        """A viewer's queue. Its first picture is a key picture, made at once."""
        viewer: asyncio.Queue[TimedUnit | None] = asyncio.Queue()
        self._waiting.add(viewer)
        self._joined.set()
        return viewer

    def leave(self, viewer: asyncio.Queue[TimedUnit | None]) -> None:
        """End a viewer; the pump ends with its last one."""
        self._viewers.discard(viewer)
        self._waiting.discard(viewer)
        if not self._viewers and not self._waiting:
            self.ended = True
            self._task.cancel()

    async def stop(self) -> None:
        """End at once; viewers see the end of their stream."""
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while True:
                self._joined.clear()
                joined = set(self._waiting)
                # A decoder shows a picture when the next one begins, so that one follows at the rate declared.
                rate_fps = self._stream.rate_fps if joined else self._media.options.send_fps
                due = loop.time() + 1 / rate_fps
                self._hand_out(await self._next(key=bool(joined)), joined)
                await self._until(due)
        except Exception:
            log.exception("no more pictures of camera %s", self._camera.id)
        finally:
            self.ended = True
            self._encoder = None
            for viewer in self._viewers | self._waiting:
                viewer.put_nowait(None)

    async def _next(self, *, key: bool) -> TimedUnit:
        moment, at_s = self._media.moments.next(self._camera.id), self._media.clock.monotonic()
        if key or at_s - self._key_s >= self._media.options.gop_s:
            key, self._key_s = True, at_s
        return TimedUnit(await self._media.workshop.run(lambda: self._make(moment, key=key)), at_s)

    def _hand_out(self, timed: TimedUnit, joined: set[asyncio.Queue[TimedUnit | None]]) -> None:
        self._viewers |= joined & self._waiting
        self._waiting -= joined
        for viewer in self._viewers:
            viewer.put_nowait(timed)

    async def _until(self, due: float) -> None:
        """Wait for the next picture's time, or until a new viewer wants one now."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(due):
                await self._joined.wait()

    def _make(self, moment: Moment, *, key: bool) -> AccessUnit:
        if moment.frozen:
            return self._frozen(moment)
        thawed, self._held = self._held is not None, None
        encoder = self._encoder or Encoder(self._stream)
        # Tens of megabytes: not to be kept alive by a pump that ended meanwhile.
        self._encoder = None if self.ended else encoder
        return encoder.encode(self._picture(moment), key=key or thawed)

    def _frozen(self, moment: Moment) -> AccessUnit:
        """The same encoded picture over and over, the same for whoever asks: a fresh encoder has no past."""
        if self._held is None or self._held[0] is not moment:
            self._held = (moment, Encoder(self._stream).encode(self._picture(moment), key=True))
        return self._held[1]

    def _picture(self, moment: Moment) -> Frame:
        return moment.picture(self._media.source, self._camera.id, self._stream.width_px, self._stream.height_px)
