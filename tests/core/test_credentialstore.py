"""The encrypted store: what it keeps, who may read it, and what happens when key or file are not right."""

import base64
import logging
import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cammon import credentialkey
from cammon.credentialstore import CredentialStore, StoredLogin, beside
from cammon.problem import UserError
from cammon_probes.model import Credential

AT = datetime(2026, 5, 1, tzinfo=UTC)
SECRET = 'pä"ss & <wörd> 密码'
LOGIN = StoredLogin("nvr", "admin", SECRET, AT)


@pytest.fixture(autouse=True)
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(credentialkey.VARIABLE, raising=False)
    monkeypatch.delenv(credentialkey.FILE_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "cammon" / "credentials.key"


@pytest.fixture
def store(tmp_path: Path) -> CredentialStore:
    kept = CredentialStore(beside(tmp_path / "cammon.sqlite"))
    kept.put(LOGIN)
    return kept


def refusal(work: Callable[[], object]) -> str:
    with pytest.raises(UserError) as caught:
        work()
    assert len(caught.value.lines) == 1
    assert SECRET not in str(caught.value)
    return caught.value.lines[0]


def test_what_is_put_comes_back(store: CredentialStore) -> None:
    store.put(replace(LOGIN, name="gate", password="x"))
    assert CredentialStore(store.path).get("nvr") == Credential("nvr", "admin", SECRET)
    assert [login.name for login in store.all()] == ["gate", "nvr"]
    assert store.remove("gate")
    assert not store.remove("gate")
    assert [login.changed_at for login in store.all()] == [AT]


def test_file_and_key_are_for_their_owner_alone_and_show_nothing(store: CredentialStore, key_file: Path) -> None:
    assert [stat.S_IMODE(path.stat().st_mode) for path in (store.path, key_file)] == [0o600, 0o600]
    assert stat.S_IMODE(key_file.parent.stat().st_mode) == 0o700
    for path in store.path.parent.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(part in content for part in (SECRET.encode(), b"admin", b"nvr"))


def test_nothing_half_written_is_left(store: CredentialStore) -> None:
    names = {path.name for path in store.path.parent.iterdir() if path.is_file()}
    assert names == {store.path.name, store.path.name + ".lock"}


def test_setting_at_once_loses_nothing_and_makes_one_key(tmp_path: Path) -> None:
    path = tmp_path / "together.credentials"
    names = [f"n{number}" for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: CredentialStore(path).put(replace(LOGIN, name=name)), names))
    assert {login.name for login in CredentialStore(path).all()} == set(names)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_can_read_is_refused(store: CredentialStore, key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    assert f"chmod 600 {key_file}" in refusal(store.all)
    assert "chmod 600" in refusal(lambda: store.put(LOGIN))
    key_file.chmod(0o400)
    assert store.all()


def test_a_key_that_is_gone_is_not_made_anew(store: CredentialStore, key_file: Path) -> None:
    key_file.unlink()
    assert str(key_file) in refusal(lambda: store.put(LOGIN))
    assert not key_file.exists()


@pytest.mark.parametrize("text", ["", "short", "é" * 44, "!" * 44])
def test_a_key_that_is_none(store: CredentialStore, key_file: Path, text: str) -> None:
    key_file.write_text(text, "utf-8")
    assert "base64" in refusal(store.all)


def test_another_key(store: CredentialStore, monkeypatch: pytest.MonkeyPatch, key_file: Path) -> None:
    monkeypatch.setenv(credentialkey.VARIABLE, base64.b64encode(os.urandom(32)).decode())
    assert "another key" in refusal(lambda: CredentialStore(store.path).get("nvr"))
    monkeypatch.setenv(credentialkey.VARIABLE, key_file.read_text().replace("+", "-").replace("/", "_"))
    assert CredentialStore(store.path).get("nvr") is not None


@pytest.mark.parametrize("place", ["head", "nonce", "middle", "end", "cut", "empty"])
def test_a_damaged_file(store: CredentialStore, place: str) -> None:
    content = bytearray(store.path.read_bytes())
    head = content.index(b"\n") + 1
    at = {"head": 3, "nonce": head + 2, "middle": head + 30, "end": len(content) - 1}.get(place)
    if at is None:
        content = content[: head + 5] if place == "cut" else bytearray()
    else:
        content[at] ^= 1
    store.path.write_bytes(content)
    line = refusal(lambda: CredentialStore(store.path).get("nvr"))
    assert str(store.path) in line
    assert "set the logins anew" in line


def test_a_store_that_breaks_later_is_said_once_and_its_logins_stay(
    store: CredentialStore, caplog: pytest.LogCaptureFixture
) -> None:
    assert store.get("nvr") is not None
    good = store.path.read_bytes()
    store.path.write_bytes(b"broken")
    with caplog.at_level(logging.ERROR):
        assert [store.get("nvr") is not None for _ in range(3)] == [True, True, True]
    assert len(caplog.records) == 1
    store.path.write_bytes(good + b"")
    assert store.get("nvr") is not None


def test_an_unchanged_file_is_not_read_again(store: CredentialStore, key_file: Path) -> None:
    assert store.get("nvr") is not None
    key_file.unlink()
    assert store.get("nvr") is not None


def test_without_a_home_a_key_file_has_to_be_named(store: CredentialStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CONFIG_HOME")

    def homeless() -> Path:
        raise RuntimeError("no home")

    monkeypatch.setattr(credentialkey.Path, "home", homeless)
    assert credentialkey.FILE_VARIABLE in refusal(store.all)
