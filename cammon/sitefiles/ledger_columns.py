"""The columns of the camera ledger (一机一档): their Chinese names, and how a cell of each is read."""

from collections.abc import Mapping
from typing import Any

from cammon.sitefiles import cells
from cammon.sitefiles.address import address
from cammon.sitefiles.cells import Reader, choice, number, whole
from cammon.sitefiles.datums import system_named
from cammon.sitefiles.faults import Wrong
from cammon.sitefiles.frame import UnknownFrame
from cammon.sitefiles.model import CameraKind
from cammon.sitefiles.table import Schema
from cammon_coverage.model import Projection

KINDS = {kind.value: kind for kind in CameraKind} | {
    **dict.fromkeys(
        ("枪机", "枪型", "固定枪机", "半球", "固定", "筒机", "卡口枪机", "摄像机", "网络摄像机"), CameraKind.FIXED
    ),
    **dict.fromkeys(("ipc", "bullet", "dome", "box", "turret"), CameraKind.FIXED),
    **dict.fromkeys(("球机", "快球", "云台", "遥控枪机", "speed dome"), CameraKind.PTZ),
    "全景": CameraKind.PANORAMIC,
    "鱼眼": CameraKind.PANORAMIC,
    "热成像": CameraKind.THERMAL,
    "移动": CameraKind.MOBILE,
}
PROJECTIONS = {
    "rectilinear": Projection.RECTILINEAR,
    "普通": Projection.RECTILINEAR,
    "直线": Projection.RECTILINEAR,
} | {
    "fisheye": Projection.FISHEYE,
    "鱼眼": Projection.FISHEYE,
}
GRADES = {grade: grade for grade in ("declared", "ledger", "calibrated", "walked")} | {
    "挂接": "declared",
    "台账": "ledger",
    "标定": "calibrated",
    "走测": "walked",
}
STREAMS = {stream: stream for stream in ("sub", "main", "snapshot")} | {
    "子码流": "sub",
    "辅码流": "sub",
    "主码流": "main",
    "抓图": "snapshot",
}
CODECS = {
    **dict.fromkeys(("h264", "h.264", "avc"), "h264"),
    **dict.fromkeys(("h265", "h.265", "hevc"), "h265"),
    **dict.fromkeys(("mjpeg", "m-jpeg", "jpeg"), "mjpeg"),
    **dict.fromkeys(("mpeg4", "mpeg-4"), "mpeg4"),
}


def _system(text: str) -> str:
    try:
        return system_named(text)
    except UnknownFrame as error:
        raise Wrong("unknown_row_crs", expects="row_crs") from error


READERS: Mapping[str, Reader[Any]] = {
    "id": cells.identifier,
    "name": cells.line,
    "device": cells.identifier,
    "model": cells.line,
    "x": number("x"),
    "y": number("y"),
    "crs": _system,
    "lens_height_m": number("lens_height_m", 0.0, 500.0),
    "azimuth_deg": number("azimuth_deg", 0.0, 360.0),
    "tilt_deg": number("tilt_deg", -90.0, 90.0),
    "roll_deg": number("roll_deg", -180.0, 180.0),
    "hfov_deg": number("hfov_deg", 0.0, 360.0),
    "vfov_deg": number("vfov_deg", 0.0, 360.0),
    "resolution": cells.resolution,
    "projection": choice("projection", PROJECTIONS),
    "night_range_m": number("night_range_m", 0.0, 10_000.0),
    "detection_m": number("detection_m", 0.0, 20_000.0, open_ends=True),
    "floor": cells.line,
    "zone": cells.line,
    "owner": cells.line,
    "maintainer": cells.line,
    "phone": cells.line,
    "pole": cells.line,
    "switch": cells.identifier,
    "port": cells.line,
    "recorder": cells.identifier,
    "link": cells.identifier,
    "power": cells.identifier,
    "address": address,
    "rtsp_port": whole("port_number", 1, 65535),
    "rtsp_path": cells.path,
    "sub_path": cells.path,
    "picture_stream": choice("picture_stream", STREAMS),
    "snapshot_path": cells.path,
    "onvif_port": whole("port_number", 1, 65535),
    "onvif_scheme": choice("onvif_scheme", {"http": "http", "https": "https"}),
    "onvif_path": cells.path,
    "credential": cells.identifier,
    "tier": cells.identifier,
    "codec": choice("codec", CODECS),
    "fps": number("fps", 0.0, 1000.0, open_ends=True),
    "serial": cells.identifier,
    "mac": cells.mac,
    "kind": choice("kind", KINDS),
    "pose_grade": choice("pose_grade", GRADES),
    "azimuth_sd_deg": number("azimuth_sd_deg", 0.0, 180.0),
    "tilt_sd_deg": number("tilt_sd_deg", 0.0, 90.0),
    "hfov_sd_pct": number("hfov_sd_pct", 0.0, 100.0),
    "installed_on": cells.day,
    "service_life_years": number("service_life_years", 0.0, 100.0, open_ends=True),
    "certificate_until": cells.day,
    "notes": cells.line,
}

ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": (
        "编号",
        "设备编号",
        "设备编码",
        "摄像机编号",
        "摄像机编码",
        "相机编号",
        "点位编号",
        "监控点编号",
        "点位编码",
    ),
    "name": ("名称", "设备名称", "摄像机名称", "相机名称", "点位名称", "监控点名称", "监控点位名称"),
    "device": ("设备", "所属设备", "物理设备", "设备箱"),
    "model": ("型号", "设备型号", "摄像机型号", "规格型号"),
    "x": ("经度", "东坐标", "x坐标", "横坐标", "longitude", "lon", "easting"),
    "y": ("纬度", "北坐标", "y坐标", "纵坐标", "latitude", "lat", "northing"),
    "crs": ("坐标系", "坐标系统", "坐标基准", "坐标类型", "datum"),
    "lens_height_m": ("安装高度", "镜头高度", "架设高度", "离地高度"),
    "azimuth_deg": ("方位角", "监控方位角", "水平方位角", "朝向角"),
    "tilt_deg": ("俯角", "俯仰角", "下倾角"),
    "roll_deg": ("横滚角",),
    "hfov_deg": ("水平视场角", "水平视角"),
    "vfov_deg": ("垂直视场角", "垂直视角"),
    "resolution": ("分辨率", "图像分辨率"),
    "projection": ("镜头类型", "投影"),
    "night_range_m": ("夜视距离", "红外距离", "补光距离"),
    "detection_m": ("探测距离",),
    "floor": ("楼层", "层"),
    "zone": ("区域", "所属区域", "安装区域", "分区"),
    "owner": ("责任单位", "管理单位", "所属单位", "责任部门", "使用单位", "所属部门"),
    "maintainer": ("维护单位", "运维单位", "维护人", "维护人员", "运维人员", "维保单位"),
    "phone": ("联系电话", "维护电话", "运维电话", "联系方式", "管理单位联系方式", "电话"),
    "pole": ("杆号", "立杆", "立杆编号", "杆件编号"),
    "switch": ("交换机", "接入交换机", "所属交换机"),
    "port": ("端口", "交换机端口", "接入端口"),
    "recorder": ("录像机", "硬盘录像机", "nvr", "所属录像机", "存储设备"),
    "link": ("链路", "传输链路", "所属链路", "上联链路"),
    "power": ("供电", "电源", "供电回路", "取电点", "供电箱"),
    "address": ("ip", "ip地址", "ipv4地址", "设备ip", "网络地址"),
    "rtsp_port": ("rtsp端口", "视频端口"),
    "rtsp_path": ("主码流", "主码流路径", "rtsp路径"),
    "sub_path": ("子码流", "子码流路径", "辅码流"),
    "picture_stream": ("取图方式", "巡检图像来源"),
    "snapshot_path": ("抓图路径", "抓图地址"),
    "onvif_port": ("onvif端口",),
    "onvif_scheme": ("onvif协议",),
    "onvif_path": ("onvif路径",),
    "credential": ("凭据", "登录凭据"),
    "tier": ("等级", "点位等级", "巡检等级"),
    "codec": ("编码格式", "视频编码", "摄像机编码格式"),
    "fps": ("帧率",),
    "serial": ("序列号", "设备序列号", "sn"),
    "mac": ("mac地址", "物理地址"),
    "kind": ("类型", "设备类型", "摄像机类型", "相机类型"),
    "pose_grade": ("位姿等级",),
    "azimuth_sd_deg": ("方位角标准差",),
    "tilt_sd_deg": ("俯角标准差",),
    "hfov_sd_pct": ("视场角标准差",),
    "installed_on": ("安装日期", "安装时间", "投用日期", "投运日期", "启用日期", "建设时间"),
    "service_life_years": ("使用年限", "设计寿命", "服役年限"),
    "certificate_until": ("证书有效期", "证书到期", "安标有效期", "防爆合格证有效期"),
    "notes": ("备注", "说明"),
}

SCHEMA = Schema({column: ALIASES.get(column, ()) for column in READERS}, required=("id",))

POSE_COLUMNS = ("x", "y", "lens_height_m", "azimuth_deg", "tilt_deg", "hfov_deg", "resolution")
"""All of them make a pose and a lens; `resolution` may come from the catalog instead."""
AIM_COLUMNS = ("azimuth_deg", "tilt_deg", "hfov_deg")
"""Where one of these is filled in, a pose is meant, and the others must be there too. A position alone is a map pin."""
