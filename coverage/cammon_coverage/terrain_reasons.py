"""Why a place is not covered over terrain."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from cammon_coverage.model import Period, Reason, ReasonCode
from cammon_coverage.optics import Floats
from cammon_coverage.places import Ask
from cammon_coverage.reasons import Explainer
from cammon_coverage.terrain_ground import TerrainGround
from cammon_coverage.terrain_sight import clear_of_ground

BY_GROUND = -1
"""Stands where the number of a hiding prism would stand when the ground itself is in the way."""


class TerrainExplainer(Explainer):
    """Finds reasons over terrain: as on a plane, with targets on their own ground, and the ground in the way."""

    ground: TerrainGround

    def _at(self, ask: Ask, period: Period, point: Floats) -> Iterator[Reason]:
        place = replace(ask.place, target=self.ground.lifted(ask.place.target, point))
        return super()._at(replace(ask, place=place), period, point)

    def at(self, ask: Ask, period: Period, point: Floats) -> Iterator[Reason]:
        """The reasons at one plan point, the most telling first."""
        return self._at(ask, period, point)

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
