"""RTP over UDP (RFC 2326 section 12.39), for cameras that answer 461 to everything else."""

import contextlib
import heapq
import re
import socket
from collections.abc import Iterator
from typing import Self

from .failure import CameraFailed
from .media import LULL_S, SILENCE_S
from .model import Deadline, Fault

_TRIES = 32
_BUFFER_BYTES = 4 * 1024 * 1024
"""A keyframe comes in one burst. The kernel gives less where its own limit is lower."""
_FORCED = getattr(socket, "SO_RCVBUFFORCE", 33)
_LARGEST = 65536
_AHEAD = 16
"""Packets that are held back for one that has been overtaken."""
_MOST_LANES = 8
_OPENING = b"\x80\x00" + bytes(10)
"""An RTP packet without content: lets the answers through firewalls between the camera and us."""


class UdpMedia:
    """A pair of ports (RTP on the even one, RTCP on the next) that takes packets of one host only."""

    def __init__(self, local: str, peer: str, deadline: Deadline) -> None:
        """`local` and `peer` are the numeric addresses at the ends of the RTSP connection."""
        self._peer = peer
        self._deadline = deadline
        self._rtp, self._rtcp = _pair(local)
        self.port: int = self._rtp.getsockname()[1]
        self._last_s = deadline.monotonic()
        self.closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def transport(self) -> str:
        """What SETUP asks for."""
        return f"RTP/AVP;unicast;client_port={self.port}-{self.port + 1}"

    def opened(self, granted: str) -> None:
        """Takes what SETUP answered."""
        match = re.search(r"server_port\s*=\s*(\d{1,5})", granted)
        if match and 0 < int(match[1]) < 65535:
            for end, port in ((self._rtp, int(match[1])), (self._rtcp, int(match[1]) + 1)):
                with contextlib.suppress(OSError):
                    end.sendto(_OPENING, (self._peer, port))

    def close(self) -> None:
        """Lets go of both ports."""
        self._rtp.close()
        self._rtcp.close()

    def packets(self) -> Iterator[bytes]:
        """See `Media`. In the order of their numbers, as far as those that overtook others are not far ahead."""
        lanes: dict[bytes, _Lane] = {}
        for data in self._received():
            if not data:
                yield data
                continue
            of = bytes([data[1] & 0x7F]) + data[8:12]
            if of not in lanes and len(lanes) < _MOST_LANES:
                lanes[of] = _Lane()
            if of in lanes:
                yield from lanes[of].ordered(data)

    def _received(self) -> Iterator[bytes]:
        while True:
            data = self._datagram(LULL_S)
            if not data:
                yield data
                data = self._datagram(SILENCE_S)
                if not data:
                    raise CameraFailed(Fault.TIMEOUT, at="read")
            yield data

    def _datagram(self, within_s: float) -> bytes:
        """The next one of the camera, b"" when none comes within that time. Raises timeout when the look's is over."""
        until_s = self._deadline.monotonic() + within_s
        while (wait_s := until_s - self._deadline.monotonic()) > 0:
            left_s = self._deadline.left_s()
            if left_s <= 0:
                raise CameraFailed(Fault.TIMEOUT, at="read")
            try:
                self._rtp.settimeout(min(left_s, wait_s))
                data, source = self._rtp.recvfrom(_LARGEST)
            except TimeoutError:
                continue
            except OSError as error:
                raise CameraFailed(Fault.UNREACHABLE, at="read", error=type(error).__name__) from None
            # Anybody can send to an open port: only the camera itself is listened to.
            if source[0] == self._peer and len(data) >= 12:
                self._last_s = self._deadline.monotonic()
                return data
        return b""

    def quiet_s(self) -> float:
        """See `Media`."""
        return self._deadline.monotonic() - self._last_s


class _Lane:
    """The packets of one sender and one payload type, which are numbered in a row."""

    def __init__(self) -> None:
        self._held: list[tuple[int, bytes]] = []
        self._due: int | None = None

    def ordered(self, data: bytes) -> Iterator[bytes]:
        """What is in turn, now that this one has come."""
        held, due = self._held, self._due
        number = _ahead(int.from_bytes(data[2:4]), due)
        if number < 0:
            return
        heapq.heappush(held, (number + (due or 0), data))
        while held and (held[0][0] == (due if due is not None else held[0][0]) or len(held) > _AHEAD):
            due, first = heapq.heappop(held)
            self._due = due = due + 1
            yield first


def _ahead(number: int, due: int | None) -> int:
    """How far a packet number is ahead of the one that is due; negative when it comes too late."""
    if due is None:
        return number
    distance = (number - due) & 0xFFFF
    return distance if distance < 0x8000 else distance - 0x10000


def _pair(local: str) -> tuple[socket.socket, socket.socket]:
    """Sockets on an even port and the one behind it."""
    family = socket.AF_INET6 if ":" in local else socket.AF_INET
    for _ in range(_TRIES):
        first, second = socket.socket(family, socket.SOCK_DGRAM), socket.socket(family, socket.SOCK_DGRAM)
        with contextlib.suppress(OSError):
            first.bind((local, 0))
            port = first.getsockname()[1]
            if port % 2 == 0:
                second.bind((local, port + 1))
                _widened(first)
                return first, second
        first.close()
        second.close()
    raise CameraFailed(Fault.TIMEOUT, at="connect", error="no pair of free ports")


def _widened(end: socket.socket) -> None:
    for option in (_FORCED, socket.SO_RCVBUF):
        with contextlib.suppress(OSError):
            end.setsockopt(socket.SOL_SOCKET, option, _BUFFER_BYTES)
            return
