"""What a ledger says against site.toml, and against itself."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from cammon.sitefiles.faults import FileFaults
from cammon.sitefiles.ledger import Ledger
from cammon.sitefiles.model import LedgerCamera, Problem, Severity
from cammon.sitefiles.settings import Settings

SHOWN_ROWS = 5


def check_credentials(ledger: Ledger, settings: Settings, faults: FileFaults) -> None:
    """A credential that site.toml does not name is one fault, however many cameras use it; they are kept."""
    for name, cameras in _grouped(ledger.cameras, lambda camera: camera.credential).items():
        if name not in settings.credentials:
            faults.row("unknown_credential", f"row {cameras[0].row}", "credential", name, {"rows": _rows(cameras)})


def check_tiers(ledger: Ledger, settings: Settings, faults: FileFaults) -> None:
    """A tier that site.toml does not name is probed as the site's own."""
    if not settings.probing.tiers:
        return
    for name, cameras in _grouped(ledger.cameras, lambda camera: camera.tier).items():
        if name not in settings.probing.tiers:
            faults.warning("unknown_tier", f"row {cameras[0].row}", "tier", name, {"rows": _rows(cameras)})


def check_limits(ledger: Ledger, settings: Settings, faults: FileFaults) -> None:
    """A limit of a thing on which no camera hangs limits nothing: most likely a slip in its id."""
    limits = settings.limits
    for kind, named in (("recorder", limits.recorder), ("switch", limits.switch), ("link", limits.link)):
        known = {getattr(camera, kind) for camera in ledger.cameras}
        for name in named:
            if name not in known:
                faults.warning("limit_of_nothing", f"limits.{kind}", kind, name, {"kind": kind})


def recorder_lists_fewer(recorder: str, listed: int, ledger: int) -> Problem:
    """What is only known once the recorder was asked: it tells of fewer channels than the ledger has cameras on it."""
    params = {"listed": listed, "ledger": ledger}
    return Problem(Severity.WARNING, "cameras.csv", "", "recorder", recorder, "recorder_lists_fewer", params)


def check_shared_values(ledger: Ledger, faults: FileFaults) -> None:
    """Two cameras at one address, or with one serial or MAC on two devices, are most likely a copied row."""
    streams = _grouped(ledger.cameras, _stream)
    for cameras in streams.values():
        _say_shared("duplicate_address", "address", cameras, lambda camera: camera.host or "", faults)
    _check_asset(ledger, "serial", lambda camera: camera.serial or "", faults)
    _check_asset(ledger, "mac", lambda camera: camera.mac or "", faults)


def _check_asset(ledger: Ledger, column: str, value: Callable[[LedgerCamera], str], faults: FileFaults) -> None:
    for cameras in _grouped(ledger.cameras, value).values():
        if len({camera.device for camera in cameras}) > 1:
            _say_shared("duplicate_asset", column, cameras, value, faults)


def _stream(camera: LedgerCamera) -> str | None:
    return f"{camera.host}:{camera.rtsp_port}{camera.rtsp_path}" if camera.host else None


def _say_shared(
    code: str, column: str, cameras: list[LedgerCamera], value: Callable[[LedgerCamera], str], faults: FileFaults
) -> None:
    first, *others = cameras
    for camera in others:
        faults.warning(code, f"row {camera.row}", column, value(camera), {"first": f"row {first.row}"})


def _grouped(
    cameras: Iterable[LedgerCamera], key: Callable[[LedgerCamera], str | None]
) -> dict[str, list[LedgerCamera]]:
    """Cameras by a value, those without one left out."""
    groups: dict[str, list[LedgerCamera]] = defaultdict(list)
    for camera in cameras:
        value = key(camera)
        if value:
            groups[value].append(camera)
    return groups


def _rows(cameras: list[LedgerCamera]) -> str:
    shown = ", ".join(str(camera.row) for camera in cameras[:SHOWN_ROWS])
    return shown + (f" … ({len(cameras)})" if len(cameras) > SHOWN_ROWS else "")
