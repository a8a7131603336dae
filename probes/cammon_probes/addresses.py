"""Addresses that a camera names, made usable: cameras behind NAT, or hostile ones, name other hosts.

Read by hand: devices write IPv6 hosts without brackets, leave out the host, or give a path alone.
"""

import re
from urllib.parse import quote

_ADDRESS = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<authority>[^/?#\s]*)(?P<rest>[/?][^#]*)?", re.IGNORECASE)
_PORT = re.compile(r"(?:\[[^\]]*\]?|[^:\[\]]*)(?::(?P<port>\d*))?")
_BARE_IPV6 = re.compile(r"[0-9a-f.]*:[0-9a-f:.]*:[0-9a-f:.%\w]*", re.IGNORECASE)


def named_host(host: str) -> str:
    """A host as an address holds it: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def on_configured_host(reported: str, host: str, schemes: tuple[str, ...], base: str = "") -> str | None:
    """The reported address with the configured host, its own port and path, without a login; None when not usable.

    A path alone is taken to lie below `base` ("http://HOST:PORT").
    """
    text = reported.strip()
    if base and text.startswith("/") and not text.startswith("//"):
        return base + text
    found = _ADDRESS.match(text)
    if found is None or found["scheme"].lower() not in schemes or not (found["authority"] or found["rest"]):
        return None
    port = _port(found["authority"].rpartition("@")[2])
    if port is None:
        return None
    return f"{found['scheme'].lower()}://{named_host(host)}{f':{port}' if port else ''}{found['rest'] or ''}"


def _port(place: str) -> int | None:
    """The port behind a host; 0 where there is none, None where it cannot be one."""
    if _BARE_IPV6.fullmatch(place):
        return 0
    found = _PORT.fullmatch(place)
    if found is None:
        return None
    port = int(found["port"][:6]) if found["port"] else 0
    return port if port <= 65535 else None


def authority_of(reported: str) -> tuple[str, int] | None:
    """Host and port (0 where none is named) of an address; None when it has none."""
    found = _ADDRESS.match(reported.strip())
    place = "" if found is None else found["authority"].rpartition("@")[2]
    port = _port(place) if place else None
    if port is None:
        return None
    host = place if _BARE_IPV6.fullmatch(place) else re.sub(r":\d*$", "", place)
    return host.strip("[]"), port


def path_of_stream(address: str) -> str:
    """Path and query of an address of any scheme; "" when it has none."""
    found = _ADDRESS.match(address.strip())
    return "" if found is None else found["rest"] or ""


def path_of_address(reported: str) -> str | None:
    """Path and query alone of an http address, or of a path: a service is asked on the configured host and port."""
    text = next(iter(reported.split()), "")
    found = _ADDRESS.match(text)
    if found is not None:
        return found["rest"] if found["scheme"].lower() in ("http", "https") else None
    if re.fullmatch(r"/?[\w.~-]+(/[^#]*)?", text):
        return quote("/" + text.removeprefix("/"), safe="/?&=:;,@+$!*'()%~._-")
    return None
