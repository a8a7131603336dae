"""What cammon remembers: one writer, many readers, SQLAlchemy over SQLite (WAL) or another database by its URL."""

DEFAULT_STORE = "cammon.sqlite"
"""The database's name in the site folder, unless another place is named."""
