"""Between a map's own coordinates and the local metres in which everything is computed."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Proj, Transformer
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import TransverseMercatorConversion
from pyproj.exceptions import CRSError, ProjError
from shapely.geometry.base import BaseGeometry

LOCAL = "local"
SCALE_TOLERANCE = 0.001
"""A grid that is off from true metres by less than this is taken as true metres (pose errors are far larger)."""

Coordinates = NDArray[np.float64]


class UnknownFrame(ValueError):
    """The name is neither `local` nor the code of a horizontal coordinate system."""


@dataclass(frozen=True, slots=True)
class MapFrame:
    """The map's coordinate system and the point that is the local (0, 0).

    `local`: map and local metres are the same. A projected system keeps its own axes, so that north is grid north:
    local = (map - origin) * `metres_per_unit`. A geographic system (degrees, x = longitude) is projected by a
    transverse Mercator with its centre and scale 1 at the origin; north is true north there.
    """

    crs: str = LOCAL
    origin_x: float = 0.0
    origin_y: float = 0.0
    metres_per_unit: float = 1.0
    geographic: bool = False

    def to_local(self, xy: Coordinates) -> Coordinates:
        """Map coordinates (n x 2) as local metres (n x 2); inf where the system does not reach."""
        if self.crs == LOCAL:
            return xy
        if self.geographic:
            return _stacked(_projection(self.crs, self.origin_x, self.origin_y).transform(xy[:, 0], xy[:, 1]))
        return (xy - (self.origin_x, self.origin_y)) * self.metres_per_unit

    def to_map(self, xy: Coordinates) -> Coordinates:
        """Local metres (n x 2) as map coordinates (n x 2)."""
        if self.crs == LOCAL:
            return xy
        if self.geographic:
            back = _projection(self.crs, self.origin_x, self.origin_y)
            return _stacked(back.transform(xy[:, 0], xy[:, 1], direction="INVERSE"))
        return xy / self.metres_per_unit + (self.origin_x, self.origin_y)

    def geometry_to_map(self, geometry: BaseGeometry) -> BaseGeometry:
        """A geometry in local metres, in map coordinates."""
        return geometry if self.crs == LOCAL else shapely.transform(geometry, self.to_map)


def frame_of(crs: str, origin: tuple[float, float]) -> MapFrame:
    """The frame of a coordinate system with its local zero near `origin` (map coordinates). Raises UnknownFrame."""
    if crs == LOCAL:
        return MapFrame()
    system = horizontal_system(crs)
    if system.is_geographic:
        return MapFrame(crs, round(origin[0], 5), round(origin[1], 5), geographic=True)
    return MapFrame(crs, round(origin[0]), round(origin[1]), _metres_per_unit(system, origin))


AREA_MARGIN_DEG = 3.0
"""How far outside its official area a grid may be used: people do use the neighbouring zone."""


def fits(crs: str, origin: tuple[float, float]) -> bool:
    """Whether the place of `origin` (map coordinates) lies where this coordinate system is meant to be used."""
    if crs == LOCAL:
        return True
    system = horizontal_system(crs)
    longitude, latitude = Transformer.from_crs(system, system.geodetic_crs, always_xy=True).transform(*origin)
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        return False
    area = system.area_of_use
    if area is None or area.west > area.east:
        return True
    west, east = area.west - AREA_MARGIN_DEG, area.east + AREA_MARGIN_DEG
    south, north = area.south - AREA_MARGIN_DEG, area.north + AREA_MARGIN_DEG
    return bool(west <= longitude <= east and south <= latitude <= north)


@lru_cache(maxsize=64)
def horizontal_system(crs: str) -> CRS:
    """The geographic or projected system of that name (`EPSG:4546`). Raises UnknownFrame."""
    try:
        system = CRS.from_user_input(crs)
    except CRSError as error:
        raise UnknownFrame(crs) from error
    if not (system.is_geographic or system.is_projected) or len(system.axis_info) > 2:
        raise UnknownFrame(crs)
    return system


def _metres_per_unit(system: CRS, origin: tuple[float, float]) -> float:
    """True metres in one unit of a projected grid at `origin`: its unit, divided by the grid's scale there."""
    unit = float(system.axis_info[0].unit_conversion_factor)
    try:
        longitude, latitude = Transformer.from_crs(system, system.geodetic_crs, always_xy=True).transform(*origin)
        scale = float(Proj(system).get_factors(longitude, latitude, errcheck=True).meridional_scale)
    except ProjError:
        return unit
    if not math.isfinite(scale) or abs(scale - 1.0) <= SCALE_TOLERANCE:
        return unit
    return unit / scale


@lru_cache(maxsize=64)
def _projection(crs: str, longitude: float, latitude: float) -> Transformer:
    system = horizontal_system(crs)
    local = ProjectedCRS(TransverseMercatorConversion(latitude, longitude), geodetic_crs=system)
    return Transformer.from_crs(system, local, always_xy=True)


def _stacked(pair: tuple[Any, Any]) -> Coordinates:
    return np.column_stack(pair).astype(np.float64)
