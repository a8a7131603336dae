"""Alembic's entry: the connection comes from the store that is being opened."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from cammon.store.schema import UtcDateTime, metadata


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Migrations name the database's own type, so that they do not change when ours does."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
