"""A site far from the origin of its coordinates is worked out near its own middle, where numbers are finest."""

from dataclasses import dataclass, replace

import numpy as np
import shapely

from cammon_coverage.model import Camera, LitArea, Obstacle, Scene
from cammon_coverage.overlay import moved

NEAR_M = 20_000.0
"""Sites within this of the origin are left where they are."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What is subtracted from map coordinates to get those that are computed with."""

    east: float
    north: float

    @classmethod
    def of(cls, scene: Scene) -> "Frame":
        """The frame for a scene: nothing is subtracted from a site near the origin, else whole kilometres."""
        points = [(camera.pose.x, camera.pose.y) for camera in scene.cameras]
        boxes = shapely.bounds([place.geometry for place in scene.key_places] + [o.footprint for o in scene.obstacles])
        every = np.concatenate([np.reshape(points, (-1, 2)), np.reshape(boxes, (-1, 2))])
        every = every[np.isfinite(every).all(axis=1)]
        if not len(every) or np.abs(every).max() <= NEAR_M:
            return cls(0.0, 0.0)
        east, north = np.round(np.median(every, axis=0) / 1000) * 1000
        return cls(float(east), float(north))

    def camera(self, camera: Camera) -> Camera:
        """A camera in this frame."""
        pose = replace(camera.pose, x=camera.pose.x - self.east, y=camera.pose.y - self.north)
        return replace(camera, pose=pose)

    def scene(self, scene: Scene) -> Scene:
        """What is computed with of a scene: its cameras, places, obstacles and lit areas in this frame."""
        if self.east == 0 and self.north == 0:
            return scene
        return replace(
            scene,
            cameras=tuple(self.camera(camera) for camera in scene.cameras),
            key_places=tuple(replace(p, geometry=moved(p.geometry, -self.east, -self.north)) for p in scene.key_places),
            obstacles=tuple(self._obstacle(obstacle) for obstacle in scene.obstacles),
            lit_areas=tuple(LitArea(a.id, moved(a.geometry, -self.east, -self.north)) for a in scene.lit_areas),
        )

    def _obstacle(self, obstacle: Obstacle) -> Obstacle:
        return replace(obstacle, footprint=moved(obstacle.footprint, -self.east, -self.north))
