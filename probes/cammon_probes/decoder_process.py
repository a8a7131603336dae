"""The process in which coded video of cameras is decoded: `python decoder_process.py SOCKET MEMORY` (two descriptors).

It holds nothing but libav, a socket to its parent and a piece of shared memory. What hostile video does to libav (a
crash, an endless loop, a balloon of memory) it does here. It imports nothing else of ours and no numpy: its start is
part of the first picture. It ends with the other end of its socket, so also with a parent that was killed.

A job on the socket: codec, most milliseconds, sizes of the coded pictures, which lie one after the other at the start
of the memory. The answer: for each picture width, height, layout, whether damaged; the pictures lie behind `IN_BYTES`,
one after the other, as I420 planes (`yuv`) or as blue-green-red rows (`bgr`).
"""

import contextlib
import mmap
import resource
import signal
import socket
import sys

import av
import av.error
import av.logging
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

IN_BYTES = 32 * 1024 * 1024
"""Room for the coded pictures of one job."""
LARGEST_PICTURE_PX = 50_000_000
OUT_BYTES = 3 * LARGEST_PICTURE_PX
MEMORY_BYTES = IN_BYTES + OUT_BYTES
LARGEST_MESSAGE = 4096

_ADDRESS_SPACE = 1280 * 1024 * 1024
_DECODERS = {"h264": "h264", "h265": "hevc", "mjpeg": "mjpeg", "mpeg4": "mpeg4"}
_PLANES = ("yuv420p",)
"""What is handed over as planes: 4:2:0 of the range of television, whose conversion the parent does faster."""


def main() -> None:
    """Serves jobs until the other end of the socket is closed."""
    # A Ctrl-C on the terminal is for the parent, whose looks come to their end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = socket.socket(fileno=int(sys.argv[1]))
    memory = mmap.mmap(int(sys.argv[2]), MEMORY_BYTES)
    _bounded()
    # libav writes to file descriptor 2 whatever it was given.
    av.logging.set_level(None)
    parent.send(b"ready")
    while job := parent.recv(LARGEST_MESSAGE):
        codec, most_ms, *sizes = job.decode().split()
        # The kernel's own alarm ends a decoder that does not come to an end, whether or not the parent still lives.
        signal.setitimer(signal.ITIMER_REAL, int(most_ms) / 1000)
        answer = done(memory, codec, [int(size) for size in sizes])
        signal.setitimer(signal.ITIMER_REAL, 0)
        parent.send(answer.encode())


def _bounded() -> None:
    """Nothing to write to, no core file with pictures in it, and an end to memory."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    for what, most in ((resource.RLIMIT_AS, _ADDRESS_SPACE), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)):
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def done(memory: mmap.mmap, codec: str, sizes: list[int]) -> str:
    """Decodes the pictures in `memory` and puts as many back as there is room for."""
    told = ["decoded"]
    position = IN_BYTES
    units = _coded(memory, sizes)
    frames = decoded(codec, units, strict=True)
    whole = len(frames)
    if whole < len(units):
        frames = decoded(codec, units)
    for index, frame in enumerate(frames):
        if frame.width * frame.height > LARGEST_PICTURE_PX:
            break
        layout = "yuv" if frame.format.name in _PLANES and not (frame.width | frame.height) & 1 else "bgr"
        size = frame.width * frame.height * (6 if layout == "bgr" else 3) // 2
        if position + size > MEMORY_BYTES:
            break
        _put(memory, position, frame, layout)
        position += size
        told.append(f"{frame.width} {frame.height} {layout} {int(frame.is_corrupt or index >= whole)}")
    return "\n".join(told)


def _coded(memory: mmap.mmap, sizes: list[int]) -> list[memoryview]:
    parts, position, whole = [], 0, memoryview(memory)
    for size in sizes:
        parts.append(whole[position : position + size])
        position += size
    return parts


def decoded(codec: str, units: list[memoryview], *, strict: bool = False) -> list[VideoFrame]:
    """The pictures of access units in order, of which the first needs no other; none when it cannot be shown.

    `strict` ends at the first mistake, which the decoder else makes good as it can, and of H.265 without saying so.
    A decoder per job: 0.2 ms, and nothing of one camera's broken stream reaches the next picture.
    """
    context = av.CodecContext.create(_DECODERS[codec], "r")
    assert isinstance(context, VideoCodecContext)
    context.thread_count = 1
    context.options = {"max_pixels": str(LARGEST_PICTURE_PX)} | ({"err_detect": "explode"} if strict else {})
    if len(units) == 1 and codec != "mjpeg":
        context.skip_frame = "NONKEY"
    frames: list[VideoFrame] = []
    with contextlib.suppress(av.error.FFmpegError, ValueError, MemoryError):
        for unit in units:
            frames += context.decode(av.Packet(unit))  # type: ignore[arg-type]  # takes any buffer
        frames += context.decode(None)
    return frames


def _put(memory: mmap.mmap, position: int, frame: VideoFrame, layout: str) -> None:
    """The planes of `frame` without the padding at the ends of their rows."""
    width, height = frame.width, frame.height
    shapes = [(3 * width, height)] if layout == "bgr" else [(width, height), *[(width // 2, height // 2)] * 2]
    shown = frame.reformat(format="bgr24") if layout == "bgr" else frame
    for plane, (row, rows) in zip(shown.planes, shapes, strict=False):
        data, step = memoryview(plane), plane.line_size
        if step == row:
            memory[position : position + row * rows] = data[: row * rows]
            position += row * rows
            continue
        for start in range(0, step * rows, step):
            memory[position : position + row] = data[start : start + row]
            position += row


if __name__ == "__main__":
    main()
