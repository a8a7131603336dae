"""A look that cammon itself cannot finish changes nothing of the camera: it is made again."""

from pathlib import Path

import pytest

from cammon.clock import SystemClock
from cammon.service.schedule import Due, Plan, Schedule
from cammon.service.service import Service
from cammon.sitefiles import read_site
from cammon.store.opening import Store
from cammon_probes.model import ProbeKind
from cammon_probes.unfinished import DecodersBusy, LoginBusy, LookUnfinished


@pytest.mark.parametrize(("lacks", "late"), [(DecodersBusy, True), (LoginBusy, False)])
def test_a_look_that_is_not_finished(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch, lacks: type[LookUnfinished], late: bool
) -> None:
    (tmp_path / "site.toml").write_text('name = "x"\n[self_check]\nown_camera = false\n')
    (tmp_path / "cameras.csv").write_text("id,address\nC1,127.0.0.1\n")
    site = read_site(tmp_path).site
    assert site is not None
    service = Service(site, store, SystemClock())

    def look(*_: object) -> None:
        raise lacks

    monkeypatch.setattr(service._looker, "look", look)
    monkeypatch.setattr(service._recorder, "take", lambda *_: pytest.fail("there is nothing to record"))
    now = service.clock.monotonic()
    plan = Plan("C1", site.probing(site.cameras[0]), frozenset({ProbeKind.LIVENESS}))
    service._schedule = Schedule([plan], now)
    (due,) = service._schedule.due(now + 20.0)
    service._work(due)()
    assert service._schedule.due(now) == []
    later = now + 60.0
    assert (service._schedule.late_s(later) > 0.0) is late
    again: list[Due] = service._schedule.due(later)
    assert [(one.kind, one.due_s, one.excused) for one in again] == [(due.kind, due.due_s, not late)]
    assert service.present.healths == {}
