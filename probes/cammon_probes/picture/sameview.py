"""Which good frames show the view of this frame, for a camera that may look anywhere (PTZ)."""

from dataclasses import replace

from .frame import PreparedFrame
from .reference import HOME_SHARE, Reference, Sketch
from .register import Directions, directions, likeness, overlay

SAME = 0.22
"""Likeness of edges (-1 to 1) from which on two pictures show the same view: different views stay below 0.2."""


def of_the_same_view(frame: PreparedFrame, reference: Reference) -> Reference:
    """The reference with only those good frames that show what this one does, a preset's play and a pole's sway apart.

    The frame before and the least change stay: whether a picture is shown again does not depend on the view.
    """
    return replace(reference, sketches=tuple(one for one in reference.like(frame) if _shows(frame, one)))


def at_home(reference: Reference, known: tuple[Sketch, ...]) -> tuple[Sketch, ...]:
    """Those of the `known` good frames that show the home view: what a person accepted, else what came first.

    That one is the oldest of all, an anchor that stays. In a light in which none shows the same, home is not known.
    """
    if not known or reference.sketches[0].thumb.shape != known[0].thumb.shape:
        return ()
    home = reference.sketches[0]
    view = directions(home.thumb)
    return tuple(one for one in known if one is home or _same(view, one))


def _shows(frame: PreparedFrame, sketch: Sketch) -> bool:
    return _same(frame.directions, sketch)


def _same(view: Directions, sketch: Sketch) -> bool:
    good = directions(sketch.thumb)
    return likeness(view, good) >= SAME or overlay(view, [good], HOME_SHARE).home >= SAME
