"""What a device's clock says: in UTC, or in local time with its zone."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from .onvif_xml import Element

_POSIX_ZONE = re.compile(
    r"(?:<[^>]{1,20}>|[A-Za-z]{2,10})(?P<sign>[+-]?)(?P<hours>\d{1,2})(?::(?P<minutes>\d{2}))?(?::\d{2})?(?P<summer>.*)",
    re.DOTALL,
)


def camera_time(body: Element, near: datetime) -> datetime | None:
    """The camera's time in UTC; None when it names none that exists.

    Where only the local time is told it is taken with the zone; summer time, which devices flag wrongly, is assumed
    when that brings it nearer to `near`.
    """
    utc = _told(body, "UTCDateTime")
    if utc is not None:
        return utc
    local = _told(body, "LocalDateTime")
    zones = [_utc_offsets(element.said(), near) for element in body.anywhere("TZ")]
    if local is None or not zones or not zones[0]:
        return None
    return min((local - offset for offset in zones[0]), key=lambda at: abs(at - near))


def _told(body: Element, name: str) -> datetime | None:
    found = next(iter(body.anywhere(name)), None)
    if found is None:
        return None
    parts = ("Date/Year", "Date/Month", "Date/Day", "Time/Hour", "Time/Minute", "Time/Second")
    numbers = [found.number(part) for part in parts]
    if any(number is None for number in numbers):
        return None
    year, month, day, hour, minute, second = (number or 0 for number in numbers)
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        return None


def _utc_offsets(zone: str, at: datetime) -> list[timedelta]:
    """How far local time may be ahead of UTC by a POSIX zone ("CST-8": eight hours) or a zone's name; [] if unknown."""
    posix = _POSIX_ZONE.fullmatch(zone)
    if posix is not None and int(posix["hours"]) <= 24:
        behind = timedelta(hours=int(posix["hours"]), minutes=int(posix["minutes"] or 0))
        base = behind if posix["sign"] == "-" else -behind
        if zone[:3].upper() in ("GMT", "UTC"):
            return [base, -base]  # "GMT+08:00" is west by POSIX, and east to most who write it
        return [base, base + timedelta(hours=1)] if posix["summer"] else [base]
    try:
        offset = ZoneInfo(zone).utcoffset(at)
    except (KeyError, ValueError, OSError):
        return []
    return [] if offset is None else [offset]
