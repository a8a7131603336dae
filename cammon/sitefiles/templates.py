"""Every problem that a site file can have: code -> (English, Chinese), each with its remedy."""

# ruff: noqa: E501 a sentence is easier to read, and to translate, on one line

from collections.abc import Mapping

FILES: Mapping[str, tuple[str, str]] = {
    "no_site_folder": (
        "there is no folder of this name; name the folder that holds site.toml",
        "没有这个文件夹；请指定 site.toml 所在的文件夹",
    ),
    "file_missing": (
        'the file is not there; create it, at least with name = "…"',
        '文件不存在；请新建，至少写 name = "…"',
    ),
    "ledger_missing": (
        "neither cameras.csv nor cameras.xlsx is there; put the camera list (at least a column id) into one of them",
        "没有 cameras.csv，也没有 cameras.xlsx；请放入摄像机台账（至少有 id 列）",
    ),
    "two_tables": (
        "not read, because {other} is there too; keep one of the two",
        "未读取，因为同时存在 {other}；请只保留一个",
    ),
    "not_a_file": ("this is not a plain file; put a file of this name here", "这不是普通文件；请换成同名的文件"),
    "file_too_large": (
        "{megabytes} MB are too many (at most {limit} MB), nothing of it was read; remove what does not belong to this site",
        "文件有 {megabytes} MB，超过上限 {limit} MB，未读取；请删去不属于本站点的内容",
    ),
    "cannot_read": (
        "the file cannot be read ({reason}); let the user that runs cammon read it",
        "无法读取（{reason}）；请给运行 cammon 的用户读取权限",
    ),
    "file_empty": ("the file is empty; fill it in or remove it", "文件是空的；请填写或删除"),
    "utf16": ('the text is UTF-16; save it as "CSV UTF-8"', "文本是 UTF-16 编码；请另存为“CSV UTF-8”"),
    "bad_encoding": (
        'the bytes are neither UTF-8 nor GB18030; save the file as UTF-8 (in Excel: "CSV UTF-8")',
        "字节既不是 UTF-8 也不是 GB18030；请另存为 UTF-8（Excel 中选“CSV UTF-8”）",
    ),
    "not_a_workbook": (
        "this is no .xlsx workbook that can be read; save it anew as .xlsx or as CSV UTF-8",
        "不是可读的 .xlsx 工作簿；请重新另存为 .xlsx 或 CSV UTF-8",
    ),
    "workbook_too_large": (
        "the workbook unpacks to more than {limit} MB; keep the sheet with the cameras only",
        "工作簿解压后超过 {limit} MB；请只保留摄像机那一张表",
    ),
    "too_many_rows": (
        "more than {limit} rows; split the site or remove blank rows",
        "超过 {limit} 行；请拆分站点或删除空行",
    ),
    "plan_missing": (
        "site.toml has [plan], but the picture is not there; add plan.png or remove [plan]",
        "site.toml 有 [plan]，但没有图片；请加入 plan.png 或删去 [plan]",
    ),
    "no_certificates": (
        "no certificates in PEM form in this file; give a file with -----BEGIN CERTIFICATE----- lines",
        "文件中没有 PEM 格式的证书；请提供含 -----BEGIN CERTIFICATE----- 行的文件",
    ),
    "not_a_png": ("this is no PNG picture; save the plan as PNG", "不是 PNG 图片；请把平面图另存为 PNG"),
    "plan_without_bounds": (
        "nobody says where this picture lies; add [plan] with bounds = [min x, min y, max x, max y] to site.toml",
        "未说明图片的位置；请在 site.toml 加 [plan]，写 bounds = [最小x, 最小y, 最大x, 最大y]",
    ),
}

TABLES: Mapping[str, tuple[str, str]] = {
    "missing_column": ("the column is missing; add it: {expected}", "缺少这一列；请添加：{expected}"),
    "missing_pose_column": (
        "the column is missing, so that no camera has a whole pose; add it: {expected}",
        "缺少这一列，因此所有摄像机都没有完整位姿；请添加：{expected}",
    ),
    "duplicate_column": (
        "this column stands here twice (as {column}); keep one",
        "此列重复（即 {column}）；请只保留一列",
    ),
    "misspelt_column": (
        "not a known name, and not read; did you mean {column}?",
        "不认识这个名称，未读取；是不是 {column}？",
    ),
    "unknown_columns": (
        "columns that mean nothing to cammon, not read; rename those that should be",
        "这些列 cammon 不认识，未读取；需要读取的请改名",
    ),
    "password_column": (
        "passwords do not belong into this file (the column was not read); remove it and use the column credential with [credentials.NAME] in site.toml",
        "此文件不得存放密码（该列未读取）；请删除该列，改用 credential 列和 site.toml 的 [credentials.名称]",
    ),
    "no_rows": (
        "there is a header, but no row below it; add one row for each camera",
        "只有表头，没有数据行；请每台摄像机填一行",
    ),
    "broken_quotes": (
        'a quotation mark is not closed or stands in the middle of a cell; double it ("") or remove it',
        '引号没有闭合或出现在单元格中间；请写成两个引号（""）或删除',
    ),
    "too_many_broken_quotes": (
        "{limit} rows with broken quotation marks; save the table anew as CSV UTF-8",
        "已有 {limit} 行引号错误；请把表格重新另存为 CSV UTF-8",
    ),
    "required_empty": ("empty; give {expected}", "为空；请填写：{expected}"),
    "pose_incomplete": (
        "empty, so that the pose is not whole and was set aside (the camera is still monitored); fill it in, or leave azimuth, tilt and hfov empty too",
        "为空，位姿不完整，未采用（摄像机照常监测）；请填写，或把方位角、俯角、视场角也留空",
    ),
    "duplicate_id": ("the same as in {first}; give each its own", "与{first}重复；请各用各的编号"),
    "duplicate_row": ("this is said twice; remove one", "重复；请删除一行"),
    "duplicate_address": (
        "the same stream as in {first}; correct the address or the path of one of them",
        "与{first}是同一路视频；请更正其中一个的地址或路径",
    ),
    "duplicate_asset": (
        "the same as in {first} on another device; correct one of them",
        "与{first}的另一台设备相同；请更正其中一个",
    ),
    "cell_too_long": (
        "{characters} characters are too many (at most {limit}); shorten it, and look for a quotation mark that is not closed",
        "共 {characters} 个字符，过长（上限 {limit}）；请缩短，并检查是否有未闭合的引号",
    ),
    "control_character": ("there is a control character in it; type the value anew", "含有控制字符；请重新输入"),
    "formula": ("this is a formula, not a value; paste it as a value", "这是公式，不是数值；请粘贴为值"),
    "spreadsheet_error": (
        "the spreadsheet could not compute this; correct the formula or type the value",
        "表格公式出错；请改正公式或直接填值",
    ),
    "unknown_camera": (
        "there is no camera of this id{nearest}; give an id that stands in the camera list",
        "台账里没有这个摄像机编号{nearest}；请填台账中的编号",
    ),
    "unknown_place": (
        "there is no key place of this id on the map{nearest}; give an id that stands in map.geojson",
        "地图上没有这个重点部位{nearest}；请填 map.geojson 中的编号",
    ),
    "unknown_credential": (
        'site.toml does not say where this login comes from (used in rows {rows}); add [credentials.NAME] there with store = true, env = "…" or file = "…"',
        'site.toml 没有说明这个凭据的来源（用于第 {rows} 行）；请在其中添加 [credentials.名称]，写 store = true、env = "…" 或 file = "…"',
    ),
    "recorder_lists_fewer": (
        "the recorder itself tells of {listed} channels, the ledger has {ledger} cameras on it; connect the missing ones or correct the ledger",
        "录像机自报 {listed} 个通道，台账上却有 {ledger} 台摄像机；请接入缺少的通道或更正台账",
    ),
    "limit_of_nothing": (
        "no camera of the ledger names this {kind}, so the limit holds nothing; give an id that stands in its column {kind}",
        "台账中没有摄像机填写这个 {kind}，该限额不起作用；请填台账 {kind} 列中的编号",
    ),
    "unknown_tier": (
        "site.toml has no such tier (used in rows {rows}), probed as [probing] says; add [probing.tiers.NAME]",
        "site.toml 没有这个等级（用于第 {rows} 行），按 [probing] 巡检；请添加 [probing.tiers.名称]",
    ),
    "second_home": ("this camera has another home preset already; mark one only", "这台摄像机已有守望位；只能标记一个"),
}

MASKS: Mapping[str, tuple[str, str]] = {
    "not_a_pair": ('"{at}" is not one point; give {expected}', "“{at}”不是一个点；请填写：{expected}"),
    "too_many_points": (
        "more than {limit} points; draw the mask with fewer, or as several masks",
        "超过 {limit} 个点；请减少顶点，或拆成几个遮挡区",
    ),
    "outside_picture": (
        "{at} is outside the picture of {width}x{height} pixels; correct the point, or the size that it was drawn in",
        "{at} 在 {width}x{height} 像素的画面之外；请更正该点，或更正绘制时的图像尺寸",
    ),
    "outside_picture_shares": (
        "{at} is outside the picture, whose width and height count from 0 to 1; correct the point, or for pixels fill in the column size",
        "{at} 在画面之外（宽、高均按 0 到 1 计）；请更正该点；若是像素，请填写 size 列",
    ),
    "shares_with_size": (
        "these points are shares from 0 to 1, but beside them stands a size of {width}x{height} pixels; clear size, or give pixels",
        "这些点是 0 到 1 的比例，却又写了图像尺寸 {width}x{height}；请清空 size 列，或改填像素",
    ),
    "picture_all_masked": (
        "its masks leave nothing of the picture, so that this camera covers no place; make them smaller if that was not meant",
        "遮挡区盖住了整个画面，这台摄像机不再覆盖任何部位；若非本意请缩小",
    ),
    "mask_without_pose": (
        "this camera has no pose, so that nobody can say which ground the mask hides; give its pose in the camera list when coverage is wanted",
        "这台摄像机没有位姿，无法判断遮住了哪片地面；需要计算覆盖时请在台账中补全位姿",
    ),
}

VALUES: Mapping[str, tuple[str, str]] = {
    "not_a_number": ("not a number; give {expected}", "不是数字；请填写：{expected}"),
    "not_finite": ("not a finite number; give {expected}", "不是有限的数；请填写：{expected}"),
    "not_whole": ("not a whole number; give {expected}", "不是整数；请填写：{expected}"),
    "out_of_range": ("out of range; give {expected}", "超出范围；请填写：{expected}"),
    "bad_host_and_port": ("no address; give {expected}", "不是地址；请填写：{expected}"),
    "not_one_of": ("not a known word; give {expected}", "不认识这个词；请填写：{expected}"),
    "bad_resolution": (
        "not a size in pixels (names like 4K and 4MP mean several sizes); give {expected}",
        "不是像素尺寸（4K、4MP 之类的名称对应多种尺寸）；请填写：{expected}",
    ),
    "bad_date": ("not a date; give {expected}", "不是日期；请填写：{expected}"),
    "no_such_day": ("the calendar has no such day; give {expected}", "没有这一天；请填写：{expected}"),
    "bad_id": ("not an id; give {expected}", "不是有效编号；请填写：{expected}"),
    "bad_mac": ("not a MAC address; give {expected}", "不是 MAC 地址；请填写：{expected}"),
    "bad_path": ("not a path; give {expected}", "不是路径；请填写：{expected}"),
    "bad_address": ("not an address; give {expected}", "不是地址；请填写：{expected}"),
    "no_camera_address": (
        "no camera can have this address; give {expected}",
        "摄像机不可能用这个地址；请填写：{expected}",
    ),
    "password_in_address": (
        "there is a login in the address (not shown here); give {expected}, and name the login in the column credential",
        "地址中带有登录信息（此处不显示）；请填写：{expected}；登录信息用 credential 列指定",
    ),
    "ends_swapped": ("larger than {other}; swap the two", "大于 {other}；请对调"),
    "not_one_value": ("a list or table where one value is due; give {expected}", "此处应为单个值；请填写：{expected}"),
}

MAP: Mapping[str, tuple[str, str]] = {
    "json_broken": (
        "not JSON ({reason}, character {column}); save the layer anew as GeoJSON",
        "不是 JSON（{reason}，第 {column} 个字符）；请重新导出为 GeoJSON",
    ),
    "not_a_feature_collection": (
        "not a GeoJSON feature collection; export the layer as GeoJSON",
        "不是 GeoJSON 要素集合；请把图层导出为 GeoJSON",
    ),
    "too_many_features": (
        "more than {limit} features; clip the map to the site",
        "超过 {limit} 个要素；请按站点范围裁剪地图",
    ),
    "not_a_feature": ('not a feature; give {{"type": "Feature", …}}', '不是要素；应为 {{"type": "Feature", …}}'),
    "no_properties": ("it has no properties; give at least kind", "没有属性；至少填写 kind"),
    "no_geometry": ("it has no geometry; draw it or remove the feature", "没有几何图形；请绘制或删除该要素"),
    "unknown_kind": ("not a kind of feature; give {expected}", "不认识这种要素；请填写：{expected}"),
    "unknown_level": ("not a level{nearest}; give {expected}", "不是有效等级{nearest}；请填写：{expected}"),
    "wrong_geometry": ("{type} does not fit here; draw {expected}", "此处不能是 {type}；请绘制 {expected}"),
    "bad_coordinates": (
        "the coordinates are no list of positions; give {expected}",
        "坐标不是位置列表；请写：{expected}",
    ),
    "coordinate_too_large": ("a coordinate is too large to be a place; give {expected}", "坐标过大；请写：{expected}"),
    "too_few_points": ("too few different points; draw at least {least}", "不同的点太少；至少画 {least} 个"),
    "zero_length": ("the line has no length; draw it anew", "线没有长度；请重新绘制"),
    "zero_area": ("the outline encloses no area; draw it anew", "轮廓没有面积；请重新绘制"),
    "self_crossing": (
        "the outline crosses itself at {at}; move the vertex so that it does not",
        "轮廓在 {at} 处自相交；请移动顶点",
    ),
    "rings_wrong": (
        "the rings do not fit one another at {at}; a hole lies inside its outline and touches no other",
        "环之间的关系在 {at} 处有误；孔洞应在轮廓内，且互不重叠",
    ),
    "ring_touches_itself": (
        "the outline touches itself; repaired without changing its area, draw it anew when convenient",
        "轮廓自相接触；已修复，面积不变，建议重新绘制",
    ),
    "ring_closed": (
        "the outline was not closed; closed by its first point, repeat that point at its end",
        "轮廓未闭合；已用首点闭合，请在末尾重复首点",
    ),
    "parts_united": (
        "its parts overlap or touch; united into one, draw them apart when they are meant to be",
        "各部分重叠或相接；已合并，如需分开请分别绘制",
    ),
    "top_below_base": (
        "not above its base ({base} m); give a top that is higher than the base",
        "不高于底面（{base} 米）；顶面应高于底面",
    ),
    "duplicate_obstacle_id": (
        "the same id as {first}; kept under another name, give each its own",
        "编号与{first}相同；已另取名保留，请各用各的编号",
    ),
    "place_inside_obstacle": (
        "it lies at least partly inside {obstacle}, where no camera can see it; move it, or mark the building hollow",
        "至少有一部分在 {obstacle} 内部，摄像机看不到；请移动，或把该建筑标为 hollow",
    ),
    "too_far": (
        "more than {limit} km from the middle of the site; correct the coordinates",
        "离站点中心超过 {limit} 公里；请更正坐标",
    ),
    "not_in_crs": (
        "the coordinates lie outside the coordinate system; correct them, or crs in site.toml",
        "坐标超出坐标系范围；请更正坐标或 site.toml 的 crs",
    ),
    "outside_boundary": (
        "{metres} m outside the boundary; the pose was set aside (the camera is still monitored); correct x and y, or the boundary",
        "在边界外 {metres} 米；位姿未采用（摄像机照常监测）；请更正 x、y 或边界",
    ),
    "inside_obstacle": (
        "the lens ({height} m) is inside {obstacle} ({base} to {top} m); the pose was set aside (the camera is still monitored); move it in front of the wall, put it on the roof, or mark the building hollow",
        "镜头（{height} 米）在 {obstacle}（{base} 至 {top} 米）内部；位姿未采用（摄像机照常监测）；请移到墙外、装到屋顶，或把该建筑标为 hollow",
    ),
    "unknown_row_crs": ("not a coordinate system; give {expected}", "不是坐标系；请填写：{expected}"),
    "row_crs_on_local_map": (
        'the map is in local metres, so that positions of another system have no place in it ({rows} rows, set aside); set crs in site.toml, for example "EPSG:4546", or clear this column',
        '地图是本地米坐标，其他坐标系的位置无处可放（{rows} 行，未采用）；请在 site.toml 写 crs，例如 "EPSG:4546"，或清空此列',
    ),
    "other_system": (
        "rows {rows} lie about {metres} m from the rest of the site, and among it when read as {system}; were they measured so? Write {system} into the column crs of these rows, or import the ledger with --datum",
        "第 {rows} 行的位置与站点相距约 {metres} 米，按 {system} 读取则吻合；是否用该坐标系测得？请在这些行的 crs 列填 {system}，或用 --datum 重新导入台账",
    ),
    "axes_swapped": (
        "rows {rows} lie about {metres} m from the rest of the site, and among it when x and y change places; swap the two cells of these rows",
        "第 {rows} 行的位置与站点相距约 {metres} 米，x 与 y 对调则吻合；请对调这些行的两个单元格",
    ),
    "crs_differs": (
        "the map says another coordinate system than site.toml ({crs}), which is used; correct one of them",
        "地图写明的坐标系与 site.toml（{crs}）不同，以后者为准；请更正其中一个",
    ),
}

SETTINGS: Mapping[str, tuple[str, str]] = {
    "toml_broken": ("not TOML: {reason}; correct this line", "不是有效的 TOML：{reason}；请更正该行"),
    "key_missing": ("missing or empty; give {expected}", "缺少或为空；请填写：{expected}"),
    "unknown_key": (
        "not a known key; correct its spelling or remove it (docs/site-files.md lists all keys)",
        "不认识这个键；请改正拼写或删除（全部键见 docs/site-files.zh.md）",
    ),
    "password_in_settings": (
        'passwords do not belong into this file; use store = true, env = "…" or file = "…" in [credentials.NAME]',
        '此文件不得存放密码；请在 [credentials.名称] 中用 store = true、env = "…" 或 file = "…"',
    ),
    "not_text": ("not a text in quotation marks; give {expected}", "不是带引号的文本；请填写：{expected}"),
    "not_a_section": ("not a section; give {expected}", "不是小节；请填写：{expected}"),
    "not_a_list": ("not a list; give {expected}", "不是列表；请填写：{expected}"),
    "bad_length": ("too many or too few entries; give {expected}", "项数不对；请填写：{expected}"),
    "bad_slug": (
        "not a usable id; give letters, digits, dots, hyphens and underscores, at most 64",
        "不能用作 id；请用字母、数字、点、连字符和下划线，不超过 64 个",
    ),
    "unknown_time_zone": (
        "not a time zone; give a name such as Asia/Shanghai",
        "不是时区；请填写时区名，例如 Asia/Shanghai",
    ),
    "bad_clock": ('not a time of day; give hours and minutes such as "06:30"', '不是时刻；请写时和分，例如 "06:30"'),
    "bad_currency": (
        "not a currency; give three capital letters such as CNY",
        "不是货币代码；请写三个大写字母，例如 CNY",
    ),
    "unknown_crs": (
        'not a coordinate system; give "local" or an EPSG code such as "EPSG:4546"',
        '不是坐标系；请写 "local" 或 EPSG 代码，例如 "EPSG:4546"',
    ),
    "crs_does_not_fit": (
        'the map (about {x}, {y}) does not lie where this coordinate system is used; give the system in which it was drawn, or "local"',
        '地图（约 {x}, {y}）不在该坐标系的适用范围内；请写绘图所用的坐标系，或 "local"',
    ),
    "looks_like_degrees": (
        'the coordinates look like longitude and latitude, but are read as metres; give "EPSG:4326" or "EPSG:4490"',
        '坐标像是经纬度，却按米读取；请写 "EPSG:4326" 或 "EPSG:4490"',
    ),
    "unknown_fault": (
        "not a fault; give a name from docs/glossary.md such as black",
        "不是故障名；请用 docs/glossary.md 中的名称，例如 black",
    ),
    "unknown_check": (
        "not a picture check; give the name of a picture fault such as blur",
        "不是图像检查名；请写图像故障名，例如 blur",
    ),
    "bad_fingerprint": (
        "not a SHA-256 fingerprint; give its 64 hexadecimal digits as `cammon probe` shows them",
        "不是 SHA-256 指纹；请填写 `cammon probe` 显示的 64 位十六进制数",
    ),
    "bad_environment_name": (
        "not the name of an environment variable; give letters, digits and underscores such as CAMMON_LOGIN",
        "不是环境变量名；请用字母、数字和下划线，例如 CAMMON_LOGIN",
    ),
    "one_login_source": (
        "a login comes from one place; give either env or file or store = true",
        "凭据只能有一个来源；请只写 env、file 或 store = true 之一",
    ),
    "bad_bounds": (
        "the corners are in the wrong order; give [min x, min y, max x, max y]",
        "角点顺序不对；请写 [最小x, 最小y, 最大x, 最大y]",
    ),
    "sun_without_position": (
        'the sun\'s rise and set need a position; give latitude and longitude, or rule = "fixed"',
        '按日出日落需要位置；请写 latitude 和 longitude，或 rule = "fixed"',
    ),
    "bad_value": ("not a usable value; give {expected}", "值不可用；请填写：{expected}"),
}

TERRAIN: Mapping[str, tuple[str, str]] = {
    "dem_missing": (
        "site.toml names this file of ground heights, but it is not there; put it beside site.toml or correct [terrain] file",
        "site.toml 指定了这个地面高程文件，但文件不存在；请放到 site.toml 旁边，或更正 [terrain] file",
    ),
    "dem_not_geotiff": (
        "not a GeoTIFF that can be read; export the ground heights as GeoTIFF",
        "不是可读的 GeoTIFF；请把地面高程导出为 GeoTIFF",
    ),
    "dem_broken": (
        "the heights in it cannot be read, the file is cut short or damaged; copy or export it anew",
        "其中的高程读不出来，文件不完整或已损坏；请重新复制或导出",
    ),
    "dem_not_heights": (
        "a picture ({bands} bands of {kind}), not ground heights; export one band of heights as float32 or int16",
        "这是图像（{bands} 个 {kind} 波段），不是地面高程；请导出为单波段 float32 或 int16 高程",
    ),
    "dem_without_crs": (
        "it does not say its coordinate system, but the site is in {crs}; assign the one it was made in (gdal_edit.py -a_srs EPSG:…)",
        "没有写明坐标系，而站点使用 {crs}；请指定其坐标系（gdal_edit.py -a_srs EPSG:…）",
    ),
    "dem_without_position": (
        "a TIFF that does not say where on the map it lies; export it with its georeference (GeoTIFF, or gdal_translate -a_ullr)",
        "TIFF 没有位置信息；请带地理参考重新导出（GeoTIFF，或用 gdal_translate -a_ullr）",
    ),
    "dem_site_is_local": (
        "it is in {system}, but nobody says where the local metres of the site lie in it; give crs in site.toml, or a file in the site's local metres without a coordinate system",
        "文件使用 {system}，但站点是本地米坐标，无法对应；请在 site.toml 写 crs，或提供本地米坐标、不带坐标系的文件",
    ),
    "dem_wrong_units": (
        'its heights are in "{unit}", not in metres; convert them to metres (gdal_calc.py) and write the unit m',
        "高程单位是“{unit}”，不是米；请换算为米（gdal_calc.py），并写明单位 m",
    ),
    "dem_implausible": (
        "heights from {low} to {high} are no ground heights in metres; convert them to metres, and declare the value that stands for no data (gdal_edit.py -a_nodata)",
        "高程从 {low} 到 {high}，不可能是以米为单位的地面高程；请换算为米，并声明无数据值（gdal_edit.py -a_nodata）",
    ),
    "dem_does_not_cover": (
        "it does not reach {x}, {y}, where the site has cameras or key places; give heights of the whole site (it covers {covered})",
        "没有覆盖 {x}, {y}，而该处属于站点；请提供覆盖整个站点的高程（现有范围 {covered}）",
    ),
    "dem_hole": (
        "there is no height over about {metres} m around {x}, {y}, within the site; fill the gap (gdal_fillnodata.py) or give a complete file",
        "站点范围内 {x}, {y} 附近约 {metres} 米没有高程；请填补空洞（gdal_fillnodata.py）或提供完整文件",
    ),
    "dem_filled": (
        "{cells} heights ({resolution} m apart) are missing in small gaps and were filled from around them; give a complete file where this matters",
        "有 {cells} 个高程点（间距 {resolution} 米）缺失，空洞较小，已用周围高程填补；如有影响请提供完整文件",
    ),
    "dem_coarsened": (
        "heights every {asked} m would be more than {limit} over this site, so {resolution} m are used; give a coarser resolution_m in [terrain], or split the site",
        "本站点按 {asked} 米取高程将超过 {limit} 个点，已改用 {resolution} 米；请在 [terrain] 写更粗的 resolution_m，或拆分站点",
    ),
}

TEMPLATES: Mapping[str, tuple[str, str]] = {**FILES, **TABLES, **MASKS, **VALUES, **MAP, **SETTINGS, **TERRAIN}
