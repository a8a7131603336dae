"""From coded bytes to pictures. The decoding itself is done in processes of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from . import decoders
from .decoder_process import LARGEST_PICTURE_PX
from .decoders import Raw
from .failure import CameraFailed
from .model import Deadline, Frame

__all__ = ["LARGEST_PICTURE_PX", "Decoded", "decodable", "keyframe", "pictures"]
_BLOCK_PX = 16
_MOST_FLAT = 0.5
_CODECS = frozenset({"h264", "h265", "mjpeg", "mpeg4"})


def decodable(codec: str) -> bool:
    """Whether pictures of this codec can be decoded here."""
    return codec in _CODECS


@dataclass(frozen=True, slots=True)
class Decoded:
    """A picture, and whether the decoder had to make parts of it up."""

    frame: Frame
    damaged: bool

    @property
    def shown(self) -> bool:
        """Whether most of it was decoded: what a decoder has nothing for it leaves without any detail."""
        return not self.damaged or _flat_share(self.frame) < _MOST_FLAT


def pictures(codec: str, units: Sequence[bytes], deadline: Deadline) -> tuple[Decoded, ...]:
    """The pictures in the access units, in order; the first unit needs no other. Empty when none is to be had.

    Raises `CameraFailed` when the decoder died over them or did not come to an end.
    """
    with decoders.SHARED.decoded(codec, units, deadline) as raws:
        return tuple(Decoded(_frame(raw), raw.damaged) for raw in raws)


def keyframe(codec: str, data: bytes) -> Decoded | None:
    """The picture in one access unit from anywhere; None when there is none to be had from it."""
    still = Deadline(decoders.DECODE_S, lambda: 0.0)
    try:
        return next(iter(pictures(codec, [data], still)), None)
    except CameraFailed:
        return None


def _flat_share(frame: Frame) -> float:
    """The share of the blocks that are all of one value."""
    rows, columns = (size // _BLOCK_PX for size in frame.shape[:2])
    if not rows * columns:
        return 0.0
    green = frame[: rows * _BLOCK_PX, : columns * _BLOCK_PX, 1]
    blocks = green.reshape(rows, _BLOCK_PX, columns, _BLOCK_PX)
    return float((np.ptp(blocks, axis=(1, 3)) == 0).mean())


def _frame(raw: Raw) -> Frame:
    """A picture of our own, copied out of the shared memory."""
    pixels = np.frombuffer(raw.data, np.uint8)
    if raw.layout == "bgr":
        return pixels.reshape(raw.height, raw.width, 3).copy()
    planes = pixels.reshape(raw.height * 3 // 2, raw.width)
    return np.asarray(cv2.cvtColor(planes, cv2.COLOR_YUV2BGR_I420), dtype=np.uint8)
