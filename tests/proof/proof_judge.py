"""Brute force: the whole coverage model built anew for every draw, and random sites to hold against it."""

from dataclasses import replace

import shapely
from shapely import LineString, MultiPoint, Point, affinity, box

from cammon_coverage.draws import changed_cameras
from cammon_coverage.engine import CoverageModel
from cammon_coverage.model import (
    Camera,
    DensityModel,
    KeyPlace,
    Lens,
    LitArea,
    Obstacle,
    Pose,
    Projection,
    Scene,
    Target,
)

TARGETS = (Target(), Target(1.4, 1.8), Target(0.5, 1.2), Target(0, 0), Target(2, 5))


def brute_outcomes(scene, trust, period, sights, draws, seed):
    """Place id -> tuple of covered, draw by draw."""
    rows = []
    for number in range(draws):
        cameras = changed_cameras(scene.cameras, trust, seed, draws, number)
        verdicts = CoverageModel(replace(scene, cameras=cameras)).verdicts(sights, period)
        rows.append([verdicts[place.id] is True for place in scene.key_places])
    return {place.id: tuple(column) for place, column in zip(scene.key_places, zip(*rows, strict=True), strict=True)}


def random_scene(rng, places=20):
    """A small site that asks everything: all lenses, walls, roofs, sheds, night, facing, redundancy, devices."""
    obstacles = tuple(_obstacle(rng, number) for number in range(6))
    cameras = tuple(_camera(rng, number, obstacles) for number in range(int(rng.integers(3, 8))))
    return Scene(
        cameras,
        tuple(_place(rng, number) for number in range(places)),
        obstacles,
        (LitArea("L", box(-20, -20, 10, 10)),),
        density_model=list(DensityModel)[int(rng.integers(3))],
    )


def _obstacle(rng, number):
    shape = box(0, 0, *rng.uniform(2, 9, 2))
    if number % 3 == 0:
        shape = shape.difference(shape.buffer(-0.8))
    turned = affinity.translate(affinity.rotate(shape, rng.uniform(0, 360)), *rng.uniform(-30, 30, 2))
    base = float(rng.choice([0, 0, 2.5]))
    return Obstacle(f"B{number}", turned, base, base + float(rng.choice([1, 3, 8])), bool(rng.random() < 0.4))


def _camera(rng, number, obstacles):
    place, height = Point(rng.uniform(-25, 25, 2)), float(rng.choice([2.8, 4.5, 9.0]))
    if rng.random() < 0.4:
        wall = obstacles[int(rng.integers(len(obstacles)))].footprint.boundary
        place = shapely.line_interpolate_point(wall, rng.random(), normalized=True)
    pose = Pose(place.x, place.y, height, rng.uniform(0, 360), rng.uniform(0, 60), float(rng.choice([0, 0, 8])))
    fisheye = rng.random() < 0.25
    lens = Lens(
        hfov_deg=float(rng.choice([150, 180, 200])) if fisheye else rng.uniform(40, 110),
        width_px=2688,
        height_px=1520,
        vfov_deg=rng.choice([None, 45.0]),
        projection=Projection.FISHEYE if fisheye else Projection.RECTILINEAR,
        night_range_m=rng.choice([None, 15.0, 30.0]),
        detection_m=rng.choice([None, 50.0]),
    )
    return Camera(f"C{number}", pose, lens, f"D{int(rng.integers(5))}")


def _place(rng, number):
    x, y = rng.uniform(-28, 28, 2)
    w, h = rng.uniform(0.3, 6, 2)
    shapes = (Point(x, y), LineString([(x, y), (x + w, y + h), (x + w, y - h)]), box(x, y, x + w, y + h))
    return KeyPlace(
        f"P{number}",
        "",
        (*shapes, MultiPoint([(x, y), (x + w, y)]))[number % 4],
        float(rng.choice([12.5, 25, 60])),
        TARGETS[int(rng.integers(len(TARGETS)))],
        redundancy=int(rng.choice([1, 1, 1, 2])),
        facing_deg=rng.choice([None, None, 120.0]),
        facing_tolerance_deg=80,
        max_depression_deg=rng.choice([None, None, 50.0]),
    )
