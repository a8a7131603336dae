"""Pieces of any coordinate system in that of the site; what does not lie near it is a fault, not a map far away."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from cammon.importing.model import Notes, Piece
from cammon.importing.target import METRES_PER_DEGREE, Into
from cammon.sitefiles.datums import converted, system_named
from cammon.sitefiles.frame import LOCAL, UnknownFrame, fits, horizontal_system
from cammon.sitefiles.limits import MAX_SPREAD_M

DEGREE_DIGITS, METRE_DIGITS = 9, 4
"""Both a tenth of a millimetre."""


def source_system(asked: str, said: str, into: Into, notes: Notes) -> str:
    """The system of the source: as asked for, else as the file says, else the site's own. Raises Refused."""
    if asked:
        try:
            return LOCAL if asked.strip().lower() == LOCAL else system_named(asked)
        except UnknownFrame as error:
            raise notes.refuse("unknown_source_crs", "--crs", value=asked) from error
    if said:
        return _said_system(said, notes)
    return into.crs


def _said_system(said: str, notes: Notes) -> str:
    """What the file itself says, by its EPSG code where it has one (many .prj files only have the same numbers)."""
    try:
        system = CRS.from_user_input(said)
        code = system.to_epsg(min_confidence=60)
        name = f"EPSG:{code}" if code else said
        horizontal_system(name)
    except (CRSError, UnknownFrame) as error:
        raise notes.refuse("unknown_file_crs", value=said) from error
    return name


def unit_m(system: str) -> float:
    """About how many metres one unit of a system is."""
    if system == LOCAL:
        return 1.0
    geographic = not system.startswith("EPSG:") and system in {"wgs84", "gcj02", "bd09"}
    return METRES_PER_DEGREE if geographic or horizontal_system(system).is_geographic else 1.0


def placed(pieces: Sequence[Piece], source: str, into: Into, notes: Notes) -> list[Piece]:
    """The pieces in the site's coordinates, rounded to a tenth of a millimetre. Raises Refused."""
    if not pieces:
        return []
    if source != into.crs and LOCAL in (source, into.crs):
        raise notes.refuse("site_is_local" if into.crs == LOCAL else "source_is_local", value=source, crs=into.crs)
    moved = [replace(piece, geometry=_moved(piece.geometry, source, into)) for piece in pieces]
    _check_middle(moved, source, into, notes)
    good: list[Piece] = []
    for piece in moved:
        if np.isfinite(shapely.get_coordinates(piece.geometry)).all():
            good.append(replace(piece, geometry=_rounded(piece.geometry, into)))
        else:
            notes.dropped("outside_system", piece.source, crs=source)
    return good


def _moved(geometry: shapely.Geometry, source: str, into: Into) -> shapely.Geometry:
    if source == into.crs:
        return geometry
    return shapely.transform(geometry, lambda xy: converted(xy, source, into.crs))


def _rounded(geometry: shapely.Geometry, into: Into) -> shapely.Geometry:
    digits = DEGREE_DIGITS if into.geographic else METRE_DIGITS
    rounded = shapely.transform(geometry, lambda xy: np.round(xy, digits))
    return rounded if rounded.is_valid else geometry


def _check_middle(pieces: Sequence[Piece], source: str, into: Into, notes: Notes) -> None:
    """Refuse a map of which the middle is no place, or lies far from the site."""
    firsts = np.array([shapely.get_coordinates(piece.geometry)[0] for piece in pieces])
    x, y = np.median(firsts, axis=0)
    if not (np.isfinite([x, y]).all() and fits(into.crs, (float(x), float(y)))):
        raise notes.refuse("crs_does_not_reach", "--crs", value=source, crs=into.crs)
    middle = into.middle()
    if middle is None:
        return
    frame, mid_x, mid_y = middle
    at = frame.to_local(np.array([[x, y]]))[0]
    away = float(np.hypot(at[0] - mid_x, at[1] - mid_y))
    if not away <= MAX_SPREAD_M:
        raise notes.refuse("far_from_site", "--crs", value=source, crs=into.crs, km=_kilometres(away))


def _kilometres(metres: float) -> str | float:
    return f"{metres / 1000.0:,.0f}" if np.isfinite(metres) else "?"
