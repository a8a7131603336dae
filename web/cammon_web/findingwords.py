"""What a picture check found, as a sentence with its numbers; and what a reader has to know of the findings."""

from collections.abc import Mapping

from cammon_probes.model import Finding, PoseChange
from cammon_probes.picture.judgement import Note
from cammon_web import figures
from cammon_web.desk import FindingRow, TurnedView
from cammon_web.language import mark as _
from cammon_web.language import say
from cammon_web.words import fault_name, measured_words

NOTES: Mapping[str, str] = {
    Note.NO_HISTORY: _("No good picture of this camera is known yet; only what no working camera can show was judged."),
    Note.NO_HISTORY_OF_LIGHT: _("No good picture in this light (colour or infrared) is known yet."),
    Note.YOUNG_HISTORY: _(
        "Its good pictures are from a few hours only: hidden parts, haze and slight casts are not judged by them yet."
    ),
    Note.OTHER_SIZE: _("The known good pictures have another size: the stream has changed."),
    Note.AWAY: _("The camera looks elsewhere, as it may (PTZ, mobile): what needs the same view was not judged."),
    Note.NOT_AT_HOME: _("It looks away from its home view: what it would see there does not count as seen now."),
    Note.OTHER_VIEW: _("Nothing in it is like its good pictures: another camera's picture, or it was turned far away."),
    Note.LIGHT_SWITCHED: _("It switched between colour and infrared since the picture before."),
    Note.SWAYS: _("The camera sways or is held by hand; it was judged with wider limits."),
    Note.BANK_DISAGREES: _("The known good pictures show different views: accept anew how it should look."),
    Note.DRIFTED: _(
        "Its good pictures have drifted slowly away from its first ones, or from what was accepted: clean the lens, or"
        " accept how it looks now."
    ),
    "infrared_chatter": _(
        "It switches between colour and infrared again and again: raise its threshold, or give it light."
    ),
    "broken_off": _("The picture breaks off before its end."),
}
_MEASURED = _("%(fault)s: %(measured)s, score %(score)s")
_LOSS = _("resolution lower by a factor of %(factor)s")
_HIDDEN = _("%(share)s of the picture hidden")
_PAN = (_("turned %(degrees)s° to the left"), _("turned %(degrees)s° to the right"))
_TILT = (_("raised by %(degrees)s°"), _("lowered by %(degrees)s°"))
_ROLL = (_("rolled %(degrees)s° anticlockwise"), _("rolled %(degrees)s° clockwise"))
_ZOOM = _("zoom changed by a factor of %(factor)s")
_COMMA = _(", ")
_SEMICOLON = _("; ")
OUTLINED = _("Outlined in red: what no longer looks as in the good pictures")
ARROW = _("Arrow: from where the middle of the good picture is now to the middle of this one")
LEDGER_POSE = _(
    "Coverage follows the ledger: until the camera's new direction stands there, its key places count as not known."
)
TURNED = _(
    "It was turned before this view was accepted, and the ledger still has the direction from before. "
    "Its key places count as not known until the ledger is corrected."
)
_TURNED_BY = _("Against the ledger: %(turn)s.")
_LOOKS = _("Its pictures say: about %(azimuth)s° azimuth, %(tilt)s° tilt, %(hfov)s° angle of view.")
_HOW_FAR = _("How far is not known from its pictures: measure it, or calibrate the camera.")
SHARE = "share of picture"
"""The unit of what is hidden."""
LEAST_DEG = 0.05
LEAST_ZOOM = 0.005


def finding_words(finding: Finding, language: str) -> str:
    """A finding as one sentence: name, number, score, and how far or how much where that is known."""
    told = say(
        _MEASURED,
        language,
        fault=fault_name(finding.fault, language),
        measured=measured_words(finding.measured, finding.unit, language),
        score=figures.number(round(float(finding.score), 2)),
    )
    # Where the share is what is measured, it has been told.
    hidden = None if finding.unit == SHARE else finding.hidden
    share = None if hidden is None else float(hidden.mean())
    extent = extent_words(finding.resolution_loss, share, finding.moved, language)
    return told + say(_SEMICOLON, language) + extent if extent else told


def extent_words(
    resolution_loss: float | None, hidden_share: float | None, moved: PoseChange | None, language: str
) -> str:
    """How much resolution is lost, how much hidden, how far moved; "" where that is not known."""
    parts = []
    if resolution_loss is not None and resolution_loss > 1.0:
        parts.append(say(_LOSS, language, factor=figures.number(round(resolution_loss, 1))))
    if hidden_share:
        parts.append(say(_HIDDEN, language, share=figures.percent(hidden_share)))
    if moved is not None:
        parts += _moved(moved, language)
    return say(_COMMA, language).join(parts)


def row_extent(row: FindingRow, language: str) -> str:
    """The same of a stored finding."""
    cells = "" if row.unit == SHARE else "".join(row.hidden)
    share = cells.count("#") / len(cells) if cells else None
    return extent_words(row.resolution_loss, share, row.moved, language)


def _moved(change: PoseChange, language: str) -> list[str]:
    """Each direction that has changed. Right, downwards and clockwise count positive, as in the finding."""
    turns = ((_PAN, change.pan_deg), (_TILT, change.tilt_deg), (_ROLL, change.roll_deg))
    told = [
        say(words[degrees > 0], language, degrees=figures.number(round(abs(degrees), 1)))
        for words, degrees in turns
        if abs(degrees) >= LEAST_DEG
    ]
    if abs(change.zoom - 1.0) >= LEAST_ZOOM:
        told.append(say(_ZOOM, language, factor=figures.number(round(change.zoom, 2))))
    return told


def turned_sentences(turned: TurnedView, language: str) -> list[str]:
    """What became of a camera whose turned view was accepted: how far, and what belongs into the ledger."""
    told = [say(TURNED, language)]
    if turned.change is None or turned.azimuth_deg is None or turned.tilt_deg is None or turned.hfov_deg is None:
        return [*told, say(_HOW_FAR, language)]
    turn = extent_words(None, None, turned.change, language)
    told += [say(_TURNED_BY, language, turn=turn)] if turn else []
    aim = {"azimuth": turned.azimuth_deg, "tilt": turned.tilt_deg, "hfov": turned.hfov_deg}
    return [*told, say(_LOOKS, language, **{name: figures.number(float(round(deg))) for name, deg in aim.items()})]


def note_sentence(code: str, language: str) -> str:
    """A note as a sentence; an unknown code as it is."""
    return say(NOTES[code], language) if code in NOTES else str(code)
