"""Servers that speak TLS on loopback, with certificates made for the test."""

import contextlib
import hashlib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest

x509 = pytest.importorskip("cryptography.x509")
from cryptography.hazmat.primitives import hashes, serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402

NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Certificate:
    """A certificate with its key in one PEM file."""

    path: Path
    pem: str
    fingerprint: str


def certificate(folder: Path, host: str = "127.0.0.1", days: int = 30, authority: bool = False) -> Certificate:
    """A certificate that vouches for itself; `days` until it ends, negative when it has."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "camera")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=60))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"{made.serial_number}.pem"
    path.write_bytes(secret + pem)
    der = made.public_bytes(serialization.Encoding.DER)
    return Certificate(path, pem.decode(), hashlib.sha256(der).hexdigest().upper())


def over_tls(serve, shown: Certificate):
    """`serve` behind TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown.path)

    def run(connection) -> None:
        with contextlib.suppress(ssl.SSLError), context.wrap_socket(connection, server_side=True) as wrapped:
            serve(wrapped)

    return run
