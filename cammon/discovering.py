"""Devices on the network held against the ledger: which are not in it, and which have moved to another address."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from ipaddress import ip_address

from cammon.sitefiles import cells
from cammon.sitefiles.faults import Wrong
from cammon.sitefiles.ledger_columns import READERS
from cammon.sitefiles.model import LedgerCamera
from cammon_probes.addresses import authority_of, path_of_stream
from cammon_probes.model import DEVICE_SERVICE, DeviceFacts
from cammon_probes.redact import printable
from cammon_web.exports import guarded

COLUMNS = (
    *("id", "name", "model", "address", "rtsp_port", "rtsp_path", "onvif_port", "onvif_scheme", "onvif_path"),
    *("serial", "mac", "notes"),
)
"""The columns of the ledger that a device on the network can fill."""
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Discovered:
    """A device that was found: where, and what it says of itself; ports are None where nothing answered."""

    host: str
    onvif_port: int | None = None
    onvif_scheme: str = "http"
    onvif_path: str = ""
    rtsp_port: int | None = None
    name: str = ""
    model: str = ""
    facts: DeviceFacts = field(default_factory=DeviceFacts)
    announced: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """A camera of the ledger whose device answers at another address, and by what it was recognised."""

    camera: str
    by: str
    value: str
    ledger_host: str
    found_host: str


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found, sorted: rows for the ledger, cameras that have moved, how many devices are in it already."""

    new: tuple[Mapping[str, str], ...]
    moved: tuple[Moved, ...]
    known: int


def compare(
    found: Iterable[Discovered],
    cameras: Sequence[LedgerCamera],
    facts: Mapping[str, DeviceFacts],
    names: Mapping[str, str],
) -> Compared:
    """`facts` are what the store knows of devices by camera, `names` the addresses of hosts that the ledger names.

    A device is recognised by its MAC, else by its serial when nobody else has it: many leave the works with one serial.
    """
    devices = sorted(found, key=lambda one: _order(one.host))
    assets = _Assets(cameras, facts, devices)
    at_host: dict[str, list[LedgerCamera]] = {}
    for camera in cameras:
        if camera.host:
            at_host.setdefault(_plain(names.get(camera.host, camera.host)), []).append(camera)
    nameless = {_plain(one.host) for one in devices if not one.facts.serial}
    new, moved, known, taken = [], [], 0, {camera.id for camera in cameras}
    for one in devices:
        owner, by, value = assets.owner(one)
        at = "" if owner is None or owner.host is None else _plain(names.get(owner.host, owner.host))
        here = _plain(one.host)
        if owner is not None and at != here and not (by == "serial" and at in nameless):
            moved.append(Moved(owner.id, by, value, owner.host or "", one.host))
        elif owner is not None or any(_may_be(camera, one) for camera in at_host.get(here, ())):
            known += 1
        else:
            new.append(_row(one, taken))
            taken.add(new[-1]["id"])
    return Compared(tuple(new), tuple(moved), known)


def _may_be(camera: LedgerCamera, found: Discovered) -> bool:
    """Whether what answers at a camera's address is that camera: behind one address many may lie, each on its port."""
    return None in (camera.onvif_port, found.onvif_port) or camera.onvif_port == found.onvif_port


class _Assets:
    """The cameras by MAC and by serial, from the ledger and from what was seen; values that two have are none."""

    def __init__(
        self, cameras: Sequence[LedgerCamera], facts: Mapping[str, DeviceFacts], found: Sequence[Discovered]
    ) -> None:
        self._by_mac: dict[str, LedgerCamera] = {}
        self._by_serial: dict[str, LedgerCamera] = {}
        shared = Counter(serial for serial, _ in {(_serial(one.facts.serial), one.host) for one in found})
        for camera in cameras:
            seen = facts.get(camera.id, DeviceFacts())
            for mac in {_mac(camera.mac), _mac(seen.mac)} - {""}:
                self._by_mac.setdefault(mac, camera)
            for serial in {_serial(camera.serial), _serial(seen.serial)} - {""}:
                other = self._by_serial.setdefault(serial, camera)
                if other.device != camera.device and other.host != camera.host:
                    shared[serial] = 2
        self._shared = {serial for serial, count in shared.items() if count > 1}
        self._mac_of = {
            camera.id: _mac(camera.mac) or _mac(facts.get(camera.id, DeviceFacts()).mac) for camera in cameras
        }

    def owner(self, found: Discovered) -> tuple[LedgerCamera | None, str, str]:
        """The camera whose device this is, by "mac" or "serial", and its value."""
        mac, serial = _mac(found.facts.mac), _serial(found.facts.serial)
        if mac in self._by_mac:
            return self._by_mac[mac], "mac", mac
        camera = self._by_serial.get(serial)
        if camera is None or serial in self._shared or (mac and self._mac_of[camera.id]):
            return None, "", ""
        return camera, "serial", serial


def _row(found: Discovered, taken: set[str]) -> dict[str, str]:
    """A ledger row of a device, every cell made fit to stand in one."""
    facts = found.facts
    stream = facts.stream_uri_used or ""
    place = authority_of(stream)
    rtsp_port = (place[1] if place else 0) or found.rtsp_port
    told = {
        "id": _free_id(found.host, taken),
        "name": found.name or facts.model or found.model,
        "model": facts.model or found.model,
        "address": found.host,
        "rtsp_port": str(rtsp_port) if rtsp_port and rtsp_port != 554 else "",
        "rtsp_path": path_of_stream(stream),
        "onvif_port": str(found.onvif_port or ""),
        "onvif_scheme": found.onvif_scheme if found.onvif_port and found.onvif_scheme != "http" else "",
        "onvif_path": found.onvif_path if found.onvif_port and found.onvif_path != DEVICE_SERVICE else "",
        "serial": facts.serial or "",
        "mac": _mac(facts.mac),
        "notes": " ".join(filter(None, (facts.manufacturer, facts.firmware))),
    }
    row = {column: _fit(column, told[column]) for column in COLUMNS}
    return row | {"name": row["name"] or found.host}


def _free_id(host: str, taken: set[str]) -> str:
    base = "NEW-" + re.sub(r"[^0-9A-Za-z]+", "-", host).strip("-")
    number, found = 2, base
    while found in taken:
        found, number = f"{base}-{number}", number + 1
    return found


def _fit(column: str, text: str) -> str:
    """A cell that no spreadsheet runs and that the ledger's own reader takes; "" when it would not."""
    cell = str(guarded(printable(text, _LONGEST)))
    try:
        cells.check_cell(cell)
        if cell:
            READERS[column](cell)
    except Wrong:
        return ""
    return cell


def as_csv(rows: Sequence[Mapping[str, str]]) -> str:
    """The rows with a heading, as they can be put under a ledger."""
    text = StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows([row[column] for column in COLUMNS] for row in rows)
    return text.getvalue()


def _mac(text: str | None) -> str:
    try:
        return cells.mac(text or "")
    except Wrong:
        return ""


def _serial(text: str | None) -> str:
    return (text or "").strip().casefold()


def _plain(host: str) -> str:
    try:
        return str(ip_address(host))
    except ValueError:
        return host.casefold()


def _order(host: str) -> tuple[int, int, str]:
    try:
        number = ip_address(host)
    except ValueError:
        return 9, 0, host
    return number.version, int(number), host
