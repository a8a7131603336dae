"""The upgrade list, made anew after the answers change: it asks many what-ifs, so it must not hold up the recorder."""

import logging
from datetime import date
from threading import Event, Thread

from cammon.clock import Clock
from cammon.modelling import model_of
from cammon.sitefiles.model import Site
from cammon.upgrades import UpgradeList
from cammon.upgrades.planning import Prospects, prospects

from .present import Answers, Present, day_of, upgrades_for

log = logging.getLogger(__name__)

REST, LONGEST_REST_S = 5.0, 5.0
"""After a list the advisor rests for so many times what the list took, and no longer than this."""


class Advisor:
    """One thread that follows the newest answers; answers that come while it works are taken up afterwards.

    It has a coverage model of its own, so that its what-ifs never meet the recorder's questions.
    """

    def __init__(self, site: Site, present: Present, clock: Clock) -> None:
        self._clock = clock
        self._site = site
        self._present = present
        self._model = model_of(site)
        self._prospects: tuple[date, Prospects] | None = None
        self._changed = Event()
        self._thread = Thread(target=self._run, name="advisor", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def wake(self) -> None:
        """The answers have changed."""
        self._changed.set()

    def _run(self) -> None:
        while self._changed.wait():
            self._changed.clear()
            began_s = self._clock.monotonic()
            try:
                self._present.upgrades = self._listed(self._present.answers)
            except Exception:  # a list that cannot be made must not end the making of lists
                log.exception("the upgrade list could not be made")
            # While a large site breaks and recovers the answers change all the time.
            self._clock.sleep(min(LONGEST_REST_S, REST * (self._clock.monotonic() - began_s)))

    def _listed(self, answers: Answers) -> UpgradeList:
        """The list; what does not depend on health is worked out once a day."""
        today = day_of(self._site, answers)
        if self._prospects is None or self._prospects[0] != today:
            self._prospects = (today, prospects(self._site, self._model, today))
        return upgrades_for(
            self._site,
            self._model,
            answers,
            self._prospects[1],
            weather=self._present.weather,
            trends=self._present.trends,
        )
