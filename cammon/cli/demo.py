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

from cammon.clock import SystemClock
from cammon.problem import UserError
from cammon.server import Address, bind, leave, serve_site
from cammon.store.opening import open_store

from .options import DEFAULT_STORE, language_option, load_site
from .serve import host_option, port_option

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
        site = load_site(folder, language)
        bind(Address(host, port)).close()
        path = store or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cammon-demo-"))) / DEFAULT_STORE
        opened = stack.enter_context(open_store(path))
        ended = Event()
        fleet = start_fleet(folder, control_port, script, ended)
        stack.callback(end_fleet, fleet)
        _explain(control_port)
        serve_site(site, opened, SystemClock(), Address(host, port), metrics_token=None, say=click.echo, ended=ended)
        gone = fleet.poll()
    if gone:
        raise UserError(f"the virtual cameras ended by themselves (status {gone}); their reason stands above")
    leave(0)


def start_fleet(folder: Path, control_port: int, script: bool, ended: Event) -> subprocess.Popen[str]:
    """The virtual cameras as a process of their own, ready. `ended` is set when they end by themselves."""
    command = [
        sys.executable,
        "-m",
        "cammon",
        "virtual",
        str(folder),
        "--with-parent",
        f"--control-port={control_port}",
    ]
    fleet = subprocess.Popen([*command, "--script"] if script else command, stdout=subprocess.PIPE, text=True)  # noqa: S603 -- our own interpreter and module
    ready = Event()
    Thread(target=_relay, args=(fleet, ready, ended), daemon=True).start()
    if not ready.wait(READY_WITHIN_S) or ended.is_set():
        end_fleet(fleet)
        raise UserError("the virtual cameras did not start; their reason stands above")
    return fleet


def _relay(fleet: subprocess.Popen[str], ready: Event, ended: Event) -> None:
    """Pass on what the fleet says; its first line says that it is ready."""
    assert fleet.stdout is not None
    for line in fleet.stdout:
        ready.set()
        click.echo(line.rstrip("\n"))
    ended.set()
    ready.set()


def end_fleet(fleet: subprocess.Popen[str]) -> None:
    """Ask the fleet to end, then end it."""
    fleet.terminate()
    try:
        fleet.wait(1.0)
    except subprocess.TimeoutExpired:
        fleet.kill()
        fleet.wait()


def _explain(control_port: int) -> None:
    """How to break things."""
    base = f"http://127.0.0.1:{control_port}"
    curl = "curl" if shutil.which("curl") else "curl (or any HTTP client)"
    click.echo(f"break a camera:   {curl} -X PUT {base}/cameras/CAM24/faults/black")
    click.echo(f"repair it:        curl -X DELETE {base}/cameras/CAM24/faults/black")
    click.echo(f"cut a switch:     curl -X PUT {base}/switches/SW2/down    (restore: -X DELETE)")
    click.echo(f"make it night:    curl -X PUT {base}/light/night          (day, auto)")
    click.echo(f"all that there is: curl {base}/state")
