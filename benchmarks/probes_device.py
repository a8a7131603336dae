"""What the device look costs: 1,000 cameras through onvif-zeep's service definitions, in processor time and memory.

The devices are a process of their own, so that only the looker is counted. `probes.py` prints these rows with its own.
"""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "probes"), str(ROOT / "probes")]

import psutil  # noqa: E402
from onvif_peers import NOT_SUPPORTED, OnvifCamera, services, soap  # noqa: E402
from peers import Peer  # noqa: E402

from cammon_probes.device import device  # noqa: E402
from cammon_probes.model import Credential, Deadline, Endpoint, Reading  # noqa: E402

LOGIN = Credential("bench", "viewer", "bench-password")
CAMERAS = 1000
Row = tuple[str, float, float, str]


def onvif_rows() -> Iterator[Row]:
    """Device facts of many cameras: the service definitions are parsed once, then each camera is cheap."""
    with devices() as ports:
        begun_s, wall_s = time.process_time(), time.perf_counter()
        look(Endpoint("first", "127.0.0.1", onvif_port=ports[0], credential=LOGIN))
        first = 1000 * (time.process_time() - begun_s), 1000 * (time.perf_counter() - wall_s)
        yield "device facts, the first camera of a process", *first, "parses the WSDL"
        for what, port in zip(("8 requests, WS-UsernameToken", "10 requests, Media2"), ports, strict=True):
            yield many(f"device facts, each of {CAMERAS} ({what})", port)


def many(what: str, port: int) -> Row:
    """Each camera has an endpoint of its own, and what is known of it is kept."""
    endpoints = [Endpoint(f"CAM{n}", "127.0.0.1", onvif_port=port, credential=LOGIN) for n in range(CAMERAS)]
    before, kept = psutil.Process().memory_info().rss, []
    begun_s, wall_s = time.process_time(), time.perf_counter()
    for endpoint in endpoints:
        kept.append(look(endpoint))
    cpu_ms = 1000 * (time.process_time() - begun_s) / CAMERAS
    wall_ms = 1000 * (time.perf_counter() - wall_s) / CAMERAS
    grown_mb = (psutil.Process().memory_info().rss - before) / CAMERAS / 1e6
    return what, cpu_ms, wall_ms, f"must: 10 CPU; {grown_mb:.3f} MB (must: 0.1)"


def look(endpoint: Endpoint) -> Reading:
    """One look that must go well."""
    reading = device(endpoint, datetime.now(UTC), Deadline.after(10.0, time.monotonic))
    assert reading.ok, reading
    assert reading.device is not None
    assert reading.device.stream_uri, reading
    return reading


@contextlib.contextmanager
def devices() -> Iterator[list[int]]:
    """The ports of the devices in the other process."""
    command = [sys.executable, __file__, "--serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield [int(port) for port in process.stdout.readline().split()]
        process.stdin.close()


def serve() -> None:
    """Two devices that check logins, one without Media, until standard input closes."""
    owner = (LOGIN.username, LOGIN.password)
    media2 = {"GetCapabilities": NOT_SUPPORTED, "GetServices": soap(services(media2="http://127.0.0.1/onvif/media2"))}
    print(*(Peer(OnvifCamera(owner, answers=answers)).port for answers in ({}, media2)), flush=True)
    sys.stdin.read()


def main() -> None:
    """Prints the rows."""
    print(f"{'what':64s} {'CPU ms':>8s} {'wall ms':>8s}  note")
    for what, cpu_ms, wall_ms, note in onvif_rows():
        print(f"{what:64s} {cpu_ms:8.2f} {wall_ms:8.2f}  {note}", flush=True)


if __name__ == "__main__":
    serve() if "--serve" in sys.argv else main()
