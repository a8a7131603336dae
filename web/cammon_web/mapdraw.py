"""The map as a drawing: metres to the positions, paths and names that the template writes as SVG.

The drawing's unit is the metre, x to the right and y down, its origin the corner of what is shown; with the origin of
the site's own coordinates single precision in browsers would shake. Markers and names are drawn in pixels and scaled
by `unit` (metres per pixel at the expected width); the script keeps them at their size when the drawing is zoomed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, log10

from cammon_coverage.model import Period, Reason
from cammon_web.desk import HealthState, MapView, PlaceState, Shape, ShapeKind
from cammon_web.maplabels import Anchor, place_labels

WIDE_PX, NARROW_PX = 1350.0, 620.0
"""How wide the drawing will about be: names are placed for it, and a page without script shows it so."""
LONGEST_WIDE, LONGEST_NARROW = 30, 24
"""Longest names, in half-widths."""
MARGIN = 0.05
LEAST_SIZE_M = 20.0
STANDING = "standing"
"""The state of a key place that is not covered by design: nothing that was lost."""
Point = tuple[float, float]

WORST_LAST: tuple[str, ...] = (
    HealthState.OK,
    PlaceState.COVERED,
    STANDING,
    HealthState.UNKNOWN,
    HealthState.SUSPECT,
    PlaceState.PARTLY,
    PlaceState.DARK,
    HealthState.FAULTY,
)
NAMED = (ShapeKind.PLACE, ShapeKind.CAMERA, ShapeKind.OBSTACLE)
WELL = frozenset({"", HealthState.OK, PlaceState.COVERED, STANDING})


@dataclass(frozen=True, slots=True)
class Drawn:
    """One shape, ready to write. `d` is its path ("" for a point); (x, y) the middle of its box, half its size."""

    kind: ShapeKind
    id: str
    name: str
    state: str
    d: str
    closed: bool
    x: float
    y: float
    half_width: float
    half_height: float
    azimuth_deg: float | None
    note: tuple[Reason, ...]

    @property
    def abnormal(self) -> bool:
        """Whether it deserves colour."""
        return self.state not in WELL


@dataclass(frozen=True, slots=True)
class Name:
    """A name on the map: where it hangs in metres, its offset in pixels, and whose it is."""

    text: str
    kind: str
    state: str
    x: float
    y: float
    dx: float
    dy: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Bar:
    """The scale bar: its length, its left end, its path from there."""

    metres: float
    x: float
    y: float
    d: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A map ready to write: layers in drawing order, sizes in metres, `unit` in metres per pixel."""

    width: float
    height: float
    unit: float
    layers: tuple[tuple[str, tuple[Drawn, ...]], ...]
    names: tuple[Name, ...]
    bar: Bar
    north_x: float
    north_y: float
    period: Period
    losses_only: bool


def draw(view: MapView, losses_only: bool) -> Drawing:
    """The drawing of a map; with `losses_only` nothing but the abnormal is named."""
    left, bottom, right, top = _with_margin(view.bounds)
    width, height = right - left, top - bottom
    unit = width / (NARROW_PX if losses_only else WIDE_PX)
    lost = frozenset(shape.id for shape in view.shapes if shape.kind is ShapeKind.LOST)
    shapes = [_drawn(shape, left, top, lost) for shape in view.shapes if any(shape.paths)]
    return Drawing(
        width=round(width, 2),
        height=round(height, 2),
        unit=unit,
        layers=tuple((kind.value, _layer(kind, shapes)) for kind in ShapeKind),
        names=_names(shapes, unit, (width / unit, height / unit), losses_only),
        bar=_bar(width, height, unit),
        north_x=width - 22 * unit,
        north_y=30 * unit,
        period=view.period,
        losses_only=losses_only,
    )


def bar_length(most_m: float) -> float:
    """The largest of 1, 2, 5, 10, 20, 50 ... metres that is not longer than `most_m`."""
    decade = 10.0 ** floor(log10(most_m))  # log10 may round up to the next decade: then its half fits
    return max(step * decade for step in (0.5, 1, 2, 5) if step * decade <= most_m)


def _bar(width: float, height: float, unit: float) -> Bar:
    metres = bar_length(width / 4)
    end = -6 * unit
    return Bar(metres, 14 * unit, height - 12 * unit, f"M0 {end}V0H{metres}V{end}")


def _with_margin(bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    left, bottom, right, top = bounds
    size = max(right - left, top - bottom, LEAST_SIZE_M)
    pad = MARGIN * size
    return left - pad, bottom - pad - 0.03 * size, right + pad, top + pad


def _drawn(shape: Shape, left: float, top: float, lost: frozenset[str]) -> Drawn:
    paths = [[(x - left, top - y) for x, y in path] for path in shape.paths if path]
    point = all(len(path) == 1 for path in paths)
    x, y, half_width, half_height = _box(paths)
    return Drawn(
        kind=shape.kind,
        id=shape.id,
        name=shape.name,
        state=_state(shape, lost),
        d="" if point else "".join(_path(path, shape.closed) for path in paths),
        closed=shape.closed,
        x=round(x, 2),
        y=round(y, 2),
        half_width=half_width,
        half_height=half_height,
        azimuth_deg=shape.azimuth_deg,
        note=shape.note,
    )


def _state(shape: Shape, lost: frozenset[str]) -> str:
    uncovered = shape.state in (PlaceState.DARK, PlaceState.PARTLY)
    return STANDING if shape.kind is ShapeKind.PLACE and uncovered and shape.id not in lost else shape.state


def _path(path: Sequence[Point], closed: bool) -> str:
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in path) + ("Z" if closed else "")


def _box(paths: Sequence[Sequence[Point]]) -> tuple[float, float, float, float]:
    """Middle and half the size of the box around all paths."""
    xs, ys = [x for path in paths for x, _ in path], [y for path in paths for _, y in path]
    left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
    return (left + right) / 2, (top + bottom) / 2, (right - left) / 2, (bottom - top) / 2


def _layer(kind: ShapeKind, shapes: Iterable[Drawn]) -> tuple[Drawn, ...]:
    """The shapes of one kind, the worst on top."""
    return tuple(sorted((shape for shape in shapes if shape.kind is kind), key=_rank))


def _rank(shape: Drawn) -> int:
    return WORST_LAST.index(shape.state) if shape.state in WORST_LAST else 0


def _names(shapes: Sequence[Drawn], unit: float, size: tuple[float, float], losses_only: bool) -> tuple[Name, ...]:
    """Names where they fit; key places that lost cover come first and always get theirs."""
    wanted = [shape for shape in shapes if shape.kind in NAMED and shape.name]
    wanted = sorted((shape for shape in wanted if shape.abnormal or not losses_only), key=_name_order)
    anchors = {_key(shape): _anchor(shape, unit) for shape in wanted}
    taken = [_anchor(shape, unit).box for shape in shapes if _is_marker(shape)]
    labels = place_labels(list(anchors.values()), taken, size, LONGEST_NARROW if losses_only else LONGEST_WIDE)
    return tuple(
        Name(label.text, shape.kind, shape.state, label.x * unit, label.y * unit, label.dx, label.dy, label.anchor)
        for shape in wanted
        if (label := labels.get(_key(shape)))
    )


def _key(shape: Drawn) -> tuple[str, str]:
    return shape.kind, shape.id


def _anchor(shape: Drawn, unit: float) -> Anchor:
    must = _lost_cover(shape)
    size = shape.half_width / unit, shape.half_height / unit
    return Anchor(_key(shape), shape.name, shape.x / unit, shape.y / unit, *size, must, bold=shape.abnormal)


def _lost_cover(shape: Drawn) -> bool:
    """A key place that lost cover is named in any case."""
    return shape.kind is ShapeKind.PLACE and shape.state in (PlaceState.DARK, PlaceState.PARTLY)


def _is_marker(shape: Drawn) -> bool:
    """What names should not cover: point-like things, and areas that lost cover."""
    return shape.kind is ShapeKind.LOST or (shape.kind in NAMED and not shape.d)


def _name_order(shape: Drawn) -> tuple[bool, int, int]:
    return not _lost_cover(shape), -_rank(shape), NAMED.index(shape.kind)
