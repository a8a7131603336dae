"""Whether anything changes from one picture of a look to the next: what moves is not frozen."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from ..model import Fault, Finding, Frame
from .frozen import Frozen, change_between
from .last import Last, last_of


def change_within(first: Frame, later: Sequence[Frame]) -> float | None:
    """The largest change from the first picture to a later one (gray levels of the blocks, the most changed 6 % left
    out, as `frozen` measures between looks); None where there is nothing to compare."""
    before = _calm(first)
    alike = [frame for frame in later if frame.shape == first.shape]
    return max((change_between(_calm(frame), before) for frame in alike), default=None)


def _calm(frame: Frame) -> Last:
    return last_of(np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), dtype=np.uint8), infrared=False)


def moving(findings: tuple[Finding, ...], change: float | None, frozen: Frozen) -> tuple[Finding, ...]:
    """The findings, `frozen` taken back where the pictures of one look differ: no frozen encoder does that.

    That they do not differ proves nothing: a camera that sees nothing move sends what it sent before.
    """
    if change is None or change <= frozen.change:
        return findings
    return tuple(replace(one, score=0.0, bad=False) if one.fault is Fault.FROZEN else one for one in findings)
