"""The references of the cameras: a few good pictures of each in numbers."""

from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from cammon.store.schema import reference
from cammon_probes.picture.kept import as_bytes, from_bytes
from cammon_probes.picture.reference import Reference


def load(connection: Connection, site: str) -> dict[str, Reference]:
    """The references by camera; one that another version wrote and this one cannot read is left out."""
    rows = connection.execute(select(reference.c.camera, reference.c.sketches).where(reference.c.site == site))
    found = {camera: from_bytes(body) for camera, body in rows}
    return {camera: one for camera, one in found.items() if one is not None}


def save(connection: Connection, site: str, camera: str, known: Reference, at: datetime) -> None:
    """Write a camera's reference in place of the one before."""
    values = {"sketches": as_bytes(known), "at": at}
    statement = insert(reference).values(site=site, camera=camera, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["site", "camera"], set_=values))
