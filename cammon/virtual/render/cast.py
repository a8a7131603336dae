"""The nearest face at every pixel of a fisheye picture, by casting the ray of each pixel.

Straight edges are curves in a fisheye, so that faces are not filled but hit: a ray that meets the plane of a face does
so at the inverse distance (normal . ray) / distance, and the hit counts when it lies within the outline.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from cammon.virtual.render.eye import Eye, Points
from cammon.virtual.render.faces import Face, FaceKind
from cammon.virtual.render.raster import NEAR_M, Layer, outline_of, plane_distance

FARTHEST_M = np.float32(1e9)
SIDE_SAMPLES = 48
"""Points on each side of an outline: a side of half a turn then bulges less than a pixel between two."""

Rays = NDArray[np.float32]
"""Unit directions, 3 x height x width; NaN outside the image circle."""


def cast_faces(layer: Layer, eye: Eye, rays: Rays, faces: Iterable[tuple[int, Face]]) -> None:
    """Draw numbered faces into a layer of the eye's size."""
    for number, face in faces:
        window = _window(eye, face)
        if window is None:
            continue
        rows, columns = window
        part = rays[:, rows, columns]
        if face.kind in (FaceKind.ROOF, FaceKind.UNDERSIDE):
            inverse, inside = _hit_flat(eye, part, face)
        else:
            inverse, inside = _hit_wall(eye, part, face)
        layer.put(rows, columns, inside, inverse, number)


def _hit_wall(eye: Eye, rays: Rays, face: Face) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    distance = np.float32(plane_distance(eye, face))
    normal, along = face.normal.astype(np.float32), face.along.astype(np.float32)
    inverse = (normal[0] / distance) * rays[0] + (normal[1] / distance) * rays[1]
    places = (face.rings[0] - eye.position) @ face.along
    run = along[0] * rays[0] + along[1] * rays[1]
    low, high = np.float32(face.base_m - eye.position[2]), np.float32(face.top_m - eye.position[2])
    inside = inverse > 0
    inside &= run >= np.float32(places.min()) * inverse
    inside &= run < np.float32(places.max()) * inverse
    inside &= rays[2] >= low * inverse
    inside &= rays[2] < high * inverse
    return inverse, inside


def _hit_flat(eye: Eye, rays: Rays, face: Face) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    rise = np.float32(plane_distance(eye, face) * face.normal[2])
    inverse = rays[2] / rise
    inside = np.zeros(inverse.shape, np.bool_)
    with np.errstate(divide="ignore", invalid="ignore"):
        x, y = (np.clip(ray / inverse, -FARTHEST_M, FARTHEST_M) for ray in rays[:2])
    for ring in face.rings:
        corners = (ring - eye.position)[:, :2].astype(np.float32)
        for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            if y0 != y1:
                crosses = (y >= y0) != (y >= y1)
                crosses &= x < x0 + (y - y0) * ((x1 - x0) / (y1 - y0))
                inside ^= crosses
    return inverse, inside & (inverse > 0)


def _window(eye: Eye, face: Face) -> tuple[slice, slice] | None:
    """Rows and columns that may show a face: those that its outline spans; all when it lies across the back axis."""
    if _hit_by(eye, face, -eye.forward):
        return slice(0, eye.height_px), slice(0, eye.width_px)
    pixels = eye.pixels_of(_outline_directions(eye, outline_of(eye, face)[0]))
    left, top = np.floor(pixels.min(axis=0)) - 2
    right, bottom = np.ceil(pixels.max(axis=0)) + 2
    columns = slice(int(max(left, 0)), int(min(right, eye.width_px)))
    rows = slice(int(max(top, 0)), int(min(bottom, eye.height_px)))
    if columns.start >= columns.stop or rows.start >= rows.stop:
        return None
    return rows, columns


def _hit_by(eye: Eye, face: Face, direction: Points) -> bool:
    rays = direction.astype(np.float32).reshape(3, 1, 1)
    hit = _hit_flat if face.kind in (FaceKind.ROOF, FaceKind.UNDERSIDE) else _hit_wall
    return bool(hit(eye, rays, face)[1][0, 0])


def _outline_directions(eye: Eye, ring: Points) -> Points:
    """Directions (right, down, forward) along the sides of a ring, evenly spaced in angle."""
    local = eye.local(ring)
    start = local / np.maximum(np.linalg.norm(local, axis=1), NEAR_M)[:, None]
    end = np.roll(start, -1, axis=0)
    angle = np.arccos(np.clip((start * end).sum(axis=1), -1.0, 1.0))
    share = np.linspace(0.0, 1.0, SIDE_SAMPLES, endpoint=False)[:, None]
    sine = np.maximum(np.sin(angle), 1e-9)
    towards_start = np.where(angle > 1e-6, np.sin((1 - share) * angle) / sine, 1 - share)
    towards_end = np.where(angle > 1e-6, np.sin(share * angle) / sine, share)
    directions: Points = (towards_start[..., None] * start + towards_end[..., None] * end).reshape(-1, 3)
    return directions
