"""Where logins come from, and the guard that keeps cammon from locking a camera's account."""

import hashlib
import hmac
import os
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from cammon.sitefiles.model import CredentialSource
from cammon.store.login_stops import LoginStop
from cammon_probes.model import LOGIN_FAULTS, Credential, Reading


def resolve(source: CredentialSource) -> Credential | None:
    """The login that this source holds now as `user:password`; None where it holds none.

    Read at each asking, so that a rotated file counts without a restart.
    """
    text = _text(source)
    if text is None or ":" not in text:
        return None
    username, _, password = text.strip().partition(":")
    return Credential(source.name, username, password)


def _text(source: CredentialSource) -> str | None:
    if source.env is not None:
        return os.environ.get(source.env)
    if source.file is not None:
        try:
            return Path(source.file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None
    return None


def missing(sources: Mapping[str, CredentialSource]) -> tuple[CredentialSource, ...]:
    """The sources that hold no login now."""
    return tuple(source for source in sources.values() if resolve(source) is None)


class LoginGuard:
    """Which logins may be used. After a refusal none is, to that host, until the login changes or a pause ends.

    One per process, shared by all workers: sixteen channels of one recorder share one account. Only one look with a
    login is under way at a host at any time, so that a password that has just become wrong is refused once, not by
    all channels at the same moment.
    """

    def __init__(self, key: bytes, stops: Iterable[LoginStop] = (), pause: timedelta = timedelta(minutes=30)) -> None:
        self._key = key
        self._pause = pause
        self._stops = {(stop.host, stop.credential): stop for stop in stops}
        self._under_way: set[tuple[str, str]] = set()
        self._lock = Lock()

    def begin(self, host: str, credential: Credential) -> bool:
        """Reserve this login at this host for one look; False while another look has it."""
        with self._lock:
            if (host, credential.name) in self._under_way:
                return False
            self._under_way.add((host, credential.name))
            return True

    def end(self, host: str, credential: Credential) -> None:
        """The look is over."""
        with self._lock:
            self._under_way.discard((host, credential.name))

    def stopped_until(self, host: str, credential: Credential, now: datetime) -> datetime | None:
        """When the login may be tried again; None when it may be used now."""
        with self._lock:
            stop = self._stops.get((host, credential.name))
        if stop is None or now >= stop.until or stop.fingerprint != self._fingerprint(credential):
            return None
        return stop.until

    def learn(self, host: str, credential: Credential, reading: Reading) -> LoginStop | bool:
        """What a reading made with this login says of it.

        Returns the new stop after a refusal, True when an old stop is over because the login worked, else False.
        """
        place = (host, credential.name)
        with self._lock:
            if reading.fault in LOGIN_FAULTS:
                until = reading.at + self._pause
                stop = LoginStop(host, credential.name, self._fingerprint(credential), reading.at, until)
                self._stops[place] = stop
                return stop
            if reading.fault is None and place in self._stops:
                del self._stops[place]
                return True
        return False

    def _fingerprint(self, credential: Credential) -> str:
        text = f"{credential.username}\0{credential.password}".encode()
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()
