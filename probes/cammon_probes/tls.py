"""TLS to a camera. Cameras certify themselves: what nobody vouches for is `tls_untrusted`, until the site names it."""

import hashlib
import re
import socket
import ssl
from collections.abc import Callable
from functools import lru_cache

from .failure import CameraFailed
from .model import Deadline, Fault, Trust

SELF_SIGNED = "its certificate is self-signed"
EXPIRED = "its certificate has expired"
OTHER_HOST = "its certificate is for another host"
SELF_SIGNED_EXPIRED = "its certificate is self-signed and has expired"
SELF_SIGNED_OTHER_HOST = "its certificate is self-signed and for another host"
NOT_YET = "its certificate is not valid yet"
UNKNOWN_AUTHORITY = "its certificate is signed by an authority that is not trusted"
_REASONS = {
    9: NOT_YET,
    10: EXPIRED,
    18: SELF_SIGNED,
    62: OTHER_HOST,
    64: OTHER_HOST,
    **dict.fromkeys((2, 19, 20, 21), UNKNOWN_AUTHORITY),
}
"""X509_V_ERR_... of OpenSSL."""


def secured(connect: Callable[[], socket.socket], host: str, trust: Trust, deadline: Deadline) -> ssl.SSLSocket:
    """A connection whose certificate is trusted; `connect` opens the TCP connection, four times at most.

    Raises `CameraFailed`: tls_untrusted with the reason, as told apart by `_REASONS`, and the certificate's SHA-256
    fingerprint, which is what the site would have to name; bad_response where the other side speaks no TLS; timeout.
    """
    if trust.fingerprints:
        wrapped = _handshake(_unverified(), connect(), host, deadline)
        if _fingerprint(wrapped.getpeercert(binary_form=True) or b"") in trust.fingerprints:
            return wrapped
        wrapped.close()
    try:
        return _handshake(_verified(trust.authorities_pem), connect(), host, deadline)
    except ssl.SSLCertVerificationError as error:
        with _handshake(_unverified(), connect(), host, deadline) as wrapped:
            shown = wrapped.getpeercert(binary_form=True) or b""
            why = _why(error)
        if why == SELF_SIGNED:
            why = _self_signed(shown, connect, host, deadline)
        raise CameraFailed(Fault.TLS_UNTRUSTED, at="tls", error=why, fingerprint=_fingerprint(shown)) from None


def fingerprint_of(text: str) -> str:
    """A SHA-256 fingerprint as `Trust` has it, however its digits are grouped. ValueError when it is none."""
    bare = re.sub(r"[:\s]", "", text).upper()
    if not re.fullmatch(r"[0-9A-F]{64}", bare):
        raise ValueError(text)
    return bare


def certificates_in(pem: str) -> str:
    """The text of a file of certificates. ValueError when there is none in it."""
    try:
        ssl.create_default_context().load_verify_locations(cadata=pem)
    except ssl.SSLError as error:
        raise ValueError(str(error)) from None
    return pem


def _why(error: ssl.SSLCertVerificationError) -> str:
    return _REASONS.get(error.verify_code, error.verify_message)


def _self_signed(shown: bytes, connect: Callable[[], socket.socket], host: str, deadline: Deadline) -> str:
    """What else is wrong with a certificate that vouches for itself: seen by taking it for an authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=shown)
        _handshake(context, connect(), host, deadline).close()
    except ssl.SSLCertVerificationError as error:
        return {EXPIRED: SELF_SIGNED_EXPIRED, OTHER_HOST: SELF_SIGNED_OTHER_HOST}.get(_why(error), SELF_SIGNED)
    except (CameraFailed, ssl.SSLError):
        return SELF_SIGNED
    return SELF_SIGNED


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


def _fingerprint(certificate: bytes) -> str:
    return hashlib.sha256(certificate).hexdigest().upper()


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
