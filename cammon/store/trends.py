"""What pictures measured, by camera and hour: small enough to keep for more than a year."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from cammon.store.schema import picture_hour
from cammon.trend import HourMean, Measures


def add(connection: Connection, site: str, measured: Iterable[tuple[str, datetime, Measures]]) -> None:
    """Take pictures (camera, time, what they measured) into the means of their hours."""
    for camera, at, measures in measured:
        row = insert(picture_hour).values(
            site=site,
            camera=camera,
            hour=at.replace(minute=0, second=0, microsecond=0),
            light=measures.light,
            looks=1,
            sharpness=measures.sharpness,
            contrast=measures.contrast,
            luma=measures.luma,
        )
        looks, new = picture_hour.c.looks, row.excluded
        means = {
            name: (picture_hour.c[name] * looks + new[name]) / (looks + 1) for name in ("sharpness", "contrast", "luma")
        }
        keys = ["site", "camera", "hour", "light"]
        connection.execute(row.on_conflict_do_update(index_elements=keys, set_={"looks": looks + 1, **means}))


def of_camera(connection: Connection, site: str, camera: str, since: datetime, zone: ZoneInfo) -> Sequence[HourMean]:
    """The hours of one camera since then, oldest first, in the site's zone."""
    table = picture_hour.c
    query = (
        select(table.hour, table.light, table.sharpness, table.contrast, table.luma)
        .where(table.site == site, table.camera == camera, table.hour >= since)
        .order_by(table.hour)
    )
    return [HourMean(row.hour.astimezone(zone), *row[1:]) for row in connection.execute(query)]


def forget_before(connection: Connection, instant: datetime) -> int:
    """Drop hours older than `instant`; how many went."""
    return connection.execute(delete(picture_hour).where(picture_hour.c.hour < instant)).rowcount
