"""A table with a header, from CSV or a workbook: which column is which, and the cells of every row as text."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cammon.sitefiles.cells import plain
from cammon.sitefiles.faults import FileFaults
from cammon.sitefiles.limits import MAX_COLUMNS, MAX_ROWS

HEADER_SEARCH_ROWS = 10
"""Ledgers often begin with a title; the header is sought in so many rows."""
SECRET_HEADERS = frozenset({"password", "passwd", "pwd", "密码", "口令", "登录密码", "设备密码"})

Cells = list[str]
Numbered = tuple[int, Cells]
"""A row's number as a spreadsheet shows it (the first is 1), and its cells."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number and the cells that are not empty, by column name."""

    number: int
    cells: Mapping[str, str]
    headers: Mapping[str, str]
    """Column -> what the file's own header calls it."""

    def header(self, column: str) -> str:
        """How a problem names a column: as the file does."""
        return self.headers.get(column, column)

    @property
    def where(self) -> str:
        """How a problem names this row."""
        return f"row {self.number}"


@dataclass(frozen=True, slots=True)
class Table:
    """The columns that are known, in the order of the file, and the rows that are not blank."""

    header_row: int
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """What a table's header may say: column -> its other names; and the columns that must be there."""

    columns: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]

    def names(self) -> dict[str, str]:
        """Every accepted header, folded, with the column that it means."""
        known = {folded(column): column for column in self.columns}
        return known | {folded(alias): column for column, aliases in self.columns.items() for alias in aliases}


def folded(header: str) -> str:
    """A header without case, spaces, line breaks and the unit in brackets: what two people write differently."""
    text = plain(header).lower().lstrip("*").split("(", maxsplit=1)[0]
    return "".join(text.split()).replace("-", "_")


def table_of(rows: Iterable[Numbered], schema: Schema, faults: FileFaults) -> Table | None:
    """The table in `rows`; None, with a fatal problem, where no header with the required columns is found."""
    source = iter(rows)
    head: list[Numbered] = []
    for numbered in source:
        head.append(numbered)
        if len(head) == HEADER_SEARCH_ROWS:
            break
    if not head:
        faults.fatal("file_empty")
        return None
    names = schema.names()
    at = max(range(len(head)), key=lambda index: (_known(head[index][1], names), -index))
    columns = _columns(head[at], names, faults)
    headers = {column: plain(head[at][1][position]) for position, column in columns.items()}
    missing = [column for column in schema.required if column not in columns.values()]
    for column in missing:
        faults.fatal("missing_column", f"row {head[at][0]}", column, params={"expects": column})
    if missing:
        return None
    body = (Row(number, cells, headers) for number, cells in _body(head[at + 1 :], source, columns, faults))
    return Table(head[at][0], tuple(columns.values()), tuple(body))


def _known(cells: Cells, names: Mapping[str, str]) -> int:
    return sum(folded(cell) in names for cell in cells)


def _columns(header: Numbered, names: Mapping[str, str], faults: FileFaults) -> dict[int, str]:
    """Position -> column, with a problem for what stands there twice or means nothing."""
    number, cells = header
    where = f"row {number}"
    columns: dict[int, str] = {}
    unknown: list[str] = []
    for position, cell in enumerate(cells[:MAX_COLUMNS]):
        name = folded(cell)
        if name in SECRET_HEADERS:
            faults.row("password_column", where, cell)
        elif not name or name.startswith("#"):
            continue
        elif name not in names:
            unknown.append(cell)
        elif names[name] in columns.values():
            faults.row("duplicate_column", where, cell, params={"column": names[name]})
        else:
            columns[position] = names[name]
    _say_unknown(unknown, where, names, faults)
    return columns


def _say_unknown(unknown: list[str], where: str, names: Mapping[str, str], faults: FileFaults) -> None:
    """A likely typing error is named by itself; the columns that mean nothing to cammon are named together."""
    strangers: list[str] = []
    for header in unknown:
        near = difflib.get_close_matches(folded(header), names, n=1, cutoff=0.85)
        if near:
            faults.warning("misspelt_column", where, header, params={"column": names[near[0]]})
        else:
            strangers.append(plain(header))
    if strangers:
        faults.warning("unknown_columns", where, value=", ".join(strangers))


def _body(
    head: list[Numbered], rest: Iterator[Numbered], columns: Mapping[int, str], faults: FileFaults
) -> Iterator[tuple[int, dict[str, str]]]:
    taken = 0
    for source in (head, rest):
        for number, cells in source:
            named = {column: cells[at] for at, column in columns.items() if at < len(cells) and cells[at].strip()}
            if not named:
                continue
            taken += 1
            if taken > MAX_ROWS:
                faults.fatal("too_many_rows", f"row {number}", params={"limit": MAX_ROWS})
                return
            yield number, named
