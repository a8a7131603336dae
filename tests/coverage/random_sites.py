"""Random sites: prisms with bases, courtyards, overlaps and twins; lenses of every kind; cameras on roofs."""

import math

import numpy as np
import shapely
from shapely import affinity

from cammon_coverage.model import Camera, DensityModel, Lens, LitArea, Obstacle, Pose, Projection, Scene, Target

TARGETS = (Target(), Target(1.4, 1.8), Target(0.5, 1.2), Target(0, 0), Target(0, 12), Target(6, 9))


def random_site(rng, buildings=12, size=60.0):
    obstacles = [_obstacle(rng, f"B{number}", size) for number in range(buildings)]
    if rng.random() < 0.5:
        twin = obstacles[0]
        obstacles.append(Obstacle("twin", twin.footprint, twin.base_m, twin.top_m + rng.choice([0, 2])))
    lit = tuple(
        LitArea(f"L{number}", shapely.Point(rng.uniform(-size, size, 2)).buffer(rng.uniform(3, 20), 3))
        for number in range(3)
    )
    model = rng.choice(list(DensityModel))
    return Scene(
        cameras=(), key_places=(), obstacles=tuple(obstacles), lit_areas=lit, density_model=DensityModel(model)
    )


def _obstacle(rng, name, size):
    base = float(rng.choice([0, 0, 0, 2.5, 4]))
    top = base + float(rng.choice([0.4, 1.2, 3, 6, 15]))
    return Obstacle(name, _footprint(rng, size), base, top)


def _footprint(rng, size):
    kind = rng.integers(5)
    w, d = rng.uniform(2, 15, 2)
    if kind == 0:
        shape = shapely.box(0, 0, w, d)
    elif kind == 1:
        shape = shapely.box(0, 0, w, d).union(shapely.box(0, 0, w / 3, 2 * d))
    elif kind == 2:
        shape = shapely.box(0, 0, w, d).difference(shapely.box(w / 4, d / 4, w / 2, d / 2))
    elif kind == 3:
        angles = np.sort(rng.uniform(0, 2 * math.pi, 9))
        radii = rng.uniform(1, 8, 9)
        shape = shapely.make_valid(shapely.Polygon(np.column_stack([radii * np.cos(angles), radii * np.sin(angles)])))
    else:
        shape = shapely.MultiPolygon([shapely.box(0, 0, w, d), shapely.box(w + 2, 0, w + 4, d / 2)])
    turned = affinity.rotate(shape, rng.uniform(0, 360))
    return affinity.translate(turned, *rng.uniform(-size, size, 2))


def random_camera(rng, site, size=60.0):
    x, y = rng.uniform(-size, size, 2) * 0.6
    height = float(rng.choice([2.2, 3.5, 6.0, 9.0, 14.0]))
    over = [o for o in site.obstacles if shapely.contains_xy(o.footprint, x, y)]
    if over:
        height = max(o.top_m for o in over) + float(rng.choice([0.02, 0.3, 1.5]))
    azimuth = rng.uniform(0, 360)
    if rng.random() < 0.35:
        lens = Lens(
            hfov_deg=float(rng.choice([60, 120, 179, 180, 185, 220, 360])),
            width_px=2000,
            height_px=2000,
            projection=Projection.FISHEYE,
            night_range_m=rng.choice([None, 12.0, 25.0]),
        )
        tilt = float(rng.choice([0, 30, 45, 90, -10, 80]))
        return Camera("C", Pose(x, y, height, azimuth, tilt), lens, "D")
    lens = Lens(
        hfov_deg=rng.uniform(20, 150),
        width_px=int(rng.choice([1280, 2688, 3840])),
        height_px=1520,
        vfov_deg=rng.choice([None, 40.0, 80.0]),
        night_range_m=rng.choice([None, 12.0, 30.0]),
        detection_m=rng.choice([None, 60.0]),
    )
    roll = float(rng.choice([0, 0, 5, -20, 90]))
    return Camera("C", Pose(x, y, height, azimuth, float(rng.uniform(-15, 90)), roll), lens, "D")


def random_question(rng):
    target = TARGETS[rng.integers(len(TARGETS))]
    level = float(rng.choice([12.5, 25, 40, 62.5, 125]))
    return level, target


def sample_points(rng, camera, region, count, size=60.0):
    """Points where it matters: half near the region's box, half over the site."""
    wide = rng.uniform(-1.5 * size, 1.5 * size, (count // 2, 2))
    if region.is_empty:
        return wide
    west, south, east, north = region.buffer(2).bounds
    return np.concatenate([wide, rng.uniform((west, south), (east, north), (count - len(wide), 2))])


def random_masks(rng, count=3):
    """Polygons in the picture, some across its rim, one with a hole."""
    shapes = []
    for _ in range(count):
        angles = np.sort(rng.uniform(0, 2 * math.pi, rng.integers(3, 8)))
        radii = rng.uniform(0.05, 0.4, len(angles))
        shape = shapely.Polygon(np.column_stack([radii * np.cos(angles), radii * np.sin(angles)]))
        shape = shapely.make_valid(affinity.translate(shape, *rng.uniform(0, 1, 2)))
        shapes += [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and part.area > 0]
    shapes.append(shapely.box(0.7, 0.6, 0.9, 0.8).difference(shapely.box(0.75, 0.65, 0.85, 0.75)))
    return tuple(shapes)


def random_blocks(rng):
    """A grid of picture blocks, a fifth of them hidden."""
    return rng.random((int(rng.integers(2, 7)), int(rng.integers(2, 9)))) < 0.2
