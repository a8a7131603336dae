"""Real processes of cammon on a copy of the demo site with addresses and ports of its own."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[2]
LOGIN = "cammon:a-login-for-the-test"
PASSWORD = "a long enough password"


def free_port() -> int:
    """A port that nobody uses just now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def copy_of_demo(folder: Path, network: str, **seconds: float) -> Path:
    """The demo site with its cameras on 127.`network`.N and other intervals (liveness_s=2, ...)."""
    shutil.copytree(ROOT / "config" / "demo-mine", folder)
    ledger = folder / "cameras.csv"
    ledger.write_text(ledger.read_text("utf-8").replace("127.20.0.", f"127.{network}."), "utf-8")
    settings = folder / "site.toml"
    text = settings.read_text("utf-8")
    for name, value in seconds.items():
        text, count = re.subn(rf"(?m)^{name}\s*=.*$", f"{name} = {value}", text)
        assert count == 1, f"{name} stands {count} times in the demo's site.toml"
    settings.write_text(text, "utf-8")
    return folder


PATIENCE = 5.0
"""A machine busy with other tests is about so much slower than an idle one; figures are in benchmarks/demo.py."""
PROMPT_S = 2.0 * PATIENCE
"""Two seconds are promised for the end of a program."""


class Running:
    """A `cammon` command as a process; its output by lines."""

    def __init__(self, *arguments: str | Path, **environment: str) -> None:
        command = [sys.executable, "-m", "cammon", *map(str, arguments)]
        known = {**os.environ, "CAMMON_DEMO_LOGIN": LOGIN, "LANG": "C.UTF-8", **environment}
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=known, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines: list[str] = []
        self._queue: SimpleQueue[str] = SimpleQueue()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            self._queue.put(self.lines[-1])

    def wait_for(self, pattern: str, within_s: float = 90.0) -> re.Match[str]:
        """The first line, from now on, that the pattern is in."""
        end = time.monotonic() + within_s
        while (left := end - time.monotonic()) > 0:
            try:
                found = re.search(pattern, self._queue.get(timeout=left))
            except Empty:
                break
            if found:
                return found
        raise AssertionError(f"no line with {pattern!r} within {within_s} s; it said:\n" + "\n".join(self.lines))

    def end(self, number: signal.Signals = signal.SIGINT, within_s: float = 30.0) -> tuple[int, float]:
        """Signal it and wait: exit status and seconds that it took."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            status = self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"still there {within_s} s after {number!r}:\n" + "\n".join(self.lines)) from None
        self._reader.join(5.0)
        return status, time.monotonic() - began

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join(5.0)
        assert self.process.stdout is not None
        self.process.stdout.close()


class Person:
    """Somebody at a browser: logs in once, then reads pages and JSON."""

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")
        self.session = requests.Session()

    def first_login(self, url: str) -> None:
        """Make the first account."""
        page = self.session.get(url, timeout=10)
        form = {"csrf_token": _csrf(page.text), "name": "li", "password": PASSWORD, "repeated": PASSWORD}
        token = re.search(r'name="token"[^>]*value="([^"]*)"', page.text)
        if token:
            form["token"] = token[1]
        answer = self.session.post(url, data=form, timeout=10)
        assert answer.status_code == 200, answer.text
        self.session.get(f"{self.base}/language/en", timeout=10)

    def log_in(self) -> None:
        """Log in as the one who was first."""
        page = self.session.get(f"{self.base}/login", timeout=10)
        form = {"csrf_token": _csrf(page.text), "name": "li", "password": PASSWORD}
        assert self.session.post(f"{self.base}/login", data=form, timeout=10).status_code == 200

    def page(self, path: str) -> str:
        """A page's text."""
        answer = self.session.get(self.base + path, timeout=10)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return answer.text

    def json(self, path: str) -> Any:
        """A JSON answer."""
        return self.session.get(self.base + path, timeout=10).json()

    def metric(self, name: str, **labels: str) -> float | None:
        """A sample of /metrics."""
        text = requests.get(f"{self.base}/metrics", timeout=10).text
        for line in text.splitlines():
            found = re.match(r"(\w+)\{(.*)\} (\S+)$", line)
            if found and found[1] == name:
                has = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', found[2]))
                if labels.items() <= has.items():
                    return float(found[3])
        return None


def _csrf(text: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)
    assert found, text
    return found[1]


def eventually(what: str, holds: Callable[[], bool], within_s: float) -> float:
    """Wait until it holds; how long it took. `within_s` is that of an idle machine."""
    began = time.monotonic()
    while time.monotonic() - began < within_s * PATIENCE:
        if holds():
            return time.monotonic() - began
        time.sleep(0.2)
    raise AssertionError(f"not within {within_s * PATIENCE} s: {what}")


def cammon(*arguments: str | Path, timeout: float = 120.0, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    known = {**os.environ, "CAMMON_DEMO_LOGIN": LOGIN, "LANG": "C.UTF-8", **environment}
    command = [sys.executable, "-m", "cammon", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=known, capture_output=True, text=True, timeout=timeout, check=False)
