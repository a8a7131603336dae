"""`cammon upgrades`: what to do next, and what it gives back."""

from datetime import datetime
from pathlib import Path

import click

from cammon.clock import SystemClock
from cammon.foresight import foreseen
from cammon.problem import UserError
from cammon.service.present import answers_now, upgrades_for
from cammon.sitefiles.model import Site
from cammon.siteweather import weather_now
from cammon.store.opening import open_store
from cammon.trend import Trend
from cammon.upgrades.export import FORMATS

from .options import language_option, site_argument, store_option
from .sites import coverage_of, known_healths, load_site, store_path


@click.command()
@site_argument
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="table", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write there instead of printing.")
@store_option
@language_option
def upgrades(site: Path, form: str, as_json: bool, output: Path | None, store: Path | None, language: str) -> None:
    """What to repair, clean, re-aim, replace or add at SITE next, best first, with what each gives back.

    Broken cameras are known from the store of `cammon serve`; without one the list has only what the ledger says.
    """
    found = load_site(site, language)
    database, now = store_path(site, store), SystemClock().now()
    healths = known_healths(found, database, given=store is not None)
    model = coverage_of(found)
    listed = upgrades_for(
        found,
        model,
        answers_now(found, model, healths, now),
        weather=weather_now(None, healths, now),
        trends=_trends(found, database, now),
    )
    text = FORMATS["json" if as_json else form](listed, found, language)
    if output is None:
        if form == "xlsx" and not as_json:
            raise UserError("--format xlsx: a workbook cannot be printed; name a file with --output")
        click.echo(text, nl=False)
        return
    try:
        output.write_bytes(text)
    except OSError as error:
        raise UserError(f"{output}: cannot write there ({error.strerror}); name another file") from error


def _trends(site: Site, database: Path, now: datetime) -> dict[str, Trend]:
    """What the store knows of lenses that get dirty."""
    if not database.exists():
        return {}
    with open_store(database, writer=False) as opened:
        return foreseen(opened, site, [camera.id for camera in site.cameras], now)
