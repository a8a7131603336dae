"""What would be right, by column or key: (English, Chinese). The ends of the sentences in templates.py."""

# ruff: noqa: E501 a sentence is easier to read, and to translate, on one line

from collections.abc import Mapping

EXPECTED: Mapping[str, tuple[str, str]] = {
    "": ("a value as docs/site-files.md describes it", "按 docs/site-files.zh.md 填写"),
    # camera ledger
    "id": (
        "an id of at most 100 characters on one line, different for each",
        "一个不重复的编号，单行，不超过 100 个字符",
    ),
    "x": (
        "the position east (or the longitude), a number in the map's coordinates",
        "东向坐标（或经度），与地图同一坐标系的数字",
    ),
    "y": (
        "the position north (or the latitude), a number in the map's coordinates",
        "北向坐标（或纬度），与地图同一坐标系的数字",
    ),
    "row_crs": (
        "the system of this row's x and y: wgs84, cgcs2000, gcj02, bd09 or an EPSG code, or leave it empty (the map's)",
        "本行 x、y 的坐标系：wgs84、cgcs2000、gcj02、bd09 或 EPSG 代码；留空表示与地图相同",
    ),
    "lens_height_m": ("the lens height above the ground in metres, 0 to 500", "镜头离地高度（米），0 到 500"),
    "azimuth_deg": ("degrees clockwise from north, 0 to 360 (north = 0)", "从正北顺时针的角度，0 到 360（正北 = 0）"),
    "tilt_deg": (
        "degrees downwards from level, -90 to 90 (straight down = 90)",
        "向下的俯角，-90 到 90（垂直向下 = 90）",
    ),
    "roll_deg": ("degrees, -180 to 180 (level = 0)", "角度，-180 到 180（水平 = 0）"),
    "hfov_deg": (
        "the horizontal angle of view in degrees, more than 0: less than 180, for a fisheye at most 360",
        "水平视场角（度），应大于 0：普通镜头小于 180，鱼眼镜头不超过 360",
    ),
    "vfov_deg": ("the vertical angle of view in degrees, or leave it empty", "垂直视场角（度），或留空"),
    "hfov_rectilinear": (
        "more than 0 and less than 180 degrees for an ordinary lens; for a fisheye set projection to fisheye",
        "普通镜头应大于 0、小于 180 度；鱼眼镜头请把 projection 填为 fisheye",
    ),
    "hfov_fisheye": ("more than 0 and at most 360 degrees", "应大于 0、不超过 360 度"),
    "resolution": (
        "width x height in pixels, for example 1920x1080 or 3840x2160",
        "宽x高（像素），例如 1920x1080 或 3840x2160",
    ),
    "projection": ("rectilinear or fisheye", "rectilinear（普通）或 fisheye（鱼眼）"),
    "night_range_m": (
        "metres, 0 to 10000, or leave it empty (lit areas only)",
        "米，0 到 10000；留空表示夜间只看得见有照明处",
    ),
    "detection_m": ("the maker's printed detection distance in metres", "厂家标注的探测距离（米）"),
    "address": (
        "a host name or IP address, with :port if need be, and without user and password",
        "主机名或 IP 地址，可带“:端口”，不得带用户名和密码",
    ),
    "port_number": ("a port number, 1 to 65535", "端口号，1 到 65535"),
    "rtsp_path": ("the path alone, for example /main", "只填路径，例如 /main"),
    "codec": ("h264, h265, mjpeg or mpeg4", "h264、h265、mjpeg 或 mpeg4"),
    "fps": ("frames per second, more than 0", "每秒帧数，大于 0"),
    "mac": ("twelve hexadecimal digits, for example 00:1a:2b:3c:4d:5e", "12 位十六进制，例如 00:1a:2b:3c:4d:5e"),
    "kind": (
        "fixed, ptz, panoramic, thermal or mobile",
        "fixed（固定）、ptz（球机）、panoramic（全景）、thermal（热成像）或 mobile（移动）",
    ),
    "pose_grade": (
        "declared, ledger, calibrated or walked",
        "declared（挂接）、ledger（台账）、calibrated（标定）或 walked（走测）",
    ),
    "azimuth_sd_deg": (
        "the standard deviation of the azimuth in degrees, 0 to 180, or leave it empty",
        "方位角的标准差（度），0 到 180，或留空",
    ),
    "tilt_sd_deg": (
        "the standard deviation of the tilt in degrees, 0 to 90, or leave it empty",
        "俯角的标准差（度），0 到 90，或留空",
    ),
    "hfov_sd_pct": (
        "the standard deviation of the angle of view in per cent of it, 0 to 100, or leave it empty",
        "水平视场角的标准差（占其百分比），0 到 100，或留空",
    ),
    "roll_sd_deg": ("the standard deviation of the roll in degrees, 0 to 180", "横滚角的标准差（度），0 到 180"),
    "date": ("a day, 1980 to 2100, for example 2021-05-03", "1980 至 2100 年间的日期，例如 2021-05-03"),
    "service_life_years": ("years, more than 0 and at most 100", "年数，大于 0、不超过 100"),
    "yes_no": ("yes or no", "是或否"),
    # other tables
    "place": ("the id of a key place", "重点部位的编号"),
    "camera": ("the id of a camera", "摄像机的编号"),
    "preset": ("the name of the preset", "预置位名称"),
    "model": ("the name of the model", "型号名称"),
    "points": (
        "at least three points of the picture from its upper left corner, as shares of its width and height, for example 0.1 0.2; 0.4 0.2; 0.4 0.5",
        "画面上至少三个点，从左上角起按宽、高的比例，例如 0.1 0.2; 0.4 0.2; 0.4 0.5",
    ),
    "size": (
        "the size of the picture in which the points are pixels, for example 1920x1080, or leave it empty for shares",
        "以像素给点时图像的尺寸，例如 1920x1080；按比例给点则留空",
    ),
    "price": ("a price, 0 or more", "价格，不小于 0"),
    # clicks for calibration
    "u": ("pixels from the left edge of the picture", "距图像左边的像素数"),
    "v": ("pixels from the upper edge of the picture", "距图像上边的像素数"),
    "z": ("the height of the point above the ground in metres, -1000 to 1000", "该点离地高度（米），-1000 到 1000"),
    # map
    "feature_kind": (
        "key_place, obstacle, lit_area, mounting_place or boundary",
        "key_place、obstacle、lit_area、mounting_place 或 boundary",
    ),
    "level": (
        "a number of px/m above 0, or a class: monitor, detect, observe, recognise, identify, inspect, or overview, "
        "outline, discern, perceive, characterise, validate, scrutinise",
        "大于 0 的像素/米，或等级名：monitor、detect、observe、recognise、identify、inspect，或 overview、outline、discern、"
        "perceive、characterise、validate、scrutinise",
    ),
    "height_m": ("metres above the ground, -1000 to 1000", "离地高度（米），-1000 到 1000"),
    "top_m": ("the height of its top above the ground in metres", "顶面离地高度（米）"),
    "priority": ("1 (highest), 2 or 3", "1（最高）、2 或 3"),
    "redundancy": ("how many devices must see it, 1 to 20", "要求同时看到的设备数，1 到 20"),
    "facing_tolerance_deg": ("degrees, 0 to 180", "角度，0 到 180"),
    "max_depression_deg": ("degrees, 0 to 90", "角度，0 到 90"),
    "area": ("a Polygon or MultiPolygon", "Polygon 或 MultiPolygon（面）"),
    "point": ("a Point", "Point（点）"),
    "any_geometry": ("a point, line or area (also multi-part)", "点、线或面（可为多部件）"),
    "position": (
        "positions as [x, y] with finite numbers below 100000000",
        "坐标写作 [x, y]，为小于 100000000 的有限数",
    ),
    # site.toml
    "name": ('name = "…", not empty, at most 200 characters', 'name = "…"，不为空，不超过 200 个字符'),
    "language": ("zh or en", "zh 或 en"),
    "time_zone": ("a name such as Asia/Shanghai", "时区名，例如 Asia/Shanghai"),
    "currency": ("three capital letters, for example CNY", "三个大写字母，例如 CNY"),
    "crs": ('"local" or an EPSG code, for example "EPSG:4546"', '"local" 或 EPSG 代码，例如 "EPSG:4546"'),
    "latitude": ("degrees north, -90 to 90", "北纬度数，-90 到 90"),
    "longitude": ("degrees east, -180 to 180", "东经度数，-180 到 180"),
    "density_model": ("iec-flat, arc or datasheet", "iec-flat、arc 或 datasheet"),
    "shift_starts": ('a list of times, for example ["08:00", "20:00"]', '时刻列表，例如 ["08:00", "20:00"]'),
    "rule": ("sun, fixed, always or never", "sun、fixed、always 或 never"),
    "sunrise": ('a time of day, for example "06:30"', '时刻，例如 "06:30"'),
    "sunset": ('a time of day, for example "18:30"', '时刻，例如 "18:30"'),
    "liveness_s": ("seconds, 1 to 604800", "秒，1 到 604800"),
    "picture_s": ("seconds, 1 to 604800", "秒，1 到 604800"),
    "device_s": ("seconds, 1 to 604800", "秒，1 到 604800"),
    "deadline_s": ("seconds, 0.5 to 120", "秒，0.5 到 120"),
    "dead_max_s": ("seconds, 1 to 604800", "秒，1 到 604800"),
    "faint_s": ("seconds, 1 to 604800", "秒，1 到 604800"),
    "login_pause_s": ("seconds, 1 to 604800", "秒，1 到 604800"),
    "sessions": ("a whole number, 1 to 10000", "整数，1 到 10000"),
    "mbit_s": ("megabits a second, 0.1 to 100000", "兆比特每秒，0.1 到 100000"),
    "main_mbit_s": ("megabits a second, 0.1 to 100000", "兆比特每秒，0.1 到 100000"),
    "sub_mbit_s": ("megabits a second, 0.1 to 100000", "兆比特每秒，0.1 到 100000"),
    "late_s": ("seconds, 1 to 604800", "秒，1 到 604800"),
    "own_camera": ("true or false", "true 或 false"),
    "reference": (
        'a host and a port on which it answers, for example "10.0.0.1:80"',
        '主机及其应答的端口，例如 "10.0.0.1:80"',
    ),
    "blind_severity": ("a share, more than 0 and at most 1", "比例，大于 0、不超过 1"),
    "confirm_after": ("a whole number, 1 to 100", "整数，1 到 100"),
    "clear_after": ("a whole number, 1 to 100", "整数，1 到 100"),
    "picture_frames": ("a whole number, 1 to 3", "整数，1 到 3"),
    "picture_stream": ("main, sub or snapshot", "main（主码流）、sub（子码流）或 snapshot（抓图）"),
    "clock_tolerance_s": ("seconds, more than 0", "秒，大于 0"),
    "clean": ("a cost, 0 or more", "费用，不小于 0"),
    "refocus": ("a cost, 0 or more", "费用，不小于 0"),
    "re_aim": ("a cost, 0 or more", "费用，不小于 0"),
    "repair": ("a cost, 0 or more", "费用，不小于 0"),
    "replace": ("a cost, 0 or more", "费用，不小于 0"),
    "add": ("a cost, 0 or more", "费用，不小于 0"),
    "env": ("the name of an environment variable, for example CAMMON_LOGIN", "环境变量名，例如 CAMMON_LOGIN"),
    "file": ("the path of a file that holds user:password", "内容为 user:password 的文件路径"),
    "store": (
        "true: the login is in the encrypted store (cammon credentials set)",
        "true：登录信息在加密存储中（cammon credentials set）",
    ),
    "credentials": (
        '[credentials.NAME] with store = true, env = "…" or file = "…"',
        '[credentials.名称]，内含 store = true、env = "…" 或 file = "…"',
    ),
    "tls": (
        '[tls] with trusted = ["FINGERPRINT", …] and authorities = "ca.pem"',
        '[tls]，内含 trusted = ["指纹", …] 和 authorities = "ca.pem"',
    ),
    "trusted": (
        'a list of SHA-256 fingerprints, for example ["3F:5A:…"]',
        'SHA-256 指纹的列表，例如 ["3F:5A:…"]',
    ),
    "authorities": (
        "the name of a PEM file of certificates beside site.toml, for example ca.pem",
        "site.toml 旁边的 PEM 证书文件名，例如 ca.pem",
    ),
    "onvif_scheme": ("http or https", "http 或 https"),
    "contacts": ('[contacts.NAME] with name = "…" and phone = "…"', '[contacts.名称]，内含 name = "…" 和 phone = "…"'),
    "thresholds": ("[thresholds.CHECK] with numbers", "[thresholds.检查名]，内含数字"),
    "threshold": ("a number", "数字"),
    "weights": ("weights by priority, for example {1 = 4, 2 = 2, 3 = 1}", "按优先级的权重，例如 {1 = 4, 2 = 2, 3 = 1}"),
    "tolerance_share": ("a share, 0 to 0.5", "比例，0 到 0.5"),
    "hole_length_m": ("metres, 0 to 1000", "米，0 到 1000"),
    "hole_area_m2": ("square metres, 0 or more", "平方米，不小于 0"),
    "bounds": (
        "[min x, min y, max x, max y] in the map's coordinates",
        "[最小x, 最小y, 最大x, 最大y]，与地图同一坐标系",
    ),
    "terrain": (
        '[terrain] with file = "dem.tif", and resolution_m where another than the file\'s own is wanted',
        '[terrain]，内含 file = "dem.tif"；需要其他分辨率时再写 resolution_m',
    ),
    "pose": (
        "[pose.GRADE] for declared, ledger, calibrated or walked, with azimuth_sd_deg, tilt_sd_deg, roll_sd_deg or hfov_sd_pct",
        "[pose.等级]，等级为 declared、ledger、calibrated 或 walked，内含 azimuth_sd_deg、tilt_sd_deg、roll_sd_deg 或 hfov_sd_pct",
    ),
    "terrain_file": (
        "the name of a GeoTIFF of ground heights beside site.toml, for example dem.tif",
        "site.toml 旁边的地面高程 GeoTIFF 文件名，例如 dem.tif",
    ),
    "resolution_m": ("metres, 0.05 to 1000", "米，0.05 到 1000"),
    "phone": ("text of at most 200 characters", "不超过 200 个字符的文字"),
}
