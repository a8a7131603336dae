"""What the headers of other ledgers mean: 一机一档 templates, GB/T 28181 catalogues, makers' exports."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cammon.sitefiles.cells import plain
from cammon.sitefiles.ledger_columns import SCHEMA
from cammon.sitefiles.table import SECRET_HEADERS, folded

MORE: Mapping[str, tuple[str, ...]] = {
    "id": ("设备国标编码", "国标编码", "国标编号", "国标id", "deviceid", "device_id", "通道编码", "通道编号", "设备id"),
    "name": ("通道名称", "监控名称", "摄像头名称", "监控点位", "点位", "安装点位"),
    "model": ("摄像头型号", "型号规格", "设备规格型号"),
    "address": ("ipv4", "ip地址(v4)", "设备ip地址", "摄像机ip", "摄像头ip", "ipaddress", "ip_address"),
    "x": ("经度坐标", "东经", "gps经度", "longitude(e)"),
    "y": ("纬度坐标", "北纬", "gps纬度", "latitude(n)"),
    "azimuth_deg": ("监控方位", "监控方向", "监视方位", "摄像机朝向", "朝向", "安装朝向", "安装方向", "directiontype"),
    "lens_height_m": ("挂高", "杆高", "安装高"),
    "kind": ("摄像头类型", "ptztype", "设备种类"),
    "resolution": ("像素", "清晰度"),
    "installed_on": ("建成时间", "投入使用时间", "启用时间", "安装年月"),
    "owner": ("权属单位", "所属派出所", "所属辖区公安机关"),
    "phone": ("联系人电话", "手机号", "手机"),
    "maintainer": ("联系人", "负责人"),
    "zone": ("所在区域", "位置区域"),
}
IN_NOTES = frozenset(
    folded(name)
    for name in (
        "安装地址",
        "安装位置",
        "详细地址",
        "地址",
        "address_text",
        "点位俗称",
        "设备厂商",
        "厂商",
        "厂家",
        "品牌",
    )
)
"""Worth keeping, without a column of their own: they go into notes, with their header."""
SECRETS = SECRET_HEADERS | {"设备口令", "登录口令", "用户密码", "用户口令", "管理员密码", "设备登录密码", "rtsp密码"}
USERS = frozenset(
    {"用户名", "登录名", "登录用户名", "账号", "帐号", "登录账号", "设备账号", "用户", "username", "user"}
)
STATES = frozenset({"设备状态", "状态", "使用状态", "在用状态"})
PORTS = frozenset({"端口", "端口号", "设备端口", "ip端口", "port", "管理端口"})
PAIRS = frozenset({"经纬度", "坐标", "gps坐标", "点位坐标", "gps", "位置坐标"})
NUMBERS = frozenset({"序号", "no", "no.", "行号", "#"})
FACTORS = {"cm": 0.01, "厘米": 0.01, "公分": 0.01, "mm": 0.001, "毫米": 0.001}
UNIT = re.compile(r"[(\[/](cm|厘米|公分|mm|毫米)[)\]]?\s*$", re.IGNORECASE)
BARE_UNIT = re.compile(r"(?<=.{2})(?:米|度|°)$")


@dataclass(frozen=True, slots=True)
class Header:
    """A recognised header: where it stands, what it is called, and for each position what it means.

    A meaning is a column of cameras.csv, or `notes:`, `secret`, `user`, `state`, `port`, `pair`, `number`, "".
    """

    row: int
    titles: Mapping[int, str]
    meanings: Mapping[int, str]
    factors: Mapping[int, float] = field(default_factory=dict)

    @property
    def columns(self) -> frozenset[str]:
        """The columns of cameras.csv that it has."""
        return frozenset(meaning for meaning in self.meanings.values() if meaning in SCHEMA.columns)


NAMES = SCHEMA.names() | {folded(other): column for column, others in MORE.items() for other in others}
SPECIAL = {
    **dict.fromkeys(map(folded, PORTS), "port_number"),
    **dict.fromkeys(IN_NOTES, "notes:"),
    **dict.fromkeys(map(folded, SECRETS), "secret"),
    **dict.fromkeys(map(folded, USERS), "user"),
    **dict.fromkeys(map(folded, STATES), "state"),
    **dict.fromkeys(map(folded, PAIRS), "pair"),
    **dict.fromkeys(map(folded, NUMBERS), "number"),
}


def meaning_of(title: str, id_column: str = "") -> str:
    """What one header means, "" for nothing that is known."""
    if id_column and folded(title) == folded(id_column):
        return "id"
    name = folded(title)
    if "密码" in name or "口令" in name or "password" in name:
        return "secret"
    for candidate in (name, name.split("/")[0], BARE_UNIT.sub("", name)):
        found = SPECIAL.get(candidate) or NAMES.get(candidate)
        if found:
            return found
    return ""


def header_of(row: int, cells: Mapping[int, str], id_column: str) -> Header:
    """The header that these cells make; the first of two columns with one meaning counts."""
    titles = {at: plain(cell) for at, cell in cells.items() if cell.strip()}
    meanings: dict[int, str] = {}
    for at, title in titles.items():
        meaning = meaning_of(title, id_column)
        meanings[at] = "" if meaning in SCHEMA.columns and meaning in meanings.values() else meaning
    units = {at: UNIT.search(title) for at, title in titles.items()}
    return Header(row, titles, meanings, {at: FACTORS[found[1].lower()] for at, found in units.items() if found})
