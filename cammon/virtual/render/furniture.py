"""What a site has beside its prisms, for the eye only: the fence, lamp posts, legs of raised galleries.

None of it hides anything: depths and surfaces do not know it.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import shapely
from numpy.typing import NDArray

from cammon.virtual.render.eye import Points
from cammon.virtual.render.faces import FaceKind, Prism, polygons_of
from cammon.virtual.render.light import LAMP_HEIGHT_M
from cammon.virtual.render.static import StaticView
from cammon_coverage.model import Period, Scene
from cammon_probes.model import Frame

POST_EVERY_M = 3.0
STEEL = (96, 100, 103)
NIGHT_STEEL = (30, 30, 30)
_SHIFT = 4
_PIECES = 16


@dataclass(frozen=True, slots=True)
class Stick:
    """An upright post."""

    x: float
    y: float
    low_m: float
    high_m: float
    width_m: float
    lamp: bool = False


def sticks_of(scene: Scene, prisms: tuple[Prism, ...]) -> tuple[Stick, ...]:
    """Lamp posts round the lit areas and legs below raised prisms."""
    legs = [stick for prism in prisms if prism.base_m > 2.0 for stick in _legs(prism)]
    blocks = shapely.union_all([prism.footprint for prism in prisms if prism.base_m < LAMP_HEIGHT_M])
    shapely.prepare(blocks)
    posts = [
        Stick(x, y, 0.0, LAMP_HEIGHT_M, 0.14, lamp=True)
        for area in scene.lit_areas
        for polygon in polygons_of(area.geometry)
        for x, y in _round(polygon, 24.0)
        if not blocks.intersects(shapely.Point(x, y))
    ]
    return tuple(legs + posts)


def _legs(prism: Prism) -> list[Stick]:
    return [Stick(x, y, 0.0, prism.base_m, 0.35) for x, y in _round(prism.footprint.buffer(-0.3), 12.0)]


def _round(polygon: shapely.Polygon, every_m: float) -> list[tuple[float, float]]:
    """Points about `every_m` apart along an outline."""
    outline = polygon.exterior if polygon.geom_type == "Polygon" and not polygon.is_empty else None
    if outline is None:
        return []
    count = max(2, round(outline.length / every_m))
    points = shapely.line_interpolate_point(outline, np.arange(count) / count, normalized=True)
    return [(float(point.x), float(point.y)) for point in points]


def draw_furniture(view: StaticView, picture: Frame, sticks: tuple[Stick, ...], period: Period) -> None:
    """Draw posts, then the fence, then the glow of lamps, into the picture."""
    places = [_Place(*parts) for parts in zip(sticks, *_projected(view, sticks), strict=True)]
    for place in places:
        if place.shown.any():
            _draw_stick(view, picture, place, period)
    _draw_fence(view, picture, period)
    if period is Period.NIGHT:
        for place in places:
            if place.stick.lamp and place.shown[-1]:
                _draw_glow(view, picture, place)


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """Where a post appears: pixels (n x 2), depths (n) and whether each is shown (n), from its foot to its head."""

    stick: Stick
    pixels: Points
    depth: Points
    shown: NDArray[np.bool_]


def _projected(view: StaticView, sticks: tuple[Stick, ...]) -> tuple[Points, Points, NDArray[np.bool_]]:
    """Pixels (sticks x n x 2), depths and whether shown (sticks x n) of points along the sticks."""
    ends = np.array([(stick.x, stick.y, stick.low_m, stick.high_m) for stick in sticks]).reshape(-1, 4)
    shares = np.linspace(0.0, 1.0, _PIECES + 1)
    heights = ends[:, 2:3] + shares * (ends[:, 3:4] - ends[:, 2:3])
    plan = np.repeat(ends[:, None, :2], _PIECES + 1, axis=1)
    pixels, depth, inside = view.eye.project(np.dstack([plan, heights]).reshape(-1, 3))
    with np.errstate(invalid="ignore"):
        shown = inside & (depth > 0.3) & (depth < view.depth_at(pixels) + 0.05)
    count = (len(sticks), _PIECES + 1)
    return pixels.reshape(*count, 2), depth.reshape(count), shown.reshape(count)


def _draw_stick(view: StaticView, picture: Frame, place: _Place, period: Period) -> None:
    stick, pixels, depth, shown = place.stick, place.pixels, place.depth, place.shown
    colour = STEEL if period is Period.DAY else NIGHT_STEEL
    half = 0.5 * np.maximum(1.0, stick.width_m * view.eye.fu / np.maximum(depth, 0.3))
    for piece in np.flatnonzero(shown[:-1] & shown[1:]):
        _draw_piece(picture, pixels[piece : piece + 2], half[piece : piece + 2], colour)
    if stick.lamp and shown[-1]:
        head = (round(float(pixels[-1, 0])), round(float(pixels[-1, 1])))
        cv2.circle(picture, head, max(1, round(0.25 * view.eye.fu / depth[-1])), colour, -1, cv2.LINE_AA)


def _draw_piece(picture: Frame, ends: Points, half: Points, colour: tuple[int, int, int]) -> None:
    """A quadrilateral between two ends with half widths, its left third lighter: the post is round or has a flange."""
    along = ends[1] - ends[0]
    across = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-6)
    across *= np.sign(across[0]) or 1.0
    for start, end, factor in ((-1.0, -0.3, 1.25), (-0.3, 1.0, 0.8)):
        sides = [ends[0] + across * half[0] * start, ends[0] + across * half[0] * end]
        sides += [ends[1] + across * half[1] * end, ends[1] + across * half[1] * start]
        corners = np.rint((np.array(sides) - 0.5) * 2**_SHIFT).astype(np.int32)
        tone = tuple(factor * part for part in colour)
        cv2.fillConvexPoly(picture, corners, tone, cv2.LINE_AA, _SHIFT)


def _draw_fence(view: StaticView, picture: Frame, period: Period) -> None:
    """Posts, rails and mesh, each as dense as it would look at its distance."""
    index = np.flatnonzero(view.fence.face.ravel() >= 0) if view.fence.face.size else np.empty(0, np.intp)
    if not len(index):
        return
    first = next(number for number, face in enumerate(view.faces) if face.kind is FaceKind.FENCE)
    number = view.fence.face.ravel()[index].astype(np.intp)
    fence = view.faces[first:]
    depth = 1 / view.fence.inverse.ravel()[index]
    x, y, z = (part.ravel()[index] * depth for part in view.rays)
    along = np.array([face.along[:2] for face in fence], np.float32)[number]
    shift = np.array([face.along @ view.eye.position + face.offset_m for face in fence])[number]
    run = (x * along[:, 0] + y * along[:, 1] + (shift % (POST_EVERY_M * 60))).astype(np.float32)
    height = z + np.float32(view.eye.position[2])
    share = _fence_share(run, height, np.sqrt(x * x + y * y + z * z) / np.float32(view.eye.fu))
    flat = picture.reshape(-1, 3)
    tone = np.array(STEEL if period is Period.DAY else NIGHT_STEEL, np.float32)
    behind = flat[index].astype(np.float32)
    if period is Period.NIGHT:
        tone = np.maximum(tone, behind * 1.25)
    flat[index] = np.clip(behind + share[:, None] * (tone - behind), 0, 255).astype(np.uint8)


def _fence_share(
    run: NDArray[np.float32], height: NDArray[np.float32], texel_m: NDArray[np.float32]
) -> NDArray[np.float32]:
    """How much of each pixel (0 to 1) is covered by fence; `texel_m` is the width of a pixel there."""

    def bar(distance: NDArray[np.float32], width_m: float) -> NDArray[np.float32]:
        wide = np.maximum(texel_m, width_m)
        return np.where(distance < wide / 2, width_m / wide, 0)

    post = bar(np.abs(np.mod(run, POST_EVERY_M) - POST_EVERY_M / 2), 0.09)
    rail = np.maximum(bar(np.abs(height - 1.95), 0.05), bar(np.abs(height - 0.1), 0.06))
    barbed = bar(np.abs(np.mod(height, 0.12) - 0.06), 0.012) * (height > 1.95)
    slant = np.mod(run + height, 0.10), np.mod(run - height, 0.10)
    wires = np.maximum(bar(np.abs(slant[0] - 0.05), 0.008), bar(np.abs(slant[1] - 0.05), 0.008))
    mesh = np.where(texel_m > 0.05, 0.22, wires) * (height <= 1.95)
    share: NDArray[np.float32] = np.maximum.reduce([post, rail, barbed, mesh]).astype(np.float32)
    return share


def _draw_glow(view: StaticView, picture: Frame, place: _Place) -> None:
    """The lamp itself: overexposed, with a halo that grows as it is near."""
    radius = float(np.clip(1.6 * view.eye.fu / place.depth[-1], 2.5, 0.09 * view.eye.width_px))
    column, row = place.pixels[-1]
    reach = int(3 * radius) + 1
    left, right = max(0, int(column) - reach), min(picture.shape[1], int(column) + reach)
    top, bottom = max(0, int(row) - reach), min(picture.shape[0], int(row) + reach)
    if left >= right or top >= bottom:
        return
    rows, columns = np.mgrid[top:bottom, left:right].astype(np.float32)
    apart = np.hypot(columns - np.float32(column), rows - np.float32(row)) / np.float32(radius)
    glow = 255 * np.exp(-((apart * 3.2) ** 2)) + 70 * np.exp(-apart * 2.2)
    tint = np.array([1.0, 1.0, 1.0] if view.eye.lens.night_range_m else [0.62, 0.86, 1.0], np.float32)
    window = picture[top:bottom, left:right]
    window[:] = np.clip(window + glow[..., None] * tint, 0, 255).astype(np.uint8)
