"""What real devices do to the standard: everything readable is read, the rest is named, nothing breaks."""

import gzip
import re
import time
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from onvif_peers import (
    ENVELOPE,
    IDENTITY,
    NETWORK,
    NOT_SUPPORTED,
    OnvifCamera,
    capabilities,
    clock,
    fault,
    services,
    soap,
    uri,
)
from peers import http, mute, request
from probe_logins import LOGIN

from cammon_probes.device import device
from cammon_probes.model import Fault
from cammon_probes.onvif_client import service_definition

OWNER = (LOGIN.username, LOGIN.password)
FACTS = ("manufacturer", "model", "firmware", "serial", "mac", "profiles", "stream_uri_used", "snapshot_uri_used")
WHOLE = dict(
    zip(
        FACTS,
        ("Drawn", "D-1", "1.0.3", "SN77", "00:1A:2B:3C:4D:5E", ("main", "sub"),
         "rtsp://127.0.0.1:8554/live?x=1&y=2", "http://127.0.0.1/snap.jpg"),
        strict=True,
    )
)  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def parsed():
    """The service definitions are parsed once in a process; no test should pay for it."""
    service_definition("devicemgmt")
    service_definition("media")


@pytest.fixture
def ask(peer, look):
    """Asks a device on loopback."""

    def run(serve, login=LOGIN, deadline_s=5.0):
        return look(device, 0, deadline_s=deadline_s, onvif_port=peer(serve).port, credential=login)

    return run


def facts_of(reading):
    return {name: getattr(reading.device, name) for name in FACTS}


class Rewriting(OnvifCamera):
    """A device whose every answer goes through `rewrite(head, body)` before it is sent."""

    def __init__(self, rewrite, closes=False, **about):
        super().__init__(**about)
        self._rewrite, self._closes = rewrite, closes

    def _answer(self, operation, body):
        head, _, content = super()._answer(operation, body).partition(b"\r\n\r\n")
        return self._rewrite(head.split(b"\r\n")[0], content)

    def __call__(self, connection):
        if not self._closes:
            super().__call__(connection)
        _, _, body = request(connection).decode().partition("\r\n\r\n")
        operation = re.search(r"Body>\s*<(?:\w+:)?(\w+)", body)[1]
        self.asked.append(operation)
        connection.sendall(self._answer(operation, body))


def sized(head, body, *headers):
    return b"\r\n".join([head, *headers, b"Content-Length: %d" % len(body), b"", b""]) + body


def chunked(head, body):
    parts = [body[at : at + 100] for at in range(0, len(body), 100)]
    chunks = b"".join(b"%X;x=y\r\n%s\r\n" % (len(part), part) for part in parts)
    return head + b"\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


def multipart(head, body):
    start = b"--MIME\r\nContent-Type: application/xop+xml\r\nContent-ID: <0>\r\n\r\n"
    return sized(head, start + body + b"\r\n--MIME--\r\n", b'Content-Type: multipart/related; boundary="MIME"')


def soap11(head, body):
    old = b"http://schemas.xmlsoap.org/soap/envelope/"
    return sized(head, body.replace(b"http://www.w3.org/2003/05/soap-envelope", old), b"Content-Type: text/xml")


def without_namespaces(head, body):
    bare = re.sub(rb'\sxmlns:\w+="[^"]*"', b"", body)
    return sized(head, re.sub(rb"(</?)\w+:", rb"\1", bare))


def raw_deflate(head, body):
    packer = zlib.compressobj(wbits=-15)
    return sized(head, packer.compress(body) + packer.flush(), b"Content-Encoding: deflate")


@pytest.mark.parametrize(
    ("rewrite", "closes"),
    [
        (soap11, False),
        (without_namespaces, False),
        (lambda head, body: sized(head, re.sub(rb'\sxmlns:t\w+="[^"]*"', b"", body)), False),
        (lambda head, body: sized(head, body.replace(b"http://www.onvif.org/", b"urn:vendor/")), False),
        (chunked, False),
        (lambda head, body: head.replace(b"1.1", b"1.0") + b"\r\nServer: gSOAP/2.7\r\n\r\n" + body, True),
        (lambda head, body: head.rpartition(b" ")[0] + b"\n\n" + body, True),
        (lambda head, body: b"HTTP/1.1 100 Continue\r\n\r\n" + sized(head, body), False),
        (lambda head, body: sized(head, gzip.compress(body), b"Content-Encoding: gzip"), False),
        (lambda head, body: sized(head, gzip.compress(body)), False),
        (lambda head, body: sized(head, zlib.compress(body), b"Content-Encoding: deflate"), False),
        (raw_deflate, False),
        (lambda head, body: sized(head, b"\xef\xbb\xbf" + body), False),
        (lambda head, body: sized(head, b"\r\n\r\n" + body + b"\0\0\r\n"), False),
        (lambda head, body: sized(head, body, b"Content-Type: application/octet-stream; charset=none"), False),
        (multipart, False),
        (lambda head, body: sized(head, body.replace(b"<s:Body>", b"<s:Header/><s:Body>\n\t")), False),
        (lambda head, body: sized(head, body.decode().replace("1.0", '1.0" encoding="UTF-16', 1).encode("utf-16")), 0),
        (lambda head, body: sized(head, respelt(rb"(</?(?:\w+:)?)(\w+)", body)), False),
        (lambda head, body: sized(head, respelt(rb"(</?t\w+:)(\w)", body)), False),
        (lambda head, body: sized(head, body.replace(b"SN77", b"SN<!-- - -->7<?x?>7")), False),
    ],
    ids=[
        "SOAP 1.1", "no namespaces", "undeclared prefixes", "other namespaces", "chunked", "HTTP/1.0 without a size",
        "bare line feeds, no reason", "100 first", "gzip", "gzip unannounced", "deflate", "raw deflate",
        "byte order mark", "blank lines before, zeros after", "odd content type", "multipart",
        "header and white space", "UTF-16", "small letters", "small first letters", "comments within",
    ],
)  # fmt: skip
def test_odd_wrappings(rewrite, closes, ask):
    reading = ask(Rewriting(rewrite, bool(closes)), login=None)
    assert reading.ok, reading
    assert facts_of(reading) == WHOLE


def respelt(pattern, body):
    """The second group of the pattern in small letters."""
    return re.sub(pattern, lambda found: found[1] + found[2].lower(), body)


def texts(encoding, declared, model):
    def rewrite(head, body):
        text = body.decode().replace('version="1.0"', f'version="1.0" encoding="{declared}"').replace("D-1", model)
        return sized(head, text.encode(encoding))

    return rewrite


@pytest.mark.parametrize(
    ("encoding", "declared", "model"),
    [
        ("gb2312", "GB2312", "井口枪机"),
        ("gb18030", "gb18030", "井口枪机㐀"),
        ("gb2312", "UTF-8", "井口枪机"),
        ("latin-1", "ISO-8859-1", "Caméra"),
        ("latin-1", "latin-1", "Caméra"),
        ("latin-1", "UTF-8", "été"),
        ("latin-1", "UTF-8", "Café Mäker"),
        ("utf-8", "nonsense", "井口枪机"),
    ],
)
def test_encodings_declared_and_not(encoding, declared, model, ask):
    reading = ask(Rewriting(texts(encoding, declared, model)), login=None)
    assert reading.ok, reading
    assert facts_of(reading) == WHOLE | {"model": model}


def identity(**fields):
    names = {"maker": "Manufacturer", "model": "Model", "firmware": "FirmwareVersion", "serial": "SerialNumber"}
    told = "".join(f"<tds:{names[name]}>{text}</tds:{names[name]}>" for name, text in fields.items())
    return soap(f"<tds:GetDeviceInformationResponse>{told}</tds:GetDeviceInformationResponse>")


def network(*interfaces):
    told = "".join(
        f'<tds:NetworkInterfaces token="{name}"><tt:Enabled>{on}</tt:Enabled><tt:Info>'
        f"<tt:HwAddress>{mac}</tt:HwAddress></tt:Info><tt:IPv4><tt:Config><tt:Manual><tt:Address>{at}</tt:Address></tt:Manual></tt:Config></tt:IPv4>"
        "</tds:NetworkInterfaces>"
        for name, on, mac, at in interfaces
    )
    return soap(f"<tds:GetNetworkInterfacesResponse>{told}</tds:GetNetworkInterfacesResponse>")


def profiles(*told):
    return soap(f"<trt:GetProfilesResponse>{''.join(told)}</trt:GetProfilesResponse>")


def only_for(token, address):
    """Answers GetStreamUri for one profile, refuses it for others."""

    def reply(body):
        return soap(uri("GetStreamUri", address)) if f">{token}<" in body else fault("ter:NoProfile", "no such")

    return reply


VIDEO = "<tt:VideoEncoderConfiguration token='E'><tt:Name>E</tt:Name></tt:VideoEncoderConfiguration>"
MEDIA2_PROFILES = soap(
    '<tr2:GetProfilesResponse xmlns:tr2="http://www.onvif.org/ver20/media/wsdl"><tr2:Profiles token="a"><tr2:Name>first'
    '</tr2:Name><tr2:Configurations/></tr2:Profiles></tr2:GetProfilesResponse>'
)  # fmt: skip


def media2_uri(address):
    def reply(body):
        operation = re.search(r"Body>\s*<(?:\w+:)?(\w+)", body)[1]
        assert "ver20/media" in body
        return soap(f"<tr2:{operation}Response xmlns:tr2='x'><tr2:Uri>{address}</tr2:Uri></tr2:{operation}Response>")

    return reply


MEDIA2 = {
    "GetServices": soap(services(media2="http://10.0.0.9/onvif/media2_service")),
    "GetProfiles": lambda body: MEDIA2_PROFILES if "ver20/media" in body else NOT_SUPPORTED,
    "GetStreamUri": media2_uri("rtsp://10.0.0.9/two"),
    "GetSnapshotUri": media2_uri("http://10.0.0.9:81/two.jpg"),
}
TWO = {
    "profiles": ("first",),
    "stream_uri_used": "rtsp://127.0.0.1/two",
    "snapshot_uri_used": "http://127.0.0.1:81/two.jpg",
}
DEVICES = {
    "no maker, no firmware": (
        {"GetDeviceInformation": identity(model="D-1", serial="SN77")},
        {"manufacturer": None, "firmware": None}, "Manufacturer, FirmwareVersion",
    ),
    "empty fields": (
        {"GetDeviceInformation": identity(maker=" ", model="D-1", firmware="1.0.3", serial="")},
        {"manufacturer": None, "serial": None}, "Manufacturer, SerialNumber",
    ),
    "a serial of 5,000 characters": (
        {"GetDeviceInformation": identity(maker="Drawn", model="D-1", firmware="1.0.3", serial="9" * 5000)},
        {"serial": "9" * 159 + "…"}, "",
    ),
    "control characters": ({"GetDeviceInformation": soap(IDENTITY.replace("SN77", "SN77\x01\x00\x7f"))}, {}, ""),
    "a bare ampersand": (
        {"GetStreamUri": soap(uri("GetStreamUri", "rtsp://10.0.0.9/cam?a=1&b=2&nbsp;c"))},
        {"stream_uri_used": "rtsp://127.0.0.1/cam?a=1&b=2&nbsp;c"}, "",
    ),
    "identity is not supported": (
        {"GetDeviceInformation": NOT_SUPPORTED},
        dict.fromkeys(FACTS[:4]), "GetDeviceInformation",
    ),
    "only GetServices": (
        {"GetCapabilities": NOT_SUPPORTED, "GetServices": soap(services(media="http://10.0.0.9/onvif/Media"))}, {}, "",
    ),
    "GetCapabilities is an empty body": (
        {"GetCapabilities": http("200 OK"), "GetServices": soap(services(media="http://x/onvif/Media"))}, {}, "",
    ),
    "neither": ({"GetCapabilities": NOT_SUPPORTED}, {}, "GetCapabilities, GetServices"),
    "several media services": (
        {"GetCapabilities": NOT_SUPPORTED,
         "GetServices": soap(services(media="http://x/onvif/one") + services(media="http://x/onvif/two"))}, {}, "",
    ),
    "relative address": ({"GetCapabilities": soap(capabilities("/onvif/Media"))}, {}, ""),
    "relative address without a slash": ({"GetCapabilities": soap(capabilities("onvif/Media"))}, {}, ""),
    "IPv6 address": ({"GetCapabilities": soap(capabilities("http://[fe80::1%25eth0]:80/onvif/Media"))}, {}, ""),
    "IPv6 address without brackets": ({"GetCapabilities": soap(capabilities("http://fe80::1/onvif/Media"))}, {}, ""),
    "address over HTTPS": ({"GetCapabilities": soap(capabilities("https://10.0.0.9/onvif/Media"))}, {}, ""),
    "two addresses": ({"GetCapabilities": soap(capabilities("http://a/onvif/Media http://b/x"))}, {}, ""),
    "Media2 alone": (MEDIA2 | {"GetCapabilities": soap("<tds:GetCapabilitiesResponse/>")}, TWO, ""),
    "Media2 alone, GetCapabilities missing": (MEDIA2 | {"GetCapabilities": NOT_SUPPORTED}, TWO, ""),
    "Media announced but without profiles": (MEDIA2, TWO, ""),
    "Media announced but not there": (
        MEDIA2 | {"GetProfiles": lambda body: MEDIA2_PROFILES if "ver20/media" in body else http("404 Not Found")},
        TWO, "",
    ),
    "profiles without names": (
        {"GetProfiles": profiles('<trt:Profiles token="P1"/>', '<trt:Profiles token="P2"><tt:Name/></trt:Profiles>')},
        {"profiles": ("P1", "P2")}, "",
    ),
    "profiles without tokens": (
        {"GetProfiles": profiles("<trt:Profiles><tt:Name>main</tt:Name></trt:Profiles>")},
        {"profiles": ("main",), "stream_uri_used": None, "snapshot_uri_used": None}, "GetStreamUri, GetSnapshotUri",
    ),
    "odd profile names": (
        {"GetProfiles": profiles('<trt:Profiles Token="ä/%20 1"><tt:Name>主码流</tt:Name></trt:Profiles>')},
        {"profiles": ("主码流",)}, "",
    ),
    "first a profile without video": (
        {"GetProfiles": profiles('<trt:Profiles token="meta"><tt:Name>meta</tt:Name></trt:Profiles>',
                                 f'<trt:Profiles token="P2"><tt:Name>video</tt:Name>{VIDEO}</trt:Profiles>'),
         "GetStreamUri": only_for("P2", "rtsp://10.0.0.9/v")},
        {"profiles": ("meta", "video"), "stream_uri_used": "rtsp://127.0.0.1/v"}, "",
    ),
    "a stream for the second profile only": (
        {"GetStreamUri": only_for("P2", "rtsp://10.0.0.9/v")}, {"stream_uri_used": "rtsp://127.0.0.1/v"}, "",
    ),
    "stream without port": (
        {"GetStreamUri": soap(uri("GetStreamUri", "\n  rtsp://10.0.0.9/v\n"))},
        {"stream_uri_used": "rtsp://127.0.0.1/v"}, "",
    ),
    "stream with a login": (
        {"GetStreamUri": soap(uri("GetStreamUri", "rtsp://admin:12@45@10.0.0.9:554/v"))},
        {"stream_uri_used": "rtsp://127.0.0.1:554/v"}, "",
    ),
    "stream of an IPv6 address": (
        {"GetStreamUri": soap(uri("GetStreamUri", "rtsp://[2001:db8::9]:8554/v"))},
        {"stream_uri_used": "rtsp://127.0.0.1:8554/v"}, "",
    ),
    "stream over TLS": (
        {"GetStreamUri": soap(uri("GetStreamUri", "rtsps://10.0.0.9:322/v"))},
        {"stream_uri_used": "rtsps://127.0.0.1:322/v"}, "",
    ),
    "stream with an impossible port": (
        {"GetStreamUri": soap(uri("GetStreamUri", "rtsp://10.0.0.9:port/v"))}, {"stream_uri_used": None}, "",
    ),
    "snapshot of a path alone": (
        {"GetSnapshotUri": soap(uri("GetSnapshotUri", "/cgi/snap.jpg?1"))},
        {"snapshot_uri_used": "PORT/cgi/snap.jpg?1"}, "",
    ),
    "snapshot over HTTPS": (
        {"GetSnapshotUri": soap(uri("GetSnapshotUri", "https://10.0.0.9/s.jpg"))},
        {"snapshot_uri_used": "https://127.0.0.1/s.jpg"}, "",
    ),
    "snapshot over RTSP": (
        {"GetSnapshotUri": soap(uri("GetSnapshotUri", "rtsp://10.0.0.9/s"))}, {"snapshot_uri_used": None}, "",
    ),
    "no snapshots": (
        {"GetSnapshotUri": fault("ter:ActionNotSupported", "no", "200 OK")},
        {"snapshot_uri_used": None}, "GetSnapshotUri",
    ),
    "MAC without separators": (
        {"GetNetworkInterfaces": network(("eth0", "true", "001a2b3c4d5e", "10.0.0.9"))}, {}, "",
    ),
    "MAC with dots": ({"GetNetworkInterfaces": network(("eth0", "1", "001a.2b3c.4d5e", "10.0.0.9"))}, {}, ""),
    "no MAC": (
        {"GetNetworkInterfaces": soap(re.sub("<tt:Hw.*Address>", "", NETWORK))}, {"mac": None}, "HwAddress",
    ),
    "several interfaces": (
        {"GetNetworkInterfaces": network(
            ("lo", "true", "00:00:00:00:00:00", ""), ("wlan0", "false", "aa:bb:cc:dd:ee:01", "10.0.0.8"),
            ("eth0", "true", "aa:bb:cc:dd:ee:02", "10.0.0.9"))},
        {"mac": "AA:BB:CC:DD:EE:02"}, "",
    ),
    "several interfaces, one has the address": (
        {"GetNetworkInterfaces": network(
            ("eth0", "true", "aa:bb:cc:dd:ee:01", "10.0.0.8"), ("eth1", "true", "aa:bb:cc:dd:ee:02", "127.0.0.1"))},
        {"mac": "AA:BB:CC:DD:EE:02"}, "",
    ),
    "no network": (
        {"GetNetworkInterfaces": fault("ter:ActionNotSupported", "no", "401 Unauthorized").replace(b"401", b"500")},
        {"mac": None}, "GetNetworkInterfaces",
    ),
    "the network in broken XML": (
        {"GetNetworkInterfaces": http("200 OK", body=ENVELOPE.format(NETWORK).encode()[:-40])},
        {"mac": None}, "GetNetworkInterfaces",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DEVICES)
@pytest.mark.parametrize("login", [None, LOGIN], ids=["open", "login"])
def test_odd_devices(name, login, ask):
    answers, different, unread = DEVICES[name]
    camera = OnvifCamera(login and OWNER, answers=answers)
    reading = ask(camera, login=login)
    assert reading.ok, reading
    port = reading.device.snapshot_uri_used and re.match(
        r"http://127.0.0.1:\d{5}/cgi", reading.device.snapshot_uri_used
    )
    found = facts_of(reading) | ({"snapshot_uri_used": "PORT/cgi/snap.jpg?1"} if port else {})
    assert found == WHOLE | different
    assert reading.evidence.get("unread", "") == unread
    assert camera.refused == 0


@pytest.mark.parametrize("name", ["several media services", "relative address", "IPv6 address without brackets"])
def test_the_media_service_is_asked_on_its_path(name, ask):
    camera = OnvifCamera(answers=DEVICES[name][0])
    assert ask(camera, login=None).ok
    asked = dict(zip(camera.asked, camera.paths, strict=True))
    assert asked["GetProfiles"] == ("/onvif/one" if "several" in name else "/onvif/Media")
    assert asked["GetNetworkInterfaces"] == "/onvif/device_service"


def local(zone, hours, *, summer="false"):
    """A clock that tells local time alone, so many hours ahead of UTC."""
    at = datetime.now(UTC) + timedelta(hours=hours)
    text = clock(at).replace("UTCDateTime", "LocalDateTime")
    told = f"<tt:DaylightSavings>{summer}</tt:DaylightSavings><tt:TimeZone><tt:TZ>{zone}</tt:TZ></tt:TimeZone>"
    return soap(text.replace("<tt:LocalDateTime>", told + "<tt:LocalDateTime>", 1))


def zone_added(told):
    """A clock in UTC with a time zone that is nonsense or a lie."""
    return lambda body: soap(clock(datetime.now(UTC)).replace("<tt:UTCDateTime>", told + "<tt:UTCDateTime>", 1))


@pytest.mark.parametrize(
    ("answer", "offset_s"),
    [
        (lambda body: local("CST-8", 8), 0),
        (lambda body: local("CST-8:00:00", 8), 0),
        (lambda body: local("&lt;+0545&gt;-5:45", 5.75), 0),
        (lambda body: local("EST5EDT,M3.2.0,M11.1.0", -5), 0),
        (lambda body: local("EST5EDT,M3.2.0,M11.1.0", -4, summer="true"), 0),
        (lambda body: local("Asia/Shanghai", 8), 0),
        (lambda body: local("GMT+08:00", 8), 0),
        (lambda body: local("UTC+3", -3), 0),
        (lambda body: local("CST-8", 9), 3600),
        (lambda body: local("", 8), None),
        (lambda body: local("nowhere/land", 8), None),
        (lambda body: local("../../etc/passwd", 8), None),
        (zone_added("<tt:DaylightSavings>maybe</tt:DaylightSavings><tt:TimeZone><tt:TZ>X</tt:TZ></tt:TimeZone>"), 0),
        (zone_added("<tt:DaylightSavings>true</tt:DaylightSavings><tt:TimeZone><tt:TZ>PST8</tt:TZ></tt:TimeZone>"), 0),
        (lambda body: soap(clock(datetime.now(UTC) + timedelta(hours=8))), 8 * 3600),
        (lambda body: soap(clock(datetime(1970, 1, 1, tzinfo=UTC))), "1970"),
        (soap(clock(datetime(2024, 2, 3, tzinfo=UTC)).replace(">2024<", ">0<")), None),
        (soap("<tds:GetSystemDateAndTimeResponse/>"), None),
        (http("500 Internal Server Error"), None),
        (http("200 OK"), None),
        (fault("ter:ActionNotSupported", "no"), None),
    ],
    ids=[
        "local time", "zone with seconds", "zone without a name", "winter", "summer", "zone by name",
        "zone east of GMT", "zone west of UTC", "local time, off",
        "local time, no zone", "local time, unknown zone", "zone that is a path", "summer time flag rubbish",
        "a zone that lies", "local time told as UTC", "1970", "year 0", "nothing told", "500", "empty", "not supported",
    ],
)  # fmt: skip
def test_odd_clocks(answer, offset_s, ask):
    reading = ask(OnvifCamera(answers={"GetSystemDateAndTime": answer}), login=None)
    assert reading.device.serial == "SN77"
    if offset_s is None:
        assert reading.ok, reading
        assert reading.device.clock_offset_s is None
        assert reading.evidence["unread"] == "GetSystemDateAndTime"
    else:
        expected = -time.time() if offset_s == "1970" else offset_s
        assert abs(reading.device.clock_offset_s - expected) < 3
        assert reading.fault is (Fault.CLOCK_SKEW if expected else None)


class Silent(OnvifCamera):
    """A device that never answers some of the questions."""

    def __init__(self, *silent):
        super().__init__()
        self._silent = silent

    def _answer(self, operation, body):
        if operation in self._silent:
            raise TimeoutError
        return super()._answer(operation, body)

    def __call__(self, connection):
        try:
            super().__call__(connection)
        except TimeoutError:
            mute(connection)


def test_a_question_that_is_never_answered_costs_no_other(ask):
    reading = ask(Silent("GetCapabilities"), login=None, deadline_s=2.0)
    assert reading.ok, reading
    assert facts_of(reading) == WHOLE
    assert [step.name for step in reading.steps if not step.ok] == ["services"]


def test_a_device_that_falls_silent_has_timed_out(ask):
    reading = ask(Silent("GetProfiles", "GetNetworkInterfaces"), login=None, deadline_s=1.0)
    assert reading.fault is Fault.TIMEOUT
    assert reading.device.serial == "SN77"


def test_a_recorder_of_64_channels(ask):
    """Some 3 MB of profiles are read within the look."""
    rows = "".join(f"<tt:Row{n}>value {n:05d}</tt:Row{n}>" for n in range(380))
    told = [
        f'<trt:Profiles token="P{n}"><tt:Name>channel {n}</tt:Name>{VIDEO}{rows}</trt:Profiles>' for n in range(192)
    ]
    reading = ask(OnvifCamera(answers={"GetProfiles": profiles(*told)}), login=None)
    assert reading.ok, reading
    assert len(reading.device.profiles) == 192
