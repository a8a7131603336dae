"""Reading a camera's address: a host, a host with a port, or an rtsp:// or rtsps:// URL without a login."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from cammon.sitefiles.cells import plain
from cammon.sitefiles.faults import Wrong

RTSPS_PORT = 322
LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
NUMERIC = re.compile(r"[0-9.]+")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a camera answers; port and path only where the cell said them."""

    host: str
    port: int | None = None
    path: str | None = None
    scheme: str = "rtsp"


def address(text: str) -> Address:
    """An address cell. A login in it is refused (`password_in_address`) and never shown."""
    bare = plain(text)
    if "@" in bare:
        raise Wrong("password_in_address", expects="address")
    if "://" in bare:
        return _from_url(bare)
    host, port = _host_and_port(bare)
    return Address(_host(host), port)


def host_and_port(text: str) -> tuple[str, int]:
    """`host:port`, both of them. Raises Wrong."""
    if "://" in text:
        raise Wrong("bad_address", expects="address")
    found = address(text)
    if found.port is None:
        raise Wrong("bad_address", expects="address")
    return found.host, found.port


def _from_url(text: str) -> Address:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise Wrong("bad_address", expects="address") from error
    scheme = parts.scheme.lower()
    if scheme not in ("rtsp", "rtsps") or not host:
        raise Wrong("bad_address", expects="address")
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    if port is None and scheme == "rtsps":
        port = RTSPS_PORT
    return Address(_host(host), _port(port), path or None, scheme)


def _host_and_port(text: str) -> tuple[str, int | None]:
    if text.startswith("["):
        host, closed, rest = text[1:].partition("]")
        if not closed or (rest and not rest.startswith(":")):
            raise Wrong("bad_address", expects="address")
        return host, _port_text(rest.removeprefix(":")) if rest else None
    if text.count(":") == 1:
        host, _, port = text.partition(":")
        return host, _port_text(port)
    return text, None


def _port_text(text: str) -> int | None:
    if not text.isdecimal():
        raise Wrong("bad_address", expects="address")
    return _port(int(text[:9]))


def _port(port: int | None) -> int | None:
    if port is not None and not 1 <= port <= 65535:
        raise Wrong("bad_address", expects="address")
    return port


def _host(text: str) -> str:
    try:
        number = ipaddress.ip_address(text)
    except ValueError:
        return _name(text)
    if number.is_unspecified or number.is_multicast or str(number) == "255.255.255.255":
        raise Wrong("no_camera_address", expects="address")
    return str(number)


def _name(text: str) -> str:
    labels = text.rstrip(".").split(".")
    if len(text) > 253 or NUMERIC.fullmatch(text) or not all(LABEL.fullmatch(label) for label in labels):
        raise Wrong("bad_address", expects="address")
    return text.lower()
