"""Where logins come from."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cammon.credentials import Logins
from cammon.credentialstore import CredentialStore, StoredLogin
from cammon.sitefiles.model import CredentialSource
from cammon_probes.model import Credential

LOGIN = Credential("nvr", "admin", "one:with:colons")


def logins(folder: Path, **source: object) -> Logins:
    return Logins({"nvr": CredentialSource("nvr", **source)}, CredentialStore(folder / "x.credentials"))  # type: ignore[arg-type]


def test_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAM_LOGIN", "admin:one:with:colons")
    assert logins(tmp_path, env="CAM_LOGIN").of("nvr") == LOGIN


def test_a_file_and_its_rotation(tmp_path: Path) -> None:
    file = tmp_path / "login"
    file.write_text("admin:one:with:colons\n")
    found = logins(tmp_path, file=file)
    assert found.of("nvr") == LOGIN
    file.write_text("\ufeffadmin:rotated\r\n")  # as Windows' Notepad writes it
    assert found.of("nvr") == Credential("nvr", "admin", "rotated")


def test_the_store_and_its_rotation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMMON_CREDENTIALS_KEY_FILE", str(tmp_path / "key"))
    found = logins(tmp_path, store=True)
    assert found.of("nvr") is None
    for password in ("one:with:colons", "rotated"):
        CredentialStore(tmp_path / "x.credentials").put(StoredLogin("nvr", "admin", password, datetime.now(UTC)))
        assert found.of("nvr") == Credential("nvr", "admin", password)
    assert found.all() == (Credential("nvr", "admin", "rotated"),)


@pytest.mark.parametrize(
    "content",
    [None, "", "nocolon", b"\xff\xfe", "a:b\nc:d"],
    ids=["absent", "empty", "no colon", "no text", "two lines"],
)
def test_sources_that_hold_nothing(tmp_path: Path, content: str | bytes | None) -> None:
    file = tmp_path / "login"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = logins(tmp_path, file=file)
    assert found.of("nvr") is None
    assert found.of("another") is None
    assert [source.name for source in found.missing()] == ["nvr"]


def test_a_password_is_in_no_repr() -> None:
    assert "colons" not in repr(LOGIN)
    assert "colons" not in repr(StoredLogin("nvr", "admin", "colons", datetime.now(UTC)))
