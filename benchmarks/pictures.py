"""Picture checks on the development pack, cross-validated by scene, and beside them what others use.

    CAMMON_DATA=... python benchmarks/pictures.py [--folds 5] [--no-peers]

Per fault: recall at 1 % false alarms of its own score, recall of the highest score at 1 % (`any`), found and named by
the own verdict. Cross-validated means: the limit that separates 1 % of the clean frames is taken from the other folds'
scenes alone, and what `partial` has learnt comes from the other folds' scenes. The peers are ffmpeg's blackdetect,
blurdetect, freezedetect and signalstats (where ffmpeg is installed), and the recipes "variance of the Laplacian below
100" and "mean below 30". BRISQUE is left out: no package that is kept up carries it.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "probes"), str(ROOT / "benchmarks")]

from picturepack import Pack, PackTest, Picture  # noqa: E402
from train_partial import examples, trained_without  # noqa: E402

from cammon_probes.model import PICTURE_FAULTS, Fault  # noqa: E402
from cammon_probes.picture.frame import prepare  # noqa: E402
from cammon_probes.picture.partial import Partial  # noqa: E402
from cammon_probes.picture.reference import Reference, reference_from  # noqa: E402
from cammon_probes.picture.registry import CHECKS, Check, judge  # noqa: E402

ALLOWED = 0.01


@dataclass(frozen=True)
class Told:
    """What a diagnoser said of one test."""

    test: PackTest
    scores: dict[str, float]
    verdict: str
    iou: float | None
    ms: float

    @property
    def highest(self) -> float:
        return max(self.scores.values(), default=0.0)


def limit(clean: Sequence[float]) -> float:
    """The score that at most 1 % of the clean frames exceed."""
    ordered = sorted(clean, reverse=True)
    return ordered[min(len(ordered) - 1, int(ALLOWED * len(ordered)))] if ordered else 0.0


def folds_of(tests: Sequence[PackTest], count: int) -> list[set[str]]:
    """The scenes in folds; those with many tests are spread over all."""
    sizes: dict[str, int] = {}
    for test in tests:
        sizes[test.scene] = sizes.get(test.scene, 0) + 1
    ordered = sorted(sizes, key=lambda scene: (-sizes[scene], scene))
    return [set(ordered[start::count]) for start in range(count)]


def ours(pack: Pack, folds: list[set[str]]) -> list[Told]:
    """The findings of the checks, `partial` with the model of the scene's fold."""
    found = list(examples(pack))
    told = []
    for scenes in folds:
        partial = Partial(model=trained_without(found, scenes))
        checks: tuple[Check, ...] = tuple(partial if isinstance(one, Partial) else one for one in CHECKS)
        told += [_told(pack, test, checks) for test in pack.tests if test.scene in scenes]
    return told


def _told(pack: Pack, test: PackTest, checks: tuple[Check, ...]) -> Told:
    reference = pack.reference(test.camera)
    for file in test.previous:
        reference = reference.after(pack.picture(file))
    picture = pack.picture(test.frame)
    begun = time.process_time()
    judgement = judge(prepare(picture), reference, checks)
    ms = 1000 * (time.process_time() - begun)
    scores = {one.fault.value: one.score for one in judgement.findings}
    hidden = next(one.hidden for one in judgement.findings if one.fault is Fault.PARTIAL)
    return Told(test, scores, judgement.verdict or "ok", _iou(pack, test, hidden, picture), ms)


def _iou(pack: Pack, test: PackTest, hidden: NDArray[np.bool_] | None, picture: Picture) -> float | None:
    if test.mask is None:
        return None
    if hidden is None:
        return 0.0
    truth = pack.picture(test.mask)[..., 0] > 0
    large = cv2.resize(hidden.astype(np.float32), picture.shape[1::-1], interpolation=cv2.INTER_LINEAR) >= 0.5
    return float((truth & large).sum() / max(1, (truth | large).sum()))


def table(told: list[Told], folds: list[set[str]]) -> None:
    """The table of all faults, then false alarms, really degraded frames, and the scenes that bring many tests."""
    print(f"{'fault':13} {'n':>3} {'own@1%':>7} {'1/2/3':>15} {'any@1%':>7} {'found':>6} {'named':>6}")
    rows = [_row(told, fault.value, folds) for fault in Fault if fault in PICTURE_FAULTS]
    known = [row for row in rows if row is not None]
    mean = np.mean(known, axis=0)
    print(f"{'all':13} {'':3} {mean[0]:7.2f} {'':15} {mean[1]:7.2f} {mean[2]:6.2f} {mean[3]:6.2f}")
    clean = [one for one in told if one.test.fault == "ok"]
    for name, some in (("all", clean), ("night", [one for one in clean if one.test.night])):
        bad = sum(one.verdict != "ok" for one in some)
        print(f"false alarms, {name}: {bad} of {len(some)} ({100 * bad / len(some):.1f} %)")
    real = [one for one in told if one.test.real]
    caught = np.mean([_beyond(one, told, folds, None) for one in real])
    found = np.mean([one.verdict != "ok" for one in real])
    named = np.mean([one.verdict in one.test.labels for one in real])
    print(f"really degraded, {len(real)}: found {found:.2f}, any@1% {caught:.2f}, named {named:.2f}")
    print("spread over folds, any@1%:", " ".join(f"{_any(told, folds, scenes):.2f}" for scenes in folds))
    many = sorted({one.test.scene for one in told}, key=lambda scene: -sum(one.test.scene == scene for one in told))
    print("scenes with many tests:", " ".join(f"{scene} {_any(told, folds, {scene}):.2f}" for scene in many[:12]))


def _row(told: list[Told], fault: str, folds: list[set[str]]) -> tuple[float, float, float, float] | None:
    some = [one for one in told if one.test.fault == fault and not one.test.real]
    if not some:
        return None
    own = {one.test.id: _beyond(one, told, folds, fault) for one in some}
    found = (
        float(np.mean(list(own.values()))),
        float(np.mean([_beyond(one, told, folds, None) for one in some])),
        float(np.mean([one.verdict != "ok" for one in some])),
        float(np.mean([one.verdict in one.test.labels for one in some])),
    )
    by_severity = [np.mean([own[one.test.id] for one in some if one.test.severity == grade]) for grade in (1, 2, 3)]
    masks = [one.iou for one in some if one.iou is not None and one.test.severity >= 2]
    grades = "/".join(f"{share:.2f}" for share in by_severity)
    tail = f"  mask IoU {np.mean(masks):.2f}" if masks else ""
    print(
        f"{fault:13} {len(some):3} {found[0]:7.2f} {grades:>15} {found[1]:7.2f} {found[2]:6.2f} {found[3]:6.2f}{tail}"
    )
    return found


def _beyond(one: Told, told: list[Told], folds: list[set[str]], fault: str | None) -> bool:
    """Whether a score (the highest for None) exceeds the limit of the other folds' clean frames."""
    scenes = next(scenes for scenes in folds if one.test.scene in scenes)
    clean = [
        other
        for other in told
        if other.test.fault == "ok"
        and other.test.scene not in scenes
        and (fault != Fault.FROZEN.value or other.test.previous)
    ]
    score: Callable[[Told], float] = lambda it: it.highest if fault is None else it.scores.get(fault, 0.0)  # noqa: E731
    return score(one) > limit([score(other) for other in clean])


def _any(told: list[Told], folds: list[set[str]], scenes: set[str]) -> float:
    some = [one for one in told if one.test.fault != "ok" and not one.test.real and one.test.scene in scenes]
    return float(np.mean([_beyond(one, told, folds, None) for one in some])) if some else float("nan")


def recipe(pack: Pack, test: PackTest) -> Told:
    """The open recipes: variance of the Laplacian below 100, mean below 30 or above 225."""
    gray = cv2.cvtColor(pack.picture(test.frame), cv2.COLOR_BGR2GRAY)
    sharp, mean = float(cv2.Laplacian(gray, cv2.CV_64F).var()), float(gray.mean())
    scores = {
        "black": 15 / (mean + 0.1),
        "overexposed": max(0.0, (mean - 195) / 60),
        "blur": 50 / (sharp + 0.1),
    }
    return _with_verdict(test, scores)


def ffmpeg(pack: Pack, test: PackTest) -> Told:
    """ffmpeg's filters on the frame (and the one before): blackdetect, blurdetect, freezedetect, signalstats."""
    files = [*test.previous, test.frame]
    frames = "".join(f"file '{(pack.folder / file).resolve()}'\nduration 1\n" for file in files)
    filters = "blackdetect=d=0.01:pix_th=0.1,blurdetect,freezedetect=n=-60dB:d=0.5,signalstats,metadata=print:file=-"
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write(frames)
        listed.flush()
        command = ["ffmpeg", "-v", "info", "-f", "concat", "-safe", "0", "-i", listed.name, "-vf", filters]
        answer = subprocess.run([*command, "-f", "null", "-"], capture_output=True, text=True, check=True)
    blur = _last(r"blur=([\d.]+)", answer.stdout, 0.0)
    mean = _last(r"YAVG=([\d.]+)", answer.stdout, 128.0)
    saturation = _last(r"SATAVG=([\d.]+)", answer.stdout, 20.0)
    scores = {
        "black": 1.0 if "black_start" in answer.stderr else min(0.5, 8 / (mean + 0.1)),
        "blur": blur / 20,
        "frozen": 1.0 if "freeze_start" in answer.stderr + answer.stdout else 0.0,
        "overexposed": max(0.0, (mean - 195) / 60),
        "colour_cast": saturation / 120,
    }
    return _with_verdict(test, scores)


def _last(pattern: str, text: str, otherwise: float) -> float:
    found = re.findall(pattern, text)
    return float(found[-1]) if found else otherwise


def _with_verdict(test: PackTest, scores: dict[str, float]) -> Told:
    fault = next((name for name, score in scores.items() if score > 0.5), "ok")
    return Told(test, scores, fault, 0.0 if test.mask else None, 0.0)


def cost() -> None:
    """CPU of one judgement with eight good frames: from the JPEG, as it comes from a camera."""
    rng = np.random.default_rng(1)
    for width, height in ((1920, 1080), (640, 360)):
        coarse = rng.integers(0, 255, (height // 24, width // 24, 3), dtype=np.uint8)
        scene = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
        frames = [np.clip(scene + rng.normal(0, 2, scene.shape), 0, 255).astype(np.uint8) for _ in range(9)]
        reference = _bank(frames[:8])
        data = cv2.imencode(".jpg", frames[8], [cv2.IMWRITE_JPEG_QUALITY, 85])[1]
        times = []
        for _ in range(30):
            begun = time.process_time()
            judge(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8), reference)
            times.append(1000 * (time.process_time() - begun))
        print(f"CPU of one frame {width} x {height}, decode and 8 good frames: {np.median(times):.1f} ms")


def _bank(frames: list[Picture]) -> Reference:
    return reference_from(frames).after(frames[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--no-peers", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    cost()
    pack = Pack.from_environment()
    folds = folds_of(pack.tests, options.folds)
    print("\n== cammon, cross-validated by scene")
    table(ours(pack, folds), folds)
    if options.no_peers:
        return
    print("\n== recipes: Laplacian and mean")
    table([recipe(pack, test) for test in pack.tests], folds)
    if shutil.which("ffmpeg"):
        print("\n== ffmpeg: blackdetect, blurdetect, freezedetect, signalstats")
        table([ffmpeg(pack, test) for test in pack.tests], folds)
    else:
        print("\nffmpeg is not installed: its filters are left out")


if __name__ == "__main__":
    main()
