"""What every server of a fleet shares."""

from dataclasses import dataclass

from cammon.clock import Clock
from cammon.virtual.certificate import OwnCertificate
from cammon.virtual.media import Media
from cammon.virtual.model import FleetOptions
from cammon.virtual.moment import Moments
from cammon.virtual.switchboard import Switchboard


@dataclass(frozen=True, slots=True)
class Backstage:
    """The options, the clock, the faults, where pictures come from, and what is shown over TLS where it is spoken."""

    options: FleetOptions
    clock: Clock
    switchboard: Switchboard
    moments: Moments
    media: Media
    certificate: OwnCertificate | None = None
