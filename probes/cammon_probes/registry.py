"""The three looks by name. One more look is one line here."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

from .device import device
from .liveness import liveness
from .model import Deadline, Endpoint, ProbeKind, Reading
from .picture_probe import picture


class Prober(Protocol):
    """Looks at one camera. What the camera does wrong is in the reading; an exception is a fault of ours."""

    def __call__(self, endpoint: Endpoint, at: datetime, deadline: Deadline, /, *args: Any, **options: Any) -> Reading:
        """`at` is the wall time of the look's beginning; the look is over by `deadline` (a second later at most).

        Options by kind: liveness and picture take `stream` ("main" or "sub"), device takes `clock_tolerance_s`.
        """


PROBERS: Mapping[ProbeKind, Prober] = MappingProxyType(
    {ProbeKind.LIVENESS: liveness, ProbeKind.PICTURE: picture, ProbeKind.DEVICE: device}
)
