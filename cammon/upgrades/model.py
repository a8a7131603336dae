"""The nouns of the upgrade list. Values only."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from shapely.geometry.base import BaseGeometry

from cammon_coverage.model import Camera, Period, Sight, SiteAnswer, Target
from cammon_probes.model import Fault


class Action(StrEnum):
    """What a crew does."""

    CLEAN = "clean"
    REFOCUS = "refocus"
    RE_AIM = "re_aim"
    REPAIR = "repair"
    REPLACE = "replace"
    ADD = "add"


class Why(StrEnum):
    """The reason for an action: 坏, 老, 旧, nobody looks there, or it will be a fault soon."""

    BROKEN = "broken"
    FORESEEN = "foreseen"
    AGED = "aged"
    OUTDATED = "outdated"
    BLIND = "blind"


@dataclass(frozen=True, slots=True)
class OpenFault:
    """A confirmed fault that is open now, and since when (first bad reading)."""

    fault: Fault
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an action rests on: a code with parameters (docs/upgrades.md lists them all)."""

    code: str
    params: Mapping[str, str | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gain:
    """A key place that becomes covered in one period by this action, given all above it."""

    place: str
    name: str
    priority: int
    period: Period


@dataclass(frozen=True, slots=True)
class Upgrade:
    """One row. `kind` says what `subject` is: camera, device, switch, recorder, power or mounting_place.

    `cameras`: the cameras that the action touches. `cumulative`: priority-weighted share of key places covered after
    this action and all above it, the worse of day and night; None for a site without key places.
    `together_with`: subjects of neighbouring rows without which the gains of this one do not come true.
    """

    rank: int
    action: Action
    why: Why
    kind: str
    subject: str
    name: str
    cameras: tuple[str, ...]
    target_model: str
    cost: float
    evidence: tuple[Evidence, ...]
    gains: tuple[Gain, ...]
    cumulative: float | None
    together_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UpgradeList:
    """The rows, best first, and the weighted share covered before the first of them."""

    rows: tuple[Upgrade, ...]
    covered_now: float | None
    currency: str


class Coverage(Protocol):
    """What the list asks of the coverage of a site."""

    def verdicts(self, sights: Mapping[str, Sight] | None, period: Period) -> Mapping[str, bool | None]:
        """Place id -> covered; None while not known. By design (`sights` None), or with what `sights` leaves."""

    def design(self, period: Period) -> SiteAnswer:
        """What is covered when every camera works as documented, with reasons and blind spots."""

    def added(self, camera: Camera) -> "Coverage":
        """The same site with one more camera."""

    def replaced(self, camera: Camera) -> "Coverage":
        """The same site with the camera of this id replaced."""

    def places_of(self, camera_id: str) -> Collection[str]:
        """The key places that this camera can see anything of at their level, by design."""

    def seen(self, camera_id: str, period: Period, level_px_per_m: float, target: Target = ...) -> BaseGeometry:
        """The region of the plan on which this camera sees the whole target at a level."""
