"""Thresholds chosen on some scenes and tried on others: how much choosing them on the whole pack flatters.

For every check that has thresholds of its own the candidates below stand for what a person might choose. `chosen`
takes, check by check, twice round, the candidate with which most faults of the given scenes are named right, less
`EACH` for a false alarm and `PRICE` for one beyond 1 % of their clean frames; of candidates that are equally good the
middle one.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import product

from picturepack import Pack, PackTest
from picturescores import ALLOWED, Told
from train_partial import Both, trained_without

from cammon_probes.model import Fault, Finding
from cammon_probes.picture import partial as partial_check
from cammon_probes.picture.frame import PreparedFrame, prepare
from cammon_probes.picture.hiddenness import Hiddenness
from cammon_probes.picture.partial import Compared, Floats, Partial
from cammon_probes.picture.reference import Sketch
from cammon_probes.picture.registry import CHECKS, Check, weighed

CANDIDATES: dict[Fault, dict[str, tuple[float, ...]]] = {
    Fault.BLACK: {"mean_luma": (4, 5.5, 7, 9)},
    Fault.OVEREXPOSED: {"mean_luma": (195, 205, 215), "bright_luma": (182, 190, 200), "stretched": (1.0, 1.15, 1.3)},
    Fault.SIGNAL_LOSS: {"drawn_share": (0.7, 0.8, 0.87), "entropy": (3.0, 3.6, 4.2)},
    Fault.COVERED: {"similarity": (0.5, 0.55, 0.6, 0.65), "edge_drop": (0.5, 0.65, 0.8)},
    Fault.CORRUPTED: {"share": (0.006, 0.0085, 0.012)},
    Fault.UNDEREXPOSED: {"mean_luma": (22, 28, 34), "dim_luma": (36, 38.5, 41)},
    Fault.STRIPES: {"peak": (1.0, 1.4, 2.0), "peak_without": (5.2, 6.0, 6.8)},
    Fault.NOISE: {"own_more": (1.5, 2.0, 2.5, 3.5), "levels": (5.5, 6.5, 8.0)},
    Fault.MOVED: {"gain": (0.035, 0.045, 0.055, 0.07, 0.09)},
    Fault.BLUR: {"drop": (0.2, 0.25, 0.3, 0.4), "lowest_fineness": (-1.2, -1.35, -1.5)},
    Fault.LOW_CONTRAST: {"veil": (1.0, 1.15, 1.3, 1.5), "alone": (0.5, 0.75, 1.0)},
    Fault.PARTIAL: {"missing": (0.038, 0.043, 0.048, 0.055, 0.065), "share": (0.09, 0.118, 0.15)},
    Fault.COLOUR_CAST: {"shift": (7.5, 10, 13), "strange_everywhere": (20, 23, 26)},
    Fault.FROZEN: {"change": (0.5, 0.6, 0.71, 0.85)},
}
ROUNDS = 2
EACH, PRICE = 0.5, 3.0
"""Faults named right that a false alarm costs, and one beyond the allowed ones."""


@dataclass(frozen=True)
class Answers:
    """What every candidate of every check says of one test: for each check a row for each candidate."""

    test: PackTest
    compared: bool
    findings: tuple[tuple[Finding, ...], ...]

    def told(self, choice: Sequence[int]) -> Told:
        """What the checks say with these candidates."""
        found = weighed([row[which] for row, which in zip(self.findings, choice, strict=True)], self.compared)
        verdict = next((one.fault.value for one in found if one.bad), "ok")
        return Told(self.test, {one.fault.value: one.score for one in found}, verdict)


def candidates_of(check: Check) -> list[Check]:
    """The check with each of its candidates."""
    names = CANDIDATES[check.fault]
    return [replace(check, **dict(zip(names, values, strict=True))) for values in product(*names.values())]  # type: ignore[type-var]


class _Remembered(Compared):
    """A frame laid upon all good frames once, for all candidates and models."""

    def __init__(self, frame: PreparedFrame, known: tuple[Sketch, ...]) -> None:
        super().__init__(frame, known)
        super().follow_sway()
        self._features, self._closely = super().features(), super().features(closely=True)

    def follow_sway(self) -> bool:
        """It has."""
        return False

    def features(self, *, closely: bool = False) -> Floats:
        return self._closely if closely else self._features


def with_chosen(pack: Pack, found: Both, folds: Sequence[Collection[str]]) -> list[Told]:
    """What is told of each test with thresholds (and a model of `partial`) from the other folds' scenes."""
    models = [trained_without(found.cells, scenes) for scenes in folds]
    answers = [_answers(pack, test, models) for test in pack.tests]
    told = []
    for fold, scenes in enumerate(folds):
        mine = [replace(one[0], findings=one[1][fold]) for one in answers]
        choice = chosen([one for one in mine if one.test.scene not in scenes])
        print(f"  thresholds without fold {fold + 1}:", described(choice))
        told += [one.told(choice) for one in mine if one.test.scene in scenes]
    return told


def _answers(
    pack: Pack, test: PackTest, models: Sequence[Hiddenness]
) -> tuple[Answers, list[tuple[tuple[Finding, ...], ...]]]:
    """The answers of one test, and the findings with each fold's model."""
    reference = pack.reference(test.camera)
    for file in test.previous:
        reference = reference.after(pack.picture(file))
    frame = prepare(pack.picture(test.frame))
    rows = {
        check.fault: tuple(one(frame, reference) for one in candidates_of(check))
        for check in CHECKS
        if check.fault is not Fault.PARTIAL
    }
    kept: list[_Remembered] = []

    def once(prepared: PreparedFrame, known: tuple[Sketch, ...]) -> _Remembered:
        kept[:] = kept or [_Remembered(prepared, known)]
        return kept[0]

    by_fold = []
    usual, partial_check.Compared = partial_check.Compared, once  # type: ignore[assignment,misc]
    for model in models:
        hidden = tuple(one(frame, reference) for one in candidates_of(Partial(cells=model)))
        light = tuple(replace(one, hidden=None) for one in hidden)
        by_fold.append(tuple(light if check.fault is Fault.PARTIAL else rows[check.fault] for check in CHECKS))
    partial_check.Compared = usual  # type: ignore[misc]
    return Answers(test, bool(reference.of_size(frame)), ()), by_fold


def chosen(answers: Sequence[Answers]) -> list[int]:
    """Which candidate of each check is best on these tests."""
    counts = [len(candidates_of(check)) for check in CHECKS]
    choice = [count // 2 for count in counts]
    for _ in range(ROUNDS):
        for which, count in enumerate(counts):
            values = [_worth(answers, [*choice[:which], option, *choice[which + 1 :]]) for option in range(count)]
            best = [option for option, value in enumerate(values) if value >= max(values) - 1e-9]
            choice[which] = best[len(best) // 2]
    return choice


def _worth(answers: Sequence[Answers], choice: Sequence[int]) -> float:
    told = [one.told(choice) for one in answers]
    clean = [one for one in told if one.test.fault == "ok"]
    false = sum(one.verdict != "ok" for one in clean)
    named = sum(one.verdict in one.test.labels for one in told if one.test.fault != "ok")
    return named - PRICE * max(0.0, false - ALLOWED * len(clean)) - EACH * false


def described(choice: Sequence[int]) -> str:
    """The chosen thresholds in words."""
    parts = []
    for check, which in zip(CHECKS, choice, strict=True):
        names = CANDIDATES[check.fault]
        values = list(product(*names.values()))[which]
        parts += [f"{check.fault.value}.{name} {value:g}" for name, value in zip(names, values, strict=True)]
    return ", ".join(parts)
