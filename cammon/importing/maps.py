"""Taking a drawing or a map over into a site: read, made to fit, placed, merged, reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cammon.importing.dxf import read_dxf
from cammon.importing.layers import layer_rules
from cammon.importing.merging import merge_map
from cammon.importing.model import Notes, Piece, Report
from cammon.importing.naming import named
from cammon.importing.placing import placed, source_system, unit_m
from cammon.importing.shaping import Fit, fitted
from cammon.importing.target import site_to_fill
from cammon.importing.vector import VectorOptions, read_vector


@dataclass(frozen=True, slots=True)
class Wishes:
    """What every import of a map is asked: the system of the source, gaps and walls, the level of key places."""

    crs: str = ""
    gap_m: float = 0.5
    wall_m: float | None = None
    level: str = ""
    replace: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class DxfOptions:
    """What of a drawing is taken: the layers, the layers of names, its units and encoding, how high a floor is."""

    layers: Sequence[str]
    names: Sequence[str] = ()
    units: str = "auto"
    encoding: str = ""
    floor_height_m: float | None = None


def import_dxf(path: Path, folder: Path, options: DxfOptions, wishes: Wishes) -> Report:
    """A drawing into the site's map. Raises Refused."""
    notes = Notes(path.name)
    rules = layer_rules(options.layers, notes)
    into = site_to_fill(folder)
    pieces, labels = read_dxf(path, rules, options.names, options.units, options.encoding, notes)
    source = source_system(wishes.crs, "", into, notes)
    if unit_m(source) != 1.0:
        raise notes.refuse("drawing_in_degrees", "--crs", value=source)
    shapes = fitted(pieces, Fit(wishes.gap_m, wishes.wall_m), notes)
    shapes = named(shapes, labels, options.floor_height_m, notes)
    return merge_map(
        placed(shapes, source, into, notes),
        wishes.level,
        into,
        notes,
        replace=wishes.replace,
        dry_run=wishes.dry_run,
    )


def import_map(path: Path, folder: Path, options: VectorOptions, wishes: Wishes) -> Report:
    """A map of another program into the site's. Raises Refused."""
    notes = Notes(path.name)
    into = site_to_fill(folder)
    pieces, said = read_vector(path, options, notes)
    source = source_system(wishes.crs, said, into, notes)
    shapes: list[Piece] = fitted(pieces, Fit(wishes.gap_m, wishes.wall_m, unit_m(source)), notes)
    return merge_map(
        placed(shapes, source, into, notes),
        wishes.level,
        into,
        notes,
        replace=wishes.replace,
        dry_run=wishes.dry_run,
    )
