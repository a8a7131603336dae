"""Picture: the first keyframe of a stream, or the snapshot of a camera without one."""

from collections.abc import Iterator
from datetime import datetime

from .decode import Decoded, decodable, keyframe
from .failure import CameraFailed
from .formats import differences
from .interleaved import next_frame
from .liveness import StreamChoice, has_stream, path_of
from .look import Look
from .model import Deadline, Endpoint, Fault, Frame, ProbeKind, Reading, StreamFormat
from .rtp import Assembler, Packet, Unit, packet_of
from .rtsp import RtspClient
from .sdp import Video
from .snapshot import snapshot
from .wire import Wire

SILENCE_S = 5.0
"""A stream that sends nothing for so long is not waited for any longer."""
QUIET_S = 1.5
"""A stream that was silent for so long when the time was over has stalled; before that it was only slow."""


def picture(endpoint: Endpoint, at: datetime, deadline: Deadline, *, stream: StreamChoice = "sub") -> Reading:
    """One picture. `Reading.frame` is the frame (height x width x 3, BGR); never raises for what a camera does.

    By RTSP over TCP; a camera without a stream is asked for the JPEG at its `snapshot_path`.
    """
    look = Look(endpoint, ProbeKind.PICTURE, at, deadline)
    try:
        codec, frame = _taken(look, stream)
    except CameraFailed as failed:
        return look.failed(failed)
    found = StreamFormat(codec, frame.shape[1], frame.shape[0])
    main = has_stream(endpoint) and path_of(endpoint, stream) == endpoint.rtsp_path
    differing = differences(found, endpoint.expected) if main else {}
    look.evidence.update(differing)
    return look.reading(fault=Fault.WRONG_FORMAT if differing else None, stream=found, frame=frame)


def _taken(look: Look, stream: str) -> tuple[str, Frame]:
    endpoint = look.endpoint
    if has_stream(endpoint):
        return _from_stream(look, path_of(endpoint, stream))
    if endpoint.snapshot_path:
        return "mjpeg", snapshot(look)
    raise CameraFailed(Fault.NOT_FOUND, error="neither a stream nor a snapshot is configured")


def _from_stream(look: Look, path: str) -> tuple[str, Frame]:
    client = RtspClient(look)
    try:
        video = client.describe(path)
        if not decodable(video.codec):
            raise CameraFailed(Fault.UNDECODABLE, codec=video.codec or "unknown", error="a codec that is not decoded")
        wire = client.play()
        with look.step("keyframe") as note:
            watch = _Watch(look, video, client.channel)
            frame = watch.first_keyframe(wire, client.early)
            note.detail = f"{frame.shape[1]}x{frame.shape[0]} {video.codec}, {watch.packets} packets"
            return video.codec, frame
    finally:
        client.close()


class _Watch:
    """Waits for a keyframe on a playing stream and knows what came instead when none does."""

    def __init__(self, look: Look, video: Video, channel: int) -> None:
        self._look = look
        self._codec = video.codec
        self._channel = channel
        self._assembler = Assembler(video.codec, video.parameter_sets)
        self._undecodable = 0
        self._ended_by = Fault.STALLED
        self.packets = 0

    def first_keyframe(self, wire: Wire, early: list[tuple[int, bytes]]) -> Frame:
        """The first whole picture, or the second damaged one. Raises no_video, stalled, undecodable or timeout."""
        damaged: Frame | None = None
        for packet in self._packets(wire, early):
            decoded = self._decoded(self._assembler.add(packet))
            if decoded is None:
                continue
            if not decoded.damaged:
                return decoded.frame
            if damaged is not None:
                break
            damaged = decoded.frame
        if damaged is None:
            raise self._verdict()
        # Packets lost on the way to the camera's encoder or recorder: a matter for the picture checks.
        self._look.evidence["damaged"] = 1
        return damaged

    def _decoded(self, unit: Unit | None) -> Decoded | None:
        if unit is None or not unit.key:
            return None
        decoded = keyframe(self._codec, unit.data)
        self._undecodable += decoded is None
        return decoded

    def _packets(self, wire: Wire, early: list[tuple[int, bytes]]) -> Iterator[Packet]:
        """RTP packets of the video until the stream ends, falls silent, or the time is over."""
        wire.patience_s = SILENCE_S
        for channel, data in early:
            yield from self._counted(channel, data)
        try:
            while (frame := next_frame(wire)) is not None:
                yield from self._counted(*frame)
        except CameraFailed as failed:
            quiet = failed.fault is Fault.TIMEOUT and wire.quiet_s() >= QUIET_S
            self._ended_by = Fault.STALLED if quiet or wire.closed else failed.fault

    def _counted(self, channel: int, data: bytes) -> Iterator[Packet]:
        packet = packet_of(data) if channel == self._channel else None
        if packet is not None:
            self.packets += 1
            yield packet

    def _verdict(self) -> CameraFailed:
        """What explains the missing picture best."""
        evidence = {"packets": self.packets, "undecodable_pictures": self._undecodable}
        if not self.packets:
            return CameraFailed(Fault.NO_VIDEO, error="PLAY was answered, no packet came", **evidence)
        if self._undecodable:
            return CameraFailed(Fault.UNDECODABLE, **evidence)
        return CameraFailed(self._ended_by, error="no keyframe came", **evidence)
