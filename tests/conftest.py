"""What every test may ask for: a program or data that is not always there."""

import os
import shutil
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("cammon", deadline=None)  # a busy machine is no reason to fail
settings.load_profile("cammon")

ROOT = Path(__file__).resolve().parent.parent
SYSTEM_PYTHON = "/usr/bin/python3"
"""Debian's own: the only one that sees Debian's gi bindings."""


def _program(name: str) -> Callable[[], bool]:
    return lambda: shutil.which(name) is not None


def _gst_rtsp_server() -> bool:
    script = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
    if not Path(SYSTEM_PYTHON).exists():
        return False
    return subprocess.run([SYSTEM_PYTHON, "-c", script], capture_output=True, check=False).returncode == 0


PROGRAMS: dict[str, Callable[[], bool]] = {
    "chromium": _program("chromium"),
    "promtool": _program("promtool"),
    "amtool": _program("amtool"),
    "ffmpeg": _program("ffmpeg"),
    "blackbox_exporter": _program("prometheus-blackbox-exporter"),
    "gst-rtsp-server": _gst_rtsp_server,
    "ipycam": lambda: find_spec("ipycam") is not None,
}
_present: dict[str, bool] = {}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(program): the test uses a program that may not be installed")
    config.addinivalue_line("markers", "needs_data(folder): the test reads outside data below CAMMON_DATA")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        _require_program(marker.args[0])
    for marker in item.iter_markers("needs_data"):
        _require_data(marker.args[0])


def _require_program(name: str) -> None:
    if name not in _present:
        _present[name] = PROGRAMS[name]()
    if _present[name]:
        return
    reason = f"{name} is not installed (make system-packages installs it)"
    if os.environ.get("CAMMON_REQUIRE_ALL") == "1":
        pytest.fail(f"CAMMON_REQUIRE_ALL=1 and {reason}", pytrace=False)
    pytest.skip(reason)


def _require_data(folder: str) -> None:
    root = os.environ.get("CAMMON_DATA")
    if not root:
        pytest.skip("CAMMON_DATA does not name the folder of outside data")
    if not (Path(root) / folder).exists():
        pytest.skip(f"CAMMON_DATA has no {folder}")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return ROOT
