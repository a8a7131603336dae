"""The real service on a virtual recorder that refuses: within its limit no look is refused, and every channel comes."""

import time
from pathlib import Path

import pytest
from sqlalchemy import select

from cammon.clock import SystemClock
from cammon.service.service import Service
from cammon.sitefiles import read_site
from cammon.store.opening import Store
from cammon.store.schema import reading
from cammon.virtual.background import running_fleet
from cammon.virtual.model import CameraSpec, FleetOptions, StreamSpec

CHANNELS = 8
TOML = """name = "Recorder"
[probing]
liveness_s = 60
picture_s = 1
[self_check]
own_camera = false
"""
LIMIT = "[limits.recorder.NVR1]\nsessions = 1\n"
HOST, PORT = "127.66.7.1", 8554


def pictures(store: Store) -> list[tuple[str, str | None]]:
    """Channel and fault of every picture look so far."""
    query = select(reading.c.camera, reading.c.fault).where(reading.c.kind == "picture")
    with store.reading() as connection:
        return [(camera, fault) for camera, fault in connection.execute(query)]


@pytest.mark.parametrize("limited", [True, False], ids=["limited", "without a limit"])
def test_a_recorder_with_one_session(tmp_path: Path, store: Store, limited: bool) -> None:
    specs = [
        CameraSpec(f"CH{one}", HOST, PORT, None, StreamSpec(f"/{one}", 320, 180), None, None, recorder="NVR1")
        for one in range(CHANNELS)
    ]
    options = FleetOptions(from_memory=True, max_sessions=1, send_fps=20.0)
    rows = "".join(f"CH{one},{HOST}:{PORT},/{one},NVR1\n" for one in range(CHANNELS))
    (tmp_path / "site.toml").write_text(TOML + (LIMIT if limited else ""))
    (tmp_path / "cameras.csv").write_text("id,address,rtsp_path,recorder\n" + rows)
    site = read_site(tmp_path).site
    assert site is not None
    with running_fleet(specs, options=options):
        service = Service(site, store, SystemClock())
        service.start()
        try:
            end = time.monotonic() + 30.0
            while time.monotonic() < end:
                found = pictures(store)
                refused = [fault for _, fault in found if fault == "session_limit"]
                seen = {camera for camera, fault in found if fault is None}
                if (limited and len(found) >= 3 * CHANNELS) or (not limited and refused):
                    break
                time.sleep(0.1)
        finally:
            service.stop()
    assert bool(refused) is not limited
    assert len(seen) == CHANNELS or not limited
