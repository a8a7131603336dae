"""Making each piece fit its kind: outlines closed, lines joined to areas, what crosses itself put right or left out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from shapely import STRtree
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from cammon.importing.model import FENCE, Notes, Piece

AREA_KINDS = frozenset({"obstacle", "lit_area", "boundary"})
SMALLEST_AREA_M2 = 0.01
SMALLEST_LENGTH_M = 0.01
REPAIR_SHARE = 0.01
"""An outline is put right where that changes at most this share of its area; else nobody can know what was meant."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How far shapes may be bent: the largest gap that is closed, and how wide a wall is that is drawn as a line
    (None: a line is no obstacle). `unit_m` is how many metres one unit of the coordinates is."""

    gap_m: float = 0.5
    wall_m: float | None = None
    unit_m: float = 1.0


def fitted(pieces: Iterable[Piece], fit: Fit, notes: Notes) -> list[Piece]:
    """The pieces as shapes of their kind; what cannot be one is dropped and said."""
    done: list[Piece] = []
    loose: dict[tuple[str, str], list[Piece]] = defaultdict(list)
    for piece in (part for whole in pieces for part in _parts(whole)):
        if piece.kind in AREA_KINDS and piece.geometry.geom_type == "LineString":
            closed = _closed(piece, fit, notes)
            if closed is None:
                loose[piece.kind, piece.group].append(piece)
            else:
                done += _area(closed, fit, notes)
        else:
            done += _whole(piece, fit, notes)
    for lines in loose.values():
        done += _joined(lines, fit, notes)
    return [replace(piece, kind="key_place") if piece.kind == FENCE else piece for piece in _once(done, fit, notes)]


def _parts(piece: Piece) -> Iterator[Piece]:
    """A piece itself, or its parts where its kind wants single ones; parts get numbers."""
    kind, shape = piece.kind, piece.geometry
    single = kind == "mounting_place" or shape.geom_type == "GeometryCollection"
    lines_for_area = kind in AREA_KINDS and shape.geom_type == "MultiLineString"
    if not (single or lines_for_area) or not hasattr(shape, "geoms"):
        yield piece
        return
    for number, part in enumerate(shape.geoms, start=1):
        name = piece.properties.get("id", "")
        properties = {**piece.properties, "id": f"{name}.{number}" if len(shape.geoms) > 1 else name}
        yield replace(piece, geometry=part, properties=properties)


def _closed(piece: Piece, fit: Fit, notes: Notes) -> Piece | None:
    """A line as an area when its ends meet, or nearly do; None when they do not."""
    points = shapely.get_coordinates(piece.geometry)
    gap_m = float(np.hypot(*(points[0] - points[-1]))) * fit.unit_m
    if len(np.unique(points, axis=0)) < 3 or gap_m > fit.gap_m:
        return None
    if gap_m > 0.0:
        notes.repaired("gap_closed", piece.source, gap=round(gap_m, 3))
    return replace(piece, geometry=Polygon(points))


def _whole(piece: Piece, fit: Fit, notes: Notes) -> list[Piece]:
    kind, shape = piece.kind, piece.geometry
    is_area = shape.geom_type in {"Polygon", "MultiPolygon"}
    if kind == "mounting_place" and shape.geom_type != "Point":
        notes.repaired("middle_taken", piece.source)
        return [replace(piece, geometry=shape.centroid)]
    if kind == FENCE and is_area:
        return [replace(piece, geometry=shape.boundary)]
    if is_area:
        return _area(piece, fit, notes)
    if kind in AREA_KINDS:
        notes.dropped("wrong_geometry", piece.source, type=shape.geom_type, expects="area")
        return []
    if "Line" in shape.geom_type and shape.length * fit.unit_m < SMALLEST_LENGTH_M:
        notes.dropped("zero_length", piece.source)
        return []
    return [piece]


def _area(piece: Piece, fit: Fit, notes: Notes) -> list[Piece]:
    """An area that is valid, as a list of one; empty where there is none."""
    shape = piece.geometry
    unit2 = fit.unit_m**2
    if not shape.is_valid:
        repaired = _only_areas(shapely.make_valid(shape))
        as_drawn = max(abs(shape.area), repaired.area)
        if as_drawn * unit2 >= SMALLEST_AREA_M2 and abs(repaired.area - abs(shape.area)) > REPAIR_SHARE * as_drawn:
            at = shapely.is_valid_reason(shape).partition("[")[2].rstrip("]").replace(" ", ", ")
            notes.dropped("self_crossing", piece.source, at=f"({at})")
            return []
        shape = repaired
        if shape.area * unit2 >= SMALLEST_AREA_M2:
            notes.repaired("outline_repaired", piece.source)
    if shape.is_empty or shape.area * unit2 < SMALLEST_AREA_M2:
        notes.dropped("zero_area", piece.source)
        return []
    return [replace(piece, geometry=shape)]


def _only_areas(shape: BaseGeometry) -> BaseGeometry:
    areas = [part for part in shapely.get_parts(shape) if "Polygon" in part.geom_type]
    return shapely.union_all(areas) if areas else Polygon()


def _joined(lines: list[Piece], fit: Fit, notes: Notes) -> list[Piece]:
    """Single lines of one layer as the areas that they enclose; the others as walls, or dropped."""
    snapped = _snapped([piece.geometry for piece in lines], fit.gap_m / fit.unit_m)
    tree = STRtree(snapped)
    used: set[int] = set()
    done: list[Piece] = []
    for area in shapely.get_parts(shapely.polygonize(snapped)):
        members = sorted(int(index) for index in tree.query(area.boundary, predicate="covers"))
        if not members:
            continue
        used |= set(members)
        first = lines[members[0]]
        notes.repaired("lines_joined", first.source, lines=len(members))
        done += _area(replace(first, geometry=area), fit, notes)
    for index, piece in enumerate(lines):
        if index not in used:
            done += _wall(piece, fit, notes)
    return done


def _snapped(lines: Sequence[LineString], reach: float) -> list[LineString]:
    """The lines with ends that are nearer than `reach` to each other moved to their common middle."""
    ends = np.array([point for line in lines for point in (line.coords[0], line.coords[-1])])
    pairs = cKDTree(ends).query_pairs(reach, output_type="ndarray")
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(ends), len(ends)))
    _, group = connected_components(graph, directed=False)
    counts = np.bincount(group)
    middles = np.column_stack([np.bincount(group, ends[:, axis]) / counts for axis in (0, 1)])
    return [_with_ends(line, middles[group[2 * n]], middles[group[2 * n + 1]]) for n, line in enumerate(lines)]


def _with_ends(
    line: LineString,
    first: np.ndarray[tuple[int], np.dtype[np.float64]],
    last: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> LineString:
    points = shapely.get_coordinates(line)
    points[0], points[-1] = first, last
    return LineString(points)


def _wall(piece: Piece, fit: Fit, notes: Notes) -> list[Piece]:
    """An open line of obstacles as a wall of the width asked for."""
    if piece.kind != "obstacle" or fit.wall_m is None:
        notes.dropped("open_line", piece.source, gap=fit.gap_m)
        return []
    half = fit.wall_m / 2.0 / fit.unit_m
    shape = piece.geometry.buffer(half, cap_style="flat", join_style="mitre")
    notes.note("wall_made", piece.source, width=fit.wall_m)
    return _area(replace(piece, geometry=shape), fit, notes)


def _once(pieces: Iterable[Piece], fit: Fit, notes: Notes) -> Iterator[Piece]:
    """Each shape of a kind once: drawings hold many lines that were drawn twice, one on the other."""
    first: dict[tuple[str, bytes], str] = {}
    grid = 0.001 / fit.unit_m
    for piece in pieces:
        points = np.round(shapely.get_coordinates(piece.geometry.normalize()) / grid).astype(np.int64)
        key = (piece.kind, points.tobytes())
        before = first.get(key)
        if before is not None and not isinstance(piece.geometry, Point):
            notes.dropped("drawn_twice", piece.source, first=before)
            continue
        first.setdefault(key, piece.source)
        yield piece
