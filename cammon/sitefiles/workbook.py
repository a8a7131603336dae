"""The rows of the first sheet of an .xlsx workbook, within the caps, formulas by their last computed value."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from itertools import zip_longest
from typing import Any

import openpyxl

from cammon.sitefiles.cells import as_text
from cammon.sitefiles.faults import FileFaults
from cammon.sitefiles.limits import MAX_COLUMNS, MAX_ROWS, MAX_UNPACKED_BYTES, MEGABYTE
from cammon.sitefiles.table import Numbered

DECLARATION = re.compile(rb"<!(DOCTYPE|ENTITY)")
"""No program writes one into a workbook; it is how entity bombs are made."""
FORMULA = re.compile(rb"<(\w+:)?f[ >/]")
BLANK_TAIL_ROWS = 200_000
"""A sheet whose last row is formatted far below its data has a long blank tail; nothing is sought beyond this row."""


def workbook_rows(content: bytes, faults: FileFaults) -> list[Numbered] | None:
    """Every row of the first sheet; None with a fatal problem when the file is no workbook or is too large inside."""
    has_formulas = _inspect(content, faults)
    if has_formulas is None:
        return None
    try:
        values = _first_sheet(content, computed=True)
        written = _first_sheet(content, computed=False) if has_formulas else iter(())
        return [_row(number, *pair) for number, pair in enumerate(zip_longest(values, written), start=1)]
    except Exception:  # noqa: BLE001 openpyxl meets malformed XML with whatever its line of code raises
        faults.fatal("not_a_workbook")
        return None


def _inspect(content: bytes, faults: FileFaults) -> bool | None:
    """Whether any sheet has a formula; None, with a problem, for what must not be opened."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
                faults.fatal("workbook_too_large", params={"limit": MAX_UNPACKED_BYTES // MEGABYTE})
                return None
            xml = [member for member in members if member.filename.endswith((".xml", ".rels"))]
            if any(_holds(archive, member, DECLARATION) for member in xml):
                faults.fatal("not_a_workbook")
                return None
            sheets = [member for member in xml if member.filename.startswith("xl/worksheets/")]
            return any(_holds(archive, member, FORMULA) for member in sheets)
    # RuntimeError: a member under a password, or packed in a way that zipfile does not know
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError):
        faults.fatal("not_a_workbook")
        return None


def _holds(archive: zipfile.ZipFile, member: zipfile.ZipInfo, pattern: re.Pattern[bytes]) -> bool:
    """Whether the pattern stands anywhere in a member, which is read piece by piece."""
    with archive.open(member) as stream:
        tail = b""
        while piece := stream.read(MEGABYTE):
            if pattern.search(tail + piece):
                return True
            tail = piece[-64:]
    return False


def _first_sheet(content: bytes, *, computed: bool) -> Iterator[tuple[Any, ...]]:
    book = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=computed, keep_links=False)
    try:
        sheet: Any = book.worksheets[0]
        sheet.reset_dimensions()
        yield from sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS, max_row=BLANK_TAIL_ROWS + MAX_ROWS)
    finally:
        book.close()


def _row(number: int, values: tuple[Any, ...] | None, written: tuple[Any, ...] | None) -> Numbered:
    """The cells of one row as text; a formula that was never computed stands as it is written, not as an empty cell."""
    cells = [as_text(value) for value in values or ()]
    for position, value in enumerate(written or ()):
        if isinstance(value, str) and value.startswith("=") and position < len(cells) and not cells[position]:
            cells[position] = value
    return number, cells
