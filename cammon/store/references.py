"""The references of the cameras: a few good pictures of each in numbers."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.sqlite import insert

from cammon.store.schema import reference
from cammon.turned import Turn
from cammon_probes.picture.kept import as_bytes, from_bytes
from cammon_probes.picture.reference import Reference

_TURN = TypeAdapter(Turn)


def load(connection: Connection, site: str) -> dict[str, Reference]:
    """The references by camera; one that another version wrote and this one cannot read is left out."""
    return dict(each(connection, site))


def each(connection: Connection, site: str) -> Iterator[tuple[str, Reference]]:
    """The same, one after the other: thousands of them at once are hundreds of megabytes."""
    query = select(reference.c.camera, reference.c.sketches).where(reference.c.site == site)
    for camera, body in connection.execute(query.execution_options(yield_per=16)):
        found = from_bytes(body)
        if found is not None:
            yield camera, found


def one(connection: Connection, site: str, camera: str) -> Reference | None:
    """The reference of one camera."""
    query = select(reference.c.sketches).where(reference.c.site == site, reference.c.camera == camera)
    body = connection.execute(query).scalar_one_or_none()
    return None if body is None else from_bytes(body)


def save(
    connection: Connection, site: str, camera: str, known: Reference, at: datetime, base: datetime | None = None
) -> None:
    """Write what a camera's reference has learnt, unless somebody has accepted another view than that of `base`."""
    values = {"sketches": as_bytes(known), "at": at}
    statement = insert(reference).values(site=site, camera=camera, **values)
    unchanged = reference.c.accepted_at.is_not_distinct_from(base)
    connection.execute(statement.on_conflict_do_update(index_elements=["site", "camera"], set_=values, where=unchanged))


def accept(
    connection: Connection,
    site: str,
    camera: str,
    known: Reference,
    at: datetime,
    by: str,
    turned: Turn | None = None,
) -> None:
    """A person says that the camera should look like this from now on; `turned` against the ledger, as far as known."""
    told = None if turned is None else _TURN.dump_python(turned, mode="json")
    values = {"sketches": as_bytes(known), "at": at, "accepted_at": at, "accepted_by": by, "turned": told}
    statement = insert(reference).values(site=site, camera=camera, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["site", "camera"], set_=values))


def turned(connection: Connection, site: str) -> dict[str, Turn]:
    """The turns of accepted views by camera; cameras without one are left out."""
    query = select(reference.c.camera, reference.c.turned)
    rows = connection.execute(query.where(reference.c.site == site, reference.c.turned.is_not(None)))
    return {row.camera: _TURN.validate_python(row.turned) for row in rows}


def not_turned(connection: Connection, site: str, camera: str) -> None:
    """A person says that the ledger is right about where the camera looks."""
    mine = (reference.c.site == site) & (reference.c.camera == camera)
    connection.execute(update(reference).where(mine).values(turned=None))


def confirm(connection: Connection, site: str, camera: str, at: datetime, by: str) -> bool:
    """A person says that the good pictures of a camera show all that they should. False when there are none, or one
    has said so before."""
    fresh = reference.c.accepted_at.is_(None)
    statement = update(reference).where(reference.c.site == site, reference.c.camera == camera, fresh)
    return connection.execute(statement.values(accepted_at=at, accepted_by=by)).rowcount > 0


def accepted(connection: Connection, site: str) -> dict[str, datetime]:
    """When each camera's view was last accepted by a person; cameras of which none was are left out."""
    query = select(reference.c.camera, reference.c.accepted_at)
    rows = connection.execute(query.where(reference.c.site == site, reference.c.accepted_at.is_not(None)))
    return {row.camera: row.accepted_at for row in rows}


def accepted_by(connection: Connection, site: str, camera: str) -> tuple[datetime | None, str]:
    """When and by whom a camera's view was last accepted."""
    query = select(reference.c.accepted_at, reference.c.accepted_by)
    row = connection.execute(query.where(reference.c.site == site, reference.c.camera == camera)).one_or_none()
    return (None, "") if row is None else (row.accepted_at, row.accepted_by)
