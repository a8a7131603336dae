"""What must always answer: a virtual camera of cammon's own in this process, and a host that the site names."""

import socket
from collections.abc import Callable
from contextlib import ExitStack

from cammon.clock import Clock
from cammon.virtual.background import running_fleet
from cammon.virtual.model import CameraSpec, FleetOptions, StreamSpec
from cammon_probes.model import Deadline, Endpoint, ProbeKind, Reading
from cammon_probes.registry import PROBERS

OWN = "cammon's own camera"
"""Its place in the schedule; no id of a ledger has a space in it."""
SIZE = (320, 180)
PATIENCE_S = 2.0


class OwnCamera:
    """A virtual camera on loopback: its looks take the way of all others, from the queue to the decoder."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._stack = ExitStack()
        spec = CameraSpec(OWN, onvif_port=None, main=StreamSpec("/canary", *SIZE), sub=None, login=None)
        options = FleetOptions(workers=1, send_fps=10.0, max_sessions=4)
        self._fleet = self._stack.enter_context(running_fleet([spec], options=options))
        self._endpoint: Endpoint = self._fleet.endpoint(OWN)

    def look(self, kind: ProbeKind = ProbeKind.LIVENESS, patience_s: float = PATIENCE_S) -> Reading:
        """One look of a kind."""
        return PROBERS[kind](self._endpoint, self._clock.now(), Deadline.after(patience_s, self._clock.monotonic))

    def answers(self) -> bool:
        """Whether it answers now."""
        return self.look().ok

    def break_it(self) -> None:
        """For tests and drills: it answers no more."""
        self._fleet.put(OWN, "offline")

    def mend(self) -> None:
        """It answers again."""
        self._fleet.clear(OWN)

    def close(self) -> None:
        """End it."""
        self._stack.close()


def reachable(host: str, port: int, patience_s: float = PATIENCE_S) -> Callable[[], bool]:
    """Asks whether a host is on the network: a refused connection is an answer as well."""

    def ask() -> bool:
        try:
            socket.create_connection((host, port), patience_s).close()
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
        return True

    return ask
