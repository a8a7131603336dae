"""How much light falls on a surface: sun and sky by day; by night the camera's infrared, and lamps."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cammon.virtual.render.eye import Eye
from cammon.virtual.render.layout import SUN

Column = NDArray[np.float32]
Light = NDArray[np.float32]
"""n x 3: blue, green, red."""

SKY_LIGHT = np.array([0.74, 0.70, 0.66], np.float32)
SUN_LIGHT = np.array([0.62, 0.74, 0.80], np.float32)
LAMP_LIGHT = np.array([0.34, 0.60, 0.86], np.float32)
"""Sodium and warm LED lamps."""
NIGHT_SKY = np.float32(0.022)
GAIN_NIGHT_SKY = np.float32(0.06)
"""The glow of the sky as a colour camera without infrared shows it, its gain turned up."""
NIGHT_EXPOSURES = (160.0, 620.0)
"""Range of grey levels of a white surface in full night light: how far the camera opens and closes by itself."""
NIGHT_EXPOSURES_COLOUR = (160.0, 1800.0)
"""The same without infrared: such cameras collect light for longer."""
NIGHT_TARGET = 150.0
"""Grey level to which the automatic exposure brings the bright parts (nine tenths are darker) of a night picture."""
DAY_EXPOSURE = np.float32(205)
LAMP_HEIGHT_M = 8.0
HAZE_DAY = np.array([206, 200, 194], np.float32)
HAZE_M = 1100.0


def daylight(normals: NDArray[np.float32]) -> tuple[Light, Light]:
    """Light (n x 3) of the sky and of the full sun on surfaces of unit `normals` (n x 3)."""
    facing = np.maximum(normals @ SUN.astype(np.float32), 0)
    dome = np.float32(0.75) + np.float32(0.25) * normals[:, 2]
    return dome[:, None] * SKY_LIGHT, facing[:, None] * SUN_LIGHT


@dataclass(frozen=True, slots=True)
class NightSight:
    """What a camera does by night: infrared to `range_m` and a grey picture; without it, colour of what is lit."""

    range_m: float | None

    @classmethod
    def of(cls, eye: Eye) -> "NightSight":
        """The night sight of a camera's lens."""
        return cls(eye.lens.night_range_m or None)

    @property
    def infrared(self) -> bool:
        """Whether the picture is grey."""
        return self.range_m is not None

    def beam(self, slant_m: Column, off_axis: Column) -> Column:
        """Infrared light at slant distances, at `off_axis` (0 centre, 1 corner of the picture).

        Full up close, a fifth of that at the night range, a hundredth at twice the range.
        """
        if self.range_m is None:
            return np.zeros_like(slant_m)
        share = slant_m / np.float32(self.range_m)
        falloff = 1 / (1 + 0.5 * share**2 + 3.5 * share**5)
        beam: Column = (falloff * (1 - 0.45 * np.minimum(off_axis, 1.2) ** 2)).astype(np.float32)
        return beam

    def light(self, beam: Column, lamps: Column) -> Light:
        """All light of the night as the sensor weighs it."""
        if self.infrared:
            return np.repeat((0.95 * beam + 0.55 * lamps + NIGHT_SKY)[:, None], 3, axis=1)
        warm: Light = lamps[:, None] * LAMP_LIGHT + GAIN_NIGHT_SKY
        return warm


def haze_share(slant_m: Column) -> Column:
    """How much of what is seen at a distance by day is haze, 0 to 1."""
    share: Column = 1 - np.exp(slant_m * np.float32(-1.0 / HAZE_M))
    return share
