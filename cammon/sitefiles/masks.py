"""masks.csv: the privacy masks of cameras, outlines in the picture that are never a fault and never seen through."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from cammon.sitefiles import cells
from cammon.sitefiles.cells import Reader
from cammon.sitefiles.faults import FileFaults, Wrong
from cammon.sitefiles.geometry import Shape, shape_of
from cammon.sitefiles.ledger import Ledger
from cammon.sitefiles.lists import nearest
from cammon.sitefiles.model import Mask
from cammon.sitefiles.rows import Values, good_rows
from cammon.sitefiles.table import Row, Schema, Table
from cammon_coverage.model import Camera

MOST_POINTS = 200
SMALLEST_SHARE = 1e-6
"""Of the picture; less is no mask that anybody meant."""
WHOLE_SHARE = 0.999
BETWEEN_POINTS = re.compile(r"[;|\n]+")
BETWEEN_NUMBERS = re.compile(r"[\s,、]+")

Pairs = list[tuple[float, float]]
Masks = Mapping[str, tuple[Mask, ...]]


def points(text: str) -> Pairs:
    """Points as `x y; x y; x y`, from the upper left of the picture. Raises Wrong."""
    parts = [part.strip(" ()[]") for part in BETWEEN_POINTS.split(cells.plain(text))]
    found = [_pair(part) for part in parts if part]
    if len(found) < 3:
        raise Wrong("too_few_points", least=3)
    if len(found) > MOST_POINTS:
        raise Wrong("too_many_points", limit=MOST_POINTS, expects="points")
    return found


def _pair(text: str) -> tuple[float, float]:
    numbers = [part for part in BETWEEN_NUMBERS.split(text) if part]
    if not all(cells.NUMBER.fullmatch(part) for part in numbers):
        raise Wrong("not_a_number", expects="points")
    if len(numbers) != 2:
        raise Wrong("not_a_pair", at=text[:40], expects="points")
    x, y = map(float, numbers)
    return x, y


READERS: Mapping[str, Reader[Any]] = {
    "camera": cells.identifier,
    "name": cells.line,
    "points": points,
    "size": cells.resolution,
}
SCHEMA = Schema(
    {
        "camera": ("摄像机", "相机", "摄像机编号", "相机编号", "设备编号"),
        "name": ("mask", "名称", "遮挡名称", "遮挡区名称", "隐私遮挡"),
        "points": ("polygon", "顶点", "顶点坐标", "多边形", "遮挡区域", "区域坐标"),
        "size": ("图像尺寸", "画面尺寸", "分辨率", "图像分辨率"),
    },
    required=("camera", "points"),
)


def read_masks(table: Table, cameras: Collection[str], faults: FileFaults) -> dict[str, tuple[Mask, ...]]:
    """Camera -> its masks, as shares of the width and height of its picture."""
    masks: dict[str, list[Mask]] = {}
    for row, values in good_rows(table, READERS, SCHEMA.required, faults):
        camera = values["camera"]
        if cameras and camera not in cameras:
            faults.row("unknown_camera", row.where, row.header("camera"), camera, nearest(camera, cameras))
            continue
        outline = _outline(row, values, faults)
        if outline is None:
            continue
        others = masks.setdefault(camera, [])
        if any(other.outline.equals(outline) for other in others):
            faults.warning("duplicate_row", row.where, row.header("points"), row.cells["points"])
            continue
        others.append(Mask(values.get("name", ""), outline, row.number))
        _warn_whole(row, camera, others, faults)
    return {camera: tuple(those) for camera, those in masks.items() if those}


def _outline(row: Row, values: Values, faults: FileFaults) -> BaseGeometry | None:
    """The outline in shares of the picture, None with a problem."""
    try:
        shape = outline_of(values["points"], values.get("size"))
    except Wrong as wrong:
        params = {"expects": "points"} | wrong.params
        faults.row(wrong.code, row.where, row.header("points"), row.cells["points"], params)
        return None
    if shape.repaired:
        faults.warning(shape.repaired, row.where, row.header("points"), row.cells["points"])
    return shape.geometry


def outline_of(corners: Pairs, size: tuple[int, int] | None) -> Shape:
    """The outline in shares of the picture, and what was repaired. `size`: that of the picture when the corners are
    pixels. Raises Wrong."""
    width, height = size or (1, 1)
    for x, y in corners:
        if not (0 <= x <= width and 0 <= y <= height):
            code = "outside_picture" if size else "outside_picture_shares"
            raise Wrong(code, at=f"({x:g}, {y:g})", width=width, height=height)
    if size and max(max(corner) for corner in corners) <= 1:
        raise Wrong("shares_with_size", width=width, height=height)
    shape = shape_of({"type": "Polygon", "coordinates": [[list(corner) for corner in corners]]}, ("Polygon",), "points")
    outline = affinity.scale(shape.geometry, 1 / width, 1 / height, origin=(0, 0))
    if outline.area < SMALLEST_SHARE:
        raise Wrong("zero_area")
    return Shape(outline, "" if shape.repaired == "ring_closed" else shape.repaired)


def _warn_whole(row: Row, camera: str, masks: list[Mask], faults: FileFaults) -> None:
    """Said once: by the mask that takes the last of the picture."""
    before, after = ([mask.outline for mask in some] for some in (masks[:-1], masks))
    if shapely.union_all(before).area < WHOLE_SHARE <= shapely.union_all(after).area:
        faults.warning("picture_all_masked", row.where, row.header("camera"), camera)


def masked(cameras: Iterable[Camera], masks: Masks) -> tuple[Camera, ...]:
    """The cameras with their privacy masks."""
    return tuple(
        replace(camera, masks=tuple(mask.outline for mask in masks[camera.id])) if camera.id in masks else camera
        for camera in cameras
    )


def warn_without_pose(masks: Masks, ledger: Ledger, faults: FileFaults) -> None:
    """A mask of a camera whose row gives no whole pose is cut out of nothing: one warning for each camera."""
    posed = {view.camera.id for view in ledger.viewpoints}
    known = {camera.id for camera in ledger.cameras}
    for camera, those in masks.items():
        if camera in known - posed:
            faults.warning("mask_without_pose", f"row {those[0].row}", "camera", camera)
