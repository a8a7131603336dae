"""The features of a GeoJSON, shapefile or GeoPackage as pieces, in the file's coordinates."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FieldError
from shapely.geometry.base import BaseGeometry

from cammon.importing.model import FENCE, Notes, Piece
from cammon.importing.properties import clean, floors_of, properties_of
from cammon.sitefiles.cells import NUMBER, plain
from cammon.sitefiles.limits import MAX_FEATURES, MEGABYTE
from cammon.sitefiles.sitemap import KINDS

SUFFIXES = (".geojson", ".json", ".shp", ".gpkg", ".fgb", ".kml", ".gml", ".tab", ".mif")
MAX_MAP_BYTES = 1000 * MEGABYTE
FLOORS_RULE = re.compile(r"(.+?)(?:\s*[*x×]\s*(\d+(?:\.\d+)?)\s*m?)?")
FLOOR_HEIGHT_M = 3.0


@dataclass(frozen=True, slots=True)
class VectorOptions:
    """What is taken: the kind of every feature ("" where the file says), the fields, and how high a floor is.

    `fields` maps a property of map.geojson to the file's field. `floors` is a field with the number of floors.
    """

    kind: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    floors: str = ""
    floor_height_m: float = FLOOR_HEIGHT_M
    layer: str = ""
    encoding: str = ""


def floors_rule(text: str, notes: Notes) -> tuple[str, float]:
    """FIELD or FIELD*3m as field and metres. Raises Refused."""
    found = FLOORS_RULE.fullmatch(text.strip())
    height = float(found[2]) if found and found[2] else FLOOR_HEIGHT_M
    if not found or not 1.0 <= height <= 30.0:
        raise notes.refuse("bad_floors_rule", "--floors-field", value=text)
    return found[1].strip(), height


def read_vector(path: Path, options: VectorOptions, notes: Notes) -> tuple[list[Piece], str]:
    """The pieces, and the coordinate system that the file says ("" when it does not). Raises Refused."""
    _check_file(path, notes)
    layer = _layer(path, options.layer, notes)
    encoding = options.encoding or _encoding(path)
    try:
        meta, fids, shapes, columns = pyogrio.raw.read(
            path, layer=layer, encoding=encoding or None, force_2d=True, return_fids=True, max_features=MAX_FEATURES + 1
        )
    except (DataSourceError, DataLayerError, FieldError, RuntimeError, ValueError, LookupError, OSError) as error:
        raise notes.refuse("not_a_map", reason=" ".join(str(error).split())[:120]) from error
    if shapes is None:
        raise notes.refuse("map_without_geometry")
    if len(shapes) > MAX_FEATURES:
        raise notes.refuse("too_many_features", limit=MAX_FEATURES)
    names = [clean(str(name)) for name in meta["fields"]]
    _check_fields(names, options, notes)
    rows = (dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)) if names else ({} for _ in shapes)
    group = path.stem
    pieces: list[Piece] = []
    for number, (fid, raw, row) in enumerate(zip(fids, shapes, rows, strict=True), start=1):
        pieces += _piece(number, int(fid), raw, row, group, options, notes)
    return pieces, str(meta["crs"] or "")


def _check_file(path: Path, notes: Notes) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise notes.refuse("cannot_read", reason=error.strerror or "") from error
    if path.suffix.lower() not in SUFFIXES or not path.is_file():
        raise notes.refuse("unknown_map_format", suffixes=", ".join(SUFFIXES))
    if size > MAX_MAP_BYTES:
        limit = MAX_MAP_BYTES // MEGABYTE
        raise notes.refuse("file_too_large", megabytes=size // MEGABYTE, limit=limit)


def _layer(path: Path, wanted: str, notes: Notes) -> str | None:
    """The layer to read; a file with several needs to be told which."""
    try:
        there = [str(name) for name, _ in pyogrio.list_layers(path)]
    except (DataSourceError, RuntimeError, OSError, ValueError) as error:
        raise notes.refuse("not_a_map", reason=" ".join(str(error).split())[:120]) from error
    if wanted and wanted not in there:
        raise notes.refuse("no_such_layer", "--layer", value=wanted, layers=", ".join(there[:40]))
    if not wanted and len(there) > 1:
        raise notes.refuse("which_layer", "--layer", layers=", ".join(there[:40]))
    return wanted or (there[0] if there else None)


def _encoding(path: Path) -> str:
    """The encoding of a shapefile that does not say it: many Chinese ones are GBK without a .cpg file."""
    table = path.with_suffix(".dbf")
    said = any(path.with_suffix(suffix).exists() for suffix in (".cpg", ".CPG"))
    if path.suffix.lower() != ".shp" or said or not table.exists():
        return ""
    content = table.read_bytes()
    if content.isascii():
        return ""
    body = content[32:]
    for encoding in ("utf-8", "gb18030"):
        try:
            body.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return ""


def _check_fields(names: list[str], options: VectorOptions, notes: Notes) -> None:
    for option, name in [*options.fields.items(), ("floors", options.floors)]:
        if name and name not in names:
            raise notes.refuse("no_such_field", OPTION_OF.get(option, option), value=name, fields=", ".join(names[:40]))


OPTION_OF = {
    "id": "--id-field",
    "name": "--name-field",
    "base_m": "--base-field",
    "top_m": "--top-field",
    "level": "--level-field",
    "floors": "--floors-field",
}
ENDS = {"obstacle": ("base_m", "top_m"), "key_place": ("z0_m", "z1_m"), "mounting_place": ("", "height_m")}
"""What --base-field and --top-field mean for a kind."""


def _piece(
    number: int,
    fid: int,
    raw: bytes | None,
    row: dict[str, Any],
    group: str,
    options: VectorOptions,
    notes: Notes,
) -> Iterator[Piece]:
    where = f"feature {number}"
    kind = options.kind or clean(str(row.get("kind") or ""))
    own_kind = "key_place" if kind == FENCE else kind
    if own_kind not in KINDS:
        notes.dropped("unknown_kind", where, "kind", kind, expects="feature_kind")
        return
    geometry = _geometry(raw)
    if geometry is None or geometry.is_empty:
        notes.dropped("no_geometry" if raw is None or geometry is not None else "curved_geometry", where)
        return
    values = {name: _value(value) for name, value in row.items()}
    properties = _properties(own_kind, values, options, where, notes)
    properties.setdefault("id", f"{group}-{fid}")
    yield Piece(where, kind, geometry, properties, group)


def _geometry(raw: bytes | None) -> BaseGeometry | None:
    if raw is None:
        return None
    shape = shapely.from_wkb(raw, on_invalid="ignore")
    return None if shape is None else shapely.force_2d(shape)


def _value(value: Any) -> object:
    """A field's value as JSON holds it; None for what is empty."""
    if value is None or (isinstance(value, float | np.floating) and math.isnan(float(value))):
        return None
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return clean(value) if isinstance(value, str) else value


def _properties(
    kind: str, values: Mapping[str, object], options: VectorOptions, where: str, notes: Notes
) -> dict[str, object]:
    found = properties_of(kind, values)
    low, high = ENDS.get(kind, ("", ""))
    for name, column in options.fields.items():
        own = {"base_m": low, "top_m": high}.get(name, name)
        value = values.get(column)
        if own and value not in (None, ""):
            found[own] = value
    floors = values.get(options.floors) if options.floors else floors_of(values)
    if kind == "obstacle" and floors not in (None, "") and "top_m" not in found:
        height = _height(floors, options.floor_height_m)
        if height is None:
            notes.note("floors_not_a_number", where, options.floors, floors)
        else:
            found["top_m"] = height
    return found


def _height(floors: object, floor_height_m: float) -> float | None:
    text = plain(str(floors)).rstrip("层楼Ff")
    if not NUMBER.fullmatch(text) or not 0.0 < float(text) <= 200.0:
        return None
    return round(float(text) * floor_height_m, 3)
