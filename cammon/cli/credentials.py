"""`cammon credentials`: the logins of cameras in the encrypted store."""

import json
import os
import re
import sys
from datetime import UTC
from pathlib import Path

import click
from sqlalchemy.exc import DatabaseError

from cammon.clock import SystemClock
from cammon.credentialkey import VARIABLE, key_file
from cammon.credentialstore import CredentialStore, StoredLogin, beside
from cammon.problem import UserError
from cammon.store import login_stops
from cammon.store.opening import open_store

from .options import language_option, store_option
from .sites import store_path

LONGEST = 128

site_of_credentials = click.argument("site", type=click.Path(path_type=Path), default=".")


@click.group()
def credentials() -> None:
    """Keep the logins of cameras in an encrypted file beside the site's database.

    SITE is the site's folder, by default the one you are in. site.toml says by `[credentials.NAME] store = true` that
    a login comes from here.
    """


@credentials.command(name="set")
@click.argument("name")
@site_of_credentials
@store_option
@language_option
def set_(name: str, site: Path, store: Path | None, language: str) -> None:
    """Store the login NAME: asks for the user, and for the password twice without showing it.

    From a pipe it takes a line each: user, password, and the password again, where there is a third.
    """
    database = _database(site, store)
    _check("the name", name)
    username, password = _asked(language) if sys.stdin.isatty() else _piped()
    _check("the user", username)
    if ":" in username:
        raise UserError("the user: a colon cannot be part of it, because it ends the user wherever a camera reads one")
    _check("the password", password)
    kept, key_is_new = CredentialStore(beside(database)), _key_is_new()
    kept.put(StoredLogin(name, username, password, SystemClock().now()))
    click.echo({"en": f"{name}: stored in {kept.path}", "zh": f"{name}：已存入 {kept.path}"}[language])
    if key_is_new:
        text = {"en": f"its key: {key_file()}; keep a copy of it apart", "zh": f"密钥：{key_file()}；请另行备份"}
        click.echo(text[language], err=True)
    _try_again(database, name)
    _hint(site, name, language)


@credentials.command(name="list")
@site_of_credentials
@store_option
def list_(site: Path, store: Path | None) -> None:
    """List the names of the stored logins and when each was set last; never a password."""
    for login in CredentialStore(beside(_database(site, store))).all():
        click.echo(f"{login.name}\t{login.changed_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC")


@credentials.command()
@click.argument("name")
@site_of_credentials
@store_option
@language_option
def remove(name: str, site: Path, store: Path | None, language: str) -> None:
    """Forget the login NAME."""
    kept = CredentialStore(beside(_database(site, store)))
    if not kept.remove(name):
        known = ", ".join(login.name for login in kept.all()) or "none"
        raise UserError(f"{kept.path}: no login {name!r}; there are: {known}")
    click.echo({"en": f"{name}: forgotten", "zh": f"{name}：已删除"}[language])


def _database(site: Path, store: Path | None) -> Path:
    if store is None and not (site / "site.toml").is_file():
        raise UserError(f"{site}: no site.toml there; name the site's folder, or its database by --store")
    return store_path(site, store)


def _asked(language: str) -> tuple[str, str]:
    words = {"en": ("User", "Password", "Password again"), "zh": ("用户名", "密码", "再次输入密码")}[language]
    username = click.prompt(words[0], err=True)
    password = click.prompt(words[1], hide_input=True, err=True)
    if click.prompt(words[2], hide_input=True, err=True) != password:
        raise _differ()
    return username, password


def _piped() -> tuple[str, str]:
    try:
        lines = sys.stdin.buffer.read(4096).decode("utf-8").splitlines()
    except UnicodeDecodeError:
        raise UserError("standard input: not UTF-8") from None
    if len(lines) not in (2, 3):
        raise UserError(
            f"standard input: {len(lines)} lines; give the user on the first, the password on the second, and again on "
            "the third, if you like"
        )
    if len(lines) == 3 and lines[1] != lines[2]:
        raise _differ()
    return lines[0], lines[1]


def _differ() -> UserError:
    return UserError("the two passwords differ; nothing was stored")


def _check(what: str, text: str) -> None:
    """A line that fits into a header and a table. What it is stands in no message."""
    if not text or text != text.strip() or len(text) > LONGEST or not text.isprintable():
        raise UserError(f"{what}: give 1 to {LONGEST} printable characters without spaces at the ends")


def _key_is_new() -> bool:
    return not os.environ.get(VARIABLE) and not key_file().exists()


def _try_again(database: Path, name: str) -> None:
    """Whoever sets a login wants it tried: its stops are taken back. A service that runs sees it with its next look."""
    if not database.exists():
        return
    try:
        with open_store(database, writer=False) as opened, opened.engine.begin() as connection:
            for host in login_stops.hosts_of(connection, name):
                login_stops.remove(connection, host, name)
    except DatabaseError:
        return  # another login is tried without this; the same one when its pause ends


def _hint(site: Path, name: str, language: str) -> None:
    """What is still to be done."""
    from cammon.sitefiles import read_site  # takes longer than all the rest of these commands

    found = read_site(site).site if (site / "site.toml").is_file() else None
    source = None if found is None else found.credentials.get(name)
    if found is not None and (source is None or not source.store):
        key = name if re.fullmatch("[A-Za-z0-9_-]+", name) else json.dumps(name, ensure_ascii=False)
        text = {
            "en": f"site.toml does not ask for it yet; add: [credentials.{key}] store = true",
            "zh": f"site.toml 尚未使用它；请添加：[credentials.{key}] store = true",
        }
        click.echo(text[language], err=True)
