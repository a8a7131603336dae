"""map.geojson as the nouns of coverage, still in the map's own coordinates."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from shapely import union_all
from shapely.geometry.base import BaseGeometry

from cammon.sitefiles import cells
from cammon.sitefiles.cells import Reader, as_text, check_cell, number, whole
from cammon.sitefiles.faults import FileFaults, Wrong
from cammon.sitefiles.geojson import Collection, Feature
from cammon.sitefiles.geometry import shape_of
from cammon.sitefiles.lists import nearest
from cammon_coverage.levels import LEVELS, level_px_per_m
from cammon_coverage.model import KeyPlace, LitArea, MountingPlace, Obstacle, Target

POINTS, LINES, AREAS = ("Point", "MultiPoint"), ("LineString", "MultiLineString"), ("Polygon", "MultiPolygon")
KINDS = ("key_place", "obstacle", "lit_area", "mounting_place", "boundary")
TALLEST_M = 1000.0
HIGHEST_LEVEL = 10_000.0


def _level(text: str) -> float:
    try:
        level = level_px_per_m(cells.plain(text).removesuffix("px/m"))
    except ValueError as error:
        raise Wrong("unknown_level", expects="level", **nearest(text, LEVELS)) from error
    if level > HIGHEST_LEVEL:
        raise Wrong("out_of_range", expects="level")
    return level


HEIGHT = number("height_m", -TALLEST_M, TALLEST_M)
PROPERTIES: Mapping[str, Mapping[str, Reader[Any]]] = {
    "key_place": {
        "id": cells.identifier,
        "name": cells.line,
        "level": _level,
        "z0_m": HEIGHT,
        "z1_m": HEIGHT,
        "priority": whole("priority", 1, 3),
        "redundancy": whole("redundancy", 1, 20),
        "facing_deg": number("azimuth_deg", 0.0, 360.0),
        "facing_tolerance_deg": number("facing_tolerance_deg", 0.0, 180.0),
        "max_depression_deg": number("max_depression_deg", 0.0, 90.0),
        "owner": cells.line,
        "phone": cells.line,
    },
    "obstacle": {
        "id": cells.identifier,
        "name": cells.line,
        "base_m": HEIGHT,
        "top_m": HEIGHT,
        "hollow": cells.yes,
    },
    "lit_area": {"id": cells.identifier, "name": cells.line},
    "mounting_place": {"id": cells.identifier, "name": cells.line, "height_m": HEIGHT},
    "boundary": {"id": cells.identifier, "name": cells.line},
}
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "key_place": ("id", "level"),
    "obstacle": ("top_m",),
    "mounting_place": ("id", "height_m"),
}
GEOMETRIES = {
    "key_place": (*POINTS, *LINES, *AREAS),
    "obstacle": AREAS,
    "lit_area": AREAS,
    "mounting_place": ("Point",),
    "boundary": AREAS,
}
EXPECTED_GEOMETRY = {"key_place": "any_geometry", "mounting_place": "point"}
"""What a wrong geometry is told to be; areas where nothing stands here."""


@dataclass(slots=True)
class SiteMap:
    """What the map holds, in its own coordinates, and where in the file each thing stands."""

    key_places: list[KeyPlace] = field(default_factory=list)
    obstacles: list[Obstacle] = field(default_factory=list)
    lit_areas: list[LitArea] = field(default_factory=list)
    mounting_places: list[MountingPlace] = field(default_factory=list)
    boundary: BaseGeometry | None = None
    phones: dict[str, str] = field(default_factory=dict)
    """key place -> the phone number that stands on the map"""
    place_ids: set[str] = field(default_factory=set)
    """every key place's id, also of those that were set aside"""
    where: dict[tuple[str, str], str] = field(default_factory=dict)
    """(kind, id) -> feature"""


def read_map(collection: Collection, faults: FileFaults) -> SiteMap:
    """Every good feature as what it is; a bad one is set aside with a problem for each thing wrong with it."""
    site_map = SiteMap()
    misspelt: set[tuple[str, str]] = set()
    boundaries: list[BaseGeometry] = []
    for feature in collection.features:
        kind = feature.properties.get("kind")
        if not isinstance(kind, str) or kind not in KINDS:
            faults.row("unknown_kind", feature.where, "kind", kind, {"expects": "feature_kind"})
            continue
        if kind == "key_place":
            site_map.place_ids.add(as_text(feature.properties.get("id")).strip())
        misspelt |= set(_warn_misspelt(kind, feature, misspelt, faults))
        values = _values(kind, feature, faults)
        geometry = _geometry(kind, feature, faults)
        if values is None or geometry is None:
            continue
        if kind == "boundary":
            boundaries.append(geometry)
            site_map.where.setdefault((kind, ""), feature.where)
        else:
            _add(site_map, kind, feature, values, geometry, faults)
    site_map.boundary = union_all(boundaries) if boundaries else None
    return site_map


def _values(kind: str, feature: Feature, faults: FileFaults) -> dict[str, Any] | None:
    """The properties of a feature that are ours, or None with a problem for each bad one."""
    values: dict[str, Any] = {}
    good = True
    for name, reader in PROPERTIES[kind].items():
        raw = feature.properties.get(name)
        try:
            text = _scalar(raw)
            if text.strip():
                values[name] = reader(text)
        except Wrong as wrong:
            faults.row(wrong.code, feature.where, name, raw, {"expects": name} | wrong.params)
            good = False
        else:
            if name not in values and name in REQUIRED.get(kind, ()):
                faults.row("required_empty", feature.where, name, params={"expects": name})
                good = False
    return values if good else None


def _scalar(raw: object) -> str:
    if isinstance(raw, list | dict):
        raise Wrong("not_one_value")
    text = as_text(raw)
    check_cell(text)
    return text


def _geometry(kind: str, feature: Feature, faults: FileFaults) -> BaseGeometry | None:
    try:
        shape = shape_of(feature.geometry, GEOMETRIES[kind], EXPECTED_GEOMETRY.get(kind, "area"))
    except Wrong as wrong:
        faults.row(wrong.code, feature.where, "geometry", params=wrong.params)
        return None
    if shape.repaired:
        faults.warning(shape.repaired, feature.where, "geometry")
    return shape.geometry


def _warn_misspelt(
    kind: str, feature: Feature, said: set[tuple[str, str]], faults: FileFaults
) -> Iterator[tuple[str, str]]:
    """A property that is nearly one of ours is most likely a typing error: said once for each name."""
    ours = PROPERTIES[kind]
    for name in feature.properties:
        if name == "kind" or name in ours or (kind, name) in said:
            continue
        yield kind, name
        near = difflib.get_close_matches(name.lower(), ours, n=1, cutoff=0.85)
        if near:
            faults.warning("misspelt_column", feature.where, name, params={"column": near[0]})


def _add(
    site_map: SiteMap, kind: str, feature: Feature, values: dict[str, Any], geometry: BaseGeometry, faults: FileFaults
) -> None:
    values["id"] = name = values.get("id") or f"feature-{feature.number}"
    first = site_map.where.get((kind, name))
    if first is not None and kind == "obstacle":
        faults.warning("duplicate_obstacle_id", feature.where, "id", name, {"first": first})
        values["id"] = f"{name}#{feature.number}"
    elif first is not None:
        faults.row("duplicate_id", feature.where, "id", name, {"first": first})
        return
    site_map.where[kind, values["id"]] = feature.where
    if kind == "key_place":
        _add_key_place(site_map, feature, values, geometry, faults)
    elif kind == "obstacle":
        _add_obstacle(site_map, feature, values, geometry, faults)
    elif kind == "lit_area":
        site_map.lit_areas.append(LitArea(values["id"], geometry))
    else:
        (x, y), height = geometry.coords[0], values["height_m"]
        site_map.mounting_places.append(MountingPlace(values["id"], values.get("name", name), x, y, height))


def _add_key_place(
    site_map: SiteMap, feature: Feature, values: dict[str, Any], geometry: BaseGeometry, faults: FileFaults
) -> None:
    target = Target(values.pop("z0_m", Target().z0_m), values.pop("z1_m", Target().z1_m))
    if target.z0_m > target.z1_m:
        faults.row("ends_swapped", feature.where, "z0_m", target.z0_m, {"other": "z1_m"})
        return
    phone = values.pop("phone", "")
    level = values.pop("level")
    values.setdefault("name", values["id"])
    site_map.key_places.append(KeyPlace(geometry=geometry, level_px_per_m=level, target=target, **values))
    if phone:
        site_map.phones[values["id"]] = phone


def _add_obstacle(
    site_map: SiteMap, feature: Feature, values: dict[str, Any], geometry: BaseGeometry, faults: FileFaults
) -> None:
    base, top = values.pop("base_m", 0.0), values.pop("top_m")
    if base >= top:
        faults.row("top_below_base", feature.where, "top_m", top, {"base": base})
        return
    site_map.obstacles.append(Obstacle(footprint=geometry, base_m=base, top_m=top, **values))
