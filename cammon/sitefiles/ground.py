"""The ground heights that site.toml names: found, read as far as the site needs them, faults said."""

import hashlib
import os
import stat
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from cammon.sitefiles.demcodes import DemCode
from cammon.sitefiles.faults import FileFaults, Wrong
from cammon.sitefiles.frame import MapFrame
from cammon.sitefiles.limits import MAX_DEM_BYTES, MEGABYTE
from cammon.sitefiles.settings import TerrainSettings
from cammon_coverage.model import Scene
from cammon_coverage.terrain import Terrain


def dem_digest(path: Path, faults: FileFaults) -> bytes | None:
    """The hash of the file, or None with a fatal problem: not there, not a plain file, too large, unreadable."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            faults.fatal("not_a_file")
            return None
        if about.st_size > MAX_DEM_BYTES:
            sizes: dict[str, str | float] = {
                "megabytes": about.st_size // MEGABYTE,
                "limit": MAX_DEM_BYTES // MEGABYTE,
            }
            faults.fatal("file_too_large", params=sizes)
            return None
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except FileNotFoundError:
        faults.fatal(DemCode.MISSING)
    except OSError as error:
        faults.fatal("cannot_read", params={"reason": os.strerror(error.errno or 0)})
    return None


def read_ground(
    path: Path, asked: TerrainSettings, frame: MapFrame, scene: Scene, faults: FileFaults
) -> Terrain | None:
    """The ground under a scene, or None with a fatal problem; None without one when the scene needs no ground."""
    from cammon.terrain.geotiff import read_terrain  # a site without ground heights need not load GDAL

    needed = needed_ground(scene)
    if needed.is_empty:
        return None
    try:
        found = read_terrain(path, frame, needed, asked.resolution_m)
    except Wrong as wrong:
        faults.fatal(wrong.code, params=wrong.params)
        return None
    for note in found.notes:
        faults.warning(note.code, params=note.params)
    return found.terrain


def needed_ground(scene: Scene) -> BaseGeometry:
    """The smallest convex ground on which every line from a camera to a key place runs, also of cameras to come."""
    points = [shapely.Point(camera.pose.x, camera.pose.y) for camera in scene.cameras]
    points += [shapely.Point(place.x, place.y) for place in scene.mounting_places]
    points += [place.geometry for place in scene.key_places]
    return shapely.convex_hull(shapely.geometrycollections(points))
