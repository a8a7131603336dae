"""Reasons of what is blind over terrain. Nothing there has the shape of a shade on a plane, so reasons are looked up.

What health took and what too few devices see is cut out exactly, as on a plane. What is left is cut into tiles, and
each tile gets the reason at a point of it.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

from cammon_coverage.blindcut import Cutter, Rest
from cammon_coverage.model import Reason, ReasonCode
from cammon_coverage.parts import AreaPart, Part
from cammon_coverage.places import Ask
from cammon_coverage.reasons import blind_points
from cammon_coverage.terrain_ground import TerrainGround
from cammon_coverage.terrain_reasons import TerrainExplainer

TILE_CELLS = 8
"""The side of a tile in cells, unless a piece would have more than MOST_TILES of them."""

MOST_TILES = 400


@dataclass(frozen=True)
class TerrainCutter(Cutter):
    """Cuts blind parts over terrain by the cameras that stand near."""

    base: TerrainGround = field(kw_only=True)
    explainer: TerrainExplainer = field(kw_only=True)

    def pieces(self, ask: Ask, blind: Part, working: Mapping[str, Part]) -> Sequence[tuple[Reason, Part]]:
        """Disjoint pieces that together are the blind part, each with the reason at a point of it."""
        rest = Rest(blind)
        for number, footprint in self.base.solid_round(ask.place.target):
            rest.take(Reason(ReasonCode.INSIDE_OBSTACLE, {"obstacle": self.base.own[number].id}), footprint)
        self._health(ask, rest, list(self._near(ask, blind)))
        self._devices(ask, rest, working)
        for piece in rest.part.pieces() if not rest.part.is_empty else ():
            for tile in self._tiles(piece):
                rest.take_part(self._reason(ask, tile), tile)
        if not rest.part.is_empty:
            rest.take_part(self._reason(ask, rest.part), rest.part)
        return rest.found

    def _reason(self, ask: Ask, part: Part) -> Reason:
        point = next(iter(blind_points(part)))[0]
        found = self.explainer.at(ask, self.period, point)
        return next(found, Reason(ReasonCode.NO_CAMERA_IN_RANGE))

    def _tiles(self, piece: Part) -> Iterator[Part]:
        """An area cut along a grid, the rest as it is."""
        if not isinstance(piece, AreaPart):
            yield piece
            return
        west, south, east, north = piece.shape().bounds
        side = max(TILE_CELLS * self.base.terrain.cell_m, math.sqrt((east - west) * (north - south) / MOST_TILES))
        for x in np.arange(math.floor(west / side), math.ceil(east / side)) * side:
            column = piece.within(shapely.box(x, south, x + side, north))
            for y in np.arange(math.floor(south / side), math.ceil(north / side)) * side:
                tile = column.within(shapely.box(x, y, x + side, y + side))
                yield from tile.pieces() if not tile.is_empty else ()
