"""A still view in colour: sky, ground, buildings, haze; by day under the sun, by night under infrared and lamps."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cammon.virtual.render.light import (
    DAY_EXPOSURE,
    HAZE_DAY,
    LAMP_HEIGHT_M,
    NIGHT_EXPOSURE,
    NightSight,
    daylight,
    haze_share,
)
from cammon.virtual.render.materials import Material, material_of
from cammon.virtual.render.skin import Spots, face_colour, ground_colour, map_values, spots_of
from cammon.virtual.render.static import Ground, StaticView
from cammon.virtual.render.terrain import Terrain, terrain_of
from cammon.virtual.render.tiles import DETAIL_PX, clouds, sample
from cammon_coverage.model import Period, Scene
from cammon_probes.model import Frame

Colours = NDArray[np.float32]
UP = np.array([0.0, 0.0, 1.0], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """What a site is made of: its ground, and the material of each obstacle by id."""

    terrain: Terrain
    materials: dict[str, Material]

    @classmethod
    def of(cls, scene: Scene) -> "Looks":
        """The looks of a scene: the same each time."""
        return cls(terrain_of(scene), {obstacle.id: material_of(obstacle) for obstacle in scene.obstacles})


def paint(view: StaticView, looks: Looks, period: Period) -> Frame:
    """The still picture (height x width x 3, BGR) without people, lamps and fence."""
    canvas = np.zeros((view.surface.size, 3), np.uint8)
    _paint_sky(view, canvas, period)
    ground = spots_of(view, view.surface == Ground.GROUND)
    if len(ground.index):
        colours = ground_colour(view, looks.terrain, ground)
        normals = np.broadcast_to(UP, colours.shape)
        sunny = map_values(view, looks.terrain, ground, looks.terrain.shade) if period is Period.DAY else None
        canvas[ground.index] = _lit(view, looks, ground, colours, normals, sunny, period)
    built = spots_of(view, view.surface >= 0)
    if len(built.index):
        faces = view.surface.ravel()[built.index].astype(np.intp)
        colours = face_colour(view, built, faces, looks.materials)
        normals = np.array([face.normal for face in view.faces], np.float32)[faces]
        sunny = np.ones(len(faces), np.float32)
        canvas[built.index] = _lit(view, looks, built, colours, normals, sunny, period)
    return canvas.reshape(*view.surface.shape, 3)


def _lit(
    view: StaticView,
    looks: Looks,
    spots: Spots,
    colours: Colours,
    normals: NDArray[np.float32],
    sunny: NDArray[np.float32] | None,
    period: Period,
) -> Frame:
    """Grey levels (n x 3) of surfaces of given reflectance under the light of the period."""
    slant = np.sqrt(spots.x**2 + spots.y**2 + spots.z**2)
    if period is Period.DAY and sunny is not None:
        seen = colours * daylight(normals, sunny) * DAY_EXPOSURE
        haze = haze_share(slant)[:, None]
        seen += haze * (HAZE_DAY - seen)
        return _toned(seen)
    sight = NightSight.of(view.eye)
    height = spots.z + np.float32(view.eye.position[2])
    lamps = map_values(view, looks.terrain, spots, looks.terrain.lamps)
    lamps *= np.clip(1.6 - height / np.float32(LAMP_HEIGHT_M), 0, 1)
    facing = np.abs((normals[:, 0] * spots.x + normals[:, 1] * spots.y + normals[:, 2] * spots.z) / slant)
    beam = sight.beam(slant, _off_axis(view, spots)) * (0.35 + 0.65 * facing)
    if sight.infrared:
        colours = np.repeat((colours @ np.array([0.2, 0.4, 0.4], np.float32))[:, None], 3, axis=1)
    return _toned(colours * sight.light(beam, lamps) * NIGHT_EXPOSURE)


def _toned(seen: Colours) -> Frame:
    """Light to grey levels: a soft shoulder instead of clipping."""
    bright = np.maximum(seen - 190, 0)
    seen -= bright * bright / (bright + 90)
    return np.clip(seen, 0, 255).astype(np.uint8)


def _off_axis(view: StaticView, spots: Spots) -> NDArray[np.float32]:
    rows, columns = np.divmod(spots.index, view.eye.width_px)
    across = (columns - view.eye.width_px / 2) / (view.eye.width_px / 2)
    down = (rows - view.eye.height_px / 2) / (view.eye.height_px / 2)
    return np.asarray(np.hypot(across, down) / np.sqrt(2), np.float32)


def _paint_sky(view: StaticView, canvas: Frame, period: Period) -> None:
    index = np.flatnonzero(view.surface == Ground.SKY)
    if not len(index):
        return
    x, y, z = (part.ravel()[index] for part in view.rays)
    level = np.hypot(x, y)
    height = np.arctan2(z, level) * np.float32(2 / np.pi)
    if period is Period.NIGHT:
        canvas[index] = np.clip(10 + 10 * (1 - height) ** 6, 0, 255)[:, None].astype(np.uint8)
        return
    clear = np.clip(height * 2.2, 0, 1)[:, None] ** 0.7
    colour = HAZE_DAY + 18 + clear * (np.array([205, 158, 118], np.float32) - HAZE_DAY - 18)
    ahead = np.float32(DETAIL_PX / 9.0) / (z + np.float32(0.10) * np.hypot(level, z))
    column, row = np.mod(x * ahead, DETAIL_PX) + np.float32(0.5), np.mod(y * ahead, DETAIL_PX) + np.float32(0.5)
    cover = sample(clouds(), column, row).astype(np.float32) * np.clip(height * 12, 0, 1) / 255
    canvas[index] = np.clip(colour + cover[:, None] * (236 - colour), 0, 255).astype(np.uint8)
