"""What virtual cameras cost: start, idling, looks, and thousands of them from memory.

The fleet runs in a process of its own; its processor time is read from /proc, the viewer's is not in it.
"""

import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import av
import psutil

ROOT = Path(__file__).resolve().parent.parent
for room in ("", "coverage", "probes", "web"):
    sys.path.insert(0, str(ROOT / room))

from cammon.sitefiles import read_site  # noqa: E402
from cammon.virtual.background import running_fleet  # noqa: E402
from cammon.virtual.model import FleetOptions, Login  # noqa: E402
from cammon.virtual.pattern import TestPattern  # noqa: E402
from cammon.virtual.run import SitePictures  # noqa: E402
from cammon.virtual.specs import many, specs_of  # noqa: E402
from cammon_probes.liveness import liveness  # noqa: E402
from cammon_probes.model import Deadline, Endpoint  # noqa: E402

LOGIN = ("viewer", "word")
IDLE_S = 10.0
OPTIONS = {"rtsp_transport": "tcp", "analyzeduration": "0", "probesize": "32", "fpsprobesize": "0"}


def serve(kind: str, count: int, pipe: Connection) -> None:
    """The process of the fleet: tells its start time and endpoints, ends when told."""
    if kind == "memory":
        cameras = list(many(count, login=Login(*LOGIN)))
        pictures, options = TestPattern(), FleetOptions(from_memory=True)
    else:
        site = read_site(ROOT / "config" / "demo-mine").site
        assert site is not None
        cameras = list(specs_of(site, dict.fromkeys(site.credentials, LOGIN)))
        pictures, options = SitePictures(site), FleetOptions(control_port=0)
    start = time.perf_counter()
    with running_fleet(cameras, pictures, options) as fleet:
        took = time.perf_counter() - start
        pipe.send((took, [fleet.endpoint(camera.id) for camera in cameras]))
        pipe.recv()


@contextmanager
def fleet_process(kind: str, count: int = 0):
    """Start time, endpoints and process of a fleet."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(kind, count, theirs))
    process.start()
    try:
        took, endpoints = ours.recv()
        yield took, endpoints, psutil.Process(process.pid)
        ours.send("end")
        process.join(10)
    finally:
        process.kill()


def cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def url(endpoint: Endpoint, path: str) -> str:
    assert endpoint.credential is not None
    login = f"{endpoint.credential.username}:{endpoint.credential.password}"
    return f"rtsp://{login}@{endpoint.host}:{endpoint.rtsp_port}{path}"


def first_picture(endpoint: Endpoint, path: str) -> None:
    with closing(av.open(url(endpoint, path), options=OPTIONS, timeout=(10, 10))) as container:
        next(container.decode(video=0))


def measured(process: psutil.Process, looks: list[Callable[[], None]], threads: int = 1) -> tuple[float, float, float]:
    """Median wall ms of a look, its processor ms in the fleet, and looks per second."""
    before, start = cpu_s(process), time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        walls = list(pool.map(_timed, looks))
    took = time.perf_counter() - start
    return 1e3 * statistics.median(walls), 1e3 * (cpu_s(process) - before) / len(looks), len(looks) / took


def _timed(look: Callable[[], None]) -> float:
    start = time.perf_counter()
    look()
    return time.perf_counter() - start


def report(what: str, wall_ms: float, cpu_ms: float, rate: float) -> None:
    print(f"{what:46} {wall_ms:8.1f} ms wall {cpu_ms:8.2f} ms cpu {rate:8.1f} /s")


def idle(process: psutil.Process, what: str) -> None:
    before = cpu_s(process)
    time.sleep(IDLE_S)
    share = (cpu_s(process) - before) / IDLE_S
    memory = process.memory_info().rss / 2**20
    print(f"{what:46} {100 * share:8.2f} % of a core, {memory:.0f} MiB resident, {process.num_fds()} files")


def demo() -> None:
    """The demo site with rendered pictures."""
    with fleet_process("demo") as (took, endpoints, process):
        print(f"{f'{len(endpoints)} cameras of the demo site listen after':46} {1e3 * took:8.1f} ms")
        idle(process, "idle, before any look")
        for name in ("sub", "main"):
            for round_ in ("first", "second"):
                looks = [
                    lambda endpoint=endpoint, name=name: first_picture(
                        endpoint, endpoint.rtsp_path if name == "main" else endpoint.sub_path or endpoint.rtsp_path
                    )
                    for endpoint in endpoints
                ]
                report(f"PLAY to first picture, {name}, {round_} round", *measured(process, looks))
        idle(process, "idle, after looks at all of them")
        with closing(av.open(url(endpoints[0], endpoints[0].sub_path or ""), options=OPTIONS, timeout=(10, 10))) as one:
            stream = one.decode(video=0)
            next(stream)
            before, start = cpu_s(process), time.perf_counter()
            while time.perf_counter() - start < 10.0:
                next(stream)
            share = (cpu_s(process) - before) / (time.perf_counter() - start)
        print(f"{'one viewer of a sub stream at 5 fps':46} {100 * share:8.2f} % of a core")


def memory(count: int) -> None:
    """Many cameras on addresses of their own."""
    with fleet_process("memory", count) as (took, endpoints, process):
        print(f"{f'{count} cameras from memory listen after':46} {1e3 * took:8.1f} ms")
        idle(process, "idle")
        describes = [lambda endpoint=endpoint: describe(endpoint) for endpoint in endpoints]
        report("DESCRIBE with login, 8 at once", *measured(process, describes, threads=8))
        plays = [lambda endpoint=endpoint: first_picture(endpoint, endpoint.rtsp_path) for endpoint in endpoints[:400]]
        report("PLAY to first picture, 8 at once", *measured(process, plays, threads=8))
        idle(process, "idle, after looks")


def describe(endpoint: Endpoint) -> None:
    """The liveness probe of cammon itself: DESCRIBE, challenge, DESCRIBE."""
    reading = liveness(endpoint, datetime.now(UTC), Deadline.after(10.0, time.monotonic))
    assert reading.ok, reading


if __name__ == "__main__":
    demo()
    memory(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
