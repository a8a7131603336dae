"""Where logins come from."""

from pathlib import Path

import pytest

from cammon.credentials import missing, resolve
from cammon.sitefiles.model import CredentialSource
from cammon_probes.model import Credential

LOGIN = Credential("nvr", "admin", "one:with:colons")


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
