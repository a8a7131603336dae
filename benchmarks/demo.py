"""The demo as a newcomer starts it: time until the page is up, until every camera was looked at, and the CPU it takes.

    python benchmarks/demo.py [--watch SECONDS]

Prints a table; every figure is measured on the real processes (`cammon demo` and its virtual cameras).
"""

import argparse
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable

import psutil
import requests

CAMERAS = 24
GIVE_UP_S = 120.0


def free_port() -> int:
    """A port that nobody uses just now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def waited_for(holds: Callable[[], bool], began: float) -> float:
    """Seconds from `began` until it holds."""
    while time.monotonic() - began < GIVE_UP_S:
        if holds():
            return time.monotonic() - began
        time.sleep(0.05)
    raise SystemExit(f"not within {GIVE_UP_S:.0f} s")


def page_is_up(base: str) -> bool:
    """Whether the login page comes."""
    try:
        return requests.get(base + "/login", timeout=1).status_code == 200
    except requests.RequestException:
        return False


def cameras_up(base: str, kind: str) -> int:
    """Cameras that have a reading of this kind."""
    text = requests.get(base + "/metrics", timeout=5).text
    return len(re.findall(rf'(?m)^cammon_camera_last_reading_timestamp_seconds\{{[^}}]*kind="{kind}"', text))


def cpu_s(processes: list[psutil.Process]) -> list[float]:
    """CPU seconds of each process so far."""
    return [sum(process.cpu_times()[:2]) for process in processes]


def main() -> None:
    """Start, watch, end, print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--watch", type=float, default=60.0, help="seconds of steady running to measure")
    watch_s = options.parse_args().watch
    port, control = free_port(), free_port()
    base = f"http://127.0.0.1:{port}"
    began = time.monotonic()
    command = [sys.executable, "-m", "cammon", "demo", f"--port={port}", f"--control-port={control}"]
    demo = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        rows = [("page up", waited_for(lambda: page_is_up(base), began), "s", "5")]
        for kind in ("liveness", "picture"):
            took_s = waited_for(lambda kind=kind: cameras_up(base, kind) == CAMERAS, began)
            rows.append((f"every camera looked at: {kind}", took_s, "s", "30"))
        time.sleep(10.0)
        service = psutil.Process(demo.pid)
        fleet = next(child for child in service.children() if "virtual" in " ".join(child.cmdline()))
        decoders = [child for child in service.children() if child != fleet]
        before = cpu_s([service, fleet, *decoders])
        time.sleep(watch_s)
        now_s = cpu_s([service, fleet, *decoders])
        spent = [(now - was) / watch_s * 100 for now, was in zip(now_s, before, strict=True)]
        rows += [
            ("CPU of the service, steady", spent[0], "% of a core", ""),
            ("CPU of the virtual cameras, steady", spent[1], "% of a core", ""),
            ("CPU of the decoders, steady", sum(spent[2:]), "% of a core", ""),
            ("CPU together", sum(spent), "% of a core", "100"),
            ("memory of the service", service.memory_info().rss / 2**20, "MiB", ""),
            ("memory of the decoders", sum(one.memory_info().rss for one in decoders) / 2**20, "MiB", ""),
            ("memory of the virtual cameras", fleet.memory_info().rss / 2**20, "MiB", ""),
        ]
        asked = time.monotonic()
    finally:
        demo.terminate()
        demo.wait()
    rows.append(("the end, after it was asked for", time.monotonic() - asked, "s", "2"))
    for name, figure, unit, target in rows:
        print(f"{name:40} {figure:9.2f} {unit:12} {'target ' + target if target else ''}")


if __name__ == "__main__":
    main()
