"""Names and floors from the texts of a drawing: 混5 inside an outline is a concrete building of five floors."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from shapely import STRtree

from cammon.importing.dxf import Label
from cammon.importing.model import Notes, Piece

STOREYS = re.compile(r"(?:[砼混砖钢木石土简建破框]{1,2}\s*(\d{1,2})|(\d{1,2})\s*(?:[FfＦ层]|floors?|storeys?))")
"""Building notes of Chinese survey plans (砼 concrete, 混 mixed, 砖 brick, ...) and the usual short forms."""


def named(pieces: Iterable[Piece], labels: Sequence[Label], floor_height_m: float | None, notes: Notes) -> list[Piece]:
    """The pieces with the name that stands inside them, and with a height where a note of floors does.

    A text belongs to the smallest area around it, or to the point or line within a metre of it. A name that the
    piece has already stays.
    """
    known = list(pieces)
    tree = STRtree([piece.geometry for piece in known])
    said: dict[int, list[str]] = {}
    for label in labels:
        around = [int(index) for index in tree.query(label.at, predicate="dwithin", distance=NEAR_M)]
        if around:
            nearest = min(around, key=lambda index: (known[index].geometry.area or 0.0, index))
            said.setdefault(nearest, []).append(label.text)
    return [_with_texts(piece, said.get(index, []), floor_height_m, notes) for index, piece in enumerate(known)]


NEAR_M = 1.0


def _with_texts(piece: Piece, texts: Sequence[str], floor_height_m: float | None, notes: Notes) -> Piece:
    properties = dict(piece.properties)
    names = [text for text in texts if not STOREYS.fullmatch(text)]
    floors = [found[1] or found[2] for text in texts if (found := STOREYS.fullmatch(text))]
    if names and "name" not in properties:
        properties["name"] = " ".join(dict.fromkeys(names))[:200]
    if floors and piece.kind == "obstacle" and floor_height_m is not None:
        count = max(int(number) for number in floors)
        properties["top_m"] = count * floor_height_m
        notes.note("height_from_floors", piece.source, floors=count, metres=count * floor_height_m)
    return replace(piece, properties=properties)
