"""Collecting what is wrong in the site files while reading goes on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cammon.sitefiles.limits import MAX_SHOWN_CHARACTERS
from cammon.sitefiles.model import Problem, Severity

LOGIN = re.compile(r"://[^/\s]*@")
"""A login in a URL; it is never shown, wherever it stands."""
Params = Mapping[str, str | float]
NOTHING: Params = {}


class Wrong(Exception):
    """A value that cannot be read: the problem's code and parameters. Caught where its row and column are known."""

    def __init__(self, code: str, **params: str | float) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(slots=True)
class Faults:
    """The problems of one site folder, in the order in which they were found."""

    problems: list[Problem] = field(default_factory=list)

    def of(self, file: str) -> "FileFaults":
        """The same collection, for one file."""
        return FileFaults(file, self.problems)

    @property
    def fatal(self) -> bool:
        """Whether the start must stop."""
        return any(problem.severity is Severity.FATAL for problem in self.problems)


@dataclass(frozen=True, slots=True)
class FileFaults:
    """Adds problems of one file to a collection."""

    file: str
    problems: list[Problem]

    def fatal(self, code: str, where: str = "", column: str = "", value: object = "", params: Params = NOTHING) -> None:
        """The start must stop."""
        self._add(Severity.FATAL, code, where, column, value, params)

    def row(self, code: str, where: str = "", column: str = "", value: object = "", params: Params = NOTHING) -> None:
        """This row, feature or part of it is set aside."""
        self._add(Severity.ROW, code, where, column, value, params)

    def warning(
        self, code: str, where: str = "", column: str = "", value: object = "", params: Params = NOTHING
    ) -> None:
        """Doubtful, and kept."""
        self._add(Severity.WARNING, code, where, column, value, params)

    def _add(self, severity: Severity, code: str, where: str, column: str, value: object, params: Params) -> None:
        self.problems.append(Problem(severity, self.file, shown(where), shown(column), shown(value), code, params))


def shown(value: object) -> str:
    """A wrong value as a problem carries it: one line, no control characters, no login, cut to a length that fits."""
    text = "" if value is None else str(value)
    cut = LOGIN.sub("://…@", text[: 10 * MAX_SHOWN_CHARACTERS])[: MAX_SHOWN_CHARACTERS + 1]
    clean = one_line(cut)
    return clean if len(cut) <= MAX_SHOWN_CHARACTERS else clean[:MAX_SHOWN_CHARACTERS] + "…"


def one_line(text: str) -> str:
    """The same text with line breaks and control characters written out."""
    return text if text.isprintable() else "".join(char if char.isprintable() else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")
