"""The coverage of a site on terrain: the questions of `CoverageModel`, answered in cells of a stated size."""

from collections.abc import Mapping

import shapely

from cammon_coverage.blindcut import Cutter
from cammon_coverage.engine import CoverageModel
from cammon_coverage.model import Camera, Period, Scene, Sight
from cammon_coverage.seen import Ground
from cammon_coverage.terrain import Terrain
from cammon_coverage.terrain_blind import TerrainCutter
from cammon_coverage.terrain_ground import TerrainGround
from cammon_coverage.terrain_reasons import TerrainExplainer
from cammon_coverage.terrain_view import TerrainView
from cammon_coverage.view import View


class TerrainModel(CoverageModel):
    """`CoverageModel` of a scene on terrain, both in the same local metres.

    Every share is a share by cells of `terrain.cell_m`. Raises ValueError as `CoverageModel` does.
    """

    _ground: TerrainGround
    _explainer: TerrainExplainer

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

    def _explainer_of(self, views: Mapping[str, View]) -> TerrainExplainer:
        return TerrainExplainer(self._ground, views)

    def cutter(self, period: Period, sights: Mapping[str, Sight] | None) -> Cutter:
        """What cuts blind parts over terrain."""
        return TerrainCutter(self._views, period, sights, base=self._ground, explainer=self._explainer)

    def _within_reach(self, view: View) -> list[int]:
        """Places near enough for their level: which of them the camera sees is told by their cells alone."""
        eye = shapely.Point(view.eye.x, view.eye.y)
        return [
            number
            for number, ask in enumerate(self._asks)
            if shapely.distance(eye, ask.place.geometry) <= view.reach_m(ask.place.level_px_per_m)
        ]
