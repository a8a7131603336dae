"""What is still as it was: whatever acts on the whole lens leaves no part of the view as good frames show it.

Fog, a film, a lens out of focus, a cover act on every part. Drops on the glass, snow on the ground, a shadow, a light
that shines in take some parts and leave others. Parts are cells (see `cells`); only those in which every good frame has
structure are asked.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from . import cells
from .frame import PreparedFrame
from .reference import Sketch

Floats = NDArray[np.float32]

_WINDOW = 2
"""The larger window of `cells`: 10 x 10 pixels of the small picture."""
_STRUCTURED = 0.5
"""The half of the cells that have most structure are asked."""
FITS = 0.5
"""Normalised correlation with a good frame from which on a cell is still seen."""
NEW_LIGHT, NEW_LIGHT_MORE, CLIPPED = 225, 40, 250
"""Gray level of a light that shines into the lens, by how much it is above what most good frames show there, and from
where on a sensor tells no more: where good frames are nearly as bright, it must be that."""
_REACH_PX = 9


def contrast_kept(frame: PreparedFrame, known: Sequence[Sketch], loss: float) -> float:
    """The share of the structured cells whose contrast is not `loss` (ln of deviation over mean) below the least."""
    least = _contrast([one.thumb for one in known]).min(axis=0)
    return _share_kept(least - _contrast([frame.thumb])[0], least, loss)


def fits_kept(frame: PreparedFrame, known: Sequence[Sketch]) -> float:
    """The share of the structured cells in which the view still fits a good frame, whatever its contrast."""
    known = [one for one in known if one.thumb.shape == frame.thumb.shape]
    if not known:
        return 0.0
    now = cells.Lights.of([frame.thumb])
    laid = cells.laid_upon(frame.thumb, now, [one.thumb for one in known], sways=True)
    fits = cells.best_fit(laid)[_WINDOW - 1]
    least = _contrast([one.thumb for one in known]).min(axis=0)
    return _share_kept(-fits, least, -FITS)


def dazzled(frame: PreparedFrame, known: Sequence[Sketch], most: float = 0.2, least: float = 0.002) -> bool:
    """Whether a light shines into the lens that most good frames do not show: the low sun, headlights. Its veil is no
    film on the glass. A light is small: it fills `least` to `most` of the picture. The bank has frames of that hour
    with the sun in them; a white wall is bright in most."""
    middle = np.asarray(np.median([one.thumb for one in known], axis=0), dtype=np.uint8)
    usual = cv2.dilate(middle, np.ones((_REACH_PX, _REACH_PX), np.uint8))
    least_level = np.clip(usual.astype(np.int16) + NEW_LIGHT_MORE, NEW_LIGHT, CLIPPED)
    share = float(((frame.thumb >= least_level) & (usual < CLIPPED - 5)).mean())
    return least <= share <= most


def _contrast(thumbs: Sequence[NDArray[np.uint8]]) -> Floats:
    return cells.spread_of(cells.by_cells(cells.Lights.of(thumbs).variances[_WINDOW - 1]))


def _share_kept(lost: Floats, least: Floats, loss: float) -> float:
    structured = least >= np.quantile(least, 1.0 - _STRUCTURED)
    return float((lost[structured] < loss).mean())
