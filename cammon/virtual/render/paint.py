"""A still view in colour: sky, ground, buildings, haze; by day under the sun, by night under infrared and lamps."""

import numpy as np

from cammon.virtual.render.static import Ground, StaticView
from cammon_coverage.model import Period, Scene
from cammon_probes.model import Frame


def paint(view: StaticView, scene: Scene, period: Period) -> Frame:
    """The still picture (height x width x 3, BGR)."""
    shade = np.array([0.6 + 0.4 * abs(float(face.normal @ (0.5, -0.6, 0.6))) for face in view.faces] or [1.0])
    colour = np.zeros((*view.surface.shape, 3), np.float32)
    colour[view.surface == Ground.SKY] = (225, 205, 190)
    colour[view.surface == Ground.GROUND] = (110, 118, 120)
    built = view.surface >= 0
    colour[built] = shade[view.surface[built], None] * (150, 155, 160)
    if period is Period.NIGHT:
        reach = view.eye.lens.night_range_m or 10.0
        light = 1.0 / (1.0 + 3.0 * (view.depth_m / reach) ** 4)
        colour = np.repeat((colour.mean(axis=2) * light)[..., None], 3, axis=2)
    return colour.astype(np.uint8)
