"""Manifests and pictures, drawn."""

import json
import struct
import zlib

import cv2
import numpy as np


def scene(width=640, height=360, seed=1, blocks=40):
    """A still of boxes with soft edges and a little noise: enough structure for every check."""
    rng = np.random.default_rng(seed)
    picture = np.full((height, width, 3), 110, np.uint8)
    for _ in range(blocks):
        corner = rng.integers(0, [width, height])
        size = rng.integers(8, max(9, width // 5), 2)
        colour = tuple(int(value) for value in rng.integers(20, 235, 3))
        cv2.rectangle(picture, tuple(map(int, corner)), tuple(map(int, corner + size)), colour, -1)
    picture = cv2.GaussianBlur(picture, (3, 3), 0.7)
    return np.clip(picture + rng.normal(0, 1.5, picture.shape), 0, 255).astype(np.uint8)


def jpeg(picture, quality=90):
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def png(picture):
    return cv2.imencode(".png", picture)[1].tobytes()


def png_header(width, height):
    """A PNG that claims a size and holds nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


def written(folder, files, tests, cameras=None):
    """A folder with a manifest and its files."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    about = {"version": 1, "cameras": {"C1": {"refs": []}} if cameras is None else cameras, "tests": tests}
    (folder / "manifest.json").write_text(json.dumps(about))
    return folder
