"""H.264 by libx264: parameter sets, and an encoder whose every picture comes out at once."""

from dataclasses import dataclass
from fractions import Fraction

import av
import cv2
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame

from cammon.virtual.model import StreamSpec
from cammon_probes.model import Frame

NAL_IDR, NAL_SPS, NAL_PPS = 5, 7, 8
_SENT = frozenset({1, NAL_IDR})
"""Slices. SPS and PPS are put before each IDR by AccessUnit; x264's SEI with its options is of no use to a viewer."""


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """What a decoder must know before the first picture: SPS and PPS, each one NAL unit without start code."""

    sps: bytes
    pps: bytes

    @property
    def profile_level_id(self) -> str:
        """Profile, constraints and level as SDP writes them (RFC 6184 section 8.1): six hex digits."""
        return self.sps[1:4].hex().upper()


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One encoded picture: its NAL units without start codes. A key picture carries its parameter sets with it."""

    nals: tuple[bytes, ...]
    key: bool


class Encoder:
    """One stream being encoded. `encode` may run in any thread, one at a time."""

    def __init__(self, stream: StreamSpec) -> None:
        self._context = _open(stream)
        self.parameter_sets = _parameter_sets(bytes(self._context.extradata or b""))
        self._count = 0

    def encode(self, picture: Frame, *, key: bool) -> AccessUnit:
        """One picture (height x width x 3, blue-green-red) of the stream's size; `key`: as an IDR."""
        planes = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420)
        frame = VideoFrame.from_ndarray(planes, format="yuv420p")  # type: ignore[arg-type]
        frame.pts = self._count
        frame.pict_type = PictureType.I if key else PictureType.NONE
        self._count += 1
        nals = [nal for packet in self._context.encode(frame) for nal in split_annex_b(bytes(packet))]
        slices = tuple(nal for nal in nals if nal[0] & 31 in _SENT)
        if any(nal[0] & 31 == NAL_IDR for nal in slices):
            return AccessUnit((self.parameter_sets.sps, self.parameter_sets.pps, *slices), key=True)
        return AccessUnit(slices, key=False)


def split_annex_b(stream: bytes) -> list[bytes]:
    """The NAL units of a byte stream (H.264 Annex B), start codes and trailing zeros removed."""
    units = stream.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")[1:]
    return [unit.rstrip(b"\0") for unit in units if unit.rstrip(b"\0")]


def _parameter_sets(extradata: bytes) -> ParameterSets:
    by_kind = {nal[0] & 31: nal for nal in split_annex_b(extradata)}
    return ParameterSets(by_kind[NAL_SPS], by_kind[NAL_PPS])


def _open(stream: StreamSpec) -> VideoCodecContext:
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, VideoCodecContext)
    rate = Fraction(stream.rate_fps).limit_denominator(1001)
    context.width, context.height, context.pix_fmt = stream.width_px, stream.height_px, "yuv420p"
    context.framerate, context.time_base = rate, 1 / rate
    context.gop_size = 10_000  # key pictures come when asked for
    context.thread_count = 1
    context.flags |= av.codec.context.Flags.global_header
    # qp, not crf: sensor noise must survive, or two looks at a dark still scene would be bit-identical.
    context.options = {"preset": "ultrafast", "tune": "zerolatency", "qp": "24", "forced-idr": "1"}
    context.open()
    return context
