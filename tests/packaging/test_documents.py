"""The commands of the README and the docs are run, their make targets and links looked up.

Every line of a fenced `sh` block is a command that works as it stands: `cammon ...` (environment variables may stand
before it) is run beside a copy of the demo site and has to end with status 0, or with the one that a comment
`# exit N` names; `make TARGET` has to be a target. What cannot be tried belongs into a fence without `sh`.
"""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"(?ms)^[ ]*```sh\n(.*?)^[ ]*```")
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
STARTED = {"serve": ("--port",), "demo": ("--port", "--control-port"), "virtual": ("--control-port",)}
"""Commands that run until interrupted, and the options by which each gets ports of its own."""
READY_WITHIN_S = 40.0


@dataclass(frozen=True)
class Line:
    """One command of a page."""

    page: str
    text: str
    words: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    status: int = 0


def lines(page: Path):
    for block in FENCE.findall(page.read_text("utf-8")):
        for text in block.replace("\\\n", " ").splitlines():
            command, _, comment = text.partition(" # ")
            words = shlex.split(command, comments=True)
            if not words:
                continue
            environment = {}
            while re.match(r"[A-Z_][A-Z0-9_]*=", words[0]):
                name, _, value = words.pop(0).partition("=")
                environment[name] = value
            status = re.search(r"exit (\d)", comment)
            yield Line(page.name, text.strip(), tuple(words), environment, int(status[1]) if status else 0)


def commands(program):
    found = {line.text: line for page in PAGES for line in lines(page) if line.words[0] == program}
    return [pytest.param(line, id=f"{line.page}: {line.text}") for line in found.values()]


@pytest.fixture(scope="module")
def beside_the_demo(tmp_path_factory):
    """A folder with a copy of the demo site whose cameras have addresses that no other test uses."""
    folder = tmp_path_factory.mktemp("documents")
    site = folder / "config" / "demo-mine"
    shutil.copytree(ROOT / "config" / "demo-mine", site)
    ledger = site / "cameras.csv"
    ledger.write_text(ledger.read_text("utf-8").replace("127.20.0.", "127.20.77."), "utf-8")
    return folder


def arguments(line: Line) -> list[str]:
    return [sys.executable, "-m", "cammon", *line.words[1:]]


def surroundings(line: Line) -> dict[str, str]:
    rooms = os.pathsep.join(str(ROOT / name) for name in (".", "coverage", "probes", "web"))
    return {**os.environ, "PYTHONPATH": rooms, "LANG": "C.UTF-8", "CAMMON_DEMO_LOGIN": "a:b", **line.environment}


@pytest.mark.parametrize("line", [one for one in commands("cammon") if one.values[0].words[1] not in STARTED])
def test_command_ends_as_documented(line, beside_the_demo):
    done = subprocess.run(
        arguments(line),
        cwd=beside_the_demo,
        env=surroundings(line),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == line.status, done.stdout[-2000:] + done.stderr[-2000:]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("line", [one for one in commands("cammon") if one.values[0].words[1] in STARTED])
def test_command_starts_says_that_it_is_ready_and_ends_when_interrupted(line, beside_the_demo):
    ports = [word for option in STARTED[line.words[1]] for word in (option, str(free_port()))]
    process = subprocess.Popen(
        [*arguments(line), *ports],
        cwd=beside_the_demo,
        env=surroundings(line),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    too_late = Timer(READY_WITHIN_S, process.kill)
    too_late.start()
    said = []
    try:
        for text in process.stdout:
            said.append(text)
            if "ready" in text:
                break
        too_late.cancel()
        assert said, "it said nothing"
        assert "ready" in said[-1], "".join(said)
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=20)
        assert process.returncode == line.status, "".join(said) + rest
        assert "Traceback" not in rest
    finally:
        too_late.cancel()
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("line", commands("make"))
def test_make_target_is_there(line):
    targets = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8")))
    named = [word for word in line.words[1:] if "=" not in word]
    assert named
    assert set(named) <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_a_page_can_be_tried(page):
    other = [line.text for line in lines(page) if line.words[0] not in ("cammon", "make")]
    assert not other, "put these into a fence without `sh`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    targets = [target for target in LINK.findall(page.read_text("utf-8")) if "://" not in target]
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing


def test_the_readme_shows_the_two_commands_and_the_main_ones():
    readme = list(lines(ROOT / "README.md"))
    assert {"demo", "test"} <= {line.words[1] for line in readme if line.words[0] == "make"}
    assert {"check", "coverage", "upgrades", "serve"} <= {line.words[1] for line in readme if line.words[0] == "cammon"}
