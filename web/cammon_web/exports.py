"""Tables for spreadsheets. Text that a spreadsheet would take for a formula is guarded."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from zoneinfo import ZoneInfo

from cammon_web import figures, words
from cammon_web.desk import Gain, UpgradeRow
from cammon_web.language import mark as _
from cammon_web.language import say

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What spreadsheets take for the beginning of a formula, full-width signs included."""

COLUMNS = (
    _("rank"),
    _("action"),
    _("reason"),
    _("kind"),
    _("id"),
    _("name"),
    _("new model"),
    _("cost"),
    _("currency"),
    _("evidence"),
    _("gives back"),
    _("covered after it, weighted"),
)


def guarded(cell: str | float) -> str | float:
    """A cell that no spreadsheet runs: text that begins like a formula gets an apostrophe in front."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA_STARTS):
        return f"'{cell}"
    return cell


def upgrades_csv(
    rows: Sequence[UpgradeRow], language: str, names: words.Names = words.NO_NAMES, zone: ZoneInfo = words.UTC
) -> str:
    """The upgrade list as CSV with a heading, lines ended by CR LF (RFC 4180)."""
    text = StringIO()
    table = csv.writer(text)
    table.writerow([say(column, language) for column in COLUMNS])
    table.writerows([guarded(cell) for cell in _cells(row, language, names, zone)] for row in rows)
    return text.getvalue()


def _cells(row: UpgradeRow, language: str, names: words.Names, zone: ZoneInfo) -> Iterable[str | float]:
    return (
        row.rank,
        words.action_name(row.action, language),
        words.upgrade_reason_name(row.reason, language),
        words.kind_name(row.kind, language),
        row.camera,
        row.camera_name,
        row.target_model,
        row.cost,
        row.currency,
        " ".join(words.evidence_sentences(row.evidence, language, names, zone)),
        "; ".join(_gain(gain, language) for gain in row.gains),
        figures.percent(row.cumulative),
    )


def _gain(gain: Gain, language: str) -> str:
    return f"{gain.name} ({words.period_name(gain.period, language)})"
