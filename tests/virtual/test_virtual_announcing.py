"""Virtual cameras on the multicast group of loopback, heard by the WSDiscovery package and by hand."""

import os
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cammon.virtual.announcing import GROUP, PORT, asked
from cammon.virtual.background import RunningFleet, running_fleet
from cammon.virtual.model import CameraSpec, FleetOptions, Identity
from cammon_probes.announced import Announced, listen

NET = f"127.{160 + os.getpid() % 90}.{os.getpid() // 90 % 250}"
"""A network for this run alone: all runs on a machine hear each other on the multicast group."""


@pytest.fixture(scope="module")
def fleet() -> Iterator[RunningFleet]:
    cameras = [
        CameraSpec("CAM01", f"{NET}.1", identity=Identity(model="VC & Söhne")),
        CameraSpec("CAM02", f"{NET}.2", https=True),
        CameraSpec("CAM03", f"{NET}.3", onvif_port=None),
        CameraSpec("CAM04", f"{NET}.4"),
    ]
    with running_fleet(cameras, options=FleetOptions(announce=True)) as running:
        running.put("CAM04", "power_loss")
        yield running


def heard() -> set[Announced]:
    return {one for one in listen(1.0, ["127.0.0.1"]) if one.host.startswith(NET + ".")}


def test_who_has_a_device_service_and_is_up_answers(fleet: RunningFleet) -> None:
    first, second = fleet.endpoint("CAM01"), fleet.endpoint("CAM02")
    assert first.onvif_port is not None
    assert second.onvif_port is not None
    assert heard() == {
        Announced(f"{NET}.1", first.onvif_port, name="cammon", model="VC & Söhne"),
        Announced(f"{NET}.2", second.onvif_port, "https", name="cammon", model="VC-1"),
    }


def test_other_messages_are_not_answered(fleet: RunningFleet) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as viewer:
        viewer.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        viewer.bind(("127.0.0.1", 0))
        for message in (b"", b"<x/>", b"\xff" * 2000, PROBE.replace(b"dn:NetworkVideoTransmitter", b"dn:Printer")):
            viewer.sendto(message, (GROUP, PORT))
        viewer.settimeout(0.4)
        with suppress(TimeoutError):
            while True:
                assert not viewer.recvfrom(65535)[1][0].startswith(NET + ".")


PROBE = (
    b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"'
    b' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"><e:Header><a:MessageID>urn:7</a:MessageID></e:Header>'
    b"<e:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></e:Body></e:Envelope>"
)


def test_what_is_a_question() -> None:
    assert asked(PROBE) == "urn:7"
    assert asked(PROBE.replace(b"dn:NetworkVideoTransmitter", b"")) == "urn:7"
    assert asked(PROBE.replace(b"dn:NetworkVideoTransmitter", b"tds:Device x:Other")) == "urn:7"
    assert asked(PROBE.replace(b"dn:NetworkVideoTransmitter", b"dn:Printer")) is None
    assert asked(b'<!DOCTYPE x [<!ENTITY y "z">]>' + PROBE) is None


@given(st.binary(max_size=300))
def test_anything_may_come(data: bytes) -> None:
    assert asked(data) is None
