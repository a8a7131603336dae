"""Does the picture of a camera show the same as the plan says? Two answers for the same points of one plane."""

from dataclasses import dataclass, replace

import numpy as np
import shapely

from cammon.virtual.render import StaticView, render_static
from cammon_coverage.model import Camera, Period, Scene, Target
from cammon_coverage.seen import Ground, seen_region

BAND_PX = 2
TINY_LEVEL = 0.05
"""px/m: kilometres of range, so that density limits nothing on a site."""
SAME_DEPTH = 1e-7
"""Relative slack: the surface that a point lies on does not hide it."""


@dataclass(frozen=True)
class Agreement:
    """Points tested and how the two answers compare."""

    seen: int
    hidden: int
    in_band: int
    wrong: np.ndarray
    """points (n x 3) on which they differ outside the band"""

    def __str__(self) -> str:
        return f"seen {self.seen} hidden {self.hidden} band {self.in_band} wrong {len(self.wrong)}: {self.wrong[:3]}"


def compare(scene: Scene, camera: Camera, z: float, width_px: int, height_px: int, count: int, seed: int) -> Agreement:
    """Ask picture and plan about `count` points of the plane z that project into the picture."""
    camera = replace(camera, masks=())  # a privacy mask lies over the picture; here it is what is behind it
    view = render_static(scene, camera, width_px, height_px)
    region = seen_region(Ground(scene.obstacles, ()), camera, Period.DAY, TINY_LEVEL, Target(z, z))
    points = sample_points(view, scene, z, count, seed)
    pixels, depth, _ = view.eye.project(points)
    shown = depth <= view.depth_at(pixels) * (1 + SAME_DEPTH)
    by_plan = shapely.contains_xy(region, points[:, 0], points[:, 1])
    differ = shown != by_plan
    band = np.zeros_like(differ)
    band[differ] = changes_near(view, pixels[differ], shown[differ], z)
    return Agreement(int(by_plan.sum()), int((~by_plan).sum()), int(band.sum()), points[differ & ~band])


def sample_points(view: StaticView, scene: Scene, z: float, count: int, seed: int) -> np.ndarray:
    """Points of the plane in the picture: evenly over the picture, and evenly over the plan round the camera."""
    rng = np.random.default_rng(seed)
    size = (view.eye.width_px, view.eye.height_px)
    from_picture = on_plane(view, rng.uniform((0, 0), size, (count, 2)), z)
    reach = np.exp(rng.uniform(np.log(2), np.log(400), count))
    turn = rng.uniform(0, 2 * np.pi, count)
    plan = view.eye.position[:2] + reach[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    from_plan = np.column_stack([plan, np.full(count, z)])
    points = np.concatenate([from_picture, from_plan])
    pixels, _, inside = view.eye.project(np.nan_to_num(points, nan=0.0))
    in_picture = ((pixels > 0) & (pixels < size)).all(axis=1)
    near = np.linalg.norm(points - view.eye.position, axis=1) < 1500
    return points[inside & in_picture & near & np.isfinite(points).all(axis=1)]


def on_plane(view: StaticView, pixels: np.ndarray, z: float) -> np.ndarray:
    """Where the rays of pixels meet the plane z (n x 3); NaN where they do not."""
    rays = view.eye.rays(pixels)
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = (z - view.eye.position[2]) / rays[:, 2]
    depth[~(depth > 0)] = np.nan
    points = view.eye.position + depth[:, None] * rays
    points[:, 2] = z
    return points


def changes_near(view: StaticView, pixels: np.ndarray, shown: np.ndarray, z: float) -> np.ndarray:
    """Whether the picture's own answer changes within BAND_PX of each position."""
    changes = np.zeros(len(pixels), bool)
    steps = np.arange(-BAND_PX, BAND_PX + 0.25, 0.5)
    for across in steps:
        for down in steps:
            if np.hypot(across, down) > BAND_PX:
                continue
            beside = pixels + np.array([across, down])
            points = on_plane(view, beside, z)
            _, depth, inside = view.eye.project(np.nan_to_num(points, nan=1e9))
            with np.errstate(invalid="ignore"):
                answer = inside & (depth <= view.depth_at(beside) * (1 + SAME_DEPTH))
            changes |= answer != shown
    return changes
