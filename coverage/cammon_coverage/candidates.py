"""Every camera of a site held against one point: in view, dense enough, light enough, from the right side."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from cammon_coverage.model import KeyPlace, Period, Projection
from cammon_coverage.optics import Floats, axes, half_tangents, project
from cammon_coverage.view import View

Flags = NDArray[np.bool_]

SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Standing:
    """How each of n cameras stands to one target over one point. `density` as it is, `turned` if aimed at it."""

    distance: Floats
    in_view: Flags
    density: Floats
    turned: Floats
    light: Flags
    front: Flags
    gentle: Flags
    depression_deg: Floats
    masked: Flags


@dataclass(frozen=True, slots=True)
class Candidates:
    """n cameras in flat arrays: `eye` (n, 3), `axes` (n, 3, 3), `tangents` (n, 2).

    `half_angle` (n,) is in radians, NaN unless fisheye; `scale` and `flat` are those of `Density`.
    """

    views: Sequence[View]
    eye: Floats
    axes: Floats
    tangents: Floats
    half_angle: Floats
    scale: Floats
    flat: Flags
    night_range: Floats
    with_masks: Sequence[int] = ()

    @classmethod
    def of(cls, views: Mapping[str, View]) -> "Candidates":
        """The cameras of a site."""
        every = list(views.values())
        fisheye = [view.camera.lens.projection is Projection.FISHEYE for view in every]
        tangents = [(0.0, 0.0) if f else half_tangents(v.camera.lens) for f, v in zip(fisheye, every, strict=True)]
        angles = [
            math.radians(v.camera.lens.hfov_deg) / 2 if f else np.nan for f, v in zip(fisheye, every, strict=True)
        ]
        return cls(
            views=every,
            eye=np.array([(v.eye.x, v.eye.y, v.camera.pose.height_m) for v in every], dtype=np.float64).reshape(-1, 3),
            axes=np.array([axes(v.camera.pose) for v in every], dtype=np.float64).reshape(-1, 3, 3),
            tangents=np.array(tangents, dtype=np.float64).reshape(-1, 2),
            half_angle=np.array(angles, dtype=np.float64),
            scale=np.array([v.density.scale for v in every], dtype=np.float64),
            flat=np.array([v.density.flat for v in every], dtype=np.bool_),
            night_range=np.array([v.camera.lens.night_range_m or 0.0 for v in every], dtype=np.float64),
            with_masks=[number for number, view in enumerate(every) if view.camera.masks],
        )

    def standing(self, place: KeyPlace, period: Period, point: Floats, lit: bool) -> Standing:
        """How the cameras stand to the target of a place over a point of it."""
        ends = [self._to_end(point, z) for z in (place.target.z0_m, place.target.z1_m)]
        slant = np.maximum(ends[0][0], ends[1][0])
        depth = np.maximum(ends[0][1], ends[1][1])
        with np.errstate(divide="ignore"):
            density = self.scale / np.where(self.flat, depth, slant)
            turned = self.scale / slant
        offset = self.eye[:, :2] - point
        level = np.hypot(*offset.T)
        low = min(place.target.z0_m, place.target.z1_m)
        depression = np.degrees(np.arctan2(self.eye[:, 2] - low, level))
        return Standing(
            distance=slant,
            in_view=ends[0][2] & ends[1][2],
            density=density,
            turned=turned,
            light=(slant <= self.night_range) | lit | (period is Period.DAY),
            front=_in_front(place, offset),
            gentle=np.full(len(level), True)
            if place.max_depression_deg is None
            else depression <= place.max_depression_deg,
            depression_deg=depression,
            masked=self._masked(place, point),
        )

    def _masked(self, place: KeyPlace, point: Floats) -> Flags:
        """Whose privacy masks lie over an end of the target."""
        masked = np.zeros(len(self.views), dtype=np.bool_)
        ends = np.array([(*point, z) for z in (place.target.z0_m, place.target.z1_m)])
        for number in self.with_masks:
            camera = self.views[number].camera
            pixels = project(camera.pose, camera.lens, ends)[0]
            shares = pixels / (camera.lens.width_px, camera.lens.height_px)
            masked[number] = any(shapely.intersects_xy(mask, *share) for mask in camera.masks for share in shares)
        return masked

    def _to_end(self, point: Floats, z: float) -> tuple[Floats, Floats, Flags]:
        """Slant distance, depth along the axis, and whether it is in view, for one end of the target."""
        offset = np.array([point[0], point[1], z]) - self.eye
        across, upward, depth = np.einsum("nij,nj->in", self.axes, offset)
        slant = np.sqrt((offset**2).sum(axis=1))
        reach = depth[:, None] * self.tangents + SLACK
        pyramid = (depth > 0) & (np.abs(across) <= reach[:, 0]) & (np.abs(upward) <= reach[:, 1])
        with np.errstate(invalid="ignore"):
            cone = np.arctan2(np.hypot(across, upward), depth) <= self.half_angle + SLACK
        return slant, np.abs(depth), np.where(np.isnan(self.half_angle), pyramid, cone)


def _in_front(place: KeyPlace, offset: Floats) -> Flags:
    if place.facing_deg is None:
        return np.full(len(offset), True)
    bearing = np.degrees(np.arctan2(offset[:, 0], offset[:, 1]))
    aside = np.abs((bearing - place.facing_deg + 180) % 360 - 180)
    return np.asarray(aside <= place.facing_tolerance_deg + SLACK)


def is_lit(view: View, point: Floats) -> bool:
    """Whether a plan point is in a lit area."""
    return bool(shapely.intersects_xy(view.ground.lit, *point))
