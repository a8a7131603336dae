"""Trains what tells a hidden cell from a seen one: writes `cammon_probes/picture/hiddenness_numbers.py`.

    CAMMON_DATA=... python benchmarks/train_partial.py

The pictures are the healthy frames of the development pack that have history; what hides a part of them is drawn
(`occluders.py`), with other shapes and colours than the pack's own. One minute on a core. `trained_without(scenes)`
gives the model of a fold, for cross-validation by `pictures.py`.
"""

import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "probes"), str(ROOT / "benchmarks")]

from occluders import occluded  # noqa: E402
from picturepack import Pack  # noqa: E402

from cammon_probes.picture.cells import FEATURES  # noqa: E402
from cammon_probes.picture.frame import prepare  # noqa: E402
from cammon_probes.picture.hiddenness import Hiddenness  # noqa: E402
from cammon_probes.picture.partial import MOST_COMPARED, Compared  # noqa: E402

Floats = NDArray[np.float32]

NUMBERS = ROOT / "probes" / "cammon_probes" / "picture" / "hiddenness_numbers.py"
FRAMES_A_CAMERA, OCCLUDED_A_FRAME, CELLS_A_FRAME = 20, 2, 120
UNITS, ROUNDS, BATCH = 16, 8, 1024


@dataclass(frozen=True)
class Examples:
    """Cells of one scene: features (n x FEATURES) and which share of each is hidden (n)."""

    scene: str
    features: Floats
    hidden: Floats


def examples(pack: Pack, seed: int = 1) -> Iterator[Examples]:
    """Cells of healthy frames, as they are and with something drawn over them."""
    rng = np.random.default_rng(seed)
    lenders = [pack.picture(test.frame) for test in pack.tests if test.fault == "ok"][::9]
    for camera in pack.cameras_with_history:
        reference = pack.reference(camera)
        frames = [test for test in pack.tests if test.camera == camera and test.fault == "ok"][:FRAMES_A_CAMERA]
        cells_a_frame = CELLS_A_FRAME * (1 if len(frames) > 6 else 3)
        for test in frames:
            picture = pack.picture(test.frame)
            shown = [(picture, np.zeros(picture.shape[:2], np.bool_))]
            shown += [occluded(picture, lenders, rng) for _ in range(OCCLUDED_A_FRAME)]
            for one, mask in shown:
                prepared = prepare(one)
                known = reference.like(prepared)
                if not known:
                    continue
                compared = Compared(prepared, known)
                compared.lost(MOST_COMPARED)
                features = compared.features()
                rows, columns = features.shape[:2]
                hidden = cv2.resize(mask.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA).ravel()
                chosen = rng.choice(len(hidden), min(cells_a_frame, len(hidden)), replace=False)
                yield Examples(test.scene, features.reshape(-1, FEATURES)[chosen], hidden[chosen])


def trained_without(found: list[Examples], scenes: Collection[str], seed: int = 0) -> Hiddenness:
    """The model of all examples but those of these scenes: cross entropy, Adam, 8 rounds."""
    used = [one for one in found if one.scene not in scenes]
    features = np.concatenate([one.features for one in used])
    hidden = np.concatenate([one.hidden for one in used])[:, None]
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-3
    plain = np.clip((features - mean) / spread, -4, 4).astype(np.float32)
    plain = np.hstack([plain, np.ones((len(plain), 1), np.float32)])
    first, second = _fitted(plain, hidden, np.random.default_rng(seed))
    return Hiddenness(mean, spread, first, second.ravel())


def _fitted(plain: Floats, hidden: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    weights = [
        rng.normal(0, 1 / np.sqrt(FEATURES), (FEATURES + 1, UNITS)).astype(np.float32),
        rng.normal(0, 1 / np.sqrt(UNITS), (UNITS + 1, 1)).astype(np.float32),
    ]
    means, squares, step = [0 * one for one in weights], [0 * one for one in weights], 0
    for round_ in range(ROUNDS):
        rate = 3e-3 * (1 - round_ / ROUNDS) + 1e-4
        order = rng.permutation(len(plain))
        for start in range(0, len(plain), BATCH):
            chosen = order[start : start + BATCH]
            step += 1
            for which, slope in enumerate(_slopes(plain[chosen], hidden[chosen], weights)):
                means[which] = 0.9 * means[which] + 0.1 * slope
                squares[which] = 0.999 * squares[which] + 0.001 * slope * slope
                away = np.sqrt(squares[which] / (1 - 0.999**step)) + 1e-7
                weights[which] = weights[which] - rate * means[which] / (1 - 0.9**step) / away
    return weights[0], weights[1]


def _slopes(plain: Floats, hidden: Floats, weights: list[Floats]) -> list[Floats]:
    inner = np.hstack([np.tanh(plain @ weights[0]), np.ones((len(plain), 1), np.float32)])
    away = (1 / (1 + np.exp(-(inner @ weights[1]))) - hidden) / len(plain)
    back = (away @ weights[1][:-1].T) * (1 - inner[:, :-1] ** 2)
    return [plain.T @ back + 1e-4 * weights[0], inner.T @ away + 1e-4 * weights[1]]


def main() -> None:
    cv2.setNumThreads(1)
    pack = Pack.from_environment()
    found = list(examples(pack))
    model = trained_without(found, ())
    NUMBERS.write_text(
        f'"""Written by `benchmarks/train_partial.py`: the numbers of `hiddenness.MODEL`."""\n\n'
        f'NUMBERS = """\n{model.as_text()}\n"""\n'
    )
    print(f"{sum(len(one.hidden) for one in found)} cells of {len({one.scene for one in found})} scenes: {NUMBERS}")


if __name__ == "__main__":
    main()
