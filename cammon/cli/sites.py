"""The site that a command names, and what the store beside it knows."""

from pathlib import Path

import click

from cammon.health import Health
from cammon.modelling import model_of
from cammon.problem import UserError
from cammon.sitefiles import read_site
from cammon.sitefiles.model import Severity, Site
from cammon.sitefiles.words import sentence
from cammon.store import DEFAULT_STORE, healths
from cammon.store.opening import open_store
from cammon_coverage.engine import CoverageModel

from .progress import progress_bar


def load_site(folder: Path, language: str) -> Site:
    """The site in `folder`. Raises UserError with every fatal fault; what is only set aside is said on standard
    error, and the site is used without it."""
    reading = read_site(folder)
    fatal = [problem for problem in reading.problems if problem.severity is Severity.FATAL]
    if reading.site is None:
        raise UserError(*(sentence(problem, language) for problem in fatal or reading.problems))
    aside = sum(problem.severity is Severity.ROW for problem in reading.problems)
    if aside:
        message = {
            "en": f"{aside} faults in the site files were set aside; `cammon check {folder}` lists them",
            "zh": f"站点文件中有 {aside} 处错误已搁置；用 `cammon check {folder}` 查看",
        }
        click.echo(message[language], err=True)
    return reading.site


def store_path(folder: Path, store: Path | None) -> Path:
    """The database that a command means."""
    return store if store is not None else folder / DEFAULT_STORE


def known_healths(site: Site, path: Path, *, given: bool) -> dict[str, Health]:
    """The health of each camera in the store at `path`; none when there is no store and nobody named one."""
    if not given and not path.exists():
        return {}
    with open_store(path, writer=False) as opened, opened.reading() as connection:
        return healths.load(connection, site.id)


def coverage_of(site: Site) -> CoverageModel:
    """The coverage of a site with all geometry worked out, under a progress bar."""
    model = model_of(site)
    with progress_bar("coverage") as show:
        model.prepare(show)
    return model
