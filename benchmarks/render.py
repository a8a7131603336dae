"""What the pictures of the virtual cameras cost: once for a site, once for a camera and size, and for every frame.

python benchmarks/render.py [SITE]
"""

import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from cammon.sitefiles.reader import read_site
from cammon.virtual.render import Renderer, render_static
from cammon_coverage.model import Camera, Period, Projection, Scene

AT = datetime(2024, 5, 6, 14, 3, 22, tzinfo=UTC)
SIZES = ((640, 360), (1280, 720), (1920, 1080))
FRAMES = 40


def cpu_ms(work: Callable[[], object], times: int = 1) -> float:
    """Processor time of one call, in milliseconds."""
    start = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - start) * 1000 / times


def main() -> None:
    """Print one table."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "config" / "demo-mine"
    site = read_site(folder).site
    if site is None:
        sys.exit(f"{folder} cannot be read; see: cammon check {folder}")
    scene = site.scene
    flat = [camera for camera in scene.cameras if camera.lens.projection is Projection.RECTILINEAR][:8]
    round_ = [camera for camera in scene.cameras if camera.lens.projection is Projection.FISHEYE][:1]
    renderer = Renderer(scene)
    first = cpu_ms(lambda: renderer.frame(flat[0].id, 64, 36, AT, 0.0, Period.DAY))
    print(
        f"{len(scene.obstacles)} obstacles, {len(scene.cameras)} cameras; processor time in ms, {os.cpu_count()} cores"
    )
    print(f"once for the site: {first:.0f}")
    print(f"{'lens':12} {'size':>10} {'geometry':>9} {'cold day':>9} {'cold night':>10} {'frame':>7}")
    for name, cameras in (("rectilinear", flat), ("fisheye", round_)):
        for size in SIZES:
            if cameras:
                print(f"{name:12} {size[0]:5}x{size[1]:<4} " + row(renderer, scene, cameras, size))
    print(f"largest memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    print(f"kept still pictures: {renderer.forget_unused(0.0) / 2**20:.0f} MB")


def row(renderer: Renderer, scene: Scene, cameras: list[Camera], size: tuple[int, int]) -> str:
    """Means over the cameras."""
    geometry = sum(cpu_ms(lambda one=one: render_static(scene, one, *size)) for one in cameras) / len(cameras)
    cold = [mean_cold_ms(renderer, cameras, size, period) for period in Period]
    seeds = iter(range(10**9))

    def frame(one: Camera) -> None:
        seed = next(seeds)
        renderer.frame(one.id, *size, AT, seed / 5, Period.DAY, {}, seed)

    frames = sum(cpu_ms(lambda one=one: frame(one), FRAMES) for one in cameras) / len(cameras)
    return f"{geometry:9.0f} {cold[0]:9.0f} {cold[1]:10.0f} {frames:7.1f}"


def mean_cold_ms(renderer: Renderer, cameras: list[Camera], size: tuple[int, int], period: Period) -> float:
    """The first frame of a camera at a size, mean over the cameras."""
    return sum(cpu_ms(lambda one=one: renderer.frame(one.id, *size, AT, 0.0, period)) for one in cameras) / len(cameras)


if __name__ == "__main__":
    main()
