"""Frames of the cameras of a site: the still picture of the map, people, faults, noise and the clock in the corner."""

import zlib
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property

import cv2
import numpy as np

from cammon.virtual.render.caption import write_caption
from cammon.virtual.render.crowd import Round, rounds_of
from cammon.virtual.render.eye import PoseShift, eye_of
from cammon.virtual.render.faces import Face, Prism, fence_faces, prisms_of
from cammon.virtual.render.figures import draw_people
from cammon.virtual.render.furniture import Stick, draw_furniture, sticks_of
from cammon.virtual.render.grain import add_grain
from cammon.virtual.render.paint import Looks, paint
from cammon.virtual.render.picture_faults import Parameters, Stage, apply_faults, resolve, shift_of
from cammon.virtual.render.static import FENCE_HEIGHT_M, Ground, StaticView, view_of
from cammon.virtual.render.stills import Still, Stills
from cammon.virtual.render.surroundings import CLEAR_NOON, Surroundings, surround
from cammon_coverage.model import Camera, Period, Scene
from cammon_probes.model import Frame

NO_FAULTS: Mapping[str, Parameters] = {}
GRAIN = {Period.DAY: 1.2, Period.NIGHT: 3.0}
"""Sensor noise in grey levels: at night the sensor is at a high gain."""
MOST_GRAIN = 3.4
FLICKER = 0.012
"""How far the exposure of a frame strays, one deviation."""


class Renderer:
    """Renders what the cameras of one scene see. Safe to use from many threads.

    `captions` gives what a camera writes into its picture instead of its id. Memory for still pictures stays below
    `limit_bytes` (one is always kept); one that nobody asked for in `keep_s` of the callers' elapsed time is dropped.
    """

    def __init__(
        self,
        scene: Scene,
        captions: Mapping[str, str] | None = None,
        *,
        limit_bytes: int = 192 << 20,
        keep_s: float = 120.0,
    ) -> None:
        self._scene = scene
        self._captions = captions or {}
        self._cameras = {camera.id: camera for camera in scene.cameras}
        self._stills = Stills(limit_bytes, keep_s)

    def frame(
        self,
        camera_id: str,
        width_px: int,
        height_px: int,
        at: datetime,
        elapsed_s: float,
        period: Period,
        faults: Mapping[str, Parameters] = NO_FAULTS,
        seed: int = 0,
        around: Surroundings = CLEAR_NOON,
    ) -> Frame:
        """One picture (height x width x 3, BGR, 8 bits) of a camera.

        `at` is the local time that its clock shows, `elapsed_s` drives the people, `seed` the noise: equal arguments
        give equal frames, another `seed` always another one. `around` is the weather and what passes. KeyError for a
        camera that the scene has not, ValueError
        for a fault or parameter that `PICTURE_FAULTS` has not.
        """
        camera = self._cameras[camera_id]
        resolved = {name: resolve(name, given) for name, given in faults.items()}
        rng = np.random.default_rng([seed & (2**63 - 1), zlib.crc32(camera_id.encode())])
        still = self._still(camera, width_px, height_px, period, shift_of(resolved), elapsed_s)
        picture = still.colour.copy()
        people = [walk.at(elapsed_s) for walk in self._rounds]
        draw_people(picture, still, people, period, self._looks.terrain)
        picture = surround(picture, still, around, period, rng)
        picture = apply_faults(picture, resolved, Stage.LENS, rng)
        picture = _exposed(picture, rng)
        picture = add_grain(picture, min(GRAIN[period] * around.gain**0.5, MOST_GRAIN), rng)
        picture = apply_faults(picture, resolved, Stage.SENSOR, rng)
        write_caption(picture, self._captions.get(camera_id, camera_id), at)
        return apply_faults(picture, resolved, Stage.STREAM, rng)

    def static(self, camera_id: str, width_px: int, height_px: int, shift: PoseShift | None = None) -> StaticView:
        """Depth and surfaces of a camera's still picture. KeyError for a camera that the scene has not."""
        return view_of(eye_of(self._cameras[camera_id], width_px, height_px, shift), self._prisms, self._fence)

    def forget_unused(self, elapsed_s: float) -> int:
        """Drop still pictures that nobody asked for lately; returns the bytes still held."""
        return self._stills.forget(elapsed_s)

    def _still(
        self, camera: Camera, width_px: int, height_px: int, period: Period, shift: PoseShift | None, elapsed_s: float
    ) -> Still:
        def make() -> Still:
            view = self.static(camera.id, width_px, height_px, shift)
            with np.errstate(divide="ignore"):
                inverse = (1.0 / view.depth_m).astype(np.float16)
            picture, exposure = paint(view, self._looks, period)
            draw_furniture(view, picture, self._sticks, period)
            return Still(view.eye, _through_lens(picture), inverse, exposure, view.surface == Ground.GROUND)

        return self._stills.get((camera.id, width_px, height_px, period, shift), elapsed_s, make)

    @cached_property
    def _looks(self) -> Looks:
        return Looks.of(self._scene)

    @cached_property
    def _sticks(self) -> tuple[Stick, ...]:
        return sticks_of(self._scene, self._prisms)

    @cached_property
    def _rounds(self) -> tuple[Round, ...]:
        return rounds_of(self._scene)

    @cached_property
    def _prisms(self) -> tuple[Prism, ...]:
        return prisms_of(self._scene.obstacles)

    @cached_property
    def _fence(self) -> tuple[Face, ...]:
        return fence_faces(self._scene.boundary, FENCE_HEIGHT_M)


def _through_lens(picture: Frame) -> Frame:
    """The picture a little softened, as every lens does; it takes the steps off the edges."""
    return np.asarray(cv2.GaussianBlur(picture, (3, 3), 0.65), dtype=np.uint8)


def _exposed(picture: Frame, rng: np.random.Generator) -> Frame:
    """The picture with the small stray of an automatic exposure."""
    gain = float(np.clip(1.0 + FLICKER * rng.standard_normal(), 0.95, 1.05))
    return np.asarray(cv2.convertScaleAbs(picture, alpha=gain), dtype=np.uint8)
