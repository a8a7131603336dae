"""What a reader of the findings has to know: how far the camera's history could be used, and whether to trust it."""

import numpy as np

from .frame import PreparedFrame
from .judgement import Note
from .reference import Reference, Sketch
from .view import View

LEAST_FRAMES = 3
SWAY_SHARE = 0.008
"""A median shift between good frames from this share of the width on is told."""
STRANGE, FAMILIAR = 0.12, 0.35
"""Likeness (-1 to 1) below which a good frame shows another view, and above which the rest does show one."""
DRIFT = 0.2
"""Loss of fine structure (ln of energy) against the anchors that is told; `blur` calls 0.35 a fault."""


def notes_on(frame: PreparedFrame, reference: Reference | None, view: View) -> tuple[Note, ...]:
    """The notes on one frame, in the order of `Note`."""
    notes = [_history(frame, reference), Note.AWAY if view.away else None]
    if reference is not None and not view.away:
        switched = reference.last is not None and reference.last.infrared != frame.infrared
        notes.append(Note.LIGHT_SWITCHED if switched else None)
        known = reference.like(frame)
        notes += [Note.SWAYS if sways(known) else None, Note.BANK_DISAGREES if disagrees(known) else None]
        notes.append(Note.DRIFTED if drifted(known) else None)
    return tuple(note for note in notes if note is not None)


def sways(known: tuple[Sketch, ...]) -> bool:
    """Whether good frames lie further apart than the pixels of their small pictures explain."""
    lengths = [float(np.hypot(*sketch.offset)) for sketch in known[1:]]
    return len(lengths) >= LEAST_FRAMES and float(np.median(lengths)) >= SWAY_SHARE


def disagrees(known: tuple[Sketch, ...]) -> bool:
    """Whether some good frames show another view than the rest: they are like none of them."""
    strange = [sketch for sketch in known[1:] if sketch.agreement < STRANGE]
    familiar = [sketch for sketch in known[1:] if sketch.agreement > FAMILIAR]
    return bool(strange and familiar)


def drifted(known: tuple[Sketch, ...]) -> bool:
    """Whether the newest good frames are duller than every one that a person accepted: dirt comes slowly."""
    anchors = [sketch for sketch in known if sketch.anchor]
    newest = [sketch for sketch in known if not sketch.anchor][-LEAST_FRAMES:]
    if not anchors or len(newest) < LEAST_FRAMES:
        return False
    drops = [
        min(measure(anchor) for anchor in anchors) - max(measure(sketch) for sketch in newest)
        for measure in (_structure, _fineness)
    ]
    return min(drops) > DRIFT


def _structure(sketch: Sketch) -> float:
    return sketch.sharpness.bands[0]


def _fineness(sketch: Sketch) -> float:
    return sketch.sharpness.fineness[0]


def _history(frame: PreparedFrame, reference: Reference | None) -> Note | None:
    if reference is None or not reference.sketches:
        return Note.NO_HISTORY
    if not reference.of_size(frame):
        return Note.OTHER_SIZE
    return None if reference.like(frame) else Note.NO_HISTORY_OF_LIGHT
