"""All picture checks. One more check is one file and one line here."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Protocol

from numpy.typing import NDArray

from ..model import PICTURE_FAULTS, Fault, Finding
from .black import Black
from .blur import Blur
from .colour_cast import ColourCast
from .corrupted import Corrupted
from .covered import Covered
from .exposure import Overexposed, Underexposed
from .frame import PreparedFrame, prepare
from .frozen import Frozen
from .judgement import Judgement
from .low_contrast import LowContrast
from .moved import Moved, resembles_none
from .noise import Noise
from .notes import notes_on
from .partial import Partial
from .reference import DUSK_LUMA, Reference
from .sameview import at_home, of_the_same_view
from .signal_loss import SignalLoss
from .stillseen import dazzled
from .stripes import Stripes
from .view import PLAIN, View


class Check(Protocol):
    """Judges one frame. Its fields are its thresholds."""

    @property
    def fault(self) -> Fault:
        """What it looks for."""

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """The finding, with the number measured also when all is well."""


CHECKS: tuple[Check, ...] = (
    Black(),
    Overexposed(),
    SignalLoss(),
    Covered(),
    Corrupted(),
    Underexposed(),
    Stripes(),
    Noise(),
    Moved(),
    Blur(),
    LowContrast(),
    Partial(),
    ColourCast(),
    Frozen(),
)

EXPLAINS: Mapping[Fault, frozenset[Fault]] = {
    Fault.BLACK: PICTURE_FAULTS - {Fault.BLACK},
    Fault.OVEREXPOSED: frozenset(
        {
            Fault.SIGNAL_LOSS,
            Fault.COVERED,
            Fault.CORRUPTED,
            Fault.STRIPES,
            Fault.MOVED,
            Fault.PARTIAL,
            Fault.BLUR,
            Fault.LOW_CONTRAST,
            Fault.COLOUR_CAST,
        }
    ),
    Fault.SIGNAL_LOSS: PICTURE_FAULTS - {Fault.SIGNAL_LOSS, Fault.BLACK, Fault.OVEREXPOSED},
    Fault.COVERED: frozenset(
        {
            Fault.UNDEREXPOSED,
            Fault.BLUR,
            Fault.LOW_CONTRAST,
            Fault.COLOUR_CAST,
            Fault.MOVED,
            Fault.PARTIAL,
            Fault.STRIPES,
        }
    ),
    Fault.CORRUPTED: frozenset(
        {Fault.MOVED, Fault.PARTIAL, Fault.BLUR, Fault.COLOUR_CAST, Fault.LOW_CONTRAST, Fault.STRIPES}
    ),
    Fault.UNDEREXPOSED: frozenset({Fault.BLUR, Fault.LOW_CONTRAST, Fault.MOVED, Fault.PARTIAL}),
    Fault.STRIPES: frozenset({Fault.NOISE, Fault.BLUR, Fault.LOW_CONTRAST, Fault.MOVED, Fault.PARTIAL}),
    Fault.NOISE: frozenset({Fault.BLUR, Fault.LOW_CONTRAST, Fault.MOVED, Fault.PARTIAL}),
    Fault.LOW_CONTRAST: frozenset({Fault.BLUR, Fault.PARTIAL}),
    Fault.BLUR: frozenset({Fault.PARTIAL}),
    Fault.MOVED: frozenset({Fault.PARTIAL, Fault.BLUR, Fault.LOW_CONTRAST, Fault.COLOUR_CAST}),
}
"""A fault on the left makes those on the right look bad too; they are then told with their numbers, but not as bad."""

YIELDS_TO: Mapping[Fault, frozenset[Fault]] = {
    Fault.BLUR: frozenset({Fault.PARTIAL, Fault.COLOUR_CAST}),
    Fault.UNDEREXPOSED: frozenset({Fault.COLOUR_CAST}),
    Fault.LOW_CONTRAST: frozenset({Fault.COLOUR_CAST}),
    Fault.PARTIAL: frozenset({Fault.COLOUR_CAST}),
}
"""Where a fault on the right is surer, it explains the one on the left: behind a sheet nothing is sharp either, and a
filter of one hue takes light and contrast."""

HARDLY_COVERED = 0.6
COVERED_YIELDS_TO = frozenset({Fault.CORRUPTED, Fault.BLUR, Fault.LOW_CONTRAST})
"""A view that is hardly covered (a score up to `HARDLY_COVERED`), not dark and not moved has one of these, if surer.
Without history a sheet and thick fog look alike."""

IN_THE_DARK = EXPLAINS[Fault.UNDEREXPOSED] | {Fault.UNDEREXPOSED, Fault.COVERED, Fault.COLOUR_CAST, Fault.NOISE}
"""What cannot be told of a picture in colour in twilight."""

INTO_THE_SUN = frozenset({Fault.LOW_CONTRAST, Fault.BLUR, Fault.PARTIAL, Fault.COLOUR_CAST, Fault.MOVED})
"""What a low sun does that shines into the lens: a veil over all, strongest about its place, with edges of its own."""

SLIGHT_TURN = 0.45
"""Score from which a view has moved when hardly anything fits where it was: a slight turn looks like a hidden part."""


def examine(
    frame: NDArray[Any] | PreparedFrame,
    reference: Reference | None,
    checks: tuple[Check, ...] = CHECKS,
    view: View = PLAIN,
) -> tuple[Finding, ...]:
    """The findings of all checks on one frame, in the order of the checks. ValueError when it is no picture."""
    return judge(frame, reference, checks, view).findings


def judge(
    frame: NDArray[Any] | PreparedFrame,
    reference: Reference | None,
    checks: tuple[Check, ...] = CHECKS,
    view: View = PLAIN,
) -> Judgement:
    """As `examine`, with what a reader has to know of the findings."""
    prepared = prepare(frame, view)
    compared = _compared(prepared, reference, view)
    findings = [check(prepared, compared) for check in checks]
    findings = _without_foreign_stripes(prepared, compared, findings)
    light = _light_explains(prepared, compared, findings)
    told = weighed(findings, compared is not None and bool(compared.of_size(prepared)), light)
    elsewhere = _not_at_home(prepared, reference, checks, told)
    return Judgement(told, notes_on(prepared, reference, compared, told, elsewhere))


def _light_explains(frame: PreparedFrame, reference: Reference | None, findings: list[Finding]) -> frozenset[Fault]:
    """What nobody can tell while the sun is low."""
    if not frame.view.low_sun:
        return frozenset()
    if _still_in_colour(frame):
        return IN_THE_DARK
    known = reference.like(frame) if reference else ()
    asked = any(finding.bad and finding.fault in INTO_THE_SUN for finding in findings)
    return INTO_THE_SUN if asked and known and dazzled(frame, known) else frozenset()


def _still_in_colour(frame: PreparedFrame) -> bool:
    """Whether it is twilight and the camera about to switch to infrared: till then its picture is dark and grainy."""
    return frame.view.twilight and not frame.infrared and frame.mean_luma < DUSK_LUMA


def _compared(frame: PreparedFrame, reference: Reference | None, view: View) -> Reference | None:
    """As much of the camera's history as shows what it looks at now."""
    if reference is None or not (view.away or view.roams):
        return reference
    return replace(reference, sketches=()) if view.away else of_the_same_view(frame, reference)


def _not_at_home(
    frame: PreparedFrame, reference: Reference | None, checks: tuple[Check, ...], told: tuple[Finding, ...]
) -> bool:
    """Whether a camera that may look elsewhere does: a fixed one with this home view would be called moved."""
    hides = {fault for fault, others in EXPLAINS.items() if Fault.MOVED in others}
    check = next((one for one in checks if isinstance(one, Moved)), None)
    roaming = frame.view.away or frame.view.roams
    if not roaming or reference is None or check is None or any(one.bad and one.fault in hides for one in told):
        return False
    home = at_home(reference, reference.like(frame))
    return bool(home) and check.against(frame, home).bad


def weighed(findings: Sequence[Finding], compared: bool, light: frozenset[Fault] = frozenset()) -> tuple[Finding, ...]:
    """The findings of all checks, bad no more where another one, or `light`, explains them.

    `compared` tells whether there were good frames to compare with.
    """
    findings = _with_slight_turn(findings)
    explained = _explained(findings, compared) | light
    return tuple(
        replace(finding, bad=False) if finding.bad and finding.fault in explained else finding for finding in findings
    )


def _with_slight_turn(findings: Sequence[Finding]) -> list[Finding]:
    """The findings, with `moved` bad where only the two together, it and `partial`, are sure."""
    scores = {finding.fault: finding.score for finding in findings}
    turned = scores.get(Fault.PARTIAL, 0.0) > 0.5 >= scores.get(Fault.MOVED, 0.0) >= SLIGHT_TURN
    return [
        replace(one, score=scores[Fault.PARTIAL], bad=True) if turned and one.fault is Fault.MOVED else one
        for one in findings
    ]


def _without_foreign_stripes(
    frame: PreparedFrame, reference: Reference | None, findings: list[Finding]
) -> list[Finding]:
    """The findings; the fences and walls of another view altogether are no stripes over the own one."""
    bad = {finding.fault for finding in findings if finding.bad}
    known = reference.like(frame) if reference else ()
    if not bad >= {Fault.STRIPES, Fault.MOVED} or not resembles_none(frame, known):
        return findings
    return [replace(one, bad=False) if one.fault is Fault.STRIPES else one for one in findings]


def _explained(findings: Sequence[Finding], compared: bool) -> set[Fault]:
    """The faults that others of the findings make look bad."""
    scores = {finding.fault: finding.score for finding in findings if finding.bad}
    yields = dict(YIELDS_TO)
    if (
        compared
        and scores.get(Fault.COVERED, 1.0) <= HARDLY_COVERED
        and not scores.keys() & {Fault.MOVED, Fault.UNDEREXPOSED}
    ):
        yields[Fault.COVERED] = COVERED_YIELDS_TO
    explained = {
        fault
        for fault, others in yields.items()
        if fault in scores and any(scores.get(other, 0.0) > scores[fault] for other in others)
    }
    for fault, others in EXPLAINS.items():
        if fault in scores and fault not in explained:
            explained |= others
    return explained


def configured(thresholds: Mapping[str, Mapping[str, float]], checks: tuple[Check, ...] = CHECKS) -> tuple[Check, ...]:
    """The checks with fields replaced: `{"blur": {"drop": 0.5}}`. ValueError names what would be allowed."""
    by_name = {check.fault.value: check for check in checks}
    for name, changes in thresholds.items():
        if name not in by_name:
            raise ValueError(f"no picture check {name!r}; there are {', '.join(sorted(by_name))}")
        allowed = [field.name for field in fields(by_name[name])]  # type: ignore[arg-type]
        for field_name in changes:
            if field_name not in allowed:
                raise ValueError(f"the check {name} has no threshold {field_name!r}; it has {', '.join(allowed)}")
        by_name[name] = replace(by_name[name], **changes)  # type: ignore[type-var]
    return tuple(by_name[check.fault.value] for check in checks)
