"""Passwords are nowhere in what the whole system writes, says, shows, or hands to its children."""

import base64
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest
import requests

from cammon.virtual.background import RunningFleet, running_fleet
from cammon.virtual.model import CameraSpec, FleetOptions, Login, Scheme, StreamSpec
from tests.system.echoing import Braggart, Tattler, running
from tests.system.system_processes import ROOT, Person, Running, free_port

PATIENCE_S = 60.0
LOOKS_S = 6.0
MOST_PAGES = 60
MANY = """
import json, sys
from cammon.cli import main
statuses = open(sys.argv[1], "a", buffering=1)
for words in json.load(sys.stdin):
    sys.argv = ["cammon", "--verbose", *words]
    try:
        main()
    except SystemExit as end:
        print(end.code, file=statuses)
"""
"""Runs the commands that standard input lists; their statuses go to the file that the first argument names."""


def canary(core: str) -> str:
    """A password of everything that has to be escaped somewhere, around letters that no escaping changes."""
    return f"é&<\"'{core}密 %+/@#?:>\\"


CORES = {"stored": "Kanarienvogel1", "filed": "Distelfink22", "known": "Zeisig4711xyz", "wrong": "Nachtigall95"}
SECRETS = {name: canary(core) for name, core in CORES.items()}


def needles(core: str) -> list[bytes]:
    """What shows a password: its unescaped middle or most of it, and what of that base64 shows, wherever it begins."""
    found = [core.lower().encode(), core[:8].lower().encode()]
    for before in range(3):
        data = b"\0" * before + core.encode()
        whole = base64.b64encode(data).decode()
        found.append(whole[(before * 8 + 5) // 6 : len(data) * 8 // 6].lower().encode())
    return found


@dataclass
class Said:
    """Everything that was said, by who said it."""

    texts: dict[str, bytes] = field(default_factory=dict)

    def add(self, who: str, text: str | bytes) -> None:
        data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
        self.texts[who] = self.texts.get(who, b"") + data

    def leaks(self) -> list[str]:
        """Where a password shows, with what stands around it."""
        found = []
        for who, text in self.texts.items():
            low = text.lower()
            for name, core in CORES.items():
                for needle in needles(core):
                    place = low.find(needle)
                    if place >= 0:
                        found.append(f"{who}: {name}: {text[max(0, place - 60) : place + 60]!r}")
        return found


def test_the_needles_find_what_they_should() -> None:
    for text in (
        SECRETS["stored"],
        quote(SECRETS["stored"]),
        base64.b64encode(b"viewer:" + SECRETS["stored"].encode()),
    ):
        said = Said()
        said.add("x", text)
        assert said.leaks()


@pytest.fixture
def fleet() -> Iterator[RunningFleet]:
    hosts = (f"127.0.0.{number}" for number in count(11))

    def camera(name: str, secret: str, *schemes: Scheme) -> CameraSpec:
        login = Login("viewer", SECRETS[secret], schemes or (Scheme.DIGEST_MD5,))
        return CameraSpec(name, next(hosts), main=StreamSpec("/main", 320, 180), sub=None, login=login)

    cameras = [
        camera("DIGEST", "stored"),
        camera("BASIC", "stored", Scheme.BASIC),
        camera("FILED", "filed", Scheme.DIGEST_SHA256),
        camera("KNOWN", "known"),
        camera("REFUSED", "known"),
    ]
    with running_fleet(cameras, options=FleetOptions(send_fps=20.0, from_memory=True)) as running_one:
        yield running_one


CREDENTIALS = {"DIGEST": "stored", "BASIC": "stored", "FILED": "filed", "KNOWN": "known", "REFUSED": "wrong"}


def site_on(folder: Path, fleet: RunningFleet, rtsp: int, onvif: int) -> Path:
    """A site with every kind of credential on good cameras, on one that refuses it, and on two that tell it."""
    folder.mkdir()
    (folder / "site.toml").write_text(
        """name = "Leak"
language = "en"
[probing]
liveness_s = 1
picture_s = 1.5
device_s = 2
[credentials.stored]
store = true
[credentials.wrong]
store = true
[credentials.filed]
file = "filed.login"
[credentials.known]
env = "CAM_LOGIN"
""",
        "utf-8",
    )
    (folder / "filed.login").write_text(f"viewer:{SECRETS['filed']}\n", "utf-8")
    rows = ["id,address,rtsp_path,onvif_port,credential"]
    for name, credential in CREDENTIALS.items():
        end = fleet.endpoint(name)
        rows.append(f"{name},{end.host}:{end.rtsp_port},{end.rtsp_path},{end.onvif_port},{credential}")
    # Hosts of their own, so that what is refused at one does not keep cammon from the other.
    rows.append(f"TATTLER,127.0.0.2:{rtsp},/live,,stored")
    rows.append(f"BRAGGART,127.0.0.3:{rtsp},/live,{onvif},filed")
    (folder / "cameras.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return folder


class System:
    """cammon's commands in a world of their own: home, folder for temporary files, and what they said."""

    def __init__(self, folder: Path) -> None:
        self.said = Said()
        self.folder = folder
        (folder / "tmp").mkdir()
        (folder / "home").mkdir()
        self.environment = {
            "HOME": str(folder / "home"),
            "XDG_CONFIG_HOME": str(folder / "home" / "config"),
            "TMPDIR": str(folder / "tmp"),
            "CAM_LOGIN": f"viewer:{SECRETS['known']}",
        }

    def run(self, *arguments: object, given: str | None = None, expects: int = 0) -> None:
        """Run a command."""
        assert self._python("-m", "cammon", "--verbose", *map(str, arguments), given=given) == expects

    def run_all(self, commands: list[list[str]]) -> list[int]:
        """Run commands one after the other in one process, as starting it takes longest; their exit statuses."""
        statuses = self.folder / "statuses"
        self._python("-c", MANY, str(statuses), given=json.dumps(commands))
        return list(map(int, statuses.read_text().split()))

    def _python(self, *arguments: str, given: str | None) -> int:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            input=given,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        self.said.add(f"python {arguments[:4]}", done.stdout + done.stderr)
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode

    def crawl(self, person: Person) -> int:
        """Every page and answer that links lead to; how many."""
        waiting, seen = ["/", "/api/cameras", "/api/status", "/metrics"], set()
        while waiting and len(seen) < MOST_PAGES:
            path = waiting.pop(0)
            if path in seen or path.startswith(("/logout", "/language")):
                continue
            seen.add(path)
            answer = person.session.get(person.base + path, timeout=20)
            self.said.add(f"page {path}", answer.content + str(dict(answer.headers)).encode())
            if "html" in answer.headers.get("Content-Type", ""):
                waiting += re.findall(r'(?:href|src|action)="(/[^"#]*)"', answer.text)
        return len(seen)

    def children_of(self, process: psutil.Process, told: set[str]) -> None:
        """What the system shows to everybody of the processes that cammon started, and what it gave them."""
        for child in process.children(recursive=True):
            try:
                arguments, environment = child.cmdline(), child.environ()
            except psutil.Error:
                continue  # it has just ended
            told.add(" ".join(arguments))
            self.said.add(f"child {arguments[:4]}", "\n".join([*arguments, *environment.values()]))


def test_no_password_is_written_said_or_shown(tmp_path: Path, fleet: RunningFleet) -> None:
    Braggart.password = SECRETS["filed"]
    with ExitStack() as stack:
        rtsp = stack.enter_context(running(Tattler, "127.0.0.2"))
        stack.enter_context(running(Tattler, "127.0.0.3", rtsp))
        onvif = stack.enter_context(running(Braggart, "127.0.0.3"))
        system = System(tmp_path)
        site = site_on(tmp_path / "site", fleet, rtsp, onvif)
        for name in ("stored", "wrong"):
            system.run("credentials", "set", name, site, given=f"viewer\n{SECRETS[name]}\n{SECRETS[name]}\n")
        _served(system, site)
        _by_hand(system, site, fleet)
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.name != "filed.login":
            system.said.add(f"file {path.relative_to(tmp_path)}", path.read_bytes())
    assert any("sqlite" in who for who in system.said.texts)
    assert Tattler.asked > 10
    assert Braggart.asked > 10
    assert system.said.leaks() == []


def _served(system: System, site: Path) -> None:
    """The service for some seconds, its pages, its database while it is open, its children."""
    port = free_port()
    with Running("--verbose", "serve", site, "--port", str(port), **system.environment) as service:
        url = service.wait_for(r"first login \(once\): (\S+)")[1]
        service.wait_for("ready")
        person = Person(f"http://127.0.0.1:{port}")
        person.first_login(url)
        process, children = psutil.Process(service.process.pid), set[str]()
        system.said.add("serve's arguments", " ".join(process.cmdline()))
        end = time.monotonic() + LOOKS_S
        while time.monotonic() < end or person.json("/api/status")["health"]["unknown"]:
            system.children_of(process, children)
            time.sleep(0.2)
        faults = {one["id"]: one["faults"] for one in person.json("/api/cameras")["cameras"]}
        assert {name for name, named in faults.items() if "auth_failed" in named} == {"REFUSED"}
        assert system.crawl(person) > 10
        for path in site.glob("*.sqlite*"):
            system.said.add(f"open {path.name}", path.read_bytes())
        assert any(path.name.endswith("-wal") for path in site.iterdir())
        system.said.add("metrics", requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10).content)
        assert service.end()[0] == 0
        assert not any("Traceback" in line for line in service.lines), "\n".join(service.lines)
    system.said.add("serve", "\n".join(service.lines))


def _by_hand(system: System, site: Path, fleet: RunningFleet) -> None:
    """The commands that a person runs beside it."""
    forms = ((), ("--json",), ("--once-more", "--language", "zh"))
    cameras = ("DIGEST", "REFUSED", "REFUSED", "FILED", "TATTLER", "TATTLER", "BRAGGART")
    commands = [["probe", str(site), name, *forms[number % 3]] for number, name in enumerate(cameras)]
    end = fleet.endpoint("DIGEST")
    right, wrong = (f"viewer:{quote(SECRETS[name], safe='')}" for name in ("stored", "wrong"))
    commands += [
        ["probe", "--url", f"rtsp://{right}@{end.host}:{end.rtsp_port}/main"],
        ["probe", "--url", f"http://{wrong}@{end.host}:{end.onvif_port}/", "--json"],
        ["probe", "--url", f"rtsp://{right}@127.0.0.1:99999/"],
        ["probe", "--url", f"rtsp://viewer:{SECRETS['wrong']}@{end.host}:{end.rtsp_port}/main"],
        *([name, str(site), "--json"] for name in ("coverage", "upgrades")),
        ["check", str(site)],
        ["credentials", "list", str(site)],
    ]
    statuses = system.run_all(commands)
    assert len(statuses) == len(commands)
    assert statuses[9:] == [2, 2, 0, 0, 0, 0]
    system.run("credentials", "set", "stored", site, given=f"viewer\n{SECRETS['stored']}\nother\n", expects=2)
