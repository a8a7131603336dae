"""The guard that keeps cammon from locking an account: one refused login, then none until something has changed."""

import hashlib
import hmac
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from threading import Lock

from cammon.store import login_stops, settings
from cammon.store.login_stops import LoginStop
from cammon.store.opening import Store
from cammon_probes.model import LOGIN_FAULTS, Credential, Fault, ProbeKind, Reading

LONGER = 48
"""A login that was refused after its pause as well rests this many pauses: a day by default. Many devices forget a
wrong login only after a right one, so that a try each half hour would lock the account before noon."""
FORBIDDEN_AT_MOST = 3
"""A login that is answered by 403 so often in a row is taken for refused: some firmware says that of a wrong password,
other firmware of too many sessions, which pass."""
REREAD = timedelta(seconds=1)
"""Stops that somebody else wrote into the store count after this time."""


class Reservation:
    """The right to log in to an account, for one look at a time. It may be given back twice."""

    def __init__(self, give_back: Callable[[], None]) -> None:
        self._give_back = give_back
        self._held = True

    def end(self) -> None:
        """The login is over, well or ill."""
        if self._held:
            self._held = False
            self._give_back()


class LoginGuard:
    """Which logins may be used. After a refusal none is, to that host, until the login changes or a pause ends.

    One per process, shared by all workers: sixteen channels of one recorder share one account. Only one look at a time
    logs in to an account, so that a password that has just become wrong is refused once, not by all channels at the
    same moment; what a look waits for once its stream plays holds up nobody.
    """

    def __init__(
        self,
        key: bytes,
        stops: Iterable[LoginStop] = (),
        pause: timedelta = timedelta(minutes=30),
        reread: Callable[[], Iterable[LoginStop]] | None = None,
    ) -> None:
        self._key = key
        self._pause = pause
        self._reread = reread
        self._reread_at: datetime | None = None
        # By host and fingerprint, ended ones too: a login that was refused before is known when it comes back.
        self._stops: dict[tuple[str, str], LoginStop] = {}
        self._stored: dict[tuple[str, str], datetime] = {}
        self._refused: dict[tuple[str, str], Reading] = {}
        self._forbidden: dict[tuple[str, str], int] = {}
        self._shut: dict[tuple[str, str, bool], datetime] = {}
        self._under_way: set[tuple[str, str]] = set()
        self._lock = Lock()
        self._take_over(stops)

    def begin(self, host: str, credential: Credential) -> Reservation | None:
        """Reserve this account at this host for one look; None while another look has it."""
        account = (host, credential.username)
        with self._lock:
            if account in self._under_way:
                return None
            self._under_way.add(account)
        return Reservation(lambda: self._end(account))

    def _end(self, account: tuple[str, str]) -> None:
        with self._lock:
            self._under_way.discard(account)

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

    def learn(self, host: str, credential: Credential, reading: Reading) -> LoginStop | bool:
        """What a reading made with this login says of it.

        Returns the new stop after a refusal, True when an old stop is over because the login worked, else False.
        """
        with self._lock:
            if reading.fault in LOGIN_FAULTS or self._forbidden_again(host, credential, reading):
                return self._stop(host, credential, reading)
            return logged_in(reading) and self._worked(host, credential, reading)

    def _forbidden_again(self, host: str, credential: Credential, reading: Reading) -> bool:
        if reading.fault is not Fault.FORBIDDEN or not any(step.name == "login" for step in reading.steps):
            return False
        place = (host, self._fingerprint(credential))
        self._forbidden[place] = self._forbidden.get(place, 0) + 1
        return self._forbidden[place] >= FORBIDDEN_AT_MOST

    def _stop(self, host: str, credential: Credential, reading: Reading) -> LoginStop:
        place = (host, self._fingerprint(credential))
        # A lock ends by itself, whoever caused it: what was refused there is not our password.
        again = place in self._stops and reading.fault is not Fault.AUTH_LOCKED
        until = reading.at + self._pause * (LONGER if again else 1)
        stop = LoginStop(host, credential.name, place[1], reading.at, until)
        self._stops[place] = stop
        self._refused[place] = reading
        return stop

    def _worked(self, host: str, credential: Credential, reading: Reading) -> bool:
        place, device = (host, self._fingerprint(credential)), reading.kind is ProbeKind.DEVICE
        self._forbidden.pop(place, None)
        refused = self._refused.get(place)
        if refused is not None and refused.at <= reading.at and (refused.kind is ProbeKind.DEVICE) is not device:
            # Many makers keep accounts for ONVIF apart: the password is right for one door of the device alone.
            self._shut[(*place, not device)] = refused.at + self._pause * LONGER
        self._shut.pop((*place, device), None)
        return self._forget(host, credential.name, reading.at)

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
        if self._reread is None or (self._reread_at is not None and abs(now - self._reread_at) < REREAD):
            return
        self._reread_at = now
        self._take_over(self._reread())

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


def guard_of(store: Store, pause: timedelta) -> LoginGuard:
    """A guard that begins with the stops of the store, and hears of those that another process writes there."""

    def stops() -> tuple[LoginStop, ...]:
        with store.reading() as connection:
            return login_stops.load(connection)

    with store.engine.begin() as connection:
        key = settings.secret(connection, "login_fingerprint_key")
    return LoginGuard(key, stops(), pause, stops)
