"""What is hidden in the picture, thrown back onto the plan: blocks (a branch, a cobweb) and privacy masks."""

from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from cammon_coverage.model import Camera, Projection, Target
from cammon_coverage.optics import axes, half_tangents
from cammon_coverage.overlay import EMPTY, EYE_GRID_M, flat, union
from cammon_coverage.plane import HalfPlane, clip, polygon, square
from cammon_coverage.thrown import fisheye_on_plan, pyramid_on_plan

Rectangle = tuple[float, float, float, float]
"""left, upper, right, lower, as shares of the width and height of the picture."""


def hidden_area(camera: Camera, hidden: NDArray[np.bool_], target: Target, area: BaseGeometry) -> BaseGeometry:
    """What of an area (relative to the eye) the hidden blocks (rows x columns) cover at either end of the target."""
    blocks = list(rectangles(hidden))
    if area.is_empty or not blocks:
        return EMPTY
    if camera.lens.projection is Projection.FISHEYE:
        return _shapes_area(camera, [union([shapely.box(*block) for block in blocks])], target, area)
    shapes = [shape for drop in _drops(camera, target) for shape in _thrown_back(camera, blocks, drop, area)]
    return union([shape for shape in shapes if not shape.is_empty], EYE_GRID_M)


def masked_area(camera: Camera, target: Target, area: BaseGeometry) -> BaseGeometry:
    """What of an area (relative to the eye) the camera's privacy masks cover at either end of the target."""
    masks = [flat(mask) for mask in camera.masks]
    return EMPTY if area.is_empty else _shapes_area(camera, masks, target, area)


def _shapes_area(camera: Camera, shapes: Sequence[BaseGeometry], target: Target, area: BaseGeometry) -> BaseGeometry:
    back = fisheye_on_plan if camera.lens.projection is Projection.FISHEYE else pyramid_on_plan
    thrown = [back(camera, shape, drop, area) for shape in shapes for drop in _drops(camera, target)]
    return union([shape for shape in thrown if not shape.is_empty], EYE_GRID_M)


def _drops(camera: Camera, target: Target) -> set[float]:
    return {camera.pose.height_m - z for z in (target.z0_m, target.z1_m)}


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
