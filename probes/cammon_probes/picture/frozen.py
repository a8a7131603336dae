"""画面冻结: the encoder repeats one picture; only the clock in the corner may run on."""

from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from ..model import Fault, Finding
from .frame import PreparedFrame
from .grading import falling
from .last import Last
from .reference import Reference

_BLOCK_PX = 8
_NOTHING_ALIKE = 255.0


@dataclass(frozen=True, slots=True)
class Frozen:
    """Apart from the `clock_share` of the picture that changed most, the last frame is repeated.

    An exact copy changes by less than `copy`. A copy that was encoded anew changes in its fine structure and nowhere
    else: the light of its blocks stays, within `change` gray levels, and the change follows the texture (`texture`,
    correlation). The sensor's noise does not follow it, and light, however calm, drifts. Where the camera's own changes
    between looks in this light are known, `own_share` of the least is the limit; while they are getting known, for
    `settled` looks, only an exact copy is called one. Not judged without a last frame.
    """

    fault: ClassVar[Fault] = Fault.FROZEN
    copy: float = 0.01
    change: float = 0.71
    texture: float = 0.2
    own_share: float = 0.7
    settled: int = 20
    clock_share: float = 0.06

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """`measured` is the change of the blocks' light since the last frame (gray levels), clock left out."""
        last = None if reference is None else reference.last
        if reference is None or last is None or last.blocks.shape != frame.last.blocks.shape:
            return Finding(self.fault, 0.0, _NOTHING_ALIKE, "gray levels", bad=False)
        change = change_between(frame.last, last, self.clock_share)
        threshold = self._threshold(reference, frame.infrared)
        if self.copy < change < 2 * threshold and _follows_texture(frame.last, last) < self.texture:
            threshold = self.copy
        score = falling(change, max(threshold, self.copy), 0.0)
        return Finding(self.fault, score, change, "gray levels", bad=score > 0.5)

    def _threshold(self, reference: Reference, infrared: bool) -> float:
        if not reference.calm:
            return self.change
        own = reference.calm.get(infrared)
        known = own is not None and own.looks >= self.settled
        return min(self.change, self.own_share * own.least) if own is not None and known else self.copy


def change_between(now: Last, before: Last, clock_share: float = 0.06) -> float:
    """By how many gray levels the light of the blocks changed, but for the share that changed most."""
    away = np.sort(np.abs(now.blocks.astype(np.int32) - before.blocks).ravel())
    return float(away[int((len(away) - 1) * (1.0 - clock_share))]) / 256


def _follows_texture(now: Last, before: Last) -> float:
    if now.calm.shape != before.calm.shape:
        return 0.0
    away = _blocks(cv2.absdiff(now.calm, before.calm).astype(np.float32))
    texture = _blocks(np.abs(cv2.Laplacian(before.calm, cv2.CV_32F)))
    spread = float(away.std() * texture.std())
    return 0.0 if spread < 1e-6 else float(((away - away.mean()) * (texture - texture.mean())).mean()) / spread


def _blocks(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    height, width = picture.shape
    size = (max(1, width // _BLOCK_PX), max(1, height // _BLOCK_PX))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.float32).ravel()
