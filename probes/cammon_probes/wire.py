"""One TCP connection to a camera: every wait ends with the look's deadline, every answer has a largest size."""

import contextlib
import errno
import socket
import ssl
import threading
from typing import Self

from .failure import CameraFailed
from .model import Deadline, Fault, Trust
from .tls import secured

_GONE = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN, errno.EADDRNOTAVAIL, errno.ETIMEDOUT)
_CHUNK = 65536


class Wire:
    """A connection. Raises `CameraFailed` for everything that a peer or the network does to it."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline
        self._held = bytearray()
        self._last_s = deadline.monotonic()
        self.received = 0
        self.closed = False
        self.patience_s: float | None = None
        """The longest wait for the next byte, where it should be shorter than the deadline."""

    @classmethod
    def connect(cls, host: str, port: int, deadline: Deadline, trust: Trust | None = None) -> Self:
        """Connects, or raises: refused, unreachable (nobody answered the request), timeout (no time was left).

        With `trust` the connection is TLS, and tls_untrusted when its certificate is none of those.
        """
        address = _address(host, port, deadline)

        def connected() -> socket.socket:
            return _connected(address, host, port, deadline)

        return cls(connected() if trust is None else secured(connected, host, trust, deadline), deadline)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the connection."""
        with contextlib.suppress(OSError):
            self._sock.close()

    def send(self, data: bytes) -> None:
        """Sends all of `data`."""
        try:
            self._sock.settimeout(self._left_s())
            self._sock.sendall(data)
        except TimeoutError:
            raise CameraFailed(Fault.TIMEOUT, at="send") from None
        except ConnectionError:
            pass  # the read that follows sees the closed connection
        except OSError as error:
            raise CameraFailed(_lost(error), at="send", error=_name(error)) from None

    def last_words(self, data: bytes, patience_s: float = 0.2) -> None:
        """Sends `data` and waits a moment for the peer to take it: a close over unread bytes would cut it off."""
        monotonic = self._deadline.monotonic
        until_s = monotonic() + patience_s
        with contextlib.suppress(OSError):
            self._sock.settimeout(patience_s)
            self._sock.sendall(data)
            self._sock.shutdown(socket.SHUT_WR)
            while (left_s := until_s - monotonic()) > 0:
                self._sock.settimeout(left_s)
                if not self._sock.recv(_CHUNK):
                    return

    def read_until(self, mark: bytes, most: int) -> bytes:
        """Bytes up to and including `mark`; too_large when it does not come within `most` bytes.

        Returns b"" when the peer closed before it sent anything, and raises bad_response when it closed in between.
        """
        searched = 0
        while (end := self._held.find(mark, searched)) < 0:
            searched = max(0, len(self._held) - len(mark) + 1)
            if len(self._held) > most:
                raise CameraFailed(Fault.TOO_LARGE, limit_bytes=most, received_bytes=self.received)
            if not self._fill():
                if self._held:
                    raise CameraFailed(Fault.BAD_RESPONSE, error="closed within the answer", received=self._head())
                return b""
        if end > most:
            raise CameraFailed(Fault.TOO_LARGE, limit_bytes=most, received_bytes=self.received)
        return self._take(end + len(mark))

    def read_exactly(self, size: int) -> bytes:
        """`size` bytes; bad_response when the peer closes before."""
        while len(self._held) < size:
            if not self._fill():
                raise CameraFailed(
                    Fault.BAD_RESPONSE, error="closed within the answer", missing_bytes=size - len(self._held)
                )
        return self._take(size)

    def read_to_end(self, most: int) -> bytes:
        """Everything until the peer closes; too_large beyond `most` bytes."""
        while self._fill():
            if len(self._held) > most:
                raise CameraFailed(Fault.TOO_LARGE, limit_bytes=most, received_bytes=self.received)
        return self._take(len(self._held))

    def read_to_pause(self, most: int, pause_s: float) -> bytes:
        """Everything until the peer closes or sends nothing for that time; too_large beyond `most` bytes."""
        data = bytearray()
        while self.arrives(pause_s) and (some := self.read_some()):
            data += some
            if len(data) > most:
                raise CameraFailed(Fault.TOO_LARGE, limit_bytes=most, received_bytes=self.received)
        return bytes(data)

    def read_some(self) -> bytes:
        """What has come, at least a byte; b"" when the peer closed."""
        if not self._held:
            self._fill()
        return self._take(len(self._held))

    def arrives(self, within_s: float) -> bool:
        """Whether anything comes within that time, be it the end. Raises timeout when the look's time is over."""
        if self._held:
            return True
        usual, self.patience_s = self.patience_s, within_s
        try:
            self._fill()
        except CameraFailed as failed:
            if failed.fault is not Fault.TIMEOUT or self._deadline.left_s() <= 0:
                raise
            return False
        finally:
            self.patience_s = usual
        return True

    def put_back(self, data: bytes) -> None:
        """Puts bytes that were read in front of those that come."""
        self._held[:0] = data

    def peek(self, size: int) -> bytes:
        """The next `size` bytes without taking them; fewer when the peer closed."""
        while len(self._held) < size and self._fill():
            pass
        return bytes(self._held[:size])

    def _head(self) -> str:
        return self._held[:40].decode("latin-1")

    def _take(self, size: int) -> bytes:
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken

    def _fill(self) -> bool:
        try:
            self._sock.settimeout(self._left_s())
            data = self._sock.recv(_CHUNK)
        except TimeoutError:
            raise CameraFailed(Fault.TIMEOUT, at="read", received_bytes=self.received) from None
        except ConnectionError:
            data = b""
        except OSError as error:
            raise CameraFailed(_lost(error), at="read", error=_name(error)) from None
        self._held += data
        self.received += len(data)
        self.closed = not data
        self._last_s = self._deadline.monotonic()
        return bool(data)

    def ends(self) -> tuple[str, str]:
        """The numeric addresses of our end and of the peer's."""
        return self._sock.getsockname()[0], self._sock.getpeername()[0]

    def quiet_s(self) -> float:
        """For how long nothing has come."""
        return self._deadline.monotonic() - self._last_s

    def _left_s(self) -> float:
        left_s = self._deadline.left_s()
        if left_s <= 0:
            raise TimeoutError
        return left_s if self.patience_s is None else min(left_s, self.patience_s)


_SocketAddress = tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int]]


def _connected(address: _SocketAddress, host: str, port: int, deadline: Deadline) -> socket.socket:
    if not deadline.left_s():
        raise CameraFailed(Fault.TIMEOUT, at="connect")
    sock = socket.socket(address[0], socket.SOCK_STREAM)
    try:
        sock.settimeout(deadline.left_s())
        sock.connect(address[1])
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        sock.close()
        raise _connect_failure(error, host, port) from None
    return sock


def _address(host: str, port: int, deadline: Deadline) -> _SocketAddress:
    """Family and socket address of a host. A name is looked up beside the deadline: the system's own wait has none."""
    with contextlib.suppress(socket.gaierror, ValueError):
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)[
            0
        ]
        return family, address  # type: ignore[return-value]
    found: list[tuple[socket.AddressFamily, tuple[str, int]]] = []

    def look_up() -> None:
        with contextlib.suppress(OSError, ValueError):
            found.extend((row[0], row[4]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))  # type: ignore[misc]

    worker = threading.Thread(target=look_up, daemon=True, name="look-up")
    worker.start()
    worker.join(deadline.left_s())
    if not found:
        raise CameraFailed(Fault.UNREACHABLE, at="connect", error="the host's name was not found", host=host)
    return found[0]


def _connect_failure(error: OSError, host: str, port: int) -> CameraFailed:
    """Refused: the host is there and has no such port open. Unreachable: nobody answered the connection request."""
    if isinstance(error, ConnectionRefusedError):
        return CameraFailed(Fault.REFUSED, at="connect", port=port)
    if isinstance(error, TimeoutError) or error.errno in _GONE:
        return CameraFailed(Fault.UNREACHABLE, at="connect", host=host, port=port, error=_name(error))
    return CameraFailed(Fault.UNREACHABLE, at="connect", host=host, port=port, error=_name(error))


def _lost(error: OSError) -> Fault:
    """What it means when a connection breaks: over TLS also that the other side does not keep to the protocol."""
    return Fault.BAD_RESPONSE if isinstance(error, ssl.SSLError) else Fault.UNREACHABLE


def _name(error: OSError) -> str:
    if isinstance(error, TimeoutError) and not error.errno:
        return "no answer"
    return errno.errorcode.get(error.errno or 0, type(error).__name__)
