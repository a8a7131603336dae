"""Reading the rows of a table by a reader for each column: the values of the good rows, a problem for the bad ones."""

from collections.abc import Iterator, Mapping
from typing import Any

from cammon.sitefiles.cells import Reader, check_cell
from cammon.sitefiles.faults import FileFaults, Wrong
from cammon.sitefiles.table import Row, Table

SECRET_CODES = frozenset({"password_in_address"})
"""Problems whose value must not be shown."""

Values = dict[str, Any]


def good_rows(
    table: Table, readers: Mapping[str, Reader[Any]], required: tuple[str, ...], faults: FileFaults
) -> Iterator[tuple[Row, Values]]:
    """The rows in which every cell can be read and every required one is filled in, as values by column."""
    for row in table.rows:
        values = read_row(row, readers, required, faults)
        if values is not None:
            yield row, values


def read_row(
    row: Row, readers: Mapping[str, Reader[Any]], required: tuple[str, ...], faults: FileFaults
) -> Values | None:
    """The values of one row, or None with a problem for each bad cell."""
    values: Values = {}
    good = True
    for column in required:
        if column not in row.cells:
            faults.row("required_empty", row.where, row.header(column), params={"expects": column})
            good = False
    for column, text in row.cells.items():
        try:
            check_cell(text)
            values[column] = readers[column](text)
        except Wrong as wrong:
            value = "" if wrong.code in SECRET_CODES else text
            faults.row(wrong.code, row.where, row.header(column), value, {"expects": column} | wrong.params)
            good = False
    return values if good else None
