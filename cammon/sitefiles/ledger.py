"""The camera ledger: rows of cameras.csv or cameras.xlsx as cameras, those with a whole pose also as geometry."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from cammon.sitefiles.address import Address
from cammon.sitefiles.datums import converted
from cammon.sitefiles.faults import FileFaults
from cammon.sitefiles.frame import LOCAL
from cammon.sitefiles.ledger_columns import AIM_COLUMNS, POSE_COLUMNS, READERS
from cammon.sitefiles.mixing import Pin
from cammon.sitefiles.model import CatalogModel, LedgerCamera
from cammon.sitefiles.rows import Values, good_rows
from cammon.sitefiles.table import Row, Table
from cammon_coverage.model import Camera, Lens, Pose, Projection
from cammon_probes.model import StreamFormat

AS_THEY_ARE = (
    *("model", "kind", "tier", "rtsp_path", "sub_path", "onvif_port", "credential", "serial", "mac", "switch", "port"),
    *("recorder", "link", "power", "pole", "zone", "floor", "owner", "maintainer", "phone", "installed_on"),
    *("service_life_years", "certificate_until", "pose_grade", "notes"),
    *("azimuth_sd_deg", "tilt_sd_deg", "hfov_sd_pct", "onvif_scheme", "onvif_path"),
    *("picture_stream", "snapshot_path"),
)
"""Columns that LedgerCamera takes as they are; its own default where the cell is empty."""


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """A ledger row that has a whole pose, its position still in map coordinates."""

    where: str
    camera: Camera


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a ledger says: its cameras, those with a pose as geometry too, and every id in it, good rows or bad."""

    cameras: tuple[LedgerCamera, ...] = ()
    viewpoints: tuple[Viewpoint, ...] = ()
    ids: frozenset[str] = frozenset()
    pins: tuple[Pin, ...] = ()
    """every position, also of cameras that have no pose"""

    @property
    def in_use(self) -> frozenset[str]:
        """The ids of the good rows."""
        return frozenset(camera.id for camera in self.cameras)


def read_ledger(table: Table, catalog: Mapping[str, CatalogModel], faults: FileFaults) -> Ledger:
    """Every good row as a camera. A row with a bad cell is set aside; a pose that is not whole leaves its camera
    without one."""
    _check_pose_columns(table, catalog, faults)
    first_rows: dict[str, str] = {}
    cameras: list[LedgerCamera] = []
    viewpoints: list[Viewpoint] = []
    pins: list[Pin] = []
    for row, values in good_rows(table, READERS, ("id",), faults):
        camera_id = values["id"]
        if camera_id in first_rows:
            faults.row("duplicate_id", row.where, row.header("id"), camera_id, {"first": first_rows[camera_id]})
        elif _lens_is_possible(row, values, faults):
            first_rows[camera_id] = row.where
            cameras.append(_camera(row, values, catalog))
            viewpoints += _viewpoint(row, values, table, catalog, faults)
            if "x" in values and "y" in values:
                pins.append(Pin(row.where, values["x"], values["y"], values.get("crs", "")))
    ids = frozenset(row.cells["id"].strip() for row in table.rows if "id" in row.cells)
    return Ledger(tuple(cameras), tuple(viewpoints), ids, tuple(pins))


def in_map_system(ledger: Ledger, crs: str, faults: FileFaults) -> Ledger:
    """The ledger with the positions of rows that name a system of their own converted into the map's."""
    if not any(pin.crs for pin in ledger.pins):
        return ledger
    if crs == LOCAL:
        first, *others = [pin for pin in ledger.pins if pin.crs]
        faults.row("row_crs_on_local_map", first.where, "crs", first.crs, {"rows": len(others) + 1})
        strangers = {pin.where for pin in ledger.pins if pin.crs}
        views = tuple(view for view in ledger.viewpoints if view.where not in strangers)
        return replace(ledger, viewpoints=views, pins=tuple(pin for pin in ledger.pins if not pin.crs))
    pins = tuple(_converted(pin, crs) for pin in ledger.pins)
    at = {pin.where: pin for pin in pins if pin.crs}
    return replace(ledger, pins=pins, viewpoints=tuple(_moved(view, at.get(view.where)) for view in ledger.viewpoints))


def _converted(pin: Pin, crs: str) -> Pin:
    if not pin.crs:
        return pin
    x, y = converted(np.array([[pin.x, pin.y]]), pin.crs, crs)[0]
    return replace(pin, x=float(x), y=float(y))


def _moved(view: Viewpoint, pin: Pin | None) -> Viewpoint:
    if pin is None:
        return view
    return replace(view, camera=replace(view.camera, pose=replace(view.camera.pose, x=pin.x, y=pin.y)))


def _check_pose_columns(table: Table, catalog: Mapping[str, CatalogModel], faults: FileFaults) -> None:
    """A ledger that says where its cameras look has all columns of a pose."""
    if not any(column in table.columns for column in AIM_COLUMNS):
        return
    for column in POSE_COLUMNS:
        from_catalog = column == "resolution" and "model" in table.columns and catalog
        if column not in table.columns and not from_catalog:
            faults.row("missing_pose_column", f"row {table.header_row}", column, params={"expects": column})


def _lens_is_possible(row: Row, values: Values, faults: FileFaults) -> bool:
    fisheye = values.get("projection") is Projection.FISHEYE
    expects = "hfov_fisheye" if fisheye else "hfov_rectilinear"
    good = True
    for column in ("hfov_deg", "vfov_deg"):
        angle = values.get(column)
        if angle is not None and not (0.0 < angle <= 360.0 if fisheye else 0.0 < angle < 180.0):
            faults.row("out_of_range", row.where, row.header(column), row.cells[column], {"expects": expects})
            good = False
    return good


def _camera(row: Row, values: Values, catalog: Mapping[str, CatalogModel]) -> LedgerCamera:
    """A row as a camera; its pose is added once the map says where (x, y) lies."""
    at: Address | None = values.get("address")
    named = {column: values[column] for column in AS_THEY_ARE if column in values}
    if at is not None and at.path is not None:
        named.setdefault("rtsp_path", at.path)
    width, height = _size(values, catalog) or (None, None)
    port = values.get("rtsp_port") or (at.port if at else None) or 554
    return LedgerCamera(
        id=values["id"],
        name=values.get("name") or values["id"],
        device=values.get("device") or values["id"],
        row=row.number,
        host=at.host if at else None,
        rtsp_port=port,
        rtsp_scheme=at.scheme if at else "rtsp",
        expected=StreamFormat(values.get("codec"), width, height, values.get("fps")),
        **named,
    )


def _viewpoint(
    row: Row, values: Values, table: Table, catalog: Mapping[str, CatalogModel], faults: FileFaults
) -> list[Viewpoint]:
    """The geometry of a row as a list of one; empty when it has no pose, with a problem when the pose is not whole."""
    if not any(column in values for column in AIM_COLUMNS):
        return []
    size = _size(values, catalog)
    lacking = [column for column in POSE_COLUMNS[:-1] if column not in values] + ([] if size else ["resolution"])
    empty = [row.header(column) for column in lacking if column in table.columns]
    if empty:
        faults.row("pose_incomplete", row.where, ", ".join(empty))
    if lacking or size is None:
        return []
    pose = Pose(
        values["x"],
        values["y"],
        values["lens_height_m"],
        values["azimuth_deg"] % 360.0,
        values["tilt_deg"],
        values.get("roll_deg", 0.0),
    )
    lens = Lens(
        hfov_deg=values["hfov_deg"],
        width_px=size[0],
        height_px=size[1],
        vfov_deg=values.get("vfov_deg"),
        projection=values.get("projection", Projection.RECTILINEAR),
        night_range_m=values.get("night_range_m"),
        detection_m=values.get("detection_m"),
    )
    switch, recorder, power = (values.get(thing) for thing in ("switch", "recorder", "power"))
    device = values.get("device") or values["id"]
    return [Viewpoint(row.where, Camera(values["id"], pose, lens, device, switch, recorder, power))]


def _size(values: Values, catalog: Mapping[str, CatalogModel]) -> tuple[int, int] | None:
    """Width and height of the main stream: the ledger's, else the catalog's for this model."""
    if "resolution" in values:
        given: tuple[int, int] = values["resolution"]
        return given
    model = catalog.get(values.get("model", ""))
    if model is None or model.width_px is None or model.height_px is None:
        return None
    return model.width_px, model.height_px
