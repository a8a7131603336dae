"""From coded bytes to a picture with libav's decoders, silent and with a largest size."""

from dataclasses import dataclass

import av
import av.error
import av.logging
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from .model import Frame

# libav writes to file descriptor 2 whatever it was given, addresses with logins in them too.
av.logging.set_level(None)

LARGEST_PICTURE_PX = 50_000_000
_DECODERS = {"h264": "h264", "h265": "hevc", "mjpeg": "mjpeg", "mpeg4": "mpeg4"}


def decodable(codec: str) -> bool:
    """Whether pictures of this codec can be decoded here."""
    return codec in _DECODERS


@dataclass(frozen=True, slots=True)
class Decoded:
    """A picture, and whether the decoder had to make parts of it up."""

    frame: Frame
    damaged: bool


def keyframe(codec: str, data: bytes) -> Decoded | None:
    """The picture in one access unit that needs no other; None when there is none to be had from it.

    A decoder per picture: 0.2 ms, and nothing of one camera's broken stream reaches the next picture.
    """
    context = av.CodecContext.create(_DECODERS[codec], "r")
    assert isinstance(context, VideoCodecContext)
    context.thread_count = 1
    context.options = {"max_pixels": str(LARGEST_PICTURE_PX)}
    if codec != "mjpeg":
        context.skip_frame = "NONKEY"
    try:
        frames = context.decode(av.Packet(data))
        frames += context.decode(None)
    except (av.error.FFmpegError, ValueError):
        return None
    return next((_decoded(frame) for frame in frames if frame.width * frame.height <= LARGEST_PICTURE_PX), None)


def _decoded(frame: VideoFrame) -> Decoded:
    return Decoded(np.asarray(frame.to_ndarray(format="bgr24"), dtype=np.uint8), frame.is_corrupt)
