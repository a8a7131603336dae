"""The guard that keeps cammon from locking an account: one refused login, then none until something has changed."""

import hashlib
import hmac
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Condition, RLock

from cammon.store import login_stops, settings
from cammon.store.login_stops import LoginStop
from cammon.store.opening import Store
from cammon_probes.model import LOGIN_FAULTS, Credential, Deadline, Fault, ProbeKind, Reading
from cammon_probes.unfinished import LoginBusy

LONGER = 48
"""A login that was refused after its pause as well rests this many pauses: a day by default. Many devices forget a
wrong login only after a right one, so that a try each half hour would lock the account before noon."""
FORBIDDEN_AT_MOST = 3
"""A login that is answered by 403 so often in a row is taken for refused: some firmware says that of a wrong password,
other firmware of too many sessions, which pass."""
REREAD = timedelta(seconds=1)
"""Stops that somebody else wrote into the store count after this time."""


WAIT_S = 0.1
HANGS_S = 2.0
MOST_UNANSWERED = 2
"""A login that the host took last time and does not answer for so long is passed on, to so many looks at once."""

Now = Callable[[], datetime]


class LoginTurn:
    """One look's turn at an account. It ends with the look, or when the login has been accepted."""

    def __init__(self, guard: "LoginGuard", host: str, credential: Credential, kind: ProbeKind, now: Now) -> None:
        self._guard = guard
        self._of = (host, credential, kind)
        self._now = now
        self._begun = False
        self.accepted_at: datetime | None = None
        self.held_back_until: datetime | None = None
        """Set when the camera asked for the login and it was not to be sent."""

    def begin(self, deadline: Deadline) -> bool:
        """Wait for the turn, half of the look's time at most: it has to look, too. Whether the login may be sent."""
        if not self._begun:
            host, credential, _ = self._of
            patience = replace(deadline, at_s=deadline.at_s - deadline.left_s() / 2)
            if not self._guard.wait_for(self, host, credential, patience):
                raise LoginBusy
            self._begun = True
            self.held_back_until = self._guard.stopped_until(host, credential, self._now(), self._of[2])
            if self.held_back_until is not None:
                self.end()
        return self.held_back_until is None

    def accepted(self) -> None:
        """The camera took the login."""
        if self._begun and self.accepted_at is None:
            self.accepted_at = self._now()
            self._guard.took(self._of[0], self._of[1])
        self.end()

    def end(self) -> None:
        """The login is over, well or ill; may be said twice."""
        self._guard.over(self, self._of[0], self._of[1])


class LoginGuard:
    """Which logins may be used. After a refusal none is, to that host, until the login changes or a pause ends.

    One per process, shared by all workers: sixteen channels of one recorder share one account. Only one look at a time
    asks an account whether it takes the login, so that a password that has just become wrong is refused once, not by
    all channels at the same moment. That takes one exchange; what a look does before and after holds up nobody. A login
    that the host took last time goes to one look more when the answer keeps others waiting: a recorder hangs where one
    of its channels is dead.
    """

    def __init__(
        self,
        key: bytes,
        pause: timedelta = timedelta(minutes=30),
        kept: "StopsInStore | None" = None,
    ) -> None:
        self._key = key
        self._pause = pause
        self._kept = kept
        self._reread_at: datetime | None = None
        # By host and fingerprint, ended ones too: a login that was refused before is known when it comes back.
        self._stops: dict[tuple[str, str], LoginStop] = {}
        self._stored: dict[tuple[str, str], datetime] = {}
        self._refused: dict[tuple[str, str], Reading] = {}
        self._forbidden: dict[tuple[str, str], int] = {}
        self._shut: dict[tuple[str, str, bool], datetime] = {}
        self._good: set[tuple[str, str]] = set()
        self._turns: dict[tuple[str, str], list[tuple[LoginTurn, float]]] = {}
        self._queues: dict[tuple[str, str], deque[LoginTurn]] = defaultdict(deque)
        self._lock = RLock()
        self._over = Condition(self._lock)
        self._take_over(kept.load() if kept else ())

    def turn(self, host: str, credential: Credential, kind: ProbeKind, now: Now) -> LoginTurn:
        """A turn for one look, which has to end it."""
        return LoginTurn(self, host, credential, kind, now)

    def wait_for(self, turn: LoginTurn, host: str, credential: Credential, patience: Deadline) -> bool:
        """Wait until this turn may begin, in the order of asking; False when that takes too long."""
        account = (host, credential.username)
        with self._over:
            queue = self._queues[account]
            queue.append(turn)
            try:
                while queue[0] is not turn or not self._is_free(account, host, credential, patience.monotonic()):
                    if not patience.left_s():
                        return False
                    self._over.wait(WAIT_S)
                self._turns.setdefault(account, []).append((turn, patience.monotonic()))
                return True
            finally:
                queue.remove(turn)
                self._over.notify_all()

    def _is_free(self, account: tuple[str, str], host: str, credential: Credential, now_s: float) -> bool:
        under_way = self._turns.get(account, [])
        if not under_way:
            return True
        good = (host, self._fingerprint(credential)) in self._good
        return good and len(under_way) < MOST_UNANSWERED and now_s - under_way[0][1] >= HANGS_S

    def over(self, turn: LoginTurn, host: str, credential: Credential) -> None:
        """A look has ended its turn."""
        account = (host, credential.username)
        with self._over:
            self._turns[account] = [one for one in self._turns.get(account, []) if one[0] is not turn]
            self._over.notify_all()

    def took(self, host: str, credential: Credential) -> None:
        """The host has just accepted this login."""
        with self._lock:
            self._good.add((host, self._fingerprint(credential)))

    def stopped_until(
        self, host: str, credential: Credential, now: datetime, kind: ProbeKind = ProbeKind.LIVENESS
    ) -> datetime | None:
        """When the login may be tried again for this kind of look; None when it may be used now."""
        place = (host, self._fingerprint(credential))
        with self._lock:
            self._look_into_store(now)
            stop = self._stops.get(place)
            shut = self._shut.get((*place, kind is ProbeKind.DEVICE))
        ends = [end for end in (None if stop is None else stop.until, shut) if end is not None and now < end]
        return max(ends, default=None)

    def refused_as(self, host: str, credential: Credential) -> Fault:
        """What a look that sends no login has to call a 401 meanwhile: an account that was locked is that still."""
        reading = self._refused.get((host, self._fingerprint(credential)))
        return Fault.AUTH_FAILED if reading is None or reading.fault is None else reading.fault

    def learn(self, host: str, credential: Credential, reading: Reading, at: datetime | None = None) -> None:
        """What a reading made with this login says of it, by what was so `at` (the look's beginning when not given).

        A stop counts, and stands in the store, when this returns: whoever is killed then starts with it. Raises
        DatabaseError when it cannot be written; it counts all the same.
        """
        at = at or reading.at
        with self._lock:
            if reading.fault in LOGIN_FAULTS or self._forbidden_again(host, credential, reading):
                stop = self._stop(host, credential, reading, at)
            elif logged_in(reading) and self._worked(host, credential, reading, at):
                stop = None
            else:
                return
        if self._kept is not None and stop is not None:
            self._kept.put(stop)
        elif self._kept is not None:
            self._kept.remove(host, credential.name)

    def _forbidden_again(self, host: str, credential: Credential, reading: Reading) -> bool:
        if reading.fault is not Fault.FORBIDDEN or not any(step.name == "login" for step in reading.steps):
            return False
        place = (host, self._fingerprint(credential))
        self._forbidden[place] = self._forbidden.get(place, 0) + 1
        return self._forbidden[place] >= FORBIDDEN_AT_MOST

    def _stop(self, host: str, credential: Credential, reading: Reading, at: datetime) -> LoginStop:
        place = (host, self._fingerprint(credential))
        # A lock ends by itself, whoever caused it: what was refused there is not our password.
        again = place in self._stops and reading.fault is not Fault.AUTH_LOCKED
        until = at + self._pause * (LONGER if again else 1)
        stop = LoginStop(host, credential.name, place[1], at, until)
        self._stops[place] = stop
        self._refused[place] = reading
        self._good.discard(place)
        return stop

    def _worked(self, host: str, credential: Credential, reading: Reading, at: datetime) -> bool:
        place, device = (host, self._fingerprint(credential)), reading.kind is ProbeKind.DEVICE
        self._forbidden.pop(place, None)
        refused = self._refused.get(place)
        if refused is not None and refused.at <= at and (refused.kind is ProbeKind.DEVICE) is not device:
            # Many makers keep accounts for ONVIF apart: the password is right for one door of the device alone.
            self._shut[(*place, not device)] = refused.at + self._pause * LONGER
        self._shut.pop((*place, device), None)
        return self._forget(host, credential.name, at)

    def _forget(self, host: str, name: str, at: datetime) -> bool:
        """Forget the stops of before `at`: a login that worked then may have been refused since."""
        over = [
            place
            for place, stop in self._stops.items()
            if (stop.host, stop.credential) == (host, name) and stop.since <= at
        ]
        for place in over:
            del self._stops[place]
            self._refused.pop(place, None)
        return bool(over)

    def _look_into_store(self, now: datetime) -> None:
        if self._kept is None or (self._reread_at is not None and abs(now - self._reread_at) < REREAD):
            return
        self._reread_at = now
        self._take_over(self._kept.load())

    def _take_over(self, stored: Iterable[LoginStop]) -> None:
        """Stops of the store that are news, and the end of those that somebody has taken out of it."""
        known = {}
        for stop in stored:
            known[stop.host, stop.credential] = stop.since
            mine = self._stops.get((stop.host, stop.fingerprint))
            if mine is None or stop.since > mine.since:
                self._stops[stop.host, stop.fingerprint] = stop
        for host, name in self._stored.keys() - known.keys():
            self._forget(host, name, self._stored[host, name])
        self._stored = known

    def _fingerprint(self, credential: Credential) -> str:
        text = f"{credential.username}\0{credential.password}".encode()
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()


def logged_in(reading: Reading) -> bool:
    """Whether a look with a login shows that the login is right; a camera that asks for none does not."""
    if reading.kind is ProbeKind.DEVICE:
        return "login" in reading.evidence and reading.fault not in LOGIN_FAULTS
    return any(step.name == "login" and step.ok for step in reading.steps)


@dataclass(frozen=True, slots=True)
class StopsInStore:
    """The stops as other processes, and this one when it is started anew, find them."""

    store: Store

    def load(self) -> tuple[LoginStop, ...]:
        """All of them."""
        with self.store.reading() as connection:
            return login_stops.load(connection)

    def put(self, stop: LoginStop) -> None:
        """Write one."""
        with self.store.engine.begin() as connection:
            login_stops.put(connection, stop)

    def remove(self, host: str, credential: str) -> None:
        """Take one out."""
        with self.store.engine.begin() as connection:
            login_stops.remove(connection, host, credential)


def guard_of(store: Store, pause: timedelta) -> LoginGuard:
    """A guard that begins with the stops of the store, writes new ones there, and hears of those of others."""
    with store.engine.begin() as connection:
        key = settings.secret(connection, "login_fingerprint_key")
    return LoginGuard(key, pause, StopsInStore(store))
