"""`cammon demo`: virtual cameras with faults, and the whole system on them."""

import importlib.resources
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from threading import Event, Lock, Thread

import click

from cammon.problem import UserError
from cammon.process import leave

from .options import host_option, language_option, port_option
from .sites import load_site

LOGIN_VARIABLE = "CAMMON_DEMO_LOGIN"
READY_WITHIN_S = 20.0
NEWCOMER = "CAM23"
"""A camera that has no past: its page says what is not judged yet, and that nobody has confirmed its view."""
PAST_KNOWN = {
    "en": "after {seconds:.0f} s: the good pictures of the past day are known, hidden parts are told from now on"
    " ({newcomer} is new and has none)",
    "zh": "{seconds:.0f} 秒后：已学习过去一天的正常画面，从现在起可以判断部分遮挡（{newcomer} 是新装的，没有历史）",
}
UNHURRIED = 10
"""The past is rendered and learnt when nobody else wants the processor."""


@click.command()
@host_option
@port_option
@click.option("--control-port", default=8001, show_default=True, help="Loopback port where faults are switched.")
@click.option("--script", is_flag=True, help="Play a five-minute story of faults and repairs.")
@click.option(
    "--store",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep the database here. [default: a new one that is thrown away]",
)
@language_option
def demo(host: str, port: int, control_port: int, script: bool, store: Path | None, language: str) -> None:
    """Watch a coal mine of virtual cameras: break one and see a key place go dark."""
    os.environ.setdefault(LOGIN_VARIABLE, f"cammon:{secrets.token_urlsafe(12)}")
    with ExitStack() as stack:
        folder = stack.enter_context(
            importlib.resources.as_file(importlib.resources.files("cammon_config") / "demo-mine")
        )
        fleet = Fleet(folder, control_port, script, language)
        stack.callback(fleet.end)
        # The fleet is importing its part by now: this process imports its own beside it, on the other core.
        from cammon.clock import SystemClock
        from cammon.server import Address, serve_site
        from cammon.store import DEFAULT_STORE
        from cammon.store.opening import open_store

        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cammon-demo-")))
        path = store or scratch / DEFAULT_STORE
        past = Past(folder, scratch / "past", path, language, known=path.exists())
        stack.callback(past.end)

        def before_looking() -> None:
            fleet.wait_until_ready(control_port)
            past.begin()

        site = load_site(folder, language)
        serve_site(
            site,
            stack.enter_context(open_store(path)),
            SystemClock(),
            Address(host, port),
            metrics_token=None,
            say=click.echo,
            ended=fleet.gone,
            before_looking=before_looking,
        )
        died = fleet.process.poll()
    if died:
        raise UserError(f"the virtual cameras ended by themselves (status {died}); their reason stands above")
    leave(0)


class Fleet:
    """The virtual cameras as a process of their own. `gone` is set when they have ended."""

    def __init__(self, folder: Path, control_port: int, script: bool, language: str) -> None:
        command = [sys.executable, "-m", "cammon", "virtual", str(folder), "--with-parent"]
        command += [f"--control-port={control_port}", f"--language={language}", *(["--script"] if script else [])]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 -- our own module
        self.gone = Event()
        self._ready = Event()
        Thread(target=self._relay, daemon=True).start()

    def wait_until_ready(self, control_port: int) -> None:
        """Raises UserError when they do not start; else says how to break them."""
        waited_s = 0.0
        while not self._ready.wait(0.1) and not self.gone.is_set() and waited_s < READY_WITHIN_S:
            waited_s += 0.1
        if self.process.poll() is not None or waited_s >= READY_WITHIN_S:
            raise UserError("the virtual cameras did not start; their reason stands above")
        if not self.gone.is_set():
            explain(control_port)

    def end(self) -> None:
        """Ask the fleet to end, then end it."""
        self.process.terminate()
        try:
            self.process.wait(1.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _relay(self) -> None:
        """Pass on what the fleet says; its first line says that it is ready."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            click.echo(line.rstrip("\n"))
            self._ready.set()
        self.gone.set()
        self._ready.set()


class Past:
    """Good pictures of the past day, handed over as those of a recorder would be: `cammon learn`."""

    def __init__(self, site: Path, pictures: Path, store: Path, language: str, *, known: bool) -> None:
        """`known`: the store is from before, with what was learnt then."""
        own = [sys.executable, "-m", "cammon"]
        self._commands = (
            [*own, "virtual", str(site), f"--past={pictures}", f"--newcomer={NEWCOMER}"],
            [*own, "learn", str(site), str(pictures), f"--store={store}", f"--language={language}"],
        )
        self._language = language
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = known

    def begin(self) -> None:
        """In the background: the cameras are looked at meanwhile."""
        Thread(target=self._run, daemon=True).start()

    def end(self) -> None:
        """Leave it where it is."""
        with self._lock:
            self._ended = True
            if self._process is not None:
                self._process.kill()
                self._process.wait()

    def _run(self) -> None:
        began_s = time.monotonic()
        for command in self._commands:
            with self._lock:
                if self._ended:
                    return
                self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 -- our own module
                os.setpriority(os.PRIO_PROCESS, self._process.pid, UNHURRIED)
            if self._process.wait() != 0:
                return
        if not self._ended:
            click.echo(PAST_KNOWN[self._language].format(seconds=time.monotonic() - began_s, newcomer=NEWCOMER))


def explain(control_port: int) -> None:
    """How to break things."""
    base = f"http://127.0.0.1:{control_port}"
    curl = "curl" if shutil.which("curl") else "curl (or any HTTP client)"
    click.echo(f"break a camera:   {curl} -X PUT {base}/cameras/CAM24/faults/black")
    click.echo(f"repair it:        curl -X DELETE {base}/cameras/CAM24/faults/black")
    click.echo(f"cut a switch:     curl -X PUT {base}/switches/SW2/down    (restore: -X DELETE)")
    click.echo(f"make it night:    curl -X PUT {base}/light/night          (day, auto)")
    click.echo(f"all that there is: curl {base}/state")
