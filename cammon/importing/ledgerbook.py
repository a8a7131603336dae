"""The sheets of a ledger as rows of text: merged cells filled, the header found below titles, in one row or two."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl

from cammon.importing.headers import Header, header_of
from cammon.importing.model import Notes, Refused
from cammon.sitefiles.bytes import read_text
from cammon.sitefiles.cells import as_text
from cammon.sitefiles.csvfile import csv_rows
from cammon.sitefiles.faults import Faults
from cammon.sitefiles.limits import MAX_BYTES, MAX_COLUMNS, MAX_ROWS, MEGABYTE
from cammon.sitefiles.workbook import workbook_rows

HEADER_SEARCH_ROWS = 15
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
Cells = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name ("" in a CSV file) and its rows from 1, blank cells left out."""

    name: str
    rows: Mapping[int, Cells]


def sheets_of(path: Path, notes: Notes) -> list[Sheet]:
    """Every sheet of a workbook, or the one of a CSV file. Raises Refused."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise notes.refuse("cannot_read", reason=error.strerror or "") from error
    limit = MAX_BYTES["cameras.xlsx"]
    if len(content) > limit:
        raise notes.refuse("file_too_large", megabytes=len(content) // MEGABYTE, limit=limit // MEGABYTE)
    if content.startswith(OLD_OFFICE):
        raise notes.refuse("old_or_locked_workbook")
    faults = Faults()
    own = faults.of(path.name)
    if not content.startswith(b"PK"):
        text = read_text(content, own)
        rows = [] if text is None else list(csv_rows(text, own))
        sheets = [Sheet("", {number: _filled(cells) for number, cells in rows})]
    else:
        # The reader of site files refuses what must not be opened (bombs, entity declarations).
        sheets = [] if workbook_rows(content, own) is None else _workbook(content, notes)
    if faults.fatal:
        raise Refused(*faults.problems)
    return sheets


def _filled(cells: Sequence[str]) -> dict[int, str]:
    return {at: cell for at, cell in enumerate(cells) if cell.strip()}


def _workbook(content: bytes, notes: Notes) -> list[Sheet]:
    try:
        book = openpyxl.load_workbook(BytesIO(content), data_only=True, keep_links=False)
        return [Sheet(str(sheet.title), dict(_rows(sheet))) for sheet in book.worksheets]
    except Exception as error:
        raise notes.refuse("not_a_workbook") from error


def _rows(sheet: Any) -> Iterator[tuple[int, Cells]]:
    """The rows of a sheet; every cell of a merged range has what its first one says."""
    merged = {
        (row, column): (area.min_row, area.min_col)
        for area in sheet.merged_cells.ranges
        if (area.max_row - area.min_row + 1) * (area.max_col - area.min_col + 1) <= MAX_ROWS
        for row, column in area.cells
    }
    width, height = min(sheet.max_column, MAX_COLUMNS), min(sheet.max_row, 2 * MAX_ROWS)
    for number, cells in enumerate(sheet.iter_rows(max_col=width, max_row=height), start=1):
        texts = [
            as_text(sheet.cell(*merged[number, cell.column]).value if (number, cell.column) in merged else cell.value)
            for cell in cells
        ]
        filled = _filled(texts)
        if filled:
            yield number, filled


def find_header(sheet: Sheet, id_column: str) -> Header | None:
    """The header of a sheet: the row, or the two rows one below the other, that say most; None where none does.

    In two rows the lower one counts, where it says something of its own: 坐标 above 经度 and 纬度.
    """
    numbers = sorted(sheet.rows)[:HEADER_SEARCH_ROWS]
    headers = [header_of(number, sheet.rows[number], id_column) for number in numbers]
    for number in numbers:
        lower = sheet.rows.get(number + 1)
        if lower is not None:
            headers.append(header_of(number + 1, {**sheet.rows[number], **lower}, id_column))
    best = max(headers, key=lambda header: (len(header.columns), -len(header.titles), -header.row), default=None)
    return best if best is not None and len(best.columns) >= 2 else None
