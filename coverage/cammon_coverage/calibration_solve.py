"""From clicks to a calibrated pose, or to the reason why there is none."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple

import numpy as np
from scipy.stats import t as student

from cammon_coverage import optics
from cammon_coverage.calibration import (
    FEWEST_CLICKS,
    PARAMETERS,
    Calibration,
    Click,
    ClickDeviations,
    ClickResult,
    Floats,
    PriorDeviations,
    Refusal,
    RefusalCode,
)
from cammon_coverage.calibration_choice import Guess, Guesses
from cammon_coverage.calibration_fit import (
    Problem,
    angle_covariances,
    covariance_of,
    lens_of,
    local_rays,
    pose_of,
    problem_of,
)
from cammon_coverage.model import Lens, Pose, Projection

PRIOR_FREEDOM = 20
"""How many residuals' worth of trust the stated click and map deviations have against what the residuals show."""
CONFIDENCE = 0.95
APART_PX = 3.0
"""Clicks nearer than so many click deviations to each other show one place."""
WIDEST: Mapping[str, float] = {"azimuth_deg": 15.0, "tilt_deg": 15.0}
"""Deviations beyond which clicks have not determined an aim that the ledger does not give."""
WIDEST_LOG = math.log(360.0)
AZIMUTH, HFOV = PARAMETERS.index("azimuth_deg"), PARAMETERS.index("hfov_deg")


def calibrate(
    clicks: Sequence[Click],
    pose: Pose,
    lens: Lens,
    prior: PriorDeviations | None = None,
    noise: ClickDeviations | None = None,
) -> Calibration | Refusal:
    """The pose and angle of view that the clicks show, given the ledger's pose and lens and how far those may be off.

    The answer does not hang on the order of the clicks.
    """
    prior, noise = prior or PriorDeviations(), noise or ClickDeviations()
    refused = _bad_input(clicks, pose, lens, prior, noise) or _too_few(clicks, noise)
    if refused is not None:
        return refused
    guesses = Guesses(problem_of(clicks, pose, lens, noise), prior)
    return _unusable(guesses, len(clicks)) or _answer(guesses, pose, lens)


def _bad_input(
    clicks: Sequence[Click], pose: Pose, lens: Lens, prior: PriorDeviations, noise: ClickDeviations
) -> Refusal | None:
    fault = optics.pose_fault(pose) or optics.lens_fault(lens)
    for group in (prior, noise):
        if not all(math.isfinite(value) and value >= 0 for value in astuple(group)):
            fault = fault or f"deviations {group} must be finite and not negative"
    if noise.click_px <= 0:
        fault = fault or "click_px must be above 0"
    for number, click in enumerate(clicks, 1):
        if not all(math.isfinite(value) for value in (click.u, click.v, click.x, click.y, click.z)):
            fault = fault or f"click {number} has a value that is not a finite number"
    if fault is not None:
        return Refusal(RefusalCode.BAD_VALUE, {"what": fault})
    outside = (number for number, click in enumerate(clicks) if not in_picture(lens, click.u, click.v))
    first = next(outside, None)
    if first is None:
        return None
    click = clicks[first]
    size = {"width_px": lens.width_px, "height_px": lens.height_px}
    return Refusal(RefusalCode.OUTSIDE_PICTURE, {"click": first + 1, "u": click.u, "v": click.v, **size})


def in_picture(lens: Lens, u: float, v: float) -> bool:
    """Whether a pixel shows something: it is on the picture, of a fisheye within the image circle."""
    inside = 0 <= u <= lens.width_px and 0 <= v <= lens.height_px
    if lens.projection is Projection.FISHEYE:
        inside = inside and math.hypot(u - lens.width_px / 2, v - lens.height_px / 2) <= lens.width_px / 2
    return inside


def _too_few(clicks: Sequence[Click], noise: ClickDeviations) -> Refusal | None:
    if len(clicks) < FEWEST_CLICKS:
        return Refusal(RefusalCode.TOO_FEW_CLICKS, {"clicks": len(clicks), "fewest": FEWEST_CLICKS})
    in_picture_px = [(click.u, click.v) for click in clicks]
    on_map_m = [(click.x, click.y, click.z) for click in clicks]
    places = min(_different(in_picture_px, APART_PX * noise.click_px), _different(on_map_m, 1e-3))
    if places < FEWEST_CLICKS:
        return Refusal(RefusalCode.TOO_FEW_PLACES, {"places": places, "fewest": FEWEST_CLICKS})
    return None


def _different(points: Sequence[tuple[float, ...]], apart: float) -> int:
    """How many of the points are left when each takes away those near it; in sorted order, so that order is nothing."""
    kept: list[tuple[float, ...]] = []
    for point in sorted(points):
        if all(math.dist(point, other) > apart for other in kept):
            kept.append(point)
    return len(kept)


def _numbers(left_out: Sequence[int]) -> str:
    return ", ".join(str(number + 1) for number in left_out)


def _unusable(guesses: Guesses, clicks: int) -> Refusal | None:
    best = guesses.best
    left_out = [number for number in range(clicks) if number not in best.kept]
    if len(best.kept) < FEWEST_CLICKS:
        params: dict[str, str | float] = {
            "good": len(best.kept),
            "doubtful": _numbers(left_out),
            "fewest": FEWEST_CLICKS,
        }
        return Refusal(RefusalCode.TOO_FEW_GOOD_CLICKS, params)
    if not best.fits:
        worst = left_out or [min(range(clicks), key=guesses.doubt)]
        figures: dict[str, str | float] = {
            "chi_square": best.chi,
            "degrees_of_freedom": best.freedom,
            "doubtful": _numbers(worst),
        }
        return Refusal(RefusalCode.CLICKS_DISAGREE, figures)
    covariance = covariance_of(best.fit, best.deviations, 1.0)
    for parameter, widest in WIDEST.items():
        deviation = math.sqrt(covariance[PARAMETERS.index(parameter), PARAMETERS.index(parameter)])
        if not best.trusts and deviation > widest:
            return Refusal(RefusalCode.NOT_DETERMINED, {"parameter": parameter, "deviation": deviation})
    return None


def _answer(guesses: Guesses, pose: Pose, lens: Lens) -> Calibration:
    best = guesses.best
    freedom = PRIOR_FREEDOM + best.freedom
    factor = (PRIOR_FREEDOM + best.chi) / freedom
    covariance = _mixed(guesses, factor)
    values = best.fit.values.copy()
    reach = float(student.ppf((1 + CONFIDENCE) / 2, freedom)) * np.sqrt(np.diag(covariance))
    values[AZIMUTH] %= 360.0
    unit = np.where(np.arange(len(values)) == HFOV, math.exp(values[HFOV]), 1.0)
    ends = (_plain(values - reach), _plain(values + reach))
    return Calibration(
        pose=pose_of(values),
        lens=lens_of(lens, values),
        covariance=covariance * np.outer(unit, unit),
        intervals={name: (float(low), float(high)) for name, low, high in zip(PARAMETERS, *ends, strict=True)},
        clicks=_click_results(guesses),
        prior_off=not best.trusts,
        chi_square=best.chi,
        degrees_of_freedom=best.freedom,
    )


def _plain(values: Floats) -> Floats:
    """The same values with hfov in degrees."""
    plain = values.copy()
    plain[HFOV] = math.exp(min(values[HFOV], WIDEST_LOG))
    return plain


def _mixed(guesses: Guesses, factor: float) -> Floats:
    """Covariance about the best guess, over all guesses by their weight."""
    total = np.zeros((len(PARAMETERS), len(PARAMETERS)))
    for weight, guess in guesses.weights():
        away = guess.fit.values - guesses.best.fit.values
        away[AZIMUTH] = (away[AZIMUTH] + 180.0) % 360.0 - 180.0
        total += weight * (covariance_of(guess.fit, guess.deviations, factor) + np.outer(away, away))
    return total


def _click_results(guesses: Guesses) -> tuple[ClickResult, ...]:
    best, problem = guesses.best, guesses.problem
    pose, lens = pose_of(best.fit.values), lens_of(problem.lens, best.fit.values)
    shown, depth, _ = optics.project(pose, lens, problem.points)
    expected = _expected_px(problem, best, lens)
    results = []
    for number, (pixel, place) in enumerate(zip(problem.pixels, shown, strict=True)):
        off = pixel - place
        residual = (float(off[0]), float(off[1])) if depth[number] > 0 and np.isfinite(off).all() else None
        results.append(ClickResult(residual, float(expected[number]), guesses.doubt(number), number not in best.kept))
    return tuple(results)


def _expected_px(problem: Problem, best: Guess, lens: Lens) -> Floats:
    """(n,) root mean square length of a good click's residual, pixels."""
    middle = np.array([lens.width_px / 2, lens.height_px / 2])
    inner = middle + (problem.pixels - middle) * 0.999
    steps = np.array([[0.0, 0.0], [0.5, 0.0], [0.0, 0.5]])
    here, right, down = (local_rays(lens, inner + step) for step in steps)
    per_px = 2.0 * np.sqrt(np.linalg.norm(np.cross(right - here, down - here), axis=1))
    spread = np.trace(angle_covariances(problem, best.fit.values), axis1=1, axis2=2)
    expected: Floats = np.sqrt(spread) / per_px
    return expected
