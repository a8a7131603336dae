"""The colour that every pixel would have in even light: textures of the ground and of the faces, looked up by place."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cammon.virtual.render.faces import Face, FaceKind
from cammon.virtual.render.materials import Material, Style
from cammon.virtual.render.static import StaticView
from cammon.virtual.render.terrain import EARTH, Terrain
from cammon.virtual.render.tiles import (
    DETAIL_PX,
    LEVELS,
    TEXEL_M,
    WALL_TILE_M,
    ground_detail,
    sample,
    sample_atlas,
)

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


def ground_colour(view: StaticView, terrain: Terrain, spots: Spots) -> NDArray[np.float32]:
    """Reflectance (n x 3, 0 to 1) of ground pixels."""
    column, row = _map_place(view, terrain, spots)
    grazing = np.sqrt(np.maximum(-spots.z * np.float32(1.0 / view.eye.fu) / np.maximum(spots.texel_m, 1e-6), 0.02))
    texel_m = (spots.texel_m / grazing).astype(np.float32)
    found = _blend(terrain, column, row, texel_m)
    grit, blotch = ground_detail()
    east, north = view.eye.position[:2] - terrain.origin
    detail = _detail(grit, spots, east, north, TEXEL_M) * _fade(texel_m, TEXEL_M)
    detail += _detail(blotch, spots, east, north, 0.2) * _fade(texel_m, 0.2)
    factor = 1 + found[:, 3] * detail * np.float32(1.0 / (128 * 110))
    colour = found[:, :3] * (factor * np.float32(1.0 / 255))[:, None]
    return np.asarray(np.maximum(colour, 0.02), np.float32)


def map_values(view: StaticView, terrain: Terrain, spots: Spots, which: NDArray[np.uint8]) -> Column:
    """Values (n, 0 to 1) of a one-channel map of the terrain."""
    column, row = _map_place(view, terrain, spots)
    return sample(which, column, row).astype(np.float32) * np.float32(1.0 / 255)


def _map_place(view: StaticView, terrain: Terrain, spots: Spots) -> tuple[Column, Column]:
    east, north = (view.eye.position[:2] - terrain.origin) / terrain.pixel_m
    scale = np.float32(1.0 / terrain.pixel_m)
    column = np.clip(spots.x * scale + np.float32(east - 0.5), -4, terrain.colour.shape[1] + 4)
    row = np.clip(spots.y * scale + np.float32(north - 0.5), -4, terrain.colour.shape[0] + 4)
    return column, row


def _blend(terrain: Terrain, column: Column, row: Column, texel_m: Column) -> NDArray[np.float32]:
    """Fine map near, coarse map far, plain earth beyond the maps."""
    found = sample(terrain.colour, column, row).astype(np.float32)
    far = np.clip(texel_m / (2 * terrain.pixel_m) - 0.5, 0, 1)
    pick = np.flatnonzero(far > 0)
    quarter = np.float32(0.25)
    coarse = sample(terrain.coarse, (column[pick] - np.float32(1.5)) * quarter, (row[pick] - np.float32(1.5)) * quarter)
    found[pick] += far[pick, None] * (coarse - found[pick])
    height, width = terrain.colour.shape[:2]
    beyond = (column < 0) | (row < 0) | (column > width - 1) | (row > height - 1)
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


def face_colour(view: StaticView, spots: Spots, faces: Index, materials: dict[str, Material]) -> NDArray[np.float32]:
    """Reflectance (n x 3, 0 to 1) of pixels that show the numbered faces."""
    table = _Table.of(view, materials)
    along = table.along[faces]
    u = spots.x * along[:, 0] + spots.y * along[:, 1] + along[:, 3]
    up = table.up[faces]
    v = spots.x * up[:, 0] + spots.y * up[:, 1] + spots.z * up[:, 2] + up[:, 3]
    tile = table.tile[faces] + (v >= WALL_TILE_M[1])
    level = np.clip(np.log2(np.maximum(spots.texel_m, 1e-4) / TEXEL_M) + 0.3, 0, LEVELS - 1).astype(np.int8)
    colour = np.empty((len(faces), 3), np.float32)
    for step in range(LEVELS):
        pick = np.flatnonzero(level == step)
        if len(pick):
            colour[pick] = sample_atlas(step, tile[pick], u[pick], v[pick])
    colour *= table.colour[faces] * np.float32(1.0 / 128)
    return colour


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Per face: texture directions with their offsets from the lens, first tile, colour."""

    along: NDArray[np.float32]
    up: NDArray[np.float32]
    tile: Index
    colour: NDArray[np.float32]

    @classmethod
    def of(cls, view: StaticView, materials: dict[str, Material]) -> "_Table":
        """The table of a view's faces."""
        rows = [_face_row(face, view, materials.get(face.owner)) for face in view.faces]
        along, up, tile, colour = zip(*rows, strict=True)
        return cls(np.array(along, np.float32), np.array(up, np.float32), np.array(tile), np.array(colour, np.float32))


def _face_row(
    face: Face, view: StaticView, material: Material | None
) -> tuple[list[float], list[float], int, tuple[float, float, float]]:
    position = view.eye.position
    shift = float(face.along @ position + face.offset_m) % WALL_TILE_M[0]
    along = [*(float(part) for part in face.along), shift]
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
