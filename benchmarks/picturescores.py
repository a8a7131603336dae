"""Counting what diagnosers said of the development pack, cross-validated by scene."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from picturepack import PackTest

ALLOWED = 0.01
"""False alarms that a limit allows, as a share of the clean frames."""


@dataclass(frozen=True)
class Told:
    """What a diagnoser said of one test. `verdict` is None where it has measures alone and no threshold of its own."""

    test: PackTest
    scores: dict[str, float]
    verdict: str | None = None
    iou: float | None = None


@dataclass(frozen=True)
class Share:
    """So many of so many, with the 95 % interval of Wilson."""

    count: int
    of: int

    @property
    def value(self) -> float:
        """The share; not a number of nothing."""
        return self.count / self.of if self.of else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share lies with 95 % confidence."""
        if not self.of:
            return 0.0, 1.0
        z, p, n = 1.96, self.value, self.of
        middle, half = p + z * z / 2 / n, z * math.sqrt(p * (1 - p) / n + z * z / 4 / n / n)
        return max(0.0, (middle - half) / (1 + z * z / n)), min(1.0, (middle + half) / (1 + z * z / n))

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.2f} [{low:.2f}, {high:.2f}]" if self.of else "-"


def share(answers: Iterable[bool]) -> Share:
    """How many of the answers are yes."""
    known = list(answers)
    return Share(sum(known), len(known))


def folds_of(tests: Sequence[PackTest], count: int) -> list[set[str]]:
    """The scenes in folds; those with many tests are spread over all."""
    sizes: dict[str, int] = {}
    for test in tests:
        sizes[test.scene] = sizes.get(test.scene, 0) + 1
    ordered = sorted(sizes, key=lambda scene: (-sizes[scene], scene))
    return [set(ordered[start::count]) for start in range(count)]


def limit(clean: Iterable[float]) -> float:
    """The score that at most 1 % of the clean frames exceed."""
    ordered = sorted(clean, reverse=True)
    return ordered[min(len(ordered) - 1, int(ALLOWED * len(ordered)))] if ordered else 0.0


class Limits:
    """What the clean frames of the other folds allow: a limit for each score, and one for the highest of all.

    Measures without a common scale are first held against their own limit: 0 is the middle of the clean frames, 1 what
    1 % of them exceed.
    """

    def __init__(self, clean: Sequence[Told], scaled: bool) -> None:
        faults = sorted({fault for one in clean for fault in one.scores})
        values = {fault: [one.scores[fault] for one in clean if _enters(fault, one)] for fault in faults}
        self.own = {fault: limit(known) for fault, known in values.items()}
        self._middle = {
            fault: float(np.median(known)) if known and not scaled else 0.0 for fault, known in values.items()
        }
        self._scaled = scaled
        self.any = limit(self.highest(one)[0] for one in clean)

    def highest(self, one: Told) -> tuple[float, str]:
        """The highest score of a test and its fault."""
        return max((self._held(fault, score), fault) for fault, score in one.scores.items())

    def _held(self, fault: str, score: float) -> float:
        if self._scaled:
            return score
        return (score - self._middle[fault]) / max(self.own[fault] - self._middle[fault], 1e-9)


def _enters(fault: str, one: Told) -> bool:
    return fault != "frozen" or bool(one.test.previous)


class Scored:
    """A diagnoser's answers, with limits for each test from the clean frames of the scenes of the other folds."""

    def __init__(self, name: str, told: Sequence[Told], folds: Sequence[set[str]], *, scaled: bool) -> None:
        self.name = name
        self.told = list(told)
        self.folds = folds
        clean = [one for one in told if one.test.fault == "ok"]
        self._limits = [Limits([one for one in clean if one.test.scene not in scenes], scaled) for scenes in folds]

    def _limits_of(self, one: Told) -> Limits:
        return next(found for found, scenes in zip(self._limits, self.folds, strict=True) if one.test.scene in scenes)

    @property
    def clean(self) -> list[Told]:
        """The healthy frames."""
        return [one for one in self.told if one.test.fault == "ok"]

    @property
    def real(self) -> list[Told]:
        """The really degraded frames."""
        return [one for one in self.told if one.test.real]

    @property
    def scene_sizes(self) -> dict[str, int]:
        """How many tests each scene has, those with most first."""
        counted = Counter(one.test.scene for one in self.told)
        return dict(sorted(counted.items(), key=lambda one: (-one[1], one[0])))

    def of(self, *faults: str, where: Callable[[PackTest], bool] = lambda _: True) -> list[Told]:
        """The tests with these faults (all of them for none), but for the really degraded ones."""
        return [
            one
            for one in self.told
            if one.test.fault != "ok"
            and not one.test.real
            and (not faults or one.test.fault in faults)
            and where(one.test)
        ]

    def measures(self, fault: str) -> bool:
        """Whether the diagnoser has a score for this fault."""
        return any(fault in one.scores for one in self.told)

    def own(self, one: Told, fault: str) -> bool:
        """Whether the score of this fault exceeds its limit."""
        return one.scores.get(fault, -math.inf) > self._limits_of(one).own.get(fault, math.inf)

    def any(self, one: Told) -> bool:
        """Whether the highest score exceeds its limit."""
        limits = self._limits_of(one)
        return limits.highest(one)[0] > limits.any

    def verdict(self, one: Told) -> str:
        """The verdict; from the limits where the diagnoser has no threshold of its own."""
        if one.verdict is not None:
            return one.verdict
        return self._limits_of(one).highest(one)[1] if self.any(one) else "ok"

    def found(self, one: Told) -> bool:
        """Whether the verdict is that something is wrong."""
        return self.verdict(one) != "ok"

    def named(self, one: Told) -> bool:
        """Whether the verdict is one of the right names."""
        return self.verdict(one) in one.test.labels
