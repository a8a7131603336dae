"""场景变换: the camera looks elsewhere than in its good frames."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..model import Fault, Finding
from .frame import PreparedFrame
from .grading import falling, rising
from .nearest import nearest
from .pose import pose_change
from .reference import HOME_SHARE, Reference, Sketch, resemblances
from .register import directions, likeness, overlay

_MOST_COMPARED = 4
_FOUND_ELSEWHERE = 0.3
"""Likeness that another view does not reach by chance, wherever it is laid."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The view lies better upon a good frame elsewhere than at home, by `gain` of likeness (-1 to 1).

    A view that resembles nothing lies somewhere by chance a little better than at home: that is a turned camera, too.
    Where the good frames themselves are not `alike` (bare asphalt, a night with few lights) it takes more. A view that
    is `surely_home` is not laid elsewhere. Shifts up to `home_share` of the width are a pole that sways.

    It has moved as well when it is another view altogether (another camera's picture, a turn far away): it has edges,
    but they lie upon those of no good frame (likeness below `strange`), and its layout resembles none either (below
    `strange_layout`). Nearly all pictures of different places stay below both, whatever the light.
    """

    fault: ClassVar[Fault] = Fault.MOVED
    gain: float = 0.055
    alike: float = 0.25
    surely_home: float = 0.4
    home_share: float = HOME_SHARE
    sure_place: float = 0.2
    strange: float = 0.16
    strange_layout: float = 0.4
    edge_drop: float = 0.65

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """`measured` is the gain of likeness; `moved` the change of pose where its place is sure and hfov known."""
        known = reference.of_size(frame) if reference else ()
        known = reference.like(frame) or known if reference else ()
        if not known or frame.view.roams:
            return Finding(self.fault, 0.0, 0.0, "gain of likeness", bad=False)
        return self.against(frame, known)

    def against(self, frame: PreparedFrame, known: tuple[Sketch, ...]) -> Finding:
        """The finding of a frame held against these good frames, one at least, of whatever kind the camera is."""
        view, fields, at_home = frame.directions, [], []
        likely = nearest(frame, known, len(known))
        for sketch in likely:
            fields.append(directions(sketch.thumb))
            at_home.append(likeness(view, fields[-1]))
            if at_home[-1] >= self.surely_home:
                return Finding(self.fault, 0.0, -at_home[-1], "gain of likeness", bad=False)
        chosen = np.argsort(at_home)[::-1][:_MOST_COMPARED]
        found = overlay(view, [fields[which] for which in chosen], self.home_share)
        threshold = self.gain + max(0.0, self.alike - usual_likeness(known))
        gain = found.away - found.home
        score = max(rising(gain, threshold, 5 * threshold), self._strangeness(frame, known, found.home))
        return self._finding(frame, likely[chosen[found.which]], gain, score)

    def _strangeness(self, frame: PreparedFrame, known: tuple[Sketch, ...], home: float) -> float:
        """The score of a view that resembles no good frame of this light, though it has edges."""
        if known[0].infrared != frame.infrared or min(one.edges for one in known) - frame.edges > self.edge_drop:
            return 0.0
        layout = float(resemblances(frame, known).max())
        score = min(falling(home, self.strange, 0.0), falling(layout, self.strange_layout, 0.0))
        return score if score > 0.5 else 0.0

    def _finding(self, frame: PreparedFrame, sketch: Sketch, gain: float, score: float) -> Finding:
        bad = score > 0.5
        hfov_deg = frame.view.hfov_deg
        change = None
        if bad and hfov_deg is not None and hfov_deg < 180.0:
            change = pose_change(frame.thumb, sketch.thumb, hfov_deg, self.sure_place)
        return Finding(self.fault, score, gain, "gain of likeness", bad=bad, moved=change)


def usual_likeness(known: tuple[Sketch, ...]) -> float:
    """How alike the good frames are among themselves: of each to the most similar other one, the least; 1 for one."""
    return min((sketch.agreement for sketch in known), default=1.0)


def resembles_none(frame: PreparedFrame, known: tuple[Sketch, ...]) -> bool:
    """Whether nothing of these good frames is to be seen: neither at home nor elsewhere, by edges and by layout."""
    if not known:
        return False
    check = Moved()
    found = overlay(frame.directions, [directions(one.thumb) for one in known], check.home_share)
    layout = float(resemblances(frame, known).max())
    return found.home < check.strange and found.away < _FOUND_ELSEWHERE and layout < check.strange_layout
