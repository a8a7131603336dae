"""信号丢失: a recorder's placeholder, a blue screen or colour bars instead of a picture."""

from dataclasses import dataclass
from typing import ClassVar

from ..model import Fault, Finding
from .frame import PreparedFrame
from .grading import rising
from .reference import Reference


@dataclass(frozen=True, slots=True)
class SignalLoss:
    """Most pixels equal their neighbours exactly (`drawn_share`) and few gray levels are used (`entropy`, bits)."""

    fault: ClassVar[Fault] = Fault.SIGNAL_LOSS
    drawn_share: float = 0.8
    entropy: float = 3.6

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """`measured` is the share of pixels that are drawn, not filmed."""
        score = rising(frame.drawn_share, self.drawn_share, 1.0)
        if frame.entropy >= self.entropy:
            score = min(score, 0.5)
        return Finding(self.fault, score, frame.drawn_share, "share of pixels", bad=score > 0.5)
