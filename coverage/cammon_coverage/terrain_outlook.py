"""What a camera over terrain sees of one place in many poses.

The ground, the walls and the cells do not turn with the camera: which cells round a place nothing hides is followed out
once, and a pose only tells which of them are in view. The answer of every pose is that of a model built for it.
"""

import numpy as np
import shapely

from cammon_coverage.answers import place_part
from cammon_coverage.engine import CoverageModel
from cammon_coverage.model import Camera, Period, Sight
from cammon_coverage.optics import Floats
from cammon_coverage.outlook import Outlook, at_hollow_wall
from cammon_coverage.parts import TOUCH_M, Part
from cammon_coverage.places import Ask
from cammon_coverage.terrain_cells import Cells, cells_within
from cammon_coverage.terrain_ground import TerrainGround
from cammon_coverage.terrain_sight import Flags
from cammon_coverage.terrain_view import Clearance, TerrainView
from cammon_coverage.view import density_factor

WHOLE_M, PIECE_M = 0.7072, 1.4143
"""How far, in cells, the point at which a whole cell or a piece of one is judged may be from the rest of it."""


def terrain_outlook(model: CoverageModel, camera: Camera, ask: Ask, period: Period, sight: Sight) -> Outlook:
    """The outlook of a camera (in the frame of the model's computation) on a place over terrain."""
    ground = model.ground
    assert isinstance(ground, TerrainGround)
    clearance: Clearance = {}

    def cut(turned: Camera) -> Part:
        return place_part(TerrainView.on(ground, turned, clearance), ask, period, sight)

    level = ask.place.level_px_per_m * density_factor(camera, sight)
    view = TerrainView.on(ground, camera, clearance)
    if at_hollow_wall(ground, camera):  # what is unhidden changes with the side to which it looks
        return Outlook(ask, ask.all, ground.density_model, level, _NO_ENDS, False, False, cut)
    region, survey = view.open_to(ask.place, period)
    near = _matter(ground, survey.cells, ask)
    ends = _ends(view.camera, survey.cells.points[near], survey.low[near], survey.high[near])
    whole = not camera.masks and (sight.hidden is None or not sight.hidden.any())
    return Outlook(ask, ask.all.within(region), ground.density_model, level, ends, True, whole, cut, scattered=True)


def cell_ends(ground: TerrainGround, camera: Camera, ask: Ask) -> Floats:
    """(2, m, 3): the target's ends over the cells of a place, hidden or not, relative to the lens."""
    x, y = camera.pose.x, camera.pose.y
    cells = cells_within(ground.terrain, ground.cut(ask.place.target), x, y, np.inf, ask.place.geometry.bounds)
    cells = cells.some(_matter(ground, cells, ask))
    low, high = ground.ends(cells.points, ask.place.target)
    ends = _ends(ground.camera(camera), cells.points, low, high)
    return ends[:, np.isfinite(ends).all(axis=(0, 2))]


_NO_ENDS = np.empty((2, 0, 3))


def _ends(lifted: Camera, points: Floats, low: Floats, high: Floats) -> Floats:
    lens = (lifted.pose.x, lifted.pose.y, lifted.pose.height_m)
    return np.stack([np.column_stack([points, heights]) - lens for heights in (low, high)])


def _matter(ground: TerrainGround, cells: Cells, ask: Ask) -> Flags:
    """The cells of which a part may belong to a place."""
    farthest = np.where(cells.piece < 0, WHOLE_M, PIECE_M) * ground.terrain.cell_m + TOUCH_M
    found: Flags = shapely.distance(shapely.points(cells.points), ask.place.geometry) <= farthest
    return found
