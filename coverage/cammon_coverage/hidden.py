"""Picture blocks that are hidden (a branch, a cobweb, a privacy mask), thrown back onto the plan."""

import math
from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from cammon_coverage.model import Camera, Projection, Target
from cammon_coverage.optics import Floats, axes, focal_px, half_tangents, project
from cammon_coverage.overlay import EMPTY, EYE_GRID_M, common, flat, union
from cammon_coverage.plane import HalfPlane, clip, polygon, square

Rectangle = tuple[float, float, float, float]
"""left, upper, right, lower, as shares of the width and height of the picture."""

PIXEL_GRID = 1e-6

LEVEL_M = 1e-3
"""A plane through the lens itself is looked at from this far above it."""


def hidden_area(camera: Camera, hidden: NDArray[np.bool_], target: Target, area: BaseGeometry) -> BaseGeometry:
    """What of an area (relative to the eye) the hidden blocks (rows x columns) cover at either end of the target."""
    if area.is_empty:
        return EMPTY
    back = _thrown_back_fisheye if camera.lens.projection is Projection.FISHEYE else _thrown_back
    blocks = list(rectangles(hidden))
    drops = {camera.pose.height_m - z for z in (target.z0_m, target.z1_m)}
    shapes = [shape for drop in drops for shape in back(camera, blocks, drop, area) if not shape.is_empty]
    return union(shapes, EYE_GRID_M)


def rectangles(hidden: NDArray[np.bool_]) -> Iterator[Rectangle]:
    """The hidden blocks, each run in a row as one rectangle, equal runs below one another joined."""
    rows, columns = hidden.shape
    open_runs: dict[tuple[int, int], int] = {}
    for row in range(rows + 1):
        runs = set(_runs(hidden[row])) if row < rows else set()
        for run in [run for run in open_runs if run not in runs]:
            yield run[0] / columns, open_runs.pop(run) / rows, run[1] / columns, row / rows
        for run in runs:
            open_runs.setdefault(run, row)


def _runs(row: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], row, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _thrown_back(camera: Camera, blocks: list[Rectangle], drop: float, area: BaseGeometry) -> list[BaseGeometry]:
    """The thin pyramids behind blocks of a rectilinear picture, cut with the plane: exact."""
    right, up, forward = axes(camera.pose)
    horizontal, vertical = half_tangents(camera.lens)
    start = square(1.01 * float(np.hypot(*shapely.get_coordinates(area).T).max()))
    shapes = []
    for left, upper, right_end, lower in blocks:
        west, east = ((2 * share - 1) * horizontal for share in (left, right_end))
        top, bottom = ((1 - 2 * share) * vertical for share in (upper, lower))
        normals = (right - west * forward, east * forward - right, top * forward - up, up - bottom * forward, forward)
        sides: list[HalfPlane] = [(float(n[0]), float(n[1]), float(-n[2] * drop)) for n in normals]
        shapes.append(polygon(clip(start, sides)))
    return shapes


def _thrown_back_fisheye(
    camera: Camera, blocks: list[Rectangle], drop: float, area: BaseGeometry
) -> list[BaseGeometry]:
    """Blocks of a fisheye picture: cut in the picture with the image of the area, then their rims thrown back."""
    drop = drop or LEVEL_M
    lens, pose = camera.lens, camera.pose
    rim = shapely.segmentize(shapely.buffer(area, 0.05), 0.1)
    here = np.array([pose.x, pose.y, pose.height_m - drop])
    image = shapely.transform(rim, lambda p: project(pose, lens, here + np.pad(p, ((0, 0), (0, 1))))[0])
    size = (lens.width_px, lens.height_px, lens.width_px, lens.height_px)
    picture = union([shapely.box(*np.multiply(block, size)) for block in blocks], PIXEL_GRID)
    cut = shapely.segmentize(common(flat(image), picture, PIXEL_GRID), max(1.0, lens.width_px / 500))
    return [flat(shapely.transform(part, lambda p: _on_plane(camera, p, drop))) for part in shapely.get_parts(cut)]


def _on_plane(camera: Camera, pixels: Floats, drop: float) -> Floats:
    """Where fisheye pixels look on the plane `drop` below the lens, relative to the eye."""
    per_radian, _ = focal_px(camera.lens)
    offsets = (pixels - (camera.lens.width_px / 2, camera.lens.height_px / 2)) / per_radian
    angle = np.hypot(*offsets.T)
    spread = np.sinc(angle / math.pi)
    local = np.column_stack([offsets[:, 0] * spread, -offsets[:, 1] * spread, np.cos(angle)])
    directions = local @ axes(camera.pose)
    return np.asarray(directions[:, :2] * (-drop / directions[:, 2])[:, None])
