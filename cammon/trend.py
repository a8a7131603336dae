"""Where a camera's pictures are heading: sharpness, contrast and brightness against the same hours of the past weeks.

Pure: hourly means in, a trend out. Dirt on a lens is slow, takes from day and night alike, and ends when somebody
cleans it; rain and fog come and go within days, seasons change the day more than the night.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import combinations
from math import exp, log, sqrt
from statistics import median, quantiles

LEAST_DAYS = 12
"""A shorter history has no trend."""
LEAST_HOURS = 3
"""A day with pictures of fewer hours does not count."""
CLEAR_HOURS = 0.7
"""Of a day's hours the one that is better than this share speaks for it: weather only ever takes away."""
CLEANED = 0.08
"""A rise (ln) above the good days before it, for days on end: somebody has cleaned the lens; a new history begins."""
SLOWEST_A_DAY, SLOWEST_ALONE = 0.003, 0.006
"""A slower fall (ln a day) is no dirt; where only one light is known it has to be steeper, for it may be a season's."""
LEAST_DROP = 0.06
"""So much (ln) has to be lost already."""
WEAKER_SHARE = 0.35
"""Of the two lights the slower falls at least at this share of the other's pace, else it is a season's doing."""
FARTHEST_DAYS = 120
CERTAINTY = 1.645 * 1.6
"""Deviations that the slope's sign has to be certain by; more than a table says, since days hang together."""
COMPARED_WEEKS = 4


class Measure(StrEnum):
    """What is followed."""

    SHARPNESS = "sharpness"
    CONTRAST = "contrast"


FAULT_AT: Mapping[Measure, float] = {Measure.SHARPNESS: -0.35, Measure.CONTRAST: -0.9}
"""How far (ln) each may fall below its own usual before it is a fault: the thresholds of `blur` and `low_contrast`."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What one picture measured. `light`: day, dusk, infrared. `sharpness`: logarithm of the energy of fine structure;
    `contrast` and `luma` in gray levels."""

    light: str
    sharpness: float
    contrast: float
    luma: float


@dataclass(frozen=True, slots=True)
class HourMean:
    """Means of the pictures of one hour (its beginning, in the site's zone) in one light."""

    hour: datetime
    light: str
    sharpness: float
    contrast: float
    luma: float


@dataclass(frozen=True, slots=True)
class Trend:
    """A slow fall: of what, since when, by how much a day (ln, negative) and in all, days until it is a fault."""

    measure: Measure
    since: date
    per_day: float
    drop: float
    days_left: float

    @property
    def weeks_left(self) -> int:
        """Rounded, 0 when it is less than half a week."""
        return round(self.days_left / 7)

    @property
    def percent_per_week(self) -> float:
        """How much of it is lost in a week, in percent."""
        return 100 * (1 - exp(7 * self.per_day))


@dataclass(frozen=True, slots=True)
class Comparison:
    """The last day against the same hours of the past weeks: factors of sharpness, contrast and luma."""

    sharpness: float
    contrast: float
    luma: float


_VALUES: Mapping[Measure, Callable[[HourMean], float]] = {
    Measure.SHARPNESS: lambda row: row.sharpness,
    Measure.CONTRAST: lambda row: log(max(0.0, row.contrast) + 5.0),
}
Series = Sequence[tuple[date, float]]
"""Days with a value, in order."""


def trend_of(rows: Sequence[HourMean]) -> Trend | None:
    """The slow fall that will be a fault first; None when there is none that can be told from weather and season."""
    found = [trend for measure in Measure if (trend := _trend(rows, measure)) is not None]
    return min(found, key=lambda trend: trend.days_left, default=None)


def _trend(rows: Sequence[HourMean], measure: Measure) -> Trend | None:
    """Each light on its own, then both together: dirt takes from both."""
    by_light: dict[bool, list[HourMean]] = defaultdict(list)
    for row in rows:
        by_light[row.light == "infrared"].append(row)
    falls = [fall for some in by_light.values() if (fall := _fall(daily(some, measure))) is not None]
    known = sum(len(daily(some, measure)) >= LEAST_DAYS for some in by_light.values())
    if not falls or len(falls) < known or not _is_dirt([fall.per_day for fall in falls]):
        return None
    per_day = sum(fall.per_day for fall in falls) / len(falls)
    drop = min(fall.drop for fall in falls)
    days_left = max(0.0, (FAULT_AT[measure] - drop) / per_day)
    if drop > -LEAST_DROP or days_left > FARTHEST_DAYS:
        return None
    return Trend(measure, max(fall.since for fall in falls), per_day, drop, days_left)


def _is_dirt(slopes: Sequence[float]) -> bool:
    if len(slopes) == 1:
        return slopes[0] < -SLOWEST_ALONE
    slow, fast = max(slopes), min(slopes)
    return slow < -SLOWEST_A_DAY and slow / fast >= WEAKER_SHARE


def daily(rows: Sequence[HourMean], measure: Measure) -> Series:
    """One value for each day: how far its clear hours lie from what is usual at the same hours in the same light."""
    value = _VALUES[measure]
    usual = _usual(rows, value)
    days: dict[date, list[float]] = defaultdict(list)
    for row in rows:
        days[row.hour.date()].append(value(row) - usual[row.light, row.hour.hour])
    return [(day, _upper(found)) for day, found in sorted(days.items()) if len(found) >= LEAST_HOURS]


def _usual(rows: Iterable[HourMean], value: Callable[[HourMean], float]) -> dict[tuple[str, int], float]:
    by_class: dict[tuple[str, int], list[float]] = defaultdict(list)
    for row in rows:
        by_class[row.light, row.hour.hour].append(value(row))
    return {key: median(values) for key, values in by_class.items()}


def _upper(values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(CLEAR_HOURS * len(values)))]


@dataclass(frozen=True, slots=True)
class _Fall:
    since: date
    per_day: float
    drop: float


def _fall(series: Series) -> _Fall | None:
    """The line through the days since the last cleaning, when it surely falls."""
    series = series[last_cleaning(series) :]
    if len(series) < LEAST_DAYS:
        return None
    first = series[0][0]
    points = [((day - first).days, value) for day, value in series]
    slope, surely = theil_sen(points)
    if slope >= 0 or surely >= 0 or _is_step([value for _, value in points], slope):
        return None
    return _Fall(first, slope, slope * points[-1][0])


def _is_step(values: Sequence[float], per_day: float) -> bool:
    """Whether two levels explain the days better than a line: then something happened, nothing is under way."""
    splits = range(3, len(values) - 2)
    steps = [_misfit(values[:split]) + _misfit(values[split:]) for split in splits]
    return min(steps) < _misfit([value - per_day * number for number, value in enumerate(values)])


def _misfit(values: Sequence[float]) -> float:
    middle = median(values)
    return sum(abs(value - middle) for value in values)


def last_cleaning(series: Series) -> int:
    """The number of the day at which the newest history begins: after the last rise that stays."""
    newest = 0
    for number in range(4, len(series) - 3):
        before = [value for _, value in series[max(newest, number - 10) : number]]
        after = [value for _, value in series[number : number + 4]]
        if len(before) >= 4 and min(median(after), after[0]) > quantiles(before, n=4)[2] + CLEANED:
            newest = number
    return newest


def theil_sen(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Median of the slopes of all pairs, and the largest slope that is still likely (Sen 1968, by Kendall's variance).

    A third of the points may be anywhere.
    """
    slopes = sorted((b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(points, 2) if a[0] != b[0])
    number = len(points)
    spread = CERTAINTY * sqrt(number * (number - 1) * (2 * number + 5) / 18)
    upper = min(len(slopes) - 1, int((len(slopes) + spread) / 2))
    return median(slopes), slopes[upper]


def _luma(row: HourMean) -> float:
    return log(max(0.0, row.luma) + 5.0)


def compared(rows: Sequence[HourMean], now: datetime) -> Comparison | None:
    """The last day against the same hours of the past weeks, medians over the hours; None without enough of both."""
    newest = [row for row in rows if now - timedelta(days=1) < row.hour <= now]
    since = now - timedelta(weeks=COMPARED_WEEKS)
    past = [row for row in rows if since <= row.hour <= now - timedelta(days=1)]
    changes: list[tuple[float, float, float]] = []
    usual = [_usual(past, value) for value in (*_VALUES.values(), _luma)]
    for row in newest:
        key = (row.light, row.hour.hour)
        if all(key in known for known in usual):
            values = (row.sharpness, _VALUES[Measure.CONTRAST](row), _luma(row))
            changes.append(tuple(value - known[key] for value, known in zip(values, usual, strict=True)))  # type: ignore[arg-type]
    if len(changes) < LEAST_HOURS:
        return None
    sharpness, contrast, luma = (median(column) for column in zip(*changes, strict=True))
    # Energies are squares: the factor of what people see is the root.
    return Comparison(exp(sharpness / 2), exp(contrast), exp(luma))
