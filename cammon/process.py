"""The way out of a process."""

import logging
import os
import sys


def leave(status: int) -> None:
    """End the process now. Looks that still wait for a camera sit in daemon threads inside C libraries, where the
    interpreter's own way out would wait for them or crash."""
    sys.stdout.flush()
    sys.stderr.flush()
    logging.shutdown()
    os._exit(status)
