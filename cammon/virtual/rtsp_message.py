"""RTSP messages (RFC 2326) as a server reads and writes them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

MAX_HEAD = 16 * 1024
MAX_BODY = 64 * 1024

REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Stream Not Found",
    405: "Method Not Allowed",
    413: "Request Entity Too Large",
    453: "Not Enough Bandwidth",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    461: "Unsupported Transport",
    501: "Not Implemented",
    505: "RTSP Version Not Supported",
}


class BadMessage(Exception):
    """What came is no RTSP, or too large. `status` is the answer, after which the connection ends."""

    def __init__(self, status: int) -> None:
        super().__init__(REASONS[status])
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Header names are lower case."""

    method: str
    uri: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def cseq(self) -> str:
        """The number that the answer repeats."""
        return self.headers.get("cseq", "0")


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request, stepping over interleaved packets (the viewer's RTCP); None at the end of the connection.

    The reader's limit must be MAX_HEAD. BadMessage.
    """
    try:
        while (first := await reader.readexactly(1)) in (b"$", b"\r", b"\n"):
            if first == b"$":
                head = await reader.readexactly(3)
                await reader.readexactly(int.from_bytes(head[1:], "big"))
        request = _parse(first + await reader.readuntil(b"\r\n\r\n"))
        await reader.readexactly(_body_length(request))
    except asyncio.LimitOverrunError as error:
        raise BadMessage(413) from error
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return request


def _parse(head: bytes) -> Request:
    first, *rest = head.decode("utf-8", "replace").rstrip("\r\n").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or not parts[2].startswith("RTSP/"):
        raise BadMessage(400)
    if parts[2] != "RTSP/1.0":
        raise BadMessage(505)
    try:
        urlsplit(parts[1])
    except ValueError as error:  # an unclosed bracket, for one
        raise BadMessage(400) from error
    pairs = (line.partition(":") for line in rest if ":" in line)
    return Request(parts[0], parts[1], {name.strip().lower(): value.strip() for name, _, value in pairs})


def _body_length(request: Request) -> int:
    text = request.headers.get("content-length", "0")
    if not text.isdecimal() or len(text) > 9:
        raise BadMessage(400)
    if int(text) > MAX_BODY:
        raise BadMessage(413)
    return int(text)


def answer(status: int, cseq: str, headers: Sequence[tuple[str, str]] = (), body: str = "") -> bytes:
    """A response, ready to send."""
    content = body.encode()
    lines = [f"RTSP/1.0 {status} {REASONS[status]}", f"CSeq: {cseq}"]
    lines += [f"{name}: {value}" for name, value in headers]
    if content:
        lines.append(f"Content-Length: {len(content)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + content
