"""Opening the store: one service per store, migrated to the newest tables, faults told in one line."""

import fcntl
import os
import sqlite3
from pathlib import Path
from types import TracebackType
from typing import IO

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError

from cammon.problem import UserError

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


class Store:
    """An open database. The writer holds a lock on it; readers of the same process share the engine."""

    def __init__(self, path: Path, engine: Engine, lock: IO[str] | None) -> None:
        self.path = path
        self.engine = engine
        self._lock = lock

    def reading(self) -> "Connection":
        """A connection for queries, as a context manager."""
        return self.engine.connect()

    def close(self) -> None:
        """Close the database and let the next service have it."""
        self.engine.dispose()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(path: Path, *, writer: bool = True) -> Store:
    """Open (and where need be create) the SQLite store at `path`.

    A writer takes the store's lock: raises UserError when another service holds it, and when the folder is missing,
    cannot be written or holds no SQLite file. A reader opens an existing store as it is; UserError when it is none.
    """
    if not writer and not path.exists():
        raise UserError(f"{path}: no store there yet; start `cammon serve` first or name another one with --store")
    if not path.parent.is_dir():
        raise UserError(f"{path.parent}: no such folder; create it or name another store with --store")
    lock = _lock(path) if writer else None
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 10, "check_same_thread": False})
    event.listen(engine, "connect", _on_connect)
    try:
        if writer:
            _migrate(engine)
            path.chmod(0o600)
        else:
            engine.connect().close()
    except (DatabaseError, CommandError, OSError) as error:
        engine.dispose()
        raise UserError(f"{path}: not a usable store ({_first_line(error)}); name another one with --store") from error
    return Store(path, engine, lock)


def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # with NORMAL a power cut takes the newest incidents with it
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _lock(path: Path) -> IO[str]:
    """A lock that the kernel lets go of when the process ends, however it ends."""
    lock_path = path.with_name(path.name + ".lock")
    try:
        lock = lock_path.open("a+", encoding="ascii")
    except OSError as error:
        raise UserError(
            f"{path.parent}: cannot write there ({error.strerror}); name another store with --store"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        lock.close()
        raise UserError(
            f"{path}: in use by another cammon (process {holder}); stop that one or name another store with --store"
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _migrate(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _first_line(error: Exception) -> str:
    original = getattr(error, "orig", None)
    return str(original if original is not None else error).splitlines()[0]
