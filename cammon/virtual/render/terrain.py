"""The ground of a site as pictures from above: its colour, the shadows that the sun casts on it, and where lamps shine.

Row 0 is the southernmost. Colours are reflectances times 255 (BGR) and, as a fourth channel, roughness.
"""

import zlib
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from cammon.virtual.render.faces import polygons_of
from cammon.virtual.render.grain import cloud
from cammon.virtual.render.paths import Grounds, Way, links
from cammon_coverage.model import KeyPlace, Scene

Map = NDArray[np.uint8]
MARGIN_M = 90.0
FINEST_M = 0.4
LARGEST_PX = 5_000_000
SUN = np.array([-0.45, -0.62, 0.64])
"""Where the sun stands (east, north, up): south-west, 40 degrees high."""
ROAD_M = 6.5
LONGEST_ROAD_M = 220.0
EARTH = (98, 122, 134, 150)
YARD = (122, 130, 134, 110)
ASPHALT = (78, 80, 80, 70)
CONCRETE = (150, 156, 158, 80)
COAL = (38, 38, 40, 255)
PAINT = (60, 175, 205, 40)
_SHIFT = 4


@dataclass(frozen=True, slots=True, eq=False)
class Terrain:
    """The maps of a site. `origin` (x, y) is the corner of row 0 and column 0; a pixel measures `pixel_m`.

    `colour` and its quarter-size copy `coarse` hold four channels; `shade` is 255 in full sun, `lamps` in full light.
    """

    origin: tuple[float, float]
    pixel_m: float
    colour: Map
    coarse: Map
    shade: Map
    lamps: Map

    def lamp_light(self, x: float, y: float) -> float:
        """How strongly lamps light a point of the ground, 0 to 1."""
        column = int((x - self.origin[0]) / self.pixel_m)
        row = int((y - self.origin[1]) / self.pixel_m)
        if 0 <= row < self.lamps.shape[0] and 0 <= column < self.lamps.shape[1]:
            return float(self.lamps[row, column]) / 255.0
        return 0.0


def terrain_of(scene: Scene) -> Terrain:
    """Draw the maps of a site."""
    sheet = _Sheet.over(scene)
    rng = np.random.default_rng(zlib.crc32(str(len(scene.obstacles)).encode()))
    colour = _ground(scene, sheet, rng)
    coarse = cv2.resize(colour, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    return Terrain(
        sheet.origin, sheet.pixel_m, colour, np.asarray(coarse, np.uint8), _shade(scene, sheet), _lamps(scene, sheet)
    )


@dataclass(frozen=True, slots=True)
class _Sheet:
    """An empty map: where it lies and how fine it is."""

    origin: tuple[float, float]
    pixel_m: float
    width_px: int
    height_px: int

    @classmethod
    def over(cls, scene: Scene) -> "_Sheet":
        """A sheet over everything that the scene has, and a margin."""
        shapes: list[BaseGeometry] = [obstacle.footprint for obstacle in scene.obstacles]
        shapes += [place.geometry for place in scene.key_places]
        shapes += [shapely.Point(camera.pose.x, camera.pose.y) for camera in scene.cameras]
        shapes += [] if scene.boundary is None else [scene.boundary]
        left, low, right, high = shapely.total_bounds(shapes) if shapes else (0.0, 0.0, 1.0, 1.0)
        width_m, height_m = right - left + 2 * MARGIN_M, high - low + 2 * MARGIN_M
        pixel_m = max(FINEST_M, float(np.sqrt(width_m * height_m / LARGEST_PX)))
        size = (int(np.ceil(width_m / pixel_m)), int(np.ceil(height_m / pixel_m)))
        return cls((float(left - MARGIN_M), float(low - MARGIN_M)), pixel_m, *size)

    def fill(self, target: Map, shape: BaseGeometry, value: tuple[int, ...]) -> None:
        """Fill polygons, their holes left out."""
        for polygon in polygons_of(shape):
            rings = [self._pixels(np.asarray(ring.coords)) for ring in (polygon.exterior, *polygon.interiors)]
            cv2.fillPoly(target, rings, value, cv2.LINE_AA, _SHIFT)

    def line(self, target: Map, way: Way, width_m: float, value: tuple[int, ...]) -> None:
        """Draw a line of a width along a way."""
        thickness = max(1, round(width_m / self.pixel_m))
        cv2.polylines(target, [self._pixels(way)], False, value, thickness, cv2.LINE_AA, _SHIFT)

    def _pixels(self, points: NDArray[np.float64]) -> NDArray[np.int32]:
        pixels: NDArray[np.int32] = np.rint(((points[:, :2] - self.origin) / self.pixel_m - 0.5) * 2**_SHIFT).astype(
            np.int32
        )
        return pixels


def _ground(scene: Scene, sheet: _Sheet, rng: np.random.Generator) -> Map:
    ground = np.empty((sheet.height_px, sheet.width_px, 4), np.uint8)
    ground[:] = EARTH
    green = cloud(sheet.width_px // 4, sheet.height_px // 4, 40, rng) > 0.5
    large = cv2.resize(green.astype(np.uint8), (sheet.width_px, sheet.height_px), interpolation=cv2.INTER_LINEAR)
    ground[large > 0] = (70, 112, 106, 220)
    sheet.fill(ground, _yard(scene), YARD)
    _slabs(sheet, ground, rng)
    _roads(scene, sheet, ground)
    for place in scene.key_places:
        _place(place, sheet, ground)
    _stains(scene, sheet, ground, rng)
    soft = cv2.GaussianBlur(ground, (0, 0), 0.8)
    patches = 1 + 0.07 * cloud(sheet.width_px, sheet.height_px, 30 / sheet.pixel_m, rng, 4)
    soft[..., :3] = np.clip(soft[..., :3] * patches[..., None], 0, 255)
    return np.asarray(soft, np.uint8)


def _yard(scene: Scene) -> BaseGeometry:
    if scene.boundary is not None:
        return scene.boundary
    return shapely.union_all([obstacle.footprint.buffer(25) for obstacle in scene.obstacles])


def _slabs(sheet: _Sheet, ground: Map, rng: np.random.Generator) -> None:
    """Concrete poured in slabs of 8 m, each of a slightly other grey, with dark joints; only where there is yard."""
    side = round(8.0 / sheet.pixel_m)
    shape = (sheet.height_px // side + 1, sheet.width_px // side + 1)
    tones = 1 + 0.045 * rng.standard_normal(shape, dtype=np.float32)
    factor = np.repeat(np.repeat(tones, side, axis=0), side, axis=1)[: sheet.height_px, : sheet.width_px]
    factor[::side] *= 0.86
    factor[:, ::side] *= 0.86
    yard = ground[..., 0] == YARD[0]
    ground[yard, :3] = np.clip(ground[yard, :3] * factor[yard, None], 0, 255).astype(np.uint8)


def _roads(scene: Scene, sheet: _Sheet, ground: Map) -> None:
    grounds = Grounds(scene.obstacles)
    anchors = [grounds.anchor(place) for place in scene.key_places]
    found = [grounds.way(anchors[a], anchors[b]) for a, b in links(anchors, LONGEST_ROAD_M)]
    ways = [way for way in found if way is not None]
    for width_m, value in ((ROAD_M + 2.5, CONCRETE), (ROAD_M, ASPHALT)):
        for way in ways:
            sheet.line(ground, way, width_m, value)
    for way in ways:
        for dash in _dashes(way):
            sheet.line(ground, dash, 0.3, (205, 212, 214, 40))


def _dashes(way: Way) -> list[Way]:
    """Pieces of 3 m, 9 m apart, along a way."""
    line = shapely.LineString(way)
    starts = np.arange(4.0, line.length - 4.0, 9.0)
    return [
        np.array([point.coords[0] for point in shapely.line_interpolate_point(line, [at, at + 3.0])]) for at in starts
    ]


def _place(place: KeyPlace, sheet: _Sheet, ground: Map) -> None:
    """A concrete apron with a painted edge at a key place; coal where the name says coal yard."""
    words = place.name.lower()
    if "coal yard" in words or "stockpile" in words or "煤场" in words or "煤堆" in words:
        sheet.fill(ground, place.geometry, COAL)
        return
    if place.geometry.geom_type in ("Point", "MultiPoint"):
        sheet.fill(ground, place.geometry.buffer(7), CONCRETE)
        for point in shapely.get_parts(place.geometry):
            sheet.line(ground, np.asarray(point.buffer(3.5).exterior.coords), 0.4, PAINT)
        return
    for polygon in polygons_of(place.geometry):
        sheet.fill(ground, polygon, CONCRETE)
        sheet.line(ground, np.asarray(polygon.exterior.coords), 0.4, PAINT)


def _stains(scene: Scene, sheet: _Sheet, ground: Map, rng: np.random.Generator) -> None:
    """Oil, puddles and coal dust, and tracks of tyres."""
    left, low, right, high = _yard(scene).bounds if not _yard(scene).is_empty else (0, 0, 1, 1)
    count = int(min(400, (right - left) * (high - low) / 500))
    layer = ground.copy()
    for x, y in rng.uniform((left, low), (right, high), (count, 2)):
        radius = rng.uniform(0.4, 2.6)
        sheet.fill(layer, shapely.Point(x, y).buffer(radius, quad_segs=3), (66, 70, 72, 60))
    for x, y in rng.uniform((left, low), (right, high), (count // 4, 2)):
        turn, bend = rng.uniform(0, 6.3), rng.normal(0, 0.05)
        for side in (0.0, 1.9):
            sheet.line(layer, _track(x, y, turn, bend, side), 0.35, (84, 90, 92, 60))
    cv2.addWeighted(layer, 0.45, ground, 0.55, 0, dst=ground)


def _track(x: float, y: float, turn: float, bend: float, side: float) -> Way:
    heading = turn + bend * np.arange(18)
    steps = np.cumsum(1.6 * np.column_stack([np.cos(heading), np.sin(heading)]), axis=0)
    return steps + (x, y) + side * np.column_stack([-np.sin(heading), np.cos(heading)])


def _shade(scene: Scene, sheet: _Sheet) -> Map:
    """Sun (255) and shadow, and the dimness close to walls."""
    dark = np.zeros((sheet.height_px, sheet.width_px), np.uint8)
    close = np.zeros_like(dark)
    step = -SUN[:2] / SUN[2]
    for obstacle in scene.obstacles:
        for polygon in polygons_of(obstacle.footprint):
            for ring in (polygon.exterior, *polygon.interiors):
                corners = np.asarray(ring.coords)[:, :2]
                low, high = corners + obstacle.base_m * step, corners + obstacle.top_m * step
                for quad in np.stack([low[:-1], low[1:], high[1:], high[:-1]], axis=1):
                    cv2.fillConvexPoly(dark, sheet._pixels(quad), 255, cv2.LINE_AA, _SHIFT)
            roof = shapely.transform(polygon, partial(np.add, obstacle.top_m * step))
            sheet.fill(dark, roof, (255,))
            if obstacle.base_m < 1:
                sheet.fill(close, polygon, (255,))
    near = cv2.GaussianBlur(close, (0, 0), 1.2 / sheet.pixel_m)
    soft = cv2.GaussianBlur(dark, (0, 0), 0.7)
    return np.asarray(255 - cv2.addWeighted(soft, 0.86, near, 0.35, 0), np.uint8)


def _lamps(scene: Scene, sheet: _Sheet) -> Map:
    light = np.zeros((sheet.height_px, sheet.width_px), np.uint8)
    for area in scene.lit_areas:
        sheet.fill(light, area.geometry, (255,))
    edge = cv2.GaussianBlur(light, (0, 0), 1.5 / sheet.pixel_m)
    wide = cv2.GaussianBlur(light, (0, 0), 7.0 / sheet.pixel_m)
    return np.asarray(cv2.addWeighted(edge, 0.6, wide, 0.4, 0), np.uint8)
