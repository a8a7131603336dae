"""The coverage of a site on terrain: the questions of `CoverageModel`, answered in cells of a stated size."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import shapely

from cammon_coverage.engine import CoverageModel
from cammon_coverage.model import Camera, Period, Reason, ReasonCode, Scene
from cammon_coverage.optics import Floats
from cammon_coverage.places import Ask
from cammon_coverage.reasons import Explainer
from cammon_coverage.seen import Ground
from cammon_coverage.terrain import Terrain
from cammon_coverage.terrain_ground import TerrainGround
from cammon_coverage.terrain_sight import clear_of_ground
from cammon_coverage.terrain_view import TerrainView
from cammon_coverage.view import View

BY_GROUND = -1
"""Stands where the number of a hiding prism would stand when the ground itself is in the way."""


class TerrainExplainer(Explainer):
    """Finds reasons over terrain: as on a plane, with targets on their own ground, and the ground in the way."""

    ground: TerrainGround

    def _at(self, ask: Ask, period: Period, point: Floats) -> Iterator[Reason]:
        place = replace(ask.place, target=self.ground.lifted(ask.place.target, point))
        return super()._at(replace(ask, place=place), period, point)

    def _hider(self, number: int, ask: Ask, point: Floats) -> int | None:
        prism = super()._hider(number, ask, point)
        if prism is not None:
            return prism
        view = self.candidates.views[number]
        lens = np.array([view.eye.x, view.eye.y, view.camera.pose.height_m])
        lower = np.array([min(ask.place.target.z0_m, ask.place.target.z1_m)])
        clear = clear_of_ground(self.ground.terrain, lens, point.reshape(1, 2), lower)
        return None if clear[0] else BY_GROUND

    def _hidden(self, number: int, prism: int) -> Reason:
        if prism == BY_GROUND:
            return Reason(ReasonCode.HIDDEN_BY_TERRAIN, {"camera": self._name(number)})
        return super()._hidden(number, prism)


class TerrainModel(CoverageModel):
    """`CoverageModel` of a scene on terrain, both in the same local metres.

    Every share is a share by cells of `terrain.cell_m`. Raises ValueError as `CoverageModel` does.
    """

    _ground: TerrainGround

    def __init__(self, scene: Scene, terrain: Terrain) -> None:
        self._terrain = terrain
        super().__init__(scene)

    @property
    def resolution_m(self) -> float:
        """The size of the cells in which everything is answered."""
        return self._ground.terrain.cell_m

    def _ground_of(self, local: Scene) -> Ground:
        return TerrainGround.of(local, self._terrain.shifted(-self._frame.east, -self._frame.north))

    def _view_of(self, camera: Camera) -> View:
        return TerrainView.on(self._ground, camera)

    def _explainer_of(self, views: Mapping[str, View]) -> Explainer:
        return TerrainExplainer(self._ground, views)

    def _within_reach(self, view: View) -> list[int]:
        """Places near enough for their level: which of them the camera sees is told by their cells alone."""
        eye = shapely.Point(view.eye.x, view.eye.y)
        return [
            number
            for number, ask in enumerate(self._asks)
            if shapely.distance(eye, ask.place.geometry) <= view.reach_m(ask.place.level_px_per_m)
        ]
