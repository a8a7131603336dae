"""`cammon virtual`: the virtual cameras of a site, alone."""

from pathlib import Path

import click

from cammon.clock import SystemClock
from cammon.credentials import logins_of, place_of
from cammon.modelling import model_of
from cammon.problem import UserError
from cammon.process import leave
from cammon.sitefiles.model import Site
from cammon.virtual.fleet import Fleet
from cammon.virtual.model import BadFleet, CannotListen
from cammon.virtual.past import write_past
from cammon.virtual.run import run_fleet
from cammon.virtual.story import Cue, story_of
from cammon_coverage.model import Period

from .options import language_option, site_argument
from .sites import load_site


@click.command()
@site_argument
@click.option("--control-port", default=8001, show_default=True, help="Loopback port where faults are switched.")
@click.option("--script", is_flag=True, help="Play a five-minute story of faults and repairs.")
@click.option("--with-parent", is_flag=True, help="End when the process that started this one is gone.")
@click.option(
    "--past",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write good pictures of the past day into this folder, for `cammon learn`, and run no camera.",
)
@click.option("--newcomer", "newcomers", multiple=True, help="With --past: a camera that has no past.")
@language_option
def virtual(
    site: Path,
    control_port: int,
    script: bool,
    with_parent: bool,
    past: Path | None,
    newcomers: tuple[str, ...],
    language: str,
) -> None:
    """Run virtual cameras at the addresses of the ledger in SITE until interrupted.

    Their pictures are rendered from the site's map; their logins are those that the site's credentials hold.
    """
    found = load_site(site, language)
    if past is not None:
        written = write_past(found, past, SystemClock().now(), newcomers)
        click.echo(f"{written} good pictures in {past}; next: cammon learn {site} {past}")
        return
    try:
        run_fleet(
            found,
            _logins(found),
            control_port,
            story=story_of(found, alone_in(found)) if script else (),
            say=lambda cue: click.echo(_told(cue, language)),
            ready=_greet,
            with_parent=with_parent,
        )
    except (CannotListen, BadFleet) as error:
        raise UserError(str(error)) from error
    leave(0)  # a picture that is being rendered would hold up the interpreter's own way out


def _logins(site: Site) -> dict[str, tuple[str, str]]:
    logins = logins_of(site)
    absent = logins.missing()
    if absent:
        raise UserError(
            *(f"credential {one.name}: no user:password in {place_of(one)}; put one there" for one in absent)
        )
    return {login.name: (login.username, login.password) for login in logins.all()}


def alone_in(site: Site) -> tuple[tuple[str, str], ...]:
    """The key places that one camera alone covers by day, highest priority first: (place, camera)."""
    design = model_of(site).design(Period.DAY)
    priority = {place.id: place.priority for place in site.scene.key_places}
    alone = [
        (answer.place, answer.seen_by[0].camera)
        for answer in design.places
        if answer.covered and len(answer.seen_by) == 1
    ]
    return tuple(sorted(alone, key=lambda pair: (priority[pair[0]], pair[0])))


def _greet(fleet: Fleet) -> None:
    click.echo(f"{len(fleet.cameras)} virtual cameras ready, control http://127.0.0.1:{fleet.control_port}/state")


def _told(cue: Cue, language: str) -> str:
    second = round(cue.at_s)
    return f"[{second // 60}:{second % 60:02}] {cue.zh if language == 'zh' else cue.en}"
