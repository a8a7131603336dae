"""The map now: what stands there, what is watched, and above all what is lost."""

from collections.abc import Iterable, Iterator

from shapely.geometry.base import BaseGeometry

from cammon.service.present import Present
from cammon.sitefiles.model import Site
from cammon_coverage.model import Basis, KeyPlace, PlaceAnswer, Reason, Target
from cammon_web.desk import MapView, Shape, ShapeKind

from .rows import camera_rows, place_state

WATCHED_PX_PER_M = 25.0
"""A person can be detected: what the map calls watched."""
Path = tuple[tuple[float, float], ...]


def map_view(site: Site, present: Present) -> MapView | None:
    """The map, None for a site without geometry. Shapes in drawing order: ground first, losses and cameras last."""
    scene = site.scene
    posed = [camera for camera in site.cameras if camera.pose is not None]
    if not (scene.key_places or scene.obstacles or posed):
        return None
    shapes = [*_ground(site), *_watched(present), *_obstacles(site), *_places(site, present), *_cameras(site, present)]
    points = [
        point for shape in shapes if shape.kind is not ShapeKind.WATCHED for path in shape.paths for point in path
    ]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return MapView((min(xs), min(ys), max(xs), max(ys)), tuple(shapes), present.answers.at, present.answers.period)


def _ground(site: Site) -> Iterator[Shape]:
    if site.scene.boundary is not None:
        yield _shape(ShapeKind.BOUNDARY, "boundary", "", site.scene.boundary)
    for area in site.scene.lit_areas:
        yield _shape(ShapeKind.LIT, area.id, "", area.geometry)


def _watched(present: Present) -> Iterator[Shape]:
    if present.model is not None and present.answers.sights:
        with present.asking:
            region = present.model.watched(present.answers.sights, present.answers.period, WATCHED_PX_PER_M, Target())
        if not region.is_empty:
            yield _shape(ShapeKind.WATCHED, "watched", "", region.simplify(0.2))


def _obstacles(site: Site) -> Iterator[Shape]:
    for obstacle in site.scene.obstacles:
        yield _shape(ShapeKind.OBSTACLE, obstacle.id, obstacle.name, obstacle.footprint)


def _places(site: Site, present: Present) -> Iterator[Shape]:
    """Every key place, then the parts of them that are lost or have never been seen."""
    now = _by_place(present, Basis.EFFECTIVE)
    design = _by_place(present, Basis.DESIGN)
    for place in site.scene.key_places:
        answer = now.get(place.id)
        state = "" if answer is None else place_state(answer).value
        note = () if answer is None else answer.reasons
        yield _shape(ShapeKind.PLACE, place.id, place.name, place.geometry, state, note)
    for place in site.scene.key_places:
        yield from _losses(place, now.get(place.id), design.get(place.id))


def _losses(place: KeyPlace, now: PlaceAnswer | None, design: PlaceAnswer | None) -> Iterator[Shape]:
    if now is None or now.covered is not False or now.blind is None or now.blind.is_empty:
        return
    never = design.blind if design is not None and design.covered is False else None
    lost = now.blind if never is None else now.blind.difference(never)
    if not lost.is_empty:
        yield _shape(ShapeKind.LOST, place.id, place.name, lost, note=now.reasons)
    if never is not None and not never.is_empty:
        yield _shape(ShapeKind.BLIND, place.id, place.name, never, note=design.reasons if design else ())


def _by_place(present: Present, basis: Basis) -> dict[str, PlaceAnswer]:
    answer = present.answers.by_basis.get((basis, present.answers.period))
    return {} if answer is None else {one.place: one for one in answer.places}


def _cameras(site: Site, present: Present) -> list[Shape]:
    """Working cameras first, faulty ones last, so that these are on top."""
    poses = {camera.id: camera.pose for camera in site.cameras}
    shapes = []
    for row in reversed(camera_rows(site, present)):
        pose = poses[row.id]
        if pose is not None:
            shapes.append(
                Shape(
                    ShapeKind.CAMERA,
                    row.id,
                    row.name,
                    (((pose.x, pose.y),),),
                    False,
                    row.health.value,
                    pose.azimuth_deg,
                )
            )
    return shapes


def _shape(
    kind: ShapeKind, number: str, name: str, geometry: BaseGeometry, state: str = "", note: Iterable[Reason] = ()
) -> Shape:
    closed = geometry.geom_type in ("Polygon", "MultiPolygon", "GeometryCollection")
    return Shape(kind, number, name, tuple(_paths(geometry)), closed, state, None, tuple(note))


def _paths(geometry: BaseGeometry) -> Iterator[Path]:
    """Rings, lines and points of a geometry as paths."""
    if hasattr(geometry, "geoms"):
        for part in geometry.geoms:
            yield from _paths(part)
    elif geometry.geom_type == "Polygon":
        for ring in (geometry.exterior, *geometry.interiors):
            yield _path(ring.coords)
    else:
        yield _path(geometry.coords)


def _path(coords: Iterable[tuple[float, ...]]) -> Path:
    return tuple((round(point[0], 2), round(point[1], 2)) for point in coords)
