"""A camera that did not answer is knocked at without its login, which the others of its host need."""

import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cammon.clock import SystemClock
from cammon.service.looks import Looker
from cammon.service.references import References
from cammon.sitefiles import read_site
from cammon_probes.model import Fault, ProbeKind


class TakenGuard:
    """A guard whose one login is in use by another look."""

    def begin(self, _host: str, _credential: object) -> None:
        return None


@pytest.mark.parametrize(("knock", "fault"), [(True, Fault.REFUSED), (False, None)], ids=["knocks", "waits"])
def test_a_dead_channel_does_not_wait_for_the_login(tmp_path: Path, knock: bool, fault: Fault | None) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refuses
        (tmp_path / "login").write_text("user:word")
        (tmp_path / "site.toml").write_text('name = "x"\n[credentials.nvr]\nfile = "login"\n')
        (tmp_path / "cameras.csv").write_text(f"id,address,credential\nC1,127.0.0.1:{taken.getsockname()[1]},nvr\n")
        site = read_site(tmp_path).site
        assert site is not None
        looker = Looker(site, SystemClock(), TakenGuard(), References([]), lambda _camera: None, ())  # type: ignore[arg-type]
        found = looker.look(site.camera("C1"), ProbeKind.LIVENESS, datetime.now(UTC), knock=knock)
    assert (None if found is None else found.reading.fault) is fault
