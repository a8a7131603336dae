"""`cammon credentials` as a person uses it, by pipe and at a terminal."""

import base64
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cammon.cli import cammon
from cammon.credentials import logins_of
from cammon.loginguard import guard_of
from cammon.problem import UserError
from cammon.sitefiles import read_site
from cammon.store.opening import open_store
from cammon_probes.model import Credential, Fault, ProbeKind, Reading

SECRET = "kanari 7 & <ß>"
LOGIN = Credential("nvr", "admin", SECRET)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CAMMON_CREDENTIALS_KEY_FILE", str(tmp_path / "key"))
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "site.toml").write_text('name = "S"\n[credentials.nvr]\nstore = true\n')
    (folder / "cameras.csv").write_text("id,address,credential\nC1,127.0.0.1,nvr\n")
    return folder


@pytest.fixture
def run(site: Path) -> Callable[..., Result]:
    def called(*arguments: str, given: str = "") -> Result:
        result = CliRunner().invoke(cammon, ["credentials", *arguments, str(site)], input=given)
        assert SECRET not in result.output
        assert SECRET not in str(result.exception)
        return result

    return called


def held(site: Path) -> Credential | None:
    found = read_site(site).site
    assert found is not None
    return logins_of(found).of("nvr")


def test_set_list_remove(site: Path, run: Callable[..., Result]) -> None:
    done = run("set", "nvr", "--language", "en", given=f"admin\n{SECRET}\n{SECRET}\n")
    assert (done.exit_code, held(site)) == (0, LOGIN)
    assert "keep a copy" in done.stderr
    assert str(site / "cammon.sqlite.credentials") in done.stdout
    assert run("list").stdout.startswith("nvr\t20")
    assert run("remove", "nvr").exit_code == 0
    assert held(site) is None
    assert run("list").stdout == ""


def test_a_login_that_site_toml_does_not_ask_for_says_so(run: Callable[..., Result]) -> None:
    for language, word in (("en", "add: "), ("zh", "请添加：")):
        done = run("set", "北门", "--language", language, given=f"admin\n{SECRET}\n")
        assert f'{word}[credentials."北门"] store = true' in done.stderr


@pytest.mark.parametrize(
    ("name", "given", "word"),
    [
        ("nvr", f"admin\n{SECRET}\nother\n", "differ"),
        ("nvr", "admin\n", "1 lines"),
        ("nvr", "a\nb\nb\nc\n", "4 lines"),
        ("nvr", "\nx\n", "the user"),
        ("nvr", "a:b\nx\n", "colon"),
        ("nvr", "admin\n \n", "the password"),
        ("nvr", "admin\nx\ty\n", "the password"),
        ("n\nvr", "admin\nx\n", "the name"),
        ("nvr", "admin\n" + "x" * 129 + "\n", "the password"),
    ],
)
def test_what_cannot_be_stored(site: Path, run: Callable[..., Result], name: str, given: str, word: str) -> None:
    done = run("set", name, given=given)
    assert isinstance(done.exception, UserError)
    assert word in done.exception.lines[0]
    assert held(site) is None


def test_a_service_does_not_start_on_logins_that_it_cannot_open(
    site: Path, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    run("set", "nvr", given=f"admin\n{SECRET}\n")
    monkeypatch.setenv("CAMMON_CREDENTIALS_KEY", base64.b64encode(b"x" * 32).decode())
    for command in (["serve", str(site)], ["probe", str(site), "C1"], ["virtual", str(site)]):
        done = CliRunner().invoke(cammon, command)
        assert isinstance(done.exception, UserError), done.exception
        assert "another key" in done.exception.lines[0]


def test_a_folder_that_is_no_site(tmp_path: Path) -> None:
    done = CliRunner().invoke(cammon, ["credentials", "list", str(tmp_path)])
    assert isinstance(done.exception, UserError)


def test_removing_what_is_not_there(run: Callable[..., Result]) -> None:
    done = run("remove", "nvr")
    assert isinstance(done.exception, UserError)
    assert "none" in done.exception.lines[0]


def test_setting_a_login_takes_back_its_stops_for_a_service_that_runs(site: Path, run: Callable[..., Result]) -> None:
    now = datetime.now(UTC)
    with open_store(site / "cammon.sqlite") as store:
        guard = guard_of(store, timedelta(minutes=30))
        guard.learn("127.0.0.1", LOGIN, Reading("C1", ProbeKind.LIVENESS, now, Fault.AUTH_FAILED))
        assert guard.stopped_until("127.0.0.1", LOGIN, now) is not None
        run("set", "nvr", given=f"admin\n{SECRET}\n")
        assert guard.stopped_until("127.0.0.1", LOGIN, now + timedelta(seconds=2)) is None


def test_at_a_terminal_the_password_is_asked_for_twice_and_not_shown(site: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "cammon", "credentials", "set", "nvr", str(site), "--language", "en"]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    shown = b""
    for question, answer in ((b"User: ", b"admin"), (b"Password: ", b"sesame 9"), (b"again: ", b"sesame 9")):
        while not shown.endswith(question):
            shown += os.read(ours, 1000)
        os.write(ours, answer + b"\n")
    try:
        while more := os.read(ours, 1000):
            shown += more
    except OSError:
        pass  # the other end of a terminal that is gone
    os.close(ours)
    assert process.wait(20) == 0, shown
    assert b"sesame" not in shown
    assert held(site) == Credential("nvr", "admin", "sesame 9")
