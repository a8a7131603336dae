"""The lenses of the catalog, and a quick arithmetic sieve before the coverage is asked.

The sieve drops lenses that cannot show what is missing even with nothing in the way: out of the picture, or too few
pixels per metre. What it lets through is computed by the coverage; the sieve never decides for a lens.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from shapely import get_coordinates, intersects_xy
from shapely.geometry.base import BaseGeometry

from cammon.sitefiles.model import CatalogModel
from cammon_coverage.density import density_of, reach_m
from cammon_coverage.model import DensityModel, KeyPlace, Lens, Period, Pose, Projection, Scene
from cammon_coverage.optics import project

FISHEYE_FROM_DEG = 150.0
"""A catalog lens this wide can only be a fisheye."""
HFOV_STEPS = 5
MOST_POINTS = 64


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that can be bought, with the widest and narrowest view of its lens."""

    model: str
    price: float | None
    width_px: int
    height_px: int
    hfov_min_deg: float
    hfov_max_deg: float
    night_range_m: float | None

    def lens(self, hfov_deg: float) -> Lens:
        """This model's lens, zoomed to a view as near to `hfov_deg` as it goes."""
        hfov = min(max(hfov_deg, self.hfov_min_deg), self.hfov_max_deg)
        projection = Projection.FISHEYE if hfov >= FISHEYE_FROM_DEG else Projection.RECTILINEAR
        return Lens(hfov, self.width_px, self.height_px, None, projection, self.night_range_m)

    def views(self, wanted_deg: float | None = None) -> tuple[float, ...]:
        """Views worth a try: the wanted one as near as it goes, then from the widest to the narrowest."""
        steps = np.linspace(self.hfov_max_deg, self.hfov_min_deg, HFOV_STEPS).round(3).tolist()
        first = [] if wanted_deg is None else [self.lens(wanted_deg).hfov_deg]
        return tuple(dict.fromkeys(first + steps))


def offers(catalog: Mapping[str, CatalogModel], today: date) -> tuple[Offer, ...]:
    """What the catalog offers today with a known sensor and lens, the cheapest first."""
    return tuple(sorted(_offers(catalog, today), key=lambda offer: (offer.price or 0.0, offer.model)))


def _offers(catalog: Mapping[str, CatalogModel], today: date) -> Iterator[Offer]:
    for entry in catalog.values():
        hfov_max = entry.hfov_max_deg or entry.hfov_min_deg
        hfov_min = entry.hfov_min_deg or entry.hfov_max_deg
        over = entry.end_of_life is not None and entry.end_of_life <= today
        if entry.available and not over and entry.width_px and entry.height_px and hfov_min and hfov_max:
            yield Offer(
                entry.model, entry.price, entry.width_px, entry.height_px, hfov_min, hfov_max, entry.night_range_m
            )


@dataclass(frozen=True, slots=True)
class Aim:
    """What a lens has to show: sample points, rows of (x, y), of the blind spot of a place in one period.

    `needs_light`: which of them it must reach by its own light.
    """

    place: KeyPlace
    points: NDArray[np.float64]
    needs_light: NDArray[np.bool_]


def aim_at(scene: Scene, place: KeyPlace, period: Period, blind: BaseGeometry) -> Aim:
    """The blind spot of a place in one period."""
    points = sample_points(blind)
    unlit = np.ones(len(points), dtype=np.bool_)
    for area in scene.lit_areas:
        unlit &= ~intersects_xy(area.geometry, points[:, 0], points[:, 1])
    return Aim(place, points, unlit if period is Period.NIGHT else np.zeros(len(points), dtype=np.bool_))


def sample_points(geometry: BaseGeometry) -> NDArray[np.float64]:
    """Corners and a middle point of what is missing: at most 64 rows of (x, y), none twice."""
    middle = get_coordinates(geometry.representative_point())
    points = np.unique(np.vstack([middle, get_coordinates(geometry)]), axis=0)
    return points[:: max(1, -(-len(points) // MOST_POINTS))]


def could_reach(lens: Lens, model: DensityModel, distance_m: float, level_px_per_m: float) -> bool:
    """Whether this lens shows anything so far away at the level, wherever in the picture it is."""
    return reach_m(lens, density_of(lens, model), level_px_per_m) >= distance_m


def share_in_picture(pose: Pose, lens: Lens, aim: Aim, model: DensityModel) -> float:
    """The share of the points whose target segment this lens shows at the level, were nothing in the way."""
    density = density_of(lens, model)
    good = np.ones(len(aim.points), dtype=np.bool_)
    for height_m in (aim.place.target.z0_m, aim.place.target.z1_m):
        ends = np.column_stack([aim.points, np.full(len(aim.points), height_m)])
        _, _, inside = project(pose, lens, ends)
        slant_m = np.linalg.norm(ends - (pose.x, pose.y, pose.height_m), axis=1)
        light = ~aim.needs_light | (slant_m <= (lens.night_range_m or 0.0))
        good &= inside & light & (density.at(pose, ends) >= aim.place.level_px_per_m)
    return float(good.mean())
