"""Obstacles as prisms in flat arrays, found by where they stand.

A footprint of several parts is several prisms of one obstacle. Rings run with the inside on their left.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from cammon_coverage.model import Obstacle
from cammon_coverage.optics import Floats

Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Prisms:
    """n prisms with m edges.

    `footprints` (n,) polygons, `base`, `top`, `hollow`, `obstacle` (n,) (its index among the obstacles),
    `first_edge` (n + 1,), `start` and `end` (m, 2) of the edges.
    """

    footprints: NDArray[np.object_]
    base: Floats
    top: Floats
    hollow: NDArray[np.bool_]
    obstacle: Indices
    first_edge: Indices
    start: Floats
    end: Floats
    tree: shapely.STRtree

    def near(self, shape: BaseGeometry) -> Indices:
        """Prisms whose bounding boxes meet that of the shape, in ascending order."""
        found: Indices = np.sort(self.tree.query(shape))
        return found

    def edges_of(self, prisms: Indices) -> tuple[Indices, Indices]:
        """Edge numbers of the prisms, and for each edge the position of its prism in `prisms`."""
        first = self.first_edge[prisms]
        counts = self.first_edge[prisms + 1] - first
        owner = np.repeat(np.arange(len(prisms)), counts)
        starts = np.cumsum(counts) - counts
        return np.arange(counts.sum()) - np.repeat(starts - first, counts), owner


def polygons_of(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    """The polygons with an area in any geometry; parts may overlap, a crossing ring is taken apart."""
    for whole in shapely.get_parts(shapely.get_parts(shape)):
        valid = whole if whole.is_valid else shapely.make_valid(whole)
        for part in shapely.get_parts(shapely.get_parts(valid)):
            if part.geom_type == "Polygon" and part.area > 0:
                yield part


def build_prisms(obstacles: Iterable[Obstacle]) -> Prisms:
    """The prisms of the obstacles. Flat ones (top not above base, no area) hide nothing and are left out."""
    rows = [
        (part, obstacle, number)
        for number, obstacle in enumerate(obstacles)
        if obstacle.top_m > obstacle.base_m
        for part in polygons_of(obstacle.footprint)
    ]
    footprints = np.empty(len(rows), dtype=object)
    footprints[:] = [shapely.orient_polygons(part) for part, _, _ in rows]
    start, end, counts = _edges(footprints)
    return Prisms(
        footprints=footprints,
        base=np.array([obstacle.base_m for _, obstacle, _ in rows], dtype=np.float64),
        top=np.array([obstacle.top_m for _, obstacle, _ in rows], dtype=np.float64),
        hollow=np.array([obstacle.hollow for _, obstacle, _ in rows], dtype=np.bool_),
        obstacle=np.array([number for _, _, number in rows], dtype=np.intp),
        first_edge=np.concatenate([[0], np.cumsum(counts)]).astype(np.intp),
        start=start,
        end=end,
        tree=shapely.STRtree(footprints),
    )


def _edges(footprints: NDArray[np.object_]) -> tuple[Floats, Floats, Indices]:
    """Start and end points (m, 2) of all edges of some length, and how many each footprint has."""
    if not len(footprints):
        return np.empty((0, 2)), np.empty((0, 2)), np.empty(0, dtype=np.intp)
    rings, owner = shapely.get_rings(footprints, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same_ring = ring[1:] == ring[:-1]
    real = same_ring & (points[1:] != points[:-1]).any(axis=1)
    counts = np.bincount(owner[ring[:-1][real]], minlength=len(footprints)).astype(np.intp)
    return points[:-1][real], points[1:][real], counts
