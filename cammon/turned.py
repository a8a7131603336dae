"""A view that was accepted although it had been turned: the ledger still says where the camera looked before."""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from cammon.sitefiles.model import Site
from cammon_probes.model import Fault, Finding, PoseChange
from cammon_probes.picture.judgement import Note
from cammon_web.desk import FindingRow

BACK_DEG, BACK_ZOOM = 3.0, 0.12
"""A view that was turned and turned again is back within these: a turn is known to 1.5 degrees and 6 % of zoom, and
there are two."""


@dataclass(frozen=True, slots=True)
class Aim:
    """Where a camera looks and how wide, by its ledger; a PTZ from home."""

    azimuth_deg: float
    tilt_deg: float
    roll_deg: float
    hfov_deg: float


@dataclass(frozen=True, slots=True)
class Turn:
    """`aim` is what the ledger said when the view was accepted, `change` how far the view was from it then; None where
    its picture did not tell."""

    aim: Aim
    change: PoseChange | None = None

    @property
    def now(self) -> Aim | None:
        """Where the camera looks now, within a degree or two; None where that is not known.

        The change is one of the camera's own axes: on a camera that looks down, panning turns it by more than its angle
        from north to north, so the new optical axis is worked out in space.
        """
        if self.change is None:
            return None
        azimuth, tilt = (math.radians(angle) for angle in (self.aim.azimuth_deg, self.aim.tilt_deg))
        across, down = (math.tan(math.radians(angle)) for angle in (self.change.pan_deg, self.change.tilt_deg))
        level = np.array([math.sin(azimuth), math.cos(azimuth), 0.0])
        right = np.array([math.cos(azimuth), -math.sin(azimuth), 0.0])
        forward = math.cos(tilt) * level + np.array([0.0, 0.0, -math.sin(tilt)])
        below = -math.sin(tilt) * level + np.array([0.0, 0.0, -math.cos(tilt)])
        axis = forward + across * right + down * below
        axis /= np.linalg.norm(axis)
        half = math.tan(math.radians(self.aim.hfov_deg / 2)) / self.change.zoom
        return Aim(
            math.degrees(math.atan2(axis[0], axis[1])) % 360.0,
            math.degrees(math.asin(np.clip(-axis[2], -1.0, 1.0))),
            self.aim.roll_deg + self.change.roll_deg,
            2 * math.degrees(math.atan(half)),
        )

    @property
    def is_back(self) -> bool:
        """Whether it looks again where the ledger says, as far as pictures tell."""
        change = self.change
        return (
            change is not None
            and max(abs(change.pan_deg), abs(change.tilt_deg), abs(change.roll_deg)) <= BACK_DEG
            and abs(math.log(change.zoom)) <= BACK_ZOOM
        )


def aims(site: Site) -> Mapping[str, Aim]:
    """The aim of each camera whose pose the ledger knows."""
    return {
        camera.id: Aim(camera.pose.azimuth_deg, camera.pose.tilt_deg, camera.pose.roll_deg, camera.lens.hfov_deg)
        for camera in site.scene.cameras
    }


def holds(turn: Turn | None, aim: Aim | None) -> bool:
    """Whether the ledger still has the direction from before: whoever corrects it need not say so anywhere else."""
    return turn is not None and turn.aim == aim


def turn_after(
    before: Turn | None, aim: Aim | None, findings: Iterable[Finding | FindingRow], notes: Collection[str]
) -> Turn | None:
    """What is known when a person accepts the picture of a look with these findings and notes.

    None where the ledger gives no direction, or the view lies where it always did. A second turn adds to the first one;
    of a far one, and of a camera that roams, nobody knows how far.
    """
    moved = next((one for one in findings if one.fault == Fault.MOVED and one.bad), None)
    known = before if holds(before, aim) else None
    if aim is None or (moved is None and Note.NOT_AT_HOME not in notes):
        return known
    change = None if moved is None or Note.OTHER_VIEW in notes else moved.moved
    if change is not None and known is not None:
        change = None if known.change is None else _both(known.change, change)
    turn = Turn(aim, change)
    return None if turn.is_back else turn


def _both(first: PoseChange, second: PoseChange) -> PoseChange:
    return PoseChange(
        first.pan_deg + second.pan_deg,
        first.tilt_deg + second.tilt_deg,
        first.roll_deg + second.roll_deg,
        first.zoom * second.zoom,
    )
