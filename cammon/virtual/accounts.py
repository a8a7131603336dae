"""Failed logins per account of one box, and the lock that follows them, as real cameras have it."""

from collections.abc import Callable
from dataclasses import replace

from cammon.virtual.model import Login

REMEMBERED = 64
"""Accounts that a box keeps count of: guessed names must not fill its memory."""


class Accounts:
    """Counts wrong logins; `attempts` of them lock an account for `lock_s` seconds, whatever the password."""

    def __init__(self, attempts: int, lock_s: float, monotonic: Callable[[], float]) -> None:
        self._attempts = attempts
        self._lock_s = lock_s
        self._monotonic = monotonic
        self._wrong: dict[str, int] = {}
        self._locked_until: dict[str, float] = {}
        self._changed: dict[str, str] = {}
        self.failed: dict[str, int] = {}
        """wrong logins since the start, per account"""

    def change(self, username: str, password: str) -> None:
        """Somebody gives an account another password at the device itself."""
        self._changed[username] = password

    def current(self, login: Login) -> Login:
        """The login as the box takes it now."""
        return replace(login, password=self._changed.get(login.username, login.password))

    def locked_s(self, username: str) -> float:
        """Seconds for which this account stays locked; 0 when it is not."""
        return max(0.0, self._locked_until.get(username, 0.0) - self._monotonic())

    def attempts_left(self, username: str) -> int:
        """Wrong logins that this account may still make before it is locked."""
        return 0 if self.locked_s(username) else self._attempts - self._wrong.get(username, 0)

    def wrong(self, username: str) -> None:
        """Count a wrong login; lock the account at the last one allowed."""
        if username not in self.failed and len(self.failed) >= REMEMBERED:
            username = ""
        self.failed[username] = self.failed.get(username, 0) + 1
        self._wrong[username] = self._wrong.get(username, 0) + 1
        if self._wrong[username] >= self._attempts:
            self._locked_until[username] = self._monotonic() + self._lock_s
            self._wrong[username] = 0

    def right(self, username: str) -> None:
        """A right login forgets the wrong ones before it."""
        self._wrong.pop(username, None)
