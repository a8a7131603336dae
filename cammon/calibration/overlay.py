"""Drawing the map's prisms and key places over a picture, as a pose has them: what a person looks at to accept it."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import cv2
import numpy as np
import shapely
from numpy.typing import NDArray

from cammon.calibration.picture import Image
from cammon.calibration.relief import Relief
from cammon.virtual.render import eye_of
from cammon.virtual.render.faces import prisms_of
from cammon.virtual.render.static import StaticView, view_of
from cammon_coverage import optics
from cammon_coverage.calibration import Calibration, Click
from cammon_coverage.model import Camera, Scene

Floats = NDArray[np.float64]

STEP_M = 0.5
"""Edges are drawn in steps of this length: under a fisheye they are curves, and parts of them are hidden."""
FARTHEST_M = 250.0
SAME_DEPTH = 0.02
DASH = 6
LEDGER_COLOUR, SOLVED_COLOUR, PLACE_COLOUR = (60, 60, 230), (60, 220, 60), (230, 200, 40)
"""Blue, green, red of each."""
MASK_COLOUR = (190, 190, 190)
HATCH_PX = 18
CLICK_COLOUR, WRONG_COLOUR = (255, 255, 255), (0, 0, 255)
GREY = 90


def drawn(
    picture: Image | None,
    scene: Scene,
    ledger: Camera,
    solved: Camera,
    clicks: Sequence[Click],
    answer: Calibration,
    relief: Relief | None = None,
) -> Image:
    """The picture (a grey one where there is none) with the map in the ledger's pose, dashed red, and in the
    calibrated one, full green; key places yellow-green; privacy masks hatched in grey; clicks numbered, the doubtful
    ones crossed out.

    With a relief the cameras, the clicks and the obstacles of the scene have the heights that it gives them.
    """
    lens = ledger.lens
    image = picture.copy() if picture is not None else np.full((lens.height_px, lens.width_px, 3), GREY, np.uint8)
    height, width = image.shape[:2]
    for mask in ledger.masks:
        draw_mask(image, mask)
    for camera, full in ((ledger, False), (solved, True)):
        view = view_of(eye_of(camera, width, height), prisms_of(scene.obstacles))
        for lines, place in ((prism_edges(scene, relief), False), (place_edges(scene, relief), True)):
            colour = LEDGER_COLOUR if not full else PLACE_COLOUR if place else SOLVED_COLOUR
            for line in lines:
                _draw(image, view, relief, line, colour, full=full)
    for number, click in enumerate(clicks):
        _mark(image, click, solved, number + 1, doubtful=number in answer.doubtful)
    return image


def draw_mask(image: Image, mask: shapely.Geometry) -> None:
    """A privacy mask (shares of width and height) as an outline with hatching, so that what is under it still shows."""
    height, width = image.shape[:2]
    rings = [np.rint(ring * (width - 1, height - 1)).astype(np.int32) for ring in _rings(mask)]
    inside = np.zeros((height, width), np.uint8)
    cv2.fillPoly(inside, rings, 255)
    rows, columns = np.indices(inside.shape, np.int32)
    image[(inside > 0) & ((rows + columns) % HATCH_PX < HATCH_PX // 6)] = MASK_COLOUR
    cv2.polylines(image, rings, isClosed=True, color=MASK_COLOUR, thickness=2, lineType=cv2.LINE_AA)


def prism_edges(scene: Scene, relief: Relief | None = None) -> list[Floats]:
    """Rims and upright edges of the obstacles, each as points (n, 3) a step apart; none of them below the ground."""
    lines: list[Floats] = []
    for obstacle in scene.obstacles:
        for ring in _rings(obstacle.footprint):
            lines += [_at(ring, z) for z in (obstacle.base_m, obstacle.top_m)]
            ends = np.array([obstacle.base_m, obstacle.top_m])
            lines += [_stepped(np.column_stack([np.tile(corner, (2, 1)), ends])) for corner in ring[:-1]]
    return lines if relief is None else [relief.above(line) for line in lines]


def place_edges(scene: Scene, relief: Relief | None = None) -> list[Floats]:
    """Outlines of the key places on the ground; a point is a short post of its target's height."""
    lines: list[Floats] = []
    for place in scene.key_places:
        for part in shapely.get_parts(place.geometry):
            if part.geom_type == "Point":
                ends = [_laid(np.array([[part.x, part.y]]), z, relief) for z in (place.target.z0_m, place.target.z1_m)]
                lines.append(_stepped(np.concatenate(ends)))
            elif part.geom_type == "LineString":
                lines.append(_laid(shapely.get_coordinates(part), place.target.z0_m, relief))
            else:
                lines += [_laid(ring, place.target.z0_m, relief) for ring in _rings(part)]
    return lines


def _laid(line: Floats, z: float, relief: Relief | None) -> Floats:
    """A line of the map at a height above the ground, as points a step apart."""
    flat = _at(line, z)
    return flat if relief is None else relief.draped(flat[:, :2], z)


def _rings(geometry: shapely.Geometry) -> Iterable[Floats]:
    for ring in shapely.get_rings(shapely.get_parts(geometry)):
        yield shapely.get_coordinates(ring)


def _at(line: Floats, z: float) -> Floats:
    return _stepped(np.column_stack([line, np.full(len(line), z)]))


def _stepped(line: Floats) -> Floats:
    """The same line with points at most STEP_M apart."""
    pieces = [
        np.linspace(start, end, max(2, int(np.linalg.norm(end - start) / STEP_M) + 1)) for start, end in pairwise(line)
    ]
    return np.concatenate(pieces) if pieces else line


def _draw(
    image: Image, view: StaticView, relief: Relief | None, line: Floats, colour: tuple[int, int, int], *, full: bool
) -> None:
    line = line[np.isfinite(line).all(axis=1)]
    pixels, depth, inside = view.eye.project(line)
    near = np.linalg.norm(line - view.eye.position, axis=1) <= FARTHEST_M
    shown = inside & near
    if not shown.any():
        return
    there = np.where(shown[:, None], pixels, 0.0)
    visible = shown & (depth <= _surface_near(view, there) * (1 + SAME_DEPTH))
    if relief is not None:
        visible[visible] = relief.clear(view.eye.position, line[visible])
    steps = np.rint(there).astype(int)
    for at in range(len(line) - 1):
        if visible[at] and visible[at + 1] and (full or at % DASH < DASH // 2):
            start, end = tuple(map(int, steps[at])), tuple(map(int, steps[at + 1]))
            cv2.line(image, start, end, colour, 2 if full else 1, cv2.LINE_AA)


def _surface_near(view: StaticView, pixels: Floats) -> Floats:
    """The farthest depth shown within a pixel and a half: an edge lies beside its own face."""
    around = [view.depth_at(pixels + step) for step in ((-1.5, -1.5), (1.5, -1.5), (-1.5, 1.5), (1.5, 1.5))]
    farthest: Floats = np.max(np.nan_to_num(around, nan=0.0, posinf=np.inf), axis=0)
    return farthest


def _mark(image: Image, click: Click, solved: Camera, number: int, *, doubtful: bool) -> None:
    """The click, its number, and a line to where the calibrated pose has its map point."""
    scale = np.array([image.shape[1] / solved.lens.width_px, image.shape[0] / solved.lens.height_px])
    at = np.rint(np.array([click.u, click.v]) * scale).astype(int)
    colour = WRONG_COLOUR if doubtful else CLICK_COLOUR
    pixels, _, inside = optics.project(solved.pose, solved.lens, [(click.x, click.y, click.z)])
    spot = (int(at[0]), int(at[1]))
    if inside[0]:
        end = np.rint(pixels[0] * scale).astype(int)
        cv2.line(image, spot, (int(end[0]), int(end[1])), colour, 1, cv2.LINE_AA)
    if doubtful:
        cv2.drawMarker(image, spot, colour, cv2.MARKER_TILTED_CROSS, 18, 2, cv2.LINE_AA)
    else:
        cv2.circle(image, spot, 8, colour, 2, cv2.LINE_AA)
    cv2.putText(image, str(number), (spot[0] + 11, spot[1] - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.6, colour, 2, cv2.LINE_AA)
