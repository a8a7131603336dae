"""Picture checks on the development pack, cross-validated by scene, and beside them what others use.

    CAMMON_DATA=... python benchmarks/pictures.py [--folds 5] [--no-peers] [--no-choosing] [--no-cost | --cost-alone]

First the figures that are asked for, row by row: target, ours and the peers', with 95 % intervals (Wilson). Then for
each diagnoser a table by fault: recall at 1 % false alarms of its own score, recall of the highest score at 1 %
(`any`), found and named by the own verdict; the spread over folds; the scenes with many tests apart. Last the CPU of
one look.

Cross-validated means: the limit that separates 1 % of the clean frames is taken from the other folds' scenes alone, and
what `partial` has learnt comes from the other folds' scenes. "cammon" has the thresholds as they stand, which were
chosen by looking at this pack; "thresholds chosen" those that `picturethresholds.py` takes from the other folds. The
peers are the recipes "variance of the Laplacian below 100" and "mean below 30", ffmpeg's filters (blackdetect,
blurdetect, freezedetect, signalstats, blockdetect) and BRISQUE (`pip install brisque`), where they are installed. False
alarms per camera and month: `pictures_longrun.py`; rendered cameras without history: `pictures_alone.py`.
"""

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "probes"), str(ROOT / "benchmarks")]

from picturecost import SIZES, cost_table, memory_kb  # noqa: E402
from picturepack import Pack, PackTest, Picture  # noqa: E402
from picturepeers import peers  # noqa: E402
from picturescores import Scored, Share, Told, folds_of, share  # noqa: E402
from picturethresholds import with_chosen  # noqa: E402
from train_partial import Both, examples, trained_without  # noqa: E402

from cammon.process import ready_for_pictures  # noqa: E402
from cammon_probes.model import PICTURE_FAULTS, Fault  # noqa: E402
from cammon_probes.picture.frame import prepare  # noqa: E402
from cammon_probes.picture.partial import Partial  # noqa: E402
from cammon_probes.picture.registry import CHECKS, Check, judge  # noqa: E402

Figure = Callable[[Scored], object]
MANY_TESTS = 29
"""Scenes with so many tests stand apart."""
RECALL_TARGETS = (
    (".98", ("black", "covered", "signal_loss", "noise", "overexposed", "underexposed", "moved")),
    (".97", ("blur", "colour_cast", "corrupted")),
    (".95", ("stripes", "frozen")),
    (".90", ("low_contrast",)),
)
COST_TARGETS_MS = (25, 8)


def ours(pack: Pack, found: Both, folds: list[set[str]]) -> list[Told]:
    """The findings of the checks, `partial` with the model of the scene's fold."""
    told = []
    for scenes in folds:
        partial = Partial(cells=trained_without(found.cells, scenes), quarters=trained_without(found.quarters, scenes))
        checks: tuple[Check, ...] = tuple(partial if isinstance(one, Partial) else one for one in CHECKS)
        told += [_told(pack, test, checks) for test in pack.tests if test.scene in scenes]
    return told


def _told(pack: Pack, test: PackTest, checks: tuple[Check, ...]) -> Told:
    reference = pack.reference(test.camera)
    for file in test.previous:
        reference = reference.after(pack.picture(file))
    picture = pack.picture(test.frame)
    judgement = judge(prepare(picture), reference, checks)
    scores = {one.fault.value: one.score for one in judgement.findings}
    hidden = next(one.hidden for one in judgement.findings if one.fault is Fault.PARTIAL)
    return Told(test, scores, judgement.verdict or "ok", _iou(pack, test, hidden, picture))


def _iou(pack: Pack, test: PackTest, hidden: NDArray[np.bool_] | None, picture: Picture) -> float | None:
    if test.mask is None:
        return None
    if hidden is None:
        return 0.0
    truth = pack.picture(test.mask)[..., 0] > 0
    large = cv2.resize(hidden.astype(np.float32), picture.shape[1::-1], interpolation=cv2.INTER_LINEAR) >= 0.5
    return float((truth & large).sum() / max(1, (truth | large).sum()))


def asked(all_scored: Sequence[Scored]) -> None:
    """The figures that are asked for: what, target, and a column for each diagnoser."""
    print(f"\n{'':43} {'target':>7}  " + "  ".join(f"{one.name:18}" for one in all_scored))
    for what, target, figure in _rows():
        print(f"{what:43} {target:>7}  " + "  ".join(f"{figure(one)!s:18}" for one in all_scored).rstrip())


def _rows() -> list[tuple[str, str, Figure]]:
    rows: list[tuple[str, str, Figure]] = [
        ("any fault at 1 % false alarms", ".90", lambda it: share(it.any(one) for one in it.of())),
        ("false alarms, clean frames", ".01", lambda it: share(it.found(one) for one in it.clean)),
        ("  of these at night", ".00", lambda it: share(it.found(one) for one in it.clean if one.test.night)),
        ("fault named right", ".90", lambda it: share(it.named(one) for one in it.of())),
    ]
    for target, faults in RECALL_TARGETS:
        rows += [(f"{fault}, recall at 1 %", target, lambda it, fault=fault: _recall(it, fault)) for fault in faults]
    return [
        *rows,
        ("  frozen, encoded anew", ".85", lambda it: _recall(it, "frozen", lambda test: test.severity == 2)),
        ("partial, middle and strong", ".60", lambda it: _recall(it, "partial", lambda test: test.severity >= 2)),
        ("  mask, intersection over union", ".50", _mask),
        ("really degraded: found", ".85", lambda it: share(it.found(one) for one in it.real)),
        ("  any at 1 %", ".75", lambda it: share(it.any(one) for one in it.real)),
        ("  named", ".65", lambda it: share(it.named(one) for one in it.real)),
    ]


def _recall(it: Scored, fault: str, where: Callable[[PackTest], bool] = lambda _: True) -> Share | str:
    return share(it.own(one, fault) for one in it.of(fault, where=where)) if it.measures(fault) else "-"


def _mask(it: Scored) -> str:
    """Mean over the middle and strong ones, a missing mask counted as 0, with its 95 % interval by resampling tests."""
    known = np.array([one.iou for one in it.of("partial") if one.iou is not None and one.test.severity >= 2])
    if not known.any():
        return "none"
    means = np.random.default_rng(1).choice(known, (2000, len(known))).mean(axis=1)
    low, high = np.percentile(means, (2.5, 97.5))
    return f"{known.mean():.2f} [{low:.2f}, {high:.2f}]"


def by_fault(it: Scored) -> None:
    """Every fault, then the spread over folds and the scenes that bring many tests."""
    print(f"\n== {it.name}, cross-validated by scene")
    print(f"{'fault':13} {'n':>3} {'own@1%':>7} {'1/2/3':>15} {'any@1%':>7} {'found':>6} {'named':>6}")
    rows = [_row(it, fault.value) for fault in Fault if fault in PICTURE_FAULTS and it.of(fault.value)]
    mean = [math.nan if all(map(math.isnan, column)) else np.nanmean(column) for column in zip(*rows, strict=True)]
    print(f"{'all':13} {'':3} {_two(mean[0]):>7} {'':15} {mean[1]:7.2f} {mean[2]:6.2f} {mean[3]:6.2f}")
    print("any@1% by fold:", "  ".join(_any_in(it, scenes) for scenes in it.folds))
    sizes = it.scene_sizes
    many = [scene for scene, count in sizes.items() if count >= MANY_TESTS]
    print("scenes with many tests:", "  ".join(f"{scene} {_any_in(it, {scene})}" for scene in many))
    print(f"the other {len(sizes) - len(many)} scenes:", _any_in(it, set(sizes) - set(many)))


def _row(it: Scored, fault: str) -> tuple[float, float, float, float]:
    some = it.of(fault)
    own = share(it.own(one, fault) for one in some).value if it.measures(fault) else math.nan
    grades = [share(it.own(one, fault) for one in some if one.test.severity == grade).value for grade in (1, 2, 3)]
    found = [share(answer(one) for one in some).value for answer in (it.any, it.found, it.named)]
    shown = "/".join(map(_two, grades)) if it.measures(fault) else "-"
    print(f"{fault:13} {len(some):3} {_two(own):>7} {shown:>15} {found[0]:7.2f} {found[1]:6.2f} {found[2]:6.2f}")
    return own, found[0], found[1], found[2]


def _two(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2f}"


def _any_in(it: Scored, scenes: set[str]) -> str:
    known = share(it.any(one) for one in it.of() if one.test.scene in scenes)
    bad = share(it.any(one) for one in it.clean if one.test.scene in scenes)
    return f"{_two(known.value)} ({bad.count} of {bad.of} clean)"


def costs(pack: Pack) -> None:
    """CPU and memory against their targets, then beside the peers'."""
    taken = cost_table(pack)
    held, stored = memory_kb(pack)
    print()
    for size, target in zip(SIZES, COST_TARGETS_MS, strict=True):
        print(f"CPU of one look, {size[0]} wide, 8 good frames: target {target} ms, {taken[size]:.1f} ms")
    print(f"memory of one camera's history (12 frames): target 300 kB, {held:.0f} kB; {stored:.0f} kB in the store")


def judged(pack: Pack, count: int, *, with_chosen_thresholds: bool, with_peers: bool) -> None:
    """The tables of what the diagnosers say."""
    folds = folds_of(pack.tests, count)
    found = examples(pack)
    all_scored = [Scored("cammon", ours(pack, found, folds), folds, scaled=True)]
    if with_chosen_thresholds:
        all_scored.append(Scored("thresholds chosen", with_chosen(pack, found, folds), folds, scaled=True))
    for peer in peers() if with_peers else ():
        told = [peer.told(pack, test) for test in pack.tests]
        all_scored.append(Scored(peer.name, told, folds, scaled=peer.scaled))
    asked(all_scored)
    for one in all_scored:
        by_fault(one)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--no-choosing", action="store_true", help="leave out the thresholds of the other folds")
    parser.add_argument("--no-cost", action="store_true")
    parser.add_argument("--cost-alone", action="store_true")
    options = parser.parse_args()
    ready_for_pictures()
    pack = Pack.from_environment()
    if not options.cost_alone:
        chosen = not options.no_choosing
        judged(pack, options.folds, with_chosen_thresholds=chosen, with_peers=not options.no_peers)
    if not options.no_cost:
        costs(pack)


if __name__ == "__main__":
    main()
