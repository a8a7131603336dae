"""What can be wrong with, or worth saying of, a file of ground heights. The sentences stand in templates.py."""

from enum import StrEnum


class DemCode(StrEnum):
    """The codes of problems of the file that `[terrain] file` names."""

    MISSING = "dem_missing"
    NOT_GEOTIFF = "dem_not_geotiff"
    BROKEN = "dem_broken"
    NOT_HEIGHTS = "dem_not_heights"
    WITHOUT_CRS = "dem_without_crs"
    WITHOUT_POSITION = "dem_without_position"
    SITE_IS_LOCAL = "dem_site_is_local"
    WRONG_UNITS = "dem_wrong_units"
    IMPLAUSIBLE = "dem_implausible"
    DOES_NOT_COVER = "dem_does_not_cover"
    HOLE = "dem_hole"
    FILLED = "dem_filled"
    """a warning"""
    COARSENED = "dem_coarsened"
    """a warning"""
