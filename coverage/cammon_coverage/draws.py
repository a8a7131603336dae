"""How far a pose is proven, how far it may be off, and seeded random draws of what it may really be.

A change of a pose is a row of four numbers: azimuth, tilt and roll in degrees, and hfov as a share of itself (0.1:
ten per cent wider). It is the zoom that is off: vfov, where stated, and a printed detection distance follow hfov.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np

from cammon_coverage.density import UNLIMITED_M, Density, density_of, model_of
from cammon_coverage.model import Camera, DensityModel, Lens, Pose, Projection
from cammon_coverage.optics import Floats, half_tangents

WIDEST_DEG: Mapping[Projection, float] = {Projection.RECTILINEAR: 179.0, Projection.FISHEYE: 360.0}
NARROWEST_SHARE = 0.05
"""No draw makes a field of view narrower than this share of it."""

AZIMUTH, TILT, ROLL, HFOV = range(4)
"""Columns of a change."""


class PoseGrade(StrEnum):
    """How far a pose is proven, from the least to the most."""

    DECLARED = "declared"
    LEDGER = "ledger"
    CALIBRATED = "calibrated"
    WALKED = "walked"

    @property
    def rank(self) -> int:
        """0 for the least proven."""
        return tuple(PoseGrade).index(self)


@dataclass(frozen=True, slots=True)
class Deviations:
    """Standard deviations of a pose; `hfov_share` relative. 0: known exactly.

    `correlation`: (4, 4), in the order azimuth, tilt, roll, hfov, where a calibration found the errors to go together.
    Raises ValueError when a deviation is negative or not finite, or the correlation has another shape.
    """

    azimuth_deg: float
    tilt_deg: float
    hfov_share: float
    roll_deg: float = 0.0
    correlation: tuple[tuple[float, ...], ...] | None = None

    def __post_init__(self) -> None:
        for name in ("azimuth_deg", "tilt_deg", "hfov_share", "roll_deg"):
            value = getattr(self, name)
            if not 0 <= value < math.inf:
                raise ValueError(f"{name} {value} must be a finite number, 0 or more")
        if self.correlation is not None and np.shape(self.correlation) != (4, 4):
            raise ValueError(f"correlation has the shape {np.shape(self.correlation)}, must be (4, 4)")

    @classmethod
    def of_covariance(cls, covariance: Floats) -> "Deviations":
        """From a covariance (4, 4) in the order azimuth, tilt, roll (degrees) and hfov (share)."""
        matrix = np.asarray(covariance, dtype=np.float64)
        if matrix.shape != (4, 4) or not np.isfinite(matrix).all():
            raise ValueError("a covariance of azimuth, tilt, roll and hfov is 4 x 4 finite numbers")
        azimuth, tilt, roll, hfov = spread = np.sqrt(np.maximum(matrix.diagonal(), 0.0))
        unit = np.where(spread > 0, spread, 1.0)
        correlation = tuple(tuple(float(value) for value in row) for row in matrix / np.outer(unit, unit))
        return cls(float(azimuth), float(tilt), float(hfov), float(roll), correlation)

    @property
    def scales(self) -> Floats:
        """(4,) in the order of a change."""
        return np.array([self.azimuth_deg, self.tilt_deg, self.roll_deg, self.hfov_share])


DEVIATIONS: Mapping[PoseGrade, Deviations] = {
    PoseGrade.DECLARED: Deviations(13.0, 5.0, 0.15),
    PoseGrade.LEDGER: Deviations(5.0, 3.0, 0.10),
    PoseGrade.CALIBRATED: Deviations(1.0, 0.5, 0.02),
    PoseGrade.WALKED: Deviations(0.5, 0.5, 0.01),
}
"""What is taken for a grade where nothing better is known. Declared: 13 degrees is a bearing named as one of eight."""


@dataclass(frozen=True, slots=True)
class Trust:
    """How far one camera's pose is proven, and by how much it may be off."""

    grade: PoseGrade
    deviations: Deviations

    @classmethod
    def by_grade(cls, grade: PoseGrade, deviations: Mapping[PoseGrade, Deviations] = DEVIATIONS) -> "Trust":
        """With the deviations that a grade has when the camera brings none of its own."""
        return cls(grade, deviations.get(grade, DEVIATIONS[grade]))


def drawn_changes(camera_id: str, deviations: Deviations, seed: int, draws: int) -> Floats:
    """(draws, 4): normal errors of a pose. They depend on seed and camera alone, so that all else can be compared."""
    entropy = [seed, int.from_bytes(camera_id.encode(), "big")]
    normal = np.random.default_rng(entropy).standard_normal((draws, 4))
    if deviations.correlation is not None:
        normal = normal @ _root(np.array(deviations.correlation)).T
    changes: Floats = normal * deviations.scales
    return changes


def _root(correlation: Floats) -> Floats:
    """A matrix whose product with its own transpose is the correlation, which may be singular."""
    values, vectors = np.linalg.eigh((correlation + correlation.T) / 2)
    root: Floats = vectors * np.sqrt(np.maximum(values, 0.0))
    return root


@dataclass(frozen=True)
class Poses:
    """One camera in n poses: arrays (n,) in degrees. Tilt stays between -90 and 90, hfov within what a lens can be."""

    camera: Camera
    azimuth_deg: Floats
    tilt_deg: Floats
    roll_deg: Floats
    hfov_deg: Floats

    @classmethod
    def changed(cls, camera: Camera, changes: Floats) -> "Poses":
        """The camera with each of n changes (n, 4)."""
        pose, lens = camera.pose, camera.lens
        widest = max(lens.hfov_deg, WIDEST_DEG[lens.projection])
        shares = np.maximum(1 + changes[:, HFOV], NARROWEST_SHARE)
        return cls(
            camera,
            pose.azimuth_deg + changes[:, AZIMUTH],
            np.clip(pose.tilt_deg + changes[:, TILT], -90.0, 90.0),
            pose.roll_deg + changes[:, ROLL],
            np.minimum(lens.hfov_deg * shares, widest),
        )

    def __len__(self) -> int:
        return len(self.azimuth_deg)

    def run(self, first: int, end: int) -> "Poses":
        """The poses from `first` up to `end`."""
        rows = (self.azimuth_deg, self.tilt_deg, self.roll_deg, self.hfov_deg)
        return Poses(self.camera, *(row[first:end] for row in rows))

    def __getitem__(self, number: int) -> Camera:
        """The camera in one of the poses."""
        old = self.camera.pose
        pose = Pose(
            old.x,
            old.y,
            old.height_m,
            float(self.azimuth_deg[number]),
            float(self.tilt_deg[number]),
            float(self.roll_deg[number]),
        )
        return replace(self.camera, pose=pose, lens=zoomed(self.camera.lens, float(self.hfov_deg[number])))

    @cached_property
    def axes(self) -> Floats:
        """(n, 3, 3): `optics.axes` of every pose."""
        angles = np.radians([self.azimuth_deg, self.tilt_deg, self.roll_deg])
        (sin_a, sin_t, sin_r), (cos_a, cos_t, cos_r) = np.sin(angles), np.cos(angles)
        level_right = np.stack([cos_a, -sin_a, np.zeros_like(sin_a)], axis=1)
        level_up = np.stack([sin_a * sin_t, cos_a * sin_t, cos_t], axis=1)
        forward = np.stack([sin_a * cos_t, cos_a * cos_t, -sin_t], axis=1)
        cosine, sine = cos_r[:, None], sin_r[:, None]
        right = level_right * cosine - level_up * sine
        up = level_up * cosine + level_right * sine
        found: Floats = np.stack([right, up, forward], axis=1)
        return found

    @cached_property
    def zoom(self) -> Floats:
        """(n,) tan(hfov / 2) over that of the camera as it stands; rectilinear lenses only."""
        ratio: Floats = np.tan(np.radians(self.hfov_deg) / 2) / math.tan(math.radians(self.camera.lens.hfov_deg) / 2)
        return ratio

    @cached_property
    def tangents(self) -> Floats:
        """(n, 2): `optics.half_tangents` of every pose; rectilinear lenses only."""
        found: Floats = self.zoom[:, None] * np.array(half_tangents(self.camera.lens))
        return found

    def limits_m(self, model: DensityModel, level_px_per_m: float) -> Floats:
        """(n,): the distances at which density drops to the level, as `Density.limit_m`."""
        if level_px_per_m <= 0:
            return np.full(len(self), UNLIMITED_M)
        scale = density_of(self.camera.lens, model).scale
        if model_of(self.camera.lens, model) is DensityModel.ARC:
            scales = scale * self.camera.lens.hfov_deg / self.hfov_deg
        else:
            scales = scale / self.zoom
        found: Floats = np.minimum(UNLIMITED_M, scales / level_px_per_m)
        return found

    def reach_m(self, model: DensityModel, level_px_per_m: float) -> float:
        """The greatest slant distance at which the camera has the level in any of the poses."""
        limits = self.limits_m(model, level_px_per_m)
        if density_is_flat(self.camera.lens, model):
            limits = limits * np.sqrt(1 + (self.tangents**2).sum(axis=1))
        return float(limits.max(initial=0.0))


def density_is_flat(lens: Lens, model: DensityModel) -> bool:
    """Whether a level of this lens ends at a plane across the axis, not at a sphere."""
    found: Density = density_of(lens, model)
    return found.flat


def zoomed(lens: Lens, hfov_deg: float) -> Lens:
    """A lens with another field of view, of which the vertical one and the detection distance follow."""
    if hfov_deg == lens.hfov_deg:
        return lens
    if lens.projection is Projection.FISHEYE:
        return replace(lens, hfov_deg=hfov_deg)
    ratio = math.tan(math.radians(hfov_deg) / 2) / math.tan(math.radians(lens.hfov_deg) / 2)
    vfov, detection = lens.vfov_deg, lens.detection_m
    if vfov is not None:
        vfov = 2 * math.degrees(math.atan(ratio * math.tan(math.radians(vfov) / 2)))
    return replace(lens, hfov_deg=hfov_deg, vfov_deg=vfov, detection_m=None if detection is None else detection / ratio)


def changed_cameras(
    cameras: tuple[Camera, ...], trust: Mapping[str, Trust], seed: int, draws: int, number: int
) -> tuple[Camera, ...]:
    """All cameras as one of the draws has them. Cameras without trust are taken from a ledger."""
    from_ledger = Trust.by_grade(PoseGrade.LEDGER)
    found = []
    for camera in cameras:
        deviations = trust.get(camera.id, from_ledger).deviations
        changes = drawn_changes(camera.id, deviations, seed, draws)
        found.append(Poses.changed(camera, changes[number : number + 1])[0])
    return tuple(found)
