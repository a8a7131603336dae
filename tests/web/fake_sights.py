"""What the cameras of the fake mine see: sectors for its map, pictures for its pages."""

import hashlib
import math

import cv2
import numpy as np
from shapely import Point, Polygon


def sector(camera) -> Polygon:
    half = camera.hfov_deg / 2
    angles = np.radians(np.linspace(camera.azimuth_deg - half, camera.azimuth_deg + half, 12))
    rim = [(camera.x + camera.range_m * math.sin(a), camera.y + camera.range_m * math.cos(a)) for a in angles]
    return Polygon([(camera.x, camera.y), *rim]).union(Point(camera.x, camera.y).buffer(0.5))


def ring(polygon: Polygon) -> tuple[tuple[float, float], ...]:
    return tuple(polygon.exterior.coords[:-1])


def rings(geometry) -> tuple[tuple[tuple[float, float], ...], ...]:
    parts = getattr(geometry, "geoms", [geometry])
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return tuple(tuple(ring.coords[:-1]) for ring in rings)


def jpeg(camera_id: str, fault: str) -> bytes:
    """A grey yard with a building, as this camera might show it."""
    seed = int(hashlib.sha256(camera_id.encode()).hexdigest()[:6], 16)
    random = np.random.default_rng(seed)
    frame = np.full((270, 480, 3), (190, 185, 178), np.uint8)
    frame[120:] = (110, 122, 128)
    left = int(random.integers(20, 260))
    cv2.rectangle(frame, (left, 60), (left + 170, 190), (95, 100, 112), -1)
    cv2.rectangle(frame, (left + 60, 120), (left + 100, 190), (50, 55, 60), -1)
    cv2.line(frame, (0, 240), (480, 200), (150, 160, 165), 3)
    if fault == "blur":
        frame = cv2.GaussianBlur(frame, (0, 0), 7)
    if fault == "black":
        frame[:] = 6
    noise = random.normal(0, 4, frame.shape)
    frame = np.clip(frame + noise, 0, 255).astype(np.uint8)
    cv2.putText(frame, "2026-03-04 12:28:11", (10, 22), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (235, 235, 235), 1, cv2.LINE_AA)
    done, encoded = cv2.imencode(".jpg", frame)
    assert done
    return encoded.tobytes()
