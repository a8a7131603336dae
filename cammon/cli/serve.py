"""`cammon serve`: probes, coverage, pages and metrics in one process."""

import os
from pathlib import Path

import click

from cammon.clock import SystemClock
from cammon.credentials import missing
from cammon.server import Address, leave, serve_site
from cammon.store.opening import open_store

from .options import language_option, load_site, site_argument, store_option, store_path

host_option = click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address of the page; anything but loopback wants TLS in front.",
)
port_option = click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port of the page."
)


@click.command()
@site_argument
@host_option
@port_option
@store_option
@language_option
def serve(site: Path, host: str, port: int, store: Path | None, language: str) -> None:
    """Watch the cameras of the folder SITE until interrupted."""
    found = load_site(site, language)
    for source in missing(found.credentials):
        place = f"environment variable {source.env}" if source.env else f"file {source.file}"
        click.echo(
            f"credential {source.name}: no user:password in {place}; cameras that name it are probed without login",
            err=True,
        )
    token = os.environ.get("CAMMON_METRICS_TOKEN") or None
    with open_store(store_path(site, store)) as opened:
        serve_site(found, opened, SystemClock(), Address(host, port), metrics_token=token, say=click.echo)
    leave(0)
