"""What all checks together say of one frame."""

from dataclasses import dataclass
from enum import StrEnum

from ..model import Fault, Finding


class Note(StrEnum):
    """Something that a reader of the findings has to know; none of them is a fault."""

    NO_HISTORY = "no_history"
    """No good frame is known: only what no camera in order can show was judged."""
    NO_HISTORY_OF_LIGHT = "no_history_of_light"
    """Good frames are known, but none of this light (colour, infrared)."""
    YOUNG_HISTORY = "young_history"
    """All good frames of this light are from a few hours: what the next hour's light may do was not judged by them."""
    OTHER_SIZE = "other_size"
    """Good frames are known, but of another size or shape: the stream has changed."""
    AWAY = "away"
    """The camera looks elsewhere, as it may (PTZ, mobile): what needs the same view was not judged."""
    NOT_AT_HOME = "not_at_home"
    """The camera (PTZ, mobile) shows another view than the one that was first known or that a person accepted."""
    OTHER_VIEW = "other_view"
    """Called moved, and nothing of its good frames is to be seen: another camera's picture, or turned far away."""
    LIGHT_SWITCHED = "light_switched"
    """The frame before was of the other light (colour, infrared)."""
    SWAYS = "sways"
    """Its good frames lie apart: the camera sways or is held by hand. Judged after registration, with wider limits."""
    BANK_DISAGREES = "bank_disagrees"
    """Its good frames show different views: they should be renewed by a person."""
    DRIFTED = "drifted"
    """Its newest good frames have drifted away from those that a person accepted."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Every finding on one frame, in the order of the checks, and what a reader has to know of them."""

    findings: tuple[Finding, ...]
    notes: tuple[Note, ...] = ()

    @property
    def verdict(self) -> Fault | None:
        """The one name for what is wrong: that of the first bad finding; None when nothing is."""
        return next((finding.fault for finding in self.findings if finding.bad), None)

    @property
    def score(self) -> float:
        """How surely something is wrong, 0 to 1."""
        return max((finding.score for finding in self.findings), default=0.0)
