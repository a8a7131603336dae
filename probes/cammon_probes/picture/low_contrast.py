"""对比度低: fog, dust or a film on the glass takes the contrast."""

from dataclasses import dataclass
from typing import ClassVar

from ..model import Fault, Finding
from .frame import PreparedFrame
from .grading import falling, rising
from .reference import Reference, Sketch, seasoned
from .stillseen import contrast_kept
from .veil import fog_alone, veil_alone


@dataclass(frozen=True, slots=True)
class LowContrast:
    """A veil of light lies over the scene: it lifts even the darkest places and takes the contrast of the strongest.

    The veil is the mean of two things, each in units of what is clearly more than the own worst: the darkest places
    (`PreparedFrame.darkest`) are brighter than in any good frame, by `lifted` gray levels; the local contrast
    (`PreparedFrame.local_contrast`) is lower than in any, by `lost` (natural logarithm). A lens out of focus does both:
    then the edges are soft, too (`soft`, loss of `edge_fineness`), which cannot be seen any more where less than
    `hardly_any` of the own least contrast is left. Snow on the ground leaves other parts as they were: a veil leaves no
    more than `kept` of them.

    Without history of some hours: hardly any gray levels (`levels`) between dark and bright. Without any: also a veil
    that the picture shows by itself (`alone`, see `veil_alone`; by day, `day_luma`, also `fog_alone`), unless its edges
    are soft (`soft_edges`) or few (`few_edges`), as far out of focus.
    """

    fault: ClassVar[Fault] = Fault.LOW_CONTRAST
    veil: float = 1.3
    lifted: float = 12.0
    lost: float = 0.18
    soft: float = 0.5
    hardly_any: float = 0.4
    kept: float = 0.35
    levels: float = 30.0
    alone: float = 0.75
    soft_edges: float = -1.1
    few_edges: float = 2.5
    day_luma: float = 100.0

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """`measured` is the veil; without history the gray levels between the darkest and the brightest twentieth."""
        known = (reference.like(frame) or reference.of_size(frame)) if reference else ()
        if not known or not seasoned(known):
            score = falling(frame.contrast, self.levels, self.levels / 2 - 1.0)
            if not known:
                score = max(score, self._veiled_alone(frame))
            return Finding(self.fault, score, frame.contrast, "gray levels", bad=score > 0.5)
        lifted = (frame.darkest - max(sketch.darkest for sketch in known)) / self.lifted
        lost = (min(sketch.local_contrast for sketch in known) - frame.local_contrast) / self.lost
        veil = (min(lifted, 2.0) + min(lost, 2.0)) / 2
        score = rising(veil, self.veil, 2.0)
        if score > 0.5 and self._is_something_else(frame, known):
            score = 0.5
        return Finding(self.fault, score, veil, "veil", bad=score > 0.5)

    def _is_something_else(self, frame: PreparedFrame, known: tuple[Sketch, ...]) -> bool:
        softer = min(sketch.edge_fineness for sketch in known) - frame.edge_fineness > self.soft
        if softer and frame.contrast > self.hardly_any * min(sketch.contrast for sketch in known):
            return True
        return contrast_kept(frame, known, self.lost) > self.kept

    def _veiled_alone(self, frame: PreparedFrame) -> float:
        score = rising(veil_alone(frame), self.alone, 2.0)
        if frame.mean_luma > self.day_luma:
            score = max(score, min(1.0, 0.5 + 0.5 * fog_alone(frame)))
        soft = frame.middle_edge_fineness < self.soft_edges or frame.edges < self.few_edges
        return min(score, 0.5) if soft else score
