"""What keeps pages safe: headers of every answer, local redirects, who may read /metrics."""

import hmac
import ipaddress
from urllib.parse import urlsplit

from flask import Request, Response

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
ONE_YEAR_S = 31_536_000
PROXY_HEADERS = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via")


def with_headers(response: Response, secure: bool, cacheable: bool) -> Response:
    """Put the headers on an answer; what a view set itself stays. `cacheable` answers hold nothing of the site."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={ONE_YEAR_S}")
    if not cacheable:
        response.headers["Cache-Control"] = "no-store"
    return response


def local_path(target: str | None, default: str = "/") -> str:
    r"""A redirect target when it stays on this server, else `default`.

    Browsers read `//host`, `/\host` and leading control characters as another host.
    """
    if not target or not target.startswith("/") or target[1:2] in ("/", "\\"):
        return default
    if any(ord(character) < 0x20 or character == "\\" for character in target):
        return default
    parts = urlsplit(target)
    return default if parts.scheme or parts.netloc else target


def is_loopback(address: str | None) -> bool:
    """Whether an address is this machine's own."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def is_local_caller(request: Request) -> bool:
    """Whether a caller sits on this machine, not behind a proxy on it, and asked for it by a local name.

    A page of another origin can reach 127.0.0.1 by a name that it rebinds; that name then stands in `Host`.
    """
    if any(name in request.headers for name in PROXY_HEADERS) or not is_loopback(request.remote_addr):
        return False
    host = urlsplit(f"//{request.host}").hostname
    return host == "localhost" or is_loopback(host)


def bearer_matches(request: Request, token: str | None) -> bool | None:
    """Whether the caller's bearer token is the right one, compared in constant time; None when it shows none."""
    shown = request.authorization
    if shown is None or shown.type != "bearer" or not shown.token:
        return None
    return bool(token) and hmac.compare_digest(shown.token.encode(), (token or "").encode())
