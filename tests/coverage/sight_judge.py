"""A second opinion on what a camera sees, point by point, that shares no code with the rooms: brute force in 3D.

Every straight line from lens to target end is cut with every edge of every footprint; the stretches inside a
footprint are held against the stretch in which the line runs between base and top.
"""

import math

import numpy as np
import shapely

CHUNK = 4000


def judge(site, camera, period, level, target, points, blocks=None):
    """(n,) booleans: whether the whole target over each plan point (n, 2) is seen.

    The camera's masks are taken out, and so are hidden `blocks` (rows x columns) of its picture.
    """
    points = np.asarray(points, dtype=float)
    out = np.zeros(len(points), dtype=bool)
    for at in range(0, len(points), CHUNK):
        out[at : at + CHUNK] = _judge(site, camera, period, level, target, points[at : at + CHUNK])
    for z in (target.z0_m, target.z1_m):
        if out.any():
            out[out] = _unmasked(camera, points[out], z, blocks)
    return out


def _judge(site, camera, period, level, target, points):
    seen = np.ones(len(points), dtype=bool)
    for z in (target.z0_m, target.z1_m):
        seen &= _in_view(site, camera, period, level, points, z)
    for z in (target.z0_m, target.z1_m):
        if seen.any():
            seen[seen] = _in_the_clear(site, camera, points[seen], z)
    return seen


def _towards(pose, points, z):
    """How far to the right, above and ahead of the lens, and how far away, the points (n, 2) at height z are."""
    east, north, rise = points[:, 0] - pose.x, points[:, 1] - pose.y, z - pose.height_m
    bearing, tilt, roll = (math.radians(v) for v in (pose.azimuth_deg, pose.tilt_deg, pose.roll_deg))
    ahead = east * math.sin(bearing) + north * math.cos(bearing)
    right = east * math.cos(bearing) - north * math.sin(bearing)
    depth = ahead * math.cos(tilt) - rise * math.sin(tilt)
    above = ahead * math.sin(tilt) + rise * math.cos(tilt)
    right, above = right * math.cos(roll) - above * math.sin(roll), above * math.cos(roll) + right * math.sin(roll)
    return right, above, depth, np.sqrt(east**2 + north**2 + rise**2)


def _unmasked(camera, points, z, blocks):
    u, v = _in_picture(camera, points, z)
    free = np.ones(len(points), dtype=bool)
    for mask in camera.masks:
        for part in shapely.get_parts(mask):
            rings = [np.asarray(ring.coords) for ring in (part.exterior, *part.interiors)]
            a = np.concatenate([ring[:-1] for ring in rings])
            b = np.concatenate([ring[1:] for ring in rings])
            free &= ~_inside(np.column_stack([u, v]), a, b)
    if blocks is not None:
        rows, columns = blocks.shape
        row, column = np.floor(v * rows).astype(int), np.floor(u * columns).astype(int)
        there = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        free &= ~(there & blocks[np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)])
    return free


def _in_picture(camera, points, z):
    """Where points in view appear, as shares of the picture's width and height."""
    lens = camera.lens
    right, above, depth, slant = _towards(camera.pose, points, z)
    aspect = lens.height_px / lens.width_px
    if lens.projection == "fisheye":
        angle = np.arccos(np.clip(depth / slant, -1, 1)) / math.radians(lens.hfov_deg)
        off = np.hypot(right, above)
        off = np.where(off > 0, off, 1.0)
        return 0.5 + angle * right / off, 0.5 - angle * above / off / aspect
    wide = math.tan(math.radians(lens.hfov_deg / 2))
    high = wide * aspect if lens.vfov_deg is None else math.tan(math.radians(lens.vfov_deg / 2))
    return 0.5 + right / depth / wide / 2, 0.5 - above / depth / high / 2


def _in_view(site, camera, period, level, points, z):
    lens = camera.lens
    right, above, depth, slant = _towards(camera.pose, points, z)
    if lens.projection == "fisheye":
        with np.errstate(invalid="ignore", divide="ignore"):
            ok = np.arccos(np.clip(depth / slant, -1, 1)) <= math.radians(lens.hfov_deg) / 2 + 1e-12
            ok &= lens.width_px / (math.radians(lens.hfov_deg) * slant) >= level
    else:
        aspect = lens.height_px / lens.width_px
        wide = math.tan(math.radians(lens.hfov_deg / 2))
        high = wide * aspect if lens.vfov_deg is None else math.tan(math.radians(lens.vfov_deg / 2))
        ok = (depth > 0) & (np.abs(right) <= depth * wide) & (np.abs(above) <= depth * high)
        model = str(site.density_model)
        with np.errstate(divide="ignore"):
            if model == "arc":
                ok &= lens.width_px / (math.radians(lens.hfov_deg) * slant) >= level
            elif model == "datasheet" and lens.detection_m:
                ok &= 25 * lens.detection_m / slant >= level
            else:
                ok &= lens.width_px / (2 * np.abs(depth) * wide) >= level
    if period == "night":
        lit = np.zeros(len(points), dtype=bool)
        for area in site.lit_areas:
            lit |= shapely.contains_xy(area.geometry, points[:, 0], points[:, 1])
        ok &= lit | (slant <= (lens.night_range_m or 0))
    return ok


def _in_the_clear(site, camera, points, z):
    clear = np.ones(len(points), dtype=bool)
    for obstacle in site.obstacles:
        for part in shapely.get_parts(obstacle.footprint):
            if clear.any():
                clear[clear] = ~_hides(part, obstacle, camera.pose, points[clear], z)
    return clear


def _hides(part, obstacle, pose, points, z):
    rings = [np.asarray(ring.coords) for ring in (part.exterior, *part.interiors)]
    a = np.concatenate([ring[:-1] for ring in rings])
    b = np.concatenate([ring[1:] for ring in rings])
    crossings = _crossings(np.array([pose.x, pose.y]), points, a, b)
    starts_inside = _inside(np.array([[pose.x, pose.y]]), a, b)[0]
    low, high = _stretch(pose.height_m, z, obstacle.base_m, obstacle.top_m)
    marks = np.sort(np.column_stack([np.zeros(len(points)), crossings, np.ones(len(points))]), axis=1)
    inside_now = np.arange(marks.shape[1] - 1) % 2 == (0 if starts_inside else 1)
    begin, end = marks[:, :-1], np.minimum(marks[:, 1:], 1.0)
    overlap = np.minimum(end, high) - np.maximum(begin, low)
    hidden = ((overlap > 0) & inside_now).any(axis=1)
    if obstacle.base_m <= z < obstacle.top_m:
        hidden |= _inside(points, a, b)
    return hidden


def _crossings(eye, points, a, b):
    """(n, m): how far along eye -> point the line crosses each edge; 2 where it does not."""
    dx, dy = (points - eye).T[:, :, None]
    ex, ey = (b - a).T[:, None, :]
    ox, oy = (a - eye).T[:, None, :]
    det = dx * ey - dy * ex
    with np.errstate(divide="ignore", invalid="ignore"):
        along = (ox * ey - oy * ex) / det
        on_edge = (ox * dy - oy * dx) / det
    hit = (det != 0) & (on_edge >= 0) & (on_edge < 1) & (along > 0) & (along < 1)
    return np.where(hit, along, 2.0)


def _inside(points, a, b):
    """(n,) even-odd by a ray to the east."""
    px, py = points[:, 0, None], points[:, 1, None]
    straddles = (a[None, :, 1] > py) != (b[None, :, 1] > py)
    with np.errstate(divide="ignore", invalid="ignore"):
        x = a[None, :, 0] + (py - a[None, :, 1]) * (b - a)[None, :, 0] / (b - a)[None, :, 1]
    return (straddles & (x > px)).sum(axis=1) % 2 == 1


def _stretch(height, z, base, top):
    """The part of the way from the lens to the target during which the line is between base and top."""
    if z == height:
        return (0.0, 1.0) if base < height < top else (1.0, 0.0)
    one, two = (base - height) / (z - height), (top - height) / (z - height)
    return max(0.0, min(one, two)), min(1.0, max(one, two))


def mismatches(site, camera, period, level, target, region, points, band_m, blocks=None):
    """Points where the region and the judge disagree although the judge says the same all round at `band_m`."""
    said = shapely.contains_xy(region, points[:, 0], points[:, 1])
    truth = judge(site, camera, period, level, target, points, blocks)
    doubtful = np.flatnonzero(said != truth)
    if not len(doubtful):
        return points[:0]
    angles = np.arange(16) * (math.pi / 8)
    ring = np.concatenate(
        [[[0, 0]]] + [f * band_m * np.column_stack([np.cos(angles), np.sin(angles)]) for f in (0.5, 1)]
    )
    around = (points[doubtful][:, None, :] + ring[None]).reshape(-1, 2)
    again = judge(site, camera, period, level, target, around, blocks).reshape(len(doubtful), -1)
    steady = (again == truth[doubtful][:, None]).all(axis=1)
    return points[doubtful[steady]]
