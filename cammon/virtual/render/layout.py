"""What is drawn on the ground of a site, as shapes: yard, roads, aprons of key places, stains, shadows of the sun.

Shapes rather than a picture, so that the ground near a camera can be drawn finer than the rest.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from cammon.virtual.render.faces import polygons_of
from cammon.virtual.render.grain import cloud
from cammon.virtual.render.paths import Grounds, Way, links
from cammon_coverage.model import KeyPlace, Obstacle, Scene

MARGIN_M = 90.0
FIELD_M = 2.0
"""Pixel of the random fields."""
SLAB_M = 8.0
SUN = np.array([-0.45, -0.62, 0.64])
"""Where the sun stands (east, north, up): south-west, 40 degrees high."""
ROAD_M = 6.5
LONGEST_ROAD_M = 220.0
MOST_STAINS = 400

Colour = tuple[int, int, int, int]
"""Reflectance times 255 (BGR) and roughness."""
EARTH: Colour = (98, 122, 134, 150)
GRASS: Colour = (72, 108, 108, 220)
YARD: Colour = (126, 134, 138, 110)
ASPHALT: Colour = (78, 80, 80, 70)
CONCRETE: Colour = (150, 156, 158, 80)
COAL: Colour = (36, 36, 38, 255)
PAINT: Colour = (60, 178, 210, 40)
DASH: Colour = (205, 212, 214, 40)
STAIN: Colour = (60, 64, 66, 60)
TRACK: Colour = (84, 90, 92, 60)


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A filled shape of the ground, or a line of `width_m` along its edges."""

    shape: BaseGeometry
    colour: Colour
    width_m: float = 0.0
    opacity: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Shade:
    """A shadow: the union of rings (n x 2), and the footprint that the ground is dim around (None: begins above)."""

    rings: tuple[NDArray[np.float64], ...]
    roof: BaseGeometry
    standing: BaseGeometry | None

    @property
    def bounds(self) -> BaseGeometry:
        """A box round the shadow and the footprint."""
        parts = [self.roof, shapely.multipoints(np.concatenate(self.rings))]
        return shapely.box(*shapely.total_bounds(parts if self.standing is None else [*parts, self.standing]))


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The ground of a site. `bounds` = (west, south, east, north) of what is worth drawing, margin included.

    `grass`, `mottle` (pixels of FIELD_M) and `slabs` (pixels of SLAB_M) are random fields from the south-west corner.
    """

    bounds: tuple[float, float, float, float]
    yard: BaseGeometry
    patches: tuple[Patch, ...]
    shades: tuple[Shade, ...]
    lit: BaseGeometry
    grass: NDArray[np.float32]
    mottle: NDArray[np.float32]
    slabs: NDArray[np.float32]


def layout_of(scene: Scene) -> Layout:
    """Lay out the ground of a site: the same each time."""
    rng = np.random.default_rng(zlib.crc32(str(len(scene.obstacles)).encode()))
    bounds = _bounds(scene)
    width_m, height_m = bounds[2] - bounds[0], bounds[3] - bounds[1]
    fields = (int(width_m / FIELD_M) + 2, int(height_m / FIELD_M) + 2)
    slabs = (int(height_m / SLAB_M) + 2, int(width_m / SLAB_M) + 2)
    yard = _yard(scene)
    patches = [*_roads(scene), *(patch for place in scene.key_places for patch in _place(place)), *_stains(yard, rng)]
    return Layout(
        bounds=bounds,
        yard=yard,
        patches=tuple(patches),
        shades=tuple(_shade(obstacle) for obstacle in scene.obstacles),
        lit=shapely.union_all([area.geometry for area in scene.lit_areas]),
        grass=np.clip(0.5 + 0.9 * (cloud(*fields, 36, rng, 4) - 0.45), 0, 1).astype(np.float32),
        mottle=(1 + 0.07 * cloud(*fields, 15, rng, 4)).astype(np.float32),
        slabs=(1 + 0.03 * rng.standard_normal(slabs, dtype=np.float32)).astype(np.float32),
    )


def _bounds(scene: Scene) -> tuple[float, float, float, float]:
    shapes: list[BaseGeometry] = [obstacle.footprint for obstacle in scene.obstacles]
    shapes += [place.geometry for place in scene.key_places]
    shapes += [shapely.Point(camera.pose.x, camera.pose.y) for camera in scene.cameras]
    shapes += [] if scene.boundary is None else [scene.boundary]
    west, south, east, north = shapely.total_bounds(shapes) if shapes else (0.0, 0.0, 1.0, 1.0)
    return float(west - MARGIN_M), float(south - MARGIN_M), float(east + MARGIN_M), float(north + MARGIN_M)


def _yard(scene: Scene) -> BaseGeometry:
    if scene.boundary is not None:
        return scene.boundary
    return shapely.union_all([obstacle.footprint.buffer(25) for obstacle in scene.obstacles])


def _roads(scene: Scene) -> Iterator[Patch]:
    """Asphalt between neighbouring key places, with a shoulder and a dashed middle."""
    grounds = Grounds(scene.obstacles)
    anchors = [grounds.anchor(place) for place in scene.key_places]
    found = [grounds.way(anchors[a], anchors[b]) for a, b in links(anchors, LONGEST_ROAD_M)]
    lines = [shapely.LineString(way) for way in found if way is not None]
    for width_m, colour in ((ROAD_M + 2.0, CONCRETE), (ROAD_M, ASPHALT)):
        for line in lines:
            yield Patch(line, colour, width_m)
    for line in lines:
        starts = np.arange(4.0, line.length - 4.0, 9.0)
        for start in starts:
            yield Patch(shapely.LineString(shapely.line_interpolate_point(line, [start, start + 3.0])), DASH, 0.15)


def _place(place: KeyPlace) -> Iterator[Patch]:
    """A concrete apron at a key place, a painted edge round an area; coal where the name says coal yard."""
    words = place.name.lower()
    if place.geometry.geom_type in ("Point", "MultiPoint"):
        yield Patch(place.geometry.buffer(5), CONCRETE)
        return
    coal = any(word in words for word in ("coal yard", "stockpile", "煤场", "煤堆", "储煤"))
    for polygon in polygons_of(place.geometry):
        yield Patch(polygon, COAL if coal else CONCRETE)
        if not coal:
            yield Patch(polygon.exterior, PAINT, 0.15)


def _stains(yard: BaseGeometry, rng: np.random.Generator) -> Iterator[Patch]:
    """Oil, puddles and coal dust, and tracks of tyres, where there is yard."""
    if yard.is_empty:
        return
    west, south, east, north = yard.bounds
    count = int(min(MOST_STAINS, yard.area / 400))
    spots = rng.uniform((west, south), (east, north), (3 * count, 2))
    spots = spots[shapely.contains_xy(yard, spots[:, 0], spots[:, 1])][:count]
    for x, y in spots:
        stretch = rng.uniform(0.4, 1.0)
        blot = shapely.affinity.scale(shapely.Point(x, y).buffer(rng.uniform(0.3, 2.2), quad_segs=4), 1.0, stretch)
        yield Patch(blot, STAIN, opacity=0.4)
    for x, y in spots[::5]:
        heading = rng.uniform(0, 6.3) + rng.normal(0, 0.05) * np.arange(18)
        steps = np.cumsum(1.6 * np.column_stack([np.cos(heading), np.sin(heading)]), axis=0) + np.array([x, y])
        for side in (0.0, 1.9):
            beside = side * np.column_stack([-np.sin(heading), np.cos(heading)])
            yield Patch(shapely.LineString(steps + beside), TRACK, 0.25, opacity=0.4)


def _shade(obstacle: Obstacle) -> Shade:
    """What an obstacle hides from the sun on the ground: its footprint swept from base to top along the light."""
    step = -SUN[:2] / SUN[2]
    rings: list[Way] = []
    for polygon in polygons_of(obstacle.footprint):
        for ring in (polygon.exterior, *polygon.interiors):
            corners = np.asarray(ring.coords)[:, :2]
            low, high = corners + obstacle.base_m * step, corners + obstacle.top_m * step
            rings.extend(np.stack([low[:-1], low[1:], high[1:], high[:-1]], axis=1))
    roof = shapely.affinity.translate(obstacle.footprint, *(obstacle.top_m * step))
    return Shade(tuple(rings), roof, obstacle.footprint if obstacle.base_m < 1.0 else None)
