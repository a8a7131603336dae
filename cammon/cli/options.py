"""Arguments that several commands share."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from cammon.store import DEFAULT_STORE

Command = TypeVar("Command", bound=Callable[..., Any])

site_argument = click.argument("site", type=click.Path(path_type=Path))


host_option = click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address of the page; anything but loopback wants TLS in front.",
)
port_option = click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port of the page."
)


def store_option(command: Command) -> Command:
    """`--store PATH`: the database, by default beside the site files."""
    option = click.option(
        "--store",
        type=click.Path(path_type=Path, dir_okay=False),
        help=f"The database. [default: {DEFAULT_STORE} in the site folder]",
    )
    return option(command)


def language_option(command: Command) -> Command:
    """`--language en|zh`, by default that of the terminal."""
    option = click.option(
        "--language", type=click.Choice(["en", "zh"]), default=_terminal_language, help="Language of the output."
    )
    return option(command)


def _terminal_language() -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"
