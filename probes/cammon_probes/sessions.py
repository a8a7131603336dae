"""An RTSP session (RFC 2326 section 12.37): its name, and what keeps it open while a picture is waited for."""

import re
from collections.abc import Callable, Iterator

from .media import Media

USUAL_TIMEOUT_S = 60
"""After which a server ends a session that it hears nothing of, where it names no other time."""


def session_of(header: str) -> tuple[str, int]:
    """Name and timeout in seconds of a Session header."""
    name, _, rest = header.partition(";")
    match = re.search(r"timeout\s*=\s*(\d{1,6})", rest, re.IGNORECASE)
    return name.strip(), int(match[1]) if match and int(match[1]) else USUAL_TIMEOUT_S


class KeptAlive:
    """A stream whose server hears of us every `every_s` as long as packets come."""

    def __init__(self, media: Media, every_s: float, monotonic: Callable[[], float], say: Callable[[], None]) -> None:
        self._media = media
        self._every_s = every_s
        self._monotonic = monotonic
        self._say = say

    def packets(self) -> Iterator[bytes]:
        """See `Media`."""
        due_s = self._monotonic() + self._every_s
        for data in self._media.packets():
            if self._monotonic() >= due_s:
                self._say()
                due_s = self._monotonic() + self._every_s
            yield data

    @property
    def closed(self) -> bool:
        """See `Media`."""
        return self._media.closed

    def quiet_s(self) -> float:
        """See `Media`."""
        return self._media.quiet_s()
