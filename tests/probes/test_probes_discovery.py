"""Who is on the network: WS-Discovery on loopback multicast, and a bounded look at ranges of 127.x addresses."""

import ipaddress
import os
import re
import socket
import threading
import time

import pytest
from discovery_peers import Responder, match
from hypothesis import given, settings
from hypothesis import strategies as st
from peers import Peer, mute

from cammon_probes.announced import MOST_OF_A_HOST, Announced, listen
from cammon_probes.model import Deadline
from cammon_probes.sweep import MOST_HOSTS, OpenHost, hosts_of, sweep

OWN = f"127.{100 + os.getpid() % 100}.{os.getpid() // 100 % 250}"
"""A network for this run alone: all runs on a machine hear each other on the multicast group."""


@pytest.fixture
def responder():
    started: list[Responder] = []

    def start(*replies: bytes, host: str = "127.0.0.1") -> Responder:
        started.append(Responder(*replies, host=host))
        return started[-1]

    yield start
    for one in started:
        one.close()


def heard(wait_s: float = 0.8) -> tuple[Announced, ...]:
    return tuple(one for one in listen(wait_s, ["127.0.0.1"]) if one.host.startswith(OWN))


def test_devices_answer_from_their_addresses(responder):
    one = responder(match(f"http://{OWN}.1:8000/onvif/device_service"), host=f"{OWN}.1")
    responder(match(f"https://{OWN}.2/dev", scopes=""), host=f"{OWN}.2")
    assert set(heard()) == {
        Announced(f"{OWN}.1", 8000, name="Gate East", model="D-1"),
        Announced(f"{OWN}.2", 443, "https", "/dev"),
    }
    assert {found[0] for one_ in one.asked if (found := re.findall(rb"Types>(\w+:\w+)<", one_))} == {
        b"dn:NetworkVideoTransmitter", b"tds:Device",
    }  # fmt: skip


def test_one_host_is_no_crowd(responder):
    host = f"{OWN}.3"
    responder(*(match(f"http://{host}:{port}/x") for port in range(1, MOST_OF_A_HOST + 40)), host=host)
    assert len(heard()) == MOST_OF_A_HOST


KNOWN = {"name": "Gate East", "model": "D-1"}
AT = "http://SENDER/x"
HOSTILE_NAME = "onvif://www.onvif.org/name/%1b%5B31m%3Dcmd%7C%0d%0a" + "x" * 9000
ANSWERS = {
    "another host": (match("http://10.0.0.9:81/x"), {"onvif_port": 81, "onvif_path": "/x", **KNOWN}),
    "several addresses": (
        match("http://10.0.0.9/x http://SENDER:82/y"),
        {"onvif_port": 82, "onvif_path": "/y", **KNOWN},
    ),
    "IPv6 address": (match("http://[fe80::1]:83/x"), {"onvif_port": 83, "onvif_path": "/x", **KNOWN}),
    "no address": (match(""), KNOWN),
    "a file": (match("file:///etc/passwd"), KNOWN),
    "scopes alone": (match(AT, types="", scopes="onvif://www.onvif.org/Profile/S"), {"onvif_path": "/x"}),
    "undeclared prefix": (match(AT).replace(b" xmlns:d=", b" xmlns:z="), {"onvif_path": "/x", **KNOWN}),
    "hostile name": (match(AT, scopes=HOSTILE_NAME), {"onvif_path": "/x", "name": "[31m=cmd| " + "x" * 149 + "…"}),
    "a printer": (match(AT, types="wsdp:Device", scopes=""), None),
    "a Hello": (match(AT).replace(b"ProbeMatch", b"Hello"), None),
    "document type": (b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" + match("http://SENDER/&x;"), None),
    "noise": (b"\x00\xff" * 500, None),
    "deep": (b"<a>" * 20000, None),
    "cut off": (match(AT)[:-30], None),
}


@pytest.fixture(scope="module")
def found_at():
    """What one round of listening finds: each answer comes from an address of its own."""
    hosts = {name: f"{OWN}.{number}" for number, name in enumerate(ANSWERS, 1)}
    running = [Responder(ANSWERS[name][0].replace(b"SENDER", host.encode()), host=host) for name, host in hosts.items()]
    found = {one.host: one for one in heard()}
    for one in running:
        one.close()
    return {name: found.get(host) for name, host in hosts.items()}, hosts


@pytest.mark.parametrize("name", ANSWERS)
def test_of_an_answer_only_the_address_of_its_sender_is_believed(name, found_at):
    found, hosts = found_at
    expected = ANSWERS[name][1]
    assert found[name] == (None if expected is None else Announced(hosts[name], **expected))


def test_a_flood_of_answers_is_bounded(responder):
    responder(*(match(f"http://{OWN}.1:{port}/x") for port in range(1, 400)), host=f"{OWN}.1")
    begun_s = time.monotonic()
    assert 1 <= len(heard(0.5)) <= 400
    assert time.monotonic() - begun_s < 5


def test_no_thread_is_left(responder):
    responder(match("http://127.0.0.1/x"))
    before = threading.active_count()
    heard(0.2)
    assert threading.active_count() == before


def test_ipycam_is_found():
    config = pytest.importorskip("ipycam.config")
    from ipycam.discovery import WSDiscoveryServer
    from ipycam.onvif import ONVIFService

    about = config.CameraConfig(username="u", password="p", local_ip="127.0.0.1", name="Yard")
    about.onvif_port = 8899
    server = WSDiscoveryServer(ONVIFService(about))
    server.sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
    server.start()
    try:
        assert Announced("127.0.0.1", 8899, name="Yard") in listen(0.8, ["127.0.0.1"])
    finally:
        server.stop()
        server.join(3)


@pytest.mark.parametrize(
    ("subnets", "first", "count"),
    [
        (["127.5.0.0/29"], "127.5.0.1", 6),
        (["127.5.0.9/32"], "127.5.0.9", 1),
        (["127.5.0.8/31"], "127.5.0.8", 2),
        (["127.5.0.77/24"], "127.5.0.1", 254),
        (["127.5.0.0/30", "127.5.0.0/29"], "127.5.0.1", 6),
        (["fd00::/126"], "fd00::1", 3),
        (["127.5.0.0/20"], "127.5.0.1", 4094),
        ([], None, 0),
    ],
)
def test_hosts_of_ranges(subnets, first, count):
    found = hosts_of(subnets)
    assert len(found) == count
    assert first is None or found[0] == first


@pytest.mark.parametrize(
    "subnets",
    [["127.5.0.0/19"], ["0.0.0.0/0"], ["::/0"], ["127.5.0.0/20", "127.6.0.0/20"], ["224.0.0.0/24"], ["yard"], [""]],
)
def test_ranges_that_are_refused(subnets):
    with pytest.raises(ValueError, match=r"write|give|at most"):
        hosts_of(subnets)


@settings(deadline=None)
@given(st.ip_addresses(v=4), st.integers(23, 32))
def test_any_range_is_bounded(address, bits):
    if address.is_multicast:
        return
    try:
        found = hosts_of([f"{address}/{bits}"])
    except ValueError:
        assert ipaddress.ip_network(f"{address}/{bits}", strict=False).is_unspecified
        return
    assert len(found) <= MOST_HOSTS
    assert len(set(found)) == len(found)


def swept(hosts, ports, within_s=10.0, rate=2000.0):
    return sweep(hosts, ports, Deadline.after(within_s, time.monotonic), rate_per_s=rate)


def test_open_ports_are_found(peer):
    one, two = peer(mute, host="127.7.0.2"), peer(mute, host="127.7.0.5")
    other = Peer(mute, host="127.7.0.5")
    found = swept(hosts_of(["127.7.0.0/28"]), (one.port, two.port, other.port))
    other.close()
    assert found.found == (OpenHost("127.7.0.2", (one.port,)), OpenHost("127.7.0.5", (two.port, other.port)))
    assert found.not_looked_at == 0
    assert one.connections == 1


def test_the_rate_is_kept():
    begun_s = time.monotonic()
    swept(hosts_of(["127.7.1.0/27"]), (9,), rate=60.0)
    assert time.monotonic() - begun_s >= 29 / 60.0


def test_what_was_not_looked_at_in_time_is_counted():
    begun_s = time.monotonic()
    found = swept(hosts_of(["127.7.1.0/24"]), (9,), within_s=0.5, rate=20.0)
    assert time.monotonic() - begun_s < 2.5
    assert 254 - 12 <= found.not_looked_at <= 254 - 8


def test_progress_is_shown():
    shown = []
    sweep(hosts_of(["127.7.1.0/29"]), (9,), Deadline.after(5, time.monotonic), show=lambda *at: shown.append(at))
    assert shown == [(done, 6) for done in range(1, 7)]
