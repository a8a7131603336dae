"""`cammon import`: drawings, maps and ledgers of other programs into a site folder."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from cammon.importing.cameras import LedgerOptions, import_cameras
from cammon.importing.maps import DxfOptions, Wishes, import_dxf, import_map
from cammon.importing.model import FENCE, Notes, Refused, Report
from cammon.importing.vector import VectorOptions, floors_rule
from cammon.importing.words import as_object, lines, sentence
from cammon.problem import UserError
from cammon.sitefiles.sitemap import KINDS

from .options import language_option

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group(name="import")
def import_() -> None:
    """Take a drawing, a map or a camera ledger over into a site folder, with a report of what was left out and why."""


file_argument = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
into_option = click.option(
    "--into", "site", required=True, metavar="SITE", type=click.Path(path_type=Path), help="The site folder."
)


def report_options(command: Command) -> Command:
    """What every import has: a trial, replacing, JSON, the language."""
    for option in (
        language_option,
        click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object (docs/import.md)."),
        click.option("--replace", is_flag=True, help="Replace what has the same id; without it the old one stays."),
        click.option("--dry-run", is_flag=True, help="Only report; write nothing."),
    ):
        command = option(command)
    return command


def map_options(command: Command) -> Command:
    """What drawings and maps have in common."""
    for option in (
        click.option("--crs", default="", metavar="EPSG", help="System of the file: EPSG code, gcj02, bd09, local."),
        click.option("--level", default="", metavar="NAME|PXM", help="Level of key places that say none."),
        click.option(
            "--gap", "gap_m", default=0.5, show_default=True, type=click.FloatRange(0, 10), help="Gaps closed, in m."
        ),
        click.option(
            "--wall", "wall_m", type=click.FloatRange(0.01, 10), help="Make open lines walls this wide, in m."
        ),
        click.option("--encoding", default="", help="Encoding of its texts, where it says a wrong one."),
    ):
        command = option(command)
    return command


@import_.command()
@file_argument
@into_option
@click.option(
    "--layers",
    multiple=True,
    required=True,
    metavar="LAYER=KIND[:BASE,TOP]",
    help=f"Kinds: {', '.join((*KINDS, FENCE))}; heights in m, or the words elevation, thickness.",
)
@click.option("--names", multiple=True, metavar="LAYER", help="Layers whose texts name the shapes around them.")
@click.option("--units", type=click.Choice(["auto", "m", "mm"]), default="auto", show_default=True)
@click.option("--floor-height", type=click.FloatRange(1, 30), help="Height of a floor in m: texts like 混5 give a top.")
@map_options
@report_options
def dxf(
    file: Path,
    site: Path,
    layers: tuple[str, ...],
    names: tuple[str, ...],
    units: str,
    floor_height: float | None,
    language: str,
    as_json: bool,
    encoding: str,
    **wishes: Any,
) -> None:
    """Take the layers of the DXF drawing FILE over into map.geojson."""
    options = DxfOptions(layers, names, units, encoding, floor_height)
    _run(lambda: import_dxf(file, site, options, Wishes(**wishes)), file, language, as_json)


@import_.command(name="map")
@file_argument
@into_option
@click.option("--kind", type=click.Choice([*KINDS, FENCE]), help="What the features are; else the file says by kind.")
@click.option("--layer", default="", help="The layer, where the file has several.")
@click.option("--id-field", default="", metavar="FIELD")
@click.option("--name-field", default="", metavar="FIELD")
@click.option("--base-field", default="", metavar="FIELD", help="Lower end in m (of key places: of what is watched).")
@click.option("--top-field", default="", metavar="FIELD", help="Upper end in m; of a mounting place its height.")
@click.option("--level-field", default="", metavar="FIELD", help="Level of key places.")
@click.option("--floors-field", default="", metavar="FIELD*3m", help="Number of floors, times the height of one.")
@map_options
@report_options
def map_(
    file: Path,
    site: Path,
    kind: str | None,
    layer: str,
    id_field: str,
    name_field: str,
    base_field: str,
    top_field: str,
    level_field: str,
    floors_field: str,
    language: str,
    as_json: bool,
    encoding: str,
    **wishes: Any,
) -> None:
    """Take the map FILE (GeoJSON, shapefile, GeoPackage) over into map.geojson."""
    asked = {"id": id_field, "name": name_field, "base_m": base_field, "top_m": top_field, "level": level_field}
    fields = {name: field for name, field in asked.items() if field}

    def work() -> Report:
        floors, height_m = floors_rule(floors_field, Notes(file.name)) if floors_field else ("", 3.0)
        options = VectorOptions(kind or "", fields, floors, height_m, layer, encoding)
        return import_map(file, site, options, Wishes(**wishes))

    _run(work, file, language, as_json)


@import_.command()
@file_argument
@into_option
@click.option(
    "--datum",
    "--crs",
    default="",
    metavar="SYSTEM",
    help="System of its positions: wgs84, cgcs2000, gcj02, bd09 or an EPSG code; auto: convert what is in another one; "
    "asis: keep it. Without it you are asked.",
)
@click.option("--sheet", default="", help="Only this sheet of a workbook.")
@click.option("--id-column", default="", metavar="HEADER", help="The column of ids, where it is not found.")
@click.option("--assume", default="", metavar="COLUMN=VALUE[,...]", help="For empty cells; poses become declared.")
@report_options
def cameras(file: Path, site: Path, language: str, as_json: bool, **options: Any) -> None:
    """Take the camera ledger FILE (.xlsx, .csv, 一机一档) over into cameras.csv. Passwords are never copied."""
    _run(lambda: import_cameras(file, site, LedgerOptions(**options)), file, language, as_json)


def _run(work: Callable[[], Report], file: Path, language: str, as_json: bool) -> None:
    """Print the report; nothing taken at all is wrong input."""
    try:
        report = work()
    except Refused as refused:
        raise UserError(*(sentence(problem, language) for problem in refused.problems)) from refused
    if as_json:
        click.echo(json.dumps(as_object(report, language), ensure_ascii=False))
    else:
        for line in lines(report, language):
            click.echo(line)
    if report.empty:
        nothing = Notes(file.name).refuse("nothing_taken")
        raise UserError(*(sentence(problem, language) for problem in nothing.problems))
