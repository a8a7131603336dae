"""The cumulative curve above the upgrade list, as positions in percent of its drawing."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from cammon_web.desk import RatioRow, UpgradeRow
from cammon_web.figures import percent

LEFT, RIGHT, TOP, BOTTOM = 12.0, 97.0, 8.0, 82.0
"""Where the plot lies in its drawing, in percent."""
MOST_TICKS = 12


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The state after `actions` actions; x and y in percent of the drawing."""

    actions: int
    share: float
    label: str
    x: float
    y: float
    tick: bool


@dataclass(frozen=True, slots=True)
class GridLine:
    """A horizontal line of the scale."""

    label: str
    y: float


@dataclass(frozen=True, slots=True)
class Curve:
    """A step curve from the first point on; `lines` are its horizontal and vertical pieces (x1, y1, x2, y2)."""

    points: tuple[CurvePoint, ...]
    lines: tuple[tuple[float, float, float, float], ...]
    grid: tuple[GridLine, ...]


def curve_of(ratios: Sequence[RatioRow], rows: Sequence[UpgradeRow]) -> Curve | None:
    """The curve of an upgrade list, None without rows. Where coverage now is not known it begins after the first."""
    if not rows:
        return None
    start = _covered_now(ratios)
    shares = [(n, row.cumulative) for n, row in enumerate(rows, start=1)]
    shares = shares if start is None else [(0, start), *shares]
    every = -(-len(rows) // MOST_TICKS)
    points = tuple(_point(n, share, len(rows), every) for n, share in shares)
    grid = tuple(GridLine(f"{share:.0%}", _y(share)) for share in (0.0, 0.25, 0.5, 0.75, 1.0))
    return Curve(points, _steps(points), grid)


def _covered_now(ratios: Sequence[RatioRow]) -> float | None:
    """The weighted effective share, the worse of day and night, as the list's own figures are."""
    now = [row.weighted_ratio for row in ratios if row.basis == "effective" and row.weighted_ratio is not None]
    return min(now, default=None)


def _point(actions: int, share: float, last: int, every: int) -> CurvePoint:
    x = LEFT + (RIGHT - LEFT) * actions / last
    return CurvePoint(actions, share, percent(share), round(x, 2), _y(share), actions % every == 0)


def _y(share: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * min(1.0, max(0.0, share)), 2)


def _steps(points: Sequence[CurvePoint]) -> tuple[tuple[float, float, float, float], ...]:
    lines: list[tuple[float, float, float, float]] = []
    for before, after in pairwise(points):
        lines.append((before.x, before.y, after.x, before.y))
        lines.append((after.x, before.y, after.x, after.y))
    return tuple(lines)
