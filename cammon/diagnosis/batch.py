"""The picture checks over a batch of frames on disk: one answer each, whatever the file is like."""

import re
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from cammon.parallel import arriving
from cammon.process import ready_for_pictures
from cammon_probes.model import Fault, PoseChange
from cammon_probes.picture.frame import PreparedFrame, prepare
from cammon_probes.picture.judgement import Judgement
from cammon_probes.picture.reference import Reference
from cammon_probes.picture.registry import judge
from cammon_web.findingwords import finding_words

from .manifest import BatchCamera, BatchTest, Manifest
from .picturefile import Unreadable, read_picture

Answer = dict[str, Any]
"""One JSON object: docs/json.md."""
LONGEST_NAME = 200
"""Of a longer path the end is told."""


def diagnosed(manifest: Manifest, masks: Path, language: str, workers: int = 1) -> Iterator[Answer]:
    """The answers, in the order in which they come. PNG masks of what is hidden go into the folder `masks`."""
    # Neighbours share their camera's reference: it is made once for each run of them.
    order = sorted(range(len(manifest.tests)), key=lambda number: manifest.tests[number].camera.id)
    work = BatchWork(manifest, masks, language)
    return (answer for _, answer in arriving(work, order, workers))


class BatchWork:
    """Judges tests of a manifest by their number. It travels to worker processes; what it learns stays there."""

    def __init__(self, manifest: Manifest, masks: Path, language: str) -> None:
        self._manifest = manifest
        self._masks = masks
        self._language = language
        self._known: dict[str, tuple[Reference, tuple[str, ...]]] = {}

    def __call__(self, number: int) -> Answer:
        """The answer to one test; a frame that cannot be judged is answered with an `error`."""
        ready_for_pictures()
        test = self._manifest.tests[number]
        if test.problem is not None:
            return {"id": test.id, "error": test.problem}
        try:
            return self._judged(number, test)
        except (ValueError, MemoryError) as error:
            return {"id": test.id, "error": f"{_name_of(test.frame)}: {error}"}
        except (cv2.error, ArithmeticError) as error:  # what nobody thought of costs one answer, not all
            why = " ".join(str(error).split())[:LONGEST_NAME]
            return {"id": test.id, "error": f"{_name_of(test.frame)}: the picture checks cannot work on it ({why})"}

    def _judged(self, number: int, test: BatchTest) -> Answer:
        reference, missing = self._reference(test.camera)
        reference, unread = _after(self._manifest, test, reference)
        begun = time.perf_counter()
        picture = read_picture(self._manifest.path(test.frame))
        frame = prepare(picture.frame, test.camera.view)
        judgement = judge(frame, reference, view=test.camera.view)
        took_ms = 1000 * (time.perf_counter() - begun)
        answer = {"id": test.id, **told(judgement, self._language, whole=picture.whole)}
        answer["ms"] = round(took_ms, 2)
        answer["unread"] = [*missing, *unread]
        hidden = next((one.hidden for one in judgement.findings if one.fault is Fault.PARTIAL), None)
        if hidden is not None and hidden.any():
            try:
                answer["mask"] = str(self._write_mask(number, test, frame, hidden))
            except OSError as error:
                answer["error"] = f"the mask cannot be written ({error.strerror})"
        return {key: value for key, value in answer.items() if value not in ([], None)}

    def _reference(self, camera: BatchCamera) -> tuple[Reference, tuple[str, ...]]:
        """Of the camera at hand, which neighbours share; only that one is kept."""
        if camera.id not in self._known:
            self._known = {camera.id: reference_of(self._manifest, camera)}
        return self._known[camera.id]

    def _write_mask(self, number: int, test: BatchTest, frame: PreparedFrame, hidden: NDArray[np.bool_]) -> Path:
        self._masks.mkdir(parents=True, exist_ok=True)
        safe = re.sub(r"[^A-Za-z0-9_-]+", "_", test.id)[:60]
        path = self._masks.resolve() / f"{number + 1:06d}-{safe}.png"
        _, data = cv2.imencode(".png", mask_picture(hidden, frame.width_px, frame.height_px))
        path.write_bytes(data.tobytes())
        return path


def mask_picture(hidden: NDArray[np.bool_], width_px: int, height_px: int) -> NDArray[np.uint8]:
    """What a grid of blocks hides of a picture, 255 where hidden; its steps smoothed as far as a block goes."""
    large = cv2.resize(hidden.astype(np.float32), (width_px, height_px), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.where(large >= 0.5, 255, 0), dtype=np.uint8)


def _name_of(file: str) -> str:
    return file if len(file) <= LONGEST_NAME else f"...{file[-LONGEST_NAME:]}"


def reference_of(manifest: Manifest, camera: BatchCamera) -> tuple[Reference, tuple[str, ...]]:
    """What the good frames of a camera say together, and the names of those that could not be read."""
    reference, unread = Reference(), []
    for good in camera.good:
        try:
            frame = prepare(_whole(manifest, good.file), camera.view)
        except ValueError:
            unread.append(good.file)
            continue
        reference = reference.with_good(frame, good.hour)
    return reference, tuple(unread)


def _after(manifest: Manifest, test: BatchTest, reference: Reference) -> tuple[Reference, tuple[str, ...]]:
    """With the last frame before the test that can be read."""
    unread: list[str] = []
    for earlier in reversed(test.previous):
        try:
            return reference.after(prepare(_whole(manifest, earlier), test.camera.view)), tuple(unread)
        except ValueError:
            unread.append(earlier)
    return reference, tuple(unread)


def _whole(manifest: Manifest, file: str) -> NDArray[np.uint8]:
    picture = read_picture(manifest.path(file))
    if not picture.whole:
        raise Unreadable("breaks off before its end")
    return picture.frame


def told(judgement: Judgement, language: str, *, whole: bool = True) -> Answer:
    """Verdict, scores and numbers of a judgement. A file that breaks off is a corrupted picture, whatever it shows."""
    verdict = judgement.verdict if whole else Fault.CORRUPTED
    scores = {one.fault.value: round(float(one.score), 4) for one in judgement.findings}
    if not whole:
        scores[Fault.CORRUPTED.value] = 1.0
    blame = next((one for one in judgement.findings if one.fault is verdict and one.bad), None)
    return {
        "verdict": "ok" if verdict is None else verdict.value,
        "scores": scores,
        "measured": {one.fault.value: round(float(one.measured), 4) for one in judgement.findings},
        "units": {one.fault.value: one.unit for one in judgement.findings},
        "notes": [*(note.value for note in judgement.notes), *([] if whole else ["broken_off"])],
        "words": None if blame is None else finding_words(blame, language),
        "resolution_loss": None if blame is None else _rounded(blame.resolution_loss),
        "moved": None if blame is None else _degrees(blame.moved),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 3)


def _degrees(change: PoseChange | None) -> dict[str, float] | None:
    return None if change is None else {name: round(float(value), 3) for name, value in asdict(change).items()}
