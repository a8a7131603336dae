"""What stands still in a camera's picture: for every pixel the surface it shows and how far that is."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from cammon.virtual.render.cast import Rays, cast_faces
from cammon.virtual.render.eye import Eye, Points, PoseShift, eye_of
from cammon.virtual.render.faces import Face, FaceKind, Prism, fence_faces, prisms_of
from cammon.virtual.render.raster import NEAR_M, Layer, draw_faces, plane_distance
from cammon_coverage.model import Camera, Scene

FENCE_HEIGHT_M = 2.2
LOWEST_LENS_M = 1e-3
"""A lens on the ground is taken to be this high, so that it has a ground to see."""


class Ground(IntEnum):
    """The values of `StaticView.surface` that are no face."""

    OUTSIDE = -3
    """beyond the image circle of a fisheye"""
    SKY = -2
    GROUND = -1


@dataclass(frozen=True, slots=True, eq=False)
class StaticView:
    """The still part of one camera's picture at one size, without people and without the fence.

    `depth_m` (height x width, float32): along the optical axis for a rectilinear lens, slant distance for a fisheye;
    inf for sky and beyond the image circle. `surface` (int16): a number of `faces`, or a value of `Ground`.
    `fence` holds the fence before everything else (inverse depth and face), for drawing only.
    """

    eye: Eye
    faces: tuple[Face, ...]
    depth_m: NDArray[np.float32]
    surface: NDArray[np.int16]
    fence: Layer
    rays: Rays

    def depth_at(self, pixels: Points) -> Points:
        """Depth (n) of the surface shown at pixel positions (n x 2), exact within the pixel, not rounded to its centre.

        NaN for positions off the picture; inf for sky.
        """
        depth = np.full(len(pixels), np.nan)
        column, row = np.floor(np.nan_to_num(np.asarray(pixels, dtype=np.float64), nan=-1.0)).astype(np.int64).T
        on = (column >= 0) & (column < self.eye.width_px) & (row >= 0) & (row < self.eye.height_px)
        surface = self.surface[row[on], column[on]]
        depth[on] = self._plane_depths(surface, np.asarray(pixels, dtype=np.float64)[on])
        return depth

    def _plane_depths(self, surface: NDArray[np.int16], pixels: Points) -> Points:
        rays = self.eye.rays(pixels)
        depth = np.full(len(pixels), np.inf)
        for number in np.unique(surface):
            here = surface == number
            if number == Ground.GROUND:
                inverse = -rays[here, 2] / max(float(self.eye.position[2]), LOWEST_LENS_M)
            elif number >= 0:
                face = self.faces[number]
                inverse = rays[here] @ face.normal / plane_distance(self.eye, face)
            else:
                continue
            depth[here] = np.divide(1.0, inverse, out=np.full(len(inverse), np.inf), where=inverse > 0)
        return depth


def render_static(
    scene: Scene, camera: Camera, width_px: int, height_px: int, pose_change: PoseShift | None = None
) -> StaticView:
    """What a camera of the scene sees of its still parts at a stream size, turned by `pose_change` if it was moved."""
    prisms = prisms_of(scene.obstacles)
    return view_of(
        eye_of(camera, width_px, height_px, pose_change), prisms, fence_faces(scene.boundary, FENCE_HEIGHT_M)
    )


def view_of(eye: Eye, prisms: tuple[Prism, ...], fence: tuple[Face, ...] = ()) -> StaticView:
    """As render_static, from faces that were made before."""
    faces = tuple(face for prism in prisms for face in prism.faces)
    rays = pixel_rays(eye)
    layer = _ground_layer(eye, rays)
    _draw(layer, eye, rays, _facing(eye, prisms))
    _bury(layer, eye, prisms)
    fences = Layer(layer.inverse.copy(), np.full_like(layer.face, -1)) if fence else Layer.empty(0, 0)
    _draw(fences, eye, rays, [(number, face) for number, face in enumerate(fence)])
    with np.errstate(divide="ignore"):
        depth = np.float32(1.0) / layer.inverse
    return StaticView(eye, faces + fence, depth, _surface(eye, layer, rays), fences, rays)


def pixel_rays(eye: Eye) -> Rays:
    """The ray of every pixel centre (3 x height x width), scaled so that position + depth * ray is what it shows."""
    u, v = np.arange(eye.width_px) + 0.5, np.arange(eye.height_px) + 0.5
    if eye.fisheye:
        grid = np.stack(np.meshgrid(u, v), axis=-1).reshape(-1, 2)
        cast = eye.rays(grid).astype(np.float32)
        return np.ascontiguousarray(cast.T.reshape(3, eye.height_px, eye.width_px))
    by_column = eye.forward + ((u - eye.width_px / 2) / eye.fu)[:, None] * eye.right
    by_row = ((v - eye.height_px / 2) / eye.fv)[:, None] * eye.down
    rays: Rays = by_column.T.astype(np.float32)[:, None, :] + by_row.T.astype(np.float32)[:, :, None]
    return rays


def _draw(layer: Layer, eye: Eye, rays: Rays, faces: list[tuple[int, Face]]) -> None:
    if not eye.fisheye:
        draw_faces(layer, eye, faces)
    else:
        cast_faces(layer, eye, rays, faces)


def _ground_layer(eye: Eye, rays: Rays) -> Layer:
    layer = Layer.empty(eye.width_px, eye.height_px)
    height_m = max(float(eye.position[2]), LOWEST_LENS_M)
    np.multiply(rays[2], np.float32(-1.0 / height_m), out=layer.inverse)
    np.nan_to_num(layer.inverse, copy=False)
    np.maximum(layer.inverse, 0.0, out=layer.inverse)
    return layer


def _surface(eye: Eye, layer: Layer, rays: Rays) -> NDArray[np.int16]:
    surface = layer.face
    if eye.fisheye:
        surface[np.isnan(rays[2])] = Ground.OUTSIDE
    surface[(layer.inverse == 0) & (surface == -1)] = Ground.SKY
    return surface


def _bury(layer: Layer, eye: Eye, prisms: tuple[Prism, ...]) -> None:
    """A lens inside a solid prism sees its stone and nothing else."""
    number = 0
    for prism in prisms:
        if not prism.hollow and prism.contains(eye.position):
            layer.inverse[:] = 1.0 / NEAR_M
            layer.face[:] = number
        number += len(prism.faces)


def _facing(eye: Eye, prisms: tuple[Prism, ...]) -> list[tuple[int, Face]]:
    """The numbered faces that the lens can see from where it is: those turned to it, all of a prism that it is in."""
    kept: list[tuple[int, Face]] = []
    number = 0
    for prism in prisms:
        inside = prism.contains(eye.position)
        for face in prism.faces:
            if inside or (face.kind is not FaceKind.FENCE and plane_distance(eye, face) < 0):
                kept.append((number, face))
            number += 1
    return kept
