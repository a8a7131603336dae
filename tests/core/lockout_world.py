"""The real schedule, looks and guard against virtual boxes over real sockets, under a clock that is turned by hand."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cammon.health import Health, step
from cammon.loginguard import guard_of
from cammon.service.looks import Looker
from cammon.service.references import References
from cammon.service.schedule import Due, Plan, Schedule
from cammon.sitefiles import read_site
from cammon.store.opening import Store
from cammon.store.readings import Delivery
from cammon.virtual.background import RunningFleet
from cammon_probes.model import ProbeKind
from cammon_probes.unfinished import LookUnfinished

TICK_S = 10.0
AT_ONCE = 8
"""Looks that are made at the same moment, as by the threads of the lanes."""
TOML = """name = "Lockout"
[probing]
liveness_s = 120
picture_s = 900
device_s = 7200
dead_max_s = 1200
"""


class TurnedClock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.wall = datetime(2026, 5, 4, tzinfo=UTC)
        self.seconds = 1000.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.wall += timedelta(seconds=seconds)


class World:
    """A site on a fleet. `logins` are files that hold user:password, by credential."""

    def __init__(self, folder: Path, store: Store, fleet: RunningFleet, clock: TurnedClock) -> None:
        self.folder, self.store, self.fleet, self.clock = folder, store, fleet, clock
        self.made = 0

    def write(self, cameras: Sequence[tuple[str, str]], **logins: str) -> None:
        """The site's files: (camera, credential) and what each credential is. Then start."""
        toml, rows = TOML, ["id,address,rtsp_path,sub_path,onvif_port,credential"]
        for name, login in logins.items():
            toml += f'[credentials.{name}]\nfile = "{name}.login"\n'
            self.give(name, login)
        for camera, credential in cameras:
            end = self.fleet.endpoint(camera)
            rows.append(
                f"{camera},{end.host}:{end.rtsp_port},{end.rtsp_path},{end.sub_path},{end.onvif_port},{credential}"
            )
        (self.folder / "site.toml").write_text(toml, "utf-8")
        (self.folder / "cameras.csv").write_text("\n".join(rows) + "\n", "utf-8")
        self.start()

    def give(self, credential: str, login: str) -> None:
        """What the credential holds from now on."""
        (self.folder / f"{credential}.login").write_text(login, "utf-8")

    def start(self) -> None:
        """As a service that has just been started; again: as one that was started anew."""
        site = read_site(self.folder).site
        assert site is not None
        assert all(camera.credential for camera in site.cameras)
        self.site = site
        guard = guard_of(self.store, timedelta(seconds=site.login_pause_s))
        self.looker = Looker(site, self.clock, guard, References([]), lambda _camera: None, ())
        self.healths = {camera.id: Health() for camera in site.cameras}
        plans = [Plan(camera.id, site.probing(camera), frozenset(ProbeKind)) for camera in site.cameras]
        self.schedule = Schedule(plans, self.clock.monotonic())

    def run(self, hours: float) -> None:
        """Let this much time pass."""
        end = self.clock.monotonic() + hours * 3600
        with ThreadPoolExecutor(AT_ONCE) as lanes:
            while (now := self.clock.monotonic()) < end:
                looks = self.schedule.due(now)
                for look, delivery in zip(looks, list(lanes.map(self._look, looks)), strict=True):
                    self._take(look, delivery, now)
                self.clock.sleep(TICK_S)

    def _look(self, look: Due) -> Delivery | None:
        try:
            return self.looker.look(self.site.camera(look.camera), look.kind, self.clock.now())
        except LookUnfinished:
            return None

    def _take(self, look: Due, delivery: Delivery | None, now: float) -> None:
        """What the recorder does with it, as far as logins go."""
        if delivery is None:
            self.schedule.put_off(look, now + 0.5)
            return
        self.made += 1
        camera = self.site.camera(look.camera)
        health, _ = step(self.healths[look.camera], delivery.reading, self.site.probing(camera))
        self.healths[look.camera] = health
        self.schedule.finished(look, health, now)

    def refused(self, camera: str) -> int:
        """Logins that this camera's box has refused so far; its account must not be locked."""
        told = self.fleet.state()["cameras"][camera]
        assert told["locked"] == []
        return int(told["failed_logins"])

    def seen(self) -> list[bool]:
        """Whether each camera's newest liveness and picture looks were good, in the order of the ledger."""
        return [
            not health.tracks and {ProbeKind.LIVENESS, ProbeKind.PICTURE} <= health.good_at.keys()
            for health in self.healths.values()
        ]
