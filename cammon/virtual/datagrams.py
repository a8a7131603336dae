"""Where the packets of one session over UDP leave from (RFC 2326 section 12.39)."""

import re
import socket
from contextlib import suppress

_CLIENT_PORTS = re.compile(r"client_port\s*=\s*(\d{1,5})", re.IGNORECASE)


class DatagramEnd:
    """RTP and RTCP on two ports of the box, for one viewer."""

    def __init__(self, host: str, viewer: str, viewer_port: int) -> None:
        self._ends = tuple(_end(host) for _ in range(2))
        self._viewer = tuple((viewer, viewer_port + place) for place in range(2))

    @property
    def transport(self) -> str:
        """What SETUP answers."""
        theirs = "-".join(str(port) for _, port in self._viewer)
        ours = "-".join(str(end.getsockname()[1]) for end in self._ends)
        return f"RTP/AVP;unicast;client_port={theirs};server_port={ours}"

    def send(self, control: bool, packets: list[bytes]) -> None:
        """RTP, or RTCP when it is `control`. What the network does not take is lost, as it is with UDP."""
        for packet in packets:
            with suppress(OSError):
                self._ends[control].sendto(packet, self._viewer[control])

    def close(self) -> None:
        """Let go of both ports."""
        for end in self._ends:
            end.close()


def viewer_port(transport: str) -> int | None:
    """Where a viewer that asks for plain UDP wants its RTP; None when this is another transport."""
    kind = transport.partition(";")[0].strip().upper()
    asked = _CLIENT_PORTS.search(transport)
    if kind not in ("RTP/AVP", "RTP/AVP/UDP") or "multicast" in transport.lower() or asked is None:
        return None
    port = int(asked[1])
    return port if 0 < port < 65535 else None


def _end(host: str) -> socket.socket:
    end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    end.bind((host, 0))
    end.setblocking(False)
    return end
