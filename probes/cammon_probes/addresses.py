"""Addresses that a camera names, made usable: cameras behind NAT, or hostile ones, name other hosts."""

from urllib.parse import urlsplit, urlunsplit


def on_configured_host(reported: str, host: str, schemes: tuple[str, ...]) -> str | None:
    """The reported address with the configured host, its own port and path, without a login; None when not usable."""
    try:
        parts = urlsplit(reported.strip())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in schemes or not parts.netloc:
        return None
    named = f"[{host}]" if ":" in host else host
    return urlunsplit((parts.scheme.lower(), f"{named}:{port}" if port else named, parts.path, parts.query, ""))


def path_of_address(reported: str) -> str | None:
    """Path and query alone of an http address: a service is asked on the configured host and port."""
    try:
        parts = urlsplit(reported.strip())
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not parts.path:
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")
