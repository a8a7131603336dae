"""Attributes of other programs as the properties of map.geojson, under the names that people give them."""

from collections.abc import Mapping

from cammon.sitefiles.sitemap import PROPERTIES
from cammon.sitefiles.table import folded

NAMES: Mapping[str, tuple[str, ...]] = {
    "id": ("编号", "编码", "代码", "code", "gid", "objectid"),
    "name": ("名称", "名字", "建筑名称", "部位名称", "label", "title"),
    "base_m": ("base", "min_height", "底高", "底部高度", "底面高度"),
    "top_m": ("top", "height", "building_height", "高度", "楼高", "建筑高度", "顶高", "顶部高度"),
    "height_m": ("height", "高度", "安装高度", "杆高"),
    "level": ("等级", "级别", "用途等级", "purpose"),
    "priority": ("优先级",),
    "owner": ("责任单位", "责任部门", "管理单位"),
    "phone": ("电话", "联系电话", "联系方式"),
}
FLOORS = frozenset({"floors", "levels", "building:levels", "storeys", "层数", "楼层数", "楼层"})


def clean(text: str) -> str:
    """Text that can be written as UTF-8: what could not be read stands as a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8").strip()


def properties_of(kind: str, attributes: Mapping[str, object]) -> dict[str, object]:
    """The attributes that mean a property of this kind, under its name; empty ones left out."""
    known = {folded(name): name for name in PROPERTIES[kind]}
    for name, others in NAMES.items():
        if name in PROPERTIES[kind]:
            known = {folded(other): name for other in others} | known
    found: dict[str, object] = {}
    for header, value in attributes.items():
        name = known.get(folded(header), "")
        if name and value is not None and str(value).strip() and (name not in found or folded(header) == name):
            found[name] = value.strip() if isinstance(value, str) else value
    return found


def floors_of(attributes: Mapping[str, object]) -> object:
    """How many floors the attributes tell of, None where they do not."""
    return next((value for header, value in attributes.items() if folded(header) in FLOORS), None)
