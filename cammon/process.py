"""What a process asks of the system: little memory while it runs, and its way out."""

import ctypes
import logging
import os
import sys

MALLOC_ARENAS = -8
"""M_ARENA_MAX of glibc's malloc.h."""


def thrifty_memory() -> None:
    """Have all threads share two heaps; to be called before they are started.

    glibc gives each thread one of eight heaps per core, and none of them gives back what a picture once took of it:
    with a hundred threads that wait for cameras that is several hundred megabytes. Elsewhere nothing is done.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(MALLOC_ARENAS, 2)


def leave(status: int) -> None:
    """End the process now. Looks that still wait for a camera sit in daemon threads inside C libraries, where the
    interpreter's own way out would wait for them or crash."""
    sys.stdout.flush()
    sys.stderr.flush()
    logging.shutdown()
    os._exit(status)
