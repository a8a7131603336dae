"""The nouns of taking over: pieces of a map on their way, what happened to each, and what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shapely.geometry.base import BaseGeometry

from cammon.sitefiles.faults import shown
from cammon.sitefiles.model import Problem, Severity

FENCE = "fence"
"""A key place drawn as a line: a closed outline stays a line instead of becoming an area."""


class Outcome(StrEnum):
    """What became of a piece: left out, put right, there already and kept, or only worth knowing."""

    DROPPED = "dropped"
    REPAIRED = "repaired"
    KEPT = "kept"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that happened, with its place in the source, as a problem that words can be put to."""

    outcome: Outcome
    problem: Problem


@dataclass(frozen=True, slots=True)
class Piece:
    """One shape of the source on its way onto the map, in the source's coordinates until it is placed.

    `source` says where it stands ("feature 4", "WALLS LWPOLYLINE 2F"), `group` is its layer.
    """

    source: str
    kind: str
    geometry: BaseGeometry
    properties: Mapping[str, object] = field(default_factory=dict)
    group: str = ""


class Refused(Exception):
    """Nothing can be taken over; each problem is said in one line."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = problems


@dataclass(slots=True)
class Notes:
    """The notes of one source file, in the order in which they were taken."""

    file: str
    taken: list[Note] = field(default_factory=list)

    def dropped(self, code: str, where: str = "", column: str = "", value: object = "", **params: str | float) -> None:
        """This piece is left out."""
        self._add(Outcome.DROPPED, Severity.ROW, code, where, column, value, params)

    def repaired(self, code: str, where: str = "", column: str = "", value: object = "", **params: str | float) -> None:
        """This piece was put right."""
        self._add(Outcome.REPAIRED, Severity.WARNING, code, where, column, value, params)

    def kept(self, code: str, where: str = "", column: str = "", value: object = "", **params: str | float) -> None:
        """What the site has already stays as it is."""
        self._add(Outcome.KEPT, Severity.WARNING, code, where, column, value, params)

    def note(self, code: str, where: str = "", column: str = "", value: object = "", **params: str | float) -> None:
        """Worth knowing."""
        self._add(Outcome.NOTE, Severity.WARNING, code, where, column, value, params)

    def refuse(
        self, code: str, where: str = "", column: str = "", value: object = "", **params: str | float
    ) -> Refused:
        """The error to raise when nothing can be taken over."""
        return Refused(problem(Severity.FATAL, self.file, code, where, column, value, params))

    def _add(
        self,
        outcome: Outcome,
        severity: Severity,
        code: str,
        where: str,
        column: str,
        value: object,
        params: Mapping[str, str | float],
    ) -> None:
        self.taken.append(Note(outcome, problem(severity, self.file, code, where, column, value, params)))


def problem(
    severity: Severity,
    file: str,
    code: str,
    where: str = "",
    column: str = "",
    value: object = "",
    params: Mapping[str, str | float] | None = None,
) -> Problem:
    """A problem whose value is cut to a line, as those of site files are."""
    return Problem(severity, file, shown(where), shown(column), shown(value), code, params or {})


@dataclass(frozen=True, slots=True)
class Report:
    """What taking over a file gave: how many of each kind were written anew or replaced, and every note."""

    file: str
    into: str
    dry_run: bool
    written: Mapping[str, int]
    replaced: Mapping[str, int]
    notes: tuple[Note, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing came of it, not even because it is all there already."""
        kept = any(note.outcome is Outcome.KEPT for note in self.notes)
        return not kept and not any(self.written.values()) and not any(self.replaced.values())
