"""TLS to a camera. Cameras certify themselves: what nobody vouches for is `tls_untrusted`, until the site names it."""

import hashlib
import socket
import ssl
from collections.abc import Callable
from functools import lru_cache

from .failure import CameraFailed
from .model import Deadline, Fault, Trust


def secured(connect: Callable[[], socket.socket], host: str, trust: Trust, deadline: Deadline) -> ssl.SSLSocket:
    """A connection whose certificate is trusted; `connect` opens the TCP connection, twice at most.

    Raises `CameraFailed`: tls_untrusted with the reason and the certificate's SHA-256 fingerprint, which is what the
    site would have to name; bad_response where the other side speaks no TLS; timeout.
    """
    if trust.fingerprints:
        wrapped = _handshake(_unverified(), connect(), host, deadline)
        if _fingerprint(wrapped) in trust.fingerprints:
            return wrapped
        wrapped.close()
    try:
        return _handshake(_verified(trust.authorities_pem), connect(), host, deadline)
    except ssl.SSLCertVerificationError as error:
        with _handshake(_unverified(), connect(), host, deadline) as wrapped:
            raise CameraFailed(
                Fault.TLS_UNTRUSTED, at="tls", error=error.verify_message, fingerprint=_fingerprint(wrapped)
            ) from None


def _handshake(context: ssl.SSLContext, sock: socket.socket, host: str, deadline: Deadline) -> ssl.SSLSocket:
    """Ends by the deadline, however slowly bytes drip; raises SSLCertVerificationError for the certificate alone."""
    try:
        sock.settimeout(max(deadline.left_s(), 0.001))
        return context.wrap_socket(sock, server_hostname=host.partition("%")[0])
    except ssl.SSLCertVerificationError:
        sock.close()
        raise
    except TimeoutError:
        sock.close()
        raise CameraFailed(Fault.TIMEOUT, at="tls") from None
    except (OSError, ValueError) as error:
        sock.close()
        reason = getattr(error, "reason", None) or type(error).__name__
        raise CameraFailed(Fault.BAD_RESPONSE, at="tls", error=f"no TLS: {reason}") from None


def _fingerprint(wrapped: ssl.SSLSocket) -> str:
    return hashlib.sha256(wrapped.getpeercert(binary_form=True) or b"").hexdigest().upper()


@lru_cache(maxsize=8)
def _verified(authorities_pem: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if authorities_pem:
        context.load_verify_locations(cadata=authorities_pem)
    return context


@lru_cache(maxsize=1)
def _unverified() -> ssl.SSLContext:
    """Takes any certificate and the weak ciphers of old cameras: only the fingerprint counts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context
