"""Which clicks are wrong, and whether the ledger's aim is: every guess is fitted, and the guesses are weighed.

A guess leaves some clicks out, and may distrust the ledger's aim. It costs its chi-square, and a fixed sum for each
click left out and for the distrust: the chi-square that chance alone reaches once in many good clicks. The cheapest
guess is the answer; how much dearer the others are says how sure that is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import chi2

from cammon_coverage.calibration import FEWEST_CLICKS, Floats, PriorDeviations
from cammon_coverage.calibration_fit import (
    Fit,
    Problem,
    angle_residuals,
    deviations_of,
    fit,
    turned_starts,
)

FALSE_ALARM = 0.05
"""Chance that of some good clicks one is taken for wrong."""
OFF_CHANCE = 1e-4
"""Chance that a right ledger is taken for wrong."""
UNFIT_CHANCE = 1e-3
"""Clicks that fit so badly when the guess is right are not answered."""
DISTRUST = PriorDeviations(azimuth_deg=120.0, tilt_deg=40.0, roll_deg=20.0, hfov_pct=40.0)
FEWEST_AGAINST_LEDGER = 5
"""Clicks that must agree with each other before they outweigh the ledger's aim: four fit some pose too easily."""
AIM = 4
"""The first parameters are the aim: azimuth, tilt, roll, hfov."""
BEAM = 6
"""How many guesses are carried on when one more click is left out; of six clicks these are all pairs."""
MOST_LEFT_OUT = 3


@dataclass(frozen=True, slots=True, eq=False)
class Guess:
    """Clicks `kept` (ascending), whether the ledger's aim is trusted, the fit to that and what it costs."""

    kept: tuple[int, ...]
    trusts: bool
    deviations: Floats
    fit: Fit
    cost: float

    @property
    def freedom(self) -> int:
        """Degrees of freedom of its chi-square: every unknown has a prior, those of a distrusted aim tell nothing."""
        return 2 * len(self.kept) - (0 if self.trusts else AIM)

    @property
    def chi(self) -> float:
        """Chi-square of the clicks kept, with the priors that are trusted."""
        return self.fit.click_chi + self.fit.prior_chi

    @property
    def fits(self) -> bool:
        """Whether chance alone could bring such residuals."""
        return bool(chi2.sf(self.chi, self.freedom) > UNFIT_CHANCE)


class Guesses:
    """All guesses about one problem that were worth a fit, each fitted once."""

    def __init__(self, problem: Problem, prior: PriorDeviations) -> None:
        self.problem = problem
        self._prior = prior
        self._known: dict[tuple[tuple[int, ...], bool], Guess] = {}
        everything = tuple(range(len(problem.pixels)))
        self._search(everything, trusts=True)
        if not self._cheapest().fits or len(everything) - len(self._cheapest().kept) > 1:
            self._search(everything, trusts=False)
        self.best = self._cheapest()
        self._weighed = tuple(self._known.values())

    def _cheapest(self) -> Guess:
        return min(self._known.values(), key=lambda guess: guess.cost)

    def weights(self) -> list[tuple[float, Guess]]:
        """How likely each guess is, the answerable ones alone; they sum to 1."""
        answerable = [guess for guess in self._weighed if len(guess.kept) >= FEWEST_CLICKS]
        likely = np.exp([(self.best.cost - guess.cost) / 2 for guess in answerable])
        return list(zip((likely / likely.sum()).tolist(), answerable, strict=True))

    def doubt(self, click: int) -> float:
        """Chance that a good click fits the ones that the best guess keeps as badly as this one or worse."""
        best = self.best
        others = tuple(number for number in best.kept if number != click)
        apart = self._guess(others, best.trusts)
        together = self._guess(tuple(sorted({*others, click})), best.trusts)
        return float(chi2.sf(max(0.0, together.chi - apart.chi), 2))

    def _search(self, everything: tuple[int, ...], *, trusts: bool) -> None:
        """Leave out one click more as long as that is what the best guess does, or the best guess does not fit."""
        agreeing = max(FEWEST_AGAINST_LEDGER, len(everything) - len(everything) // 4)
        fewest = FEWEST_CLICKS - 1 if trusts else agreeing
        if len(everything) < fewest:
            return
        level = [everything]
        for left_out in range(MOST_LEFT_OUT + 1):
            found = sorted((self._guess(kept, trusts) for kept in level), key=lambda guess: guess.cost)
            full = len(everything) - left_out
            best = self._cheapest()
            if (left_out > 0 and best.fits and len(best.kept) > full) or full <= fewest:
                return
            level = list(dict.fromkeys(kept for guess in found[:BEAM] for kept in _one_less(guess.kept)))

    def _guess(self, kept: tuple[int, ...], trusts: bool) -> Guess:
        if (kept, trusts) not in self._known:
            self._known[kept, trusts] = self._fitted(kept, trusts)
        return self._known[kept, trusts]

    def _fitted(self, kept: tuple[int, ...], trusts: bool) -> Guess:
        chosen = list(kept)
        part = replace(self.problem, pixels=self.problem.pixels[chosen], points=self.problem.points[chosen])
        total = len(self.problem.pixels)
        cost = (total - len(kept)) * float(chi2.isf(FALSE_ALARM / total, 2))
        if trusts:
            deviations = deviations_of(self._prior)
            found = fit(part, deviations, part.ledger)
        else:
            deviations = _distrusting(self._prior)
            found = fit(part, deviations, _best_start(part), weightings=2)
            cost += float(chi2.isf(OFF_CHANCE, AIM))
        return Guess(kept, trusts, deviations, found, cost + found.click_chi + found.prior_chi)


def _one_less(kept: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    for number in kept:
        yield tuple(other for other in kept if other != number)


def _distrusting(prior: PriorDeviations) -> Floats:
    deviations = deviations_of(prior)
    deviations[:AIM] = np.maximum(deviations_of(DISTRUST)[:AIM], deviations[:AIM])
    return deviations


def _best_start(part: Problem) -> Floats:
    return min(turned_starts(part), key=lambda values: float(np.sum(angle_residuals(part, values) ** 2)))
