"""Pictures by opaque id: the newest of each camera and those that show an incident."""

import secrets
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from cammon.store.schema import picture
from cammon_web.desk import Picture

NEWEST = "newest"
INCIDENT = "incident"
GOOD = "good_"
"""and the light"""


def replace_newest(connection: Connection, site: str, camera: str, at: datetime, jpeg: bytes) -> str:
    """Store the camera's newest picture in place of the one before; its id."""
    connection.execute(
        delete(picture).where(picture.c.site == site, picture.c.camera == camera, picture.c.kept_for == NEWEST)
    )
    number = secrets.token_urlsafe(16)
    connection.execute(insert(picture).values(id=number, site=site, camera=camera, at=at, kept_for=NEWEST, jpeg=jpeg))
    return number


def keep_good(connection: Connection, site: str, camera: str, light: str, at: datetime, jpeg: bytes) -> None:
    """Store a good picture of a camera in a light (day, dusk, infrared) in place of the one before."""
    kept_for = f"{GOOD}{light}"
    connection.execute(
        delete(picture).where(picture.c.site == site, picture.c.camera == camera, picture.c.kept_for == kept_for)
    )
    number = secrets.token_urlsafe(16)
    connection.execute(insert(picture).values(id=number, site=site, camera=camera, at=at, kept_for=kept_for, jpeg=jpeg))


def good(connection: Connection, site: str, camera: str) -> dict[str, Picture]:
    """By light: the newest good picture of a camera."""
    query = select(picture).where(
        picture.c.site == site, picture.c.camera == camera, picture.c.kept_for.startswith(GOOD, autoescape=True)
    )
    return {row.kept_for.removeprefix(GOOD): Picture(row.camera, row.at, row.jpeg) for row in connection.execute(query)}


def good_ids(connection: Connection, site: str) -> dict[str, dict[str, tuple[str, datetime]]]:
    """By camera and light: id and time of the newest good picture."""
    query = select(picture.c.camera, picture.c.kept_for, picture.c.id, picture.c.at).where(
        picture.c.site == site, picture.c.kept_for.startswith(GOOD, autoescape=True)
    )
    found: dict[str, dict[str, tuple[str, datetime]]] = {}
    for row in connection.execute(query.order_by(picture.c.kept_for)):
        found.setdefault(row.camera, {})[row.kept_for.removeprefix(GOOD)] = (row.id, row.at)
    return found


def forget_good(connection: Connection, site: str, camera: str) -> None:
    """A person has accepted another view: what was good before is no longer."""
    connection.execute(
        delete(picture).where(
            picture.c.site == site, picture.c.camera == camera, picture.c.kept_for.startswith(GOOD, autoescape=True)
        )
    )


def keep_for_incident(connection: Connection, number: str) -> None:
    """Keep a picture when newer ones come."""
    connection.execute(update(picture).where(picture.c.id == number).values(kept_for=INCIDENT))


def newest_ids(connection: Connection, site: str) -> dict[str, tuple[str, datetime]]:
    """By camera: id and time of its newest picture."""
    query = (
        select(picture.c.camera, picture.c.id, picture.c.at)
        .where(picture.c.site == site, picture.c.kept_for.in_((NEWEST, INCIDENT)))
        .order_by(picture.c.at)
    )
    return {camera: (number, at) for camera, number, at in connection.execute(query)}


def get(connection: Connection, site: str, number: str) -> Picture | None:
    """A picture, None when there is none of that id (any more)."""
    query = select(picture).where(picture.c.site == site, picture.c.id == number)
    row = connection.execute(query).one_or_none()
    return None if row is None else Picture(row.camera, row.at, row.jpeg)
