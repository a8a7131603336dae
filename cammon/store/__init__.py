"""What cammon remembers: one writer, many readers, SQLAlchemy over SQLite (WAL) or another database by its URL."""
