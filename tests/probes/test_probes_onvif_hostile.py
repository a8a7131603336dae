"""Devices that mean harm: each with its exact fault, in bounded time and memory, and nobody else is ever called."""

import functools
import gzip
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest
from onvif_peers import ENVELOPE, IDENTITY, OnvifCamera, capabilities, fault, soap, uri
from peers import Peer, closing, dripping, http, mute, pouring
from probe_logins import LOGIN

from cammon_probes.device import device
from cammon_probes.model import Fault
from cammon_probes.onvif_client import service_definition

OWNER = (LOGIN.username, LOGIN.password)
QUESTIONS = ("GetDeviceInformation", "GetCapabilities", "GetProfiles", "GetNetworkInterfaces")
LAUGHS = '<!ENTITY l0 "lol">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
MOST_MB = 120


@pytest.fixture(autouse=True, scope="module")
def parsed():
    """The service definitions are parsed once in a process; no test should pay for it."""
    service_definition("devicemgmt")
    service_definition("media")


@pytest.fixture
def trap():
    """A host that nobody may call."""
    one = Peer(mute, host="127.9.9.9")
    yield one
    one.close()
    assert one.connections == 0


@pytest.fixture
def ask(peer, look):
    """Asks a device on loopback."""

    def run(serve, login=None, deadline_s=5.0):
        return look(device, 0, deadline_s=deadline_s, onvif_port=peer(serve).port, credential=login)

    return run


def document(dtd: str, entity: str = "", encoding: str = "utf-8") -> bytes:
    body = ENVELOPE.partition("?>")[2].format(IDENTITY.replace("SN77", entity or "SN77"))
    return http("200 OK", body=f'<?xml version="1.0" encoding="{encoding}"?>{dtd}{body}'.encode(encoding))


@functools.cache
def packed() -> bytes:
    return gzip.compress(b" " * 200_000_000, 1)


def xml_bombs(port: int) -> dict[str, tuple[bytes, Fault]]:
    return {
        "document type": (document("<!DOCTYPE a>"), Fault.BAD_RESPONSE),
        "a file": (document('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "&x;"), Fault.BAD_RESPONSE),
        "another host": (document(f'<!DOCTYPE a SYSTEM "http://127.9.9.9:{port}/a.dtd">'), Fault.BAD_RESPONSE),
        "billion laughs": (document(f"<!DOCTYPE a [{LAUGHS}]>", "&l11;"), Fault.BAD_RESPONSE),
        "billion laughs, UTF-16": (document(f"<!DOCTYPE a [{LAUGHS}]>", "&l11;", "utf-16"), Fault.BAD_RESPONSE),
        "document type in broken XML": (document("<!DOCTYPE a>", "a & b"), Fault.BAD_RESPONSE),
        "200 MB announced": (b"HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n", Fault.TOO_LARGE),
        "200 MB in one chunk": (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nBEBC200\r\n<a>", Fault.TOO_LARGE,
        ),
        "200 MB packed": (http("200 OK", body=packed()), Fault.TOO_LARGE),
        "a million elements": (http("200 OK", body=ENVELOPE.format("<a/>" * 1_000_000).encode()), Fault.TOO_LARGE),
        "elsewhere": (http("301 Moved", f"Location: http://127.9.9.9:{port}/"), Fault.REDIRECTED),
        "a file by redirect": (http("302 Found", "Location: file:///etc/passwd"), Fault.REDIRECTED),
    }  # fmt: skip


@pytest.mark.parametrize("operation", QUESTIONS)
@pytest.mark.parametrize("name", xml_bombs(1))
def test_bombs(name, operation, ask, trap):
    """Whatever the question, the look ends with the fault and keeps what it knew."""
    reply, expected = xml_bombs(trap.port)[name]
    begun_s = time.process_time()
    reading = ask(OnvifCamera(answers={operation: reply}))
    assert time.process_time() - begun_s < 2.0
    assert reading.fault is expected, reading
    assert reading.device.clock_offset_s is not None
    assert "root:" not in repr(reading)


@pytest.mark.parametrize(
    ("serve", "expected"),
    [
        (mute, Fault.TIMEOUT),
        (dripping(b"HTTP/1.1 200 OK\r\n" + b"X-Slow: yes\r\n" * 50), Fault.TIMEOUT),
        (dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"<a>" * 99), Fault.TIMEOUT),
        (dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n<\r\n" * 50), Fault.TIMEOUT),
        (pouring(b"HTTP/1.1 200 OK\r\n\r\n<a>", b"<b/>" * 4096), Fault.TOO_LARGE),
        (pouring(b"HTTP/1.1 200 OK\r\nX: ", b"a" * 4096), Fault.TOO_LARGE),
        (pouring(b"HTTP/1.1 200 OK\r\n", b"X: a\r\n" * 4096), Fault.TOO_LARGE),
        (pouring(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 99), Fault.BAD_RESPONSE),
        (pouring(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1;" + b"x" * 5000), Fault.TOO_LARGE),
        (closing(), Fault.BAD_RESPONSE),
    ],
    ids=[
        "mute", "dripped header", "dripped body", "dripped chunks", "endless body", "endless header", "endless headers",
        "endless 100", "endless chunk size", "closes",
    ],
)  # fmt: skip
def test_hostile_connections(serve, expected, ask):
    assert ask(serve, deadline_s=1.0).fault is expected


def test_a_fault_with_a_script_is_words(ask):
    script = "&lt;script&gt;alert(1)&lt;/script&gt;\n\x1b[31m=cmd|' /C calc'!A0" + "x" * 5000
    reading = ask(OnvifCamera(answers={"GetDeviceInformation": fault("ter:NotAuthorized", script)}))
    assert reading.fault is Fault.AUTH_FAILED
    assert reading.evidence["soap"].startswith("s:Sender ter:NotAuthorized <script>")
    assert len(reading.evidence["soap"]) <= 160
    assert reading.evidence["soap"].isprintable()
    hostile = ask(OnvifCamera(answers={"GetNetworkInterfaces": fault("ter:Action", script)}))
    assert all(step.detail.isprintable() and len(step.detail) <= 160 for step in hostile.steps)


@pytest.mark.parametrize("scheme", ["http", "https", "file", "ftp", "rtsp", "//"])
def test_addresses_of_another_host_are_never_called(scheme, ask, trap):
    address = f"{scheme}://127.9.9.9:{trap.port}/x".replace("//://", "//")
    answers = {
        "GetCapabilities": soap(capabilities(address)),
        "GetStreamUri": soap(uri("GetStreamUri", address)),
        "GetSnapshotUri": soap(uri("GetSnapshotUri", address)),
    }
    reading = ask(OnvifCamera(answers=answers))
    assert reading.ok, reading
    used = (reading.device.stream_uri_used, reading.device.snapshot_uri_used)
    assert all(one is None or f"://127.0.0.1:{trap.port}/x" in one for one in used)


MEASURED = """
import re, sys, time
from pathlib import Path
from datetime import UTC, datetime
from cammon_probes.device import device
from cammon_probes.model import Deadline, Endpoint
from cammon_probes.onvif_client import service_definition
for name in ("devicemgmt", "media"):
    service_definition(name)
def peak_kib():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
before = peak_kib()
for port in sys.argv[1:]:
    reading = device(Endpoint("c", "127.0.0.1", onvif_port=int(port)), datetime.now(UTC), Deadline.after(5.0, time.monotonic))
print(peak_kib() - before)
"""  # noqa: E501


def test_memory_is_bounded(peer):
    """The worst answers one after another, in a process of their own: what it ever held at once."""
    below = ENVELOPE.format("<a/>" * 240_000)
    attributes = ENVELOPE.format("<a " + " ".join(f'a{n}=""' for n in range(240_000)) + "/>")
    nested = ENVELOPE.format("<Profiles token='x'>" * 200 + "<a/>" * 200_000 + "</Profiles>" * 200)
    answers = [one for one, _ in xml_bombs(1).values()]
    answers += [http("200 OK", body=text.encode()) for text in (below, attributes, nested)]
    answers += [http("200 OK", body=b"<Envelope>" + b"&" * 4_000_000 + b"</Envelope>")]
    answers += [http("200 OK", body=zlib.compress(b"<a>" * 1_300_000))]
    ports = [peer(OnvifCamera(answers={name: one})).port for one in answers for name in ("GetDeviceInformation",)]
    ports.append(peer(OnvifCamera(answers={"GetProfiles": http("200 OK", body=nested.encode())})).port)
    ports.append(peer(pouring(b"HTTP/1.1 200 OK\r\n\r\n<a>", b"<b/>" * 4096)).port)
    root = Path(__file__).resolve().parents[2]
    ran = subprocess.run(
        [sys.executable, "-c", MEASURED, *map(str, ports)],
        check=True, capture_output=True, text=True, cwd=root, env={"PYTHONPATH": str(root / "probes")},
    )  # fmt: skip
    assert 5 < int(ran.stdout) / 1024 < MOST_MB
