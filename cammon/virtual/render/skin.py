"""The colour that every pixel would have in even light: textures of the ground and of the faces, looked up by place."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cammon.virtual.render.faces import Face, FaceKind
from cammon.virtual.render.layout import EARTH
from cammon.virtual.render.materials import Material, Style
from cammon.virtual.render.static import StaticView
from cammon.virtual.render.terrain import GroundMap, Sheet, Terrain
from cammon.virtual.render.tiles import (
    DETAIL_PX,
    LEVELS,
    TEXEL_M,
    WALL_TILE_M,
    ground_detail,
    sample,
    sample_atlas,
)

FADE_OUT_M = 6.0
"""Over this width the fine ground fades into the coarse one."""

Column = NDArray[np.float32]
Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Spots:
    """The pixels of one sort (flat indices) and where on the site they lie, in metres from the lens, and how fine.

    `texel_m` is how much of the surface one pixel spans across the line of sight.
    """

    index: Index
    x: Column
    y: Column
    z: Column
    texel_m: Column


def spots_of(view: StaticView, chosen: NDArray[np.bool_]) -> Spots:
    """Places of the chosen pixels."""
    index = np.flatnonzero(chosen)
    depth = view.depth_m.ravel()[index]
    x, y, z = (part.ravel()[index] * depth for part in view.rays)
    slant = np.sqrt(x * x + y * y + z * z)
    return Spots(index, x, y, z, slant * np.float32(1.0 / view.eye.fu))


def ground_colour(view: StaticView, terrain: Terrain, near: GroundMap, spots: Spots) -> NDArray[np.float32]:
    """Reflectance (n x 3, 0 to 1) of ground pixels: the fine map before the camera, the coarse one elsewhere."""
    grazing = np.sqrt(np.maximum(-spots.z * np.float32(1.0 / view.eye.fu) / np.maximum(spots.texel_m, 1e-6), 0.02))
    texel_m = (spots.texel_m / grazing).astype(np.float32)
    found = _coarse_colour(view, terrain, spots, texel_m)
    _lay_over(found, view, near, near.colour, spots)
    grit, blotch = ground_detail()
    east, north = view.eye.position[:2] - (terrain.ground.sheet.west, terrain.ground.sheet.south)
    detail = _detail(grit, spots, east, north, TEXEL_M) * _fade(texel_m, TEXEL_M)
    detail += _detail(blotch, spots, east, north, 0.2) * _fade(texel_m, 0.2)
    factor = 1 + found[:, 3] * detail * np.float32(1.0 / (128 * 110))
    colour = found[:, :3] * (factor * np.float32(1.0 / 255))[:, None]
    return np.asarray(np.maximum(colour, 0.02), np.float32)


def sun_share(view: StaticView, terrain: Terrain, near: GroundMap, spots: Spots) -> Column:
    """How much sun (n, 0 to 1) reaches ground pixels."""
    column, row = _map_place(view, terrain.ground.sheet, spots)
    found = sample(terrain.ground.shade, column, row).astype(np.float32)[:, None]
    _lay_over(found, view, near, near.shade[..., None], spots)
    return np.asarray(found[:, 0] * np.float32(1.0 / 255), np.float32)


def lamp_share(view: StaticView, terrain: Terrain, spots: Spots) -> Column:
    """How much lamp light (n, 0 to 1) falls on the ground below pixels."""
    column, row = _map_place(view, terrain.ground.sheet, spots)
    return sample(terrain.lamps, column, row).astype(np.float32) * np.float32(1.0 / 255)


def _map_place(view: StaticView, sheet: Sheet, spots: Spots) -> tuple[Column, Column]:
    east, north = (view.eye.position[:2] - (sheet.west, sheet.south)) / sheet.pixel_m
    scale = np.float32(1.0 / sheet.pixel_m)
    column = np.clip(spots.x * scale + np.float32(east - 0.5), -4, sheet.width_px + 4)
    row = np.clip(spots.y * scale + np.float32(north - 0.5), -4, sheet.height_px + 4)
    return column, row


def _lay_over(
    found: NDArray[np.float32], view: StaticView, near: GroundMap, picture: NDArray[np.uint8], spots: Spots
) -> None:
    """Put the fine map over the coarse one, fading out towards its edge."""
    sheet = near.sheet
    column, row = _map_place(view, sheet, spots)
    edge = np.minimum(np.minimum(column, sheet.width_px - 1 - column), np.minimum(row, sheet.height_px - 1 - row))
    pick = np.flatnonzero(edge > 0)
    share = np.minimum(edge[pick] * np.float32(sheet.pixel_m / FADE_OUT_M), 1)[:, None]
    fine = sample(picture, column[pick], row[pick]).reshape(len(pick), found.shape[1])
    found[pick] += share * (fine - found[pick])


def _coarse_colour(view: StaticView, terrain: Terrain, spots: Spots, texel_m: Column) -> NDArray[np.float32]:
    """The coarse map, farther off in larger pixels, and plain earth beyond it."""
    sheet = terrain.ground.sheet
    column, row = _map_place(view, sheet, spots)
    found = sample(terrain.ground.colour, column, row).astype(np.float32)
    far = np.clip(texel_m / np.float32(2 * sheet.pixel_m) - np.float32(0.5), 0, 1)
    pick = np.flatnonzero(far > 0)
    quarter, half = np.float32(0.25), np.float32(1.5)
    wide = sample(terrain.far, (column[pick] - half) * quarter, (row[pick] - half) * quarter)
    found[pick] += far[pick, None] * (wide - found[pick])
    beyond = (column < 0) | (row < 0) | (column > sheet.width_px - 1) | (row > sheet.height_px - 1)
    found[beyond] = EARTH
    return found


def _detail(tile: NDArray[np.uint8], spots: Spots, east: float, north: float, pixel_m: float) -> Column:
    scale = np.float32(1.0 / pixel_m)
    column = np.mod(spots.x * scale + np.float32(east / pixel_m % DETAIL_PX), DETAIL_PX) + np.float32(0.5)
    row = np.mod(spots.y * scale + np.float32(north / pixel_m % DETAIL_PX), DETAIL_PX) + np.float32(0.5)
    return sample(tile, column, row).astype(np.float32) - 128


def _fade(texel_m: Column, pixel_m: float) -> Column:
    """How much of a detail is left when pixels grow larger than it."""
    return np.asarray(np.clip(1.6 - texel_m / np.float32(4 * pixel_m), 0, 1), np.float32)


def face_colour(
    view: StaticView, spots: Spots, faces: list[Face], which: Index, materials: dict[str, Material]
) -> NDArray[np.float32]:
    """Reflectance (n x 3, 0 to 1) of pixels that show faces; `which` (n) numbers them in the list."""
    table = _Table.of(view, faces, materials)
    along = [np.take(part, which) for part in table.along]
    u = spots.x * along[0] + spots.y * along[1] + along[2]
    up = [np.take(part, which) for part in table.up]
    v = spots.x * up[0] + spots.y * up[1] + spots.z * up[2] + up[3]
    tile = np.take(table.tile, which) + (v >= WALL_TILE_M[1])
    level = np.clip(np.log2(np.maximum(spots.texel_m, 1e-4) / TEXEL_M) + 0.3, 0, LEVELS - 1).astype(np.int8)
    colour = np.take(table.colour, which, axis=0)
    for step in range(LEVELS):
        pick = np.flatnonzero(level == step)
        if len(pick):
            colour[pick] *= sample_atlas(step, tile[pick], u[pick], v[pick])
    return colour


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Per face: texture directions with their offsets from the lens (rows of `along`, `up`), tile, colour / 128."""

    along: NDArray[np.float32]
    up: NDArray[np.float32]
    tile: Index
    colour: NDArray[np.float32]

    @classmethod
    def of(cls, view: StaticView, faces: list[Face], materials: dict[str, Material]) -> "_Table":
        """The table of some faces of a view."""
        rows = [_face_row(face, view, materials.get(face.owner)) for face in faces]
        along, up, tile, colour = zip(*rows, strict=True)
        return cls(_rows(along), _rows(up), np.array(tile), np.array(colour, np.float32) / np.float32(128))


def _rows(per_face: tuple[list[float], ...]) -> NDArray[np.float32]:
    return np.ascontiguousarray(np.array(per_face, np.float32).T)


def _face_row(
    face: Face, view: StaticView, material: Material | None
) -> tuple[list[float], list[float], int, tuple[float, float, float]]:
    position = view.eye.position
    shift = float(face.along @ position + face.offset_m) % WALL_TILE_M[0]
    along = [float(face.along[0]), float(face.along[1]), shift]
    if face.kind in (FaceKind.WALL, FaceKind.FENCE):
        up = [0.0, 0.0, 1.0, float(position[2]) - face.base_m]
    else:
        across = np.array([-face.along[1], face.along[0], 0.0])
        up = [*(float(part) for part in across), float(across @ position) % WALL_TILE_M[1]]
    if material is None:
        return along, up, 2 * Style.PANELS, (0.6, 0.6, 0.6)
    wall = face.kind is FaceKind.WALL
    style = material.wall if wall else material.roof
    # The upper tile of a roof is the lower one again, so that the tile never changes along it.
    return along, up, 2 * style, material.wall_colour if wall else material.roof_colour
