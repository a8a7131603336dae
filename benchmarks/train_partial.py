"""Trains what tells a hidden place from a seen one: writes `cammon_probes/picture/hiddenness_numbers.py`.

    CAMMON_DATA=... python benchmarks/train_partial.py

The pictures are healthy ones with history: of the development pack's cameras, and rendered from places of the demo site
where no camera hangs (`rendered_views.py`). What hides a part of them is drawn (`occluders.py`), with other shapes and
colours than the pack's own. Some minutes on two cores, most of them rendering. `trained_without(found, scenes)` gives
the model of a fold, for cross-validation by `pictures.py`.
"""

import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "probes"), str(ROOT / "benchmarks")]

from occluders import occluded  # noqa: E402
from picturepack import Pack  # noqa: E402
from rendered_views import History, histories  # noqa: E402

from cammon_probes.picture.cellfeatures import FEATURES  # noqa: E402
from cammon_probes.picture.frame import prepare  # noqa: E402
from cammon_probes.picture.hiddenness import MEMBERS, Hiddenness  # noqa: E402
from cammon_probes.picture.partial import Compared  # noqa: E402
from cammon_probes.picture.reference import Reference, reference_from  # noqa: E402

Floats = NDArray[np.float32]
Picture = NDArray[np.uint8]

NUMBERS = ROOT / "probes" / "cammon_probes" / "picture" / "hiddenness_numbers.py"
FRAMES_A_CAMERA, OCCLUDED_A_FRAME = 20, 3
CELLS_A_FRAME, QUARTERS_A_FRAME = 160, 240
BATCHES, PLACES_A_BATCH, BATCH_APART = 12, 5, 1000
UNITS, ROUNDS, BATCH = 8, 8, 1024


@dataclass(frozen=True)
class Examples:
    """Places of one picture: features (n x FEATURES) and which share of each is hidden (n)."""

    scene: str
    features: Floats
    hidden: Floats


@dataclass(frozen=True)
class Both:
    """Of the same pictures: cells, and quarters of cells."""

    cells: list[Examples]
    quarters: list[Examples]


def examples(pack: Pack, seed: int = 1) -> Both:
    """Cells and their quarters of healthy pictures, as they are and with something drawn over them."""
    rng = np.random.default_rng(seed)
    both = Both([], [])
    rendered = list(rendered_histories())
    lenders = [history.later[row % len(history.later)] for row, history in enumerate(rendered)]
    for history in rendered:
        _add(both, history.place, reference_from(history.good), history.later, lenders, rng)
    lenders = [pack.picture(test.frame) for test in pack.tests if test.fault == "ok"][::9]
    for camera in pack.cameras_with_history:
        tests = [test for test in pack.tests if test.camera == camera and test.fault == "ok"][:FRAMES_A_CAMERA]
        pictures = (pack.picture(test.frame) for test in tests)
        if not tests:
            continue
        _add(both, tests[0].scene, pack.reference(camera), pictures, lenders, rng)
    return both


def rendered_histories() -> Iterator[History]:
    """Of all places, in their order."""
    with get_context("spawn").Pool(2) as pool:
        for batch in pool.imap(_batch, range(BATCHES)):
            yield from batch


def _batch(number: int) -> list[History]:
    cv2.setNumThreads(1)
    return list(histories(number * BATCH_APART, PLACES_A_BATCH))


def _add(
    both: Both,
    scene: str,
    reference: Reference,
    pictures: Iterable[Picture],
    lenders: Sequence[Picture],
    rng: np.random.Generator,
) -> None:
    for picture in pictures:
        shown = [(picture, np.zeros(picture.shape[:2], np.bool_))]
        shown += [occluded(picture, lenders, rng) for _ in range(OCCLUDED_A_FRAME)]
        for one, mask in shown:
            prepared = prepare(one)
            known = reference.like(prepared)
            if not known:
                continue
            compared = Compared(prepared, known)
            compared.follow_sway()
            both.cells.append(_chosen(scene, compared.features(), mask, CELLS_A_FRAME, rng))
            both.quarters.append(_chosen(scene, compared.features(closely=True), mask, QUARTERS_A_FRAME, rng))


def _chosen(scene: str, features: Floats, mask: NDArray[np.bool_], most: int, rng: np.random.Generator) -> Examples:
    rows, columns = features.shape[:2]
    hidden = cv2.resize(mask.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA).ravel()
    chosen = rng.choice(len(hidden), min(most, len(hidden)), replace=False)
    return Examples(scene, features.reshape(-1, FEATURES)[chosen], hidden[chosen])


def trained_without(found: list[Examples], scenes: Collection[str]) -> Hiddenness:
    """The model of all examples but those of these scenes: cross entropy, Adam, 8 rounds, members from other starts."""
    used = [one for one in found if one.scene not in scenes]
    features = np.concatenate([one.features for one in used])
    hidden = np.concatenate([one.hidden for one in used])[:, None]
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-3
    plain = np.clip((features - mean) / spread, -4, 4).astype(np.float32)
    plain = np.hstack([plain, np.ones((len(plain), 1), np.float32)])
    members = [_fitted(plain, hidden, np.random.default_rng(seed)) for seed in range(MEMBERS)]
    first, second = (np.stack([member[layer] for member in members]) for layer in (0, 1))
    return Hiddenness(mean, spread, first, second[..., 0])


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
    found = examples(Pack.from_environment())
    cells, quarters = trained_without(found.cells, ()), trained_without(found.quarters, ())
    NUMBERS.write_text(
        '"""Written by `benchmarks/train_partial.py`: the numbers of `hiddenness.CELLS` and `QUARTERS`."""\n\n'
        f'NUMBERS = """\n{cells.as_text()}\n"""\n\n'
        f'CLOSE_NUMBERS = """\n{quarters.as_text()}\n"""\n'
    )
    scenes = len({one.scene for one in found.cells})
    print(f"{sum(len(one.hidden) for one in found.cells)} cells of {scenes} scenes: {NUMBERS}")


if __name__ == "__main__":
    main()
