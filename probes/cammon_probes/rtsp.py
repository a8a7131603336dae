"""RTSP 1.0 (RFC 2326) as far as a look needs it: DESCRIBE, SETUP, PLAY, TEARDOWN over one connection."""

import contextlib
import re
from dataclasses import replace
from urllib.parse import quote, urljoin

from .answers import Answer, body_size, read_head
from .asides import MOST_ANSWERED, is_request, pass_over
from .datagrams import UdpMedia
from .failure import CameraFailed
from .interleaved import TcpMedia
from .login import Challenge, answer_to, chosen, offered
from .look import Look, Note
from .media import Media
from .model import Deadline, Endpoint, Fault
from .sdp import Video, session_control, video_of
from .sessions import USUAL_TIMEOUT_S, KeptAlive, session_of
from .statuses import demand_success, fault_of
from .wire import Wire

LARGEST_DESCRIPTION = 262144
OPTIONS_S = 2.0
"""A server that has not answered OPTIONS by then, or in a quarter of the time, does not know it."""
DESCRIPTION_PAUSE_S = 0.5
"""A description of unannounced length is over when the server says nothing for so long."""
UNSUPPORTED_TRANSPORT = 461
_SAFE = "/?&=:;,@+$!*'()%~._-"


def stream_url(host: str, port: int, path: str, scheme: str = "rtsp") -> str:
    """The address of a stream, without any login."""
    named = f"[{host.partition('%')[0]}]" if ":" in host else host
    return f"{scheme}://{named}:{port}" + quote(path if path.startswith("/") else "/" + path, safe=_SAFE)


class RtspClient:
    """One connection and one login, which is refused at most once. Every step is told to the look."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._endpoint = look.endpoint
        self._wire: Wire | None = None
        self._sequence = 0
        self._challenge: Challenge | None = None
        self._answered = 0
        self._stale_seen = False
        self.base = self._aggregate = self._control = ""
        self.session, self._timeout_s = "", USUAL_TIMEOUT_S
        self._datagrams: UdpMedia | None = None
        self.early: list[tuple[int, bytes]] = []
        """Media that came before the answer to PLAY."""

    def close(self) -> None:
        """Ends the connection; a session that was set up is torn down first."""
        if self._datagrams is not None:
            self._datagrams.close()
        if self._wire is None:
            return
        if self.session:
            self._wire.last_words(self._request("TEARDOWN", self.base, {}))
            self._look.evidence.setdefault("received_bytes", self._wire.received)
        self._wire.close()
        self._wire = None

    def options(self, path: str) -> None:
        """Connects and asks what the server can do, which takes neither a login nor a stream.

        A step tells what came; a server that does not answer it properly may answer DESCRIBE all the same.
        """
        self._begin(path)
        with contextlib.suppress(CameraFailed), self._look.step("options") as note:
            wire = self._connected()
            wire.patience_s = min(OPTIONS_S, self._look.deadline.left_s() / 4)
            try:
                answer = self._exchange("OPTIONS", self.base, {})
            except CameraFailed:
                wire.close()  # an answer that comes late must not be taken for that to DESCRIBE
                self._wire = None
                raise
            wire.patience_s = None
            note.detail = " ".join([_status_line(answer), *answer.all("public")])

    def describe(self, path: str) -> Video:
        """Connects and asks what the stream is. Raises `CameraFailed`: also no_video when there is none."""
        self._begin(path)
        answer = self._asked("describe", "DESCRIBE", self.base, {"Accept": "application/sdp"})
        with self._look.step("stream") as note:
            text = answer.body.decode("utf-8", "replace")
            video = _described(text)
            note.detail = _told(video)
        # The configured host is used whatever Content-Base says: cameras behind NAT name an inner address.
        told = answer.header("content-base") or answer.header("content-location") or ""
        self.base = _own(self.base, self.base, told if "://" in told else "")
        root = self.base if self.base.endswith("/") else self.base + "/"
        self._aggregate = _own(self.base, root, session_control(text))
        self._control = _own(self.base, root, video.control)
        return video

    def play(self) -> Media:
        """Sets up the video and starts it: over this connection, or over UDP where the camera speaks no other."""
        try:
            answer = self._set_up("RTP/AVP/TCP;unicast;interleaved=0-1")
        except CameraFailed as failed:
            if failed.evidence.get("status") != UNSUPPORTED_TRANSPORT:
                raise
            return self._play_over_udp()
        granted = re.search(r"interleaved\s*=\s*(\d{1,3})", answer.header("transport") or "")
        self._start()
        return self._kept_alive(TcpMedia(self._connected(), int(granted[1]) if granted else 0, self.early))

    def _play_over_udp(self) -> Media:
        media = self._datagrams = UdpMedia(*self._connected().ends(), self._look.deadline)
        answer = self._set_up(media.transport)
        media.opened(answer.header("transport") or "")
        self._start()
        return self._kept_alive(media)

    def _kept_alive(self, media: Media) -> Media:
        """The stream with a word to the server in between, where the session would end before the look does."""
        deadline = self._look.deadline
        if self._timeout_s >= deadline.left_s():
            return media
        return KeptAlive(media, self._timeout_s / 2, deadline.monotonic, self._say_we_are_here)

    def _say_we_are_here(self) -> None:
        if self._wire is not None:
            self._wire.send(self._request("GET_PARAMETER", self._aggregate, {}))

    def _set_up(self, transport: str) -> Answer:
        answer = self._asked("setup", "SETUP", self._control, {"Transport": transport})
        self.session, self._timeout_s = session_of(answer.header("session") or "")
        return answer

    def _start(self) -> None:
        self._asked("play", "PLAY", self._aggregate, {"Range": "npt=0.000-"})

    def _begin(self, path: str) -> None:
        self.base = stream_url(self._endpoint.host, self._endpoint.rtsp_port, path, self._endpoint.rtsp_scheme)
        if self._wire is None:
            with self._look.step("connect"):
                self._connect()

    def _connect(self) -> None:
        camera = self._endpoint
        trust = camera.trust if camera.rtsp_scheme == "rtsps" else None
        self._wire = Wire.connect(camera.host, camera.rtsp_port, self._look.deadline, trust)

    def _connected(self) -> Wire:
        if self._wire is None:
            self._connect()
        assert self._wire is not None
        return self._wire

    def _asked(self, step: str, method: str, url: str, headers: dict[str, str]) -> Answer:
        """One request; when a login is asked for, once more with it. Raises unless it succeeds."""
        with self._look.step(step) as note:
            answer = self._exchange(method, url, headers)
            note.detail = _status_line(answer)
            if answer.status != 401 or not self._may_log_in(answer, note):
                demand_success(answer, **self._login_evidence(answer))
                return answer
        with self._look.step("login") as note:
            answer = self._exchange(method, url, headers)
            if answer.status == 401 and self._renew_stale(answer):
                answer = self._exchange(method, url, headers)
            note.detail = _status_line(answer)
            demand_success(answer, login=self._challenge.scheme if self._challenge else "")
        self._endpoint.turn.accepted()
        return answer

    def _may_log_in(self, answer: Answer, note: Note) -> bool:
        """Whether this refusal only asks for a login that has not been tried yet; picks how to log in."""
        if self._challenge is not None:
            return self._renew_stale(answer)
        if self._endpoint.credential is None:
            return False
        if fault_of(answer) is Fault.AUTH_LOCKED:
            return False
        challenges = offered(answer)
        self._challenge = chosen(challenges)
        self._answered = 0
        if self._challenge is None:
            names = " ".join(challenge.scheme for challenge in challenges) or "none"
            raise CameraFailed(Fault.BAD_RESPONSE, status=401, error="no login that can be answered", offered=names)
        if self._look.may_log_in(note):
            return True
        self._challenge = None
        return False

    def _renew_stale(self, answer: Answer) -> bool:
        """Takes the new nonce of a camera that calls the old one stale; once only, for some say so for ever."""
        fresh = chosen(offered(answer))
        if fresh is None or not fresh.stale or self._stale_seen:
            return False
        self._challenge, self._answered, self._stale_seen = fresh, 0, True
        return True

    def _login_evidence(self, answer: Answer) -> dict[str, str]:
        if answer.status != 401:
            return {}
        if self._endpoint.credential is None:
            return {"login": "none configured"}
        return {"login": self._challenge.scheme} if self._challenge else {}

    def _exchange(self, method: str, url: str, headers: dict[str, str]) -> Answer:
        """Sends a request and reads its answer; connects anew once when the camera has closed in between."""
        fresh = self._wire is None
        answer = self._try_exchange(method, url, headers)
        if answer is None and not fresh and self._sequence > 1 and not self.session:
            self._connected().close()
            self._wire = None
            answer = self._try_exchange(method, url, headers)
        if answer is None:
            raise CameraFailed(Fault.BAD_RESPONSE, error="closed without an answer", request=method)
        if (answer.header("connection") or "").lower() == "close" or self._connected().closed:
            self._connected().close()
            self._wire = None
        return answer

    def _try_exchange(self, method: str, url: str, headers: dict[str, str]) -> Answer | None:
        wire = self._connected()
        wire.send(self._request(method, url, headers))
        answer = self._next_answer(wire)
        if answer is not None and answer.status == 100:  # it has not finished yet
            answer = self._next_answer(wire)
        if answer is None:
            return None
        size = body_size(answer, LARGEST_DESCRIPTION)
        if size is None and method == "DESCRIBE" and answer.status == 200:
            body = wire.read_to_pause(LARGEST_DESCRIPTION, DESCRIPTION_PAUSE_S)
        else:
            body = wire.read_exactly(size or 0)
        return replace(answer, body=body) if body else answer

    def _next_answer(self, wire: Wire) -> Answer | None:
        """Media that come before it are kept, requests of the server's own are answered."""
        asides = 0
        while True:
            if wire.peek(1) == b"$":
                self._keep_early(wire)
            elif asides < MOST_ANSWERED and is_request(wire):
                pass_over(wire, answer=True)
                asides += 1
            else:
                return read_head(wire, "RTSP")

    def _keep_early(self, wire: Wire) -> None:
        head = wire.read_exactly(4)
        packet = wire.read_exactly(int.from_bytes(head[2:]))
        if len(self.early) < 256:
            self.early.append((head[1], packet))

    def _request(self, method: str, url: str, headers: dict[str, str]) -> bytes:
        self._sequence += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self._sequence}", "User-Agent: cammon"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if self.session:
            lines.append(f"Session: {self.session}")
        if self._challenge is not None and self._endpoint.credential is not None:
            self._answered += 1
            answer = answer_to(self._challenge, self._endpoint.credential, method, url, self._answered)
            lines.append(f"Authorization: {answer}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


def answer_to_options(endpoint: Endpoint, path: str, deadline: Deadline) -> str:
    """What comes back when the server is asked what it can do, over a connection of its own and without a login."""
    url = stream_url(endpoint.host, endpoint.rtsp_port, path, endpoint.rtsp_scheme)
    try:
        with Wire.connect(
            endpoint.host, endpoint.rtsp_port, deadline, endpoint.trust if endpoint.rtsp_scheme == "rtsps" else None
        ) as wire:
            wire.send(f"OPTIONS {url} RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: cammon\r\n\r\n".encode())
            answer = read_head(wire, "RTSP")
    except CameraFailed:
        answer = None
    return "no answer" if answer is None else _status_line(answer)


def _described(text: str) -> Video:
    if not text.lstrip("\ufeff\r\n\t ").startswith("v="):
        raise CameraFailed(Fault.BAD_RESPONSE, error="the answer is no SDP")
    video = video_of(text)
    if video is None:
        raise CameraFailed(Fault.NO_VIDEO, error="the description has no video", sdp_bytes=len(text))
    return video


def _told(video: Video) -> str:
    size = f" {video.size[0]}x{video.size[1]}" if video.size else ""
    rate = f" {video.rate_fps:g}/s" if video.rate_fps else ""
    return (video.codec or "unnamed codec") + size + rate


def _own(base: str, root: str, control: str) -> str:
    """A control attribute as an address on the configured host."""
    if control in ("", "*"):
        return base
    if "://" in control:
        path = "/" + control.partition("://")[2].partition("/")[2]
        return urljoin(root, quote(path, safe=_SAFE))
    return root + quote(control.lstrip("/"), safe=_SAFE)


def _status_line(answer: Answer) -> str:
    return f"{answer.status} {answer.reason}".strip()
