"""The health of each camera as it stood at the last reading."""

from collections.abc import Mapping

from pydantic import TypeAdapter
from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from cammon.health import Health
from cammon.store.schema import health
from cammon_web.desk import HealthState

_HEALTH = TypeAdapter(Health)


def load(connection: Connection, site: str) -> dict[str, Health]:
    """Health by camera."""
    rows = connection.execute(select(health.c.camera, health.c.body).where(health.c.site == site))
    return {camera: _HEALTH.validate_python(body) for camera, body in rows}


def save(connection: Connection, site: str, healths: Mapping[str, Health]) -> None:
    """Write the health of these cameras."""
    rows = [
        {
            "site": site,
            "camera": camera,
            "state": one.state.value,
            "body": _HEALTH.dump_python(one, mode="json"),
            "at": max(one.looked_at.values()),
        }
        for camera, one in healths.items()
        if one.state is not HealthState.UNKNOWN or one.looked_at
    ]
    if rows:
        statement = insert(health)
        changed = {name: statement.excluded[name] for name in ("state", "body", "at")}
        connection.execute(statement.on_conflict_do_update(index_elements=["site", "camera"], set_=changed), rows)
