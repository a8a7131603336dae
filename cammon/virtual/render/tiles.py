"""Drawn textures: what walls, roofs and ground look like close by, as repeating tiles in several sizes.

A tile holds factors on the colour of the material, 128 being 1. Walls have one tile for their lowest WALL_TILE_M[1]
metres (doors) and one that repeats above.
"""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from cammon.virtual.render.grain import cloud
from cammon.virtual.render.materials import Style

Tile = NDArray[np.float32]
TEXEL_M = 0.025
WALL_TILE_M = (12.8, 6.4)
_W, _H = 512, 256
LEVELS = 6
DETAIL_PX = 512


@lru_cache(maxsize=1)
def atlas() -> tuple[NDArray[np.uint8], ...]:
    """All tiles stacked, at LEVELS sizes each half the one before; each tile has a rim of one pixel that wraps.

    Tile 2 * style is the lowest part, 2 * style + 1 what repeats above.
    """
    tiles = [tile for style in Style for tile in _pair(style)]
    levels = []
    for level in range(LEVELS):
        size = (_W >> level, _H >> level)
        small = [cv2.resize(tile, size, interpolation=cv2.INTER_AREA) for tile in tiles]
        rimmed = [cv2.copyMakeBorder(tile, 1, 1, 1, 1, cv2.BORDER_WRAP) for tile in small]
        levels.append(np.clip(np.vstack(rimmed) * 128, 0, 255).astype(np.uint8))
    return tuple(levels)


def sample_atlas(level: int, tile: NDArray[np.intp], u_m: Tile, v_m: Tile) -> NDArray[np.uint8]:
    """Factors (n x 3) of one level at metres along and up a surface, in tiles (n)."""
    width, height = _W >> level, _H >> level
    across = u_m * np.float32(1.0 / WALL_TILE_M[0])
    up = v_m * np.float32(1.0 / WALL_TILE_M[1])
    across -= np.floor(across)
    up -= np.floor(up)
    column = across * width + np.float32(0.5)
    row = (1 - up) * height + np.float32(0.5) + tile.astype(np.float32) * (height + 2)
    return sample(atlas()[level], column, row)


def sample(source: NDArray[np.uint8], column: Tile, row: Tile) -> NDArray[np.uint8]:
    """Bilinear samples (n x channels) of a picture at n positions."""
    count, block = len(column), 1024
    if not count:
        return np.empty((0, *source.shape[2:]), np.uint8)
    padded = -count % block
    columns = np.pad(column, (0, padded)).reshape(-1, block)
    rows = np.pad(row, (0, padded)).reshape(-1, block)
    found = cv2.remap(source, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found.reshape(-1, *source.shape[2:])[:count], np.uint8)


@lru_cache(maxsize=1)
def clouds() -> NDArray[np.uint8]:
    """How thick the clouds are (0 to 255), as a tile that repeats."""
    rng = np.random.default_rng(5)
    field = (
        1.0 * _wrapped(150.0, rng) + 0.5 * _wrapped(50.0, rng) + 0.25 * _wrapped(18.0, rng) + 0.1 * _wrapped(6.0, rng)
    )
    cover: NDArray[np.uint8] = np.clip((field + 0.1) * 90, 0, 215).astype(np.uint8)
    return np.asarray(cv2.copyMakeBorder(cover, 1, 1, 1, 1, cv2.BORDER_WRAP), np.uint8)


@lru_cache(maxsize=1)
def ground_detail() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Two grey tiles that repeat: grit and cracks (2.5 cm a pixel), and blotches (20 cm a pixel); 128 is neutral."""
    rng = np.random.default_rng(11)
    grit = 9 * _wrapped(3.0, rng) + 5 * _wrapped(14.0, rng) + 8 * _wrapped(1.0, rng)
    pebbles = np.zeros((DETAIL_PX, DETAIL_PX), np.float32)
    for x, y in rng.integers(4, DETAIL_PX - 4, (420, 2)):
        cv2.circle(pebbles, (int(x), int(y)), int(rng.integers(1, 4)), float(rng.normal(0, 22)), -1, cv2.LINE_AA)
    crack = _cracks(rng)
    blotch = 7 * _wrapped(60.0, rng) + 5 * _wrapped(14.0, rng) + 5 * _wrapped(4.0, rng) + 4 * _wrapped(1.0, rng)
    return _grey(grit + pebbles - crack), _grey(blotch)


def _cracks(rng: np.random.Generator) -> Tile:
    crack = np.zeros((DETAIL_PX, DETAIL_PX), np.float32)
    for _ in range(7):
        place, heading = rng.uniform(60, DETAIL_PX - 60, 2), rng.uniform(0, 6.3)
        for _ in range(40):
            step = place + 5 * np.array([np.cos(heading), np.sin(heading)])
            ends = [tuple(int(part) % DETAIL_PX for part in point) for point in (place, step)]
            if np.hypot(ends[0][0] - ends[1][0], ends[0][1] - ends[1][1]) < 12:
                cv2.line(crack, ends[0], ends[1], 46.0, 1, cv2.LINE_AA)
            place, heading = step, heading + rng.normal(0, 0.35)
    return crack


def _grey(values: Tile) -> NDArray[np.uint8]:
    grey: NDArray[np.uint8] = np.clip(128 + values, 0, 255).astype(np.uint8)
    return np.asarray(cv2.copyMakeBorder(grey, 1, 1, 1, 1, cv2.BORDER_WRAP), np.uint8)


def _wrapped(cell_px: float, rng: np.random.Generator) -> Tile:
    """Smooth noise (DETAIL_PX squared) whose edges meet, zero mean and unit deviation."""
    values = np.fft.rfft2(rng.standard_normal((DETAIL_PX, DETAIL_PX), dtype=np.float32))
    down, across = np.fft.fftfreq(DETAIL_PX)[:, None], np.fft.rfftfreq(DETAIL_PX)[None, :]
    # A Gaussian of deviation cell / 2 in the picture is this one among the frequencies; the transform wraps by nature.
    soft = np.fft.irfft2(
        values * np.exp(-2 * (np.pi * cell_px / 2) ** 2 * (down**2 + across**2)), s=(DETAIL_PX, DETAIL_PX)
    )
    scaled: Tile = ((soft - soft.mean()) / soft.std()).astype(np.float32)
    return scaled


def _pair(style: Style) -> tuple[Tile, Tile]:
    """The lowest tile and the tile above of a style."""
    rng = np.random.default_rng([int(style), 4])
    upper = _DRAWN[style](rng)
    lower = upper.copy()
    if style in _DOORS:
        _door(lower, *_DOORS[style])
    if style < Style.ROOF_SHEET:
        fade = np.clip(np.arange(_H)[::-1] * TEXEL_M / 1.4, 0, 1) ** 0.6
        lower *= (0.72 + 0.28 * fade)[:, None, None].astype(np.float32)
    return lower, upper


def _plain(rng: np.random.Generator, rough: float = 0.05) -> Tile:
    grey = 1 + rough * cloud(_W, _H, 3, rng, 2) + 0.045 * cloud(_W, _H, 120, rng)
    streaks = cv2.resize(rng.standard_normal((3, _W // 4), dtype=np.float32), (_W, _H), interpolation=cv2.INTER_LINEAR)
    grey -= 0.05 * np.maximum(streaks, 0)
    return np.repeat(grey[..., None], 3, axis=2).astype(np.float32)


def _row(height_m: float) -> int:
    return round(_H - height_m / TEXEL_M)


def _box(
    tile: Tile, left_m: float, low_m: float, width_m: float, height_m: float, colour: tuple[float, float, float]
) -> None:
    left, right = round(left_m / TEXEL_M), round((left_m + width_m) / TEXEL_M)
    tile[max(0, _row(low_m + height_m)) : _row(low_m), max(0, left) : right] *= np.array(colour, np.float32)


def _window(tile: Tile, left_m: float, low_m: float, width_m: float, height_m: float) -> None:
    _box(tile, left_m - 0.08, low_m - 0.08, width_m + 0.16, height_m + 0.16, (1.16, 1.16, 1.14))
    _box(tile, left_m, low_m, width_m, height_m, (0.40, 0.36, 0.32))
    _box(tile, left_m, low_m + height_m * 0.55, width_m, height_m * 0.45, (1.35, 1.28, 1.2))
    _box(tile, left_m + width_m / 2 - 0.03, low_m, 0.06, height_m, (2.2, 2.3, 2.4))
    _box(tile, left_m - 0.12, low_m - 0.16, width_m + 0.24, 0.08, (0.72, 0.72, 0.72))


def _door(tile: Tile, left_m: float, width_m: float, height_m: float) -> None:
    _box(tile, left_m - 0.1, 0.0, width_m + 0.2, height_m + 0.1, (0.7, 0.7, 0.7))
    _box(tile, left_m, 0.0, width_m, height_m, (0.85, 0.78, 0.72))
    for height in np.arange(0.3, height_m, 0.35):
        _box(tile, left_m, float(height), width_m, 0.05, (0.8, 0.8, 0.8))


def _sheet(rng: np.random.Generator) -> Tile:
    tile = _plain(rng, 0.03)
    ribs = 1 + 0.12 * np.sign(np.sin(2 * np.pi * np.arange(_W) * TEXEL_M / 0.32))
    tile *= cv2.GaussianBlur(ribs.astype(np.float32)[None, :], (5, 1), 0)[..., None]
    for height in (3.2, 6.35):
        _box(tile, 0, height - 0.05, 12.8, 0.05, (0.7, 0.7, 0.7))
    rust = np.maximum(cloud(_W, _H, 60, rng) - 1.2, 0)[..., None] * np.array([0.20, 0.12, 0.02], np.float32)
    return np.asarray(tile * (1 - rust), np.float32)


def _plaster(rng: np.random.Generator) -> Tile:
    tile = _plain(rng, 0.04)
    for height in np.arange(0, 6.4, 0.1):
        _box(tile, 0, float(height), 12.8, 0.025, (0.94, 0.94, 0.94))
    for storey in (0.0, 3.2):
        for bay in range(4):
            _window(tile, 0.8 + 3.2 * bay, storey + 1.0, 1.5, 1.5)
        _box(tile, 0, storey + 3.05, 12.8, 0.12, (1.12, 1.12, 1.12))
    return tile


def _panels(rng: np.random.Generator) -> Tile:
    tile = _plain(rng, 0.045)
    for row in range(4):
        for column in range(4):
            shade = float(1 + rng.normal(0, 0.05))
            _box(tile, 3.2 * column, 1.6 * row, 3.2, 1.6, (shade, shade, shade))
            _box(tile, 3.2 * column, 1.6 * row, 0.05, 1.6, (0.66, 0.66, 0.66))
        _box(tile, 0, 1.6 * row, 12.8, 0.05, (0.66, 0.66, 0.66))
    for bay in (0, 2):
        _window(tile, 1.0 + 3.2 * bay, 4.9, 1.6, 0.8)
    return tile


def _frame(rng: np.random.Generator) -> Tile:
    tile = _sheet(rng)
    for bay in range(2):
        _box(tile, 6.4 * bay, 0, 0.35, 6.4, (0.7, 0.72, 0.74))
        for pane in range(4):
            _window(tile, 0.75 + 6.4 * bay + 1.4 * pane, 4.1, 1.2, 1.4)
    return tile


def _silo(rng: np.random.Generator) -> Tile:
    tile = _plain(rng, 0.05)
    for height in np.arange(0, 6.4, 1.6):
        _box(tile, 0, float(height), 12.8, 0.06, (0.76, 0.76, 0.76))
    dust = np.maximum(cloud(_W, 1, 50, rng), 0)
    return np.asarray(tile * (1 - 0.10 * dust[..., None]), np.float32)


def _tank(rng: np.random.Generator) -> Tile:
    tile = _plain(rng, 0.02)
    for height in np.arange(0, 6.4, 2.13):
        _box(tile, 0, float(height), 12.8, 0.04, (0.82, 0.82, 0.82))
    for column in np.arange(0, 12.8, 4.27):
        _box(tile, float(column), 0, 0.04, 6.4, (0.86, 0.86, 0.86))
    return tile


def _gallery(rng: np.random.Generator) -> Tile:
    tile = _sheet(rng)
    for bay in range(4):
        _window(tile, 0.7 + 3.2 * bay, 1.5, 1.8, 0.8)
        _box(tile, 3.2 * bay, 0, 0.12, 6.4, (0.75, 0.75, 0.75))
    return tile


def _roof_sheet(rng: np.random.Generator) -> Tile:
    tile = _plain(rng, 0.04)
    seams = (np.arange(_H) * TEXEL_M % 0.8) < 0.07
    tile[seams] *= np.float32(0.74)
    for column in (0.0, 6.4):
        _box(tile, column, 0, 0.08, 6.4, (0.8, 0.8, 0.8))
    return tile


def _roof_flat(rng: np.random.Generator) -> Tile:
    tile = _plain(rng, 0.10)
    for height in np.arange(0, 6.4, 1.07):
        _box(tile, 0, float(height), 12.8, 0.04, (0.8, 0.8, 0.8))
    patch = (cloud(_W, _H, 90, rng) > 1.0)[..., None]
    return np.asarray(tile * np.where(patch, 0.82, 1.0), np.float32)


_DRAWN = {
    Style.SHEET: _sheet,
    Style.PLASTER: _plaster,
    Style.PANELS: _panels,
    Style.FRAME: _frame,
    Style.SILO: _silo,
    Style.TANK: _tank,
    Style.GALLERY: _gallery,
    Style.ROOF_SHEET: _roof_sheet,
    Style.ROOF_FLAT: _roof_flat,
}
_DOORS: dict[Style, tuple[float, float, float]] = {
    Style.SHEET: (4.2, 4.4, 4.2),
    Style.PANELS: (5.2, 2.4, 2.9),
    Style.FRAME: (7.6, 4.2, 3.9),
}
