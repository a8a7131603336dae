"""A picture file from anywhere. Its kind and its size are read from its first bytes before anything is decoded."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from cammon.process import hushed
from cammon_probes.decode import LARGEST_PICTURE_PX, keyframe
from cammon_probes.model import Frame
from cammon_probes.snapshot import announced_jpeg_size, jpeg_is_whole

LARGEST_FILE = 96 << 20
_JPEG, _PNG, _BMP = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM"
_OTHERS = (
    (0, b"GIF8", "GIF"),
    (8, b"WEBP", "WebP"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (4, b"ftypavif", "AVIF"),
    (4, b"ftyphei", "HEIF"),
    (4, b"ftyp", "MP4"),
    (0, b"%PDF", "PDF"),
)
"""Kinds of files that people have and no camera sends: where their mark stands, and their name."""
_READ_AS = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
"""Gray, CMYK and 16 bits come as colour in 8 bits; a camera's frame stands as its sensor does."""


class Unreadable(ValueError):
    """Not a picture that can be judged; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A decoded frame (height x width x 3, BGR). `whole` is False when the file breaks off before its end mark."""

    frame: Frame
    whole: bool


def read_picture(path: Path) -> PictureFile:
    """The picture in a regular file. Raises Unreadable."""
    return decoded(_bytes_of(path))


def decoded(data: bytes) -> PictureFile:
    """The picture in the bytes of a JPEG, PNG or BMP file. Raises Unreadable."""
    size = size_of(data)
    if size is None:
        raise Unreadable(_kind_of(data))
    width_px, height_px = size
    if width_px * height_px > LARGEST_PICTURE_PX:
        raise Unreadable(f"{width_px} x {height_px} pixels; at most {LARGEST_PICTURE_PX} are decoded")
    with hushed():
        frame = _by_opencv(data)
        # OpenCV gives nothing of a JPEG that breaks off; libav gives what there is.
        rest = keyframe("mjpeg", data) if frame is None and data.startswith(_JPEG) else None
    if frame is not None:
        return PictureFile(np.asarray(frame, dtype=np.uint8), _is_whole(data))
    if rest is None:
        raise Unreadable("the file is damaged: nothing of it can be decoded")
    return PictureFile(rest.frame, whole=False)


def _by_opencv(data: bytes) -> NDArray[Any] | None:
    try:
        return cv2.imdecode(np.frombuffer(data, np.uint8), _READ_AS)
    except cv2.error:
        return None


def size_of(data: bytes) -> tuple[int, int] | None:
    """(width, height) as the header of a JPEG, PNG or BMP says; None when it is none of them."""
    if data.startswith(_JPEG):
        return announced_jpeg_size(data)
    if data.startswith(_PNG) and data[12:16] == b"IHDR" and len(data) >= 24:
        return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    if data.startswith(_BMP) and len(data) >= 26:
        signed = {"byteorder": "little", "signed": True}
        return abs(int.from_bytes(data[18:22], **signed)), abs(int.from_bytes(data[22:26], **signed))  # type: ignore[arg-type]
    return None


def _kind_of(data: bytes) -> str:
    if not data:
        return "an empty file"
    for at, mark, name in _OTHERS:
        if data.startswith(mark, at):
            return f"a {name} file; save it as JPEG, PNG or BMP"
    return "not a JPEG, PNG or BMP file"


def _is_whole(data: bytes) -> bool:
    if data.startswith(_JPEG):
        return jpeg_is_whole(data)
    return not data.startswith(_PNG) or b"IEND" in data[-64:]


def _bytes_of(path: Path) -> bytes:
    # A manifest may name anything: a pipe would be waited for, a device read for ever.
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        raise Unreadable(getattr(error, "strerror", None) or "no name of a file") from None
    try:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            raise Unreadable("not a regular file")
        if about.st_size > LARGEST_FILE:
            raise Unreadable(f"{about.st_size} bytes; at most {LARGEST_FILE} are read")
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(LARGEST_FILE)
    finally:
        os.close(handle)
