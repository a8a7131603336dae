"""Names on the map: each beside its marker on the first side where it covers nothing."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

FONT_PX = 12.0
MARKER_PX = 9.0
LONGEST = 30
"""Widest label in half-widths (a Chinese character takes two)."""
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A thing that wants its name shown, in pixels; `must`: also when the name covers another."""

    key: Hashable
    name: str
    x: float
    y: float
    must: bool


@dataclass(frozen=True, slots=True)
class Label:
    """A name beside its anchor: offset in pixels and SVG's text-anchor."""

    text: str
    dx: float
    dy: float
    anchor: str


SIDES = (
    (MARKER_PX + 3, 4.0, "start"),
    (-MARKER_PX - 3, 4.0, "end"),
    (0.0, -MARKER_PX - 4, "middle"),
    (0.0, MARKER_PX + FONT_PX, "middle"),
    (MARKER_PX, -MARKER_PX, "start"),
    (MARKER_PX, MARKER_PX + FONT_PX - 2, "start"),
    (-MARKER_PX, -MARKER_PX, "end"),
    (-MARKER_PX, MARKER_PX + FONT_PX - 2, "end"),
)


def place_labels(
    anchors: Sequence[Anchor], markers: Sequence[tuple[float, float]], size: tuple[float, float]
) -> Mapping[Hashable, Label]:
    """A label for each anchor that has room or must have one, in the order given; `size` in pixels."""
    taken: list[Box] = [(x - MARKER_PX, y - MARKER_PX, x + MARKER_PX, y + MARKER_PX) for x, y in markers]
    labels: dict[Hashable, Label] = {}
    for anchor in anchors:
        label = _free_label(anchor, taken, size) or (_label(anchor, *SIDES[0]) if anchor.must else None)
        if label:
            labels[anchor.key] = label
            taken.append(_box(anchor, label))
    return labels


def _free_label(anchor: Anchor, taken: Sequence[Box], size: tuple[float, float]) -> Label | None:
    own = (anchor.x - MARKER_PX, anchor.y - MARKER_PX, anchor.x + MARKER_PX, anchor.y + MARKER_PX)
    others = [box for box in taken if box != own]
    for side in SIDES:
        label = _label(anchor, *side)
        box = _box(anchor, label)
        if _inside(box, size) and not any(_overlap(box, other) for other in others):
            return label
    return None


def _label(anchor: Anchor, dx: float, dy: float, side: str) -> Label:
    return Label(shortened(anchor.name), dx, dy, side)


def shortened(name: str, longest: int = LONGEST) -> str:
    """A name cut to a width in half-widths, with an ellipsis where it was cut."""
    if half_widths(name) <= longest:
        return name
    kept = name
    while kept and half_widths(kept) > longest - 1:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def half_widths(text: str) -> int:
    """How wide a text is, in half-widths."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def _box(anchor: Anchor, label: Label) -> Box:
    wide = half_widths(label.text) * FONT_PX * 0.54
    left = anchor.x + label.dx - {"start": 0.0, "middle": wide / 2, "end": wide}[label.anchor]
    base = anchor.y + label.dy
    return left, base - FONT_PX, left + wide, base + 3


def _inside(box: Box, size: tuple[float, float]) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= size[0] and box[3] <= size[1]


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
