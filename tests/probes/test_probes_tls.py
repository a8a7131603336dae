"""TLS to a device: nothing is asked of whom nobody vouches for, and a site may name whom it trusts."""

import pytest
from onvif_peers import OnvifCamera
from peers import dripping, http, mute
from probe_logins import LOGIN
from tls_peers import certificate, over_tls

from cammon_probes.device import device
from cammon_probes.model import Fault, Trust

OWNER = (LOGIN.username, LOGIN.password)
SYSTEM = Trust()


@pytest.fixture
def ask(peer, look):
    """Asks a device over HTTPS."""

    def run(serve, trust=SYSTEM, host="127.0.0.1", deadline_s=5.0):
        port = peer(serve, host=host).port
        about = {"onvif_port": port, "onvif_scheme": "https", "trust": trust, "credential": LOGIN}
        return look(device, 0, deadline_s=deadline_s, host=host, **about)

    return run


@pytest.mark.parametrize(
    ("about", "why"),
    [
        ({}, "its certificate is self-signed"),
        ({"days": -1}, "its certificate is self-signed and has expired"),
        ({"host": "127.0.0.9", "authority": True}, "its certificate is self-signed and for another host"),
    ],
    ids=["self-signed", "expired", "of another host"],
)
def test_certificates_that_nobody_vouches_for(about, why, ask, tmp_path):
    camera, shown = OnvifCamera(OWNER), certificate(tmp_path, **about)
    reading = ask(over_tls(camera, shown))
    assert reading.fault is Fault.TLS_UNTRUSTED
    assert reading.evidence["error"] == why
    assert reading.evidence["fingerprint"] == shown.fingerprint
    assert shown.fingerprint in reading.steps[-1].detail, "the steps alone say what to trust"
    assert camera.asked == [], "nothing was asked, nothing was told"


@pytest.mark.parametrize("days", [30, -1], ids=["self-signed", "expired"])
def test_a_certificate_that_the_site_names_is_trusted(days, ask, tmp_path):
    shown = certificate(tmp_path, days=days)
    reading = ask(over_tls(OnvifCamera(OWNER), shown), Trust(frozenset({"00" * 32, shown.fingerprint})))
    assert reading.ok, reading
    assert reading.device.serial == "SN77"


def test_another_certificate_than_the_named_one_is_not_trusted(ask, tmp_path):
    known, shown = certificate(tmp_path), certificate(tmp_path)
    reading = ask(over_tls(OnvifCamera(OWNER), shown), Trust(frozenset({known.fingerprint})))
    assert reading.fault is Fault.TLS_UNTRUSTED
    assert reading.evidence["fingerprint"] == shown.fingerprint


def test_an_authority_that_the_site_names(ask, tmp_path):
    shown = certificate(tmp_path, authority=True)
    assert ask(over_tls(OnvifCamera(OWNER), shown), Trust(authorities_pem=shown.pem)).ok
    expired = certificate(tmp_path, days=-1, authority=True)
    other = certificate(tmp_path, host="127.0.0.9", authority=True)
    for wrong, why in ((expired, "its certificate has expired"), (other, "its certificate is for another host")):
        reading = ask(over_tls(OnvifCamera(OWNER), wrong), Trust(authorities_pem=wrong.pem))
        assert (reading.fault, reading.evidence["error"]) == (Fault.TLS_UNTRUSTED, why)


def test_over_ipv6(ask, tmp_path):
    shown = certificate(tmp_path, host="::1")
    reading = ask(over_tls(OnvifCamera(OWNER), shown), Trust(frozenset({shown.fingerprint})), host="::1")
    assert reading.ok, reading
    assert reading.device.stream_uri_used == "rtsp://[::1]:8554/live?x=1&y=2"


@pytest.mark.parametrize(
    ("serve", "expected"),
    [
        (mute, Fault.TIMEOUT),
        (dripping(b"\x16\x03\x03\x40\x00" + b"\x02" * 200), Fault.TIMEOUT),
        (lambda connection: connection.recv(100), Fault.BAD_RESPONSE),
        (lambda connection: connection.sendall(http("400 Bad Request", body=b"no TLS here")), Fault.BAD_RESPONSE),
    ],
    ids=["mute", "dripped handshake", "closes", "speaks plain HTTP"],
)
def test_what_is_no_tls(serve, expected, ask):
    assert ask(serve, deadline_s=1.0).fault is expected
