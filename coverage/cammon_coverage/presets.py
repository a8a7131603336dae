"""PTZ cameras: the home position watches, every other preset only could.

A privacy mask belongs to the picture in which it was drawn; other positions are taken without the masks of home.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from cammon_coverage.model import Camera, Lens, Preset


def with_presets(camera: Camera, home: Preset | None, others: Sequence[Preset]) -> Camera:
    """A PTZ camera that rests at `home` (None: the pose and lens that it has) and can be sent to the others."""
    rested = camera if home is None else _turned(camera, home)
    return replace(rested, presets=tuple(others))


def at_preset(camera: Camera, preset: Preset) -> Camera:
    """The camera as it looks from a preset."""
    return replace(_turned(camera, preset), presets=(), masks=())


def _turned(camera: Camera, preset: Preset) -> Camera:
    pose = replace(camera.pose, azimuth_deg=preset.azimuth_deg, tilt_deg=preset.tilt_deg)
    return replace(camera, pose=pose, lens=zoomed(camera.lens, preset.hfov_deg))


def zoomed(lens: Lens, hfov_deg: float) -> Lens:
    """The lens at another focal length: the tangent of half the vfov and the printed distance change with it."""
    before, after = (math.tan(math.radians(angle) / 2) for angle in (lens.hfov_deg, hfov_deg))
    if hfov_deg == lens.hfov_deg or before <= 0 or after <= 0:
        return replace(lens, hfov_deg=hfov_deg)
    vfov, printed = lens.vfov_deg, lens.detection_m
    if vfov is not None:
        vfov = math.degrees(2 * math.atan(math.tan(math.radians(vfov) / 2) * after / before))
    return replace(lens, hfov_deg=hfov_deg, vfov_deg=vfov, detection_m=printed and printed * before / after)
