"""Names on the map: each beside its thing, on the side where it covers least."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

FONT_PX = 12.0
HALF_WIDTH_PX, BOLD_HALF_WIDTH_PX = 6.6, 7.7
"""How wide half a Chinese character is on the map: plain, and bold for what is abnormal."""
MARKER_PX = 9.0
GAP_PX = 4.0
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A thing that wants its name shown: its middle and half its size in pixels (0 for a marker).

    `must`: it is named also where the name covers something.
    """

    key: Hashable
    name: str
    x: float
    y: float
    half_width: float
    half_height: float
    must: bool
    bold: bool = False

    @property
    def box(self) -> Box:
        """What it covers itself."""
        wide, high = max(self.half_width, MARKER_PX), max(self.half_height, MARKER_PX)
        return self.x - wide, self.y - high, self.x + wide, self.y + high


@dataclass(frozen=True, slots=True)
class Label:
    """A name at a point of its thing's edge: offset in pixels and SVG's text-anchor."""

    text: str
    x: float
    y: float
    dx: float
    dy: float
    anchor: str
    width: float


def place_labels(
    anchors: Sequence[Anchor], taken: Sequence[Box], size: tuple[float, float], longest: int
) -> Mapping[Hashable, Label]:
    """A label for each anchor that has room or must have one, in the order given.

    `taken` and `size` in pixels, `longest` in half-widths (a Chinese character takes two).
    """
    covered = list(taken)
    labels: dict[Hashable, Label] = {}
    for anchor in anchors:
        cost, label = _best_label(anchor, shortened(anchor.name, longest), covered, size)
        if cost == 0 or anchor.must:
            labels[anchor.key] = label
            covered.append(_box(label))
    return labels


def _best_label(anchor: Anchor, text: str, taken: Sequence[Box], size: tuple[float, float]) -> tuple[float, Label]:
    """The side that covers least (in square pixels; what sticks out of the drawing counts too)."""
    others = [box for box in taken if box != anchor.box]

    def cost(label: Label) -> float:
        box = _box(label)
        return _outside(box, size) + sum(_overlap(box, other) for other in others)

    return min(((cost(label), label) for label in _sides(anchor, text)), key=lambda both: both[0])


def _sides(anchor: Anchor, text: str) -> Iterator[Label]:
    """Right, left, above, below, then the corners."""
    left, top, right, bottom = anchor.box
    x, y = anchor.x, anchor.y
    if not anchor.half_width:
        left = right = x
        top = bottom = y
    width = half_widths(text) * (BOLD_HALF_WIDTH_PX if anchor.bold else HALF_WIDTH_PX)
    gap = GAP_PX if anchor.half_width else MARKER_PX + GAP_PX
    yield Label(text, right, y, gap, GAP_PX, "start", width)
    yield Label(text, left, y, -gap, GAP_PX, "end", width)
    yield Label(text, x, top, 0.0, -gap, "middle", width)
    yield Label(text, x, bottom, 0.0, gap + FONT_PX - 3, "middle", width)
    for side_y, dy in ((top, -gap), (bottom, gap + FONT_PX - 3)):
        yield Label(text, right, side_y, 0.0, dy, "start", width)
        yield Label(text, left, side_y, 0.0, dy, "end", width)


def shortened(name: str, longest: int) -> str:
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


def _box(label: Label) -> Box:
    wide = label.width
    left = label.x + label.dx - {"start": 0.0, "middle": wide / 2, "end": wide}[label.anchor]
    base = label.y + label.dy
    return left, base - FONT_PX, left + wide, base + 3


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def _overlap(one: Box, other: Box) -> float:
    return _area((max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])))


def _outside(box: Box, size: tuple[float, float]) -> float:
    return _area(box) - _overlap(box, (0.0, 0.0, *size))
