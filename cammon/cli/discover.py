"""`cammon discover`: who answers on the network and is not in the ledger, or no longer where the ledger says."""

import ipaddress
import json
import socket
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

import click

from cammon.clock import Clock, SystemClock
from cammon.discovering import Compared, Discovered, as_csv, compare
from cammon.problem import UserError
from cammon.sitefiles.model import Site
from cammon.store import devices
from cammon.store.opening import open_store
from cammon_probes.announced import Announced, listen
from cammon_probes.device import device, prepare
from cammon_probes.model import DEVICE_SERVICE, Deadline, DeviceFacts, Endpoint
from cammon_probes.sweep import ONVIF_PORTS, RTSP_PORTS, OpenHost, hosts_of, sweep

from .options import language_option, site_argument, store_option
from .progress import progress_bar
from .sites import load_site, store_path

LOOK_S = 4.0
NAMES_S = 5.0
AT_ONCE = 16
TOO_LATE = "too late"


@click.command()
@site_argument
@click.option("--subnet", "subnets", multiple=True, metavar="CIDR", help="Look also at each host of this range.")
@click.option(
    "--wait",
    "wait_s",
    default=3.0,
    show_default=True,
    type=click.FloatRange(0, 60),
    help="Seconds to listen; 0: do not.",
)
@click.option("--interface", "interfaces", multiple=True, metavar="ADDRESS", help="Listen there. [default: everywhere]")
@click.option(
    "--onvif-port", "onvif_ports", multiple=True, type=click.IntRange(1, 65535), help="Ports tried in ranges."
)
@click.option("--rtsp-port", "rtsp_ports", multiple=True, type=click.IntRange(1, 65535), help="Ports tried in ranges.")
@click.option(
    "--rate", default=200.0, show_default=True, type=click.FloatRange(1, 2000), help="Most connections a second."
)
@click.option(
    "--within", "within_s", default=300.0, show_default=True, type=click.FloatRange(1, 3600), help="Seconds for ranges."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object (docs/json.md).")
@store_option
@language_option
def discover(
    site: Path,
    subnets: tuple[str, ...],
    wait_s: float,
    interfaces: tuple[str, ...],
    onvif_ports: tuple[int, ...],
    rtsp_ports: tuple[int, ...],
    rate: float,
    within_s: float,
    as_json: bool,
    store: Path | None,
    language: str,
) -> None:
    """Find cameras on the network that are not in the ledger of SITE, or have moved to another address.

    Asks by WS-Discovery on the local network; with --subnet also looks at each host of a range. No login is ever sent.
    Prints rows for cameras.csv.
    """
    loaded = load_site(site, language)
    hosts = _hosts(subnets)
    clock = SystemClock()
    announced = _announced(wait_s, interfaces)
    onvif, rtsp = onvif_ports or ONVIF_PORTS, rtsp_ports or RTSP_PORTS
    prepare()
    deadline = Deadline.after(within_s, clock.monotonic)
    with progress_bar("connect") as show:
        swept = sweep(hosts, (*onvif, *rtsp), deadline, rate_per_s=rate, show=show)
    found, too_late = _asked(announced, swept.found, rtsp, deadline, clock)
    missed = swept.not_looked_at + too_late
    facts = _facts(loaded, store_path(site, store), given=store is not None)
    compared = compare(found, loaded.cameras, facts, _addresses(loaded))
    if as_json:
        click.echo(json.dumps(_object(loaded, compared, missed), ensure_ascii=False))
    else:
        click.echo(as_csv(compared.new), nl=False)
    for line in _told(compared, missed, language):
        click.echo(line, err=True)


def _hosts(subnets: Sequence[str]) -> tuple[str, ...]:
    try:
        return hosts_of(subnets)
    except ValueError as error:
        raise UserError(f"--subnet: {error}") from None


def _announced(wait_s: float, interfaces: Sequence[str]) -> tuple[Announced, ...]:
    for one in interfaces:
        try:
            ipaddress.ip_address(one)
        except ValueError:
            raise UserError(f"--interface: {one!r} is no address of this machine; see `ip address`") from None
    if not wait_s:
        return ()
    try:
        return listen(wait_s, interfaces)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UserError(
            f"WS-Discovery: {reason}; give an address of this machine as --interface, or --wait 0"
        ) from None


def _asked(
    announced: Sequence[Announced],
    swept: Sequence[OpenHost],
    rtsp_ports: Sequence[int],
    deadline: Deadline,
    clock: Clock,
) -> tuple[list[Discovered], int]:
    """Every device with what it tells strangers, and how many could not be asked in time.

    A host whose web server is no camera and that has no RTSP port open is none.
    """
    rtsp_of = {one.host: next((port for port in one.ports if port in rtsp_ports), None) for one in swept}
    tries = [[_as_announced(one, rtsp_of.get(one.host))] for one in announced]
    hosts = {one.host for one in announced}
    tries += [_guesses(one, rtsp_ports) for one in swept if one.host not in hosts]
    with progress_bar("ask") as show, ThreadPoolExecutor(AT_ONCE, thread_name_prefix="discover") as pool:
        found = []
        for done, one in enumerate(pool.map(lambda each: _first_that_tells(each, deadline, clock), tries), 1):
            show(done, len(tries))
            found.append(one)
    return [one for one in found if isinstance(one, Discovered)], sum(one is TOO_LATE for one in found)


def _as_announced(one: Announced, rtsp_port: int | None) -> Discovered:
    return Discovered(
        *(one.host, one.onvif_port, one.onvif_scheme, one.onvif_path, rtsp_port),
        name=one.name,
        model=one.model,
        announced=True,
    )


def _guesses(host: OpenHost, rtsp_ports: Sequence[int]) -> list[Discovered]:
    """Each open port that is none of RTSP may have a device service."""
    rtsp = next((port for port in host.ports if port in rtsp_ports), None)
    web = [port for port in host.ports if port not in rtsp_ports]
    told = [Discovered(host.host, port, "https" if port == 443 else "http", DEVICE_SERVICE, rtsp) for port in web]
    return told or [Discovered(host.host, rtsp_port=rtsp)]


def _first_that_tells(tries: Sequence[Discovered], deadline: Deadline, clock: Clock) -> Discovered | str | None:
    """The first try behind which a device tells of itself; else what is sure: that it announced itself, its RTSP port.

    The clock is the answer that every ONVIF device gives to strangers.
    """
    for one in tries:
        if one.onvif_port is None:
            return one
        if not deadline.left_s():
            return TOO_LATE
        endpoint = Endpoint(
            *("discover", one.host, 0, ""),
            onvif_port=one.onvif_port,
            onvif_path=one.onvif_path,
            onvif_scheme=one.onvif_scheme,
        )
        patience = Deadline.after(min(LOOK_S, deadline.left_s()), clock.monotonic)
        facts = device(endpoint, clock.now(), patience).device
        if facts is not None and facts != DeviceFacts():
            return replace(one, facts=facts)
    last = tries[-1]
    if last.announced:
        return last
    return None if last.rtsp_port is None else replace(last, onvif_port=None)


def _facts(site: Site, path: Path, *, given: bool) -> Mapping[str, DeviceFacts]:
    """What the store knows of each camera's device; nothing when there is no store and nobody named one."""
    if not given and not path.exists():
        return {}
    with open_store(path, writer=False) as opened, opened.reading() as connection:
        return devices.accepted(connection, site.id)


def _addresses(site: Site) -> Mapping[str, str]:
    """The addresses of the hosts that the ledger has by name, as far as they are found in time."""
    names = {camera.host for camera in site.cameras if camera.host and not _is_number(camera.host)}
    if not names:
        return {}
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="names")
    asked = {name: pool.submit(socket.gethostbyname, name) for name in sorted(names)}
    wait(asked.values(), NAMES_S)
    pool.shutdown(wait=False, cancel_futures=True)
    found: dict[str, str] = {}
    for name, future in asked.items():
        with suppress(OSError):
            if future.done() and not future.cancelled():
                found[name] = future.result()
    return found


def _is_number(host: str) -> bool:
    with suppress(ValueError):
        ipaddress.ip_address(host)
        return True
    return False


def _object(site: Site, compared: Compared, missed: int) -> dict[str, object]:
    return {
        "site": site.id,
        "new": [dict(row) for row in compared.new],
        "moved": [asdict(one) for one in compared.moved],
        "known": compared.known,
        "not_looked_at": missed,
    }


def _told(compared: Compared, missed: int, language: str) -> list[str]:
    """What has moved, what was not looked at, and the sum."""
    lines = [_TOLD["moved"][language].format(**asdict(one)) for one in compared.moved]
    if missed:
        lines.append(_TOLD["missed"][language].format(missed=missed))
    counts = {"new": len(compared.new), "moved": len(compared.moved), "known": compared.known}
    return [*lines, _TOLD["sum"][language].format(**counts)]


_TOLD = {
    "moved": {
        "en": "{camera}: its device ({by} {value}) answers at {found_host}, the ledger says {ledger_host}",
        "zh": "{camera}：设备（{by} {value}）现在位于 {found_host}，台账为 {ledger_host}",
    },
    "missed": {
        "en": "{missed} hosts were not looked at before the time was over; give a smaller range or --within more time",
        "zh": "时间已到，还有 {missed} 个地址没有查看；请缩小范围或用 --within 延长时间",
    },
    "sum": {
        "en": "{new} not in the ledger, {moved} moved, {known} known",
        "zh": "不在台账中 {new} 台，地址变更 {moved} 台，已在台账中 {known} 台",
    },
}
