"""Blind spots as polygons, each with its one true reason: of the key places and of the whole watched ground.

The watched ground is the boundary of the site less the solid obstacles that stand on it. Ground is cut among the
cameras by the nearest one (their Voronoi cells), so that the camera named is a near one and no cut looks drawn.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from cammon_coverage.answers import HEALTHY
from cammon_coverage.blindcut import Cutter
from cammon_coverage.engine import CoverageModel
from cammon_coverage.model import (
    BlindGround,
    BlindSpot,
    KeyPlace,
    Period,
    Reason,
    ReasonCode,
    Sight,
    SightState,
    Target,
)
from cammon_coverage.optics import Floats
from cammon_coverage.overlay import common, flat, moved, union, without
from cammon_coverage.parts import AreaPart, LinePart, Part, nothing_of
from cammon_coverage.places import Ask
from cammon_coverage.reasons import key_of
from cammon_coverage.view import View

Sights = Mapping[str, Sight] | None
"""None: by design, every camera as documented."""

Pieces = Sequence[tuple[Reason, Part]]


def place_blind_spots(model: CoverageModel, period: Period, sights: Sights = None) -> tuple[BlindSpot, ...]:
    """The blind spots of all key places, each at its own level, target, side and redundancy.

    For each place they are disjoint and their union is what is not surely seen of it. Nothing is left out.
    """
    cutter = model.cutter(period, sights)
    spots: list[BlindSpot] = []
    for row in model.blind_parts(sights, period):
        pieces = cutter.pieces(row.ask, row.blind, row.working)
        spots += [replace(spot, place=row.ask.place.id) for spot in _spots(model, row.ask, pieces)]
    return tuple(spots)


def blind_spots(
    model: CoverageModel, period: Period, level_px_per_m: float, target: Target = Target(), sights: Sights = None
) -> tuple[BlindSpot, ...]:
    """`blind_ground` without its figures: the largest spot first. ValueError when the site has no boundary."""
    return blind_ground(model, period, level_px_per_m, target, sights).spots


@dataclass
class CellCutter:
    """Cuts blind ground by its reasons, cell by cell. Values only: it may travel to other processes."""

    model: CoverageModel
    period: Period
    level_px_per_m: float
    target: Target
    sights: Sights
    _cutter: Cutter | None = field(default=None, repr=False)

    def __call__(self, cell: BaseGeometry) -> Pieces:
        """The pieces of one cell, each with its reason."""
        if self._cutter is None:
            self._cutter = self.model.cutter(self.period, self.sights)
        ask = Ask.of(KeyPlace("", "", cell, self.level_px_per_m, self.target))
        return self._cutter.pieces(ask, ask.all, {})


Spread = Callable[[CellCutter, Sequence[BaseGeometry]], Iterable[Pieces]]
"""Asks a cutter for every cell, in order: `one_by_one`, or shared among processes."""


def one_by_one(cutter: CellCutter, cells: Sequence[BaseGeometry]) -> Iterable[Pieces]:
    """Every cell in this process."""
    return map(cutter, cells)


def blind_ground(
    model: CoverageModel,
    period: Period,
    level_px_per_m: float,
    target: Target = Target(),
    sights: Sights = None,
    *,
    boundary: BaseGeometry | None = None,
    spread: Spread = one_by_one,
) -> BlindGround:
    """Where nothing on the watched ground is seen at a level, by reason.

    `boundary` stands in for that of the site; ValueError when there is neither. Spots are disjoint and connected;
    together with the dropped ones (below the hole that the site tolerates) they are exactly the blind ground.
    """
    ground = watched_ground(model, target, boundary)
    seen = union(_seen(model, period, level_px_per_m, target, sights))
    blind = without(ground, seen)
    cutter = CellCutter(model, period, level_px_per_m, target, sights)
    pieces = [piece for found in spread(cutter, list(_cells(model.views, blind))) for piece in found]
    ask = Ask.of(KeyPlace("", "", blind, level_px_per_m, target))
    every = _spots(model, ask, pieces)
    spots = [spot for spot in every if spot.area_m2 >= model.scene.hole_area_m2]
    dropped = [spot.area_m2 for spot in every if spot.area_m2 < model.scene.hole_area_m2]
    spots.sort(key=lambda spot: -spot.area_m2)
    return BlindGround(tuple(spots), float(ground.area), float(blind.area), len(dropped), math.fsum(dropped))


def watched_ground(model: CoverageModel, target: Target, boundary: BaseGeometry | None = None) -> BaseGeometry:
    """The boundary less the solid obstacles in which the target would stand, where coverage is computed."""
    around = model.scene.boundary if boundary is None else boundary
    if around is None or flat(around).is_empty:
        raise ValueError("the site has no boundary; without one its watched ground is not known")
    return without(moved(flat(around), -model.frame.east, -model.frame.north), model.ground.stone(target))


def _seen(
    model: CoverageModel, period: Period, level_px_per_m: float, target: Target, sights: Sights
) -> list[BaseGeometry]:
    regions = []
    for camera, view in model.views.items():
        sight = HEALTHY if sights is None else sights.get(camera, Sight(SightState.UNKNOWN))
        if sight.state is SightState.SEES:
            regions.append(view.region_under(sight, period, level_px_per_m, target))
    return [region for region in regions if not region.is_empty]


def _cells(views: Mapping[str, View], blind: BaseGeometry) -> Iterator[BaseGeometry]:
    """The blind ground cut into what is nearest to each camera, neighbours one after the other."""
    if blind.is_empty:
        return
    eyes: Floats = np.unique(np.round([(v.eye.x, v.eye.y) for v in views.values()], 3).reshape(-1, 2), axis=0)
    if len(eyes) < 2:
        yield blind
        return
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(eyes), extend_to=blind))
    yield from _cut_up(blind, cells)


def _cut_up(blind: BaseGeometry, cells: NDArray[np.object_]) -> Iterator[BaseGeometry]:
    """What of the ground lies in each cell. The ground is halved with the cells: whole, it would be cut for each."""
    if blind.is_empty:
        return
    if len(cells) == 1:
        part = AreaPart(blind).within(cells[0]).shape()
        if not part.is_empty:
            yield part
        return
    middles = shapely.get_coordinates(shapely.centroid(cells))
    order = np.argsort(middles[:, int(np.ptp(middles, axis=0).argmax())], kind="stable")
    for half in np.array_split(cells[order], 2):
        yield from _cut_up(common(blind, shapely.box(*shapely.total_bounds(half))), half)


def _spots(model: CoverageModel, ask: Ask, pieces: Sequence[tuple[Reason, Part]]) -> list[BlindSpot]:
    """Pieces of one reason joined, then taken apart where they do not touch."""
    joined: dict[tuple[str, ...], tuple[Reason, list[Part]]] = {}
    for reason, part in pieces:
        joined.setdefault(key_of(reason), (reason, []))[1].append(part)
    spots = []
    for reason, parts in joined.values():
        whole = parts[0] if len(parts) == 1 else nothing_of(parts[0]).joined(parts)
        spots += [_spot(model, ask, reason, piece) for piece in whole.pieces()]
    return spots


def _spot(model: CoverageModel, ask: Ask, reason: Reason, part: Part) -> BlindSpot:
    shape = part.shape()
    return BlindSpot(
        geometry=moved(shape, model.frame.east, model.frame.north),
        reason=replace(reason, params={**_measures(model, ask, reason, part), **reason.params}),
        area_m2=part.size if isinstance(part, AreaPart) else 0.0,
        length_m=part.size if isinstance(part, LinePart) else 0.0,
    )


def _measures(model: CoverageModel, ask: Ask, reason: Reason, part: Part) -> Mapping[str, float]:
    """The measured parameters of a reason over a piece: the worst density, the steepest look."""
    if reason.code not in (ReasonCode.DENSITY_TOO_LOW, ReasonCode.TOO_DARK, ReasonCode.TOO_STEEP):
        return {}
    view = model.views[str(reason.params["camera"])]
    if reason.code is ReasonCode.TOO_DARK:
        return {"night_range_m": view.camera.lens.night_range_m or 0.0}
    if reason.code is ReasonCode.DENSITY_TOO_LOW:
        density = view.worst_density(part.corners(), ask.place.target, HEALTHY)
        return {"density_px_per_m": density, "level_px_per_m": ask.place.level_px_per_m}
    drop = view.camera.pose.height_m - min(ask.place.target.z0_m, ask.place.target.z1_m)
    nearest = shapely.distance(part.shape(), shapely.Point(view.eye.x, view.eye.y))
    return {
        "depression_deg": math.degrees(math.atan2(drop, float(nearest))),
        "max_depression_deg": float(ask.place.max_depression_deg or 0.0),
    }


def total_m2(spots: Iterable[BlindSpot]) -> float:
    """The area of some spots, square metres."""
    return math.fsum(spot.area_m2 for spot in spots)
