"""The cells of an answer over terrain: squares round the nodes, cut along the walls of prisms.

A cell is seen or not as a whole, judged at its node. One that a wall runs through is judged by what of it is
outside, at a point inside that piece; what is inside a solid prism is no cell at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from cammon_coverage.optics import Floats
from cammon_coverage.overlay import EMPTY, SITE_GRID_M, flat
from cammon_coverage.prisms import Indices
from cammon_coverage.terrain import Terrain

Flags = NDArray[np.bool_]

Bounds = tuple[float, float, float, float]
"""West, south, east, north."""

SMALLEST_PIECE_M2 = 1e-6


@dataclass(frozen=True, slots=True)
class Cut:
    """`whole` (rows, columns): cells no wall runs through; `pieces` (m,) with `points` (m, 2) inside them."""

    whole: Flags
    pieces: NDArray[np.object_]
    points: Floats


@dataclass(frozen=True, slots=True)
class Cells:
    """n cells with the points at which they are judged.

    `points` (n, 2); `row` and `column` (n,) of whole cells, -1 for pieces; `piece` (n,) their number, -1 for whole.
    """

    points: Floats
    row: Indices
    column: Indices
    piece: Indices

    def some(self, which: Flags | Indices) -> "Cells":
        """Some of the cells."""
        return Cells(self.points[which], self.row[which], self.column[which], self.piece[which])


def cut_cells(terrain: Terrain, footprints: Sequence[tuple[BaseGeometry, bool]]) -> Cut:
    """The cells of a terrain less the insides of footprints; a hollow one's inside stays, as pieces of its own."""
    whole = np.ones(terrain.heights.shape, dtype=np.bool_)
    outside: dict[tuple[int, int], BaseGeometry] = {}
    inside: list[BaseGeometry] = []
    for footprint, hollow in sorted(footprints, key=lambda item: not item[1]):
        keys, boxes = _cells_met(terrain, footprint)
        if not len(keys):
            continue
        covered = shapely.covers(footprint, boxes)
        for row, column in keys[covered & (not hollow)]:
            whole[row, column] = False
            outside.pop((int(row), int(column)), None)
        edge = [(int(row), int(column)) for row, column in keys[~covered]]
        left = np.array([outside.get(key, box) for key, box in zip(edge, boxes[~covered], strict=True)], dtype=object)
        if hollow:
            inside += list(shapely.intersection(left, footprint))
        for key, rest in zip(edge, shapely.difference(left, footprint, grid_size=SITE_GRID_M), strict=True):
            if whole[key] or key in outside:
                outside[key] = rest
            whole[key] = False
    pieces = [flat(piece) for piece in (*outside.values(), *inside)]
    kept = np.array([piece for piece in pieces if piece.area > SMALLEST_PIECE_M2], dtype=object)
    return Cut(whole, kept, shapely.get_coordinates(shapely.point_on_surface(kept)))


def _cells_met(terrain: Terrain, footprint: BaseGeometry) -> tuple[Indices, NDArray[np.object_]]:
    """Rows and columns (n, 2) of the cells that share more than a rim with a footprint, and their squares."""
    low, high = np.round(terrain.to_grid(np.reshape(footprint.bounds, (2, 2)))).astype(np.intp)
    rows, columns = terrain.heights.shape
    row = np.arange(max(0, low[1]), min(rows - 1, high[1]) + 1)
    column = np.arange(max(0, low[0]), min(columns - 1, high[0]) + 1)
    keys = np.column_stack([np.repeat(row, len(column)), np.tile(column, len(row))])
    boxes = squares(terrain, keys[:, 0], keys[:, 1], keys[:, 1])
    shapely.prepare(footprint)
    met = shapely.intersects(footprint, boxes) & ~shapely.touches(footprint, boxes)
    return keys[met], boxes[met]


def squares(terrain: Terrain, row: Indices, first: Indices, last: Indices) -> NDArray[np.object_]:
    """Runs of cells in rows, from column `first` to column `last`, as boxes."""
    half = terrain.cell_m / 2
    west, south = terrain.nodes(row, first).T - half
    east, north = terrain.nodes(row, last).T + half
    found: NDArray[np.object_] = shapely.box(west, south, east, north)
    return found


def cells_within(terrain: Terrain, cut: Cut, x: float, y: float, radius: float, bounds: Bounds | None) -> Cells:
    """The cells judged at a point within `radius` of a place; with `bounds` only those that may meet that box."""
    square = np.array([[x - radius, y - radius], [x + radius, y + radius]])
    if bounds is not None:
        box = np.reshape(bounds, (2, 2)) + np.array([[-terrain.cell_m], [terrain.cell_m]])
        square = np.array([np.maximum(square[0], box[0]), np.minimum(square[1], box[1])])
    low, high = np.round(terrain.to_grid(square)).astype(int)
    rows, columns = terrain.heights.shape
    west, east = max(0, low[0]), min(columns, high[0] + 1)
    south, north = max(0, low[1]), min(rows, high[1] + 1)
    row, column = np.nonzero(cut.whole[south : max(south, north), west : max(west, east)])
    row, column = row + south, column + west
    pieces = np.flatnonzero(((cut.points >= square[0]) & (cut.points <= square[1])).all(axis=1))
    none = np.full(len(pieces), -1)
    cells = Cells(
        np.concatenate([terrain.nodes(row, column), cut.points[pieces]]),
        np.concatenate([row, none]),
        np.concatenate([column, none]),
        np.concatenate([np.full(len(row), -1), pieces]),
    )
    return cells.some(np.hypot(*(cells.points - (x, y)).T) <= radius)


def region_of(terrain: Terrain, cut: Cut, cells: Cells) -> BaseGeometry:
    """Cells as one shape. Runs of cells in a row, and equal runs above one another, are joined before the union."""
    if not len(cells.row):
        return EMPTY
    one = cells.piece < 0
    boxes = list(_blocks(terrain, cells.row[one], cells.column[one]))
    shapes = [*boxes, *cut.pieces[cells.piece[~one]]]
    with np.errstate(divide="ignore", invalid="ignore"):
        return flat(shapely.union_all(np.array(shapes, dtype=object), grid_size=SITE_GRID_M))


def _blocks(terrain: Terrain, row: Indices, column: Indices) -> NDArray[np.object_]:
    """Cells as few boxes."""
    if not len(row):
        return np.empty(0, dtype=object)
    order = np.lexsort((column, row))
    row, column = row[order], column[order]
    starts = np.concatenate([[True], (row[1:] != row[:-1]) | (column[1:] != column[:-1] + 1)])
    first = np.flatnonzero(starts)
    last = np.concatenate([first[1:], [len(row)]]) - 1
    return squares(terrain, row[first], column[first], column[last])
