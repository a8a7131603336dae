"""The three optional tables: which camera is said to see which place, PTZ presets, and camera models."""

from collections.abc import Collection, Mapping
from typing import Any

from cammon.sitefiles import cells
from cammon.sitefiles.cells import Reader, number
from cammon.sitefiles.faults import FileFaults
from cammon.sitefiles.model import CatalogModel, Preset
from cammon.sitefiles.rows import Values, good_rows
from cammon.sitefiles.table import Schema, Table

DECLARED_READERS: Mapping[str, Reader[Any]] = {"place": cells.identifier, "camera": cells.identifier}
DECLARED = Schema(
    {
        "place": ("key_place", "重点部位", "部位", "部位编号", "重点部位编号"),
        "camera": ("摄像机", "相机", "摄像机编号", "相机编号", "设备编号"),
    },
    required=("place", "camera"),
)

PRESET_READERS: Mapping[str, Reader[Any]] = {
    "camera": cells.identifier,
    "preset": cells.line,
    "azimuth_deg": number("azimuth_deg", 0.0, 360.0),
    "tilt_deg": number("tilt_deg", -90.0, 90.0),
    "hfov_deg": number("hfov_rectilinear", 0.0, 180.0, open_ends=True),
    "home": cells.yes,
}
PRESETS = Schema(
    {
        "camera": ("摄像机", "相机", "摄像机编号"),
        "preset": ("预置位", "预置点", "name"),
        "azimuth_deg": ("azimuth", "方位角"),
        "tilt_deg": ("tilt", "俯角", "俯仰角"),
        "hfov_deg": ("hfov", "水平视场角"),
        "home": ("守望位", "默认位"),
    },
    required=("camera", "preset", "azimuth_deg", "tilt_deg", "hfov_deg"),
)

CATALOG_READERS: Mapping[str, Reader[Any]] = {
    "model": cells.line,
    "maker": cells.line,
    "resolution": cells.resolution,
    "hfov_min_deg": number("hfov_fisheye", 0.0, 360.0, open_ends=True),
    "hfov_max_deg": number("hfov_fisheye", 0.0, 360.0),
    "night_range_m": number("night_range_m", 0.0, 10_000.0),
    "price": number("price", 0.0, 1e9),
    "end_of_life": cells.day,
    "available": cells.yes,
}
CATALOG = Schema(
    {
        "model": ("型号", "设备型号", "规格型号"),
        "maker": ("厂商", "厂家", "品牌", "制造商"),
        "resolution": ("分辨率",),
        "hfov_min_deg": ("最小视场角",),
        "hfov_max_deg": ("最大视场角",),
        "night_range_m": ("夜视距离", "红外距离"),
        "price": ("单价", "价格"),
        "end_of_life": ("停产日期", "停止维护日期"),
        "available": ("可采购", "在售"),
    },
    required=("model",),
)


def read_declared(
    table: Table, cameras: Collection[str], places: Collection[str], faults: FileFaults
) -> dict[str, tuple[str, ...]]:
    """Place -> cameras said to see it. Without a map (`places` empty) any place may be named, without a ledger that
    can be read any camera."""
    declared: dict[str, list[str]] = {}
    for row, values in good_rows(table, DECLARED_READERS, ("place", "camera"), faults):
        place, camera = values["place"], values["camera"]
        if cameras and camera not in cameras:
            faults.row("unknown_camera", row.where, row.header("camera"), camera, nearest(camera, cameras))
        elif places and place not in places:
            faults.row("unknown_place", row.where, row.header("place"), place, nearest(place, places))
        elif camera in declared.setdefault(place, []):
            faults.warning("duplicate_row", row.where, row.header("camera"), camera)
        else:
            declared[place].append(camera)
    return {place: tuple(names) for place, names in declared.items() if names}


def read_presets(table: Table, cameras: Collection[str], faults: FileFaults) -> dict[str, tuple[Preset, ...]]:
    """Camera -> its presets; at most one of them is its home."""
    presets: dict[str, list[Preset]] = {}
    for row, values in good_rows(table, PRESET_READERS, PRESETS.required, faults):
        camera = values["camera"]
        if cameras and camera not in cameras:
            faults.row("unknown_camera", row.where, row.header("camera"), camera, nearest(camera, cameras))
            continue
        home = values.get("home", False)
        others = presets.setdefault(camera, [])
        if home and any(preset.home for preset in others):
            faults.row("second_home", row.where, row.header("home"), values["preset"])
            continue
        azimuth = values["azimuth_deg"] % 360.0
        others.append(Preset(camera, values["preset"], azimuth, values["tilt_deg"], values["hfov_deg"], home))
    return {camera: tuple(those) for camera, those in presets.items() if those}


def read_catalog(table: Table, faults: FileFaults) -> dict[str, CatalogModel]:
    """Model -> what it can do and costs."""
    catalog: dict[str, CatalogModel] = {}
    first_rows: dict[str, str] = {}
    for row, values in good_rows(table, CATALOG_READERS, ("model",), faults):
        model = values["model"]
        low, high = values.get("hfov_min_deg"), values.get("hfov_max_deg")
        if model in catalog:
            faults.row("duplicate_id", row.where, row.header("model"), model, {"first": first_rows[model]})
        elif low is not None and high is not None and low > high:
            faults.row(
                "ends_swapped",
                row.where,
                row.header("hfov_min_deg"),
                row.cells["hfov_min_deg"],
                {"other": "hfov_max_deg"},
            )
        else:
            first_rows[model] = row.where
            catalog[model] = _model(values)
    return catalog


def _model(values: Values) -> CatalogModel:
    width, height = values.pop("resolution", (None, None))
    return CatalogModel(width_px=width, height_px=height, **values)


def nearest(name: str, known: Collection[str]) -> dict[str, str | float]:
    """The known name that differs only in case and spaces from `name`, as a problem's parameter."""
    folded = "".join(name.split()).lower()
    return {"nearest": next((other for other in known if "".join(other.split()).lower() == folded), "")}
