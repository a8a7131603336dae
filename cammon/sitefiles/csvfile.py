"""The rows of a CSV file, numbered as a spreadsheet numbers them, whatever state its quotation marks are in."""

import csv
from collections.abc import Iterator
from io import StringIO
from itertools import islice

from cammon.sitefiles.faults import FileFaults
from cammon.sitefiles.limits import MAX_BROKEN_QUOTES
from cammon.sitefiles.table import Numbered

SEPARATORS = (",", "\t", ";", "，")


def csv_rows(text: str, faults: FileFaults) -> Iterator[Numbered]:
    """Every record with its number, blank ones too. A record with broken quotation marks is a problem, and reading
    goes on at its next line: one mark that is never closed must not swallow the rest of a ledger."""
    lines = list(StringIO(text, newline=""))
    separator = separator_of(lines)
    line, number, broken = 0, 0, 0
    while line < len(lines):
        reader = csv.reader(islice(lines, line, None), strict=True, delimiter=separator)
        start = line
        try:
            for cells in reader:
                number += 1
                start = line + reader.line_num
                yield number, cells
        except csv.Error:
            number += 1
            broken += 1
            faults.row("broken_quotes", f"row {number}", value=lines[start].split(separator, maxsplit=1)[0].strip())
            line = start + 1
        else:
            return
        if broken == MAX_BROKEN_QUOTES:
            faults.fatal("too_many_broken_quotes", f"row {number}", params={"limit": MAX_BROKEN_QUOTES})
            return


def separator_of(lines: list[str]) -> str:
    """The mark that stands most often in the first lines; a comma when none does."""
    head = "".join(lines[:5])[:10_000]
    return max(SEPARATORS, key=lambda mark: (head.count(mark), mark == ","))
