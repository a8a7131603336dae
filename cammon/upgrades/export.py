"""The upgrade list as people and programs take it: a table for the terminal, JSON, CSV, XLSX. docs/upgrades.md."""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO, StringIO
from unicodedata import category, east_asian_width

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from cammon.sitefiles.model import Site
from cammon.upgrades.model import Upgrade, UpgradeList
from cammon_web import figures, words
from cammon_web.desk import Gain, UpgradeRow
from cammon_web.exports import COLUMNS, upgrades_csv
from cammon_web.language import say

NUMBERS = ("rank", "cost")
"""Columns that a workbook holds as numbers."""
WIDEST_COLUMN = 60
HEADED = ("rank", "action", "reason", "id", "name", "new model", "cost", "covered after it, weighted")


def as_row(upgrade: Upgrade, currency: str) -> UpgradeRow:
    """The row as pages show it."""
    return UpgradeRow(
        rank=upgrade.rank,
        action=upgrade.action.value,
        reason=upgrade.why.value,
        camera=upgrade.subject,
        camera_name=upgrade.name,
        target_model=upgrade.target_model,
        cost=upgrade.cost,
        currency=currency,
        evidence=tuple((one.code, one.params) for one in upgrade.evidence),
        gains=tuple(Gain(gain.place, gain.name, gain.priority, gain.period) for gain in upgrade.gains),
        cumulative=upgrade.cumulative if upgrade.cumulative is not None else 0.0,
        kind=upgrade.kind,
        together_with=upgrade.together_with,
    )


def as_json(listed: UpgradeList, site: Site, language: str) -> bytes:
    """Codes, never words: the same in every language."""
    del language
    shape = {
        "site": site.id,
        "version": site.version,
        "currency": listed.currency,
        "covered_now": listed.covered_now,
        "rows": [_shape(row) for row in listed.rows],
    }
    return (json.dumps(shape, ensure_ascii=False, indent=2) + "\n").encode()


def _shape(row: Upgrade) -> dict[str, object]:
    return {
        "rank": row.rank,
        "action": row.action.value,
        "reason": row.why.value,
        "kind": row.kind,
        "subject": row.subject,
        "name": row.name,
        "cameras": list(row.cameras),
        "target_model": row.target_model or None,
        "cost": row.cost,
        "evidence": [{"code": one.code, "params": dict(one.params)} for one in row.evidence],
        "gains": [
            {"place": gain.place, "name": gain.name, "priority": gain.priority, "period": gain.period.value}
            for gain in row.gains
        ],
        "together_with": list(row.together_with),
        "cumulative": row.cumulative,
    }


def as_csv(listed: UpgradeList, site: Site, language: str) -> bytes:
    """The CSV of the page, with the mark by which spreadsheets know UTF-8."""
    return _csv_text(listed, site, language).encode("utf-8-sig")


def _csv_text(listed: UpgradeList, site: Site, language: str) -> str:
    rows = [as_row(row, listed.currency) for row in listed.rows]
    return upgrades_csv(rows, language, names_of(site), site.time_zone)


def names_of(site: Site) -> dict[str, str]:
    """Ids of cameras, key places and obstacles -> the names that people use."""
    scene = site.scene
    named: dict[str, str] = {obstacle.id: obstacle.name or obstacle.id for obstacle in scene.obstacles}
    named |= {place.id: place.name for place in scene.key_places}
    return named | {camera.id: camera.name for camera in site.cameras}


def as_xlsx(listed: UpgradeList, site: Site, language: str) -> bytes:
    """A workbook with the columns of the CSV; every text is a text, whatever it begins with."""
    heading, *rows = csv.reader(StringIO(_csv_text(listed, site, language)))
    book = Workbook()
    sheet = book.create_sheet(say("Upgrade list", language)[:31], 0)
    for stale in book.worksheets[1:]:
        book.remove(stale)
    for line, cells in enumerate([heading, *rows], start=1):
        for column, text in enumerate(cells, start=1):
            cell = sheet.cell(line, column)
            if line > 1 and COLUMNS[column - 1] in NUMBERS:
                cell.value = float(text)
                continue
            cell.value = _plain(text)
            cell.data_type = "s"
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            cell.font = Font(bold=line == 1)
    for column, texts in enumerate(zip(heading, *rows, strict=True), start=1):
        wide = max(map(_width, texts)) + 2
        sheet.column_dimensions[get_column_letter(column)].width = min(wide, WIDEST_COLUMN)
    sheet.freeze_panes = "A2"
    return _saved(book)


def _saved(book: Workbook) -> bytes:
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def as_table(listed: UpgradeList, site: Site, language: str) -> bytes:
    """A table for the terminal: one line a row, and below it what it rests on and what it gives back."""
    names = names_of(site)
    cells = [[say(column, language) for column in HEADED]]
    cells += [_line(as_row(row, listed.currency), row.cumulative, language) for row in listed.rows]
    widths = [max(_width(line[column]) for line in cells) for column in range(len(HEADED))]
    lines = [_padded(cells[0], widths)]
    for row, line in zip(listed.rows, cells[1:], strict=True):
        lines.append(_padded(line, widths))
        evidence = ((one.code, one.params) for one in row.evidence)
        told = words.evidence_sentences(evidence, language, names, site.time_zone)
        lines += [f"      {sentence}" for sentence in told]
        lines += [
            f"    + {gain.name} ({words.period_name(gain.period, language)}, {gain.priority})" for gain in row.gains
        ]
    return ("\n".join(map(_plain, lines)) + "\n").encode()


def _plain(text: str) -> str:
    """Names come from files that anybody edits: nothing in them may steer a terminal or break a workbook."""
    return "".join("\ufffd" if category(letter) in ("Cc", "Cf", "Cs") else letter for letter in text)


def _line(row: UpgradeRow, cumulative: float | None, language: str) -> list[str]:
    return [
        str(row.rank),
        words.action_name(row.action, language),
        words.upgrade_reason_name(row.reason, language),
        row.camera,
        row.camera_name,
        row.target_model,
        f"{row.cost:g} {row.currency}",
        figures.percent(cumulative),
    ]


def _padded(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _width(text: str) -> int:
    """Columns of a terminal: a Chinese character takes two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


FORMATS: Mapping[str, Callable[[UpgradeList, Site, str], bytes]] = {
    "table": as_table,
    "json": as_json,
    "csv": as_csv,
    "xlsx": as_xlsx,
}
"""What `cammon upgrades --format` writes. One more format: one more line."""
