"""The certificate that virtual cameras show over TLS: made at the start, vouched for by nobody, like a real one's."""

import hashlib
import ssl
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

LASTS = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class OwnCertificate:
    """`fingerprint` is its SHA-256, upper-case hexadecimal; `context` is what a listener needs."""

    fingerprint: str
    context: ssl.SSLContext = field(repr=False)


def made(now: datetime) -> OwnCertificate:
    """A new one, valid from a day before `now`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "virtual camera")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now.astimezone(UTC) - timedelta(days=1)).not_valid_after(now + LASTS)
    shown = builder.sign(key, hashes.SHA256())
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # The ssl module takes a key from a file alone; it is gone when the block ends.
    with tempfile.NamedTemporaryFile() as file:
        file.write(secret + shown.public_bytes(serialization.Encoding.PEM))
        file.flush()
        context.load_cert_chain(file.name)
    return OwnCertificate(hashlib.sha256(shown.public_bytes(serialization.Encoding.DER)).hexdigest().upper(), context)
