"""The lenses of the catalog, and a quick arithmetic sieve before the coverage is asked.

The sieve drops lenses that cannot show what is missing even with nothing in the way: out of the picture, or too few
pixels per metre. What it lets through is computed by the coverage; the sieve never decides for a lens.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import hypot, radians

import numpy as np
from numpy.typing import NDArray
from shapely import get_coordinates
from shapely.geometry.base import BaseGeometry

from cammon.sitefiles.model import CatalogModel
from cammon_coverage.model import KeyPlace, Lens, Pose, Projection
from cammon_coverage.optics import focal_px, half_tangents, project

FISHEYE_FROM_DEG = 150.0
"""A catalog lens this wide can only be a fisheye."""
HFOV_STEPS = 5
MOST_POINTS = 64
NEAR_M = 1e-6


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


def sample_points(geometry: BaseGeometry) -> NDArray[np.float64]:
    """Corners and a middle point of what is missing: at most 64 rows of (x, y)."""
    corners = get_coordinates(geometry)
    middle = get_coordinates(geometry.representative_point())
    points = np.vstack([middle, corners])
    return points[:: max(1, -(-len(points) // MOST_POINTS))]


def share_in_picture(pose: Pose, lens: Lens, place: KeyPlace, points: NDArray[np.float64]) -> float:
    """The share of plan points whose target segment lies in the picture with enough px/m, nothing in the way.

    The kinder of the flat and the arc density counts, so that no lens is dropped that a density model allows.
    """
    good = np.ones(len(points), dtype=bool)
    for height in (place.target.z0_m, place.target.z1_m):
        good &= _in_picture(pose, lens, points, height, place.level_px_per_m)
    return float(good.mean())


def densest_px_per_m(lens: Lens, distance_m: float) -> float:
    """A bound: no density model gives a point at least so far away more than this, wherever it is in the picture."""
    slant_m = max(distance_m, NEAR_M)
    arc = lens.width_px / (radians(lens.hfov_deg) * slant_m)
    if lens.projection is Projection.FISHEYE:
        return arc
    # Seen in a corner, a point's depth along the axis is shorter than its distance, by the cosine of its angle.
    across, upward = half_tangents(lens)
    return max(arc, focal_px(lens)[0] / slant_m * hypot(1.0, across, upward))


def _in_picture(
    pose: Pose, lens: Lens, points: NDArray[np.float64], height_m: float, level_px_per_m: float
) -> NDArray[np.bool_]:
    ends = np.column_stack([points, np.full(len(points), height_m)])
    _, depth, inside = project(pose, lens, ends)
    slant = np.maximum(np.linalg.norm(ends - (pose.x, pose.y, pose.height_m), axis=1), NEAR_M)
    density = lens.width_px / (np.radians(lens.hfov_deg) * slant)
    if lens.projection is Projection.RECTILINEAR:
        density = np.maximum(density, focal_px(lens)[0] / np.maximum(depth, NEAR_M))
    return np.asarray(inside & (density >= level_px_per_m), dtype=np.bool_)
