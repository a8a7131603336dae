"""A GeoTIFF of ground heights as a `Terrain` in a site's local metres: only what the site needs of it.

Every refusal is a `Wrong` with a code of `DemCode`.
"""

import math
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window
from shapely.geometry.base import BaseGeometry

from cammon.sitefiles.demcodes import DemCode
from cammon.sitefiles.faults import Wrong
from cammon.sitefiles.frame import MapFrame
from cammon.terrain.gaps import fill_small_gaps
from cammon.terrain.placing import Placing, placing_of
from cammon_coverage.terrain import Terrain

Floats = NDArray[np.float64]

MARGIN_M = 100.0
"""How far round what the site needs the ground is read as well, where the file has it."""

MAX_NODES = 4_000_000
"""More nodes than this (32 MB) are not kept; the resolution is made coarser instead, and said."""

LOWEST_M, HIGHEST_M = -500.0, 9000.0
"""Ground heights outside are none, or are not in metres."""

METRES = frozenset({"", "m", "metre", "metres", "meter", "meters"})


@dataclass(frozen=True, slots=True)
class DemNote:
    """Something worth saying of a file that was read: a code with parameters."""

    code: DemCode
    params: dict[str, str | float]


@dataclass(frozen=True, slots=True)
class DemReading:
    """The ground, and what is to be said of it."""

    terrain: Terrain
    notes: tuple[DemNote, ...] = ()


@dataclass(frozen=True, slots=True)
class _Grid:
    """The nodes that are wanted, in local metres."""

    x0: float
    y0: float
    cell: float
    rows: int
    columns: int

    def points(self, first: int, last: int) -> Floats:
        """The nodes of rows `first` to before `last`, (n, 2)."""
        x, y = np.meshgrid(self.x0 + np.arange(self.columns) * self.cell, self.y0 + np.arange(first, last) * self.cell)
        return np.column_stack([x.ravel(), y.ravel()])


def read_terrain(path: Path, frame: MapFrame, needed: BaseGeometry, resolution_m: float | None) -> DemReading:
    """The ground of `needed` (a convex shape in local metres) at a resolution, by default the file's own.

    Raises `Wrong`: not a GeoTIFF, no heights, no place in the world, wrong units, does not cover, holes.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            dem = rasterio.open(path, driver="GTiff")
    except RasterioError as error:
        raise Wrong(DemCode.NOT_GEOTIFF) from error
    try:
        with dem:
            return _read(dem, frame, needed, resolution_m)
    except RasterioError as error:
        raise Wrong(DemCode.BROKEN) from error


def _read(dem: Any, frame: MapFrame, needed: BaseGeometry, resolution_m: float | None) -> DemReading:
    _check_heights(dem)
    placing = placing_of(dem, frame)
    middle = np.array([[needed.centroid.x, needed.centroid.y]])
    own_m = placing.pixel_m(middle)
    _check_covers(dem, placing, needed, own_m)
    grid, notes = _grid(needed, resolution_m or own_m)
    heights = _sampled(dem, placing, grid, own_m)
    _check_plausible(heights)
    filled, wide = fill_small_gaps(heights, _inside(grid, needed))
    if wide is not None:
        at = placing.frame.to_map(np.array([[grid.x0 + wide[1] * grid.cell, grid.y0 + wide[0] * grid.cell]]))[0]
        raise Wrong(DemCode.HOLE, metres=round(wide[2] * grid.cell, 1), x=_shown(at[0]), y=_shown(at[1]))
    if filled:
        notes.append(DemNote(DemCode.FILLED, {"cells": filled, "resolution": grid.cell}))
    terrain = Terrain(heights, grid.x0, grid.y0, grid.cell, source_m=own_m, filled=filled)
    return DemReading(terrain, tuple(notes))


def _check_heights(dem: Any) -> None:
    """One band of numbers in metres."""
    kind = np.dtype(dem.dtypes[0])
    if dem.count != 1 or kind == np.uint8 or kind.kind not in "iuf":
        raise Wrong(DemCode.NOT_HEIGHTS, bands=dem.count, kind=str(kind))
    unit = (dem.units[0] or "").strip()
    if unit.lower() not in METRES:
        raise Wrong(DemCode.WRONG_UNITS, unit=unit)


def _check_covers(dem: Any, placing: Placing, needed: BaseGeometry, own_m: float) -> None:
    corners = shapely.get_coordinates(shapely.segmentize(needed, max(needed.length / 64, own_m)))
    pixels = placing.to_pixels(corners)
    slack = 0.5 + 1e-6
    inside = (pixels >= -slack).all(axis=1) & (pixels <= np.array([dem.width, dem.height]) + slack).all(axis=1)
    if not inside.all():
        far = placing.frame.to_map(corners[~inside][:1])[0]
        west, south, east, north = placing.map_bounds(dem)
        raise Wrong(
            DemCode.DOES_NOT_COVER,
            x=_shown(far[0]),
            y=_shown(far[1]),
            covered=f"{_shown(west)}, {_shown(south)} – {_shown(east)}, {_shown(north)}",
        )


def _grid(needed: BaseGeometry, asked_m: float) -> tuple[_Grid, list[DemNote]]:
    """The nodes over what is needed and its margin; coarser than asked where they would be too many."""
    west, south, east, north = needed.bounds
    west, south, east, north = west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M
    cell, notes = asked_m, []
    if (1 + (east - west) / cell) * (1 + (north - south) / cell) > MAX_NODES:
        cell = math.ceil(10 * math.sqrt((east - west + cell) * (north - south + cell) / MAX_NODES)) / 10
        notes.append(DemNote(DemCode.COARSENED, {"resolution": cell, "asked": asked_m, "limit": MAX_NODES}))
    x0, y0 = math.floor(west / cell) * cell, math.floor(south / cell) * cell
    return _Grid(x0, y0, cell, 2 + int((north - y0) / cell), 2 + int((east - x0) / cell)), notes


def _sampled(dem: Any, placing: Placing, grid: _Grid, own_m: float) -> Floats:
    """Heights at the nodes, bilinear between pixel middles; NaN where one that counts is missing."""
    rim = grid.points(0, grid.rows)
    outline = shapely.segmentize(shapely.box(*rim.min(axis=0), *rim.max(axis=0)), max(grid.cell, 16 * grid.cell))
    pixels = placing.to_pixels(shapely.get_coordinates(outline))
    low = np.clip(np.floor(pixels.min(axis=0)) - 2, 0, [dem.width, dem.height]).astype(int)
    high = np.clip(np.ceil(pixels.max(axis=0)) + 2, 0, [dem.width, dem.height]).astype(int)
    factor = max(1, int(grid.cell / own_m + 1e-6))
    values = _values(dem, low, high, factor)
    heights = np.full((grid.rows, grid.columns), np.nan)
    step = max(1, 200_000 // grid.columns)
    for first in range(0, grid.rows, step):
        last = min(grid.rows, first + step)
        at = (placing.to_pixels(grid.points(first, last)) - low) / factor - 0.5
        heights[first:last] = _bilinear(values, at).reshape(last - first, grid.columns)
    return heights


def _values(dem: Any, low: NDArray[np.int_], high: NDArray[np.int_], factor: int) -> Floats:
    """The pixels of a window, averaged over `factor` x `factor`, NaN where there is nothing."""
    width, height = (max(1, -(-int(size) // factor)) for size in high - low)
    window = Window(int(low[0]), int(low[1]), width * factor, height * factor)
    band = dem.read(
        1,
        window=window,
        out_shape=(height, width),
        masked=True,
        boundless=factor > 1,
        resampling=Resampling.average if factor > 1 else Resampling.nearest,
        out_dtype="float64",
    )
    values = np.ma.filled(band, np.nan) * dem.scales[0] + dem.offsets[0]
    return np.where(np.isfinite(values), values, np.nan)


def _bilinear(values: Floats, at: Floats) -> Floats:
    """Values (rows, columns) at (column, row) places (n, 2); half a pixel round the outer middles they go on level."""
    rows, columns = values.shape
    last = np.array([columns - 1, rows - 1])
    outside = ((at < -0.5 - 1e-6) | (at > last + 0.5 + 1e-6)).any(axis=1)
    at = np.clip(at, 0, last)
    base = np.minimum(at.astype(int), np.maximum(last - 1, 0))
    share = at - base
    found = np.zeros(len(at))
    for across in (0, 1):
        for down in (0, 1):
            weight = np.abs(1 - across - share[:, 0]) * np.abs(1 - down - share[:, 1])
            pixel = values[np.minimum(base[:, 1] + down, rows - 1), np.minimum(base[:, 0] + across, columns - 1)]
            found += np.where(weight > 1e-9, weight * pixel, 0.0)
    return np.where(outside, np.nan, found)


def _check_plausible(heights: Floats) -> None:
    known = heights[np.isfinite(heights)]
    if len(known) and (known.min() < LOWEST_M or known.max() > HIGHEST_M):
        raise Wrong(DemCode.IMPLAUSIBLE, low=round(float(known.min()), 1), high=round(float(known.max()), 1))


def _inside(grid: _Grid, needed: BaseGeometry) -> NDArray[np.bool_]:
    """The nodes that what is needed stands on."""
    points = grid.points(0, grid.rows)
    area = shapely.buffer(needed, grid.cell)
    shapely.prepare(area)
    found: NDArray[np.bool_] = shapely.contains_xy(area, points).reshape(grid.rows, grid.columns)
    return found


def _shown(value: float) -> float:
    """A map coordinate as people read it: metres to one decimal, degrees to five."""
    return round(float(value), 5 if abs(value) <= 360 else 1)
