"""The simulated fleets that probes_fleet.py lets cammon watch: virtual cameras from memory, one process.

    python benchmarks/fleet_worlds.py fleet COUNT SICK(0|1) [--come-and-go SECONDS]
    python benchmarks/fleet_worlds.py recorder CHANNELS SESSIONS

Each prints `ready` when everything listens and ends when standard input closes. `recorder` stands behind a relay that
counts what goes over the wire, and prints its measurements as JSON at the end.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
for room in ("", "coverage", "probes", "web"):
    sys.path.insert(0, str(ROOT / room))

from cammon.virtual.fleet import Fleet  # noqa: E402
from cammon.virtual.model import CameraSpec, FleetOptions, Login, StreamSpec  # noqa: E402
from cammon.virtual.pattern import TestPattern  # noqa: E402
from cammon.virtual.switchboard import Scope  # noqa: E402
from cammon_probes.model import Frame  # noqa: E402

LOGIN = Login("viewer", "fleet-password", name="fleet")
SICK = (("mute", 0.10), ("power_loss", 0.05), ("offline", 0.05))
"""Answer nothing; drop every SYN; refuse the connection."""
GOING = ("offline", "mute", "black", "no_packets", "refuses_login", "frozen", "clock_skew")
"""Faults that come and go in a soak."""
GOING_SHARE = 0.03
RECORDER = ("127.90.0.1", 8554)
BEHIND = ("127.90.0.2", 8554)
BIN_S = 0.01
STONE_PX = 3


def specs(count: int) -> list[CameraSpec]:
    """`count` cameras, each on an address of its own, with a main and a sub stream and a device service."""
    return [
        CameraSpec(
            id=f"F{number:05}",
            host=f"127.{80 + number // 62500}.{number // 250 % 250}.{number % 250 + 1}",
            rtsp_port=8554,
            onvif_port=8080,
            main=StreamSpec("/main", 1920, 1080),
            sub=StreamSpec("/sub", 640, 360),
            login=LOGIN,
            switch=f"SW{number // 24}",
        )
        for number in range(count)
    ]


def sick(cameras: list[CameraSpec]) -> dict[str, str]:
    """Camera -> fault, for a fifth of them, drawn once and for all."""
    drawn = random.Random(7).sample([camera.id for camera in cameras], len(cameras))
    found: dict[str, str] = {}
    for fault, share in SICK:
        for _ in range(round(share * len(cameras))):
            found[drawn.pop()] = fault
    return found


def channels(count: int, at: tuple[str, int]) -> list[CameraSpec]:
    """The channels of one recorder."""
    return [
        CameraSpec(
            id=f"CH{number:02}",
            host=at[0],
            rtsp_port=at[1],
            onvif_port=None,
            main=StreamSpec(f"/ch{number:02}/main", 1920, 1080),
            sub=StreamSpec(f"/ch{number:02}/sub", 640, 360),
            login=LOGIN,
            recorder="NVR1",
        )
        for number in range(1, count + 1)
    ]


async def ended() -> None:
    """When whoever started this one closes its standard input."""
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def run_fleet(count: int, ill: bool, come_and_go_s: float) -> None:
    """Many cameras, a fifth of them ill or a few falling ill and getting well."""
    cameras = specs(count)
    fleet = Fleet(cameras, options=FleetOptions(from_memory=True, max_sessions=6))
    await fleet.start()
    for camera, fault in sick(cameras).items() if ill else ():
        await fleet.put_fault(Scope.CAMERA, camera, fault)
    print("ready", flush=True)
    player = asyncio.create_task(come_and_go(fleet, come_and_go_s)) if come_and_go_s else None
    await ended()
    if player is not None:
        player.cancel()
    await fleet.stop()


async def come_and_go(fleet: Fleet, every_s: float) -> None:
    """Every so often a few cameras fall ill, those of the last time get well, and now and then a switch goes."""
    chosen = random.Random(11)
    names = list(fleet.cameras)
    while True:
        for camera in chosen.sample(names, round(GOING_SHARE * len(names))):
            await fleet.put_fault(Scope.CAMERA, camera, chosen.choice(GOING))
        switch = chosen.choice(fleet.switchboard.names(Scope.SWITCH))
        await fleet.put_fault(Scope.SWITCH, switch, "power_loss")
        await asyncio.sleep(every_s)
        await fleet.clear_all()
        await asyncio.sleep(every_s / 2)


class Gravel(TestPattern):
    """The test pattern on gravel: a key picture of 1080p has 5 Mbit, as one of a well-lit yard has."""

    def frame(self, camera_id: str, width_px: int, height_px: int, **about: Any) -> Frame:
        """The picture."""
        plain = super().frame(camera_id, width_px, height_px, **about)
        stones = np.random.default_rng(5).integers(-30, 30, (height_px // STONE_PX + 1, width_px // STONE_PX + 1))
        grain = np.kron(stones, np.ones((STONE_PX, STONE_PX), np.int16))[:height_px, :width_px, None]
        return np.clip(plain + grain, 0, 255).astype(np.uint8)


class Relay:
    """Stands between cammon and the recorder: connections open at once, and bytes by hundredths of a second."""

    def __init__(self) -> None:
        self.open = self.most = 0
        self.bytes: Counter[int] = Counter()
        self._served: set[asyncio.Task[None] | None] = set()
        """asyncio itself keeps no hold of what serves a connection"""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self._served.add(asyncio.current_task())
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            there_reader, there_writer = await asyncio.open_connection(*BEHIND)
            out = asyncio.create_task(self._pump(reader, there_writer, count=False))
            await self._pump(there_reader, writer, count=True)
            out.cancel()
            there_writer.close()
        finally:
            self.open -= 1
            writer.close()
            self._served.discard(asyncio.current_task())

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, count: bool) -> None:
        try:
            while data := await reader.read(65536):
                if count:
                    self.bytes[int(time.monotonic() / BIN_S)] += len(data)
                writer.write(data)
                await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()
        except ConnectionError:
            pass

    def peak_mbit_s(self, window_s: float = 1.0) -> float:
        """The most in any window of this length, sliding by hundredths of a second."""
        if not self.bytes:
            return 0.0
        width, first, last = round(window_s / BIN_S), min(self.bytes), max(self.bytes)
        held = most = 0
        for place in range(first, last + 1):
            held += self.bytes[place] - self.bytes[place - width]
            most = max(most, held)
        return most * 8 / 1e6 / window_s


async def run_recorder(count: int, sessions: int) -> None:
    """One recorder behind a relay."""
    fleet = Fleet(channels(count, BEHIND), Gravel(), options=FleetOptions(from_memory=True, max_sessions=sessions))
    await fleet.start()
    relay = Relay()
    server = await asyncio.start_server(relay.serve, *RECORDER)
    print("ready", flush=True)
    await ended()
    server.close()
    print(json.dumps({"most_connections": relay.most, "peak_mbit_s": relay.peak_mbit_s()}), flush=True)
    await fleet.stop()


def main() -> None:
    """Run what was asked for."""
    if len(sys.argv) < 4:
        print("(the worlds of probes_fleet.py; nothing to measure here)")
        return
    what, count, third = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    if what == "recorder":
        asyncio.run(run_recorder(count, third))
    else:
        asyncio.run(run_fleet(count, bool(third), float(sys.argv[5]) if len(sys.argv) > 5 else 0.0))


if __name__ == "__main__":
    main()
