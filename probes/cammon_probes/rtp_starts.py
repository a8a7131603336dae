"""Where a picture begins by the look of a packet, whatever its marker and its timestamp say."""

from collections.abc import Callable

_H264_SLICES = frozenset({1, 2, 5})
_H264_BEFORE = frozenset({6, 7, 8, 9})
_H265_BEFORE = frozenset({32, 33, 34, 35, 39})
"""Parameter sets, delimiters and messages, which stand before the first slice."""


def begins_picture(codec: str, payload: bytes) -> bool:
    """Whether no earlier picture can go on with this payload: it opens the next one."""
    return _STARTS.get(codec, _plain)(payload)


def _h264(payload: bytes) -> bool:
    """RFC 6184. `first_mb_in_slice` is the first number of a slice header: 0 is written as a one."""
    kind = payload[0] & 0x1F
    if kind == 24 and len(payload) > 3:
        payload, kind = payload[3:], payload[3] & 0x1F
    elif kind == 28 and len(payload) > 2:
        kind, payload = payload[1] & 0x1F, payload[1:] if payload[1] & 0x80 else b""
    return kind in _H264_BEFORE or (kind in _H264_SLICES and len(payload) > 1 and payload[1] > 0x7F)


def _h265(payload: bytes) -> bool:
    """RFC 7798. `first_slice_segment_in_pic_flag` is the first bit behind the two bytes of the NAL unit header."""
    kind = payload[0] >> 1 & 0x3F
    if kind == 48 and len(payload) > 4:
        payload, kind = payload[4:], payload[4] >> 1 & 0x3F
    elif kind == 49 and len(payload) > 3:
        kind, payload = payload[2] & 0x3F, payload[1:] if payload[2] & 0x80 else b""
    return kind in _H265_BEFORE or (kind < 32 and len(payload) > 2 and payload[2] > 0x7F)


def _jpeg(payload: bytes) -> bool:
    """RFC 2435: three bytes tell where in the picture the data belong."""
    return payload[1:4] == bytes(3)


def _plain(payload: bytes) -> bool:
    return payload.startswith(b"\x00\x00\x01")


_STARTS: dict[str, Callable[[bytes], bool]] = {"h264": _h264, "h265": _h265, "mjpeg": _jpeg}
