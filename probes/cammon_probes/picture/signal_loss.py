"""信号丢失: a recorder's placeholder, a blue screen or colour bars instead of a picture."""

from dataclasses import dataclass
from typing import ClassVar

from ..model import Fault, Finding
from .frame import PreparedFrame
from .grading import rising
from .reference import Reference


@dataclass(frozen=True, slots=True)
class SignalLoss:
    """Most pixels equal their neighbours exactly (`drawn_share`) and few gray levels are used (`entropy`, bits).

    Something drawn has one tone or tones that differ clearly. A contrast between `one_tone` and `clear_steps` (gray
    levels) is shading, however smooth: a cloth before the lens, ironed flat by the compression.
    """

    fault: ClassVar[Fault] = Fault.SIGNAL_LOSS
    drawn_share: float = 0.8
    entropy: float = 3.6
    one_tone: float = 3.0
    clear_steps: float = 30.0

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """`measured` is the share of pixels that are drawn, not filmed."""
        score = rising(frame.drawn_share, self.drawn_share, 1.0)
        if frame.entropy >= self.entropy or self.one_tone < frame.contrast < self.clear_steps:
            score = min(score, 0.5)
        return Finding(self.fault, score, frame.drawn_share, "share of pixels", bad=score > 0.5)
