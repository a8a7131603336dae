"""What the pictures of a site's cameras are heading for, from the hours in its store."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.exc import OperationalError

from cammon.sitefiles.model import Site
from cammon.store import trends
from cammon.store.opening import Store
from cammon.trend import Trend, trend_of

LOOKS_BACK = timedelta(days=90)


def foreseen(store: Store, site: Site, cameras: Iterable[str], now: datetime) -> dict[str, Trend]:
    """The cameras whose pictures get worse. A store of an older cammon, without hours, knows of none."""
    found = {}
    for camera in cameras:
        try:
            with store.reading() as connection:
                rows = trends.of_camera(connection, site.id, camera, now - LOOKS_BACK, site.time_zone)
        except OperationalError:
            return {}
        trend = trend_of(rows)
        if trend is not None:
            found[camera] = trend
    return found
