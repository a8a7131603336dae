"""SDP, parameter sets, RTP and addresses, held against encoders and against anything at all."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packets import h264_payloads, h265_payloads, nal_units
from streams import drawn, encoded

from cammon_probes.addresses import on_configured_host, path_of_address
from cammon_probes.bits import Bits
from cammon_probes.model import Credential, Endpoint
from cammon_probes.parameter_sets import h264_size, h265_size
from cammon_probes.redact import kept, printable, without_login
from cammon_probes.rtp import Assembler, Packet, packet_of
from cammon_probes.sdp import codec_name, session_control, video_of
from cammon_probes.snapshot import jpeg_size
from cammon_probes.url import parse_url

SIZES = st.tuples(st.integers(33, 320).map(lambda n: 2 * n), st.integers(33, 200).map(lambda n: 2 * n))


@settings(max_examples=15, deadline=None)
@given(SIZES)
def test_h264_size_is_what_was_encoded(size):
    nal = next(nal for nal in nal_units(encoded(drawn(*size), frames=1)[0]) if nal[0] & 0x1F == 7)
    assert h264_size(nal) == size


@settings(max_examples=6, deadline=None)
@given(SIZES)
def test_h265_size_is_what_was_encoded(size):
    nal = next(nal for nal in nal_units(encoded(drawn(*size), "libx265", frames=1)[0]) if nal[0] >> 1 & 0x3F == 33)
    assert h265_size(nal) == size


@given(st.binary(max_size=200))
def test_any_parameter_set_can_be_read(data):
    for size in (h264_size(b"\x67" + data), h265_size(b"\x42\x01" + data)):
        assert size is None or min(size) > 0


@given(st.lists(st.integers(0, 2**16), max_size=20))
def test_exp_golomb(numbers):
    """Each number n is written as n + 1 in binary behind as many zeros as it has further digits."""
    text = "".join("0" * (len(f"{n + 1:b}") - 1) + f"{n + 1:b}" for n in numbers)
    data = int((text + "0" * (-len(text) % 8)) or "0", 2).to_bytes((len(text) + 7) // 8)
    bits = Bits(data)
    assert [bits.unsigned() for _ in numbers] == numbers


@settings(max_examples=40, deadline=None)
@given(mtu=st.integers(16, 2000), aggregate=st.booleans(), start=st.integers(0, 65535), codec=st.sampled_from([0, 1]))
def test_what_was_cut_into_packets_is_put_together_again(mtu, aggregate, start, codec, yard_units):
    cut = (h264_payloads, h265_payloads)[codec]
    assembler = Assembler(("h264", "h265")[codec])
    found = []
    number = start
    for index, unit in enumerate(yard_units[codec]):
        parts = cut(unit, mtu, aggregate)
        for part in parts:
            done = assembler.add(Packet(96, part is parts[-1], number & 0xFFFF, index, part))
            number += 1
            found += [done] if done else []
    found.append(assembler.settled())
    assert [sorted(nal_units(unit.data)) for unit in found] == [sorted(nal_units(unit)) for unit in yard_units[codec]]
    assert [unit.key for unit in found] == [index % 5 == 0 for index in range(len(found))]


@pytest.fixture(scope="module")
def yard_units(yard):
    return encoded(yard), encoded(yard, "libx265")


@given(st.lists(st.binary(max_size=60), max_size=20), st.sampled_from(["h264", "h265", "mjpeg", "mpeg4"]))
def test_any_packets_can_be_put_together(packets, codec):
    assembler = Assembler(codec)
    for data in packets:
        for bytes_ in (data, b"\x80\x60\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01" + data):
            packet = packet_of(bytes_)
            if packet is not None:
                assembler.add(packet)


@pytest.mark.parametrize(
    ("data", "payload"),
    [
        (b"\x80\x60" + bytes(10) + b"abc", b"abc"),
        (b"\x82\x60" + bytes(18) + b"abc", b"abc"),
        (b"\x90\x60" + bytes(10) + b"\x00\x00\x00\x01" + bytes(4) + b"abc", b"abc"),
        (b"\xa0\x60" + bytes(10) + b"abc\x00\x00\x03", b"abc"),
        (b"\x40\x60" + bytes(10) + b"abc", None),
        (b"\x80\x60" + bytes(10), None),
        (b"\xa0\x60" + bytes(10) + b"\xff", None),
        (b"\x80", None),
    ],
    ids=["plain", "sources", "extension", "padding", "version 1", "empty", "padding beyond its end", "short"],
)
def test_rtp_headers(data, payload):
    packet = packet_of(data)
    assert (packet.payload if packet else None) == payload


SDP = """v=0
o=- 0 0 IN IP4 127.0.0.1
s=camera
a=control:rtsp://10.0.0.9/all
m=audio 0 RTP/AVP 0
a=control:a
m=video 0 RTP/AVP {number}
{lines}
a=control:v
"""


@pytest.mark.parametrize(
    ("number", "lines", "codec", "size", "rate"),
    [
        ("96", "a=rtpmap:96 H264/90000", "h264", None, None),
        ("96", "a=rtpmap:96 hevc/90000\na=framerate:12.5", "h265", None, 12.5),
        ("26", "", "mjpeg", None, None),
        ("26", "a=x-dimensions:1280,720", "mjpeg", (1280, 720), None),
        ("26", "a=cliprect:0,0,480,640", "mjpeg", (640, 480), None),
        ("97", "a=rtpmap:97 H264/90000\na=framesize:97 704-576\na=framerate:25", "h264", (704, 576), 25),
        ("97", "a=rtpmap:98 H264/90000", "", None, None),
        ("97", "a=rtpmap:97 H264\na=fmtp:97 sprop-parameter-sets=!!!,;\na=framerate:no", "h264", None, None),
        ("35", "a=rtpmap:35 mp4v-es/90000", "mpeg4", None, None),
    ],
)
def test_sdp(number, lines, codec, size, rate):
    text = SDP.format(number=number, lines=lines)
    video = video_of(text)
    assert (video.codec, video.size, video.rate_fps, video.control) == (codec, size, rate, "v")
    assert session_control(text) == "rtsp://10.0.0.9/all"


@pytest.mark.parametrize(
    ("names", "codec", "control"),
    [
        (("AV1", "H264", "H265"), "h264", "1"),
        (("H265", "H264"), "h265", "0"),
        (("AV1", "VP9"), "av1", "0"),
    ],
    ids=["unknown first", "two known", "none known"],
)
def test_the_video_that_is_taken_of_several(names, codec, control):
    tracks = (f"m=video 0 RTP/AVP 96\na=rtpmap:96 {name}/90000\na=control:{at}" for at, name in enumerate(names))
    video = video_of("v=0\n" + "\n".join(tracks))
    assert (video.codec, video.control) == (codec, control)


@given(st.text(max_size=400))
def test_any_sdp_can_be_read(text):
    video_of(text)
    video_of("m=video 0 RTP/AVP 96\na=fmtp:96 " + text + "\na=framesize:96 " + text)
    session_control(text)


@given(st.binary(max_size=300))
def test_any_jpeg_header_can_be_read(data):
    jpeg_size(b"\xff\xd8" + data + b"\xff\xd9")


@pytest.mark.parametrize("names", [("h264", "H.264", "AVC"), ("h265", "HEVC", "H.265"), ("mjpeg", "JPEG", "MJPEG")])
def test_one_name_for_a_codec(names):
    assert {codec_name(name) for name in names} == {names[0]}


@pytest.mark.parametrize(
    ("reported", "used"),
    [
        ("rtsp://10.1.2.3:8554/a?b=c", "rtsp://127.0.0.1:8554/a?b=c"),
        ("rtsp://admin:pw@10.1.2.3/a", "rtsp://127.0.0.1/a"),
        ("RTSP://[fe80::1]:554/a#x", "rtsp://127.0.0.1:554/a"),
        ("http://10.1.2.3/a", None),
        ("file:///etc/passwd", None),
        ("rtsp:///a", "rtsp://127.0.0.1/a"),
        ("rtsp://host:99999/a", None),
        ("nonsense", None),
    ],
)
def test_addresses_of_cameras(reported, used):
    assert on_configured_host(reported, "127.0.0.1", ("rtsp", "rtsps")) == used


@pytest.mark.parametrize(
    ("reported", "path"),
    [("http://10.1.2.3:8000/onvif/Media?x=1", "/onvif/Media?x=1"), ("file:///etc/passwd", None), ("http://x", None)],
)
def test_services_are_asked_by_path_alone(reported, path):
    assert path_of_address(reported) == path


@given(st.text(max_size=80), st.text(st.characters(exclude_characters=":@/?#", codec="utf-8"), max_size=20))
def test_what_is_kept_is_one_printable_line(text, user):
    line = printable(text)
    assert line.isprintable()
    assert len(line) <= 160
    assert without_login(f"rtsp://{user}:s3cr@host/a") == "rtsp://host/a"


def test_the_password_is_not_kept():
    login = Credential("x", "admin", "top secret")
    assert kept("you sent 'top secret' as YWRtaW46dG9wIHNlY3JldA==", login) == "you sent '***' as ***"
    assert "top secret" not in repr(Endpoint("c", "h", credential=login))


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("rtsp://127.0.0.1", Endpoint("127.0.0.1:554", "127.0.0.1", rtsp_port=554, rtsp_path="/")),
        ("rtsp://cam:8554/a?b=c", Endpoint("cam:8554", "cam", rtsp_port=8554, rtsp_path="/a?b=c")),
        ("RTSP://[::1]:8554/a", Endpoint("[::1]:8554", "::1", rtsp_port=8554, rtsp_path="/a")),
        (
            "rtsp://a%40b:p%2Fw@h/x",
            Endpoint("h:554", "h", rtsp_path="/x", credential=Credential("url", "a@b", "p/w")),
        ),
        ("rtsp://u:@h/x", Endpoint("h:554", "h", rtsp_path="/x", credential=Credential("url", "u", ""))),
        (
            "http://[fe80::2]/onvif/device_service",
            Endpoint("[fe80::2]:80", "fe80::2", rtsp_port=0, rtsp_path="", onvif_port=80),
        ),
        ("http://h:8000", Endpoint("h:8000", "h", rtsp_port=0, rtsp_path="", onvif_port=8000)),
        ("http://h/dev", Endpoint("h:80", "h", rtsp_port=0, rtsp_path="", onvif_port=80, onvif_path="/dev")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_urls(url, endpoint):
    assert parse_url(url) == endpoint


@pytest.mark.parametrize(
    "url",
    [
        "", "cam", "ftp://h/x", "rtsp://", "rtsp:///x", "rtsp://h:0/", "rtsp://h:65536/", "rtsp://h:abc/", "rtsp://[::1/",
        "rtsp://user:s3c#ret@h/x", "rtsp://user:s3c?ret@h/x", "rtsp://user:12/s3cret@h/x", "rtsp://user:s3c]ret[@h/x",
        "file:///s3cret",
    ],
)  # fmt: skip
def test_bad_urls_are_told_without_their_password(url):
    with pytest.raises(ValueError, match=r".") as told:
        parse_url(url)
    assert not any(part in str(told.value) for part in ("s3c", "ret@", "12"))


@given(st.text(max_size=60))
def test_any_url_is_an_endpoint_or_a_value_error(text):
    for url in (text, "rtsp://" + text, "http://u:p@" + text):
        with contextlib.suppress(ValueError):
            assert parse_url(url).host
