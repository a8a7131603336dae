"""遮挡: something hides the whole view: a cover, a hand, paint, a nest."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..model import Fault, Finding
from .frame import PreparedFrame
from .grading import falling
from .reference import Reference


@dataclass(frozen=True, slots=True)
class Covered:
    """The view resembles none of the camera's good frames and has lost most of its edges.

    Resemblance is the correlation of orientation grids, below `similarity` to the whole bank. A view that has turned
    resembles none either, but keeps its edges: they must have dropped by `edge_drop` (natural logarithm) below the own
    lowest. Without history: hardly any structure at all (`least_laplacian`, natural logarithm) though there is light.
    """

    fault: ClassVar[Fault] = Fault.COVERED
    similarity: float = 0.6
    edge_drop: float = 0.65
    least_laplacian: float = 2.0

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """`measured` is the similarity (-1 to 1) to the most similar good frame; without history the Laplacian."""
        known = reference.like(frame) if reference else ()
        if not known:
            known = reference.sketches if reference else ()
        if not known:
            return self._without_history(frame)
        grid = frame.orientation_grid
        likeness = max(float(np.dot(grid, sketch.orientation_grid)) / grid.size for sketch in known)
        drop = min(sketch.edges for sketch in known) - frame.edges
        score = falling(likeness, self.similarity, 0.0)
        if drop <= self.edge_drop:
            score = min(score, 0.5 * max(0.0, drop) / self.edge_drop)
        return Finding(self.fault, score, likeness, "similarity", bad=score > 0.5)

    def _without_history(self, frame: PreparedFrame) -> Finding:
        structure = frame.sharpness.laplacian
        score = falling(structure, self.least_laplacian, self.least_laplacian - 2.0)
        return Finding(self.fault, score, structure, "ln Laplacian variance", bad=score > 0.5)
