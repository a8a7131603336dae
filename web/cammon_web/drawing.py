"""The map as a drawing: metres to the positions, paths and labels that the template writes as SVG.

The drawing's unit is the metre, x to the right and y down, its origin the corner of what is shown; with the origin of
the site's own coordinates single precision in browsers would shake. Markers and labels are drawn in pixels and scaled
by `unit` (metres per pixel at the nominal width); the script keeps them at their size when the drawing is zoomed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import floor, log10

from cammon_coverage.model import Period, Reason
from cammon_web.desk import HealthState, MapView, PlaceState, Shape, ShapeKind
from cammon_web.maplabels import Anchor, Label, place_labels

NOMINAL_WIDTH_PX = 900.0
MARGIN = 0.05
LEAST_SIZE_M = 20.0
Point = tuple[float, float]

WORST_LAST = (
    HealthState.OK,
    PlaceState.COVERED,
    HealthState.UNKNOWN,
    HealthState.SUSPECT,
    PlaceState.PARTLY,
    PlaceState.DARK,
    HealthState.FAULTY,
)
LABELLED = (ShapeKind.CAMERA, ShapeKind.PLACE, ShapeKind.OBSTACLE)
WELL = frozenset({"", HealthState.OK, PlaceState.COVERED})


@dataclass(frozen=True, slots=True)
class Drawn:
    """One shape, ready to write. `d` is its path ("" for a point), (x, y) where its marker and label hang."""

    kind: ShapeKind
    id: str
    name: str
    state: str
    d: str
    x: float
    y: float
    azimuth_deg: float | None = None
    note: tuple[Reason, ...] = ()
    label: Label | None = None

    @property
    def abnormal(self) -> bool:
        """Whether it deserves colour."""
        return self.state not in WELL


@dataclass(frozen=True, slots=True)
class Drawing:
    """A map ready to write: layers in drawing order, sizes in metres, `unit` in metres per pixel."""

    width: float
    height: float
    unit: float
    layers: tuple[tuple[str, tuple[Drawn, ...]], ...]
    bar_m: float
    period: Period
    losses_only: bool


def draw(view: MapView, losses_only: bool) -> Drawing:
    """The drawing of a map; with `losses_only` nothing but the abnormal is labelled."""
    left, bottom, right, top = _with_margin(view.bounds)
    width, height = right - left, top - bottom
    unit = width / NOMINAL_WIDTH_PX
    shapes = [_drawn(shape, left, top) for shape in view.shapes if any(shape.paths)]
    shapes = _labelled(shapes, unit, width, height, losses_only)
    layers = tuple((kind.value, _layer(kind, shapes)) for kind in ShapeKind)
    return Drawing(round(width, 2), round(height, 2), unit, layers, bar_length(width / 4), view.period, losses_only)


def bar_length(most_m: float) -> float:
    """The largest of 1, 2, 5, 10, 20, 50 ... metres that is not longer than `most_m`."""
    decade = 10.0 ** floor(log10(most_m))
    return max(step * decade for step in (1, 2, 5) if step * decade <= most_m)


def _with_margin(bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    left, bottom, right, top = bounds
    size = max(right - left, top - bottom, LEAST_SIZE_M)
    pad = MARGIN * size
    return left - pad, bottom - pad - 0.03 * size, right + pad, top + pad


def _drawn(shape: Shape, left: float, top: float) -> Drawn:
    paths = [[(x - left, top - y) for x, y in path] for path in shape.paths if path]
    d = "" if _is_point(paths) else "".join(_path(path, shape.closed) for path in paths)
    x, y = _middle(paths[0])
    return Drawn(
        shape.kind, shape.id, shape.name, shape.state, d, round(x, 2), round(y, 2), shape.azimuth_deg, shape.note
    )


def _is_point(paths: Sequence[Sequence[Point]]) -> bool:
    return all(len(path) == 1 for path in paths)


def _path(path: Sequence[Point], closed: bool) -> str:
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in path) + ("Z" if closed else "")


def _middle(path: Sequence[Point]) -> Point:
    """The middle of a path's box: good enough to hang a name on."""
    xs, ys = [x for x, _ in path], [y for _, y in path]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def _layer(kind: ShapeKind, shapes: Iterable[Drawn]) -> tuple[Drawn, ...]:
    """The shapes of one kind, the worst on top."""
    return tuple(sorted((shape for shape in shapes if shape.kind is kind), key=_rank))


def _rank(shape: Drawn) -> int:
    return WORST_LAST.index(shape.state) if shape.state in WORST_LAST else 0


def _labelled(shapes: Sequence[Drawn], unit: float, width: float, height: float, losses_only: bool) -> list[Drawn]:
    """The shapes with names where names fit; the abnormal come first and always get theirs."""
    named = [shape for shape in shapes if shape.kind in LABELLED and shape.name]
    wanted = sorted((shape for shape in named if shape.abnormal or not losses_only), key=_label_order)
    anchors = [
        Anchor((shape.kind, shape.id), shape.name, shape.x / unit, shape.y / unit, shape.abnormal) for shape in wanted
    ]
    taken = [(shape.x / unit, shape.y / unit) for shape in named if not shape.d]
    labels = place_labels(anchors, taken, (width / unit, height / unit))
    return [replace(shape, label=labels.get((shape.kind, shape.id))) for shape in shapes]


def _label_order(shape: Drawn) -> tuple[int, int]:
    return -_rank(shape), LABELLED.index(shape.kind)
