"""A small site on disk with a GeoTIFF of ground heights, in any coordinate system."""

import json
import warnings

import numpy as np
import rasterio
from pyproj import Transformer
from rasterio.errors import NotGeoreferencedWarning
from rasterio.transform import Affine

MIDDLE = (113.0, 40.0)
"""Longitude and latitude of the site."""


def height(east, north):
    """The ground of all files: a slope of 3 percent with waves 80 m long, in metres from the middle of the site."""
    return 1200 + 0.03 * east - 0.02 * north + 2 * np.sin(east * 2 * np.pi / 80)


def middle_in(crs: str) -> tuple[float, float]:
    """The middle of the site in a coordinate system."""
    return Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(*MIDDLE)


def write_site(folder, crs="local", settings="", places=((0.0, 30.0), (25.0, 40.0))):
    """A camera at the middle that looks north, and key places some metres east and north of it."""
    folder.mkdir(exist_ok=True)
    x, y = (0.0, 0.0) if crs == "local" else middle_in(crs)
    east, north = (1.0, 1.0) if crs != "EPSG:4326" else (1 / 85394.0, 1 / 111034.0)
    toml = f'name = "hill"\ncrs = "{crs}"\n{settings}'
    (folder / "site.toml").write_text(toml, encoding="utf-8")
    columns = "id,x,y,lens_height_m,azimuth_deg,tilt_deg,hfov_deg,resolution,night_range_m"
    (folder / "cameras.csv").write_text(f"{columns}\nC1,{x!r},{y!r},6,0,10,80,1920x1080,30\n", encoding="utf-8")
    features = [
        {
            "type": "Feature",
            "properties": {"kind": "key_place", "id": f"K{number}", "level": 12.5},
            "geometry": {"type": "Point", "coordinates": [x + dx * east, y + dy * north]},
        }
        for number, (dx, dy) in enumerate(places)
    ]
    collection = {"type": "FeatureCollection", "features": features}
    (folder / "map.geojson").write_text(json.dumps(collection), encoding="utf-8")
    return folder


TERRAIN = '\n[terrain]\nfile = "dem.tif"\n'


def write_dem(path, crs=None, pixel=1.0, reach=200.0, change=lambda heights: heights, **more):
    """Heights within `reach` metres of the middle; `pixel` and the transform are in units of the system."""
    x, y = (0.0, 0.0) if crs is None else middle_in(crs)
    metres = 90_000.0 if crs in {"EPSG:4326", "EPSG:4490"} else 1.0
    count = int(2 * reach / (pixel * metres))
    transform = Affine(pixel, 0, x - count * pixel / 2, 0, -pixel, y + count * pixel / 2)
    column, row = np.meshgrid(np.arange(count) + 0.5, np.arange(count) + 0.5)
    east, north = transform.a * column + transform.c, transform.e * row + transform.f
    if crs is None:
        heights = height(east, north)
    else:
        local = Transformer.from_crs(crs, f"+proj=tmerc +lon_0={MIDDLE[0]} +lat_0={MIDDLE[1]}", always_xy=True)
        heights = height(*local.transform(east, north))
    save(path, change(heights), transform, crs, **more)


def save(path, heights, transform, crs=None, unit=None, dtype="float32", nodata=-9999.0, bands=1, scale=None):
    """One GeoTIFF."""
    values = np.where(np.isnan(heights), nodata if nodata is not None else np.nan, heights).astype(dtype)
    profile = {"driver": "GTiff", "count": bands, "dtype": dtype, "crs": crs, "transform": transform}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        rows, columns = values.shape
        with rasterio.open(path, "w", width=columns, height=rows, nodata=nodata, **profile) as file:
            for band in range(1, bands + 1):
                file.write(values, band)
            if unit is not None:
                file.units = [unit] * bands
            if scale is not None:
                file.scales = [scale] * bands
