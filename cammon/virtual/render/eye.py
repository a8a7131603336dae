"""A camera seen through one stream size: how points of the site become pixels of the picture.

The lens mathematics is that of `cammon_coverage.optics`. Pixel (column i, row k) covers [i, i+1) x [k, k+1): its
centre is (i + 0.5, k + 0.5). A stream whose size differs from the ledger's resolution shows the same angles, scaled.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cammon_coverage import optics
from cammon_coverage.model import Camera, Lens, Pose, Projection

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PoseShift:
    """By how much a camera was turned away from its documented pose: right and down positive, degrees; focal length
    times `zoom`."""

    pan_deg: float = 0.0
    tilt_deg: float = 0.0
    roll_deg: float = 0.0
    zoom: float = 1.0

    def applied(self, pose: Pose) -> Pose:
        """The pose after the turn."""
        return replace(
            pose,
            azimuth_deg=(pose.azimuth_deg + self.pan_deg) % 360.0,
            tilt_deg=min(90.0, max(-90.0, pose.tilt_deg + self.tilt_deg)),
            roll_deg=pose.roll_deg + self.roll_deg,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Eye:
    """Position, axes and lens of a camera for pictures of `width_px` x `height_px`.

    `fu`, `fv`: pixels of this stream per unit of tangent (rectilinear) or per radian (fisheye).
    """

    pose: Pose
    lens: Lens
    width_px: int
    height_px: int
    position: Points
    right: Points
    down: Points
    forward: Points
    fu: float
    fv: float

    @property
    def fisheye(self) -> bool:
        """Whether straight lines are curves in this picture."""
        return self.lens.projection is Projection.FISHEYE

    @property
    def scale(self) -> Points:
        """Pixels of this stream per pixel of the ledger's resolution, across and down."""
        return np.array([self.width_px / self.lens.width_px, self.height_px / self.lens.height_px])

    def local(self, points: Points) -> Points:
        """Points (n x 3, site metres) as (right, down, forward) metres from the lens."""
        axes = np.column_stack([self.right, self.down, self.forward])
        moved: Points = (np.asarray(points, dtype=np.float64) - self.position) @ axes
        return moved

    def project(self, points: Points) -> tuple[Points, Points, NDArray[np.bool_]]:
        """Pixels (n x 2), depths (n, as StaticView.depth_m) and whether they lie in view (n), of points (n x 3)."""
        pixels, depth, inside = optics.project(self.pose, self.lens, points)
        return pixels * self.scale, depth, inside

    def pixels_of(self, local: Points) -> Points:
        """Pixels of points in (right, down, forward) that lie before a rectilinear lens, anywhere round a fisheye."""
        right, down, forward = local.T
        if self.fisheye:
            across = np.hypot(right, down)
            scale = np.divide(np.arctan2(across, forward), across, out=np.ones_like(across), where=across > 1e-12)
        else:
            scale = 1.0 / forward
        u = self.width_px / 2 + self.fu * right * scale
        v = self.height_px / 2 + self.fv * down * scale
        return np.column_stack([u, v])

    def rays(self, pixels: Points) -> Points:
        """Directions (n x 3) so that position + depth * ray is the point shown there; NaN outside the image circle."""
        rays = optics.rays(self.pose, self.lens, np.asarray(pixels, dtype=np.float64) / self.scale)
        if self.fisheye:
            return rays
        return rays / (rays @ self.forward)[:, None]


def _zoomed(lens: Lens, zoom: float) -> Lens:
    """The lens with a longer focal length, on the same sensor."""
    if zoom == 1.0:
        return lens
    if lens.projection is Projection.FISHEYE:
        return replace(lens, hfov_deg=min(360.0, lens.hfov_deg / zoom))
    horizontal, vertical = optics.half_tangents(lens)
    degrees = [float(np.degrees(2 * np.arctan(tangent / zoom))) for tangent in (horizontal, vertical)]
    return replace(lens, hfov_deg=degrees[0], vfov_deg=degrees[1])


def eye_of(camera: Camera, width_px: int, height_px: int, shift: PoseShift | None = None) -> Eye:
    """The eye of a camera for one stream size, turned by `shift` where the camera was moved."""
    pose = camera.pose if shift is None else shift.applied(camera.pose)
    lens = camera.lens if shift is None else _zoomed(camera.lens, shift.zoom)
    right, up, forward = optics.axes(pose)
    fu, fv = optics.focal_px(lens)
    return Eye(
        pose=pose,
        lens=lens,
        width_px=width_px,
        height_px=height_px,
        position=np.array([pose.x, pose.y, pose.height_m]),
        right=right,
        down=-up,
        forward=forward,
        fu=fu * width_px / lens.width_px,
        fv=fv * height_px / lens.height_px,
    )
