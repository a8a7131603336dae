"""A look that a person asks for, under the same rule as the service's own: no login where one was just refused."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import DatabaseError

from cammon.clock import Clock
from cammon.loginguard import LoginGuard, guard_of
from cammon.onelook import OneLook, look_once
from cammon.store.opening import open_store
from cammon_probes.model import Credential, Endpoint, ProbeKind, Reading


@dataclass(frozen=True, slots=True)
class ByHand:
    """What the looks found. `stopped_until`: the login was held back until then. `noted` is False where the store
    could not take in what they say of the login, so that a service would not hear of it."""

    found: OneLook
    stopped_until: datetime | None = None
    noted: bool = True


def look_by_hand(
    endpoint: Endpoint,
    clock: Clock,
    database: Path,
    pause_s: float,
    *,
    once_more: bool = False,
    since_s: float | None = None,
    frames: int = 1,
    stream: str = "sub",
) -> ByHand:
    """One look of every kind that keeps to the stops in the store at `database`, and writes new ones there.

    `once_more`: the login is sent although it was refused; `since_s`, `frames` and `stream` as in `look_once`.
    Without a store nothing is known and nothing kept.
    """
    credential = endpoint.credential
    if credential is None or not database.exists():
        return ByHand(look_once(endpoint, clock, since_s, frames, stream))
    with open_store(database, writer=False) as store:
        try:
            guard = guard_of(store, timedelta(seconds=pause_s))
        except DatabaseError:
            return ByHand(look_once(endpoint, clock, since_s, frames, stream), noted=False)
        until = None if once_more else _stopped_until(guard, endpoint, credential, clock.now())
        if until is not None:
            return ByHand(look_once(replace(endpoint, credential=None), clock, since_s, frames, stream), until)
        found = look_once(endpoint, clock, since_s, frames, stream)
        return ByHand(found, noted=_note(guard, endpoint.host, credential, found.readings))


def _stopped_until(guard: LoginGuard, endpoint: Endpoint, credential: Credential, now: datetime) -> datetime | None:
    kinds = ([ProbeKind.LIVENESS] if endpoint.rtsp_port else []) + ([ProbeKind.DEVICE] if endpoint.onvif_port else [])
    ends = [guard.stopped_until(endpoint.host, credential, now, kind) for kind in kinds]
    return max((end for end in ends if end is not None), default=None)


def _note(guard: LoginGuard, host: str, credential: Credential, readings: Sequence[Reading]) -> bool:
    try:
        for reading in readings:
            guard.learn(host, credential, reading)
    except DatabaseError:
        return False
    return True
