"""What a reader of the findings has to know: how far the camera's history could be used, and whether to trust it."""

from collections.abc import Sequence

import numpy as np

from ..model import Fault, Finding
from .frame import PreparedFrame
from .judgement import Note
from .low_contrast import LowContrast
from .moved import resembles_none
from .reference import Reference, Sketch, seasoned

LEAST_FRAMES = 3
SWAY_SHARE = 0.008
"""A shift between good frames from this share of the width on is told."""
STRANGE, FAMILIAR = 0.12, 0.35
"""Likeness (-1 to 1) below which a good frame shows another view, and above which the rest does show one."""
DRIFT = 0.2
"""Loss of fine structure (ln of energy) against the anchors that is told; `blur` calls 0.35 a fault."""
VEIL = LowContrast()
DRIFTED_VEIL, DRIFTED_HIDDEN = 1.0, 0.05
"""A veil (see `LowContrast`, which calls 1.3 a fault) and a hidden share of the view, against the anchors, that most
good frames have."""


def notes_on(
    frame: PreparedFrame,
    reference: Reference | None,
    compared: Reference | None,
    findings: Sequence[Finding],
    elsewhere: bool = False,
) -> tuple[Note, ...]:
    """The notes on one frame, in the order of `Note`. `compared` is the part of the reference that it was held
    against: less than the whole for a camera that may look elsewhere. `elsewhere`: it does look away from home."""
    known = compared.like(frame) if compared else ()
    moved = any(finding.bad and finding.fault is Fault.MOVED for finding in findings)
    notes = [
        _history(frame, reference),
        Note.YOUNG_HISTORY if known and not seasoned(known) else None,
        Note.AWAY if _away(frame, reference, known) else None,
        Note.NOT_AT_HOME if elsewhere else None,
        Note.LIGHT_SWITCHED if reference and _switched(frame, reference) else None,
        Note.OTHER_VIEW if moved and resembles_none(frame, known) else None,
        Note.SWAYS if sways(known) else None,
        Note.BANK_DISAGREES if disagrees(known) else None,
        Note.DRIFTED if drifted(known) else None,
    ]
    return tuple(note for note in notes if note is not None)


def sways(known: tuple[Sketch, ...]) -> bool:
    """Whether good frames lie further apart than the pixels of their small pictures explain.

    Each is held against the one that it resembles most: the more are known, the nearer that one lies. One frame alone
    that lies elsewhere may be a mount that slipped, once.
    """
    lengths = sorted(float(np.hypot(*sketch.offset)) for sketch in known[1:])
    return len(lengths) >= LEAST_FRAMES and lengths[-2] >= SWAY_SHARE


def disagrees(known: tuple[Sketch, ...]) -> bool:
    """Whether some good frames show another view than the rest: they are like none of them."""
    strange = [sketch for sketch in known[1:] if sketch.agreement < STRANGE]
    familiar = [sketch for sketch in known[1:] if sketch.agreement > FAMILIAR]
    return bool(strange and familiar)


def drifted(known: tuple[Sketch, ...]) -> bool:
    """Whether good frames are duller than every anchor, veiled or partly hidden beside them: dirt comes slowly.

    Sharpness is that of the newest; veils and shadows pass, so that half of the good frames have to show them.
    """
    anchors = [sketch for sketch in known if sketch.anchor]
    grown = [sketch for sketch in known if not sketch.anchor]
    newest = grown[-LEAST_FRAMES:]
    if not anchors or len(newest) < LEAST_FRAMES:
        return False
    if np.median([sketch.hidden for sketch in grown]) > DRIFTED_HIDDEN:
        return True
    if np.median([_veil(sketch, anchors) for sketch in grown]) > DRIFTED_VEIL:
        return True
    drops = [
        min(measure(anchor) for anchor in anchors) - max(measure(sketch) for sketch in newest)
        for measure in (_structure, _fineness)
    ]
    return min(drops) > DRIFT


def _veil(sketch: Sketch, anchors: Sequence[Sketch]) -> float:
    """How much of a veil lies over a good frame, in the units of `LowContrast`."""
    lifted = (sketch.darkest - max(anchor.darkest for anchor in anchors)) / VEIL.lifted
    lost = (min(anchor.local_contrast for anchor in anchors) - sketch.local_contrast) / VEIL.lost
    return (min(lifted, 2.0) + min(lost, 2.0)) / 2


def _structure(sketch: Sketch) -> float:
    return sketch.sharpness.bands[0]


def _fineness(sketch: Sketch) -> float:
    return sketch.sharpness.fineness[0]


def _away(frame: PreparedFrame, reference: Reference | None, known: tuple[Sketch, ...]) -> bool:
    if frame.view.away:
        return True
    return frame.view.roams and not known and bool(reference and reference.like(frame))


def _switched(frame: PreparedFrame, reference: Reference) -> bool:
    return reference.last is not None and reference.last.infrared != frame.infrared


def _history(frame: PreparedFrame, reference: Reference | None) -> Note | None:
    if reference is None or not reference.sketches:
        return Note.NO_HISTORY
    if not reference.of_size(frame):
        return Note.OTHER_SIZE
    return None if reference.like(frame) else Note.NO_HISTORY_OF_LIGHT
