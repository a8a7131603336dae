"""The shapes of a DXF drawing by layer, in metres, with the texts that may name them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shapely import affinity
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from cammon.importing.drawing import DrawingError, open_drawing
from cammon.importing.dxfshapes import SILENT, TEXTS, elevation_of, shape_of, text_of, thickness_of
from cammon.importing.layers import LayerRule, check_layers, heights, rule_of
from cammon.importing.model import FENCE, Notes, Piece
from cammon.importing.properties import clean, properties_of
from cammon.importing.units import declared_scale, scale_of

FLATTENING_M = 0.01
"""How far a chord may lie off its arc."""
DEEPEST_BLOCK = 20
MOST_ENTITIES = 500_000


@dataclass(frozen=True, slots=True)
class Label:
    """A text of the drawing and where it stands, in the drawing's coordinates."""

    at: Point
    text: str
    layer: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """One entity after blocks were taken apart: the layer that counts, and the attributes of the block around it."""

    entity: Any
    layer: str
    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Taken:
    """What one pass over the drawing gives, in drawing units."""

    shapes: list[tuple[Drawn, LayerRule, BaseGeometry]] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)


def read_dxf(
    path: Path, rules: Sequence[LayerRule], names: Sequence[str], units: str, encoding: str, notes: Notes
) -> tuple[list[Piece], list[Label]]:
    """The shapes on the layers of `rules` and the texts on those and on the layers `names`, in metres."""
    drawing = open_drawing(path, encoding, notes)
    drawn = list(_entities(drawing, rules, notes))
    used = Counter(item.layer for item in drawn)
    check_layers(rules, used, (layer.dxf.name for layer in drawing.layers), notes)
    declared = int(drawing.header.get("$INSUNITS", 0))
    scale = declared_scale(declared) if units == "auto" else scale_of(units, declared, (), notes)
    taken = _taken(drawn, rules, names, scale, notes)
    true_scale = scale_of(units, declared, [shape for _, _, shape in taken.shapes], notes)
    if true_scale != scale:
        scale, taken = true_scale, _taken(drawn, rules, names, true_scale, Notes(notes.file))
    pieces = [_piece(item, rule, shape, scale) for item, rule, shape in taken.shapes]
    return pieces, [Label(_scaled(label.at, scale), label.text, label.layer) for label in taken.labels]


def _entities(drawing: Any, rules: Sequence[LayerRule], notes: Notes) -> Iterator[Drawn]:
    """Every entity of model space; a block is taken apart, unless it is the symbol of a mounting place."""
    for count, entity in enumerate(drawing.modelspace()):
        if count >= MOST_ENTITIES:
            raise notes.refuse("too_many_entities", limit=MOST_ENTITIES)
        yield from _apart(Drawn(entity, _layer(entity), str(entity.dxf.handle)), rules, 0, notes)


def _layer(entity: Any) -> str:
    return clean(str(entity.dxf.get("layer", "0")))


def _apart(drawn: Drawn, rules: Sequence[LayerRule], depth: int, notes: Notes) -> Iterator[Drawn]:
    rule = rule_of(drawn.layer, rules)
    symbol = rule is not None and rule.kind == "mounting_place"
    if drawn.entity.dxftype() != "INSERT" or symbol or depth > DEEPEST_BLOCK:
        yield drawn
        return
    try:
        texts = {clean(item.dxf.tag): clean(item.dxf.text) for item in drawn.entity.attribs}
        inserts = list(drawn.entity.multi_insert()) if drawn.entity.mcount > 1 else [drawn.entity]
        parts = [part for insert in inserts for part in insert.virtual_entities()]
    except DrawingError:
        if rule is not None:
            notes.dropped("bad_entity", f"{drawn.layer} INSERT {drawn.name}")
        return
    for number, part in enumerate(parts, start=1):
        # What lies on layer 0 of a block takes the layer on which the block stands.
        layer = drawn.layer if _layer(part) == "0" else _layer(part)
        inner = Drawn(part, layer, f"{drawn.name}.{number}", {**drawn.attributes, **texts})
        yield from _apart(inner, rules, depth + 1, notes)


def _taken(
    drawn: Sequence[Drawn], rules: Sequence[LayerRule], names: Sequence[str], scale: float, notes: Notes
) -> Taken:
    taken = Taken()
    wanted = {name.lower() for name in names}
    for item in drawn:
        rule = rule_of(item.layer, rules)
        if item.entity.dxftype() in TEXTS:
            if rule is not None or item.layer.lower() in wanted:
                taken.labels += _label(item)
        elif rule is not None:
            taken.shapes += _shape(item, rule, FLATTENING_M / scale, notes)
    return taken


def _label(item: Drawn) -> list[Label]:
    try:
        at, text = text_of(item.entity)
    except DrawingError:
        return []
    return [Label(at, clean(text), item.layer)] if text else []


def _shape(item: Drawn, rule: LayerRule, tolerance: float, notes: Notes) -> list[tuple[Drawn, LayerRule, BaseGeometry]]:
    """The shape of one entity as a list of one; what has none is said."""
    kind = item.entity.dxftype()
    if kind in SILENT:
        return []
    try:
        if kind == "INSERT":
            at = item.entity.ocs().to_wcs(item.entity.dxf.insert)
            return [(item, rule, Point(at.x, at.y))]
        shape = shape_of(item.entity, tolerance)
    except DrawingError:
        notes.dropped("bad_entity", _source(item))
        return []
    if shape is None:
        notes.dropped("no_shape", _source(item))
        return []
    if rule.kind == FENCE and shape.geom_type == "Polygon":
        shape = shape.exterior
    return [(item, rule, shape)]


def _source(item: Drawn) -> str:
    return f"{item.layer} {item.entity.dxftype()} {item.name}"


def _piece(item: Drawn, rule: LayerRule, shape: BaseGeometry, scale: float) -> Piece:
    kind = "key_place" if rule.kind == FENCE else rule.kind
    drawn = heights(rule, elevation_of(item.entity) * scale, thickness_of(item.entity) * scale)
    own = properties_of(kind, item.attributes)
    return Piece(_source(item), rule.kind, _scaled(shape, scale), {"id": _id(item), **drawn, **own}, item.layer)


def _id(item: Drawn) -> str:
    return f"{item.layer}-{item.name}"[:100]


def _scaled(shape: BaseGeometry, scale: float) -> BaseGeometry:
    return shape if scale == 1.0 else affinity.scale(shape, scale, scale, origin=(0.0, 0.0, 0.0))
