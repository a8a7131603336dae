"""错通道: a recorder's channel shows the picture of another one of its cameras."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..model import Fault, Finding
from .frame import PreparedFrame
from .grading import falling
from .reference import Reference, resemblances


@dataclass(frozen=True, slots=True)
class WrongChannel:
    """The picture resembles the good frames of another channel, at least by `similarity`, and its own ones much less.

    Resemblance is that of `Covered`. Not judged is a picture that is as much like its own good frames as `at_home`, and
    a camera that does not always show the same view: of its good frames at least `least_frames` and the share `steady`
    must resemble the newest one by `similarity`.
    """

    fault: ClassVar[Fault] = Fault.WRONG_CHANNEL
    at_home: float = 0.9
    similarity: float = 0.8
    lead: float = 0.1
    least_frames: int = 3
    steady: float = 0.6

    def suspects(self, frame: PreparedFrame, own: Reference | None) -> bool:
        """Whether it is worth the while to compare with the other channels."""
        known = own.like(frame) if own else ()
        if len(known) < self.least_frames or resemblances(frame, known).max() >= self.at_home:
            return False
        alike = np.count_nonzero(resemblances(known[-1], known) >= self.similarity)
        return bool(alike >= max(self.least_frames, self.steady * len(known)))

    def __call__(
        self, frame: PreparedFrame, own: Reference, others: Iterable[tuple[str, Reference]]
    ) -> tuple[Finding, str]:
        """The finding, `measured` the similarity to the most similar other channel, and the name of that one."""
        home = float(resemblances(frame, own.like(frame)).max())
        name, best = "", -1.0
        for other, reference in others:
            known = reference.like(frame)
            found = float(resemblances(frame, known).max()) if known else -1.0
            if found > best:
                name, best = other, found
        lead = best - home
        score = 1.0 - falling(lead, 2.0 * self.lead, 0.0) if best >= self.similarity else 0.0
        return Finding(self.fault, score, best, "similarity", bad=score > 0.5), name
