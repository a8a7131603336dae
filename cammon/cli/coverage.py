"""`cammon coverage`: what is seen, by design and now, by day and by night."""

import json
import os
from pathlib import Path
from typing import Any

import click

from cammon.blindreport import blind_features, blind_table, ground_of, no_ground
from cammon.clock import SystemClock
from cammon.coveragereport import as_object, over_terrain, seen_features, table
from cammon.desk.mapview import map_view
from cammon.problem import UserError
from cammon.proofreport import ProofRow, proof_rows
from cammon.proofreport import as_table as proof_table
from cammon.service.present import Answers, Present, answers_now, answers_of
from cammon.sitefiles.frame import LOCAL
from cammon.sitefiles.model import Site
from cammon.watchedground import WatchedGround, watched_ground_of
from cammon_coverage.engine import CoverageModel
from cammon_coverage.levels import level_px_per_m
from cammon_coverage.model import Basis, Period, PlaceAnswer, Sight, SightState, Target
from cammon_web.drawing import standalone_svg

from .options import language_option, site_argument, store_option
from .progress import progress_bar
from .sites import coverage_of, known_healths, load_site, store_path

DETECT_PX_PER_M = 25.0


@click.command()
@site_argument
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object (docs/json.md).")
@click.option("--night", is_flag=True, help="By night (table, GeoJSON, SVG).")
@click.option("--down", default="", metavar="CAM[,CAM]", help="What if these cameras were down?")
@click.option("--at-level", default=None, metavar="NAME|PXM", help="Level of the seen regions. [default: 25 px/m]")
@click.option("--target", default="0,1.8", show_default=True, metavar="Z0,Z1", help="Heights that must be seen.")
@click.option(
    "--geojson", type=click.Path(path_type=Path, dir_okay=False), help="Write what each camera sees by design."
)
@click.option("--svg", type=click.Path(path_type=Path, dir_okay=False), help="Draw the map with what is lost.")
@click.option(
    "--blind",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the blind spots as GeoJSON, each with its reason.",
)
@click.option(
    "--ground",
    default=None,
    metavar="hull|W,S,E,N",
    help="Ground to be watched (--blind) instead of the map's boundary: the hull of map and cameras, or a box.",
)
@click.option(
    "--proof/--no-proof",
    default=None,
    help="How far each place's coverage is proven, the marginal ones first (200 seeded draws). [default: with --json]",
)
@click.option("--check", is_flag=True, help="Exit 1 when a key place is not covered.")
@store_option
@language_option
def coverage(
    site: Path,
    as_json: bool,
    night: bool,
    down: str,
    at_level: str | None,
    target: str,
    geojson: Path | None,
    svg: Path | None,
    blind: Path | None,
    ground: str | None,
    proof: bool | None,
    check: bool,
    store: Path | None,
    language: str,
) -> None:
    """Which key places of SITE are covered, which are not, and why.

    Effective coverage follows the health in the store of `cammon serve`; without one, and without --down, it is
    not known.
    """
    found = load_site(site, language)
    model = coverage_of(found)
    answers = _answers(found, model, store_path(site, store), store is not None, _cameras(found, down))
    period = Period.NIGHT if night else Period.DAY
    level, heights = _level(at_level), _target(target)
    watched = watched_ground_of(found, ground)
    if geojson is not None:
        _write(geojson, _collection(found, seen_features(found, model, period, level, heights)))
    if blind is not None:
        spots = _blind_spots(found, model, answers, period, level, heights, language, watched)
        _write(blind, _collection(found, spots))
    if svg is not None:
        _write(svg, _drawing(found, model, answers))
    proofs = _proofs(found, model, answers) if (as_json if proof is None else proof) else None
    if as_json:
        click.echo(json.dumps(as_object(found, model, answers, period, proofs), ensure_ascii=False))
    elif proofs is not None:
        click.echo("\n".join([*filter(None, [over_terrain(found, language)]), proof_table(proofs, language)]))
    else:
        click.echo(table(found, model, answers, period, language))
    if check and any(place.covered is False for place in _shown(answers, period)):
        raise click.exceptions.Exit(1)


def _collection(site: Site, features: list[dict[str, Any]]) -> str:
    """GeoJSON in the map's own coordinates; QGIS learns from the `crs` member which they are."""
    named = {} if site.crs in (LOCAL, "EPSG:4326") else {"crs": _crs_member(site.crs)}
    return json.dumps({"type": "FeatureCollection", **named, "features": features}, ensure_ascii=False)


def _crs_member(code: str) -> dict[str, Any]:
    return {"type": "name", "properties": {"name": f"urn:ogc:def:crs:{code.replace(':', '::')}"}}


def _blind_spots(
    site: Site,
    model: CoverageModel,
    answers: Answers,
    period: Period,
    level: float,
    target: Target,
    language: str,
    watched: WatchedGround | None,
) -> list[dict[str, Any]]:
    """The blind spots now where the health is known, else by design; a table of the blind ground is printed."""
    known = answers.by_basis[Basis.EFFECTIVE, period].ratio is not None
    sights = answers.sights if known else None
    if watched is None:
        click.echo(no_ground(site, language), err=True)
        return blind_features(site, model, period, None, sights)
    with progress_bar("blind") as show:
        workers = os.cpu_count() or 1
        ground = ground_of(watched, model, period, level, target, sights, workers=workers, progress=show)
    how = over_terrain(site, language)
    click.echo("\n".join([*filter(None, [how]), blind_table(site, watched, ground, language)]), err=True)
    return blind_features(site, model, period, ground, sights, watched)


def _proofs(site: Site, model: CoverageModel, answers: Answers) -> tuple[ProofRow, ...]:
    """The proofs by design and, where the health is known, now."""
    known = answers.by_basis[Basis.EFFECTIVE, Period.DAY].ratio is not None
    with progress_bar("proof") as show:
        return proof_rows(site, model, answers.sights if known else None, progress=show, workers=os.cpu_count() or 1)


def _shown(answers: Answers, period: Period) -> tuple[PlaceAnswer, ...]:
    """The effective answers where there are any, else those of the design."""
    effective = answers.by_basis[Basis.EFFECTIVE, period]
    return (effective if effective.ratio is not None else answers.by_basis[Basis.DESIGN, period]).places


def _answers(site: Site, model: CoverageModel, store: Path, given: bool, down: tuple[str, ...]) -> Answers:
    """The answers now: health from the store; with `down`, every other camera counts as working."""
    now = SystemClock().now()
    if down:
        sights = {camera.id: Sight() for camera in site.cameras}
        sights.update({camera: Sight(SightState.BLIND, "down") for camera in down})
        return answers_of(site, model, sights, {}, now)
    return answers_now(site, model, known_healths(site, store, given=given), now)


def _cameras(site: Site, down: str) -> tuple[str, ...]:
    known = {camera.id for camera in site.cameras}
    names = tuple(name.strip() for name in down.split(",") if name.strip())
    for name in names:
        if name not in known:
            raise UserError(f"--down {name}: the site has no such camera; it has {', '.join(sorted(known)[:30])}")
    return names


def _level(text: str | None) -> float:
    try:
        return DETECT_PX_PER_M if text is None else level_px_per_m(text)
    except ValueError as error:
        raise UserError(f"--at-level {text}: {error}") from None


def _target(text: str) -> Target:
    try:
        z0_m, z1_m = (float(part) for part in text.split(","))
    except ValueError:
        raise UserError(f"--target {text}: give two heights in metres, for example 0,1.8") from None
    if not 0 <= z0_m <= z1_m <= 1000:
        raise UserError(f"--target {text}: heights go from low to high, 0 to 1000 m")
    return Target(z0_m, z1_m)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path}: cannot write there ({error.strerror}); name another file") from error


def _drawing(site: Site, model: CoverageModel, answers: Answers) -> str:
    present = Present(model=model, healths={}, pictures={}, answers=answers)
    view = map_view(site, present)
    if view is None:
        raise UserError(f"{site.folder}: nothing to draw; the site has no map and no camera with a pose")
    return standalone_svg(view, site.language)
