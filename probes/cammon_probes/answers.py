"""The grammar that RTSP and HTTP share: a status line, headers, a body. Read with a largest size for each."""

from dataclasses import dataclass

from .failure import CameraFailed
from .model import Fault
from .wire import Wire

_MOST_LEADING = 4
"""Line ends before an answer."""
LARGEST_HEAD = 16384
LARGEST_STATUS_LINE = 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What a camera answered. Header names are lower case, in the order of coming."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first header of that (lower case) name."""
        return next((value for key, value in self.headers if key == name), None)

    def all(self, name: str) -> tuple[str, ...]:
        """All headers of that (lower case) name."""
        return tuple(value for key, value in self.headers if key == name)

    def says(self) -> str:
        """Reason, headers and the beginning of the body as one lower-case text, to look for what it means."""
        shown = "\n".join((self.reason, *(value for _, value in self.headers)))
        return (shown + "\n" + self.body[:4096].decode("utf-8", "replace")).lower()


def read_head(wire: Wire, protocol: str) -> Answer | None:
    """Status line and headers; None when the peer closed instead of answering. `protocol` is RTSP or HTTP."""
    for _ in range(_MOST_LEADING):  # the end of a body that was announced too short
        if wire.peek(1) not in (b"\r", b"\n"):
            break
        wire.read_exactly(1)
    start = wire.peek(len(protocol) + 1)
    if not start:
        return None
    if not start.startswith(protocol.encode() + b"/"):
        raise CameraFailed(Fault.BAD_RESPONSE, error=f"not {protocol}", received=_shown(wire.read_some()))
    head = wire.read_until(b"\n", LARGEST_HEAD)
    status, reason = _status(head, protocol)
    headers: list[tuple[str, str]] = []
    size = len(head)
    while (line := wire.read_until(b"\n", LARGEST_HEAD - size)) not in (b"\r\n", b"\n"):
        if not line:
            raise CameraFailed(Fault.BAD_RESPONSE, error="closed within the answer", status=status)
        size += len(line)
        if size >= LARGEST_HEAD:
            raise CameraFailed(Fault.TOO_LARGE, limit_bytes=LARGEST_HEAD, status=status)
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        if colon:
            headers.append((name.strip().lower(), value.strip()))
    return Answer(status, reason, tuple(headers))


def _status(line: bytes, protocol: str) -> tuple[int, str]:
    parts = line.decode("utf-8", "replace").strip().split(None, 2)
    if len(parts) < 2 or not (parts[1].isascii() and parts[1].isdigit() and len(parts[1]) == 3):
        raise CameraFailed(Fault.BAD_RESPONSE, error=f"not {protocol}", received=_shown(line))
    return int(parts[1]), parts[2] if len(parts) > 2 else ""


def body_size(answer: Answer, most: int) -> int | None:
    """The announced size of the body, None when none is announced; bad_response or too_large when it cannot be."""
    announced = answer.header("content-length")
    if announced is None:
        return None
    if not (announced.isascii() and announced.isdigit() and len(announced) < 20):
        raise CameraFailed(Fault.BAD_RESPONSE, error="content-length is no number", received=announced)
    if int(announced) > most:
        raise CameraFailed(Fault.TOO_LARGE, announced_bytes=int(announced), limit_bytes=most)
    return int(announced)


def _shown(data: bytes) -> str:
    return data[:60].decode("latin-1")
