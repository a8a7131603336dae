"""Figures as people read them: shares, durations, times of day. Values in, text out; no clock is read here."""

from datetime import datetime, timedelta
from math import isfinite
from zoneinfo import ZoneInfo

from cammon_web.language import mark as _
from cammon_web.language import say

NOTHING = "–"
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86400
_SOME_SECONDS = _("%(seconds)s s")
_SOME_MINUTES = _("%(minutes)s min")
_SOME_HOURS = _("%(hours)s h %(minutes)s min")
_SOME_DAYS = _("%(days)s d %(hours)s h")
_AGO = _("%(duration)s ago")
_JUST_NOW = _("just now")


def number(value: float | None) -> str:
    """Three significant figures at most, never an exponent: 87.34 -> "87.3", 9.8 -> "9.8", 1234.5 -> "1234"."""
    if value is None or not isfinite(value):
        return NOTHING
    if abs(value) < 0.005:
        return "0"
    if abs(value) >= 100 or value == int(value):
        return f"{value:.0f}"
    shown = f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    return shown.rstrip("0").rstrip(".")


def percent(share: float | None) -> str:
    """A share as percent with one decimal, rounded down so that only the whole is 100 %; a dash when not known."""
    if share is None or not isfinite(share):
        return NOTHING
    tenths = int(share * 1000 + 1e-9)
    return f"{tenths // 10} %" if tenths in (0, 1000) else f"{tenths // 10}.{tenths % 10} %"


def capitalised(text: str) -> str:
    """Text with its first letter as a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def duration(seconds: float, language: str) -> str:
    """How long, in the two largest units that matter."""
    whole = max(0, int(seconds))
    if whole < _MINUTE_S:
        return say(_SOME_SECONDS, language, seconds=whole)
    if whole < _HOUR_S:
        return say(_SOME_MINUTES, language, minutes=whole // _MINUTE_S)
    if whole < _DAY_S:
        return say(_SOME_HOURS, language, hours=whole // _HOUR_S, minutes=whole % _HOUR_S // _MINUTE_S)
    return say(_SOME_DAYS, language, days=whole // _DAY_S, hours=whole % _DAY_S // _HOUR_S)


def age(at: datetime, now: datetime, language: str) -> str:
    """How long ago; an instant in the future by a clock's jitter is now."""
    passed_s = (now - at).total_seconds()
    if passed_s < 1:
        return say(_JUST_NOW, language)
    return say(_AGO, language, duration=duration(passed_s, language))


def lasted(since: datetime, now: datetime, language: str) -> str:
    """How long something has lasted."""
    return duration((now - since).total_seconds(), language)


def short_time(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Time of day in the site's zone; with the date where it is not today's."""
    local = at.astimezone(zone)
    if local.date() == now.astimezone(zone).date():
        return local.strftime("%H:%M")
    if abs(now - at) < timedelta(days=300):
        return local.strftime("%m-%d %H:%M")
    return local.strftime("%Y-%m-%d")


def full_time(at: datetime, zone: ZoneInfo) -> str:
    """Date and time in the site's zone, to the second."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def machine_time(at: datetime) -> str:
    """ISO 8601 in UTC, to the second, as JSON and `<time datetime>` carry it."""
    return at.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")


def told_instant(iso: str, zone: ZoneInfo) -> str:
    """An instant given as ISO 8601 text, to the minute in a zone (named when it is UTC); other text as it is."""
    try:
        at = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    if at.tzinfo is None:
        return iso
    local = at.astimezone(zone)
    return local.strftime("%Y-%m-%d %H:%M UTC" if zone.key == "UTC" else "%Y-%m-%d %H:%M")
