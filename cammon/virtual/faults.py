"""Every fault that a virtual camera can be given, with its parameters.

Faults of the picture stand in `cammon.virtual.render.PICTURE_FAULTS` and are handed to the picture source under their
name; all others stand here and act where their layer says. Either way, one entry adds a fault.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from cammon.virtual.render import PICTURE_FAULTS, Parameter


class Layer(StrEnum):
    """Where a fault acts."""

    NETWORK = "network"
    """the box's listeners"""
    STREAM = "stream"
    """login and the RTSP session"""
    PICTURE = "picture"
    """what is shown"""
    DEVICE = "device"
    """clock and ONVIF answers"""


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A fault by name, what a viewer meets, and its parameters."""

    name: str
    layer: Layer
    meaning: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    def complete(self, given: Mapping[str, object]) -> dict[str, float]:
        """The given parameters with the defaults of the others. BadParameter when one is unknown or out of range."""
        for name in given:
            if name not in self.parameters:
                known = ", ".join(self.parameters) or "none"
                raise BadParameter(f"{self.name} has no parameter {name!r}; it has {known}")
        return {name: self._number(name, given.get(name, spec.default)) for name, spec in self.parameters.items()}

    def _number(self, name: str, value: object) -> float:
        spec = self.parameters[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise BadParameter(f"{self.name}.{name} must be a number")
        if not spec.low <= value <= spec.high:
            raise BadParameter(f"{self.name}.{name} must lie between {spec.low:g} and {spec.high:g}, not {value:g}")
        return float(value)


class BadParameter(ValueError):
    """A parameter that a fault does not have, or a value that it cannot take."""


_ELSEWHERE = (
    FaultKind("offline", Layer.NETWORK, "listeners are closed: connections are refused"),
    FaultKind("power_loss", Layer.NETWORK, "the host does not answer at all: connecting runs into a timeout"),
    FaultKind("mute", Layer.NETWORK, "accepts connections and says nothing"),
    FaultKind("refuses_login", Layer.STREAM, "every password is wrong, as after somebody changed it"),
    FaultKind("no_packets", Layer.STREAM, "PLAY is answered, no packet follows"),
    FaultKind(
        "stalls", Layer.STREAM, "packets stop `after_s` seconds after PLAY", {"after_s": Parameter(1.0, 0.0, 3600.0)}
    ),
    FaultKind(
        "udp_only", Layer.STREAM, "speaks RTP over UDP alone: 461 to all else, which no viewer need call a fault"
    ),
    FaultKind("frozen", Layer.PICTURE, "one picture, bit for bit, again and again"),
    FaultKind(
        "clock_skew",
        Layer.DEVICE,
        "the clock is `seconds` ahead (caption, RTSP, ONVIF)",
        {"seconds": Parameter(120.0, -1e9, 1e9)},
    ),
    FaultKind("firmware_changed", Layer.DEVICE, "another firmware version is reported"),
)
_DRAWN = tuple(
    FaultKind(name, Layer.PICTURE, f"the picture is drawn with {name}", fault.parameters)
    for name, fault in PICTURE_FAULTS.items()
)

FAULTS: Mapping[str, FaultKind] = MappingProxyType({kind.name: kind for kind in (*_ELSEWHERE, *_DRAWN)})
"""Fault by name."""

ALIASES: Mapping[str, str] = MappingProxyType({"blurred": "blur"})
"""Other words by which people ask for a fault."""

DRAWN = frozenset(PICTURE_FAULTS)
"""The faults that a picture source draws; `frozen` holds the moment still instead."""
