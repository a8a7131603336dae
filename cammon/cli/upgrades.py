"""`cammon upgrades`: what to do next, and what it gives back."""

from pathlib import Path

import click

from cammon.clock import SystemClock
from cammon.problem import UserError
from cammon.service.present import answers_now, upgrades_for
from cammon.upgrades.export import FORMATS

from .options import coverage_of, known_healths, language_option, load_site, site_argument, store_option, store_path


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
    healths = known_healths(found, store_path(site, store), given=store is not None)
    model = coverage_of(found)
    listed = upgrades_for(found, model, answers_now(found, model, healths, SystemClock().now()))
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
