"""`rtsp(s)://user:password@host:port/path` or `http(s)://host/onvif/device_service` as an endpoint."""

from urllib.parse import SplitResult, unquote, urlsplit

from .model import DEVICE_SERVICE, Credential, Endpoint

_DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}


def parse_url(url: str) -> Endpoint:
    """The endpoint that an address names; its `camera` is `host:port`. ValueError, never with the password in it.

    An `http` or `https` address names a device service alone: its endpoint has `rtsp_port` 0.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise ValueError("the address cannot be read: is the port a number up to 65535, an IPv6 host in [ ]?") from None
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS:
        raise ValueError(
            f"the address begins with {scheme + ':' if scheme else 'no scheme'}; use rtsp(s):// or http(s)://"
        )
    if not parts.hostname:
        raise ValueError(f"the address names no host; use {scheme}://HOST/...")
    if parts.username is None and "@" in parts.path + parts.query + parts.fragment:
        raise ValueError("there is an @ behind the host; write / # ? and @ of a user or password as %2F %23 %3F %40")
    if port == 0:
        raise ValueError("the port is 0; use 1 to 65535")
    port = port or _DEFAULT_PORTS[scheme]
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = parts.hostname
    camera = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    login = _login(parts)
    if scheme in ("rtsp", "rtsps"):
        return Endpoint(camera, host, rtsp_port=port, rtsp_path=path, credential=login, rtsp_scheme=scheme)
    service = DEVICE_SERVICE if path == "/" else path
    return Endpoint(camera, host, 0, "", onvif_port=port, credential=login, onvif_path=service, onvif_scheme=scheme)


def _login(parts: SplitResult) -> Credential | None:
    if parts.username is None:
        return None
    return Credential("url", unquote(parts.username), unquote(parts.password or ""))
