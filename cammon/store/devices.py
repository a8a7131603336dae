"""What each device says of itself, beside what was accepted."""

from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.sqlite import insert

from cammon.store.schema import device
from cammon_probes.model import DeviceFacts

_FACTS = TypeAdapter(DeviceFacts)


def record(connection: Connection, site: str, camera: str, facts: DeviceFacts, at: datetime) -> None:
    """Write what a device says now; the first facts of a camera count as accepted."""
    body = _FACTS.dump_python(facts, mode="json")
    statement = insert(device).values(site=site, camera=camera, accepted=body, facts=body, at=at)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["site", "camera"], set_={"facts": body, "at": at})
    )


def accepted(connection: Connection, site: str) -> dict[str, DeviceFacts]:
    """The accepted facts by camera."""
    rows = connection.execute(select(device.c.camera, device.c.accepted).where(device.c.site == site))
    return {camera: _FACTS.validate_python(body) for camera, body in rows}


def newest(connection: Connection, site: str, camera: str) -> DeviceFacts | None:
    """What the device said last."""
    query = select(device.c.facts).where(device.c.site == site, device.c.camera == camera)
    body = connection.execute(query).scalar_one_or_none()
    return None if body is None else _FACTS.validate_python(body)


def accept(connection: Connection, site: str, camera: str) -> bool:
    """What the device says now is right from now on; False when it never said anything."""
    changed = update(device).where(device.c.site == site, device.c.camera == camera).values(accepted=device.c.facts)
    return connection.execute(changed).rowcount == 1
