"""Open incidents grouped by what is behind them: a switch, a recorder, a power circuit, a device, the weather, or the
camera itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cammon.sitefiles.model import LedgerCamera
from cammon.siteweather import SiteWeather
from cammon.store.incidents import Incident
from cammon.upgrades.model import OpenFault
from cammon.upgrades.shared import TRANSPORT_FAULTS, shared_failures
from cammon_probes.model import Fault

WEATHER = "weather"


@dataclass(frozen=True, slots=True)
class Cause:
    """What failed, and the incidents that follow from it, oldest first."""

    kind: str
    id: str
    incidents: tuple[Incident, ...]

    @property
    def since(self) -> datetime:
        """The first bad reading of all."""
        return min(incident.since for incident in self.incidents)

    @property
    def shared(self) -> bool:
        """Whether several cameras suffer from it now."""
        return len({incident.camera for incident in self.incidents if incident.closed_at is None}) > 1


def causes(
    incidents: Sequence[Incident],
    cameras: Iterable[LedgerCamera],
    weather: SiteWeather | None = None,
    site: str = "",
) -> tuple[Cause, ...]:
    """Open incidents grouped by cause: those first that several cameras still suffer from, the newest before older
    ones. A dark picture is never blamed on a switch.

    What the `weather` of the whole `site` (its id) explains is one cause.
    """
    faults: dict[str, list[OpenFault]] = {}
    for incident in incidents:
        faults.setdefault(incident.camera, []).append(OpenFault(Fault(incident.fault), incident.since))
    by_cause: dict[tuple[str, str], list[Incident]] = {}
    blamed = {
        camera: (failure.kind, failure.id) for failure in shared_failures(cameras, faults) for camera in failure.cameras
    }
    for incident in sorted(incidents, key=lambda one: (one.since, one.id)):
        own = ("camera", incident.camera)
        outside = Fault(incident.fault) in TRANSPORT_FAULTS
        cause = blamed.get(incident.camera, own) if outside else own
        if weather is not None and weather.explains(incident.camera, Fault(incident.fault), incident.since):
            cause = (WEATHER, site)
        by_cause.setdefault(cause, []).append(incident)
    found = [Cause(kind, name, tuple(group)) for (kind, name), group in sorted(by_cause.items())]
    return tuple(sorted(found, key=lambda cause: (cause.shared, cause.since), reverse=True))
