"""What the ledger says of a camera that its pictures do not show, for the picture checks."""

from collections.abc import Mapping

from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from cammon.sitefiles.model import CameraKind, Site
from cammon_probes.picture.view import View


def views_of(site: Site) -> Mapping[str, View]:
    """The view of every camera: its privacy masks, its angle of view, whether it may look elsewhere."""
    mounted = {camera.id: camera for camera in site.scene.cameras}
    return {
        camera.id: View(
            privacy=tuple(corners for mask in mounted[camera.id].masks for corners in _polygons(mask))
            if camera.id in mounted
            else (),
            hfov_deg=mounted[camera.id].lens.hfov_deg if camera.id in mounted else None,
            # A mobile camera follows the coal face; nobody tells where a PTZ looks just now but its picture.
            away=camera.kind is CameraKind.MOBILE,
            roams=camera.kind is CameraKind.PTZ,
        )
        for camera in site.cameras
    }


def _polygons(mask: BaseGeometry) -> list[tuple[tuple[float, float], ...]]:
    parts = getattr(mask, "geoms", [mask])
    return [tuple((float(x), float(y)) for x, y in one.exterior.coords) for one in parts if isinstance(one, Polygon)]
