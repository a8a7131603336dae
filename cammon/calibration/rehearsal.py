"""Rehearsals of calibration: a rendered camera of hidden pose, corners that its picture shows, clicks with errors."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from cammon.virtual.render import eye_of
from cammon.virtual.render.faces import Prism, prisms_of
from cammon.virtual.render.static import StaticView, view_of
from cammon_coverage import optics
from cammon_coverage.calibration import Click, ClickDeviations, PriorDeviations
from cammon_coverage.calibration_fit import lens_of, pose_of
from cammon_coverage.model import Camera, Lens, Pose, Projection, Scene

Floats = NDArray[np.float64]

STREAM_WIDTH_PX = 960
MARGIN_PX = 20.0
SAME_DEPTH = 0.01
"""A corner counts as shown where a pixel beside it shows a surface at its distance, within this share."""
MIX_UP = 0.05
"""A wrong click lies on another corner of the picture, at least this share of its width away."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What is given (the ledger's camera, clicks) and what is hidden (pose, lens, which click is wrong)."""

    camera: Camera
    clicks: tuple[Click, ...]
    pose: Pose
    lens: Lens
    wrong: int | None


def rehearsals(
    scene: Scene,
    seed: int,
    clicks: int = 6,
    prior: PriorDeviations | None = None,
    noise: ClickDeviations | None = None,
    wrong_every: int = 3,
) -> Iterator[Rehearsal]:
    """Rehearsals without end, over the cameras of the scene in turn; every `wrong_every`th has one wrong click."""
    rng = np.random.default_rng(seed)
    prior, noise = prior or PriorDeviations(), noise or ClickDeviations()
    prisms, corners = prisms_of(scene.obstacles), building_corners(scene)
    number = 0
    while True:
        for camera in scene.cameras:
            hidden = _moved(camera, prior, rng)
            shown, points = visible_corners(hidden, prisms, corners)
            chosen = _choose(points, clicks, rng)
            if len(chosen) == clicks:
                made, wrong = _clicks(hidden.lens, shown, points, chosen, noise, number % wrong_every == 0, rng)
                yield Rehearsal(camera, made, hidden.pose, hidden.lens, wrong)
                number += 1


def building_corners(scene: Scene) -> Floats:
    """Every corner of every obstacle, at its base and its top (n, 3)."""
    rows = []
    for obstacle in scene.obstacles:
        plan = shapely.get_coordinates(obstacle.footprint)
        rows += [np.column_stack([plan, np.full(len(plan), z)]) for z in (obstacle.base_m, obstacle.top_m)]
    return np.unique(np.concatenate(rows), axis=0) if rows else np.empty((0, 3))


def visible_corners(camera: Camera, prisms: tuple[Prism, ...], corners: Floats) -> tuple[Floats, Floats]:
    """Pixels (n, 2) and points (n, 3) of the corners that the rendered picture of this camera shows."""
    width, height = camera.lens.width_px, camera.lens.height_px
    pixels, depth, inside = optics.project(camera.pose, camera.lens, corners)
    size = np.array([width, height])
    with np.errstate(invalid="ignore"):
        inside &= ((pixels > MARGIN_PX) & (pixels < size - MARGIN_PX)).all(axis=1)
    if camera.lens.projection is Projection.FISHEYE:
        inside &= np.linalg.norm(pixels - size / 2, axis=1) < width / 2 - MARGIN_PX
    stream = (STREAM_WIDTH_PX, round(STREAM_WIDTH_PX * height / width))
    view = view_of(eye_of(camera, *stream), prisms)
    pixels, points, depth = pixels[inside], corners[inside], depth[inside]
    shown = _shown(view, pixels * (stream[0] / width), depth)
    return pixels[shown], points[shown]


def _shown(view: StaticView, pixels: Floats, depth: Floats) -> NDArray[np.bool_]:
    shown = np.zeros(len(pixels), bool)
    for step in ((1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)):
        there = view.depth_at(pixels + step)
        shown |= np.abs(there - depth) <= SAME_DEPTH * depth
    return shown


def _moved(camera: Camera, prior: PriorDeviations, rng: np.random.Generator) -> Camera:
    """The camera as it might hang when the ledger is off by these deviations."""
    pose, lens = camera.pose, camera.lens
    size = np.log(lens.hfov_deg)
    ledger = np.array([pose.azimuth_deg, pose.tilt_deg, pose.roll_deg, size, pose.x, pose.y, pose.height_m])
    spread = [prior.azimuth_deg, prior.tilt_deg, prior.roll_deg, prior.hfov_pct / 100]
    values = ledger + rng.standard_normal(7) * [*spread, prior.position_m, prior.position_m, prior.height_m]
    values[1] = min(values[1], 180.0 - values[1])
    return replace(camera, pose=pose_of(values), lens=lens_of(lens, values))


def _choose(points: Floats, clicks: int, rng: np.random.Generator) -> list[int]:
    """Corners over different places of the plan, drawn at random."""
    chosen: list[int] = []
    for number in rng.permutation(len(points)).tolist():
        if len(chosen) < clicks and all((points[number, :2] != points[other, :2]).any() for other in chosen):
            chosen.append(number)
    return chosen


def _clicks(
    lens: Lens,
    shown: Floats,
    points: Floats,
    chosen: list[int],
    noise: ClickDeviations,
    one_wrong: bool,
    rng: np.random.Generator,
) -> tuple[tuple[Click, ...], int | None]:
    """Clicks on the chosen corners with the errors of hand and map; of one, on another corner of the picture."""
    at = shown[chosen]
    wrong = None
    if one_wrong:
        place = int(rng.integers(len(chosen)))
        others = np.linalg.norm(shown - at[place], axis=1) > MIX_UP * lens.width_px
        if others.any():
            wrong = place
            at[place] = shown[rng.choice(np.flatnonzero(others))]
    pixels = at + rng.normal(0, noise.click_px, at.shape)
    mapped = points[chosen] + rng.normal(0, 1, (len(chosen), 3)) * [noise.map_m, noise.map_m, noise.height_m]
    return tuple(Click(*pixel, *point) for pixel, point in zip(pixels.tolist(), mapped.tolist(), strict=True)), wrong
