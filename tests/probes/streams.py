"""Drawn pictures and video of them, as cameras send it."""

from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray


def drawn(width: int, height: int, seed: int = 1) -> NDArray[np.uint8]:
    """A yard: sky, ground with texture, boxes with edges, a little noise (height x width x 3, BGR)."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((height, width, 3), np.float32)
    picture[: height // 3] = np.linspace(225, 190, height // 3)[:, None, None] * np.array([1.0, 0.93, 0.85])
    picture[height // 3 :] = np.linspace(80, 130, height - height // 3)[:, None, None]
    picture[height // 3 :] += rng.normal(0, 14, (height - height // 3, width, 1)).astype(np.float32)
    for _ in range(14):
        x, y = int(rng.integers(0, width * 0.9)), int(rng.integers(height * 0.2, height * 0.8))
        w, h = int(rng.integers(width * 0.04, width * 0.2)), int(rng.integers(height * 0.06, height * 0.3))
        box = picture[y : y + h, x : x + w]
        box[:] = rng.uniform(40, 220, 3)
        box[::6] *= 0.8
        box[:, ::9] *= 0.85
    picture += rng.normal(0, 1.5, picture.shape).astype(np.float32)
    return np.clip(picture, 0, 255).astype(np.uint8)


def encoded(
    picture: NDArray[np.uint8], codec: str = "libx264", frames: int = 10, gop: int = 5, slices: int = 1
) -> list[bytes]:
    """Access units (Annex B where the codec has it) of a still picture, a keyframe every `gop` frames."""
    context = av.CodecContext.create(codec, "w")
    context.height, context.width = picture.shape[:2]
    context.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    context.time_base = Fraction(1, 10)
    context.framerate = Fraction(10, 1)
    context.gop_size = gop
    if codec == "libx264":
        context.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "crf": "20",
            "x264-params": f"log-level=none:slices={slices}",
        }
    elif codec == "libx265":
        context.options = {"preset": "ultrafast", "tune": "zerolatency", "x265-params": f"log-level=none:keyint={gop}"}
    units = []
    for index in range(frames):
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
        frame.pts = index
        units += [bytes(packet) for packet in context.encode(frame)]
    return units + [bytes(packet) for packet in context.encode(None)]
