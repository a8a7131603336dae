"""A few processes that decode: what hostile video does to a decoder costs one reading, never the service."""

import atexit
import contextlib
import mmap
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .decoder_process import IN_BYTES, LARGEST_MESSAGE, LARGEST_PICTURE_PX, MEMORY_BYTES
from .failure import CameraFailed
from .model import Deadline, Fault
from .unfinished import DecodersBusy

DECODE_S = 3.0
"""A decoder that takes longer for one camera's pictures is ended: a 4K keyframe full of noise takes 0.13 s."""
LEAST_S = 0.5
"""What a picture that came at the very end of its look may still take."""
KEPT_BYTES = 16 * 1024 * 1024
"""What a process keeps of shared memory between two jobs: a 4K picture."""
START_S = 10.0
"""How long the start of a process may take: 0.1 s on an idle machine."""
JOBS = 5000
"""A process is replaced after so many, so that nothing that libav should leak adds up."""
PROGRAM = Path(__file__).with_name("decoder_process.py")


@dataclass(frozen=True, slots=True)
class Raw:
    """One decoded picture as it lies in shared memory: `yuv` (I420 planes) or `bgr` rows."""

    width: int
    height: int
    layout: str
    damaged: bool
    data: memoryview


class Decoders:
    """At most `most` processes, started when they are needed. Thread safe."""

    def __init__(self, most: int | None = None, program: Path = PROGRAM) -> None:
        self._program = program
        self._most = most or min(4, max(2, os.cpu_count() or 1))
        self._reset()

    def _reset(self) -> None:
        self._free = threading.BoundedSemaphore(self._most)
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []

    def warm(self) -> None:
        """Sees to it that a process is there, or on its way, when the picture comes."""
        with self._lock:
            if not self._idle and self._free.acquire(blocking=False):
                self._idle.append(_Worker(self._program))
                self._free.release()

    @contextlib.contextmanager
    def decoded(self, codec: str, units: Sequence[bytes], deadline: Deadline) -> Iterator[list[Raw]]:
        """The pictures of `units`, in order, readable until the block ends; fewer where some cannot be decoded.

        Raises `CameraFailed` when the decoder died or did not come to an end, `DecodersBusy` when none was free.
        """
        if not self._free.acquire(timeout=max(LEAST_S, deadline.left_s())):
            raise DecodersBusy
        try:
            worker = self._taken()
            try:
                worker.started()
                yield worker.run(codec, units, min(DECODE_S, max(LEAST_S, deadline.left_s())))
            except DecodersBusy:
                self._given_back(worker)
                raise
            except BaseException:
                worker.end()
                raise
            self._given_back(worker)
        finally:
            self._free.release()

    def _taken(self) -> "_Worker":
        with self._lock:
            worker = self._idle.pop() if self._idle else None
        return worker or _Worker(self._program)

    def _given_back(self, worker: "_Worker") -> None:
        if worker.jobs >= JOBS:
            worker.end()
            return
        worker.forget_pictures()
        with self._lock:
            self._idle.append(worker)

    def pids(self) -> tuple[int, ...]:
        """The processes that wait for work."""
        with self._lock:
            return tuple(worker.pid for worker in self._idle)

    def close(self) -> None:
        """Ends the processes that wait for work."""
        with self._lock:
            ended, self._idle = self._idle, []
        for worker in ended:
            worker.end()

    def forget(self) -> None:
        """For the child of a fork: the processes are its parent's."""
        for worker in self._idle:
            worker.let_go()
        self._reset()


class _Worker:
    """One process with its socket and its memory."""

    def __init__(self, program: Path) -> None:
        self.jobs = 0
        self._ready = False
        self._used = 0
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        handle = os.memfd_create("cammon-pictures")
        try:
            os.ftruncate(handle, MEMORY_BYTES)
            self._memory = mmap.mmap(handle, MEMORY_BYTES)
            # -P: the folder of the program has files called like parts of the standard library.
            self._process = subprocess.Popen(  # noqa: S603 - our own file, no word of it from outside
                [sys.executable, "-P", str(program), str(theirs.fileno()), str(handle)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                pass_fds=(theirs.fileno(), handle),
                cwd="/",
            )
        finally:
            os.close(handle)
            theirs.close()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def started(self) -> None:
        """Waits until the process takes jobs, whatever is left of the look: the camera cannot help it."""
        if self._ready:
            return
        self._socket.settimeout(START_S)
        try:
            self._ready = bool(self._socket.recv(LARGEST_MESSAGE))
        except TimeoutError:
            raise DecodersBusy from None
        if not self._ready:
            raise RuntimeError("the process that decodes does not start")

    def run(self, codec: str, units: Sequence[bytes], seconds: float) -> list[Raw]:
        """One job. Raises `CameraFailed` when the process ends over it, or would not end."""
        self.jobs += 1
        sizes = self._laid_down(units)
        answer = b""
        with contextlib.suppress(ConnectionError, TimeoutError):
            self._socket.settimeout(seconds)
            self._socket.send(" ".join([codec, str(round(1000 * seconds)), *map(str, sizes)]).encode())
            answer = self._socket.recv(LARGEST_MESSAGE)
        if not answer:
            raise self._died(seconds)
        return list(self._told(answer.decode("ascii", "replace").splitlines()[1:]))

    def _laid_down(self, units: Sequence[bytes]) -> list[int]:
        position = 0
        sizes = []
        for unit in units:
            if position + len(unit) > IN_BYTES:
                break
            self._memory[position : position + len(unit)] = unit
            position += len(unit)
            sizes.append(len(unit))
        return sizes

    def _told(self, lines: Sequence[str]) -> Iterator[Raw]:
        """What the process says it has put down, believed only as far as it can be true."""
        position = IN_BYTES
        view = memoryview(self._memory)
        for line in lines:
            parts = line.split()
            if len(parts) != 4 or not all(part.isdecimal() for part in (*parts[:2], parts[3])):
                return
            width, height, layout = int(parts[0]), int(parts[1]), parts[2]
            size = width * height * (6 if layout == "bgr" else 3) // 2
            if not 0 < width * height <= LARGEST_PICTURE_PX or position + size > MEMORY_BYTES:
                return
            yield Raw(width, height, layout, parts[3] == "1", view[position : position + size])
            position += size
            self._used = position - IN_BYTES

    def forget_pictures(self) -> None:
        """Gives memory back that only large pictures need."""
        if self._used > KEPT_BYTES:
            self._memory.madvise(mmap.MADV_REMOVE, IN_BYTES, MEMORY_BYTES - IN_BYTES)

    def _died(self, seconds: float) -> CameraFailed:
        with contextlib.suppress(subprocess.TimeoutExpired):
            status = self._process.wait(0.05)
            if status != -signal.SIGALRM:
                name = signal.Signals(-status).name if status < 0 else f"exit {status}"
                return CameraFailed(Fault.UNDECODABLE, error="the decoder crashed on it", received=name)
        if seconds < DECODE_S:
            return CameraFailed(Fault.TIMEOUT, at="decode")
        return CameraFailed(Fault.UNDECODABLE, error="the decoder did not come to an end")

    def end(self) -> None:
        """Ends the process, whatever it is at."""
        self._process.kill()
        self._process.wait()
        self.let_go()

    def let_go(self) -> None:
        """Closes what this process holds of it."""
        self._socket.close()
        with contextlib.suppress(BufferError):
            self._memory.close()


def _environment() -> dict[str, str]:
    """Nothing of ours but what Python and the loader need: logins stand in the environment.

    Freed memory is kept by the process, as in any that decodes all the time: faulting it in anew took 2 ms a picture.
    """
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH") if name in os.environ}
    return {**kept, "MALLOC_MMAP_THRESHOLD_": str(KEPT_BYTES * 2), "MALLOC_TRIM_THRESHOLD_": str(KEPT_BYTES * 2)}


SHARED = Decoders()
"""The decoders of this process."""
atexit.register(SHARED.close)
os.register_at_fork(after_in_child=SHARED.forget)
