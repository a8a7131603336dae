"""A disk without room for the output: one line, exit status 2, no traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("command", [["--help"], ["check", "config/demo-mine"]], ids=["help", "check"])
def test_a_full_disk_is_told_in_a_line(command):
    with FULL.open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "cammon", *command],
            cwd=ROOT,
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1), ended.stderr
