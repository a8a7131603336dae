"""Turns at an account: one look at a time asks whether it takes the login, and nothing else waits for that."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path

import pytest

from cammon.clock import SystemClock
from cammon.loginguard import LoginGuard, LoginTurn, guard_of
from cammon.service.looks import Looker
from cammon.service.references import References
from cammon.sitefiles import read_site
from cammon.store.opening import Store
from cammon_probes.model import Credential, Deadline, Fault, ProbeKind, Reading, Step
from cammon_probes.unfinished import LoginBusy
from tests.system.system_processes import free_port

NOW = datetime(2026, 5, 1, tzinfo=UTC)
LOGIN = Credential("nvr", "admin", "right")
HOST = "127.0.0.1"
BOX = "127.66.9.1"


def turn_of(guard: LoginGuard, credential: Credential = LOGIN, host: str = HOST) -> LoginTurn:
    return guard.turn(host, credential, ProbeKind.LIVENESS, lambda: NOW)


def soon(seconds: float = 0.2, monotonic=time.monotonic) -> Deadline:
    return Deadline.after(seconds, monotonic)


@pytest.fixture
def guard() -> LoginGuard:
    return LoginGuard(b"k", pause=timedelta(minutes=30))


def test_one_look_at_an_account_at_a_time(guard: LoginGuard) -> None:
    first = turn_of(guard)
    assert first.begin(soon())
    for other in (LOGIN, Credential("another name", "admin", "x")):
        with pytest.raises(LoginBusy):
            turn_of(guard, other).begin(soon())
    assert turn_of(guard, Credential("nvr", "viewer", "x")).begin(soon())
    assert turn_of(guard, host="127.0.0.2").begin(soon())
    first.end()
    second = turn_of(guard)
    assert second.begin(soon())
    first.end()
    with pytest.raises(LoginBusy):
        turn_of(guard).begin(soon())  # the first, ended twice, took nothing from the second


def test_who_waits_gets_the_turn_when_the_login_was_accepted(guard: LoginGuard) -> None:
    first, order = turn_of(guard), []
    assert first.begin(soon())

    def waiter(number: int) -> bool:
        turn = turn_of(guard)
        begun = turn.begin(soon(20.0))
        order.append(number)
        turn.accepted()
        return begun

    with ThreadPoolExecutor(4) as pool:
        waiting = []
        for number in range(4):
            waiting.append(pool.submit(waiter, number))
            time.sleep(0.03)
        assert not any(one.done() for one in waiting)
        first.accepted()
        assert all(one.result(5.0) for one in waiting)
    assert order == [0, 1, 2, 3]


def test_who_waits_for_a_login_that_is_then_refused_sends_none(guard: LoginGuard) -> None:
    first = turn_of(guard)
    assert first.begin(soon())
    with ThreadPoolExecutor(1) as pool:
        other = turn_of(guard)
        waiting = pool.submit(other.begin, soon(20.0))
        time.sleep(0.05)
        guard.learn(
            HOST,
            LOGIN,
            Reading("C", ProbeKind.LIVENESS, NOW, Fault.AUTH_FAILED, steps=(Step("login", False, 1.0),)),
        )
        first.end()
        assert waiting.result(5.0) is False
    assert other.held_back_until == NOW + timedelta(minutes=30)
    assert turn_of(guard, Credential("nvr", "admin", "new")).begin(soon())  # what was held back holds up nobody


class Turned:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize("good", [True, False], ids=["taken last time", "not known yet"])
def test_a_login_that_keeps_others_waiting_is_passed_on_once_and_only_when_it_was_taken_last_time(
    guard: LoginGuard, good: bool
) -> None:
    clock = Turned()
    if good:
        before = turn_of(guard)
        before.begin(soon(1.0, clock))
        before.accepted()
    assert turn_of(guard).begin(soon(10.0, clock))  # and is never answered
    with pytest.raises(LoginBusy):
        turn_of(guard).begin(soon(0.0, clock))
    clock.seconds += 2.1
    if not good:
        with pytest.raises(LoginBusy):
            turn_of(guard).begin(soon(0.0, clock))
        return
    assert turn_of(guard).begin(soon(10.0, clock))
    clock.seconds += 2.1
    with pytest.raises(LoginBusy):
        turn_of(guard).begin(soon(0.0, clock))


class Recorder(threading.Thread):
    """A recorder over a thin link: each answer to a login takes a while. It counts how many stand at once."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.server = socket.create_server((BOX, port), backlog=64)
        self.lock = threading.Lock()
        self.right = True
        self.logins = self.most_logins = self.most_connections = self.connections = 0

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        with self.lock:
            self.connections += 1
            self.most_connections = max(self.most_connections, self.connections)
        with connection, connection.makefile("rwb") as talk:
            while head := b"".join(takewhile(lambda line: line.strip(), iter(talk.readline, b""))):
                time.sleep(0.1)
                talk.write(self.answer(head, head.split(b"CSeq: ")[1].split(b"\r\n")[0]))
                talk.flush()
        with self.lock:
            self.connections -= 1

    def answer(self, head: bytes, sequence: bytes) -> bytes:
        if b"Authorization" not in head:
            return b'RTSP/1.0 401 No\r\nCSeq: %b\r\nWWW-Authenticate: Basic realm="x"\r\n\r\n' % sequence
        with self.lock:
            self.logins += 1
            self.most_logins = max(self.most_logins, self.logins)
        time.sleep(0.02)
        with self.lock:
            self.logins -= 1
        if not self.right:
            return b'RTSP/1.0 401 No\r\nCSeq: %b\r\nWWW-Authenticate: Basic realm="x"\r\n\r\n' % sequence
        sdp = b"v=0\r\ns=x\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
        return b"RTSP/1.0 200 OK\r\nCSeq: %b\r\nContent-Length: %d\r\n\r\n" % (sequence, len(sdp)) + sdp


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    made = Recorder(free_port())
    made.start()
    yield made
    made.server.close()


def looker_of(folder: Path, address: str, guard: LoginGuard) -> Looker:
    (folder / "login").write_text("admin:right")
    (folder / "site.toml").write_text('name = "x"\n[credentials.nvr]\nfile = "login"\n')
    rows = "".join(f"C{number},{address},nvr\n" for number in range(8))
    (folder / "cameras.csv").write_text("id,address,credential\n" + rows)
    site = read_site(folder).site
    assert site is not None
    return Looker(site, SystemClock(), guard, References([]), lambda _camera: None, ())


def test_channels_stand_in_line_for_the_login_alone(tmp_path: Path, guard: LoginGuard, recorder: Recorder) -> None:
    looker = looker_of(tmp_path, "{}:{}".format(*recorder.server.getsockname()), guard)
    cameras = looker._site.cameras
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda one: looker.look(one, ProbeKind.LIVENESS, NOW).reading, cameras))
    assert [reading.fault for reading in found] == [None] * 8
    assert recorder.most_logins == 1
    assert recorder.most_connections == 8, "connecting and the first question wait for nobody"


def test_a_dead_channel_needs_no_login(tmp_path: Path, guard: LoginGuard) -> None:
    assert turn_of(guard).begin(soon())
    with socket.socket() as taken:
        taken.bind((HOST, 0))  # bound and not listening: refuses
        looker = looker_of(tmp_path, f"{HOST}:{taken.getsockname()[1]}", guard)
        found = looker.look(looker._site.cameras[0], ProbeKind.LIVENESS, NOW)
    assert found.reading.fault is Fault.REFUSED


def test_a_refused_login_stands_in_the_store_when_the_look_returns(
    tmp_path: Path, store: Store, recorder: Recorder
) -> None:
    """So that a service that is killed before it recorded the look does not send that login again."""
    recorder.right = False
    looker = looker_of(tmp_path, "{}:{}".format(*recorder.server.getsockname()), guard_of(store, timedelta(minutes=30)))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda one: looker.look(one, ProbeKind.LIVENESS, NOW).reading, looker._site.cameras))
    assert [reading.fault for reading in found] == [Fault.AUTH_FAILED] * 8
    assert sum("login_paused_until" in reading.evidence for reading in found) == 7
    anew = guard_of(store, timedelta(minutes=30))
    assert anew.stopped_until(BOX, LOGIN, SystemClock().now()) is not None
