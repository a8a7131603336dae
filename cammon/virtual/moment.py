"""What a camera's picture is of: the instant, its light and its faults, ready for a picture source."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import count

from cammon.clock import Clock
from cammon.virtual.faults import DRAWN
from cammon.virtual.model import PictureSource
from cammon.virtual.switchboard import ActiveFault, Switchboard
from cammon_coverage.model import Period
from cammon_probes.model import Frame


@dataclass(frozen=True, slots=True)
class Moment:
    """The arguments of a picture, apart from its size. The same moment gives the same picture, bit for bit."""

    at: datetime
    elapsed_s: float
    period: Period
    faults: Mapping[str, Mapping[str, float]]
    seed: int
    frozen: bool = False

    def picture(self, source: PictureSource, camera: str, width_px: int, height_px: int) -> Frame:
        """This moment as that camera sees it."""
        return source.frame(
            camera,
            width_px,
            height_px,
            at=self.at,
            elapsed_s=self.elapsed_s,
            period=self.period,
            faults=self.faults,
            seed=self.seed,
        )


class Moments:
    """Gives each camera its next moment: a new one at each asking, or the one at which it froze."""

    def __init__(self, switchboard: Switchboard, clock: Clock, zone: tzinfo) -> None:
        self._switchboard = switchboard
        self._clock = clock
        self.zone = zone
        self._start_s = clock.monotonic()
        self._seeds = count(int(clock.now().timestamp()) << 8)
        self._frozen: dict[str, tuple[datetime, Moment]] = {}

    def now(self, camera: str) -> datetime:
        """The camera's own clock: the true time and its skew."""
        return self._skewed(self._clock.now(), self._switchboard.of(camera))

    def next(self, camera: str) -> Moment:
        """The moment to show now."""
        faults = self._switchboard.of(camera)
        frozen = faults.get("frozen")
        if frozen is None:
            self._frozen.pop(camera, None)
            return self._moment(self._clock.now(), self._clock.monotonic(), faults)
        # Held for as long as this very freezing lasts: later faults of the picture do not show, as in a real encoder
        # that hangs.
        since, held = self._frozen.get(camera, (None, None))
        if held is None or since != frozen.since:
            held = self._moment(frozen.since, frozen.since_s, faults)
            self._frozen[camera] = (frozen.since, held)
        return held

    def _moment(self, at: datetime, at_s: float, faults: Mapping[str, ActiveFault]) -> Moment:
        drawn = {name: fault.params for name, fault in faults.items() if name in DRAWN}
        return Moment(
            at=self._skewed(at, faults).astimezone(self.zone),
            elapsed_s=at_s - self._start_s,
            period=self._switchboard.period(at),
            faults=drawn,
            seed=next(self._seeds),
            frozen="frozen" in faults,
        )

    def _skewed(self, at: datetime, faults: Mapping[str, ActiveFault]) -> datetime:
        skew = faults.get("clock_skew")
        return at if skew is None else at + timedelta(seconds=skew.params["seconds"])
