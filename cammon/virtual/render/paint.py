"""A still view in colour: sky, ground, buildings, haze; by day under the sun, by night under infrared and lamps."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cammon.virtual.render.light import (
    DAY_EXPOSURE,
    HAZE_DAY,
    LAMP_HEIGHT_M,
    NIGHT_EXPOSURES,
    NIGHT_EXPOSURES_COLOUR,
    NIGHT_TARGET,
    NightSight,
    daylight,
    haze_share,
)
from cammon.virtual.render.materials import Material, material_of
from cammon.virtual.render.skin import Spots, face_colour, ground_colour, lamp_share, spots_of, sun_share
from cammon.virtual.render.static import Ground, StaticView
from cammon.virtual.render.terrain import Terrain, terrain_of
from cammon.virtual.render.tiles import DETAIL_PX, clouds, sample
from cammon_coverage.model import Period, Scene
from cammon_probes.model import Frame

Colours = NDArray[np.float32]
UP = np.array([[0.0, 0.0, 1.0]], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """What a site is made of: its ground, and the material of each obstacle by id."""

    terrain: Terrain
    materials: dict[str, Material]

    @classmethod
    def of(cls, scene: Scene) -> "Looks":
        """The looks of a scene: the same each time."""
        return cls(terrain_of(scene), {obstacle.id: material_of(obstacle) for obstacle in scene.obstacles})


def paint(view: StaticView, looks: Looks, period: Period) -> tuple[Frame, float]:
    """The still picture (height x width x 3, BGR) without people, lamps and fence, and its exposure."""
    canvas = np.zeros((view.surface.size, 3), np.uint8)
    _paint_sky(view, canvas, period)
    surfaces = [surface for surface in (_ground(view, looks, period), _built(view, looks)) if len(surface.spots.index)]
    if period is Period.DAY:
        for surface in surfaces:
            canvas[surface.spots.index] = _by_day(surface)
        exposure = float(DAY_EXPOSURE)
    else:
        lit = [_by_night(view, looks, surface) for surface in surfaces]
        exposure = _exposure(lit, NightSight.of(view.eye))
        for surface, light in zip(surfaces, lit, strict=True):
            canvas[surface.spots.index] = _toned(light * np.float32(exposure))
    return canvas.reshape(*view.surface.shape, 3), exposure


@dataclass(frozen=True, slots=True, eq=False)
class _Surface:
    """Pixels of one sort: reflectance (n x 3); unit normals (k x 3) and which of them each has (n); share of sun (n).

    `sunny` None: all in the sun.
    """

    spots: Spots
    colours: Colours
    normals: NDArray[np.float32]
    which: NDArray[np.intp]
    sunny: NDArray[np.float32] | None


def _ground(view: StaticView, looks: Looks, period: Period) -> _Surface:
    spots = spots_of(view, view.surface == Ground.GROUND)
    near = looks.terrain.near(view.eye, shaded=period is Period.DAY)
    colours = ground_colour(view, looks.terrain, near, spots)
    sunny = sun_share(view, looks.terrain, near, spots) if period is Period.DAY else None
    return _Surface(spots, colours, UP, np.zeros(len(colours), np.intp), sunny)


def _built(view: StaticView, looks: Looks) -> _Surface:
    spots = spots_of(view, view.surface >= 0)
    if not len(spots.index):
        return _Surface(spots, np.empty((0, 3), np.float32), UP, np.empty(0, np.intp), None)
    numbers = view.surface.ravel()[spots.index]
    shown = np.flatnonzero(np.bincount(numbers, minlength=len(view.faces)))
    place = np.zeros(len(view.faces), np.intp)
    place[shown] = np.arange(len(shown))
    faces, which = [view.faces[number] for number in shown], place[numbers]
    normals = np.array([face.normal for face in faces], np.float32)
    return _Surface(spots, face_colour(view, spots, faces, which, looks.materials), normals, which, None)


def _slant(spots: Spots) -> NDArray[np.float32]:
    return np.asarray(np.sqrt(spots.x**2 + spots.y**2 + spots.z**2), np.float32)


def _by_day(surface: _Surface) -> Frame:
    sky, sun = (light * DAY_EXPOSURE for light in daylight(surface.normals))
    if surface.sunny is None:
        light = np.take(sky + sun, surface.which, axis=0)
    else:
        light = np.take(sky, surface.which, axis=0)
        light += surface.sunny[:, None] * np.take(sun, surface.which, axis=0)
    light *= surface.colours
    haze = haze_share(_slant(surface.spots))[:, None]
    light += haze * (HAZE_DAY - light)
    return _toned(light)


def _by_night(view: StaticView, looks: Looks, surface: _Surface) -> Colours:
    """Light (n x 3) that comes from surfaces by night, 1 being white in full light."""
    spots, colours = surface.spots, surface.colours
    sight = NightSight.of(view.eye)
    slant = _slant(spots)
    height = spots.z + np.float32(view.eye.position[2])
    lamps = lamp_share(view, looks.terrain, spots)
    lamps *= np.clip(1.6 - height / np.float32(LAMP_HEIGHT_M), 0, 1)
    x, y, z = (np.take(part, surface.which) for part in np.ascontiguousarray(surface.normals.T))
    facing = np.abs((x * spots.x + y * spots.y + z * spots.z) / slant)
    beam = sight.beam(slant, _off_axis(view, spots)) * (np.float32(0.35) + np.float32(0.65) * facing)
    if sight.infrared:
        colours = np.repeat((colours @ np.array([0.2, 0.4, 0.4], np.float32))[:, None], 3, axis=1)
    light = sight.light(np.asarray(beam, np.float32), lamps)
    light *= colours
    return light


def _exposure(lit: list[Colours], sight: NightSight) -> float:
    """Grey levels of white in full light, as the camera's automatic exposure sets them."""
    bright = np.concatenate([light[::97, 1] for light in lit]) if lit else np.empty(0)
    limits = NIGHT_EXPOSURES if sight.infrared else NIGHT_EXPOSURES_COLOUR
    if not len(bright):
        return limits[1]
    return float(np.clip(NIGHT_TARGET / max(float(np.quantile(bright, 0.9)), 1e-6), *limits))


def _toned(seen: Colours) -> Frame:
    """Light to grey levels: a soft shoulder instead of clipping."""
    return _TONES[np.minimum(seen, len(_TONES) - 1).astype(np.uint16)]


def _tones() -> Frame:
    light = np.arange(1024.0)
    bright = np.maximum(light - 190, 0)
    tones: Frame = np.clip(light - bright * bright / (bright + 90), 0, 255).astype(np.uint8)
    return tones


_TONES = _tones()


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
