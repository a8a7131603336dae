"""The smallest change of one camera's azimuth, tilt or hfov that would uncover a place.

Outwards from the pose as it stands, in steps, until the place is no longer covered; then the step is halved until the
change is known to a millionth of it. Everything else stays as documented. A change that uncovers a place only within
a range narrower than one step is not found.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from cammon_coverage.draws import AZIMUTH, HFOV, TILT, WIDEST_DEG, Deviations
from cammon_coverage.model import Camera
from cammon_coverage.optics import Floats

HALVINGS = 20
NARROWEST = -0.95


class Quantity(StrEnum):
    """What of a pose changes: azimuth and tilt in degrees, hfov as a share of itself."""

    AZIMUTH = "azimuth"
    TILT = "tilt"
    HFOV = "hfov"


COLUMNS = {Quantity.AZIMUTH: AZIMUTH, Quantity.TILT: TILT, Quantity.HFOV: HFOV}
STEPS = {Quantity.AZIMUTH: 0.25, Quantity.TILT: 0.25, Quantity.HFOV: 0.01}


@dataclass(frozen=True, slots=True)
class Margin:
    """The change that would uncover a place: of which camera, of what, how much, and in standard deviations.

    `change` is signed: degrees, or for hfov a share of it (-0.1: ten per cent narrower).
    """

    camera: str
    quantity: Quantity
    change: float
    deviations: float


Covered = Callable[[Floats], Iterator[bool]]
"""Changes (n, 4) of one camera -> whether the place is covered under each, worked out when asked for."""


def camera_margin(camera: Camera, deviations: Deviations, covered: Covered, below: float) -> Margin | None:
    """The smallest change of one camera, in standard deviations; None when there is none smaller than `below`.

    What a camera knows exactly (deviation 0) does not change.
    """
    best: Margin | None = None
    for quantity, column in COLUMNS.items():
        scale = float(deviations.scales[column])
        if scale == 0:
            continue
        for furthest in _furthest(camera, quantity):
            bound = min(abs(furthest), below * scale) * float(np.sign(furthest))
            change = _first_change(quantity, bound, covered)
            if change is not None and abs(change) / scale < below:
                below = abs(change) / scale
                best = Margin(camera.id, quantity, change, below)
    return best


def _furthest(camera: Camera, quantity: Quantity) -> tuple[float, float]:
    """How far a quantity can change at all, either way."""
    if quantity is Quantity.AZIMUTH:
        return -180.0, 180.0
    if quantity is Quantity.TILT:
        return -90.0 - camera.pose.tilt_deg, 90.0 - camera.pose.tilt_deg
    lens = camera.lens
    return NARROWEST, max(0.0, WIDEST_DEG[lens.projection] / lens.hfov_deg - 1)


def _first_change(quantity: Quantity, bound: float, covered: Covered) -> float | None:
    """The first change between 0 and the bound under which the place is uncovered, to a millionth of a step."""
    if bound == 0:
        return None
    count = max(1, int(np.ceil(abs(bound) / STEPS[quantity])))
    tried = np.linspace(0.0, bound, count + 1)[1:]
    first = next((n for n, good in enumerate(covered(_changes(quantity, tried))) if not good), None)
    if first is None:
        return None
    good, bad = (0.0 if first == 0 else float(tried[first - 1])), float(tried[first])
    for _ in range(HALVINGS):
        middle = (good + bad) / 2
        if next(covered(_changes(quantity, np.array([middle])))):
            good = middle
        else:
            bad = middle
    return bad


def _changes(quantity: Quantity, values: Floats) -> Floats:
    changes = np.zeros((len(values), 4))
    changes[:, COLUMNS[quantity]] = values
    return changes
