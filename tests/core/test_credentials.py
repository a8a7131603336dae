"""Logins: where they come from, and the guard against locking accounts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cammon.credentials import LoginGuard, missing, resolve
from cammon.sitefiles.model import CredentialSource
from cammon.store.login_stops import LoginStop
from cammon_probes.model import Credential, Fault, ProbeKind, Reading

NOW = datetime(2026, 5, 1, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
LOGIN = Credential("nvr", "admin", "one:with:colons")
HOST = "127.0.0.1"


def reading(fault: Fault | None = None) -> Reading:
    return Reading("C", ProbeKind.LIVENESS, NOW, fault)


def test_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAM_LOGIN", "admin:one:with:colons")
    file = tmp_path / "login"
    file.write_text("admin:one:with:colons\n")
    assert resolve(CredentialSource("nvr", env="CAM_LOGIN")) == LOGIN
    assert resolve(CredentialSource("nvr", file=file)) == LOGIN
    file.write_text("admin:rotated")
    assert resolve(CredentialSource("nvr", file=file)) == Credential("nvr", "admin", "rotated")


@pytest.mark.parametrize("content", [None, "", "nocolon", b"\xff\xfe"], ids=["absent", "empty", "no colon", "no text"])
def test_sources_that_hold_nothing(tmp_path: Path, content: str | bytes | None) -> None:
    file = tmp_path / "login"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    source = CredentialSource("nvr", file=file)
    assert resolve(source) is None
    assert missing({"nvr": source}) == (source,)


def test_a_password_is_in_no_repr() -> None:
    assert "colons" not in repr(LOGIN)


def test_after_a_refusal_no_login_until_the_pause_ends() -> None:
    guard = LoginGuard(b"k", pause=HALF_HOUR)
    assert guard.stopped_until(HOST, LOGIN, NOW) is None
    stop = guard.learn(HOST, LOGIN, reading(Fault.AUTH_FAILED))
    assert isinstance(stop, LoginStop)
    assert "colons" not in repr(stop)
    assert guard.stopped_until(HOST, LOGIN, NOW + timedelta(minutes=29)) == NOW + HALF_HOUR
    assert guard.stopped_until(HOST, LOGIN, NOW + HALF_HOUR) is None
    assert guard.stopped_until("127.0.0.2", LOGIN, NOW) is None


def test_a_changed_password_ends_the_stop() -> None:
    guard = LoginGuard(b"k", pause=HALF_HOUR)
    guard.learn(HOST, LOGIN, reading(Fault.AUTH_LOCKED))
    assert guard.stopped_until(HOST, Credential("nvr", "admin", "new"), NOW) is None


def test_a_restart_keeps_the_stop() -> None:
    stop = LoginGuard(b"k", pause=HALF_HOUR).learn(HOST, LOGIN, reading(Fault.AUTH_FAILED))
    assert isinstance(stop, LoginStop)
    assert LoginGuard(b"k", [stop], HALF_HOUR).stopped_until(HOST, LOGIN, NOW) == NOW + HALF_HOUR


@pytest.mark.parametrize(("fault", "over"), [(None, True), (Fault.TIMEOUT, False), (Fault.NO_VIDEO, False)])
def test_only_a_login_that_works_ends_a_stop(fault: Fault | None, over: bool) -> None:
    guard = LoginGuard(b"k", pause=HALF_HOUR)
    guard.learn(HOST, LOGIN, reading(Fault.AUTH_FAILED))
    assert guard.learn(HOST, LOGIN, reading(fault)) is over
    assert (guard.stopped_until(HOST, LOGIN, NOW) is None) is over


def test_one_login_at_a_host_at_a_time() -> None:
    guard = LoginGuard(b"k")
    assert guard.begin(HOST, LOGIN)
    assert not guard.begin(HOST, LOGIN)
    assert guard.begin("127.0.0.2", LOGIN)
    guard.end(HOST, LOGIN)
    assert guard.begin(HOST, LOGIN)
