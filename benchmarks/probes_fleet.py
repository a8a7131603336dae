"""What it costs to watch thousands of cameras, and whether every look comes in time: whole processes on this machine.

    python benchmarks/probes_fleet.py [--rows steady sick recorder full soak] [--minutes N] [--cameras N]

`cammon serve` watches a simulated fleet (fleet_worlds.py); its processor time, memory, threads and files are those of
its process and of all that it started, the lateness of each look is read from its own store. Nothing else should run
on the machine: the fleet takes the second core.
"""

import argparse
import json
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import fleet_worlds as worlds
import psutil

ROOT = Path(__file__).resolve().parent.parent
SAMPLE_S = 5.0
INTERVAL_S = {"liveness": 30.0, "picture": 300.0}
MINUTES = {"steady": 10.0, "sick": 10.0, "recorder": 10.0, "full": 10.0, "soak": 30.0}
SETTLED_S = 300.0
"""A soak's memory is compared from here on (a third of it where it is shorter)."""


@dataclass
class Sample:
    """The service's processes at one moment, all together."""

    at_s: float
    cpu_s: float
    memory_mb: float
    threads: int
    files: int


@dataclass
class Watched:
    """What one run measured."""

    samples: list[Sample] = field(default_factory=list)
    fleet_cpu_s: float = 0.0
    looks: list[tuple[str, str, float, float]] = field(default_factory=list)
    """(camera, kind, when in seconds since 1970, how late)"""
    told: dict[str, float] = field(default_factory=dict)
    """what the world says of itself at its end"""

    @property
    def seconds(self) -> float:
        return self.samples[-1].at_s - self.samples[0].at_s

    @property
    def cpu_percent(self) -> float:
        return 100 * (self.samples[-1].cpu_s - self.samples[0].cpu_s) / self.seconds


def site_folder(folder: Path, rows: list[str], more: str = "") -> Path:
    """A site of these ledger rows."""
    site = folder / "site"
    site.mkdir()
    (folder / "login").write_text(f"{worlds.LOGIN.username}:{worlds.LOGIN.password}")
    toml = f'name = "Fleet"\n{more}\n[credentials.fleet]\nfile = "{folder / "login"}"\n'
    (site / "site.toml").write_text(toml)
    head = "id,address,rtsp_path,sub_path,onvif_port,credential,resolution,codec,switch,recorder,link"
    (site / "cameras.csv").write_text("\n".join([head, *rows]) + "\n")
    return site


def fleet_rows(count: int) -> list[str]:
    """The ledger of a fleet."""
    return [
        f"{one.id},{one.host}:{one.rtsp_port},/main,/sub,{one.onvif_port},fleet,1920x1080,h264,{one.switch},,"
        for one in worlds.specs(count)
    ]


def recorder_rows(count: int) -> list[str]:
    """The ledger of a recorder's channels."""
    rows = []
    for one in worlds.channels(count, worlds.RECORDER):
        paths = ",".join(stream.path for stream in one.streams)
        rows.append(f"{one.id},{one.host}:{one.rtsp_port},{paths},,fleet,1920x1080,h264,,NVR1,RADIO1")
    return rows


@contextmanager
def world(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A simulated world as a process of its own."""
    command = [sys.executable, str(ROOT / "benchmarks" / "fleet_worlds.py"), *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline().strip() == "ready"
    try:
        yield process
    finally:
        process.stdin.close()
        process.wait(60)


@contextmanager
def service(site: Path, store: Path, profile: Path | None) -> Iterator[subprocess.Popen[bytes]]:
    """`cammon serve` as a process."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [sys.executable, "-m", "cammon", "serve", str(site), f"--port={port}", f"--store={store}"]
    with (store.parent / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT)
    if profile is not None:
        spy = [
            "py-spy",
            "record",
            "--nonblocking",
            "--gil",
            "-r",
            "50",
            "-f",
            "raw",
            "-o",
            str(profile),
            "-p",
            str(process.pid),
        ]
        subprocess.Popen(spy, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def sampled(process: psutil.Process) -> Sample:
    """The process and all that it started."""
    family = [process, *process.children(recursive=True)]
    cpu_s = sum(sum(one.cpu_times()[:2]) for one in family)
    # Proportional: a page that several of the processes share counts once.
    memory = sum(one.memory_full_info().pss for one in family) / 1e6
    return Sample(
        time.monotonic(), cpu_s, memory, sum(map(psutil.Process.num_threads, family)), sum(map(files, family))
    )


def files(process: psutil.Process) -> int:
    """Open file descriptors."""
    return int(process.num_fds())


def watch(site: Path, arguments: list[str], minutes: float, profile: Path | None = None) -> Watched:
    """Let cammon watch a world for so long."""
    found = Watched()
    store = site.parent / "cammon.sqlite"
    with world(*arguments) as there:
        about = psutil.Process(there.pid)
        with service(site, store, profile) as here:
            mine, before, end_s = psutil.Process(here.pid), sum(about.cpu_times()[:2]), time.monotonic() + minutes * 60
            while time.monotonic() < end_s:
                found.samples.append(sampled(mine))
                time.sleep(SAMPLE_S)
            found.samples.append(sampled(mine))
            found.fleet_cpu_s = sum(about.cpu_times()[:2]) - before
        assert there.stdin is not None
        assert there.stdout is not None
        there.stdin.close()
        said = there.stdout.read().strip()
        found.told = json.loads(said) if said else {}
    found.looks = looks_in(store)
    print((site.parent / "log").read_text()[-1500:], file=sys.stderr)
    return found


def looks_in(store: Path) -> list[tuple[str, str, float, float]]:
    """Every look that was recorded."""
    with sqlite3.connect(store) as connection:
        rows = connection.execute("SELECT camera, kind, at, due_at FROM reading").fetchall()
    return [(camera, kind, seconds(at), seconds(at) - seconds(due)) for camera, kind, at, due in rows]


def seconds(text: str) -> float:
    """A time of the store in seconds since 1970."""
    return datetime.fromisoformat(re.sub(r"Z$", "+00:00", text)).timestamp()


def share(values: list[float], part: float) -> float:
    """A quantile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def longest_gap(looks: list[tuple[str, str, float, float]], kind: str) -> float:
    """The longest time between two looks of a kind at one camera."""
    times: dict[str, list[float]] = defaultdict(list)
    for camera, which, at, _ in looks:
        if which == kind:
            times[camera].append(at)
    gaps = [later - sooner for of in times.values() for sooner, later in zip(sorted(of), sorted(of)[1:], strict=False)]
    return max(gaps, default=0.0)


def tell(name: str, figure: float, unit: str, must: str = "") -> None:
    """One row of the table."""
    print(f"{name:64s} {figure:10.2f} {unit:6s} {must}", flush=True)


def tell_cost(found: Watched) -> None:
    """Processor, memory, and what was done for it."""
    done = {kind: sum(which == kind for _, which, _, _ in found.looks) for kind in ("liveness", "picture", "device")}
    tell("  looks: liveness", done["liveness"], "")
    tell("  looks: picture", done["picture"], "")
    tell("  looks: device facts", done["device"], "")
    tell("  processor", found.cpu_percent, "%", "must: 60 % of one core")
    tell("  memory, the most", max(one.memory_mb for one in found.samples), "MB", "must: 400")
    tell("  threads, the most", max(one.threads for one in found.samples), "")
    tell("  (the simulated fleet's processor)", 100 * found.fleet_cpu_s / found.seconds, "%")


def steady(folder: Path, minutes: float, cameras: int, profile: Path | None) -> None:
    """All well."""
    found = watch(site_folder(folder, fleet_rows(cameras)), ["fleet", str(cameras), "0"], minutes, profile)
    late = [one for *_, one in found.looks]
    tell_cost(found)
    tell("  lateness, the most", max(late), "s", "must: 5")
    tell("  lateness, p99", share(late, 0.99), "s")


def ill(folder: Path, minutes: float, cameras: int, profile: Path | None) -> None:
    """A tenth mute, a twentieth dropping SYN, a twentieth refusing."""
    found = watch(site_folder(folder, fleet_rows(cameras)), ["fleet", str(cameras), "1"], minutes, profile)
    dead = worlds.sick(worlds.specs(cameras))
    late = [one for camera, *_, one in found.looks if camera not in dead]
    tell_cost(found)
    tell("  lateness of the healthy, p99", share(late, 0.99), "s", "must: 5")
    tell("  lateness of the healthy, the most", max(late), "s")
    again = longest_gap([look for look in found.looks if look[0] in dead], "liveness")
    tell("  the longest time until a dead one was looked at again", again, "s", "must: 120")


LIMITS = "[limits]\nmain_mbit_s = 6\n[limits.recorder.NVR1]\nsessions = 6\n[limits.link.RADIO1]\nmbit_s = 20\n"
FULL = '[probing]\npicture_stream = "main"\npicture_s = 50\n'


def recorder(folder: Path, minutes: float, _cameras: int, profile: Path | None) -> None:
    """64 channels, 6 sessions, 20 Mbit/s."""
    tell_recorder(folder, minutes, INTERVAL_S, LIMITS, profile)


def full(folder: Path, minutes: float, _cameras: int, profile: Path | None) -> None:
    """The same, with pictures of the 1080p main streams every 50 s: about what the link bears."""
    tell_recorder(folder, minutes, {**INTERVAL_S, "picture": 50.0}, LIMITS + FULL, profile)


def tell_recorder(folder: Path, minutes: float, intervals_s: dict[str, float], toml: str, profile: Path | None) -> None:
    """Watch a recorder, and say how its limits and the intervals were kept."""
    site = site_folder(folder, recorder_rows(64), toml)
    found = watch(site, ["recorder", "64", "6"], minutes, profile)
    tell_cost(found)
    tell("  connections at once, seen by the relay", found.told["most_connections"], "", "must: 6")
    tell("  bytes on the wire, the busiest second", found.told["peak_mbit_s"], "Mbit/s", "must: 20")
    for kind, interval_s in intervals_s.items():
        seen = {camera for camera, which, *_ in found.looks if which == kind}
        tell(f"  channels looked at: {kind}", len(seen), "", "must: 64")
        tell(
            f"  the longest time between two looks: {kind}", longest_gap(found.looks, kind), "s", f"{interval_s:g} + 5"
        )
    tell("  lateness, the most", max(one for *_, one in found.looks), "s")


def soak(folder: Path, minutes: float, cameras: int, profile: Path | None) -> None:
    """Faults that come and go."""
    arguments = ["fleet", str(cameras), "0", "--come-and-go", "60"]
    found = watch(site_folder(folder, fleet_rows(cameras)), arguments, minutes, profile)
    settled_s = found.samples[0].at_s + min(SETTLED_S, found.seconds / 3)
    settled = [one for one in found.samples if one.at_s >= settled_s]
    third = max(1, len(settled) // 3)
    early, late = settled[:third], settled[-third:]
    tell_cost(found)
    for what in ("memory_mb", "files", "threads"):
        before, after = (sum(getattr(one, what) for one in part) / len(part) for part in (early, late))
        tell(f"  {what}: first third of the settled time", before, "")
        tell(f"  {what}: last third", after, "", f"{100 * (after / before - 1):+.1f} % (memory must: within 5 %)")


ROWS = {"steady": steady, "sick": ill, "recorder": recorder, "full": full, "soak": soak}


def main() -> None:
    """Run the rows asked for."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", nargs="+", choices=ROWS, default=list(ROWS))
    options.add_argument("--minutes", type=float, help="how long each row watches [10, the soak 30]")
    options.add_argument("--cameras", type=int, default=2000)
    options.add_argument("--profile", type=Path, help="a file for py-spy's raw stacks of the service")
    chosen = options.parse_args()
    for name in chosen.rows:
        minutes = chosen.minutes or MINUTES[name]
        count = 64 if name in ("recorder", "full") else chosen.cameras
        print(f"{name}: {count} cameras, {minutes:g} minutes. {ROWS[name].__doc__}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            ROWS[name](Path(folder), minutes, chosen.cameras, chosen.profile)


if __name__ == "__main__":
    main()
