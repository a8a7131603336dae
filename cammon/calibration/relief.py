"""A site on uneven ground as calibration needs it: every height above one plane that lies below all of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cammon.problem import UserError
from cammon.sitefiles.model import Site
from cammon_coverage.calibration import Click
from cammon_coverage.model import Camera, Scene
from cammon_coverage.terrain_ground import TerrainGround
from cammon_coverage.terrain_sight import clear_of_ground

Floats = NDArray[np.float64]

BESIDE_M = 0.5
"""A click at the height of a roof belongs to that roof when it lies this near to it: corners are typed rounded."""


@dataclass(frozen=True, slots=True)
class Relief:
    """The ground of a site, its heights counted from its lowest point. `scene` has its obstacles on it."""

    ground: TerrainGround
    scene: Scene

    @classmethod
    def of(cls, site: Site) -> "Relief | None":
        """The relief of a site; None when it is taken as a plane."""
        if site.terrain is None:
            return None
        lowest = float(np.nanmin(site.terrain.heights))
        ground = TerrainGround.of(site.scene, replace(site.terrain, heights=site.terrain.heights - lowest))
        return cls(ground, replace(site.scene, obstacles=ground.obstacles))

    def camera(self, camera: Camera) -> Camera:
        """The camera with its lens above the plane. UserError where the ground is not known."""
        lifted = self.ground.camera(camera)
        if not np.isfinite(lifted.pose.height_m):
            raise UserError(f"{camera.id}: the file of [terrain] has no ground height under this camera")
        return lifted

    def clicks(self, clicks: Sequence[Click], file: str) -> list[Click]:
        """Clicks, whose z are above the ground or a roof, with z above the plane. UserError where it is not known."""
        bases = [self.ground.base_of(np.array([[one.x, one.y]]), one.z, BESIDE_M)[0] for one in clicks]
        lines = [
            f"{file} click {number} {one.label}: the file of [terrain] has no ground height there; "
            "click on something that stands on known ground"
            for number, (one, base) in enumerate(zip(clicks, bases, strict=True), 1)
            if not np.isfinite(base)
        ]
        if lines:
            raise UserError(*lines)
        return [replace(one, z=one.z + float(base)) for one, base in zip(clicks, bases, strict=True)]

    def draped(self, line: Floats, height_m: float) -> Floats:
        """Plan points (n, 2) at a height above the ground, as points (n, 3)."""
        return np.column_stack([line, self.ground.base_of(line, height_m) + height_m])

    def above(self, line: Floats) -> Floats:
        """Points (n, 3), those below the ground lifted onto it."""
        return np.column_stack([line[:, :2], np.fmax(line[:, 2], self.ground.terrain.at(line[:, :2]))])

    def clear(self, lens: Floats, points: Floats) -> NDArray[np.bool_]:
        """(n,): whether the ground leaves the lines from a lens (x, y, z) to points (n, 3) free."""
        return clear_of_ground(self.ground.terrain, lens, points[:, :2], points[:, 2])
