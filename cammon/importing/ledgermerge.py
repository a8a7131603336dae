"""Writing cameras into cameras.csv by their ids: new rows are added, empty cells filled, others replaced on request."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO

from cammon.importing.ledgerrows import Line, as_cell
from cammon.importing.model import Note, Notes, Outcome, Refused, Report
from cammon.importing.target import LEDGERS, Into, new_problems, trial, write_whole
from cammon.sitefiles.bytes import present, read_bytes, read_text
from cammon.sitefiles.csvfile import csv_rows
from cammon.sitefiles.faults import Faults
from cammon.sitefiles.ledger_columns import READERS, SCHEMA
from cammon.sitefiles.model import Severity
from cammon.sitefiles.table import SECRET_HEADERS, folded, table_of

LEDGER, WORKBOOK = LEDGERS


@dataclass(slots=True)
class Existing:
    """cameras.csv as it stands: its columns under English names, its rows."""

    columns: list[str] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)


def merge_ledger(lines: Sequence[Line], into: Into, notes: Notes, *, replace: bool, dry_run: bool) -> Report:
    """Write the cameras into the site's ledger. Raises Refused."""
    existing = _existing(into, notes)
    by_id = {row.get("id", "").strip(): row for row in existing.rows}
    added, changed = 0, 0
    for line in _unique(lines, notes):
        cells = {column: as_cell(value) for column, value in line.values.items()}
        row = by_id.get(line.values["id"])
        if row is None:
            existing.rows.append(cells)
            added += 1
        else:
            changed += _merge(row, cells, line, notes, replace=replace)
    text = _text(existing)
    after = trial(into.folder, {LEDGER: text})
    fatal = [problem for problem in new_problems(into.before, after) if problem.severity is Severity.FATAL]
    if fatal:
        raise Refused(*fatal)
    for problem in new_problems(into.before, after):
        notes.taken.append(Note(Outcome.NOTE, problem))
    if not dry_run and (added or changed):
        try:
            write_whole(into.folder / LEDGER, text)
        except OSError as error:
            raise notes.refuse("cannot_write", value=str(into.folder / LEDGER), reason=error.strerror or "") from error
    return Report(notes.file, str(into.folder), dry_run, _count(added), _count(changed), tuple(notes.taken))


def _count(cameras: int) -> dict[str, int]:
    return {"camera": cameras} if cameras else {}


def _existing(into: Into, notes: Notes) -> Existing:
    """The ledger that is there. Raises Refused for one that is broken, and for a workbook, which is not written."""
    path = into.folder / LEDGER
    if not present(path):
        if present(into.folder / WORKBOOK):
            raise notes.refuse("site_ledger_is_a_workbook")
        return Existing()
    faults = Faults()
    own = faults.of(LEDGER)
    content = read_bytes(path, own)
    text = None if content is None else read_text(content, own)
    rows = [] if text is None else list(csv_rows(text, own, SCHEMA.names()))
    table = table_of(rows, SCHEMA, own) if rows else None
    if table is None or faults.fatal:
        raise Refused(*(problem for problem in faults.problems if problem.severity is Severity.FATAL))
    names = SCHEMA.names()
    header = next(cells for number, cells in rows if number == table.header_row)
    columns = [names.get(folded(cell), cell.strip()) for cell in header]
    body = [cells for number, cells in rows if number > table.header_row and any(cell.strip() for cell in cells)]
    keep = [column for column in dict.fromkeys(columns) if column and folded(column) not in SECRET_HEADERS]
    found = [{column: cell for column, cell in zip(columns, cells, strict=False) if cell.strip()} for cells in body]
    return Existing(keep, found)


def _unique(lines: Sequence[Line], notes: Notes) -> list[Line]:
    first: dict[str, Line] = {}
    for line in lines:
        before = first.setdefault(line.values["id"], line)
        if before is not line:
            notes.dropped("duplicate_id", line.where, "id", line.values["id"], first=before.where)
    return list(first.values())


def _merge(row: dict[str, str], cells: Mapping[str, str], line: Line, notes: Notes, *, replace: bool) -> bool:
    """Put cells into a row of the same id; True when anything changed. What is filled in already stays, unless
    `replace` says otherwise."""
    different = [column for column, cell in cells.items() if row.get(column, "").strip() not in ("", cell)]
    taken = {column: cell for column, cell in cells.items() if replace or column not in different}
    changed = any(row.get(column, "").strip() != cell for column, cell in taken.items())
    if different and not replace:
        notes.kept("camera_differs", line.where, ", ".join(different), line.values["id"])
    elif not changed:
        notes.kept("camera_there", line.where, "id", line.values["id"])
    row.update(taken)
    return changed


def _text(existing: Existing) -> str:
    """The ledger as CSV with English headers; the byte order mark tells spreadsheets that it is UTF-8."""
    used = {column for row in existing.rows for column in row}
    new = [column for column in READERS if column in used and column not in existing.columns]
    stream = StringIO(newline="")
    writer = csv.DictWriter(stream, [*existing.columns, *new], extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(existing.rows)
    return "\ufeff" + stream.getvalue()
