"""遮挡: something hides the whole view: a cover, a hand, paint, a nest."""

from dataclasses import dataclass
from math import log
from typing import ClassVar

from ..model import Fault, Finding
from .frame import PreparedFrame
from .grading import falling
from .reference import Reference, resemblances
from .stillseen import fits_kept


@dataclass(frozen=True, slots=True)
class Covered:
    """The view resembles none of the camera's good frames and has lost most of its edges.

    Resemblance is the mean of two correlations, of the orientation grids and of the layouts, and lies below
    `similarity` for the whole bank. A picture out of focus keeps its layout. A view that has turned resembles none
    either, but keeps its edges: they must have dropped by `edge_drop` (natural logarithm) below the own lowest, and not
    be as many as `many_edges`, which nothing shows that hangs before the lens, out of focus.
    In thick fog what is near is still there: a cover leaves no more than `kept` of the parts as they were.
    Without history: hardly any edges (`least_edges`, or `least_edges_for_contrast`; natural logarithms) and little
    contrast (`most_contrast`) though there is some light (`least_luma`); or few edges (`few_edges`), all soft
    (`soft_edges`), and nothing dark (`sheet_darkest`): a bright sheet; or, darker than that and within `grain_contrast`
    gray levels, hardly more than the sensor's grain (`over_grain`), as by night. Lit fog is brighter.
    """

    fault: ClassVar[Fault] = Fault.COVERED
    similarity: float = 0.6
    edge_drop: float = 0.65
    many_edges: float = 4.0
    kept: float = 0.35
    least_edges: float = 1.5
    least_edges_for_contrast: float = -2.0
    most_contrast: float = 90.0
    least_luma: float = 18.0
    grain_contrast: float = 30.0
    over_grain: float = -0.25
    few_edges: float = 3.0
    soft_edges: float = -1.2
    sheet_darkest: float = 100.0

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """`measured` is the similarity (-1 to 1) to the most similar good frame; without history the edges."""
        known = reference.like(frame) if reference else ()
        if not known:
            known = reference.sketches if reference else ()
        if not known:
            return self._without_history(frame)
        nearest = float(resemblances(frame, known).max())
        drop = min(sketch.edges for sketch in known) - frame.edges
        score = falling(nearest, self.similarity, 0.0)
        if drop <= self.edge_drop or frame.edges > self.many_edges:
            score = min(score, 0.5 * min(1.0, max(0.0, drop) / self.edge_drop))
        if score > 0.5 and fits_kept(frame, known) > self.kept:
            score = 0.5
        return Finding(self.fault, score, nearest, "similarity", bad=score > 0.5)

    def _without_history(self, frame: PreparedFrame) -> Finding:
        for_contrast = frame.edges - log(frame.contrast + 5.0)
        score = max(
            falling(frame.edges, self.least_edges, self.least_edges - 1.0),
            falling(for_contrast, self.least_edges_for_contrast, self.least_edges_for_contrast - 1.0),
            falling(frame.edges, self.few_edges, self.least_edges) if self._sheet(frame) else 0.0,
            falling(frame.edges_over_grain, self.over_grain, -0.75) if self._grain_alone(frame) else 0.0,
        )
        if frame.contrast > self.most_contrast or frame.mean_luma < self.least_luma:
            score = min(score, 0.5)
        return Finding(self.fault, score, frame.edges, "ln gradient", bad=score > 0.5)

    def _grain_alone(self, frame: PreparedFrame) -> bool:
        return frame.contrast < self.grain_contrast and frame.mean_luma < self.sheet_darkest

    def _sheet(self, frame: PreparedFrame) -> bool:
        return frame.darkest > self.sheet_darkest and frame.middle_edge_fineness < self.soft_edges
