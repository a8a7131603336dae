"""A second opinion on what is seen in the plane: CGAL's exact visibility polygon, by way of pyvispoly.

The plane goes through the lens, so that every obstacle that it cuts is a wall. pyvispoly takes one polygon with
holes: the open ground around the lens, buildings united, courtyards other than the lens's own left out. It has no
answer where a corner occurs twice (holes that touch at a corner): those cameras are counted, not compared.
"""

import numpy as np
import shapely

from cammon_coverage.model import Lens, Obstacle, Target

HEIGHT_M = 1.5
PLANE = Target(HEIGHT_M, HEIGHT_M)


def walls(obstacles):
    """The obstacles, all of them higher and lower than the plane."""
    return tuple(Obstacle(o.id, o.footprint, 0.0, 100.0) for o in obstacles)


def level_lens(hfov_deg, width_px=2000):
    """A lens that limits nothing but the bearing."""
    return Lens(hfov_deg, width_px, width_px, vfov_deg=90.0)


def level_for(lens, depth_m):
    """The iec-flat density at a depth."""
    return lens.width_px / (2 * depth_m * np.tan(np.radians(lens.hfov_deg) / 2))


def open_ground(footprints, eye, reach_m):
    """What can be walked to from the eye within a square about it, relative to the eye; None: the eye is in a wall."""
    near = [shapely.transform(shape, lambda p: p - eye) for shape in footprints]
    square = shapely.box(-reach_m, -reach_m, reach_m, reach_m)
    free = shapely.difference(square, shapely.union_all(near, grid_size=1e-11), grid_size=1e-11)
    here = [part for part in shapely.get_parts(free) if shapely.contains_xy(part, 0.0, 0.0)]
    return here[0] if here else None


def has_double_corners(ground):
    """Whether a corner occurs twice, so that pyvispoly cannot answer."""
    corners = np.concatenate([shapely.get_coordinates(ring)[:-1] for ring in shapely.get_rings(ground)])
    return len(np.unique(corners, axis=0)) < len(corners)


def visible(pyvispoly, ground):
    """The polygon that is visible from the origin in open ground."""
    ground = shapely.orient_polygons(ground)
    outer, *holes = [_polygon(pyvispoly, ring) for ring in shapely.get_rings(ground)]
    calculator = pyvispoly.VisibilityPolygonCalculator(pyvispoly.PolygonWithHoles(outer, holes))
    found = calculator.compute_visibility_polygon(pyvispoly.Point(0.0, 0.0))
    points = [(float(point.x()), float(point.y())) for point in found.boundary()]
    return shapely.make_valid(shapely.Polygon(points))


def _polygon(pyvispoly, ring):
    return pyvispoly.Polygon([pyvispoly.Point(float(x), float(y)) for x, y in shapely.get_coordinates(ring)[:-1]])


def sector(pose, lens, depth_m):
    """The triangle that the lens has in view up to a depth, relative to the eye."""
    half = lens.hfov_deg / 2
    long = depth_m / np.cos(np.radians(half))
    bearings = np.radians(pose.azimuth_deg + np.array([-half, half]))
    return shapely.Polygon([(0, 0), *(long * np.column_stack([np.sin(bearings), np.cos(bearings)]))])
