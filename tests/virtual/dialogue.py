"""A viewer that speaks RTSP by hand, for what no library lets one see."""

import hashlib
import re
import socket
from dataclasses import dataclass

from cammon_probes.model import Endpoint


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, list[str]]
    body: bytes

    def header(self, name: str) -> str:
        return self.headers[name.lower()][0]


class Dialogue:
    """One RTSP connection. Interleaved packets that arrive between answers are kept in `packets`."""

    def __init__(self, endpoint: Endpoint, path: str | None = None, timeout_s: float = 5.0) -> None:
        self.endpoint = endpoint
        self.url = f"rtsp://{endpoint.host}:{endpoint.rtsp_port}{path or endpoint.sub_path or endpoint.rtsp_path}"
        self.socket = socket.create_connection((endpoint.host, endpoint.rtsp_port), timeout_s)
        self.stream = self.socket.makefile("rb")
        self.packets: list[tuple[int, bytes]] = []
        self.challenge = ""
        self.session = ""
        self._cseq = 0

    def __enter__(self) -> "Dialogue":
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()
        self.socket.close()

    def ask(self, method: str, *headers: str, url: str | None = None, password: str | None = None) -> Answer:
        """One request; with the digest of the endpoint's login once a challenge has come."""
        self._cseq += 1
        lines = [f"{method} {url or self.url} RTSP/1.0", f"CSeq: {self._cseq}", *headers]
        if self.session:
            lines.append(f"Session: {self.session}")
        if self.challenge and self.endpoint.credential is not None:
            secret = self.endpoint.credential.password if password is None else password
            lines.append(self._authorization(method, url or self.url, self.endpoint.credential.username, secret))
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return self.read()

    def log_in(self) -> None:
        """Take the challenge of a first DESCRIBE."""
        self.challenge = self.ask("DESCRIBE").header("www-authenticate")

    def set_up(self) -> Answer:
        answer = self.ask("SETUP", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1", url=f"{self.url}/trackID=1")
        if answer.status == 200:
            self.session = answer.header("session").partition(";")[0]
        return answer

    def read(self) -> Answer:
        while (first := self.stream.read(1)) == b"$":
            self._take_packet()
        status = int((first + self.stream.readline()).split()[1])
        headers: dict[str, list[str]] = {}
        while (line := self.stream.readline().strip()) != b"":
            name, _, value = line.decode().partition(":")
            headers.setdefault(name.lower(), []).append(value.strip())
        length = int(headers.get("content-length", ["0"])[0])
        return Answer(status, headers, self.stream.read(length))

    def next_packet(self) -> tuple[int, bytes]:
        """The next interleaved packet and its channel. TimeoutError when none comes."""
        assert self.stream.read(1) == b"$"
        self._take_packet()
        return self.packets[-1]

    def _take_packet(self) -> None:
        channel, high, low = self.stream.read(3)
        self.packets.append((channel, self.stream.read(high << 8 | low)))

    def _authorization(self, method: str, uri: str, username: str, password: str) -> str:
        given = dict(re.findall(r'(\w+)="?([^",]+)"?', self.challenge))
        kind = hashlib.sha256 if given.get("algorithm") == "SHA-256" else hashlib.md5
        secret = kind(f"{username}:{given['realm']}:{password}".encode()).hexdigest()
        request = kind(f"{method}:{uri}".encode()).hexdigest()
        response = kind(f"{secret}:{given['nonce']}:{request}".encode()).hexdigest()
        return (
            f'Authorization: Digest username="{username}", realm="{given["realm"]}", nonce="{given["nonce"]}", '
            f'uri="{uri}", algorithm={given.get("algorithm", "MD5")}, response="{response}"'
        )
