"""The decoder process with a hole in it: what a picture says is done to the process that should decode it."""

import importlib.util
import os
import signal
import sys
import time
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[2] / "probes" / "cammon_probes" / "decoder_process.py"
spec = importlib.util.spec_from_file_location("decoder_process", PROGRAM)
decoder = importlib.util.module_from_spec(spec)
spec.loader.exec_module(decoder)
healthy = decoder.decoded
kept = []


def balloon():
    while True:
        kept.append(bytearray(64 * 1024 * 1024))


DEEDS = {
    b"SEGV": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    b"ABRT": os.abort,
    b"EXIT": lambda: os._exit(3),
    b"LOOP": lambda: time.sleep(60),
    b"LIES": lambda: "lies",
    b"HUGE": balloon,
}


def decoded(codec, units, **how):
    for mark, deed in DEEDS.items():
        if mark in bytes(units[0]):
            deed()
    return healthy(codec, units, **how)


def done(memory, codec, sizes, honest=decoder.done):
    if b"LIES" in memory[: sizes[0]]:
        return "decoded\n99999 99999 bgr 0\n-1 2 yuv 0\n" + "\xff" * 50
    return honest(memory, codec, sizes)


decoder.decoded, decoder.done = decoded, done
sys.exit(decoder.main())
