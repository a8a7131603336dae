"""The ground as heights on a grid of nodes, and in between as triangles.

Node (row, column) stands at x0_m + column * cell_m, y0_m + row * cell_m: rows run north, columns east. Between four
nodes the ground is two triangles that meet along the diagonal from the south-west node to the north-east one.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cammon_coverage.optics import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Terrain:
    """Ground heights in metres (any datum), NaN where not known.

    `heights` (rows, columns), at least 2 x 2; `x0_m`, `y0_m` the plan place of heights[0, 0]; `cell_m` between
    nodes, the resolution of every answer; `source_m` the resolution of the heights that it was made from;
    `filled` nodes were gaps and have been filled from their rims.
    Raises ValueError for a grid that is no ground.
    """

    heights: Floats
    x0_m: float
    y0_m: float
    cell_m: float
    source_m: float | None = None
    filled: int = 0

    def __post_init__(self) -> None:
        if self.heights.ndim != 2 or min(self.heights.shape) < 2:
            raise ValueError(f"ground heights must be at least 2 x 2, not {self.heights.shape}")
        if not (self.cell_m > 0 and np.isfinite([self.cell_m, self.x0_m, self.y0_m]).all()):
            raise ValueError(f"ground heights need a finite place and a resolution above 0, not {self.cell_m}")

    @property
    def corner(self) -> Floats:
        """(2,): the plan place of the south-west node."""
        return np.array([self.x0_m, self.y0_m])

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the ground that the nodes stand for, half a cell beyond the outer ones."""
        half = self.cell_m / 2
        rows, columns = self.heights.shape
        west, south = self.x0_m - half, self.y0_m - half
        return west, south, west + columns * self.cell_m, south + rows * self.cell_m

    def shifted(self, east: float, north: float) -> "Terrain":
        """The same ground in a frame with another origin."""
        return replace(self, x0_m=self.x0_m + east, y0_m=self.y0_m + north)

    def to_grid(self, points: Floats) -> Floats:
        """Plan points (n, 2) in columns and rows."""
        found: Floats = (np.asarray(points, dtype=np.float64).reshape(-1, 2) - self.corner) / self.cell_m
        return found

    def nodes(self, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Floats:
        """The plan places (n, 2) of nodes."""
        return np.column_stack([self.x0_m + columns * self.cell_m, self.y0_m + rows * self.cell_m])

    def at(self, points: Floats) -> Floats:
        """Ground heights (n,) at plan points (n, 2); NaN outside `bounds` and where the ground is not known.

        Within half a cell outside the outer nodes the ground goes on level.
        """
        grid = self.to_grid(points)
        rows, columns = self.heights.shape
        last = np.array([columns - 1, rows - 1])
        outside = ((grid < -0.5 - 1e-9) | (grid > last + 0.5 + 1e-9)).any(axis=1) | ~np.isfinite(grid).all(axis=1)
        grid = np.clip(np.nan_to_num(grid), 0, last)
        column, row = np.minimum(grid.astype(np.intp), last - 1).T
        across, up = (grid - np.column_stack([column, row])).T
        corner, opposite = self.heights[row, column], self.heights[row + 1, column + 1]
        east_first = across >= up
        between = np.where(east_first, self.heights[row, column + 1], self.heights[row + 1, column])
        long, short = np.maximum(across, up), np.minimum(across, up)
        found = _mixed(corner, between, opposite, long, short)
        return np.where(outside, np.nan, found)


def _mixed(corner: Floats, between: Floats, opposite: Floats, long: Floats, short: Floats) -> Floats:
    """The height in a triangle; a node without weight counts for nothing, known or not."""
    shares = (1 - long, long - short, short)
    terms = [
        np.where(share > 0, share * height, 0.0)
        for share, height in zip(shares, (corner, between, opposite), strict=True)
    ]
    found: Floats = terms[0] + terms[1] + terms[2]
    return found
