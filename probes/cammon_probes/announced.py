"""WS-Discovery through the WSDiscovery package: which devices answer on the local network.

The package asks: its messages, their repeats, its sockets. The answers are read like all others from devices, because
they break the standard and may be hostile. Of an answer only the sender's address is believed; where its device service
lies there is taken from what it says.
"""

import contextlib
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

from wsdiscovery import QName
from wsdiscovery.discovery import ThreadedWSDiscovery
from wsdiscovery.threaded import NetworkingThreadIPv4, NetworkingThreadIPv6
from wsdiscovery.util import _getNetworkAddrs

from .addresses import authority_of, path_of_address
from .failure import CameraFailed
from .model import DEVICE_SERVICE
from .onvif_xml import Element, parsed
from .redact import printable

MOST_ANSWERS = 4096
MOST_OF_A_HOST = 64
"""Device services on different ports of one host: one with many channels may have many."""
_FAMILIES = (socket.AF_INET, socket.AF_INET6)
_KINDS = (
    QName("http://www.onvif.org/ver10/network/wsdl", "NetworkVideoTransmitter", "dn"),
    QName("http://www.onvif.org/ver10/device/wsdl", "Device", "tds"),
)
"""Some devices answer only to the one, some only to the other."""


@dataclass(frozen=True, slots=True)
class Announced:
    """A device that answered: where its device service is asked, and what its scopes say of it."""

    host: str
    onvif_port: int = 80
    onvif_scheme: str = "http"
    onvif_path: str = DEVICE_SERVICE
    name: str = ""
    model: str = ""


def listen(wait_s: float, interfaces: Sequence[str] = ()) -> tuple[Announced, ...]:
    """Asks who is there on the networks of `interfaces` (own addresses; all of them but loopback when none is named)
    and waits `wait_s` for answers. One entry a host and port. OSError when an address is none of this machine."""
    for one in interfaces:
        with socket.socket(_FAMILIES[":" in one], socket.SOCK_DGRAM) as own:
            own.bind((one, 0))
    discovery = _Discovery(interfaces)
    discovery.start()
    try:
        for kind in _KINDS:
            discovery.searchServices(types=[kind], timeout=wait_s / len(_KINDS))
    finally:
        discovery.stop()
    return tuple(discovery.found.values())


class _Listening:
    """Hands each datagram on as it came: what breaks the package's own reading would end its thread."""

    _selector: Any
    _observer: Any

    def _recvMessages(self) -> None:  # noqa: N802 - the package's name
        for key, _ in self._selector.select(0):
            with contextlib.suppress(OSError):
                data, sender = key.fileobj.recvfrom(65535)
                self._observer.take(data, str(sender[0]))


class _FourthThread(_Listening, NetworkingThreadIPv4):  # type: ignore[misc]
    pass


class _SixthThread(_Listening, NetworkingThreadIPv6):  # type: ignore[misc]
    pass


class _Discovery(ThreadedWSDiscovery):  # type: ignore[misc]
    """Listens on the named addresses, and heeds nothing but answers: a Hello could send our questions elsewhere."""

    def __init__(self, interfaces: Sequence[str]) -> None:
        super().__init__()
        named = [ipaddress.ip_address(one) for one in interfaces]
        self._interfaces = named or [one for kind in _FAMILIES for one in _getNetworkAddrs(kind)]
        self.found: dict[tuple[str, int], Announced] = {}

    def _startThreads(self) -> None:  # noqa: N802 - the package's name
        for version, make in ((4, _FourthThread), (6, _SixthThread)):
            own = {one for one in self._interfaces if one.version == version}
            thread = make(self) if own or version == 4 else None
            setattr(self, f"_networkingThread_v{version}", thread)
            # Stands for the thread that follows changes of this machine's addresses: three seconds need none.
            idle = SimpleNamespace(schedule_stop=lambda: None, join=lambda: None)
            setattr(self, f"_addrsMonitorThread_v{version}", idle)
            if thread is not None:
                thread.start()
                for one in own:
                    thread.addSourceAddr(one)

    def take(self, data: bytes, sender: str) -> None:
        """One datagram, whatever it is."""
        with contextlib.suppress(CameraFailed):
            root = parsed(data)
            for match in [] if root is None else root.anywhere("ProbeMatch"):
                if _is_camera(match) and self._has_room_for(sender):
                    one = _announced(match, sender)
                    self.found.setdefault((one.host, one.onvif_port), one)

    def _has_room_for(self, sender: str) -> bool:
        return len(self.found) < MOST_ANSWERS and sum(host == sender for host, _ in self.found) < MOST_OF_A_HOST


def _is_camera(match: Element) -> bool:
    return "NetworkVideoTransmitter" in (match.text("Types") or "") or "onvif://" in (match.text("Scopes") or "")


def _announced(match: Element, sender: str) -> Announced:
    scopes = (match.text("Scopes") or "").split()
    name, model = (_scope(scopes, kind) for kind in ("name", "hardware"))
    for address in sorted((match.text("XAddrs") or "").split(), key=lambda one: not _is_at(one, sender)):
        path, place = path_of_address(address), authority_of(address)
        if path is not None and place is not None:
            scheme = "https" if address.lower().startswith("https:") else "http"
            return Announced(sender, place[1] or (443 if scheme == "https" else 80), scheme, path, name, model)
    return Announced(sender, name=name, model=model)


def _is_at(address: str, host: str) -> bool:
    place = authority_of(address)
    with contextlib.suppress(ValueError):
        return place is not None and ipaddress.ip_address(place[0]) == ipaddress.ip_address(host)
    return False


def _scope(scopes: Sequence[str], kind: str) -> str:
    """What "onvif://www.onvif.org/KIND/..." says, as one printable line."""
    mark = f"onvif.org/{kind}/"
    return next((printable(unquote(one.partition(mark)[2])) for one in scopes if mark in one), "")
