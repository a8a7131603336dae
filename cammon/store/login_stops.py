"""Logins that a camera refused: kept over restarts, so that no account is locked by trying again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from cammon.store.schema import login_stop


@dataclass(frozen=True, slots=True)
class LoginStop:
    """No credentialed request to this host with this credential before `until`, unless the credential changes."""

    host: str
    credential: str
    fingerprint: str
    since: datetime
    until: datetime


def load(connection: Connection) -> tuple[LoginStop, ...]:
    """All stops, also ended ones."""
    rows = connection.execute(select(login_stop))
    return tuple(LoginStop(row.host, row.credential, row.fingerprint, row.since, row.until) for row in rows)


def put(connection: Connection, stop: LoginStop) -> None:
    """Write a stop in place of the one before."""
    values = {"fingerprint": stop.fingerprint, "since": stop.since, "until": stop.until}
    statement = insert(login_stop).values(host=stop.host, credential=stop.credential, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["host", "credential"], set_=values))


def hosts_of(connection: Connection, credential: str) -> tuple[str, ...]:
    """The hosts where a credential was refused."""
    rows = connection.execute(select(login_stop.c.host).where(login_stop.c.credential == credential))
    return tuple(row.host for row in rows)


def remove(connection: Connection, host: str, credential: str) -> None:
    """Forget a stop: the login works again."""
    connection.execute(delete(login_stop).where(login_stop.c.host == host, login_stop.c.credential == credential))
