"""The map as a drawing: metres to the positions, paths and labels that the template writes as SVG.

The drawing's unit is the metre, x to the right and y down, its origin the corner of what is shown; with the origin of
the site's own coordinates single precision in browsers would shake. Markers and labels are drawn in pixels and scaled
by `unit` (metres per pixel at the nominal width); the script keeps them at their size when the drawing is zoomed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import floor, log10
from pathlib import Path

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from cammon_coverage.model import Period, Reason
from cammon_web import figures, words
from cammon_web.desk import HealthState, MapView, PlaceState, Shape, ShapeKind
from cammon_web.language import translations
from cammon_web.maplabels import Anchor, Label, place_labels

MAP_STYLE = Path(__file__).parent / "static" / "map.css"
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
    closed: bool = True
    azimuth_deg: float | None = None
    note: tuple[Reason, ...] = ()
    label: Label | None = None

    @property
    def abnormal(self) -> bool:
        """Whether it deserves colour."""
        return self.state not in WELL


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
    bar: Bar
    north_x: float
    north_y: float
    period: Period
    losses_only: bool


def draw(view: MapView, losses_only: bool) -> Drawing:
    """The drawing of a map; with `losses_only` nothing but the abnormal is labelled."""
    left, bottom, right, top = _with_margin(view.bounds)
    width, height = right - left, top - bottom
    unit = width / NOMINAL_WIDTH_PX
    shapes = [_drawn(shape, left, top) for shape in view.shapes if any(shape.paths)]
    shapes = _labelled(shapes, unit, width, height, losses_only)
    return Drawing(
        width=round(width, 2),
        height=round(height, 2),
        unit=unit,
        layers=tuple((kind.value, _layer(kind, shapes)) for kind in ShapeKind),
        bar=_bar(width, height, unit),
        north_x=width - 22 * unit,
        north_y=30 * unit,
        period=view.period,
        losses_only=losses_only,
    )


def _bar(width: float, height: float, unit: float) -> Bar:
    metres = bar_length(width / 4)
    end = -6 * unit
    return Bar(metres, 14 * unit, height - 12 * unit, f"M0 {end}V0H{metres}V{end}")


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
        shape.kind,
        shape.id,
        shape.name,
        shape.state,
        d,
        round(x, 2),
        round(y, 2),
        shape.closed,
        shape.azimuth_deg,
        shape.note,
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


def standalone_svg(view: MapView, language: str) -> str:
    """The map as an SVG file of its own: styles inside, no links, readable without cammon."""
    drawing = draw(view, losses_only=False)
    environment = Environment(
        loader=PackageLoader("cammon_web"), autoescape=True, trim_blocks=True, extensions=["jinja2.ext.i18n"]
    )
    environment.filters.update(_filters(view, language))
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    return environment.get_template("standalone_map.html").render(
        drawing=drawing,
        width_px=round(NOMINAL_WIDTH_PX),
        height_px=round(drawing.height / drawing.unit),
        style=Markup(MAP_STYLE.read_text("utf-8")),  # noqa: S704 - our own file
    )


def _filters(view: MapView, language: str) -> dict[str, Callable[..., str]]:
    names = {shape.id: shape.name for shape in view.shapes if shape.name}
    return {
        "health_name": lambda state: words.health_name(state, language),
        "place_state_name": lambda state: words.place_state_name(state, language),
        "sentence": lambda reason: words.reason_sentence(reason, language, names),
        "number": figures.number,
    }
