"""A moving test pattern: the picture source where no map is needed. Cheap, and spoilt like the rendered pictures."""

from collections.abc import Mapping
from datetime import datetime

import cv2
import numpy as np

from cammon.virtual.render.caption import write_caption
from cammon.virtual.render.grain import add_grain
from cammon.virtual.render.picture_faults import Stage, apply_faults, resolve, shift_of
from cammon_coverage.model import Period
from cammon_probes.model import Frame

_TAG_BITS = 32
_SENSOR_SIGMA = 2.0
_TONES = 12
"""The seed of the checks' tones: the same in every picture."""
_HFOV_DEG = 60.0
"""What a turn of the camera means here."""


class TestPattern:
    """Checks of many tones and a ramp with a ball that moves, the clock, and a row of squares that spell the seed.

    The row is drawn over every fault, so that no two seeds give the same picture after any encoding.
    """

    __test__ = False  # no test case, whatever its name says

    def frame(
        self,
        camera_id: str,
        width_px: int,
        height_px: int,
        *,
        at: datetime,
        elapsed_s: float,
        period: Period,
        faults: Mapping[str, Mapping[str, float]],
        seed: int,
    ) -> Frame:
        """The pattern, height x width x 3, blue-green-red. ValueError for a fault that PICTURE_FAULTS has not."""
        rng = np.random.default_rng(seed)
        resolved = {name: resolve(name, given) for name, given in faults.items()}
        picture = _scene(width_px, height_px, sum(camera_id.encode()), elapsed_s)
        if period is Period.NIGHT:
            picture = np.asarray(
                cv2.cvtColor(cv2.cvtColor(picture // 2, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8
            )
        shift = shift_of(resolved)
        if shift is not None:
            picture = _turned(picture, shift.pan_deg, shift.tilt_deg)
        picture = apply_faults(picture, resolved, Stage.LENS, rng)
        picture = add_grain(picture, _SENSOR_SIGMA, rng)
        picture = apply_faults(picture, resolved, Stage.SENSOR, rng)
        write_caption(picture, camera_id, at)
        return _tagged(apply_faults(picture, resolved, Stage.STREAM, rng), seed)


def _scene(width_px: int, height_px: int, shade: int, elapsed_s: float) -> Frame:
    cell = max(4, height_px // 12)
    across, down = np.arange(width_px) // cell, np.arange(height_px) // cell
    # No two alike in a row: a regular pattern is what stripes are.
    tones = np.random.default_rng(_TONES).integers(40, 191, (down[-1] + 1, across[-1] + 1), dtype=np.uint8)
    checks = tones[down[:, None], across[None, :]]
    ramp = np.linspace(0, 60, width_px).astype(np.uint8)[None, :]
    picture: Frame = np.dstack([checks, checks // 2 + ramp, np.full_like(checks, 60 + shade % 120)])
    centre = (int(elapsed_s * 0.1 % 1 * width_px), height_px // 2)
    cv2.circle(picture, centre, height_px // 8, (40, 220, 240), -1)
    return picture


def _turned(picture: Frame, pan_deg: float, tilt_deg: float) -> Frame:
    per_degree = picture.shape[1] / _HFOV_DEG
    turned: Frame = np.roll(picture, (-round(tilt_deg * per_degree), -round(pan_deg * per_degree)), axis=(0, 1))
    return turned


def _tagged(picture: Frame, seed: int) -> Frame:
    height_px, width_px = picture.shape[:2]
    side = max(2, width_px // 80)
    for bit in range(_TAG_BITS):
        tone = 235 if seed >> bit & 1 else 16
        picture[height_px - 2 * side : height_px - side, bit * side : (bit + 1) * side] = tone
    return picture
