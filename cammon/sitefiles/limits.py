"""How large a site file may be. All caps stand here; a file beyond them is refused before it is read."""

MEGABYTE = 1024 * 1024

MAX_BYTES = {
    "site.toml": 1 * MEGABYTE,
    "map.geojson": 100 * MEGABYTE,
    "cameras.csv": 50 * MEGABYTE,
    "cameras.xlsx": 50 * MEGABYTE,
    "declared.csv": 50 * MEGABYTE,
    "presets.csv": 50 * MEGABYTE,
    "masks.csv": 50 * MEGABYTE,
    "masks.xlsx": 50 * MEGABYTE,
    "catalog.csv": 10 * MEGABYTE,
    "plan.png": 100 * MEGABYTE,
}
MAX_OTHER_BYTES = 1 * MEGABYTE
"""A file that site.toml names: the site's authorities."""
MAX_DEM_BYTES = 4096 * MEGABYTE
"""Only the part of it under the site is ever held in memory."""

MAX_UNPACKED_BYTES = 400 * MEGABYTE
"""A workbook is a zip archive; this is what it may unpack to."""

MAX_ROWS = 50_000
MAX_COLUMNS = 200
MAX_CELL_CHARACTERS = 2_000
MAX_BROKEN_QUOTES = 20
"""After so many rows with broken quotation marks the file is no table."""

MAX_FEATURES = 200_000
MAX_POSITIONS = 5_000_000
MAX_COORDINATE = 1e8
"""Beyond this a double no longer holds millimetres safely."""
MAX_SPREAD_M = 50_000.0
"""How far from the middle of the map anything may lie."""

MAX_SHOWN_CHARACTERS = 80
"""How much of a wrong value a problem carries."""
