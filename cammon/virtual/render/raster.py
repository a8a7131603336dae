"""The nearest face at every pixel of a rectilinear picture, by scanlines that are exact at pixel centres.

A plane seen in perspective has an inverse depth that is linear in the pixel, so a face costs a few passes over its
own rows and columns.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cammon.virtual.render.eye import Eye, Points
from cammon.virtual.render.faces import WALL_M, Face

NEAR_M = WALL_M
"""A lens that sits on a face is taken to be this far in front of it."""
CLIP_M = 1e-6
"""What lies less than this ahead of the lens is not drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Per pixel: the inverse depth (0: nothing) and the number of the nearest face (-1: none)."""

    inverse: NDArray[np.float32]
    face: NDArray[np.int16]

    @classmethod
    def empty(cls, width_px: int, height_px: int) -> "Layer":
        """A layer with nothing in it."""
        shape = (height_px, width_px)
        return cls(np.zeros(shape, np.float32), np.full(shape, -1, np.int16))

    def put(
        self, rows: slice, columns: slice, inside: NDArray[np.bool_], inverse: NDArray[np.float32], number: int
    ) -> None:
        """Take a face over where it is nearer than what is there."""
        window = self.inverse[rows, columns]
        nearer = inside & (inverse > window)
        np.copyto(window, inverse, where=nearer)
        np.copyto(self.face[rows, columns], np.int16(number), where=nearer)


def plane_distance(eye: Eye, face: Face) -> float:
    """Distance from the lens to a face's plane against the normal; never closer than NEAR_M, negative in front of it.

    A point at direction d lies on the plane at inverse depth (normal . d) / distance.
    """
    distance = float(face.normal @ (face.rings[0][0] - eye.position))
    return distance if abs(distance) >= NEAR_M else -NEAR_M


def outline_of(eye: Eye, face: Face) -> list[Points]:
    """The rings of a face, moved into its plane's place before the lens where that sits on it."""
    push = plane_distance(eye, face) - float(face.normal @ (face.rings[0][0] - eye.position))
    return [ring + push * face.normal for ring in face.rings]


def draw_faces(layer: Layer, eye: Eye, faces: Iterable[tuple[int, Face]]) -> None:
    """Draw numbered faces into a layer of the eye's size."""
    for number, face in faces:
        rings = [_in_pixels(eye, ring) for ring in outline_of(eye, face)]
        rings = [ring for ring in rings if len(ring) >= 3]
        window = _window(eye, rings)
        if window is None:
            continue
        rows, columns = window
        inside = _inside(rings, rows, columns)
        layer.put(rows, columns, inside, _inverse_depth(eye, face, rows, columns), number)


def _in_pixels(eye: Eye, ring: Points) -> Points:
    local = _clip_near(eye.local(ring))
    return eye.pixels_of(local) if len(local) else local[:, :2]


def _clip_near(ring: Points) -> Points:
    """The part of a ring of (right, down, forward) that lies before the lens (Sutherland and Hodgman)."""
    ahead = ring[:, 2] - CLIP_M
    if (ahead >= 0).all():
        return ring
    if (ahead < 0).all():
        return ring[:0]
    kept: list[Points] = []
    for here, there, a, b in zip(ring, np.roll(ring, -1, axis=0), ahead, np.roll(ahead, -1), strict=True):
        if a >= 0:
            kept.append(here)
        if (a >= 0) != (b >= 0):
            kept.append(here + (there - here) * (a / (a - b)))
    clipped = np.array(kept)
    clipped[:, 2] = np.maximum(clipped[:, 2], CLIP_M)
    return clipped


def _window(eye: Eye, rings: list[Points]) -> tuple[slice, slice] | None:
    """The rows and columns whose centres may lie in the rings; None when off the picture."""
    if not rings:
        return None
    corners = np.concatenate(rings)
    left, top = np.ceil(corners.min(axis=0) - 0.5)
    right, bottom = np.ceil(corners.max(axis=0) - 0.5)
    columns = slice(int(max(left, 0)), int(min(right, eye.width_px)))
    rows = slice(int(max(top, 0)), int(min(bottom, eye.height_px)))
    if columns.start >= columns.stop or rows.start >= rows.stop:
        return None
    return rows, columns


def _inside(rings: list[Points], rows: slice, columns: slice) -> NDArray[np.bool_]:
    """Which pixel centres of a window lie inside rings of pixels, by the even-odd rule."""
    inside = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.bool_)
    places = np.arange(columns.start, columns.stop, dtype=np.int32)
    for ring in rings:
        for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            if y0 == y1:
                continue
            low, high = (y0, y1) if y0 < y1 else (y1, y0)
            first = int(np.ceil(max(low, rows.start) - 0.5))
            last = int(np.ceil(min(high, rows.stop) - 0.5))
            if first >= last:
                continue
            centres = np.arange(first, last) + 0.5
            crossing = x0 + (centres - y0) * ((x1 - x0) / (y1 - y0))
            begin = np.clip(np.ceil(crossing - 0.5), columns.start, columns.stop).astype(np.int32)
            inside[first - rows.start : last - rows.start] ^= places >= begin[:, None]
    return inside


def _inverse_depth(eye: Eye, face: Face, rows: slice, columns: slice) -> NDArray[np.float32]:
    distance = plane_distance(eye, face)
    across = (np.arange(columns.start, columns.stop) + 0.5 - eye.width_px / 2) / eye.fu
    along = (np.arange(rows.start, rows.stop) + 0.5 - eye.height_px / 2) / eye.fv
    by_column = (face.normal @ eye.forward + across * (face.normal @ eye.right)) / distance
    by_row = along * (face.normal @ eye.down) / distance
    inverse: NDArray[np.float32] = by_column.astype(np.float32)[None, :] + by_row.astype(np.float32)[:, None]
    return inverse
