"""Which certificates a site trusts: fingerprints in site.toml, authorities in a file beside it."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from cammon.service.looks import endpoint_of
from cammon.sitefiles import read_site
from cammon_probes.model import Trust

FINGERPRINT = "3F:5a " + ":".join(["00"] * 30)


def self_made():
    """The certificate of an authority, in PEM."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "CA")])
    now = datetime.now(UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), 1).not_valid_before(now - timedelta(days=1))
    made = built.not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "cameras.csv").write_text(
        "id,address,onvif_port,onvif_scheme,onvif_path\nC1,10.0.0.9,443,HTTPS,onvif/x\nC2,10.0.0.8,80,,\n", "utf-8"
    )
    return tmp_path


def read(folder, tls):
    (folder / "site.toml").write_text(f'name = "TLS"\n[tls]\n{tls}\n', "utf-8")
    return read_site(folder)


def test_fingerprints_reach_the_probes(folder):
    reading = read(folder, f'trusted = ["{FINGERPRINT}"]')
    assert not reading.problems, reading.problems
    first, second = (endpoint_of(reading.site, camera) for camera in reading.site.cameras)
    assert first.trust == Trust(frozenset({"3F5A" + "00" * 30}))
    assert (first.onvif_scheme, first.onvif_path) == ("https", "/onvif/x")
    assert (second.onvif_scheme, second.onvif_path) == ("http", "/onvif/device_service")


def test_the_sites_authorities(folder):
    pem = self_made()
    (folder / "ca.pem").write_text(pem, "utf-8")
    reading = read(folder, 'authorities = "ca.pem"')
    assert not reading.problems, reading.problems
    assert reading.site.trust.authorities_pem == pem
    before = reading.site.version
    (folder / "ca.pem").write_text(pem + "\n", "utf-8")
    assert read(folder, 'authorities = "ca.pem"').site.version != before


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "file_missing"),
        ("", "file_empty"),
        ("no certificate", "no_certificates"),
        ("x" * 2_000_000, "file_too_large"),
    ],
)
def test_authorities_that_are_none(content, code, folder):
    if content is not None:
        (folder / "ca.pem").write_text(content, "utf-8")
    reading = read(folder, 'authorities = "ca.pem"')
    assert reading.site is None
    assert [(one.file, one.code) for one in reading.problems] == [("ca.pem", code)]
