"""A site on uneven ground: heights above local ground become heights above one datum.

- A prism stands level: its reference is the mean ground under its footprint (each part of a footprint for itself).
  Its top is `top_m` above the reference. A base of 0 or less goes down from the lowest ground under it, so that no
  light falls through below the wall; a base above 0 (a slab, a pipe bridge) is `base_m` above the reference.
- A lens or target end over a footprint at or above its `top_m` is on its roof: it counts from the prism's reference.
- Everything else counts from the ground under it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from cammon_coverage.eye import WALL_M
from cammon_coverage.model import Camera, Obstacle, Scene, Target
from cammon_coverage.optics import Floats
from cammon_coverage.overlay import union
from cammon_coverage.prisms import polygons_of
from cammon_coverage.seen import Ground
from cammon_coverage.terrain import Terrain
from cammon_coverage.terrain_cells import Cut, cut_cells
from cammon_coverage.terrain_sight import Flags, Solids

FEW_NODES = 4
"""With fewer nodes under a footprint the ground at its corners is taken instead."""


@dataclass(frozen=True)
class TerrainGround(Ground):
    """A `Ground` whose obstacles are in heights above the terrain's datum, one for every part of a footprint.

    `own` are the same obstacles as on the map, `reference` (n,) the ground height that each stands on.
    """

    terrain: Terrain = field(kw_only=True)
    own: tuple[Obstacle, ...] = field(kw_only=True)
    reference: Floats = field(kw_only=True, compare=False)
    _cuts: dict[Target, Cut] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, scene: Scene, terrain: Terrain) -> "TerrainGround":
        """What of a scene stands still, on the terrain. Both in the same frame."""
        own = tuple(
            replace(obstacle, footprint=part)
            for obstacle in scene.obstacles
            if obstacle.top_m > obstacle.base_m
            for part in polygons_of(obstacle.footprint)
        )
        stands = [ground_under(terrain, obstacle.footprint) for obstacle in own]
        lifted = tuple(_lifted(obstacle, *stand) for obstacle, stand in zip(own, stands, strict=True))
        reference = np.array([mean for mean, _ in stands], dtype=np.float64)
        return cls(lifted, scene.lit_areas, scene.density_model, terrain=terrain, own=own, reference=reference)

    @cached_property
    def solids(self) -> Solids:
        """The prisms ready for lines of sight."""
        return Solids.of(self.prisms)

    @cached_property
    def tops(self) -> Floats:
        """(n,): the tops above their own reference."""
        return np.array([obstacle.top_m for obstacle in self.own], dtype=np.float64)

    def camera(self, camera: Camera) -> Camera:
        """The camera with its lens height above the datum; on unknown ground it is NaN."""
        pose = camera.pose
        (ground,) = self.base_of(np.array([[pose.x, pose.y]]), pose.height_m)
        return replace(camera, pose=replace(pose, height_m=float(ground) + pose.height_m))

    def base_of(self, points: Floats, height_m: float, beside_m: float = 0.0) -> Floats:
        """The height (n,) above the datum from which `height_m` counts at plan points (n, 2).

        A point up to `beside_m` beside a footprint counts as over it.
        """
        base = self.terrain.at(points)
        roofs = np.flatnonzero(self.tops <= height_m + WALL_M)
        if not len(roofs):
            return base
        footprints = self.prisms.footprints[roofs]
        which, under = shapely.STRtree(footprints).query(shapely.points(points), "dwithin", beside_m)
        order = np.argsort(self.tops[roofs[under]], kind="stable")
        base[which[order]] = self.reference[roofs[under[order]]]
        return base

    def ends(self, points: Floats, target: Target) -> tuple[Floats, Floats]:
        """Heights (n,) above the datum of the lower and the upper end of a target over plan points (n, 2)."""
        return (
            self.base_of(points, target.z0_m) + target.z0_m,
            self.base_of(points, target.z1_m) + target.z1_m,
        )

    def lifted(self, target: Target, point: Floats) -> Target:
        """The target over one plan point in heights above the datum."""
        low, high = self.ends(point.reshape(1, 2), target)
        return Target(float(low[0]), float(high[0]))

    def solid_round(self, target: Target) -> Iterator[tuple[int, BaseGeometry]]:
        """Numbers and footprints of the solid prisms in which an end of the target would be."""
        for number, obstacle in enumerate(self.own):
            if not obstacle.hollow and any(obstacle.base_m <= z < obstacle.top_m for z in (target.z0_m, target.z1_m)):
                yield number, self.prisms.footprints[number]

    def stone(self, target: Target) -> BaseGeometry:
        """The solid prisms in which an end of the target would be."""
        return union([footprint for _, footprint in self.solid_round(target)])

    def holding(self, target: Target) -> Iterator[tuple[BaseGeometry, bool]]:
        """Footprints of prisms in which an end of the target would be, and whether they are hollow."""
        for number, obstacle in enumerate(self.own):
            if any(obstacle.base_m <= z < obstacle.top_m for z in (target.z0_m, target.z1_m)):
                yield self.prisms.footprints[number], obstacle.hollow

    def cut(self, target: Target) -> Cut:
        """The cells of the terrain without what is inside prisms at the heights of a target."""
        if target not in self._cuts:
            self._cuts[target] = cut_cells(self.terrain, list(self.holding(target)))
        return self._cuts[target]

    def known(self, points: Floats) -> Flags:
        """Whether the ground is known at plan points."""
        return np.isfinite(self.terrain.at(points))


def ground_under(terrain: Terrain, footprint: BaseGeometry) -> tuple[float, float]:
    """The mean and the lowest ground under a footprint; the terrain's lowest where none of it is known."""
    corners = terrain.at(shapely.get_coordinates(footprint))
    nodes = terrain.at(_nodes_within(terrain, footprint))
    known = np.concatenate([corners, nodes])
    known = known[np.isfinite(known)]
    if not len(known):
        lowest = float(np.nanmin(terrain.heights)) if np.isfinite(terrain.heights).any() else 0.0
        return lowest, lowest
    inner = nodes[np.isfinite(nodes)]
    return float(np.mean(inner if len(inner) >= FEW_NODES else known)), float(known.min())


def _nodes_within(terrain: Terrain, footprint: BaseGeometry) -> Floats:
    low, high = terrain.to_grid(np.reshape(footprint.bounds, (2, 2)))
    rows, columns = (
        np.arange(max(0, int(np.ceil(low[axis]))), min(terrain.heights.shape[1 - axis] - 1, int(high[axis])) + 1)
        for axis in (1, 0)
    )
    points = terrain.nodes(np.repeat(rows, len(columns)), np.tile(columns, len(rows)))
    inside: NDArray[np.bool_] = shapely.contains_xy(footprint, points)
    return points[inside]


def _lifted(obstacle: Obstacle, mean: float, lowest: float) -> Obstacle:
    base = obstacle.base_m + (lowest if obstacle.base_m <= 0 else mean)
    return replace(obstacle, base_m=base, top_m=max(obstacle.top_m + mean, np.nextafter(base, np.inf)))
