"""Good frames that dispute each other: a part was hidden when a history began, or came before it could be told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from .frame import PreparedFrame
from .partial import Compared, Partial
from .reference import MOST_SKETCHES, Reference, Sketch, seasoned

Floats = NDArray[np.float32]

LOST = 0.3
"""Loss of fit from which a cell is disputed."""
HIDDEN, SURER = 0.4, 0.15
"""How hidden the disputed cells look on the side that is taken for hidden, and how much more than on the other."""
SURELY = 0.5
"""How hidden a cell looks that counts beside the anchors."""
ENOUGH = 3
"""Frames of the other side that are asked how hidden they look."""


def settled(reference: Reference, newest: PreparedFrame, check: Partial | None = None) -> Reference:
    """The reference without the frames that have a part hidden, once others of the newest frame's light show it.

    The first frames against all later ones: where none of the first fits as `check` asks, one side has a part hidden.
    Which one is told by how the disputed cells look (`Hiddenness`); where that is not plain, nothing is changed. When
    the first were hidden the later ones stay, and the first of these become anchors. When the later ones are hidden the
    first stay, and are taken for chosen (no hour): what hides the part is told with the next looks. Only while the bank
    is not full: after its first day nothing is dropped.
    """
    check = check or Partial()
    known = reference.like(newest)
    if len(reference.sketches) >= MOST_SKETCHES:
        return reference
    for first in range(1, len(known)):
        early, late = known[:first], known[first:]
        if not seasoned(late):
            break
        looks = list(_differing(early, late, check))
        hidden = _hidden_side(early, late, looks, check) if len(looks) == len(early) else ()
        if hidden:
            return _without(reference, hidden, early, late)
    return reference


def beside_anchors(reference: Reference, newest: PreparedFrame, check: Partial | None = None) -> Reference:
    """The reference, whose last good frame is the newest, with how much of that looks hidden beside the anchors.

    A good frame that differs little from those before it is learnt, and so is the next: dirt that grows by the week
    never departs from what is known, but it does from the anchors.
    """
    *others, last = reference.sketches
    anchors = [one for one in reference.like(newest) if one.anchor and one is not last]
    if last.anchor or not anchors:
        return reference
    look = _looked(last, anchors, check or Partial())
    share = float(((look.lost > LOST) & (look.looks > SURELY)).mean())
    return replace(reference, sketches=(*others, replace(last, hidden=share)))


@dataclass(frozen=True, slots=True)
class _Look:
    """How much of its fit each cell has lost (rows x columns), and how hidden it looks."""

    lost: Floats
    looks: Floats


def _looked(one: Sketch, others: Sequence[Sketch], check: Partial) -> _Look:
    # A sketch has all of a frame that the comparison asks for.
    view = Compared(cast(PreparedFrame, one), tuple(others))
    return _Look(view.lost[0], check.cells(view.features()))


def _differing(some: Sequence[Sketch], others: Sequence[Sketch], check: Partial) -> Iterator[_Look]:
    """How they look, up to the first that has not lost what is called a hidden part: it, or its cover, is there."""
    for one in some:
        look = _looked(one, others, check)
        weighed, share = float((look.looks * look.lost).mean()), float((look.lost > check.loss).mean())
        if weighed <= check.missing and share <= check.share:
            return
        yield look


def _hidden_side(
    early: Sequence[Sketch], late: Sequence[Sketch], looks: Sequence[_Look], check: Partial
) -> Sequence[Sketch]:
    """Those of the two that have the disputed cells hidden; none where it is not plain."""
    disputed = np.minimum.reduce([look.lost for look in looks]) > LOST
    if not disputed.any():
        return ()
    first = float(np.median([look.looks[disputed].mean() for look in looks]))
    later = [_looked(one, early, check).looks for one in late[:ENOUGH]]
    then = float(np.median([one[disputed].mean() for one in later]))
    if max(first, then) < HIDDEN or abs(first - then) < SURER:
        return ()
    return early if first > then else late


def _without(
    reference: Reference, hidden: Sequence[Sketch], early: Sequence[Sketch], late: Sequence[Sketch]
) -> Reference:
    gone = {id(one) for one in hidden}
    chosen = {id(one) for one in early} if hidden is late else set()
    left = replace(reference, sketches=())
    for one in reference.sketches:
        if id(one) not in gone:
            kept = replace(one, hour=None) if id(one) in chosen else one
            kept = replace(kept, anchor=kept.anchor or left.is_first(kept))
            left = replace(left, sketches=(*left.sketches, kept))
    return left
