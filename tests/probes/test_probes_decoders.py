"""What a decoder that crashes, hangs or lies costs: one reading."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from packets import difference, h264_payloads
from peers import SDP_H264, RtspCamera, answering, http, mute
from peers import interleaved as framed
from peers import rtp as packed
from streams import drawn, encoded

from cammon_probes import decode, decoders
from cammon_probes.decoders import Decoders
from cammon_probes.failure import CameraFailed
from cammon_probes.model import Deadline, Fault
from cammon_probes.picture_probe import picture
from cammon_probes.unfinished import DecodersBusy

BREAKING = Path(__file__).with_name("breaking_decoder.py")


@pytest.fixture
def breaking(monkeypatch):
    """Decoders that do to themselves what a picture says, with a short patience."""
    pool = Decoders(2, BREAKING)
    monkeypatch.setattr(decoders, "SHARED", pool)
    monkeypatch.setattr(decoders, "DECODE_S", 1.0)
    yield pool
    pool.close()


def soon(seconds=5.0):
    return Deadline.after(seconds, time.monotonic)


def sending(*units):
    """A camera that sends these access units once."""

    def play(connection):
        sequence = 0
        for index, unit in enumerate(units):
            parts = h264_payloads(unit, 400, aggregate=True)
            for part in parts:
                connection.sendall(framed(packed(part, sequence, 3600 * index, part is parts[-1])))
                sequence += 1
        mute(connection)

    return RtspCamera(SDP_H264, play)


def poisoned(unit, mark):
    """A keyframe with a further NAL unit (a message to nobody) in it."""
    return b"\x00\x00\x00\x01\x06\x05" + mark + b"\x80" + unit


@pytest.mark.parametrize(
    ("mark", "error", "received"),
    [
        (b"SEGV", "the decoder crashed on it", "SIGSEGV"),
        (b"ABRT", "the decoder crashed on it", "SIGABRT"),
        (b"EXIT", "the decoder crashed on it", "exit 3"),
        (b"LOOP", "the decoder did not come to an end", None),
    ],
    ids=["segmentation fault", "abort", "exit", "endless loop"],
)
def test_a_decoder_that_dies_costs_one_reading(mark, error, received, breaking, peer, look, yard, yard_h264):
    healthy = peer(sending(*yard_h264)).port
    assert look(picture, healthy).ok
    reading = look(picture, peer(sending(poisoned(yard_h264[0], mark))).port, deadline_s=4.0)
    assert reading.fault is Fault.UNDECODABLE, reading
    assert reading.evidence["error"] == error
    assert reading.evidence.get("received") == received
    after = look(picture, healthy)
    assert after.ok, after
    assert difference(after.frame, yard) < 8


def test_a_balloon_of_memory_bursts_in_the_decoder(breaking, yard_h264):
    """The limit of its address space ends it, long before the machine is out of memory."""
    with breaking.decoded("h264", [yard_h264[0]], soon()) as raws:
        assert len(raws) == 1
    with (
        pytest.raises(CameraFailed) as failed,
        breaking.decoded("h264", [poisoned(yard_h264[0], b"HUGE")], soon()) as raws,
    ):
        assert raws == []
    assert failed.value.fault is Fault.UNDECODABLE


def test_a_decoder_is_believed_only_as_far_as_it_can_be_true(breaking, yard_h264):
    with breaking.decoded("h264", [poisoned(yard_h264[0], b"LIES")], soon()) as raws:
        assert raws == []


def test_a_snapshot_is_decoded_there_too(breaking, peer, look):
    jpeg = encoded(drawn(320, 192), "mjpeg")[0]
    marked = jpeg[:2] + b"\xff\xfe\x00\x06SEGV" + jpeg[2:]
    port = peer(answering(http("200 OK", body=marked))).port
    reading = look(picture, 0, rtsp_path="", onvif_port=port, snapshot_path="/snap.jpg")
    assert reading.fault is Fault.UNDECODABLE
    assert reading.evidence["received"] == "SIGSEGV"


def test_a_hanging_decoder_does_not_hold_up_the_others(breaking, yard_h264):
    hanging = threading.Thread(target=lambda: _decoded(breaking, poisoned(yard_h264[0], b"LOOP")))
    hanging.start()
    time.sleep(0.3)
    begun_s = time.monotonic()
    assert _decoded(breaking, yard_h264[0]) == 1
    assert hanging.is_alive() or time.monotonic() - begun_s > 0.7
    hanging.join()


def _decoded(pool, unit):
    try:
        with pool.decoded("h264", [unit], soon()) as raws:
            return len(raws)
    except CameraFailed as failed:
        return failed.fault


def test_no_decoder_free_in_time_is_no_fault_of_the_camera(yard_h264, monkeypatch):
    pool = Decoders(1, BREAKING)
    monkeypatch.setattr(decoders, "DECODE_S", 1.5)
    hanging = threading.Thread(target=lambda: _decoded(pool, poisoned(yard_h264[0], b"LOOP")))
    hanging.start()
    time.sleep(0.4)
    with pytest.raises(DecodersBusy), pool.decoded("h264", [yard_h264[0]], soon(0.0)):
        pass
    hanging.join()
    assert _decoded(pool, yard_h264[0]) == 1
    pool.close()


def test_neither_processes_nor_descriptors_are_left(yard_h264):
    me = psutil.Process()
    before = me.num_fds(), len(me.children())
    pool = Decoders(2, BREAKING)
    for mark in (b"", b"SEGV", b"ABRT", b"", b"EXIT"):
        _decoded(pool, poisoned(yard_h264[0], mark))
    pool.close()
    assert (me.num_fds(), len(me.children())) == before


def test_decoders_end_with_a_parent_that_is_killed():
    script = (
        "import time; from cammon_probes.decoders import Decoders; from cammon_probes.model import Deadline\n"
        "pool = Decoders(2)\n"
        "with pool.decoded('h264', [b'x'], Deadline.after(9.0, time.monotonic)): pass\n"
        "print(pool.pids()[0], flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert _ended(child)


def _ended(process):
    for _ in range(100):
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.03)
    return False


def test_a_decoder_knows_no_login(yard_h264, monkeypatch):
    monkeypatch.setenv("SITE_LOGIN", "crew:canary")
    pool = Decoders(1)
    assert _decoded(pool, yard_h264[0]) == 1
    assert "canary" not in Path(f"/proc/{pool.pids()[0]}/environ").read_text()
    pool.close()


def test_a_fork_leaves_its_parents_decoders_alone(yard_h264):
    assert decode.pictures("h264", [yard_h264[0]], soon())
    child = os.fork()
    if not child:
        os._exit(0 if decode.pictures("h264", [yard_h264[0]], soon()) else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert decode.pictures("h264", [yard_h264[0]], soon())


@pytest.mark.parametrize(("codec", "encoder"), [("h264", "libx264"), ("h265", "libx265"), ("mpeg4", "mpeg4")])
def test_several_pictures_in_order(codec, encoder):
    brightness = [40, 120, 200]
    units = _fading(encoder, brightness)
    found = decode.pictures(codec, units, soon())
    assert [round(one.frame.mean() / 40) for one in found] == [1, 3, 5]


def _fading(encoder, levels):
    from fractions import Fraction

    import av
    import numpy as np

    context = av.CodecContext.create(encoder, "w")
    context.width, context.height, context.pix_fmt, context.time_base = 160, 96, "yuv420p", Fraction(1, 10)
    context.options = {"x264-params": "log-level=none", "x265-params": "log-level=none"}
    units = []
    for index, level in enumerate(levels):
        frame = av.VideoFrame.from_ndarray(np.full((96, 160, 3), level, np.uint8), format="bgr24")
        frame.pts = index
        units += [bytes(packet) for packet in context.encode(frame)]
    return units + [bytes(packet) for packet in context.encode(None)]


def test_what_is_looked_at_in_a_row(peer, look, yard_h264):
    reading = look(picture, peer(sending(*yard_h264)).port, options={"frames": 3})
    assert reading.ok, reading
    assert [one.shape for one in reading.later] == [(192, 320, 3)] * 2
    assert reading.evidence["frames_span_ms"] == 80


def test_a_stream_that_ends_before_the_last_picture_gives_those_it_had(peer, look, yard_h264):
    reading = look(picture, peer(sending(*yard_h264[:2])).port, options={"frames": 3})
    assert reading.ok, reading
    assert len(reading.later) == 1
