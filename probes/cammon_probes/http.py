"""HTTP/1.1 as far as a camera needs it: one request a connection, nothing followed, everything bounded."""

import zlib
from collections.abc import Mapping
from urllib.parse import quote

from .answers import Answer, body_size, read_head
from .failure import CameraFailed
from .model import Deadline, Fault, Trust
from .wire import Wire

_SAFE = "/?&=:;,@+$!*'()%~._-"
_LARGEST_LINE = 1024
_MOST_INTERIM = 8


def target(path: str) -> str:
    """A path as a request line may hold it."""
    return quote(path if path.startswith("/") else "/" + path, safe=_SAFE)


def exchange(
    host: str,
    port: int,
    method: str,
    path: str,
    deadline: Deadline,
    *,
    headers: Mapping[str, str],
    body: bytes = b"",
    most: int,
    trust: Trust | None = None,
) -> Answer:
    """Asks and returns the answer whatever its status; over TLS when `trust` is given.

    Raises `CameraFailed`; too_large beyond `most` bytes.
    """
    with Wire.connect(host, port, deadline, trust) as wire:
        named = f"[{host.partition('%')[0]}]" if ":" in host else host
        lines = [
            f"{method} {target(path)} HTTP/1.1",
            f"Host: {named}:{port}",
            "User-Agent: cammon",
            "Connection: close",
        ]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        wire.send(("\r\n".join(lines) + "\r\n\r\n").encode() + body)
        answer = read_head(wire, "HTTP")
        for _ in range(_MOST_INTERIM):
            if answer is not None and answer.status == 100:
                answer = read_head(wire, "HTTP")
        if answer is None or answer.status == 100:
            raise CameraFailed(Fault.BAD_RESPONSE, error="closed without an answer", request=method)
        content = _unpacked(_body(wire, answer, most), answer, most)
        return Answer(answer.status, answer.reason, answer.headers, content)


def _body(wire: Wire, answer: Answer, most: int) -> bytes:
    if "chunked" in (answer.header("transfer-encoding") or "").lower():
        return _chunks(wire, most)
    size = body_size(answer, most)
    return wire.read_to_end(most) if size is None else wire.read_exactly(size)


def _unpacked(body: bytes, answer: Answer, most: int) -> bytes:
    """The body of devices that pack it without being asked to; too_large when it unpacks to more than `most`."""
    coding = (answer.header("content-encoding") or "").strip().lower()
    if not body or (coding not in ("gzip", "x-gzip", "deflate") and not body.startswith(b"\x1f\x8b")):
        return body
    # 32 + 15: gzip or zlib, whichever the data begins with; some "deflate" is raw.
    window = -15 if coding == "deflate" and body[0] & 0x0F != 8 else 32 + 15
    try:
        unpacker = zlib.decompressobj(window)
        found = unpacker.decompress(body, most + 1)
    except zlib.error:
        raise CameraFailed(Fault.BAD_RESPONSE, error="the packed answer is broken") from None
    if len(found) > most:
        raise CameraFailed(Fault.TOO_LARGE, limit_bytes=most)
    return found


def _chunks(wire: Wire, most: int) -> bytes:
    found = bytearray()
    while True:
        line = wire.read_until(b"\n", _LARGEST_LINE).split(b";")[0].strip()
        try:
            size = int(line, 16) if line.isalnum() else -1
        except ValueError:
            size = -1
        if size < 0:
            raise CameraFailed(Fault.BAD_RESPONSE, error="a chunk without a size")
        if len(found) + size > most:
            raise CameraFailed(Fault.TOO_LARGE, announced_bytes=len(found) + size, limit_bytes=most)
        if not size:
            return bytes(found)
        found += wire.read_exactly(size)
        wire.read_until(b"\n", _LARGEST_LINE)
