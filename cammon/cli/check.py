"""`cammon check`: every fault of the site files."""

from pathlib import Path

import click

from cammon.sitefiles import read_site
from cammon.sitefiles.model import Severity
from cammon.sitefiles.words import sentence

from .options import language_option, site_argument

ORDER = {Severity.FATAL: 0, Severity.ROW: 1, Severity.WARNING: 2}


@click.command()
@site_argument
@language_option
def check(site: Path, language: str) -> None:
    """List every fault of the files in the folder SITE; exit 0 when there is none, else 2."""
    reading = read_site(site)
    for problem in sorted(reading.problems, key=lambda problem: ORDER[problem.severity]):
        click.echo(f"{_label(problem.severity, language)}: {sentence(problem, language)}", err=True)
    faults = [problem for problem in reading.problems if problem.severity is not Severity.WARNING]
    if reading.site is not None:
        found = reading.site
        counts = {
            "en": f"{found.name}: {len(found.cameras)} cameras, {len(found.scene.key_places)} key places, "
            f"{len(found.scene.obstacles)} obstacles, {len(faults)} faults",
            "zh": f"{found.name}：{len(found.cameras)} 台摄像机，{len(found.scene.key_places)} 个重点部位，"
            f"{len(found.scene.obstacles)} 个遮挡物，{len(faults)} 处错误",
        }
        click.echo(counts[language])
    if faults:
        raise click.exceptions.Exit(2)


def _label(severity: Severity, language: str) -> str:
    words = {
        Severity.FATAL: {"en": "error", "zh": "错误"},
        Severity.ROW: {"en": "set aside", "zh": "已搁置"},
        Severity.WARNING: {"en": "warning", "zh": "注意"},
    }
    return words[severity][language]
