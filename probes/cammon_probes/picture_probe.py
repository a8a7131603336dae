"""Picture: the first keyframe of a stream, or the snapshot of a camera without one to spare."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from . import decoders
from .decode import Decoded, decodable, pictures
from .failure import CameraFailed
from .formats import differences
from .liveness import has_stream, path_of
from .look import Look
from .media import Media
from .model import Deadline, Endpoint, Fault, Frame, ProbeKind, Reading, StreamFormat
from .rtp import Assembler, Unit
from .rtsp import RtspClient
from .sdp import Video
from .snapshot import snapshot

PictureSource = Literal["main", "sub", "snapshot"]
MOST_FRAMES = 8
"""Pictures of one look."""
MOST_UNDECODABLE = 100
"""Keyframes of which none can be decoded: thousands of them come in one read, and no other will be better."""
QUIET_S = 1.5
"""A stream that was silent for so long when the time was over has stalled; before that it was only slow."""


def picture(
    endpoint: Endpoint, at: datetime, deadline: Deadline, *, stream: PictureSource = "sub", frames: int = 1
) -> Reading:
    """`frames` pictures in a row. `Reading.frame` is the first (height x width x 3, BGR), `Reading.later` are the
    others, fewer where the stream ends before. Never raises for what a camera does.

    By RTSP over TCP, over UDP where the camera speaks no other; a camera without a stream, or one whose streams are to
    be left alone, is asked for the JPEG at its `snapshot_path` (always one picture).
    """
    look = Look(endpoint, ProbeKind.PICTURE, at, deadline)
    try:
        codec, taken = _taken(look, stream, min(frames, MOST_FRAMES))
    except CameraFailed as failed:
        return look.failed(failed)
    found = StreamFormat(codec, taken[0].shape[1], taken[0].shape[0])
    of_main = stream != "snapshot" and has_stream(endpoint) and path_of(endpoint, stream) == endpoint.rtsp_path
    differing = differences(found, endpoint.expected) if of_main else {}
    if differing:
        look.fails("format", CameraFailed(Fault.WRONG_FORMAT, **differing))
    fault = Fault.WRONG_FORMAT if differing else None
    return look.reading(fault=fault, stream=found, of_main=of_main, frame=taken[0], later=taken[1:])


def _taken(look: Look, stream: str, frames: int) -> tuple[str, tuple[Frame, ...]]:
    endpoint = look.endpoint
    if has_stream(endpoint) and stream != "snapshot":
        return _from_stream(look, path_of(endpoint, stream), frames)
    if endpoint.snapshot_path:
        return "mjpeg", (snapshot(look),)
    raise CameraFailed(Fault.NOT_FOUND, error="neither a stream nor a snapshot is configured")


def _from_stream(look: Look, path: str, frames: int) -> tuple[str, tuple[Frame, ...]]:
    client = RtspClient(look)
    try:
        video = client.describe(path)
        if not decodable(video.codec):
            with look.step("decode"):
                codec = video.codec or "unknown"
                raise CameraFailed(Fault.UNDECODABLE, codec=codec, error="a codec that is not decoded")
        decoders.SHARED.warm()
        media = client.play()
        with look.step("keyframe") as note:
            watch = _Watch(look, video, frames)
            taken = watch.first_pictures(media)
            height, width = taken[0].shape[:2]
            note.detail = f"{width}x{height} {video.codec}"
            return video.codec, taken
    finally:
        client.close()


class _Watch:
    """Waits for a keyframe on a playing stream and knows what came instead when none does."""

    def __init__(self, look: Look, video: Video, frames: int) -> None:
        self._look = look
        self._codec = video.codec
        self._clock_hz = video.clock_hz
        self._frames = frames
        self._assembler = Assembler(video.codec, video.parameter_sets, video.payload_type)
        self._undecodable = 0
        self._ended_by = Fault.STALLED

    @property
    def packets(self) -> int:
        """How many packets came."""
        return self._assembler.packets

    def first_pictures(self, media: Media) -> tuple[Frame, ...]:
        """The first whole picture, or the second damaged one that shows something, with those that follow it.

        Raises no_video, stalled, undecodable or timeout.
        """
        damaged: tuple[Decoded, ...] = ()
        for run in self._runs(media):
            decoded = pictures(self._codec, [unit.data for unit in run], self._look.deadline)
            if not decoded or not decoded[0].shown:
                self._undecodable += 1
                if self._undecodable >= MOST_UNDECODABLE:
                    break
                continue
            if not decoded[0].damaged:
                return self._frames_of(decoded, run)
            if damaged:
                break
            damaged = decoded
        if not damaged:
            raise self._verdict()
        # Packets lost on the way to the camera's encoder or recorder: a matter for the picture checks.
        self._look.evidence["damaged"] = 1
        return tuple(one.frame for one in damaged)

    def _frames_of(self, decoded: tuple[Decoded, ...], run: list[Unit]) -> tuple[Frame, ...]:
        if len(decoded) > 1:
            ticks = (run[len(decoded) - 1].timestamp - run[0].timestamp) & 0xFFFFFFFF
            self._look.evidence["frames_span_ms"] = round(1000 * ticks / (self._clock_hz or 90000))
        return tuple(one.frame for one in decoded)

    def _runs(self, media: Media) -> Iterator[list[Unit]]:
        """Pictures in a row that begin with a keyframe and lack none, as many as are wanted or as come."""
        run: list[Unit] = []
        lost = 0
        for unit in self._units(media):
            if self._assembler.dropped != lost:
                run, lost = [], self._assembler.dropped
            if run or unit.key:
                run.append(unit)
            if len(run) == self._frames:
                yield run
                run = []
        if run:
            yield run

    def _units(self, media: Media) -> Iterator[Unit]:
        """The coded pictures of the video until the stream ends, falls silent, or the time is over."""
        try:
            for data in media.packets():
                unit = self._assembler.take(data) if data else self._assembler.settled()
                if unit is not None:
                    yield unit
        except CameraFailed as failed:
            quiet = failed.fault is Fault.TIMEOUT and media.quiet_s() >= QUIET_S
            self._ended_by = Fault.STALLED if quiet or media.closed else failed.fault
        last = self._assembler.settled() if self._look.deadline.left_s() > 0 else None
        if last is not None:
            yield last

    def _verdict(self) -> CameraFailed:
        """What explains the missing picture best."""
        evidence = {"packets": self.packets, "undecodable_pictures": self._undecodable}
        if not self.packets:
            return CameraFailed(Fault.NO_VIDEO, error="PLAY was answered, no packet came", **evidence)
        if self._undecodable:
            return CameraFailed(Fault.UNDECODABLE, **evidence)
        return CameraFailed(self._ended_by, error="no keyframe came", **evidence)
