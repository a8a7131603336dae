"""Reading a site folder: every file once, every fault of every file in one go, then one frozen site."""

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from cammon.sitefiles import ledger_columns, lists, masks
from cammon.sitefiles.bytes import present, read_bytes, read_text, version
from cammon.sitefiles.crosscheck import check_credentials, check_limits, check_shared_values, check_tiers
from cammon.sitefiles.csvfile import csv_rows
from cammon.sitefiles.faults import Faults, FileFaults
from cammon.sitefiles.frame import LOCAL, MapFrame, fits, frame_of
from cammon.sitefiles.geojson import read_geojson
from cammon.sitefiles.ground import dem_digest, read_ground
from cammon.sitefiles.ledger import Ledger, in_map_system, read_ledger
from cammon.sitefiles.masks import masked, warn_without_pose
from cammon.sitefiles.model import CatalogModel, Contact, Mask, Preset, Site, SiteReading, Thresholds
from cammon.sitefiles.placing import (
    looks_like_degrees,
    middle_of,
    place_cameras,
    place_map,
    warn_hidden_places,
    warn_misread,
)
from cammon.sitefiles.ptz import at_home
from cammon.sitefiles.settings import SLUG, Settings
from cammon.sitefiles.sitemap import SiteMap, read_map
from cammon.sitefiles.sitetoml import (
    credentials_of,
    daylight_of,
    deviations_of,
    lifecycle_of,
    limits_of,
    read_settings,
    self_check_of,
    tiers_of,
)
from cammon.sitefiles.table import Schema, Table, table_of
from cammon.sitefiles.workbook import workbook_rows
from cammon_coverage.model import Camera, DensityModel, Scene
from cammon_coverage.terrain import Terrain
from cammon_probes.model import Trust
from cammon_probes.tls import certificates_in

PNG_MARK = b"\x89PNG\r\n\x1a\n"


@dataclass(slots=True)
class Parts:
    """What the files say, each by itself, before they are put together."""

    digests: dict[str, bytes] = field(default_factory=dict)
    settings: Settings | None = None
    catalog: dict[str, CatalogModel] = field(default_factory=dict)
    ledger_file: str = ""
    ledger: Ledger = field(default_factory=Ledger)
    site_map: SiteMap = field(default_factory=SiteMap)
    map_crs: str = ""
    declared: dict[str, tuple[str, ...]] = field(default_factory=dict)
    presets: dict[str, tuple[Preset, ...]] = field(default_factory=dict)
    masks_file: str = ""
    masks: dict[str, tuple[Mask, ...]] = field(default_factory=dict)
    plan: Path | None = None
    authorities: str = ""


def read_site(folder: Path) -> SiteReading:
    """The site in a folder and every problem of its files; the site is None when a problem is fatal. Never raises."""
    faults = Faults()
    if not folder.is_dir():
        faults.of(folder.name or str(folder)).fatal("no_site_folder")
        return SiteReading(None, tuple(faults.problems))
    parts = Parts()
    _read_settings(folder, parts, faults)
    _read_catalog(folder, parts, faults)
    _read_ledger(folder, parts, faults)
    _read_map(folder, parts, faults)
    _read_lists(folder, parts, faults)
    _read_masks(folder, parts, faults)
    _read_plan(folder, parts, faults)
    _find_dem(folder, parts, faults)
    _read_authorities(folder, parts, faults)
    site = _put_together(folder, parts, faults)
    return SiteReading(site, tuple(faults.problems))


def _text(folder: Path, name: str, parts: Parts, faults: FileFaults) -> str | None:
    content = read_bytes(folder / name, faults)
    if content is None:
        return None
    parts.digests[name] = hashlib.sha256(content).digest()
    return read_text(content, faults)


def _table(folder: Path, name: str, schema: Schema, parts: Parts, faults: FileFaults) -> Table | None:
    """A .csv or .xlsx file as a table, or None with a fatal problem."""
    if name.endswith(".xlsx"):
        content = read_bytes(folder / name, faults)
        if content is None:
            return None
        parts.digests[name] = hashlib.sha256(content).digest()
        rows = workbook_rows(content, faults)
        return None if rows is None else table_of(rows, schema, faults)
    text = _text(folder, name, parts, faults)
    return None if text is None else table_of(csv_rows(text, faults, schema.names()), schema, faults)


def _read_settings(folder: Path, parts: Parts, faults: Faults) -> None:
    own = faults.of("site.toml")
    text = _text(folder, "site.toml", parts, own)
    parts.settings = None if text is None else read_settings(text, own)


def _read_catalog(folder: Path, parts: Parts, faults: Faults) -> None:
    if present(folder / "catalog.csv"):
        own = faults.of("catalog.csv")
        table = _table(folder, "catalog.csv", lists.CATALOG, parts, own)
        parts.catalog = {} if table is None else lists.read_catalog(table, own)


def _read_ledger(folder: Path, parts: Parts, faults: Faults) -> None:
    name = _csv_or_workbook(folder, "cameras", faults)
    parts.ledger_file = name or "cameras.csv"
    own = faults.of(parts.ledger_file)
    if not name:
        own.fatal("ledger_missing")
        return
    table = _table(folder, name, ledger_columns.SCHEMA, parts, own)
    if table is None:
        return
    if not table.rows:
        own.warning("no_rows")
    parts.ledger = read_ledger(table, parts.catalog, own)


def _read_map(folder: Path, parts: Parts, faults: Faults) -> None:
    if not present(folder / "map.geojson"):
        return
    own = faults.of("map.geojson")
    text = _text(folder, "map.geojson", parts, own)
    collection = None if text is None else read_geojson(text, own)
    if collection is not None:
        parts.map_crs = collection.crs
        parts.site_map = read_map(collection, own)


def _read_lists(folder: Path, parts: Parts, faults: Faults) -> None:
    ids = parts.ledger.ids
    if present(folder / "declared.csv"):
        own = faults.of("declared.csv")
        table = _table(folder, "declared.csv", lists.DECLARED, parts, own)
        if table is not None:
            parts.declared = lists.read_declared(table, ids, parts.site_map.place_ids, own)
    if present(folder / "presets.csv"):
        own = faults.of("presets.csv")
        table = _table(folder, "presets.csv", lists.PRESETS, parts, own)
        if table is not None:
            parts.presets = lists.read_presets(table, ids, own)


def _read_masks(folder: Path, parts: Parts, faults: Faults) -> None:
    parts.masks_file = _csv_or_workbook(folder, "masks", faults)
    if parts.masks_file:
        own = faults.of(parts.masks_file)
        table = _table(folder, parts.masks_file, masks.SCHEMA, parts, own)
        if table is not None:
            parts.masks = masks.read_masks(table, parts.ledger.ids, own)


def _csv_or_workbook(folder: Path, stem: str, faults: Faults) -> str:
    """The name of a table that may be either, "" where there is none; of two the CSV file is read."""
    names = [name for name in (f"{stem}.csv", f"{stem}.xlsx") if present(folder / name)]
    if len(names) == 2:
        faults.of(names[1]).warning("two_tables", params={"other": names[0]})
    return names[0] if names else ""


def _read_plan(folder: Path, parts: Parts, faults: Faults) -> None:
    own = faults.of("plan.png")
    if not present(folder / "plan.png"):
        if parts.settings is not None and parts.settings.plan is not None:
            own.row("plan_missing")
        return
    content = read_bytes(folder / "plan.png", own)
    if content is None:
        return
    parts.digests["plan.png"] = hashlib.sha256(content).digest()
    if not content.startswith(PNG_MARK):
        own.row("not_a_png")
        return
    if parts.settings is not None and parts.settings.plan is None:
        own.warning("plan_without_bounds")
    parts.plan = folder / "plan.png"


def _find_dem(folder: Path, parts: Parts, faults: Faults) -> None:
    """The file of ground heights is part of the site's version; what is in it is read once the site is placed."""
    if parts.settings is not None and parts.settings.terrain is not None:
        name = parts.settings.terrain.file
        digest = dem_digest(folder / name, faults.of(name))
        if digest is not None:
            parts.digests[name] = digest


def _read_authorities(folder: Path, parts: Parts, faults: Faults) -> None:
    if parts.settings is not None and parts.settings.tls.authorities is not None:
        name = parts.settings.tls.authorities
        own = faults.of(name)
        text = _text(folder, name, parts, own)
        if text is None:
            return
        try:
            parts.authorities = certificates_in(text)
        except ValueError:
            own.fatal("no_certificates")


def _put_together(folder: Path, parts: Parts, faults: Faults) -> Site | None:
    """The checks across files, then the site; None when anything was fatal."""
    settings = parts.settings
    if settings is not None:
        parts.ledger = in_map_system(parts.ledger, settings.crs, faults.of(parts.ledger_file))
    middle = middle_of(parts.site_map, parts.ledger.viewpoints)
    frame = _frame(middle, parts, faults)
    ledger_faults, map_faults = faults.of(parts.ledger_file), faults.of("map.geojson")
    site_map, cameras = parts.site_map, tuple[Camera, ...]()
    if frame is not None:
        site_map = place_map(parts.site_map, frame, middle, map_faults)
        cameras = tuple(place_cameras(parts.ledger.viewpoints, site_map, frame, middle, ledger_faults))
        warn_hidden_places(site_map, map_faults)
        warn_misread(parts.ledger, site_map, frame, ledger_faults)
        warn_without_pose(parts.masks, parts.ledger, faults.of(parts.masks_file))
    check_shared_values(parts.ledger, ledger_faults)
    if settings is not None:
        check_credentials(parts.ledger, settings, ledger_faults)
        check_tiers(parts.ledger, settings, ledger_faults)
        check_limits(parts.ledger, settings, faults.of("site.toml"))
    if settings is None or frame is None or faults.fatal:
        return None
    scene = _scene(settings, site_map, masked(at_home(cameras, parts.presets), parts.masks))
    terrain = None
    if settings.terrain is not None:
        name = settings.terrain.file
        terrain = read_ground(folder / name, settings.terrain, frame, scene, faults.of(name))
    return None if faults.fatal else _site(folder, parts, settings, frame, site_map, scene, terrain, faults)


def _frame(middle: tuple[float, float], parts: Parts, faults: Faults) -> MapFrame | None:
    """The frame that site.toml names; None where nothing can be placed because the frame is wrong or not known."""
    own = faults.of("site.toml")
    degrees = looks_like_degrees(parts.site_map, parts.ledger.viewpoints)
    if parts.settings is None:
        return None if degrees else MapFrame()
    crs = parts.settings.crs
    empty = not parts.ledger.viewpoints and not parts.site_map.key_places and not parts.site_map.obstacles
    if not empty and not fits(crs, middle):
        own.fatal("crs_does_not_fit", "crs", value=crs, params={"x": round(middle[0], 3), "y": round(middle[1], 3)})
        return None
    if crs == LOCAL and degrees:
        own.warning("looks_like_degrees", "crs", value=crs)
    elif crs != LOCAL and parts.map_crs and parts.map_crs != crs:
        faults.of("map.geojson").warning("crs_differs", "crs", value=parts.map_crs, params={"crs": crs})
    return frame_of(crs, middle)


def _site(
    folder: Path,
    parts: Parts,
    settings: Settings,
    frame: MapFrame,
    site_map: SiteMap,
    scene: Scene,
    terrain: Terrain | None,
    faults: Faults,
) -> Site:
    poses = {camera.id: camera.pose for camera in scene.cameras}
    own: dict[str, float | None] = {
        "login_pause_s": settings.probing.login_pause_s,
        "blind_severity": settings.coverage.blind_severity,
    }
    given = {name: value for name, value in own.items() if value is not None}
    return Site(
        id=settings.id or slug_of(folder.resolve().name),
        name=settings.name,
        folder=folder,
        version=version(parts.digests),
        language=settings.language,
        time_zone=ZoneInfo(settings.time_zone),
        currency=settings.currency,
        crs=settings.crs,
        daylight=daylight_of(settings),
        shift_starts=tuple(settings.shift_starts),
        tiers=tiers_of(settings),
        limits=limits_of(settings),
        self_check=self_check_of(settings),
        lifecycle=lifecycle_of(settings),
        thresholds=Thresholds(settings.thresholds),
        credentials=credentials_of(settings, folder),
        trust=Trust(frozenset(settings.tls.trusted), parts.authorities),
        cameras=tuple(
            replace(camera, pose=poses.get(camera.id), masks=parts.masks.get(camera.id, ()))
            for camera in parts.ledger.cameras
        ),
        scene=scene,
        declared=_declared(parts, scene),
        catalog=parts.catalog,
        contacts=_contacts(settings, site_map),
        plan=parts.plan,
        problems=tuple(faults.problems),
        frame=frame,
        presets={camera: those for camera, those in parts.presets.items() if camera in parts.ledger.in_use},
        terrain=terrain,
        deviations=deviations_of(settings),
        plan_bounds=_plan_bounds(settings, frame),
        **given,
    )


def _declared(parts: Parts, scene: Scene) -> dict[str, tuple[str, ...]]:
    """What is declared of cameras and places in use. Those that were set aside are known by name, so that each fault is
    said once."""
    places = {place.id for place in scene.key_places}
    told = {place: tuple(one for one in names if one in parts.ledger.in_use) for place, names in parts.declared.items()}
    return {place: names for place, names in told.items() if names and (not places or place in places)}


def _scene(settings: Settings, site_map: SiteMap, cameras: tuple[Camera, ...]) -> Scene:
    coverage = settings.coverage
    given = coverage.model_dump(exclude={"weights", "blind_severity"}, exclude_none=True)
    weights = {**Scene((), ()).weights, **{int(priority): weight for priority, weight in coverage.weights.items()}}
    return Scene(
        cameras=cameras,
        key_places=tuple(site_map.key_places),
        obstacles=tuple(site_map.obstacles),
        lit_areas=tuple(site_map.lit_areas),
        mounting_places=tuple(site_map.mounting_places),
        boundary=site_map.boundary,
        density_model=DensityModel(settings.density_model),
        weights=weights,
        **given,
    )


def _contacts(settings: Settings, site_map: SiteMap) -> dict[str, Contact]:
    """Key place -> whom to call: its owner in [contacts], or the owner and phone that stand on the map."""
    contacts: dict[str, Contact] = {}
    for place in site_map.key_places:
        known = settings.contacts.get(place.owner)
        phone = site_map.phones.get(place.id, "")
        if known is not None:
            contacts[place.id] = Contact(known.name or place.owner, phone or known.phone)
        elif place.owner or phone:
            contacts[place.id] = Contact(place.owner, phone)
    return contacts


def _plan_bounds(settings: Settings, frame: MapFrame) -> tuple[float, float, float, float] | None:
    if settings.plan is None:
        return None
    low_x, low_y, high_x, high_y = settings.plan.bounds
    corners = frame.to_local(np.array([[low_x, low_y], [high_x, high_y]]))
    return float(corners[0, 0]), float(corners[0, 1]), float(corners[1, 0]), float(corners[1, 1])


def slug_of(folder_name: str) -> str:
    """A site's id from its folder's name; a name that is no slug gets one that is always the same for it."""
    if SLUG.fullmatch(folder_name):
        return folder_name
    return "site-" + hashlib.sha256(folder_name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
