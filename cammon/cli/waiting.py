"""Since when a person waits for a command: from before its modules are imported, which can take seconds."""

import click

from cammon.clock import SystemClock

_KEY = "cammon.since_s"


def begin(context: click.Context) -> None:
    """Notes that the command begins."""
    context.meta[_KEY] = SystemClock().monotonic()


def since_s() -> float | None:
    """When it began, on the monotonic clock; None outside of a command."""
    context = click.get_current_context(silent=True)
    return None if context is None else context.meta.get(_KEY)
