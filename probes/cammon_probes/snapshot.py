"""A JPEG from the camera's HTTP snapshot address."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from .answers import Answer
from .decode import LARGEST_PICTURE_PX, pictures
from .failure import CameraFailed
from .http import exchange, target
from .login import answer_to, chosen, offered
from .look import Look
from .model import Endpoint, Fault, Frame
from .statuses import demand_success, fault_of

LARGEST_JPEG = 16 * 1024 * 1024


def snapshot(look: Look) -> Frame:
    """Fetches and decodes the snapshot. Raises `CameraFailed`; a login is refused at most once."""
    answer = _fetched(look)
    with look.step("decode") as note:
        size = jpeg_size(answer.body)
        if size is None:
            raise CameraFailed(Fault.UNDECODABLE, error="no whole JPEG", received_bytes=len(answer.body))
        note.detail = f"{size[0]}x{size[1]}"
        if size[0] * size[1] > LARGEST_PICTURE_PX:
            raise CameraFailed(Fault.TOO_LARGE, width_px=size[0], height_px=size[1])
        decoded = pictures("mjpeg", [answer.body], look.deadline)
        if not decoded:
            raise CameraFailed(Fault.UNDECODABLE, error="the JPEG cannot be decoded", received_bytes=len(answer.body))
    return decoded[0].frame


def at_snapshot(endpoint: Endpoint, used: str | None) -> Endpoint | None:
    """The endpoint whose snapshot is the address that the device named, as `DeviceFacts.snapshot_uri_used` has it."""
    parts = urlsplit(used or "")
    if parts.scheme not in ("http", "https") or not parts.path:
        return None
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return replace(endpoint, snapshot_path=path, onvif_port=port, onvif_scheme=parts.scheme)


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) by the frame header; None when it is no JPEG or breaks off before its end mark."""
    return announced_jpeg_size(data) if jpeg_is_whole(data) else None


def jpeg_is_whole(data: bytes) -> bool:
    """Whether a JPEG goes on to its end mark; what a maker appends after it does not matter.

    Only the picture itself is searched: a thumbnail in the header has an end mark, too. Coded data never hold one.
    """
    scan = next((position for marker, position in _segments(data) if marker == 0xDA), None)
    return scan is not None and b"\xff\xd9" in data[scan:]


def announced_jpeg_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) by the frame header, however the data end; None when it is no JPEG or has no such header."""
    for marker, position in _segments(data):
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(data[position + 7 : position + 9]), int.from_bytes(data[position + 5 : position + 7])
    return None


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Marker and place of each segment up to the coded data."""
    position = 2 if data.startswith(b"\xff\xd8") else len(data)
    while position + 9 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        yield marker, position
        if marker == 0xDA:
            return
        position += 2 + int.from_bytes(data[position + 2 : position + 4])


def _fetched(look: Look) -> Answer:
    with look.step("snapshot") as note:
        answer = _get(look, None)
        note.detail = f"{answer.status} {answer.reason}".strip()
        login = look.endpoint.credential
        challenge = chosen(offered(answer)) if answer.status == 401 and login else None
        may = challenge is not None and fault_of(answer) is not Fault.AUTH_LOCKED and look.may_log_in(note)
        if challenge is None or login is None or not may:
            demand_success(answer, login="none configured" if login is None else "none offered")
            return answer
    with look.step("login") as note:
        path = target(look.endpoint.snapshot_path or "/")
        answer = _get(look, answer_to(challenge, login, "GET", path))
        again = chosen(offered(answer)) if answer.status == 401 else None
        if again is not None and again.stale:
            answer = _get(look, answer_to(again, login, "GET", path))
        note.detail = f"{answer.status} {answer.reason}".strip()
        demand_success(answer, login=challenge.scheme)
    look.endpoint.turn.accepted()
    return answer


def _get(look: Look, authorization: str | None) -> Answer:
    endpoint = look.endpoint
    return exchange(
        endpoint.host,
        endpoint.onvif_port or 80,
        "GET",
        endpoint.snapshot_path or "/",
        look.deadline,
        headers={"Authorization": authorization} if authorization else {},
        most=LARGEST_JPEG,
        trust=endpoint.trust if endpoint.onvif_scheme == "https" else None,
    )
