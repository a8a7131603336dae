"""The coverage model of a site: exact polygons on a plane, cells over terrain where the site names ground heights."""

from cammon.sitefiles.model import Site
from cammon_coverage.engine import CoverageModel
from cammon_coverage.terrain_model import TerrainModel


def model_of(site: Site) -> CoverageModel:
    """The one place that decides how a site's coverage is worked out. Raises ValueError as `CoverageModel` does."""
    return CoverageModel(site.scene) if site.terrain is None else TerrainModel(site.scene, site.terrain)


def method_of(site: Site) -> dict[str, str | float]:
    """How the figures of a site are worked out, for every output that states them.

    `method` is `polygons` (exact, on a plane) or `terrain`: then `resolution_m` is the size of the cells in which
    shares are counted, `dem_resolution_m` that of the file, `filled_cells` how many heights were filled in.
    """
    if site.terrain is None:
        return {"method": "polygons"}
    found: dict[str, str | float] = {"method": "terrain", "resolution_m": site.terrain.cell_m}
    if site.terrain.source_m is not None:
        found["dem_resolution_m"] = site.terrain.source_m
    return {**found, "filled_cells": site.terrain.filled}
