"""Where the pixels of a GeoTIFF lie in a site's local metres."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from rasterio.transform import Affine

from cammon.sitefiles.demcodes import DemCode
from cammon.sitefiles.faults import Wrong
from cammon.sitefiles.frame import LOCAL, MapFrame

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Placing:
    """From local metres to pixels. `transformer` from the map's system to the file's, None where they are one."""

    frame: MapFrame
    transformer: Transformer | None
    affine: Affine

    def to_pixels(self, points: Floats) -> Floats:
        """Local points (n, 2) as (column, row), 0 at the outer corner of the first pixel; not finite out of reach."""
        x, y = self.frame.to_map(points).T
        if self.transformer is not None:
            x, y = self.transformer.transform(x, y)
        return _applied(~self.affine, np.asarray(x), np.asarray(y))

    def to_map(self, pixels: Floats) -> Floats:
        """Pixels (n, 2) in map coordinates."""
        x, y = _applied(self.affine, *pixels.T).T
        if self.transformer is not None:
            x, y = self.transformer.transform(x, y, direction="INVERSE")
        return np.column_stack([x, y])

    def pixel_m(self, point: Floats) -> float:
        """The size of a pixel near a local point (1, 2), its longer side, in metres to the millimetre."""
        at = self.to_pixels(point)
        if not np.isfinite(at).all():
            at = np.zeros((1, 2))
        corners = self.frame.to_local(self.to_map(at + np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])))
        sides = np.hypot(*(corners[1:] - corners[0]).T)
        return max(0.001, round(float(sides.max()), 3))

    def map_bounds(self, dem: Any) -> tuple[float, float, float, float]:
        """West, south, east, north of the whole file in map coordinates."""
        corners = np.array([[0, 0], [dem.width, 0], [0, dem.height], [dem.width, dem.height]], dtype=np.float64)
        found = self.to_map(corners)
        (west, south), (east, north) = found.min(axis=0), found.max(axis=0)
        return float(west), float(south), float(east), float(north)


def _applied(affine: Affine, x: Floats, y: Floats) -> Floats:
    found: Floats = np.column_stack(
        [affine.a * x + affine.b * y + affine.c, affine.d * x + affine.e * y + affine.f],
    )
    return found


def placing_of(dem: Any, frame: MapFrame) -> Placing:
    """How a file lies to a site. A file without a coordinate system is taken to be in the metres of a local site."""
    system = _system(dem)
    if dem.transform == Affine.identity() or dem.transform.determinant == 0:
        raise Wrong(DemCode.WITHOUT_POSITION)
    if frame.crs == LOCAL:
        if system is not None:
            raise Wrong(DemCode.SITE_IS_LOCAL, system=system.name)
        return Placing(frame, None, dem.transform)
    if system is None:
        raise Wrong(DemCode.WITHOUT_CRS, crs=frame.crs)
    _check_vertical(system)
    return Placing(frame, _between(CRS.from_user_input(frame.crs), system), dem.transform)


def _system(dem: Any) -> CRS | None:
    """The file's geographic or projected system; None when it has none, or one that is nowhere on earth."""
    if dem.crs is None:
        return None
    try:
        system = CRS.from_wkt(dem.crs.to_wkt())
    except CRSError:
        return None
    return system if system.is_geographic or system.is_projected else None


def _check_vertical(system: CRS) -> None:
    """A compound system says in which unit its heights are."""
    for axis in system.axis_info[2:]:
        if axis.unit_name not in {"metre", "meter"}:
            raise Wrong(DemCode.WRONG_UNITS, unit=axis.unit_name)


def _between(one: CRS, other: CRS) -> Transformer | None:
    flat = other.sub_crs_list[0] if other.is_compound else other
    return None if one.equals(flat, ignore_axis_order=True) else Transformer.from_crs(one, flat, always_xy=True)
