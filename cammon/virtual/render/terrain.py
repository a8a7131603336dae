"""The ground of a site as pictures from above: its colour, the shadows of the sun, and where lamps shine.

One coarse sheet of the whole site, and for each camera a fine one of the ground before it. Row 0 is the southernmost.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from cammon.virtual.render.eye import Eye
from cammon.virtual.render.faces import polygons_of
from cammon.virtual.render.layout import EARTH, FIELD_M, GRASS, SLAB_M, YARD, Layout, Patch, layout_of
from cammon_coverage.model import Scene

Map = NDArray[np.uint8]
FINEST_M = 0.5
LARGEST_PX = 4_000_000
NEAR_PIXEL_M = 0.08
NEAR_PIXEL_SMALL_M = 0.14
"""For pictures less than SMALL_PX wide, which show no finer."""
SMALL_PX = 1000
NEAR_SIDE_M = 72.0
_SHIFT = 4


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where a map lies: the corner of row 0 and column 0, the size of a pixel, and how many there are."""

    west: float
    south: float
    pixel_m: float
    width_px: int
    height_px: int

    @classmethod
    def over(cls, bounds: tuple[float, float, float, float], pixel_m: float) -> "Sheet":
        """A sheet over bounds (west, south, east, north)."""
        west, south, east, north = bounds
        size = (int(np.ceil((east - west) / pixel_m)), int(np.ceil((north - south) / pixel_m)))
        return cls(west, south, pixel_m, *size)

    @property
    def bounds(self) -> BaseGeometry:
        """The ground that it covers."""
        east, north = self.west + self.width_px * self.pixel_m, self.south + self.height_px * self.pixel_m
        return shapely.box(self.west, self.south, east, north)

    def fill(self, target: Map, shape: BaseGeometry, value: tuple[int, ...]) -> None:
        """Fill polygons, their holes left out."""
        for polygon in polygons_of(shape):
            rings = [self.pixels(np.asarray(ring.coords)) for ring in (polygon.exterior, *polygon.interiors)]
            cv2.fillPoly(target, rings, value, cv2.LINE_AA, _SHIFT)

    def line(self, target: Map, shape: BaseGeometry, width_m: float, value: tuple[int, ...]) -> None:
        """Draw lines of a width; nothing where they are finer than half a pixel."""
        if width_m < 0.5 * self.pixel_m:
            return
        thickness = max(1, round(width_m / self.pixel_m))
        for part in shapely.get_parts(shape):
            places = [self.pixels(np.asarray(part.coords))]
            cv2.polylines(target, places, False, value, thickness, cv2.LINE_AA, _SHIFT)

    def pixels(self, points: NDArray[np.float64]) -> NDArray[np.int32]:
        """Points (n x 2 or more) as fixed-point pixels for drawing."""
        places = (points[:, :2] - (self.west, self.south)) / self.pixel_m - 0.5
        fixed: NDArray[np.int32] = np.rint(places * 2**_SHIFT).astype(np.int32)
        return fixed

    def of_field(
        self, field: NDArray[np.float32], corner: tuple[float, float], pixel_m: float, how: int
    ) -> NDArray[np.float32]:
        """A field of coarser pixels, from the south-west `corner` on, as seen at this sheet's pixels."""
        scale = self.pixel_m / pixel_m
        shift = [
            (edge - start) / pixel_m + 0.5 * scale - 0.5
            for edge, start in zip((self.west, self.south), corner, strict=True)
        ]
        matrix = np.array([[scale, 0.0, shift[0]], [0.0, scale, shift[1]]])
        flags = how | cv2.WARP_INVERSE_MAP
        size = (self.width_px, self.height_px)
        return np.asarray(cv2.warpAffine(field, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class GroundMap:
    """A sheet with its colour (four channels: BGR, roughness) and its sun (255) and shade."""

    sheet: Sheet
    colour: Map
    shade: Map


@dataclass(frozen=True, slots=True, eq=False)
class Terrain:
    """The whole site, coarse. `far` is its colour in pixels four times as large; `lamps` is 255 in full lamp light."""

    layout: Layout
    ground: GroundMap
    far: Map
    lamps: Map

    def lamp_light(self, x: float, y: float) -> float:
        """How strongly lamps light a point of the ground, 0 to 1."""
        sheet = self.ground.sheet
        column, row = int((x - sheet.west) / sheet.pixel_m), int((y - sheet.south) / sheet.pixel_m)
        if 0 <= row < sheet.height_px and 0 <= column < sheet.width_px:
            return float(self.lamps[row, column]) / 255.0
        return 0.0

    def near(self, eye: Eye, shaded: bool) -> GroundMap:
        """The ground before a camera, drawn fine; with the shadows of the sun only where they are `shaded`."""
        ahead = eye.forward[:2] * 0.42 * NEAR_SIDE_M
        x, y = eye.position[:2] + ahead
        half = NEAR_SIDE_M / 2
        pixel_m = NEAR_PIXEL_M if eye.width_px >= SMALL_PX else NEAR_PIXEL_SMALL_M
        return draw_ground(self.layout, Sheet.over((x - half, y - half, x + half, y + half), pixel_m), shaded)


def terrain_of(scene: Scene) -> Terrain:
    """Draw the coarse maps of a site."""
    layout = layout_of(scene)
    west, south, east, north = layout.bounds
    pixel_m = max(FINEST_M, float(np.sqrt((east - west) * (north - south) / LARGEST_PX)))
    ground = draw_ground(layout, Sheet.over(layout.bounds, pixel_m))
    far = cv2.resize(ground.colour, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    return Terrain(layout, ground, np.asarray(far, np.uint8), _lamps(layout, ground.sheet))


def draw_ground(layout: Layout, sheet: Sheet, shaded: bool = True) -> GroundMap:
    """Draw the ground and its shade on a sheet; without `shaded` all is in the sun."""
    colour = np.empty((sheet.height_px, sheet.width_px, 4), np.uint8)
    _draw_earth(layout, sheet, colour)
    cover = sheet.bounds
    for patch in layout.patches:
        if patch.shape.intersects(cover):
            _draw_patch(patch, sheet, colour)
    mottle = sheet.of_field(layout.mottle, layout.bounds[:2], FIELD_M, cv2.INTER_LINEAR)
    tinted = cv2.multiply(colour, cv2.merge([mottle, mottle, mottle, np.ones_like(mottle)]), dtype=cv2.CV_8U)
    shade = _shade(layout, sheet) if shaded else np.full(colour.shape[:2], 255, np.uint8)
    return GroundMap(sheet, np.asarray(tinted, np.uint8), shade)


def _draw_earth(layout: Layout, sheet: Sheet, colour: Map) -> None:
    """Earth with patches of dry grass; within the yard concrete in slabs of slightly different grey."""
    share = sheet.of_field(layout.grass, layout.bounds[:2], FIELD_M, cv2.INTER_LINEAR)[..., None]
    colour[:] = np.array(EARTH, np.float32) + share * (np.array(GRASS, np.float32) - np.array(EARTH, np.float32))
    yard = np.zeros(colour.shape[:2], np.uint8)
    sheet.fill(yard, layout.yard, (255,))
    if not yard.any():
        return
    tone = sheet.of_field(layout.slabs, layout.bounds[:2], SLAB_M, cv2.INTER_NEAREST)
    joint = 1.0 - 0.3 * min(1.0, 0.06 / sheet.pixel_m)
    for axis, corner in ((1, sheet.west - layout.bounds[0]), (0, sheet.south - layout.bounds[1])):
        run = np.mod(corner + (np.arange(tone.shape[axis]) + 0.5) * sheet.pixel_m, SLAB_M)
        lines = np.flatnonzero(run < max(0.06, sheet.pixel_m))
        tone[(slice(None), lines) if axis else lines] *= np.float32(joint)
    paved = np.empty_like(colour)
    paved[..., :3] = np.clip(tone[..., None] * np.array(YARD[:3], np.float32), 0, 255)
    paved[..., 3] = YARD[3]
    np.copyto(colour, paved, where=yard[..., None] > 127)


def _draw_patch(patch: Patch, sheet: Sheet, colour: Map) -> None:
    if patch.opacity < 1.0:
        _draw_faint(patch, sheet, colour)
    elif patch.width_m:
        sheet.line(colour, patch.shape, patch.width_m, patch.colour)
    else:
        sheet.fill(colour, patch.shape, patch.colour)


def _draw_faint(patch: Patch, sheet: Sheet, colour: Map) -> None:
    """A patch through which the ground shows, drawn on the part of the sheet that it needs."""
    corners = sheet.pixels(np.array(patch.shape.bounds).reshape(2, 2)) >> _SHIFT
    reach = int(patch.width_m / sheet.pixel_m) + 2
    left, low = (max(0, int(part) - reach) for part in corners[0])
    right, high = (int(part) + reach for part in corners[1])
    below = colour[low:high, left:right]
    if not below.size:
        return
    above = below.copy()
    moved = Sheet(sheet.west + left * sheet.pixel_m, sheet.south + low * sheet.pixel_m, sheet.pixel_m, right, high)
    _draw_patch(Patch(patch.shape, patch.colour, patch.width_m), moved, above)
    cv2.addWeighted(above, patch.opacity, below, 1.0 - patch.opacity, 0.0, dst=above)
    below[:] = above


def _shade(layout: Layout, sheet: Sheet) -> Map:
    """Sun (255) and shadow, and the dimness close to walls."""
    dark = np.zeros((sheet.height_px, sheet.width_px), np.uint8)
    close = np.zeros_like(dark)
    cover = sheet.bounds.buffer(2.0)
    for shade in layout.shades:
        if not shade.bounds.intersects(cover):
            continue
        for ring in shade.rings:
            cv2.fillConvexPoly(dark, sheet.pixels(ring), 255, cv2.LINE_AA, _SHIFT)
        sheet.fill(dark, shade.roof, (255,))
        if shade.standing is not None:
            sheet.fill(close, shade.standing, (255,))
    near = _softened(close, 1.0 / sheet.pixel_m)
    soft = cv2.GaussianBlur(dark, (0, 0), max(0.6, 0.1 / sheet.pixel_m))
    return np.asarray(255 - cv2.addWeighted(soft, 0.86, near, 0.35, 0), np.uint8)


def _softened(mask: Map, radius_px: float) -> Map:
    """The mask blurred about as a Gaussian of that deviation would, at a cost that does not grow with it."""
    size = max(1, round(radius_px * 1.7)) | 1
    return np.asarray(cv2.blur(cv2.blur(cv2.blur(mask, (size, size)), (size, size)), (size, size)), np.uint8)


def _lamps(layout: Layout, sheet: Sheet) -> Map:
    light = np.zeros((sheet.height_px, sheet.width_px), np.uint8)
    sheet.fill(light, layout.lit, (255,))
    edge, wide = _softened(light, 1.5 / sheet.pixel_m), _softened(light, 7.0 / sheet.pixel_m)
    return np.asarray(cv2.addWeighted(edge, 0.6, wide, 0.4, 0), np.uint8)
