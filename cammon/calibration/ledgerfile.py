"""Writing a few cells of one camera into cameras.csv; every other byte of the file stays as it is."""

import csv
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from cammon.problem import UserError
from cammon.sitefiles.bytes import read_text
from cammon.sitefiles.csvfile import separator_of
from cammon.sitefiles.faults import Faults
from cammon.sitefiles.ledger_columns import SCHEMA
from cammon.sitefiles.table import HEADER_SEARCH_ROWS, folded

BOM = b"\xef\xbb\xbf"


@dataclass(slots=True)
class Record:
    """One record: its cells as they stand in the file, quotation marks and all, and its line end."""

    cells: list[str]
    end: str

    def text(self, separator: str) -> str:
        """The record as in the file."""
        return separator.join(self.cells) + self.end


def with_cells(content: bytes, camera: str, values: Mapping[str, str]) -> bytes:
    """The ledger with these cells (column -> text) of one camera; columns that it lacks are added at the right.

    Encoding, byte order mark, separator, quotation marks and line ends stay. Raises UserError where the camera's row
    cannot be told.
    """
    faults = Faults()
    text = read_text(content, faults.of("cameras.csv"))
    if text is None:
        raise UserError("cameras.csv: neither UTF-8 nor GB18030; save it as UTF-8")
    separator = separator_of(list(StringIO(text, newline="")), SCHEMA.names())
    records = split(text, separator)
    head, columns = _header(records)
    rows = [record for record in records[head + 1 :] if _plain(record, columns["id"]) == camera]
    if len(rows) != 1:
        raise UserError(f"cameras.csv: {len(rows)} rows with the id {camera!r}; there must be one")
    for column, value in values.items():
        if column not in columns:
            columns[column] = _add_column(records, head, column)
        row = rows[0]
        row.cells += [""] * (columns[column] + 1 - len(row.cells))
        row.cells[columns[column]] = _quoted(value, separator)
    written = "".join(record.text(separator) for record in records)
    return _encoded(written, content)


def split(text: str, separator: str) -> list[Record]:
    """The records of a CSV text, such that their texts put together are the text again."""
    records: list[Record] = []
    cells, start, at, quoted = [], 0, 0, False
    while at < len(text):
        char = text[at]
        if char == '"' and (quoted or at == start):
            quoted = not quoted
        elif char == '"' and text[at - 1] == '"':
            quoted = True
        elif not quoted and char == separator:
            cells.append(text[start:at])
            start = at + 1
        elif not quoted and char in "\r\n":
            end = "\r\n" if text[at : at + 2] == "\r\n" else char
            records.append(Record([*cells, text[start:at]], end))
            at += len(end) - 1
            cells, start = [], at + 1
        at += 1
    if start < len(text) or cells:
        records.append(Record([*cells, text[start:]], ""))
    return records


def _header(records: list[Record]) -> tuple[int, dict[str, int]]:
    """Where the header stands, and its columns, found as the reader of the site files finds them."""
    names = SCHEMA.names()
    known = [sum(folded(_bare(cell)) in names for cell in record.cells) for record in records[:HEADER_SEARCH_ROWS]]
    head = max(range(len(known)), key=lambda index: (known[index], -index))
    columns: dict[str, int] = {}
    for position, cell in enumerate(records[head].cells):
        name = names.get(folded(_bare(cell)))
        if name is not None:
            columns.setdefault(name, position)
    if "id" not in columns:
        raise UserError("cameras.csv: no column id; add it")
    return head, columns


def _add_column(records: list[Record], head: int, column: str) -> int:
    width = max(len(record.cells) for record in records[head:])
    for record in records[head:]:
        if any(cell.strip() for cell in record.cells):
            record.cells += [""] * (width + 1 - len(record.cells))
    records[head].cells[width] = column
    return width


def _plain(record: Record, position: int) -> str:
    return _bare(record.cells[position]).strip() if position < len(record.cells) else ""


def _bare(cell: str) -> str:
    """A cell without its quotation marks."""
    return next(csv.reader([cell], strict=False), [""])[0] if cell.startswith('"') else cell


def _quoted(value: str, separator: str) -> str:
    return f'"{value}"' if separator in value else value


def _encoded(text: str, before: bytes) -> bytes:
    if before.startswith(BOM):
        return BOM + text.encode("utf-8")
    try:
        before.decode("utf-8")
    except UnicodeDecodeError:
        return text.encode("gb18030")
    return text.encode("utf-8")


def write_bytes_whole(path: Path, content: bytes) -> None:
    """The file as a whole or not at all: a reader sees the old one or the new one. Raises OSError."""
    target = path.resolve()
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(target.stat().st_mode & 0o777 if target.exists() else 0o644)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
