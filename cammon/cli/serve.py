"""`cammon serve`: probes, coverage, pages and metrics in one process."""

import os
from pathlib import Path

import click

from cammon.clock import SystemClock
from cammon.credentials import logins_of, place_of
from cammon.process import leave
from cammon.server import Address, serve_site
from cammon.store.opening import open_store

from .options import host_option, language_option, port_option, site_argument, store_option
from .sites import load_site, store_path


@click.command()
@site_argument
@host_option
@port_option
@click.option(
    "--proxies",
    default=0,
    show_default=True,
    type=click.IntRange(0, 5),
    help="Reverse proxies in front that speak TLS: cookies become Secure, their X-Forwarded-* headers are believed.",
)
@store_option
@language_option
def serve(site: Path, host: str, port: int, proxies: int, store: Path | None, language: str) -> None:
    """Watch the cameras of the folder SITE until interrupted."""
    found = load_site(site, language)
    for source in logins_of(found, store_path(site, store)).missing():
        click.echo(
            f"credential {source.name}: no user:password in {place_of(source)}; "
            "cameras that name it are probed without login",
            err=True,
        )
    token = os.environ.get("CAMMON_METRICS_TOKEN") or None
    with open_store(store_path(site, store)) as opened:
        serve_site(
            found, opened, SystemClock(), Address(host, port), metrics_token=token, say=click.echo, proxies=proxies
        )
    leave(0)
