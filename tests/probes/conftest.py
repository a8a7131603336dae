import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from peers import Peer
from probe_logins import LOGIN
from streams import drawn, encoded

from cammon_probes.decode import keyframe
from cammon_probes.model import Deadline, Endpoint, Reading


@pytest.fixture
def peer() -> Iterator[Callable[..., Peer]]:
    """Starts peers that end with the test."""
    started: list[Peer] = []

    def start(serve: Callable[[Any], None], **options: Any) -> Peer:
        started.append(Peer(serve, **options))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def look() -> Callable[..., Reading]:
    """Runs a probe against a port of 127.0.0.1 and holds it to its deadline."""

    def run(prober: Callable[..., Reading], port: int, deadline_s: float = 2.0, **about: Any) -> Reading:
        options = about.pop("options", {})
        endpoint = Endpoint("CAM01", about.pop("host", "127.0.0.1"), rtsp_port=port, **about)
        begun_s = time.monotonic()
        reading = prober(endpoint, datetime.now(UTC), Deadline.after(deadline_s, time.monotonic), **options)
        assert time.monotonic() - begun_s < deadline_s + 1.0, "a look ends a second after its deadline at most"
        assert reading.camera == "CAM01"
        return reading

    return run


@pytest.fixture(scope="session", autouse=True)
def _decoders() -> None:
    """A decoder that runs already, as in a service: looks are held to their time here."""
    keyframe("h264", b"")


@pytest.fixture(scope="session")
def yard() -> np.ndarray:
    """A drawn picture of 320 x 192."""
    return drawn(320, 192)


@pytest.fixture(scope="session")
def yard_h264(yard: np.ndarray) -> list[bytes]:
    """Access units of the yard in H.264, a keyframe every five."""
    return encoded(yard)


@pytest.fixture(scope="session")
def gst(tmp_path_factory: pytest.TempPathFactory, yard: np.ndarray) -> Iterator[Callable[..., int]]:
    """The port of a gst-rtsp-server with the login asked for: "", "digest" or "basic"."""
    folder = tmp_path_factory.mktemp("gst")
    for name in ("yard", "yard2"):
        (folder / f"{name}.h264").write_bytes(b"".join(encoded(yard)))
    (folder / "yard265.h265").write_bytes(b"".join(encoded(yard, "libx265")))
    running: dict[str, tuple[subprocess.Popen[str], int]] = {}

    def start(method: str, hosts: str = "127.0.0.1") -> int:
        if method + hosts not in running:
            process = subprocess.Popen(
                ["/usr/bin/python3", str(Path(__file__).with_name("gst_server.py")), hosts, str(folder), method],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "PEER_USER": LOGIN.username, "PEER_PASSWORD": LOGIN.password},
            )
            assert process.stdout is not None
            running[method + hosts] = process, int(process.stdout.readline())
        return running[method + hosts][1]

    yield start
    for process, _ in running.values():
        assert process.stdin is not None
        process.stdin.close()
        process.wait(10)
