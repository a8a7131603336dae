"""What is so now: healths, and the answers of coverage that follow from them. Written by the recorder alone."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from threading import Lock

from cammon.daylight import period_at
from cammon.declared import with_declared
from cammon.health import Health
from cammon.metrics import ProbeCount
from cammon.resolution import main_widths
from cammon.sight import NOT_LOOKED_AT, SELF_DOUBT, SENT_ELSEWHERE, TURNED, sight_of
from cammon.sitefiles.model import Site
from cammon.siteweather import SiteWeather
from cammon.store.places import PlaceKey
from cammon.trend import Trend
from cammon.turned import Turn, aims
from cammon.upgrades import OpenFault, UpgradeList, upgrade_list
from cammon.upgrades.planning import Prospects
from cammon_coverage.engine import CoverageModel
from cammon_coverage.model import Basis, Period, Sight, SiteAnswer, Thread
from cammon_probes.model import DeviceFacts, ProbeKind

SWEEP_EVERY = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything that coverage says at one moment, computed together so that no two pages can disagree.

    `sights` are what the cameras see, `faults` the confirmed ones behind them; `hanging` is what hangs on one thing in
    the present period; `turned` are cameras whose accepted view is not that of the ledger.
    """

    at: datetime
    period: Period
    sights: Mapping[str, Sight]
    faults: Mapping[str, tuple[OpenFault, ...]] = field(default_factory=dict)
    by_basis: Mapping[tuple[Basis, Period], SiteAnswer] = field(default_factory=dict)
    hanging: tuple[Thread, ...] = ()
    turned: Mapping[str, Turn] = field(default_factory=dict)


@dataclass(slots=True)
class Present:
    """The newest of everything, each part replaced whole: a reader that holds a part sees it unchanged."""

    model: CoverageModel | None
    """asked by one thread at a time: whoever asks holds `asking`"""
    healths: Mapping[str, Health]
    pictures: Mapping[str, tuple[str, datetime]]
    answers: Answers
    places_since: Mapping[PlaceKey, datetime] = field(default_factory=dict)
    last_reading_at: datetime | None = None
    upgrades: UpgradeList | None = None
    """follows the answers within seconds: docs/upgrades.md"""
    devices: Mapping[str, DeviceFacts] = field(default_factory=dict)
    """what each device said last"""
    asking: AbstractContextManager[bool] = field(default_factory=Lock)
    accepted: Mapping[str, DeviceFacts] = field(default_factory=dict)
    """what each device said when somebody, or its first look, took it for right"""
    probes: Mapping[ProbeKind, ProbeCount] = field(default_factory=dict)
    """since the start"""
    weather: SiteWeather | None = None
    """bad weather over the whole site, while there is"""
    trends: Mapping[str, Trend] = field(default_factory=dict)
    """what each camera's pictures are heading for, where they are"""


def sights_of(site: Site, healths: Mapping[str, Health], now: datetime) -> dict[str, Sight]:
    """What each camera of the site sees now."""
    watch = Watch(site)
    watch.refresh(healths, (), now)
    return watch.sights


class Watch:
    """What each camera sees and suffers, kept up from round to round.

    A camera whose health has changed is judged anew; all of them every few seconds, because looks grow old.
    """

    def __init__(self, site: Site) -> None:
        self._blind_severity = site.blind_severity
        self._rules = {camera.id: site.probing(camera) for camera in site.cameras}
        self._main_px = main_widths(site)
        self._aims = aims(site)
        self._swept_at: datetime | None = None
        self.sights: dict[str, Sight] = {}
        self.faults: dict[str, tuple[OpenFault, ...]] = {}

    def refresh(self, healths: Mapping[str, Health], touched: Iterable[str], now: datetime) -> bool:
        """Whether any camera sees otherwise, or has other faults, than when it was judged last."""
        if self._swept_at is None or not timedelta() <= now - self._swept_at < SWEEP_EVERY:
            self._swept_at = now
            touched = self._rules
        changed = [self._judge(camera, healths.get(camera, Health()), now) for camera in touched]
        return any(changed)

    def _judge(self, camera: str, health: Health, now: datetime) -> bool:
        rule = self._rules.get(camera)
        if rule is None:
            return False
        aim = self._aims.get(camera)
        sight = sight_of(health, rule, now, self._main_px[camera], self._blind_severity, aim)
        faults = _open_faults(health)
        before = self.sights.get(camera)
        if before is not None and _same(before, sight) and self.faults.get(camera, ()) == faults:
            return False
        self.sights[camera] = sight
        self.faults.pop(camera, None)
        if faults:
            self.faults[camera] = faults
        return True


def open_faults(healths: Mapping[str, Health]) -> dict[str, tuple[OpenFault, ...]]:
    """The confirmed faults of each camera that has any."""
    return {camera: _open_faults(health) for camera, health in healths.items() if health.confirmed}


def _open_faults(health: Health) -> tuple[OpenFault, ...]:
    return tuple(OpenFault(track.fault, track.since) for track in health.confirmed)


def answers_of(
    site: Site,
    model: CoverageModel | None,
    sights: Mapping[str, Sight],
    faults: Mapping[str, tuple[OpenFault, ...]],
    now: datetime,
) -> Answers:
    """Everything that coverage says when the cameras see this."""
    period = period_at(site.daylight, now, site.time_zone)
    if model is None:
        return Answers(now, period, sights, faults)
    by_basis = {}
    for one in Period:
        by_basis[Basis.DESIGN, one] = with_declared(site, model.design(one))
        by_basis[Basis.EFFECTIVE, one] = with_declared(site, model.effective(sights, one))
    return Answers(now, period, sights, faults, by_basis, model.threads(sights, period))


def answers_now(site: Site, model: CoverageModel, healths: Mapping[str, Health], now: datetime) -> Answers:
    """The answers that follow from stored healths."""
    answers = answers_of(site, model, sights_of(site, healths, now), open_faults(healths), now)
    return replace(answers, turned=turned_ones(healths, answers.sights))


def turned_ones(healths: Mapping[str, Health], sights: Mapping[str, Sight]) -> dict[str, Turn]:
    """How far, of the cameras that count as unknown because they were turned."""
    return {
        camera: health.turned
        for camera, health in healths.items()
        if health.turned is not None and camera in sights and sights[camera].cause == TURNED
    }


def day_of(site: Site, answers: Answers) -> date:
    """The day at the site to which answers belong."""
    return answers.at.astimezone(site.time_zone).date()


def upgrades_for(
    site: Site,
    model: CoverageModel,
    answers: Answers,
    known: Prospects | None = None,
    *,
    weather: SiteWeather | None = None,
    trends: Mapping[str, Trend] | None = None,
) -> UpgradeList:
    """The upgrade list that follows from these answers; `known` is the part of it that does not depend on health.

    Nobody cleans a lens for the fog before it; what pictures are heading for is mended before it is a fault.
    """
    # The list is about what to mend; a camera that cammon has not looked at, or not well, is nothing to mend, nor is
    # one that was sent to look elsewhere.
    unbroken = SENT_ELSEWHERE | {NOT_LOOKED_AT, SELF_DOUBT, TURNED}
    looked_at = {camera: sight for camera, sight in answers.sights.items() if sight.cause not in unbroken}
    faults = answers.faults if weather is None else _own(answers.faults, weather)
    return upgrade_list(site, model, looked_at, faults, day_of(site, answers), known, trends or {})


def _own(faults: Mapping[str, tuple[OpenFault, ...]], weather: SiteWeather) -> dict[str, tuple[OpenFault, ...]]:
    """The faults that are the cameras' own and not the weather's."""
    own = {
        camera: tuple(one for one in some if one.since is None or not weather.explains(camera, one.fault, one.since))
        for camera, some in faults.items()
    }
    return {camera: some for camera, some in own.items() if some}


def _same(before: Sight, now: Sight) -> bool:
    """Whether a camera sees what it saw; a mask is compared cell by cell."""
    return before == now and _mask(before) == _mask(now)


def _mask(sight: Sight) -> bytes:
    return b"" if sight.hidden is None else sight.hidden.tobytes()
