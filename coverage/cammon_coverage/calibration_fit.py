"""One fit of a pose to some clicks: least squares over directions, each click weighted by its own uncertainty.

A click is compared with its map point as directions from the lens, not as pixels: the angle between two directions is
defined everywhere, behind the lens too, and nearly linear in the angles that are sought. What a click and its map
point may be off becomes a 2 x 2 covariance on the tangent plane of its ray: the pixel's width there, and the map's
deviation over the distance. The unknowns are counted in standard deviations from the ledger, so that a prior is one
more residual.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import least_squares

from cammon_coverage import optics
from cammon_coverage.calibration import Click, ClickDeviations, Floats, PriorDeviations
from cammon_coverage.model import Lens, Pose, Projection

WIDEST_RECTILINEAR_DEG = 175.0
NARROWEST_DEG = 0.5
NEAREST_M = 1e-3
"""A map point at the lens is taken to be this far off; its weight is then nothing."""
MOST_STEPS = 60
PRECISION = 1e-6
LEVEL_NORTH = Pose(0.0, 0.0, 0.0, 0.0, 0.0)
ZOOMS = (1.0, 0.6, 0.8, 1.25, 1.6)
"""Angles of view that are tried, as shares of the ledger's, where its aim is not trusted."""


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """What is known before the fit. `pixels` (n, 2), `points` (n, 3); `pose` and `lens` are the ledger's."""

    pixels: Floats
    points: Floats
    pose: Pose
    lens: Lens
    noise: ClickDeviations

    @property
    def ledger(self) -> Floats:
        """The ledger's values in the order of PARAMETERS; of hfov its logarithm."""
        pose = self.pose
        return np.array(
            [
                pose.azimuth_deg,
                pose.tilt_deg,
                pose.roll_deg,
                math.log(self.lens.hfov_deg),
                pose.x,
                pose.y,
                pose.height_m,
            ]
        )


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """The best values (order of PARAMETERS, hfov as logarithm) and what the clicks tell of them.

    `information`: inverse covariance, in steps of one prior deviation. Chi-square of the clicks and of the priors.
    """

    values: Floats
    information: Floats
    click_chi: float
    prior_chi: float


def problem_of(clicks: Sequence[Click], pose: Pose, lens: Lens, noise: ClickDeviations) -> Problem:
    """The clicks as arrays."""
    pixels = np.array([(click.u, click.v) for click in clicks], dtype=np.float64)
    points = np.array([(click.x, click.y, click.z) for click in clicks], dtype=np.float64)
    return Problem(pixels, points, pose, lens, noise)


def deviations_of(prior: PriorDeviations) -> Floats:
    """The prior's deviations in the order of PARAMETERS; of hfov that of its logarithm."""
    aim = [prior.azimuth_deg, prior.tilt_deg, prior.roll_deg, prior.hfov_pct / 100]
    return np.array([*aim, prior.position_m, prior.position_m, prior.height_m])


def pose_of(values: Floats) -> Pose:
    """The pose in a vector of values."""
    azimuth, tilt, roll, _, x, y, height = (float(value) for value in values)
    return Pose(x, y, height, azimuth, tilt, roll)


def lens_of(lens: Lens, values: Floats) -> Lens:
    """The ledger's lens at another focal length: a rectilinear picture keeps the shape of its pixels."""
    hfov = math.exp(float(values[3]))
    if lens.projection is Projection.FISHEYE or lens.vfov_deg is None:
        return replace(lens, hfov_deg=hfov)
    zoom = math.tan(math.radians(hfov) / 2) / math.tan(math.radians(lens.hfov_deg) / 2)
    vertical = 2 * math.atan(zoom * math.tan(math.radians(lens.vfov_deg) / 2))
    return replace(lens, hfov_deg=hfov, vfov_deg=math.degrees(vertical))


def local_rays(lens: Lens, pixels: Floats) -> Floats:
    """Unit directions (n, 3) of pixels as right, up, forward."""
    # A level camera that looks north has east, north, up as right, forward, up.
    return optics.rays(LEVEL_NORTH, lens, pixels)[:, [0, 2, 1]]


def tangents(rays: Floats) -> Floats:
    """(n, 2, 3): two unit vectors across each ray, right and up turned with it from the forward axis."""
    right, up, forward = rays.T
    fold = 1.0 / np.maximum(1.0 + forward, 1e-9)
    first = np.column_stack([1.0 - right**2 * fold, -right * up * fold, -right])
    second = np.column_stack([-right * up * fold, 1.0 - up**2 * fold, -up])
    return np.stack([first, second], axis=1)


def angle_residuals(problem: Problem, values: Floats) -> Floats:
    """(n, 2): from the ray of each click to the direction of its map point, radians on the tangent plane."""
    rays = local_rays(lens_of(problem.lens, values), problem.pixels)
    towards = (problem.points - values[4:]) @ optics.axes(pose_of(values)).T
    towards /= np.maximum(np.linalg.norm(towards, axis=1, keepdims=True), NEAREST_M)
    along = np.sum(rays * towards, axis=1)
    across = towards - along[:, None] * rays
    sine = np.linalg.norm(across, axis=1)
    stretch = np.arctan2(sine, along) / np.maximum(sine, 1e-300)
    stretch = np.where(sine > 1e-12, stretch, 1.0)
    residuals: Floats = np.einsum("nij,nj->ni", tangents(rays), across) * stretch[:, None]
    return residuals


def angle_covariances(problem: Problem, values: Floats) -> Floats:
    """(n, 2, 2): what clicks and map may be off, as radians on the tangent plane of each click's ray."""
    pose, lens = pose_of(values), lens_of(problem.lens, values)
    basis = tangents(local_rays(lens, problem.pixels))
    click = problem.noise.click_px * np.einsum("nij,njk->nik", basis, _pixel_turns(lens, problem.pixels))
    distance = np.maximum(np.linalg.norm(problem.points - values[4:], axis=1), NEAREST_M)
    spread = np.diag([problem.noise.map_m, problem.noise.map_m, problem.noise.height_m])
    moved = np.einsum("nij,jk->nik", basis, optics.axes(pose) @ spread) / distance[:, None, None]
    covariances: Floats = click @ click.transpose(0, 2, 1) + moved @ moved.transpose(0, 2, 1)
    return covariances


def _pixel_turns(lens: Lens, pixels: Floats) -> Floats:
    """(n, 3, 2): how rays (right, up, forward) turn per pixel of u and of v, a pixel nearer to the middle."""
    middle = np.array([lens.width_px / 2, lens.height_px / 2])
    radius = np.maximum(np.linalg.norm(pixels - middle, axis=1, keepdims=True), 2.0)
    inner = middle + (pixels - middle) * (1 - 1 / radius)
    step = np.array([[0.25, 0.0], [0.0, 0.25]])
    turns = [2.0 * (local_rays(lens, inner + way) - local_rays(lens, inner - way)) for way in step]
    return np.stack(turns, axis=2)


def fit(problem: Problem, deviations: Floats, start: Floats, weightings: int = 1) -> Fit:
    """The likeliest values, with the ledger as prior of these deviations. Gaussian throughout.

    The weights hang on the pose, a little: they are set at the start, and `weightings` - 1 times again at the answer.
    """
    ledger = problem.ledger
    low, high = _bounds(problem, deviations)
    divisor = np.where(deviations > 0, deviations, 1.0)
    values = start
    for _ in range(weightings):
        whiten = np.linalg.inv(np.linalg.cholesky(angle_covariances(problem, values)))

        def residuals(steps: Floats, whiten: Floats = whiten) -> Floats:
            angles = angle_residuals(problem, ledger + steps * deviations)
            return np.concatenate([np.einsum("nij,nj->ni", whiten, angles).ravel(), steps])

        first = np.clip((_inward(problem, values) - ledger) / divisor, low, high)
        solved = least_squares(
            residuals, first, bounds=(low, high), ftol=PRECISION, xtol=PRECISION, max_nfev=MOST_STEPS
        )
        values = ledger + solved.x * deviations
    cut = 2 * len(problem.pixels)
    by_clicks = solved.jac[:cut]
    return Fit(values, by_clicks.T @ by_clicks, float(solved.fun[:cut] @ solved.fun[:cut]), float(solved.x @ solved.x))


def _bounds(problem: Problem, deviations: Floats) -> tuple[Floats, Floats]:
    """Lowest and highest steps: what is no pose and no lens is not tried."""
    widest = 360.0 if problem.lens.projection is Projection.FISHEYE else WIDEST_RECTILINEAR_DEG
    size = math.log(NARROWEST_DEG), math.log(max(widest, problem.lens.hfov_deg))
    low = np.array([-np.inf, -90.0, -np.inf, size[0], -np.inf, -np.inf, -np.inf]) - problem.ledger
    high = np.array([np.inf, 90.0, np.inf, size[1], np.inf, np.inf, np.inf]) - problem.ledger
    free = deviations > 0
    divisor = np.where(free, deviations, 1.0)
    return np.where(free, low / divisor, -1.0), np.where(free, high / divisor, 1.0)


def _inward(problem: Problem, values: Floats) -> Floats:
    """The values a little within the bounds: from a bound itself (a ceiling camera) the search hardly comes away."""
    low, high = _bounds(problem, np.ones(len(values)))
    inset = np.array([0.0, 2.0, 0.0, 0.02, 0.0, 0.0, 0.0])
    return np.clip(values, problem.ledger + low + inset, problem.ledger + high - inset)


def covariance_of(found: Fit, deviations: Floats, variance_factor: float) -> Floats:
    """(7, 7) covariance of the values, the clicks' variance being so many times the stated one."""
    in_steps = np.linalg.inv(found.information / variance_factor + np.eye(len(deviations)))
    covariance: Floats = in_steps * np.outer(deviations, deviations)
    return covariance


def turned_starts(problem: Problem) -> list[Floats]:
    """Values to start from when the ledger's aim is not trusted: for several angles of view the rotation that brings
    the rays of the clicks best onto the directions of their map points (Wahba's problem, solved by Kabsch)."""
    towards = problem.points - problem.ledger[4:]
    towards /= np.maximum(np.linalg.norm(towards, axis=1, keepdims=True), NEAREST_M)
    low, high = _bounds(problem, np.ones(len(problem.ledger)))
    starts = []
    for zoom in ZOOMS:
        values = problem.ledger + np.clip([0, 0, 0, math.log(zoom), 0, 0, 0], low, high)
        rays = local_rays(lens_of(problem.lens, values), problem.pixels)
        left, _, right = np.linalg.svd(rays.T @ towards)
        # Right, up, forward is a left-handed set.
        mirror = np.diag([1.0, 1.0, -np.sign(np.linalg.det(left @ right))])
        values[:3] = _angles(left @ mirror @ right, float(problem.ledger[0]))
        starts.append(values)
    return starts


def _angles(axes: Floats, near_azimuth_deg: float) -> tuple[float, float, float]:
    """Azimuth (within half a turn of the given one), tilt and roll of camera axes (right, up, forward as rows)."""
    right, up, forward = axes
    tilt = math.degrees(math.asin(min(1.0, max(-1.0, -float(forward[2])))))
    azimuth = math.degrees(math.atan2(forward[0], forward[1]))
    roll = math.degrees(math.atan2(-right[2], up[2]))
    return near_azimuth_deg + (azimuth - near_azimuth_deg + 180.0) % 360.0 - 180.0, tilt, roll
