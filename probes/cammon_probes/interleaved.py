"""Media and RTSP text that share one connection (RFC 2326 section 10.12)."""

import re

from .failure import CameraFailed
from .model import Fault
from .wire import Wire

_LARGEST_LINE = 4096
_MOST_LINES = 64
_LARGEST_BODY = 65536


def next_frame(wire: Wire) -> tuple[int, bytes] | None:
    """Channel and data of the next frame; None when the peer closed. A server's own requests are passed over."""
    while (mark := wire.peek(1)) != b"$":
        if not mark:
            return None
        _pass_over_text(wire)
    head = wire.read_exactly(4)
    return head[1], wire.read_exactly(int.from_bytes(head[2:]))


def _pass_over_text(wire: Wire) -> None:
    first = wire.read_until(b"\n", _LARGEST_LINE)
    if b"RTSP/" not in first:
        raise CameraFailed(Fault.BAD_RESPONSE, error="neither media nor RTSP", received=first[:40].decode("latin-1"))
    size = 0
    for _ in range(_MOST_LINES):
        line = wire.read_until(b"\n", _LARGEST_LINE)
        if line in (b"", b"\n", b"\r\n"):
            break
        if match := re.match(rb"content-length\s*:\s*(\d{1,6})\s*$", line, re.IGNORECASE):
            size = min(int(match[1]), _LARGEST_BODY)
    wire.read_exactly(size)
