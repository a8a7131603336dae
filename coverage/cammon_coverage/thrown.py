"""Shapes in the picture (masks, hidden blocks) thrown back onto a plane of the plan.

A rectilinear picture and a plane are images of each other in which straight lines stay straight: corners thrown back
give the exact shape. Edges in a fisheye picture become curves; they are followed until no chord strays farther than
CURVE_TOLERANCE_M from them.
"""

import math
from collections.abc import Callable, Iterable

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from cammon_coverage.model import Camera
from cammon_coverage.optics import Floats, axes, focal_px, half_tangents, project
from cammon_coverage.overlay import EMPTY, common, flat
from cammon_coverage.plane import CURVE_TOLERANCE_M, clip, distance_to_chord, polygon, square

PICTURE_GRID = 1e-11
"""For shapes in the picture plane one unit in front of the lens."""

PIXEL_GRID = 1e-6

HORIZON_PX = 0.25
"""The image of the horizon in a fisheye picture is walked along in steps of about this many pixels."""

TIE_PX = 1e-9
"""On the line between two blocks (the horizon of a level lens often is one) a pixel belongs to the lower right one."""

RIM_M = 0.05
"""How far beyond an area its image in a fisheye picture is taken, so that the chords of its rim stay outside."""


def pyramid_on_plan(camera: Camera, shape: BaseGeometry, drop: float, area: BaseGeometry) -> BaseGeometry:
    """A shape in a rectilinear picture (shares of width and height) on the plane `drop` below the lens: exact.

    As far as `area` (relative to the eye) goes.
    """
    horizontal, vertical = half_tangents(camera.lens)
    front = shapely.transform(shape, lambda p: (2 * p - 1) * (horizontal, -vertical))
    front = common(flat(front), polygon(square(1.001 * max(horizontal, vertical))), PICTURE_GRID)
    if front.is_empty:
        return EMPTY
    far = 1.01 * (float(np.hypot(*shapely.get_coordinates(area).T).max()) + abs(drop))
    if drop == 0:
        return _wedges(camera, front, far)
    right, up, forward = axes(camera.pose)
    side = math.copysign(1.0, -drop)
    below = (side * float(right[2]), side * float(up[2]), side * float(forward[2]) - abs(drop) / far)
    span = 1.01 * float(np.abs(shapely.get_coordinates(front)).max())
    near = common(front, polygon(clip(square(span), [below])), PICTURE_GRID)

    def on_plane(points: Floats) -> Floats:
        directions = points @ np.array([right, up]) + forward
        return np.asarray(directions[:, :2] * (-drop / directions[:, 2])[:, None])

    return EMPTY if near.is_empty else flat(shapely.transform(near, on_plane))


def _wedges(camera: Camera, front: BaseGeometry, far: float) -> BaseGeometry:
    """What a shape in front of the lens hides of the plane through it: it meets the horizon in stretches."""
    right, up, forward = axes(camera.pose)
    normal = np.array([right[2], up[2]])
    size = float(normal @ normal)
    if size < 1e-18:
        return EMPTY
    middle = -forward[2] * normal / size
    along = np.array([-normal[1], normal[0]]) / math.sqrt(size)
    reach = 2 * float(np.abs(shapely.get_coordinates(front)).max()) + float(np.hypot(*middle)) + 1
    horizon = shapely.linestrings([middle - reach * along, middle + reach * along])
    shapes = []
    for stretch in shapely.get_parts(shapely.intersection(front, horizon)):
        if stretch.length > 0:
            ends = shapely.get_coordinates(stretch)[[0, -1]] @ np.array([right, up]) + forward
            first, last = ends[:, :2] / np.hypot(*ends[:, :2].T)[:, None]
            between = (first + last) / max(1e-12, float(np.hypot(*(first + last))))
            rays = 2 * far * np.array([first, between, last])
            shapes.append(shapely.polygons(np.vstack([[0.0, 0.0], rays])))
    return flat(shapely.union_all(shapes)) if shapes else EMPTY


def fisheye_on_plan(camera: Camera, shape: BaseGeometry, drop: float, area: BaseGeometry) -> BaseGeometry:
    """A shape in a fisheye picture (shares of width and height) on the plane `drop` below the lens.

    It is cut in the picture with the image of `area` (relative to the eye), and its rim is followed back.
    """
    if drop == 0:
        return _fisheye_wedges(camera, shape, area)
    lens, pose = camera.lens, camera.pose
    rim = shapely.segmentize(shapely.buffer(area, RIM_M), 2 * RIM_M)
    here = np.array([pose.x, pose.y, pose.height_m - drop])
    image = shapely.transform(rim, lambda p: project(pose, lens, here + np.pad(p, ((0, 0), (0, 1))))[0])
    picture = shapely.transform(shape, lambda p: p * (lens.width_px, lens.height_px))
    cut = common(flat(image), flat(picture), PIXEL_GRID)
    if cut.is_empty:
        return EMPTY
    frame = axes(pose)
    per_radian, _ = focal_px(lens)

    def on_plane(pixels: Floats) -> Floats:
        offsets = (pixels - (lens.width_px / 2, lens.height_px / 2)) / per_radian
        angle = np.hypot(*offsets.T)
        spread = np.sinc(angle / math.pi)
        directions = np.column_stack([offsets[:, 0] * spread, -offsets[:, 1] * spread, np.cos(angle)]) @ frame
        return np.asarray(directions[:, :2] * (-drop / directions[:, 2])[:, None])

    return flat(shapely.multipolygons([_followed(part, on_plane) for part in shapely.get_parts(cut)]))


def _fisheye_wedges(camera: Camera, shape: BaseGeometry, area: BaseGeometry) -> BaseGeometry:
    """What a shape in a fisheye picture hides of the plane through the lens: it meets the horizon in arcs of bearing.

    The horizon is a curve in the picture: it is walked along, and where it enters or leaves the shape is halved down.
    """
    lens, pose = camera.lens, camera.pose
    far = 1.01 * float(np.hypot(*shapely.get_coordinates(area).T).max())
    picture = shapely.transform(shape, lambda p: p * (lens.width_px, lens.height_px))
    shapely.prepare(picture)

    def inside(bearing: Floats) -> NDArray[np.bool_]:
        ahead = np.column_stack([np.sin(bearing), np.cos(bearing), np.zeros_like(bearing)])
        pixels, _, _ = project(pose, lens, ahead + np.array([pose.x, pose.y, pose.height_m]))
        return np.asarray(shapely.intersects_xy(picture, *(pixels + TIE_PX).T))

    per_radian, _ = focal_px(lens)
    bearings = np.linspace(0, 2 * math.pi, math.ceil(2 * math.pi * per_radian / HORIZON_PX) + 1)
    hidden = inside(bearings)
    hidden[-1] = hidden[0]
    if hidden.all():
        return shapely.Point(0, 0).buffer(2 * far)
    turns = _halved_down(inside, bearings, np.flatnonzero(hidden[1:] != hidden[:-1]))
    if hidden[0]:  # north is hidden: the arc through it ends where the walk's first one does
        turns = np.concatenate([turns[-1:] - 2 * math.pi, turns[:-1]])
    return flat(shapely.union_all([_wedge(start, end, far) for start, end in turns.reshape(-1, 2)]))


def _halved_down(inside: Callable[[Floats], NDArray[np.bool_]], bearings: Floats, steps: NDArray[np.intp]) -> Floats:
    """Where exactly the answer changes within the steps in which it does."""
    low, high = bearings[steps], bearings[steps + 1]
    before = inside(low)
    for _ in range(48):
        middle = (low + high) / 2
        same = inside(middle) == before
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return np.asarray((low + high) / 2)


def _wedge(start: float, end: float, far: float) -> BaseGeometry:
    """Everything about the eye between two bearings (radians), farther than `far`."""
    between = np.linspace(start, end, 2 + math.ceil((end - start) / (math.pi / 4)))
    rays = 2 * far * np.column_stack([np.sin(between), np.cos(between)])
    return shapely.polygons(np.vstack([[0.0, 0.0], rays]))


def _followed(part: BaseGeometry, on_plane: Callable[[Floats], Floats]) -> BaseGeometry:
    """A polygon in the picture with every ring followed on the plane."""
    rings: Iterable[BaseGeometry] = shapely.get_rings(part)
    outer, *holes = [_ring(shapely.get_coordinates(ring), on_plane) for ring in rings]
    return shapely.Polygon(outer, holes)


def _ring(points: Floats, on_plane: Callable[[Floats], Floats]) -> Floats:
    for _ in range(16):
        there = on_plane(points)
        middles = (points[:-1] + points[1:]) / 2
        split = distance_to_chord(there[:-1], there[1:], on_plane(middles)) > CURVE_TOLERANCE_M / 2
        if not split.any():
            break
        points = np.insert(points, np.flatnonzero(split) + 1, middles[split], axis=0)
    return there
