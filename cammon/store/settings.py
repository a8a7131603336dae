"""Small values of the store itself: its secrets, and the hash of the one-time token."""

import secrets

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from cammon.store.schema import setting


def get(connection: Connection, name: str) -> str | None:
    """A setting, None when it was never put."""
    return connection.execute(select(setting.c.value).where(setting.c.name == name)).scalar_one_or_none()


def put(connection: Connection, name: str, value: str) -> None:
    """Write a setting."""
    statement = insert(setting).values(name=name, value=value)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


def remove(connection: Connection, name: str) -> None:
    """Forget a setting."""
    connection.execute(delete(setting).where(setting.c.name == name))


def secret(connection: Connection, name: str) -> bytes:
    """A random key of 32 bytes that belongs to this store, made at the first asking."""
    found = get(connection, name)
    if found is None:
        found = secrets.token_hex(32)
        put(connection, name, found)
    return bytes.fromhex(found)
