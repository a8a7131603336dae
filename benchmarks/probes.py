"""What looking costs: CPU of the three probes, side by side with other ways to do the same, in one run.

Every peer is a process of its own, so that only the looker's CPU is counted, that of its decoder process
included. A way whose program is not installed is left out and named. Trust the ratios: milliseconds are of this
machine.
"""

import contextlib
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "probes"), str(ROOT / "probes")]

import av  # noqa: E402
import cv2  # noqa: E402
import psutil  # noqa: E402
from probes_device import onvif_rows  # noqa: E402
from streams import drawn, encoded  # noqa: E402

from cammon_probes import decoders  # noqa: E402
from cammon_probes.failure import CameraFailed  # noqa: E402
from cammon_probes.liveness import liveness  # noqa: E402
from cammon_probes.look import Look  # noqa: E402
from cammon_probes.media import Media  # noqa: E402
from cammon_probes.model import Credential, Deadline, Endpoint, ProbeKind, Reading  # noqa: E402
from cammon_probes.picture.reference import reference_from  # noqa: E402
from cammon_probes.picture.registry import examine  # noqa: E402
from cammon_probes.picture_probe import picture  # noqa: E402
from cammon_probes.rtsp import RtspClient  # noqa: E402

LOGIN = Credential("bench", "viewer", "bench-password")
SYSTEM_PYTHON = "/usr/bin/python3"
Row = tuple[str, float, float, str]


def main() -> None:
    """Prints the table."""
    cv2.setNumThreads(1)
    print(f"{'what':64s} {'CPU ms':>8s} {'wall ms':>8s}  note")
    for rows in (rtsp_rows, examine_rows, onvif_rows):
        for what, cpu_ms, wall_ms, note in rows():
            print(f"{what:64s} {cpu_ms:8.2f} {wall_ms:8.2f}  {note}", flush=True)


def look(prober: Callable[..., Reading], endpoint: Endpoint, **options: str) -> Reading:
    """One look that must go well."""
    reading = prober(endpoint, datetime.now(UTC), Deadline.after(10.0, time.monotonic), **options)
    assert reading.ok, reading
    return reading


def cost(work: Callable[[], object], times: int, clock: Callable[[], float] = time.process_time) -> tuple[float, float]:
    """Mean CPU and wall milliseconds of `work`, after one run to warm up."""
    work()
    cpu_s, wall_s = clock(), time.perf_counter()
    for _ in range(times):
        work()
    return 1000 * (clock() - cpu_s) / times, 1000 * (time.perf_counter() - wall_s) / times


def looker_s() -> float:
    """CPU seconds of this process and of those that decode for it."""
    used_ns = sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in decoders.SHARED.pids())
    return time.process_time() + used_ns / 1e9


def children_s() -> float:
    """CPU seconds of the child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextlib.contextmanager
def child(*arguments: str) -> Iterator[str]:
    """This script as another process until the block ends; gives the first line that it prints."""
    command = [sys.executable, __file__, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


@contextlib.contextmanager
def gst_server(folder: Path, method: str) -> Iterator[int]:
    """The port of gst-rtsp-server serving the streams in `folder`."""
    process = subprocess.Popen(
        [SYSTEM_PYTHON, str(ROOT / "tests" / "probes" / "gst_server.py"), "127.0.0.1", str(folder), method],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PEER_USER": LOGIN.username, "PEER_PASSWORD": LOGIN.password},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(10)


def rtsp_rows() -> Iterator[Row]:
    """Liveness and picture of a 1080p stream behind gst-rtsp-server."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        units = encoded(drawn(1920, 1080))
        (folder / "main.h264").write_bytes(b"".join(units))
        (folder / "sub.h264").write_bytes(b"".join(encoded(drawn(640, 360))))
        with gst_server(folder, "digest") as port, child("--watch", str(port)):
            yield from _login_rows(port)
        with gst_server(folder, "") as port, child("--watch", str(port)):
            yield from _open_rows(port, units)


def _login_rows(port: int) -> Iterator[Row]:
    camera = Endpoint("c", "127.0.0.1", port, "/main", "/sub", credential=LOGIN)
    yield "liveness with Digest", *cost(lambda: look(liveness, camera), 200), "must: 1.0 CPU"
    yield "picture, sub stream 640x360, with Digest", *cost(lambda: look(picture, camera), 20, looker_s), ""


def _open_rows(port: int, units: list[bytes]) -> Iterator[Row]:
    camera = Endpoint("c", "127.0.0.1", port, "/main")
    yield "liveness", *cost(lambda: look(liveness, camera), 200), "must: 1.0 CPU"
    yield from blackbox_row(port)
    bare = cost(lambda: bare_decode(units[0]), 20)
    yield "bare decode of the 1080p keyframe to BGR", *bare, ""
    ours = cost(lambda: look(picture, camera, stream="main"), 20, looker_s)
    yield "picture, 1080p main stream", *ours, f"{ours[0] - bare[0]:+.1f} on the bare decode (must: 8)"
    url = f"rtsp://127.0.0.1:{port}/main"
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = "rtsp_transport;tcp"
    theirs = cost(lambda: opencv(url), 3)
    yield "cv2.VideoCapture, one frame", *theirs, f"ours is 1/{theirs[0] / ours[0]:.1f} (must: 1/5)"
    command = ["ffprobe", "-v", "quiet", "-rtsp_transport", "tcp", "-show_streams", url]
    try:
        theirs = cost(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True), 3, children_s)
    except FileNotFoundError:
        print("(no ffprobe)")
        return
    yield "ffprobe process", *theirs, f"ours is 1/{theirs[0] / ours[0]:.1f} (must: 1/5)"


def bare_decode(unit: bytes) -> None:
    """The least that a picture costs."""
    context = av.CodecContext.create("h264", "r")
    context.thread_count = 1
    frames = context.decode(av.Packet(unit)) + context.decode(None)
    frames[0].to_ndarray(format="bgr24")


def opencv(url: str) -> None:
    """OpenCV's way, with its defaults over TCP."""
    capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG)
    assert capture.read()[0]
    capture.release()


def blackbox_row(port: int) -> Iterator[Row]:
    """blackbox_exporter's RTSP OPTIONS check: the floor."""
    config = (
        "modules: {rtsp: {prober: tcp, timeout: 5s, tcp: {query_response: "
        '[{send: "OPTIONS rtsp://127.0.0.1/ RTSP/1.0\\r\\nCSeq: 1\\r\\n\\r"}, {expect: "^RTSP/1.0 "}]}}}\n'
    )
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        file.write(config)
        file.flush()
        command = ["prometheus-blackbox-exporter", f"--config.file={file.name}", "--web.listen-address=127.0.0.1:0"]
        try:
            process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        except FileNotFoundError:
            print("(no prometheus-blackbox-exporter)")
            return
        with process:
            assert process.stderr is not None
            address = next(found[1] for line in process.stderr if (found := re.search(r"address=(127\S+:\d+)", line)))
            url = f"http://{address}/probe?module=rtsp&target=127.0.0.1:{port}"

            def probe() -> None:
                with urllib.request.urlopen(url) as answer:
                    assert b"probe_success 1" in answer.read()

            about = psutil.Process(process.pid)
            yield (
                "blackbox_exporter, RTSP OPTIONS",
                *cost(probe, 200, lambda: sum(about.cpu_times()[:2])),
                "its process",
            )
            process.terminate()


def examine_rows() -> Iterator[Row]:
    """The picture checks with eight good frames of history."""
    for width, height in ((640, 360), (1920, 1080)):
        frames = [drawn(width, height, seed) for seed in range(8)]
        reference = reference_from(frames).after(frames[0])
        times = cost(lambda frame=frames[1], known=reference: examine(frame, known), 20)
        yield f"all picture checks, {width}x{height}", *times, ""


def watch(port: int) -> None:
    """Keeps both streams playing: gst-rtsp-server answers 503 while it takes down a stream that nobody watches."""
    deadline = Deadline.after(3600.0, time.monotonic)
    for path in ("/main", "/sub"):
        endpoint = Endpoint("w", "127.0.0.1", port, path, credential=LOGIN)
        client = RtspClient(Look(endpoint, ProbeKind.PICTURE, datetime.now(UTC), deadline))
        client.describe(path)
        threading.Thread(target=drain, args=(client.play(),), daemon=True).start()
    print("playing", flush=True)
    sys.stdin.read()


def drain(media: Media) -> None:
    """Reads a stream to its end."""
    with contextlib.suppress(CameraFailed):
        for _ in media.packets():
            pass


if __name__ == "__main__":
    if "--watch" in sys.argv:
        watch(int(sys.argv[2]))
    else:
        main()
