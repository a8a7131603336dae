"""What an RTSP server says without being asked: requests of its own, and answers that nobody waits for."""

import re

from .failure import CameraFailed
from .model import Fault
from .wire import Wire

MOST_ANSWERED = 8
"""Requests of a server that are answered; one that has more is not served any longer."""
_METHODS = (
    b"OPTIONS",
    b"ANNOUNCE",
    b"SET_PARAMETER",
    b"GET_PARAMETER",
    b"REDIRECT",
    b"PLAY_NOTIFY",
    b"TEARDOWN",
)
_BEGINNINGS = frozenset(method[:4] for method in _METHODS)
_UNDERSTOOD = frozenset({b"OPTIONS", b"GET_PARAMETER"})
"""Servers ask these to see whether anybody is there."""
_LARGEST_LINE = 4096
_MOST_LINES = 64
_LARGEST_BODY = 65536


def is_request(wire: Wire) -> bool:
    """Whether the next thing is a request and no answer."""
    return wire.peek(4) in _BEGINNINGS


def pass_over(wire: Wire, answer: bool) -> None:
    """Reads one request or answer; a request is answered in a line if `answer`. Raises bad_response for other text."""
    first = wire.read_until(b"\n", _LARGEST_LINE)
    if b"RTSP/" not in first:
        raise CameraFailed(Fault.BAD_RESPONSE, error="neither media nor RTSP", received=first[:40].decode("latin-1"))
    size, number = 0, b""
    for _ in range(_MOST_LINES):
        line = wire.read_until(b"\n", _LARGEST_LINE)
        if line in (b"", b"\n", b"\r\n"):
            break
        if match := re.match(rb"(content-length|cseq)\s*:\s*(\d{1,9})\s*$", line, re.IGNORECASE):
            if match[1].lower() == b"cseq":
                number = match[2]
            else:
                size = min(int(match[2]), _LARGEST_BODY)
    wire.read_exactly(size)
    if answer and number and not first.startswith(b"RTSP/"):
        status = b"200 OK" if first.split()[0] in _UNDERSTOOD else b"501 Not Implemented"
        wire.send(b"RTSP/1.0 " + status + b"\r\nCSeq: " + number + b"\r\n\r\n")
