"""The features of a GeoJSON file: properties and raw geometry, numbered as a person counts them (from 1)."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cammon.sitefiles.faults import FileFaults
from cammon.sitefiles.limits import MAX_FEATURES


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: its number, its properties, and its geometry object as it stands in the file."""

    number: int
    properties: Mapping[str, Any]
    geometry: Mapping[str, Any]

    @property
    def where(self) -> str:
        """How a problem names this feature."""
        name = self.properties.get("id")
        return f"feature {self.number}" + (f" ({name})" if isinstance(name, str | int) and name != "" else "")


@dataclass(frozen=True, slots=True)
class Collection:
    """A feature collection and the coordinate system that an old-style `crs` member names, "" without one."""

    features: tuple[Feature, ...] = ()
    crs: str = ""


def read_geojson(text: str, faults: FileFaults) -> Collection | None:
    """The features that can be looked at; None with a fatal problem when the file is no feature collection."""
    try:
        raw = json.loads(text)
    except json.JSONDecodeError as error:
        faults.fatal("json_broken", f"line {error.lineno}", params={"reason": error.msg, "column": error.colno})
        return None
    except (RecursionError, ValueError):  # nested deeper than Python, or an integer of thousands of digits
        faults.fatal("json_broken", params={"reason": "nesting or number out of bounds", "column": 0})
        return None
    if not isinstance(raw, dict) or raw.get("type") != "FeatureCollection" or not isinstance(raw.get("features"), list):
        faults.fatal("not_a_feature_collection")
        return None
    if len(raw["features"]) > MAX_FEATURES:
        faults.fatal("too_many_features", params={"limit": MAX_FEATURES})
        return None
    return Collection(tuple(_features(raw["features"], faults)), _crs_member(raw))


def _features(raw: list[Any], faults: FileFaults) -> Iterator[Feature]:
    for number, item in enumerate(raw, start=1):
        where = f"feature {number}"
        properties = item.get("properties") if isinstance(item, dict) else None
        if not isinstance(item, dict) or item.get("type") != "Feature":
            faults.row("not_a_feature", where)
        elif not isinstance(properties, dict):
            faults.row("no_properties", where)
        elif not isinstance(item.get("geometry"), dict):
            faults.row("no_geometry", Feature(number, properties, {}).where)
        else:
            yield Feature(number, properties, item["geometry"])


def _crs_member(raw: Mapping[str, Any]) -> str:
    """The code in {"crs": {"properties": {"name": "urn:ogc:def:crs:EPSG::4546"}}}, as `EPSG:4546`."""
    crs = raw.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str):
        return ""
    if name.upper().endswith("CRS84"):
        return "EPSG:4326"
    parts = [part for part in name.upper().split(":") if part]
    return f"EPSG:{parts[-1]}" if "EPSG" in parts and parts[-1].isdigit() else ""
