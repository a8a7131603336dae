"""The nouns of calibration: a camera's pose and angle of view from pairs of picture point and map point. Values only.

Metres, degrees, pixels (u right, v down from the upper left corner, pixel centres at .5). The answers come from
`calibration_solve.calibrate`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from cammon_coverage.model import Lens, Pose

Floats = NDArray[np.float64]

FEWEST_CLICKS = 4
"""Two points leave angle of view and roll to the ledger, three leave a wrong one unnoticed."""
PARAMETERS = ("azimuth_deg", "tilt_deg", "roll_deg", "hfov_deg", "x", "y", "height_m")
"""What is solved for, in the order of `Calibration.covariance`."""


@dataclass(frozen=True, slots=True)
class Click:
    """A point of the picture (u, v) and what it shows: a point (x, y) of the map at the height z above the ground."""

    u: float
    v: float
    x: float
    y: float
    z: float = 0.0
    label: str = ""


@dataclass(frozen=True, slots=True)
class PriorDeviations:
    """How far the ledger may be off, one standard deviation each; 0 holds a value fast. `hfov_pct` per cent of hfov."""

    azimuth_deg: float = 5.0
    tilt_deg: float = 3.0
    roll_deg: float = 2.0
    hfov_pct: float = 10.0
    position_m: float = 0.5
    height_m: float = 0.3


@dataclass(frozen=True, slots=True)
class ClickDeviations:
    """How far clicks and map are off, one standard deviation: pixels along u and v, metres along x and y, metres of
    height."""

    click_px: float = 4.0
    map_m: float = 1.0
    height_m: float = 0.5


class RefusalCode(StrEnum):
    """Why there is no answer. The parameters of each stand beside it."""

    BAD_VALUE = "bad_value"
    """what: the pose, lens, click or deviation that is no usable number"""
    OUTSIDE_PICTURE = "outside_picture"
    """click (from 1), u, v, width_px, height_px"""
    TOO_FEW_CLICKS = "too_few_clicks"
    """clicks, fewest"""
    TOO_FEW_PLACES = "too_few_places"
    """places: how many different places of picture and map the clicks show; fewest"""
    TOO_FEW_GOOD_CLICKS = "too_few_good_clicks"
    """good, doubtful (numbers from 1, separated by commas), fewest"""
    CLICKS_DISAGREE = "clicks_disagree"
    """chi_square, degrees_of_freedom, doubtful (the likeliest, from 1)"""
    NOT_DETERMINED = "not_determined"
    """parameter, deviation"""


@dataclass(frozen=True, slots=True)
class Refusal:
    """No answer, and why."""

    code: RefusalCode
    params: Mapping[str, str | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClickResult:
    """How one click fits the calibrated pose.

    `residual_px` (u, v): click minus where its map point appears; None when that lies behind the lens.
    `expected_px`: the length that click and map deviations let one expect (root of the mean square). `doubt`: chance
    that a good click fits the others as badly or worse. `doubtful`: left out of the answer.
    """

    residual_px: tuple[float, float] | None
    expected_px: float
    doubt: float
    doubtful: bool


@dataclass(frozen=True, slots=True)
class Calibration:
    """The pose and lens that the clicks show.

    `intervals`: parameter -> (low, high), true in 95 of 100 cases; an azimuth interval may leave 0 to 360.
    `covariance` (7 x 7, order of PARAMETERS), in degrees and metres; wider than that of the fit where another choice
    of the wrong click explains the clicks nearly as well. `prior_off`: the ledger's aim contradicts the clicks and was
    not used. `chi_square` of the good clicks and `degrees_of_freedom`.
    """

    pose: Pose
    lens: Lens
    covariance: Floats = field(compare=False)
    intervals: Mapping[str, tuple[float, float]]
    clicks: tuple[ClickResult, ...]
    prior_off: bool
    chi_square: float
    degrees_of_freedom: int

    @property
    def doubtful(self) -> tuple[int, ...]:
        """The clicks that were left out, numbered from 0."""
        return tuple(number for number, click in enumerate(self.clicks) if click.doubtful)

    def deviation(self, parameter: str) -> float:
        """Standard deviation of one of PARAMETERS, in its unit."""
        place = PARAMETERS.index(parameter)
        return float(np.sqrt(self.covariance[place, place]))
