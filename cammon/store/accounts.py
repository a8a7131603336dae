"""People's accounts and the audit trail."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, func, insert, select, update

from cammon.store import settings
from cammon.store.schema import account, audit
from cammon_web.desk import LoginRefused, Role, User

FAILURES_BEFORE_LOCK = 5
LOCKED_FOR = timedelta(minutes=5)
_TOKEN = "first_login_token_hash"  # noqa: S105 -- the name of a setting
_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_hex(16))
"""Checked when there is no such name, so that the answer takes as long as for a real one."""


def none_yet(connection: Connection) -> bool:
    """Whether nobody has an account."""
    return connection.execute(select(func.count()).select_from(account)).scalar_one() == 0


def new_first_login_token(connection: Connection) -> str:
    """A one-time token for the first account; only its hash is stored, an older token ends."""
    token = secrets.token_urlsafe(18)
    settings.put(connection, _TOKEN, hashlib.sha256(token.encode()).hexdigest())
    return token


def create_first(connection: Connection, token: str, name: str, password: str, at: datetime) -> User:
    """The first administrator. Raises LoginRefused when the token is wrong or used, or somebody was first."""
    stored = settings.get(connection, _TOKEN)
    given = hashlib.sha256(token.encode()).hexdigest()
    if stored is None or not hmac.compare_digest(stored, given) or not none_yet(connection):
        raise LoginRefused("wrong")
    settings.remove(connection, _TOKEN)
    connection.execute(
        insert(account).values(name=name, password_hash=_hasher.hash(password), role=Role.ADMIN.value, created_at=at)
    )
    return User(name, Role.ADMIN)


def log_in(connection: Connection, name: str, password: str, at: datetime) -> User | None:
    """The user, or None when the password is wrong; the failure is counted. Raises LoginRefused while locked."""
    row = connection.execute(select(account).where(account.c.name == name)).one_or_none()
    if row is not None and row.locked_until is not None and at < row.locked_until:
        raise LoginRefused("locked")
    right = _verify(_NOBODY if row is None else row.password_hash, password) and row is not None
    if row is None:
        return None
    failures = 0 if right else row.failures + 1
    locked_until = at + LOCKED_FOR if failures >= FAILURES_BEFORE_LOCK else None
    values = {"failures": 0 if locked_until else failures, "locked_until": locked_until}
    connection.execute(update(account).where(account.c.name == name).values(**values))
    return User(row.name, Role(row.role), row.must_change_password) if right else None


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def get(connection: Connection, name: str) -> User | None:
    """A user by name."""
    row = connection.execute(select(account).where(account.c.name == name)).one_or_none()
    return None if row is None else User(row.name, Role(row.role), row.must_change_password)


def note(connection: Connection, at: datetime, user: str, what: str, address: str = "") -> None:
    """Append to the audit trail."""
    connection.execute(insert(audit).values(at=at, user=user, what=what, address=address))
