"""部分遮挡: a web, a branch, drops, a sheet hide a part of the view."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from ..model import Fault, Finding
from .cells import Compared, compared, registered
from .frame import PreparedFrame
from .grading import rising
from .hiddenness import MODEL, Hiddenness
from .reference import Reference, Sketch, seasoned
from .register import directions_of_good, likeness

_MOST_COMPARED = 8


@dataclass(frozen=True, slots=True)
class Partial:
    """Parts of the view no longer fit any good frame, though good frames fit each other there.

    `missing` is the mean over the picture of the loss of fit (0 to 1), weighed by how much a cell looks hidden
    (`Hiddenness`, learned); or `share` of the cells lose `loss` of their fit, which many small drops do. The mask is
    where the two together exceed `hidden`. Nothing is judged without history of some hours (a sheet is as good a view
    as a wall, and shadows move on), and of `least` frames: one alone does not tell how well good frames fit each other.
    """

    fault: ClassVar[Fault] = Fault.PARTIAL
    missing: float = 0.048
    share: float = 0.118
    loss: float = 0.35
    hidden: float = 0.25
    least: int = 2
    model: Hiddenness = field(default=MODEL, repr=False)

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """`measured` is the share of the picture that is hidden; `hidden` the mask by cells."""
        known = reference.like(frame) if reference else ()
        if len(known) < self.least or not seasoned(known):
            return Finding(self.fault, 0.0, 0.0, "share of picture", bad=False)
        found = compare_with(frame, known)
        looks = self.model(found.features)
        lost = found.missing
        strength = max(float((looks * lost[1]).mean()) / self.missing, float((lost[0] > self.loss).mean()) / self.share)
        score = rising(strength, 1.0, 2.5)
        mask = looks + self.loss * np.minimum(lost[0], 1) > self.hidden
        mask &= ~frame.view.masked(*mask.shape)
        return Finding(self.fault, score, float(mask.mean()), "share of picture", bad=score > 0.5, hidden=mask)


def compare_with(frame: PreparedFrame, known: tuple[Sketch, ...]) -> Compared:
    """The frame against those good frames that are most like it, each laid upon it."""
    view = frame.directions
    alike = np.array([likeness(view, directions_of_good(sketch.thumb)) for sketch in known])
    chosen = [known[which] for which in np.argsort(-alike)[:_MOST_COMPARED]]
    goods = [registered(frame.thumb, sketch.thumb) for sketch in chosen]
    return compared(frame.thumb, frame.fine, goods, [one.fine for one in chosen], [one.fits for one in known])
