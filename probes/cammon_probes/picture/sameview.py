"""Which good frames show the view of this frame, for a camera that may look anywhere (PTZ)."""

from dataclasses import replace

from .frame import PreparedFrame
from .reference import HOME_SHARE, Reference, Sketch
from .register import directions, likeness, overlay

SAME = 0.22
"""Likeness of edges (-1 to 1) from which on two pictures show the same view: different views stay below 0.2."""


def of_the_same_view(frame: PreparedFrame, reference: Reference) -> Reference:
    """The reference with only those good frames that show what this one does, a preset's play and a pole's sway apart.

    The frame before and the least change stay: whether a picture is shown again does not depend on the view.
    """
    return replace(reference, sketches=tuple(one for one in reference.like(frame) if _shows(frame, one)))


def _shows(frame: PreparedFrame, sketch: Sketch) -> bool:
    good = directions(sketch.thumb)
    return likeness(frame.directions, good) >= SAME or overlay(frame.directions, [good], HOME_SHARE).home >= SAME
