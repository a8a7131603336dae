"""The real service on virtual cameras: while its canary is dead, a camera that dies is unknown, never faulty."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cammon.clock import SystemClock
from cammon.health import Health
from cammon.service import service as module
from cammon.service.doubt import Cause
from cammon.service.service import Service
from cammon.sitefiles import read_site
from cammon.store import incidents
from cammon.store.opening import Store
from cammon.virtual.background import running_fleet
from cammon.virtual.model import CameraSpec, FleetOptions
from cammon_web.desk import HealthState

TOML = 'name = "Doubt"\n[probing]\nliveness_s = 1\npicture_s = 2\ndevice_s = 60\n'


def until(holds: Callable[[], bool], within_s: float = 20.0) -> None:
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_no_incident_while_cammon_doubts_itself(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        module, "OWN_PLAN", module.Plan(module.OWN, module.Probing(liveness_s=1.0), module.OWN_PLAN.kinds)
    )
    with running_fleet([CameraSpec("C1", login=None)], options=FleetOptions(from_memory=True)) as fleet:
        at = fleet.endpoint("C1")
        row = f"C1,{at.host}:{at.rtsp_port},{at.rtsp_path},{at.sub_path}"
        (tmp_path / "site.toml").write_text(TOML)
        (tmp_path / "cameras.csv").write_text(f"id,address,rtsp_path,sub_path\n{row}\n")
        site = read_site(tmp_path).site
        assert site is not None
        service = Service(site, store, SystemClock())
        service.start()
        try:
            state = lambda: service.present.healths.get("C1", Health()).state  # noqa: E731
            until(lambda: state() is HealthState.OK)
            own = service.canary()
            assert own is not None
            own.break_it()
            fleet.put("C1", "offline")
            until(lambda: state() is HealthState.UNKNOWN)
            doubt = service.doubt()
            assert doubt is not None
            assert doubt.cause is Cause.CANARY
            time.sleep(2.5)  # several bad looks more
            with store.reading() as connection:
                assert not incidents.open_ones(connection, site.id)
            own.mend()
            until(lambda: service.doubt() is None and state() is HealthState.FAULTY)
            with store.reading() as connection:
                assert [one.fault for one in incidents.open_ones(connection, site.id)] == ["refused"]
        finally:
            service.stop()
