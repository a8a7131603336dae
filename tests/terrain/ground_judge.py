"""A second opinion on what a camera sees over uneven ground: it marches along every line in small steps.

It shares no code with the rooms. Heights are those of two triangles per cell, found by weights of the corners.
"""

import math

import numpy as np
import shapely

STEP = 0.04
"""Steps along a line, in cells."""

CHUNK = 400


class Judge:
    """`heights` (rows, columns) from (x0, y0), `cell` apart; `prisms`: (footprint, base, top) above the datum."""

    def __init__(self, heights, x0, y0, cell, prisms=(), lit=(), model="iec-flat"):
        self.heights, self.x0, self.y0, self.cell = np.asarray(heights, dtype=float), x0, y0, cell
        self.prisms, self.lit, self.model = prisms, lit, model

    def ground(self, x, y):
        """Heights at plan places of any shape, NaN beyond the outer nodes."""
        u, v = (x - self.x0) / self.cell, (y - self.y0) / self.cell
        rows, columns = self.heights.shape
        out = (u < 0) | (v < 0) | (u > columns - 1) | (v > rows - 1)
        i = np.clip(np.floor(u), 0, columns - 2).astype(int)
        j = np.clip(np.floor(v), 0, rows - 2).astype(int)
        a, b = u - i, v - j
        sw, ne = self.heights[j, i], self.heights[j + 1, i + 1]
        se, nw = self.heights[j, i + 1], self.heights[j + 1, i]
        lower = sw + a * (se - sw) + b * (ne - se)
        upper = sw + b * (nw - sw) + a * (ne - nw)
        return np.where(out, np.nan, np.where(a >= b, lower, upper))

    def sees(self, camera, period, level, target, points):
        """(n,) booleans for plan points (n, 2); the camera's height and the target's are above local ground."""
        points = np.asarray(points, dtype=float)
        lens = np.array([camera.pose.x, camera.pose.y, 0.0])
        lens[2] = self.ground(lens[0], lens[1]) + camera.pose.height_m
        under = self.ground(points[:, 0], points[:, 1])
        seen = np.ones(len(points), dtype=bool)
        for z in (target.z0_m, target.z1_m):
            seen &= self._in_view(camera, lens, period, level, np.column_stack([points, under + z]))
        for z in (target.z0_m, target.z1_m):
            for at in range(0, len(points), CHUNK):
                part = np.flatnonzero(seen[at : at + CHUNK]) + at
                if len(part):
                    seen[part] = self._clear(lens, np.column_stack([points[part], under[part] + z]))
        return seen

    def _in_view(self, camera, lens, period, level, ends):
        pose, optics = camera.pose, camera.lens
        east, north, rise = (ends - lens).T
        bearing, tilt = math.radians(pose.azimuth_deg), math.radians(pose.tilt_deg)
        ahead = east * math.sin(bearing) + north * math.cos(bearing)
        right = east * math.cos(bearing) - north * math.sin(bearing)
        depth = ahead * math.cos(tilt) - rise * math.sin(tilt)
        above = ahead * math.sin(tilt) + rise * math.cos(tilt)
        slant = np.sqrt(east**2 + north**2 + rise**2)
        if optics.projection == "fisheye":
            half = math.radians(optics.hfov_deg) / 2
            ok = np.arctan2(np.hypot(right, above), depth) <= half
            ok &= optics.width_px / (2 * half * slant) >= level
        else:
            wide = math.tan(math.radians(optics.hfov_deg / 2))
            high = wide * optics.height_px / optics.width_px
            ok = (depth > 0) & (np.abs(right) <= depth * wide) & (np.abs(above) <= depth * high)
            distance = 2 * wide * np.abs(depth) if self.model == "iec-flat" else 2 * math.atan(wide) * slant
            ok &= optics.width_px / distance >= level
        if period == "night":
            lamps = np.zeros(len(ends), dtype=bool)
            for area in self.lit:
                lamps |= shapely.contains_xy(area, ends[:, 0], ends[:, 1])
            ok &= lamps | (slant <= (optics.night_range_m or 0))
        return ok

    def _clear(self, lens, ends):
        longest = np.hypot(*(ends - lens)[:, :2].T).max()
        share = np.linspace(0, 1, max(50, int(longest / self.cell / STEP)))[1:-1]
        x, y, z = (lens[k] + share[None, :] * (ends[:, k, None] - lens[k]) for k in range(3))
        clear = (self.ground(x, y) <= z + 1e-3).all(axis=1)
        for footprint, base, top in self.prisms:
            inside = shapely.contains_xy(footprint, x.ravel(), y.ravel()).reshape(x.shape)
            clear &= ~(inside & (z > base) & (z < top)).any(axis=1)
            at_end = shapely.contains_xy(footprint, ends[:, 0], ends[:, 1]) & (ends[:, 2] >= base) & (ends[:, 2] < top)
            clear &= ~at_end
        return clear

    def mismatches(self, camera, period, level, target, region, points):
        """Points where the two differ although the judge says the same at their node and within a cell of them."""
        said = shapely.contains_xy(region, points[:, 0], points[:, 1])
        truth = self.sees(camera, period, level, target, points)
        doubtful = np.flatnonzero(said != truth)
        if not len(doubtful):
            return points[:0]
        turn = np.arange(12) * (math.pi / 6)
        ring = [r * self.cell * np.column_stack([np.cos(turn), np.sin(turn)]) for r in (0.35, 0.72, 1.1)]
        around = points[doubtful][:, None, :] + np.concatenate(ring)[None]
        x0_y0 = np.array([self.x0, self.y0])
        node = np.round((points[doubtful] - x0_y0) / self.cell) * self.cell + x0_y0
        around = np.concatenate([around, node[:, None, :]], axis=1)
        again = self.sees(camera, period, level, target, around.reshape(-1, 2)).reshape(len(doubtful), -1)
        return points[doubtful[(again == truth[doubtful][:, None]).all(axis=1)]]
