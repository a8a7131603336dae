"""How many metres one unit of a drawing is. What a drawing says of itself is often the template's, not the truth."""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from cammon.importing.model import Notes

METRES = {"m": 1.0, "mm": 0.001}
INSUNITS = {1: 0.0254, 2: 0.3048, 4: 0.001, 5: 0.01, 6: 1.0, 7: 1000.0, 14: 0.1}
"""$INSUNITS of DXF: inches, feet, millimetres, centimetres, metres, kilometres, decimetres."""
SMALLEST_SITE_M, LARGEST_SITE_M = 10.0, 50_000.0


def declared_scale(drawing_units: int) -> float:
    """Metres per unit as the drawing says, 1 where it says nothing."""
    return INSUNITS.get(drawing_units, 1.0)


def scale_of(units: str, drawing_units: int, shapes: Sequence[BaseGeometry], notes: Notes) -> float:
    """Metres per unit: as asked for, else as the drawing says, unless no site can be as small or as large as that."""
    if units in METRES:
        return METRES[units]
    declared = declared_scale(drawing_units)
    spread = _spread(shapes)
    if spread == 0.0 or _possible(spread * declared):
        return declared
    for name, scale in METRES.items():
        if _possible(spread * scale):
            notes.note("units_guessed", "$INSUNITS", value=drawing_units, unit=name, metres=round(spread * scale))
            return scale
    return declared


def _spread(shapes: Sequence[BaseGeometry]) -> float:
    """How far the middle nine tenths of all vertices reach, in units."""
    points = shapely.get_coordinates(np.array(shapes, dtype=object))
    if len(points) < 2:
        return 0.0
    low, high = np.percentile(points, [5, 95], axis=0)
    return float((high - low).max())


def _possible(metres: float) -> bool:
    return SMALLEST_SITE_M <= metres <= LARGEST_SITE_M
