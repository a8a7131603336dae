"""Logins of cameras in one encrypted file beside the site's database.

The file is a line that names the format and the key, a nonce, and the logins as JSON under AES-256-GCM; the line is
authenticated with them. It is replaced whole, so that a reader sees the old logins or the new ones.
"""

import fcntl
import hashlib
import json
import logging
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock

from cammon.credentialkey import key
from cammon.problem import UserError
from cammon_probes.model import Credential

log = logging.getLogger(__name__)

FORMAT = b"cammon-credentials 1 "
NONCE = 12
LARGEST = 10_000_000


@dataclass(frozen=True, slots=True)
class StoredLogin:
    """A login and when it was last set. The password never appears in a repr."""

    name: str
    username: str
    password: str = field(repr=False)
    changed_at: datetime


def beside(database: Path) -> Path:
    """Where the logins of the site with this database lie."""
    return database.with_name(database.name + ".credentials")


class CredentialStore:
    """The logins in the file at `path`; none when there is no file. Thread safe."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()
        self._seen: tuple[int, ...] | None = None
        self._known: Mapping[str, StoredLogin] | None = None

    def get(self, name: str) -> Credential | None:
        """The login of that name, as the file holds it now: it is read anew when it has been replaced.

        Raises UserError when the file cannot be opened. Once it could, one that cannot any more is logged once, and the
        logins from before stay in use.
        """
        with self._lock:
            seen = self._signature()
            if seen != self._seen or self._known is None:
                self._known = self._fresh()
                self._seen = seen
            found = self._known.get(name)
        return None if found is None else Credential(name, found.username, found.password)

    def all(self) -> tuple[StoredLogin, ...]:
        """Every login by name. UserError."""
        return tuple(login for _, login in sorted(self._read().items()))

    def put(self, login: StoredLogin) -> None:
        """Set a login, in place of the one of that name. UserError."""
        with self._changing() as logins:
            logins[login.name] = login

    def remove(self, name: str) -> bool:
        """Forget a login; False when there is none of that name. UserError."""
        with self._changing() as logins:
            return logins.pop(name, None) is not None

    def _fresh(self) -> Mapping[str, StoredLogin]:
        try:
            return self._read()
        except UserError as error:
            if self._known is None:
                raise
            log.error("%s; the logins that were read before stay in use", error)  # noqa: TRY400 -- its words say it all
            return self._known

    def _signature(self) -> tuple[int, ...]:
        try:
            found = self.path.stat()
        except OSError:
            return ()
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _read(self) -> dict[str, StoredLogin]:
        try:
            with self.path.open("rb") as file:
                content = file.read(LARGEST)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise UserError(f"{self.path}: the stored logins cannot be read ({error.strerror})") from None
        return _logins_of(content, key(), self.path)

    @contextmanager
    def _changing(self) -> Iterator[dict[str, StoredLogin]]:
        """The logins to be changed; written when the block ends. One process at a time."""
        lock_path = self.path.with_name(self.path.name + ".lock")
        try:
            with os.fdopen(os.open(lock_path, os.O_RDWR | os.O_CREAT, 0o600), "rb+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                before = self._read()
                logins = dict(before)
                yield logins
                if logins != before:
                    self._write(_sealed(logins, key(create=not self.path.exists())))
        except OSError as error:
            raise UserError(f"{self.path}: cannot write the logins there ({error.strerror})") from None

    def _write(self, content: bytes) -> None:
        made = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        made.replace(self.path)


def _sealed(logins: Mapping[str, StoredLogin], secret: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # most commands never need it

    head, nonce = _head(secret), secrets.token_bytes(NONCE)
    text = json.dumps([{**asdict(login), "changed_at": login.changed_at.isoformat()} for login in logins.values()])
    sealed: bytes = AESGCM(secret).encrypt(nonce, text.encode(), head)
    return head + nonce + sealed


def _logins_of(content: bytes, secret: bytes, path: Path) -> dict[str, StoredLogin]:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    head, line_end, rest = content.partition(b"\n")
    if not head.startswith(FORMAT) or not line_end:
        raise UserError(
            f"{path}: not a store of logins of this version; restore it, or remove it and set the logins anew"
        )
    if head + line_end != _head(secret):
        raise UserError(f"{path}: encrypted with another key; name the right one (docs/credentials.md)")
    try:
        text: bytes = AESGCM(secret).decrypt(rest[:NONCE], rest[NONCE:], head + line_end)
    except (InvalidTag, ValueError):
        raise UserError(f"{path}: damaged; restore it, or remove it and set the logins anew") from None
    found = [{**login, "changed_at": datetime.fromisoformat(login["changed_at"])} for login in json.loads(text)]
    return {login["name"]: StoredLogin(**login) for login in found}


def _head(secret: bytes) -> bytes:
    """The first line: it names the key by a hash, so that a wrong key is told from damage."""
    return FORMAT + hashlib.sha256(b"cammon credentials key" + secret).hexdigest()[:16].encode() + b"\n"
