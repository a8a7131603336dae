"""What a process asks of the system: little memory while it runs, and its way out."""

import ctypes
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import cv2
from threadpoolctl import threadpool_limits

TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8
"""Numbers of glibc's malloc.h."""
KEPT_BYTES = 64 << 20
LARGEST_KEPT_BYTES = 32 << 20
"""The most that glibc takes here."""


@cache
def ready_for_pictures() -> None:
    """Set this process up to look at many pictures, in any number of threads; to be called before they are started.

    A picture takes and frees some hundred arrays of a few hundred kilobytes. glibc gives such memory back at once, and
    each page of it costs a fault when it is next touched: a third to a half of the time of the picture checks. So what
    is freed is kept. But glibc gives each thread one of eight heaps per core, and with a hundred threads that wait for
    cameras that would be several hundred megabytes: they share two. Where there is no such setting (musl) nothing is
    done. Threads of OpenCV's and of numpy's linear algebra gain nothing on pictures so small, and take time from other
    looks.
    """
    cv2.setNumThreads(1)
    threadpool_limits(1)
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(ARENA_MAX, 2)
        mallopt(MMAP_THRESHOLD, LARGEST_KEPT_BYTES)
        mallopt(TRIM_THRESHOLD, KEPT_BYTES)


@contextmanager
def hushed() -> Iterator[None]:
    """Standard error goes nowhere meanwhile: libjpeg and libpng write what they think of a damaged file to it, without
    its name. It is the whole process's, so this is for a process that does nothing else beside."""
    try:
        kept = os.dup(2)
    except OSError:  # closed
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(nowhere)
        os.close(kept)


def leave(status: int) -> None:
    """End the process now. Looks that still wait for a camera sit in daemon threads inside C libraries, where the
    interpreter's own way out would wait for them or crash."""
    sys.stdout.flush()
    sys.stderr.flush()
    logging.shutdown()
    os._exit(status)
