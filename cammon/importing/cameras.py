"""Taking a camera ledger over into a site: sheets, rows, positions, merged by id, reported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cammon.importing.ledgerbook import find_header, sheets_of
from cammon.importing.ledgermerge import merge_ledger
from cammon.importing.ledgerrows import Line, read_rows
from cammon.importing.model import Notes, Report
from cammon.importing.positions import datum_named, place_lines
from cammon.importing.target import site_to_fill
from cammon.sitefiles.faults import Wrong
from cammon.sitefiles.ledger_columns import AIM_COLUMNS, POSE_COLUMNS, READERS

ASSUMABLE = ("lens_height_m", "tilt_deg", "hfov_deg", "resolution", "night_range_m", "credential", "tier", "rtsp_path")


@dataclass(frozen=True, slots=True)
class LedgerOptions:
    """What of a ledger is taken, how its positions are read, and what is assumed where a cell is empty."""

    datum: str = ""
    sheet: str = ""
    id_column: str = ""
    assume: str = ""
    replace: bool = False
    dry_run: bool = False


def import_cameras(path: Path, folder: Path, options: LedgerOptions) -> Report:
    """A ledger into the site's. Raises Refused."""
    notes = Notes(path.name)
    datum = datum_named(options.datum, notes)
    assumed = _assumed(options.assume, notes)
    into = site_to_fill(folder)
    lines = _lines(path, options, notes)
    place_lines(lines, datum, into, notes, dry_run=options.dry_run)
    for line in lines:
        _assume(line, assumed)
    _say_poses(lines, notes)
    return merge_ledger(lines, into, notes, replace=options.replace, dry_run=options.dry_run)


def _lines(path: Path, options: LedgerOptions, notes: Notes) -> list[Line]:
    """The cameras of every sheet that has a header with ids."""
    sheets = sheets_of(path, notes)
    names = [sheet.name for sheet in sheets]
    if options.sheet and options.sheet not in names:
        raise notes.refuse("no_such_sheet", "--sheet", value=options.sheet, sheets=", ".join(names))
    lines: list[Line] = []
    titles: list[str] = []
    for sheet in sheets:
        if options.sheet and sheet.name != options.sheet:
            continue
        header = find_header(sheet, options.id_column)
        own = Notes(f"{path.name} {sheet.name}".strip())
        if header is not None and "id" in header.columns:
            lines += read_rows(sheet, header, own)
        else:
            titles += [] if header is None else list(header.titles.values())
            own.dropped("sheet_without_cameras")
        notes.taken += own.taken
    if not lines:
        raise notes.refuse("no_ids", "--id-column", headers=", ".join(titles) or "?")
    return lines


def _assumed(text: str, notes: Notes) -> dict[str, Any]:
    """`--assume COLUMN=VALUE[,...]`. Raises Refused."""
    values: dict[str, Any] = {}
    for part in (part for part in text.split(",") if part.strip()):
        column, _, value = (bit.strip() for bit in part.partition("="))
        if column not in ASSUMABLE:
            raise notes.refuse("not_to_be_assumed", "--assume", value=part, columns=", ".join(ASSUMABLE))
        try:
            values[column] = READERS[column](value)
        except Wrong as wrong:
            params: dict[str, Any] = {"expects": column, **wrong.params}
            raise notes.refuse(wrong.code, "--assume", value=part, **params) from wrong
    return values


def _assume(line: Line, assumed: Mapping[str, Any]) -> None:
    """Fill empty cells; a pose that rests on an assumption is only declared."""
    aimed = "azimuth_deg" in line.values
    for column, value in assumed.items():
        if column not in line.values and (aimed or column not in POSE_COLUMNS):
            line.values[column] = value
            if column in POSE_COLUMNS and column != "resolution":
                line.values["pose_grade"] = "declared"


def _say_poses(lines: Sequence[Line], notes: Notes) -> None:
    """Cameras of which the direction is known, but not all of a pose: one line with the columns that lack."""
    lacking = [
        (line, [column for column in POSE_COLUMNS if column not in line.values])
        for line in lines
        if any(column in line.values for column in AIM_COLUMNS)
    ]
    lacking = [(line, columns) for line, columns in lacking if columns]
    if lacking:
        columns = sorted({column for _, some in lacking for column in some}, key=POSE_COLUMNS.index)
        notes.note("pose_not_whole", lacking[0][0].where, ", ".join(columns), cameras=len(lacking))
