"""The rows of a CSV file, numbered as a spreadsheet numbers them, whatever state its quotation marks are in."""

import csv
from collections.abc import Collection, Iterator
from io import StringIO
from itertools import islice

from cammon.sitefiles.faults import FileFaults
from cammon.sitefiles.limits import MAX_BROKEN_QUOTES
from cammon.sitefiles.table import HEADER_SEARCH_ROWS, Numbered, folded

SEPARATORS = (",", "\t", ";", "，")


def csv_rows(text: str, faults: FileFaults, names: Collection[str] = ()) -> Iterator[Numbered]:
    """Every record with its number, blank ones too. A record with broken quotation marks is a problem, and reading
    goes on at its next line: one mark that is never closed must not swallow the rest of a ledger. `names`: headers
    that the table may have, folded."""
    lines = list(StringIO(text, newline=""))
    separator = separator_of(lines, names)
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


def separator_of(lines: list[str], names: Collection[str] = ()) -> str:
    """The mark that parts the most known headers, else the one that stands most often; a comma when none does.

    A list of points within a cell has more semicolons than its table has commas.
    """
    head = "".join(lines[:5])[:10_000]
    first = [line[:10_000] for line in lines[:HEADER_SEARCH_ROWS]]

    def known(mark: str) -> int:
        return max(
            (sum(folded(cell.strip('" \r\n')) in names for cell in line.split(mark)) for line in first), default=0
        )

    return max(SEPARATORS, key=lambda mark: (known(mark), head.count(mark), mark == ","))
