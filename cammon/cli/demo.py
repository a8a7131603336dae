"""`cammon demo`: virtual cameras with faults, and the whole system on them."""

import importlib.resources
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from threading import Event, Thread

import click

from cammon.problem import UserError
from cammon.process import leave

from .options import host_option, language_option, port_option
from .sites import load_site

LOGIN_VARIABLE = "CAMMON_DEMO_LOGIN"
READY_WITHIN_S = 20.0


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

        path = store or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cammon-demo-"))) / DEFAULT_STORE
        site = load_site(folder, language)
        serve_site(
            site,
            stack.enter_context(open_store(path)),
            SystemClock(),
            Address(host, port),
            metrics_token=None,
            say=click.echo,
            ended=fleet.gone,
            before_looking=lambda: fleet.wait_until_ready(control_port),
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


def explain(control_port: int) -> None:
    """How to break things."""
    base = f"http://127.0.0.1:{control_port}"
    curl = "curl" if shutil.which("curl") else "curl (or any HTTP client)"
    click.echo(f"break a camera:   {curl} -X PUT {base}/cameras/CAM24/faults/black")
    click.echo(f"repair it:        curl -X DELETE {base}/cameras/CAM24/faults/black")
    click.echo(f"cut a switch:     curl -X PUT {base}/switches/SW2/down    (restore: -X DELETE)")
    click.echo(f"make it night:    curl -X PUT {base}/light/night          (day, auto)")
    click.echo(f"all that there is: curl {base}/state")
