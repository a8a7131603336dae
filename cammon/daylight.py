"""Whether it is day or night at a site, at an instant: by the sun, by fixed hours, always, or never."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from astral import Observer
from astral.sun import elevation

from cammon.sitefiles.model import Daylight, DayRule
from cammon_coverage.model import Period

SUNRISE_ELEVATION_DEG = -0.833
"""The sun's centre at sunrise and sunset: refraction plus its radius (the usual definition)."""


def period_at(daylight: Daylight, now: datetime, zone: ZoneInfo) -> Period:
    """Day or night at `now` (aware). By the sun where the rule says so and the position is known."""
    if daylight.rule is DayRule.ALWAYS:
        return Period.DAY
    if daylight.rule is DayRule.NEVER:
        return Period.NIGHT
    height_deg = sun_deg(daylight, now)
    if height_deg is not None:
        return Period.DAY if height_deg > SUNRISE_ELEVATION_DEG else Period.NIGHT
    local = now.astimezone(zone).time()
    return (
        Period.DAY
        if _between(time.fromisoformat(daylight.sunrise), local, time.fromisoformat(daylight.sunset))
        else Period.NIGHT
    )


def sun_deg(daylight: Daylight, now: datetime) -> float | None:
    """The height of the sun at `now` (aware) in degrees; None where the position is not known or no sun shines."""
    if daylight.rule is not DayRule.SUN or daylight.latitude is None or daylight.longitude is None:
        return None
    return float(elevation(Observer(daylight.latitude, daylight.longitude), now, with_refraction=False))


def _between(start: time, at: time, end: time) -> bool:
    """Whether `at` lies in the half-open span from `start` to `end`, which may pass midnight."""
    if start <= end:
        return start <= at < end
    return at >= start or at < end
