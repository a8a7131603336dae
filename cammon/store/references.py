"""The references of the cameras: a few good pictures of each in numbers."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from cammon.store.schema import reference
from cammon_probes.picture.kept import as_bytes, from_bytes
from cammon_probes.picture.reference import Reference


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


def save(connection: Connection, site: str, camera: str, known: Reference, at: datetime) -> None:
    """Write a camera's reference in place of the one before."""
    values = {"sketches": as_bytes(known), "at": at}
    statement = insert(reference).values(site=site, camera=camera, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["site", "camera"], set_=values))
