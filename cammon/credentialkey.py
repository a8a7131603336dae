"""The key of the encrypted store of logins. It never lies in the store, the database or the site folder."""

import base64
import binascii
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from cammon.problem import UserError

VARIABLE = "CAMMON_CREDENTIALS_KEY"
FILE_VARIABLE = "CAMMON_CREDENTIALS_KEY_FILE"
SIZE = 32
_MAKE = "make one with: head -c 32 /dev/urandom | base64"


def key(*, create: bool = False) -> bytes:
    """The key: from the environment, from the file that the operator names, or from the user's own configuration.

    `create`: a file that is not there yet is made, readable by its owner alone. Raises UserError where there is no key,
    where it is none, and where others can read its file.
    """
    text = os.environ.get(VARIABLE)
    if text:
        return _decoded(text, f"environment variable {VARIABLE}")
    path = key_file()
    if create:
        _make(path)
    return _decoded(_read(path), str(path))


def key_file() -> Path:
    """Where the key lies when it is not in the environment. Raises UserError for a user without a home."""
    named = os.environ.get(FILE_VARIABLE)
    if named:
        return Path(named)
    try:
        folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    except RuntimeError:
        raise UserError(
            f"there is no home folder to keep the key of the logins in; name a file by {FILE_VARIABLE}"
        ) from None
    return folder / "cammon" / "credentials.key"


def _read(path: Path) -> str:
    try:
        with path.open(encoding="ascii") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise UserError(f"{path}: others than its owner may open this key (mode {mode:04o}); chmod 600 {path}")
            return file.read(1000)
    except FileNotFoundError:
        raise UserError(
            f"{path}: the key of the stored logins is not there; put it back, or name its file by {FILE_VARIABLE}"
        ) from None
    except OSError as error:
        raise UserError(f"{path}: the key of the stored logins cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: not a key of {SIZE} bytes in base64; {_MAKE}") from None


def _make(path: Path) -> None:
    """Make a key where there is none. Of two that do so at once one wins, and both use its key."""
    if path.exists():
        return
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(base64.b64encode(secrets.token_bytes(SIZE)).decode() + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(made)
        made.unlink()
    except OSError as error:
        raise UserError(
            f"{path}: cannot write the key there ({error.strerror}); name another file by {FILE_VARIABLE}"
        ) from None


def _decoded(text: str, where: str) -> bytes:
    try:
        found = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != SIZE:
        raise UserError(f"{where}: not a key of {SIZE} bytes in base64; {_MAKE}")
    return found
