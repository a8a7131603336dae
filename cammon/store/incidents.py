"""Incidents: opened, renamed and closed by the flips of health; acknowledged by people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, update

from cammon.health import Flip, FlipKind
from cammon.store.schema import incident


@dataclass(frozen=True, slots=True)
class Incident:
    """A confirmed fault. `closed_at` None while it is open."""

    id: int
    camera: str
    fault: str
    since: datetime
    confirmed_at: datetime
    closed_at: datetime | None
    picture: str | None
    acknowledged_by: str
    note: str


def record(connection: Connection, site: str, version: str, flip: Flip, picture: str | None) -> None:
    """Write what a flip says. Opening one that is open already (a repeated delivery) changes nothing."""
    open_one = _open(site, flip.camera) & (incident.c.fault_group == flip.group)
    if flip.kind is FlipKind.CLOSED:
        connection.execute(update(incident).where(open_one).values(closed_at=flip.at))
    elif flip.kind is FlipKind.RENAMED:
        connection.execute(update(incident).where(open_one).values(fault=flip.fault.value))
    elif connection.execute(select(incident.c.id).where(open_one)).first() is None:
        connection.execute(
            insert(incident).values(
                site=site,
                camera=flip.camera,
                fault_group=flip.group,
                fault=flip.fault.value,
                since=flip.since,
                confirmed_at=flip.at,
                picture=picture,
                version=version,
            )
        )


def _open(site: str, camera: str | None = None) -> ColumnElement[bool]:
    still = (incident.c.site == site) & incident.c.closed_at.is_(None)
    return still if camera is None else still & (incident.c.camera == camera)


def open_ones(connection: Connection, site: str) -> tuple[Incident, ...]:
    """All open incidents, oldest first."""
    query = select(incident).where(_open(site)).order_by(incident.c.since, incident.c.id)
    return tuple(_incident(row) for row in connection.execute(query))


def of_camera(connection: Connection, site: str, camera: str, limit: int = 50) -> tuple[Incident, ...]:
    """The camera's incidents, newest first."""
    query = (
        select(incident)
        .where(incident.c.site == site, incident.c.camera == camera)
        .order_by(incident.c.since.desc(), incident.c.id.desc())
        .limit(limit)
    )
    return tuple(_incident(row) for row in connection.execute(query))


def acknowledge(connection: Connection, site: str, number: int, user: str, note: str, at: datetime) -> bool:
    """Put a name and a note on an incident; False when there is none of that number."""
    changed = connection.execute(
        update(incident)
        .where(incident.c.site == site, incident.c.id == number)
        .values(acknowledged_by=user, acknowledged_at=at, note=note)
    )
    return changed.rowcount == 1


def close_for_missing(connection: Connection, site: str, cameras: Sequence[str], at: datetime) -> int:
    """Close what is open on cameras that the site no longer has; how many."""
    gone = update(incident).where(_open(site)).where(incident.c.camera.not_in(cameras)).values(closed_at=at)
    return connection.execute(gone).rowcount


def _incident(row: Any) -> Incident:
    return Incident(
        id=row.id,
        camera=row.camera,
        fault=row.fault,
        since=row.since,
        confirmed_at=row.confirmed_at,
        closed_at=row.closed_at,
        picture=row.picture,
        acknowledged_by=row.acknowledged_by,
        note=row.note,
    )
