"""Cameras that misbehave: small socket servers on loopback, each one a function of the connection."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

Serve = Callable[[socket.socket], None]


class Peer:
    """A listening server that runs `serve(connection)` in a thread for each connection and remembers what came."""

    def __init__(self, serve: Serve, host: str = "127.0.0.1", port: int = 0) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family)
        self._serve = serve
        self._open: list[socket.socket] = []
        self.host, self.port = host, self._listener.getsockname()[1]
        self.connections = 0
        self.closed = False
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._run, args=(connection,), daemon=True).start()

    def _run(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, StopIteration), connection:
            self._serve(connection)

    def close(self) -> None:
        self.closed = True
        for end in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._thread.join(2)


def request(connection: socket.socket) -> bytes:
    """The next request with its body; ends the conversation when the other side closed."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            raise StopIteration
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            while len(body) < int(value):
                body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answering(*replies: bytes | Callable[[bytes], bytes]) -> Serve:
    """Gives the replies in turn, one for each request; the last one for all that follow."""

    def serve(connection: socket.socket) -> None:
        for reply in (*replies, *(replies[-1] for _ in range(100))):
            asked = request(connection)
            connection.sendall(reply(asked) if callable(reply) else reply)

    return serve


def rtsp(status: str, *headers: str, body: bytes = b"") -> bytes:
    """An RTSP answer."""
    lines = [f"RTSP/1.0 {status}", "CSeq: 1", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def http(status: str, *headers: str, body: bytes = b"") -> bytes:
    """An HTTP answer."""
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", ""]).encode() + body


SDP_HEAD = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\n"
SDP_H264 = SDP_HEAD + b"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:trackID=1\r\n"
SDP_AUDIO = SDP_HEAD + b"m=audio 0 RTP/AVP 0\r\na=control:trackID=2\r\n"


def described(sdp: bytes = SDP_H264) -> bytes:
    return rtsp("200 OK", "Content-Type: application/sdp", body=sdp)


def mute(connection: socket.socket) -> None:
    """Accepts and says nothing."""
    while connection.recv(65536):
        pass


def dripping(data: bytes, every_s: float = 0.1) -> Serve:
    """Sends one byte at a time, each well within any timeout of a single read."""

    def serve(connection: socket.socket) -> None:
        for index in range(len(data)):
            connection.sendall(data[index : index + 1])
            time.sleep(every_s)

    return serve


def pouring(head: bytes, chunk: bytes) -> Serve:
    """Sends `head`, then `chunk` without end."""

    def serve(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(chunk)

    return serve


def closing(data: bytes = b"") -> Serve:
    """Waits for a request, sends `data` and closes."""

    def serve(connection: socket.socket) -> None:
        request(connection)
        connection.sendall(data)

    return serve


def resetting(connection: socket.socket) -> None:
    """Answers a request with a reset."""
    request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@contextlib.contextmanager
def dropping() -> Iterator[int]:
    """The port of a listener whose queue is full: the kernel drops further connection requests."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, contextlib.ExitStack() as waiting:
        for _ in range(4):
            filler = waiting.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        time.sleep(0.05)
        yield listener.getsockname()[1]


def refusing() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class RtspCamera:
    """Serves one stream: DESCRIBE, SETUP and PLAY are answered, then `play(connection)` runs."""

    def __init__(self, sdp: bytes, play: Serve, **overrides: bytes) -> None:
        self._sdp = sdp
        self._play = play
        self._overrides = overrides
        self.methods: list[str] = []
        self.requests: list[bytes] = []

    def __call__(self, connection: socket.socket) -> None:
        while True:
            asked = request(connection)
            method = asked.split()[0].decode()
            self.methods.append(method)
            self.requests.append(asked)
            if method in self._overrides:
                connection.sendall(self._overrides[method])
            elif method == "DESCRIBE":
                connection.sendall(described(self._sdp))
            elif method == "SETUP":
                transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"
                connection.sendall(rtsp("200 OK", transport, "Session: 12345;timeout=60"))
            else:
                connection.sendall(rtsp("200 OK", "Session: 12345"))
            if method == "PLAY":
                self._play(connection)


def interleaved(packet: bytes, channel: int = 0) -> bytes:
    return b"$" + bytes([channel]) + len(packet).to_bytes(2) + packet


def rtp(payload: bytes, sequence: int, timestamp: int, marker: bool = False, payload_type: int = 96) -> bytes:
    head = bytes([0x80, payload_type | 0x80 * marker]) + (sequence & 0xFFFF).to_bytes(2) + timestamp.to_bytes(4)
    return head + b"\x00\x00\x00\x01" + payload
