"""What a reader of the findings has to know: how far the camera's history could be used, and whether to trust it."""

from .frame import PreparedFrame
from .judgement import Note
from .reference import Reference
from .view import View


def notes_on(frame: PreparedFrame, reference: Reference | None, view: View) -> tuple[Note, ...]:
    """The notes on one frame, in the order of `Note`."""
    notes = [_history(frame, reference), Note.AWAY if view.away else None]
    if reference is not None and reference.previous_infrared not in (None, frame.infrared):
        notes.append(Note.LIGHT_SWITCHED)
    return tuple(note for note in notes if note is not None)


def _history(frame: PreparedFrame, reference: Reference | None) -> Note | None:
    if reference is None or not reference.sketches:
        return Note.NO_HISTORY
    if not reference.of_size(frame):
        return Note.OTHER_SIZE
    return None if reference.like(frame) else Note.NO_HISTORY_OF_LIGHT
