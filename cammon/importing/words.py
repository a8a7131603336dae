"""What happened to each piece, in words of both languages: the sentences of taking over, and those of site files."""

# ruff: noqa: E501 a sentence is easier to read, and to translate, on one line

from collections.abc import Iterator, Mapping
from typing import Any

from cammon.importing.model import Note, Outcome, Report
from cammon.sitefiles.model import Problem
from cammon.sitefiles.templates import TEMPLATES as OF_SITE_FILES
from cammon.sitefiles.words import sentence as site_sentence

REFUSED: Mapping[str, tuple[str, str]] = {
    "no_layers": (
        "no layer is named; give --layers LAYER=KIND, for example --layers BUILDINGS=obstacle:0,12",
        "没有指定图层；请写 --layers 图层=类别，例如 --layers 建筑=obstacle:0,12",
    ),
    "bad_layer_rule": (
        "not understood; write LAYER=KIND or LAYER=KIND:base,top with KIND obstacle, key_place, fence, lit_area, mounting_place or boundary, and heights in metres or the words elevation, thickness",
        "看不懂；请写 图层=类别 或 图层=类别:底高,顶高，类别为 obstacle、key_place、fence、lit_area、mounting_place 或 boundary，高度为米数或 elevation、thickness",
    ),
    "layer_heights_swapped": ("the top is not above the base; swap the two", "顶高不大于底高；请对调"),
    "no_such_layer": (
        "there is no such layer; there are: {layers}",
        "没有这个图层；现有：{layers}",
    ),
    "which_layer": ("the file has several layers; name one: {layers}", "文件有多个图层；请指定其一：{layers}"),
    "no_such_field": ("there is no such field; there are: {fields}", "没有这个字段；现有：{fields}"),
    "bad_floors_rule": (
        "not understood; write FIELD or FIELD*3m, 1 to 30 metres a floor",
        "看不懂；请写 字段 或 字段*3m，每层 1 到 30 米",
    ),
    "a_dwg_file": ("this is a DWG file; save it as DXF in the CAD program", "这是 DWG 文件；请在 CAD 中另存为 DXF"),
    "not_a_drawing": (
        "this is no DXF that can be read, not even with repairs; save it anew as DXF (R2010 or later)",
        "不是可读的 DXF，修复后也无法读取；请重新另存为 DXF（R2010 或更新）",
    ),
    "unknown_encoding": (
        "no encoding of this name is known; give utf-8 or gb18030",
        "不认识这种编码；请写 utf-8 或 gb18030",
    ),
    "too_many_entities": (
        "more than {limit} entities; keep only the layers of the site and save anew",
        "超过 {limit} 个图元；请只保留本站点的图层后另存",
    ),
    "unknown_map_format": (
        "not a map file that can be read; give one that ends in {suffixes}",
        "不是可读的地图文件；请给出以 {suffixes} 结尾的文件",
    ),
    "not_a_map": (
        "cannot be read as a map ({reason}); save it anew as GeoPackage or GeoJSON",
        "无法作为地图读取（{reason}）；请重新导出为 GeoPackage 或 GeoJSON",
    ),
    "map_without_geometry": (
        "the layer is a table without geometry; name a layer with shapes by --layer",
        "该图层没有几何图形；请用 --layer 指定有图形的图层",
    ),
    "unknown_source_crs": (
        "not a coordinate system; give an EPSG code such as 4546, or wgs84, cgcs2000, gcj02 or bd09",
        "不是坐标系；请写 EPSG 代码（如 4546）或 wgs84、cgcs2000、gcj02、bd09",
    ),
    "unknown_file_crs": (
        "the file names a coordinate system that cannot be used; say it by --crs with an EPSG code",
        "文件写明的坐标系无法使用；请用 --crs 写 EPSG 代码",
    ),
    "site_is_local": (
        'the site is in local metres, so that coordinates of {value} have no place in it; set crs in site.toml (for example "EPSG:4546"), or say --crs local if these are the same metres',
        '站点用本地米坐标，{value} 的坐标无处可放；请在 site.toml 写 crs（例如 "EPSG:4546"），若其实是同一套米坐标请写 --crs local',
    ),
    "source_is_local": (
        "the site is in {crs}, local metres have no place in it; say the system of the file by --crs",
        "站点坐标系为 {crs}，本地米坐标无处可放；请用 --crs 写明文件的坐标系",
    ),
    "crs_does_not_reach": (
        "read in this system, the coordinates are no place where {crs} is used; give the system in which the file was drawn",
        "按此坐标系读取，位置不在 {crs} 的适用范围内；请写文件绘制所用的坐标系",
    ),
    "far_from_site": (
        "read in this system, the file lies {km} km from the site; give the system in which it was drawn (by --crs), or correct crs in site.toml ({crs})",
        "按此坐标系读取，文件离站点 {km} 公里；请用 --crs 写绘制所用的坐标系，或更正 site.toml 的 crs（{crs}）",
    ),
    "drawing_in_degrees": (
        "a drawing is in metres, not in degrees; say its own system by --crs, for example --crs 4546",
        "图纸以米为单位，不是经纬度；请用 --crs 写图纸的坐标系，例如 --crs 4546",
    ),
    "cannot_write": ("cannot be written ({reason}); let this user write there", "无法写入（{reason}）；请给写入权限"),
    "nothing_taken": (
        "nothing of this file could be taken over; the lines above say why, correct one of them",
        "此文件没有任何内容可导入；原因见以上各行，请更正",
    ),
}

DROPPED: Mapping[str, tuple[str, str]] = {
    "bad_entity": ("damaged, cannot be drawn; draw it anew", "图元损坏，无法绘制；请重画"),
    "no_shape": (
        "has no outline on the ground; explode it in the CAD program if it should count",
        "没有平面轮廓；如需导入请先在 CAD 中炸开",
    ),
    "open_line": (
        "an open line encloses no area (ends more than {gap} m apart); close it, raise --gap, or give --wall WIDTH to make it a wall",
        "未闭合的线不构成面（端点相距超过 {gap} 米）；请闭合、增大 --gap，或用 --wall 宽度 作为墙",
    ),
    "drawn_twice": ("the same shape as {first}; nothing is lost", "与 {first} 是同一图形；并无缺失"),
    "no_height": (
        "nobody says how high it is; give LAYER=obstacle:base,top, --top-field or --floors-field",
        "没有高度；请写 图层=obstacle:底高,顶高，或 --top-field、--floors-field",
    ),
    "no_mounting_height": (
        "nobody says at what height a camera can hang; give LAYER=mounting_place:height or --top-field",
        "没有安装高度；请写 图层=mounting_place:高度，或 --top-field",
    ),
    "no_level": (
        "nobody says how well it must be seen; give --level, for example --level recognise",
        "没有用途等级；请写 --level，例如 --level recognise",
    ),
    "curved_geometry": (
        "its geometry cannot be read; save the layer anew as plain polygons",
        "几何图形无法读取；请把图层另存为普通多边形",
    ),
    "outside_system": (
        "lies where {crs} cannot be converted; correct its coordinates",
        "位于 {crs} 无法转换之处；请更正坐标",
    ),
}

PUT_RIGHT: Mapping[str, tuple[str, str]] = {
    "drawing_recovered": (
        "the file is damaged; recovered with {errors} corrections, compare the result with the drawing",
        "文件已损坏；经 {errors} 处更正后读取，请与原图核对",
    ),
    "gap_closed": ("the outline was open by {gap} m; closed", "轮廓有 {gap} 米缺口；已闭合"),
    "outline_repaired": (
        "the outline touched or crossed itself; repaired, its area changed by less than 1 %",
        "轮廓自相接触或自相交；已修复，面积变化不到 1 %",
    ),
    "lines_joined": ("{lines} single lines enclose an area; joined", "{lines} 条单线围成一个面；已合并"),
    "middle_taken": ("not a point; its middle is taken", "不是点；取其中心"),
    "units_guessed": (
        "by these units the drawing would be no site; read in {unit}, which makes it {metres} m wide; say --units if that is wrong",
        "按此单位图纸不可能是一个站点；按 {unit} 读取，宽 {metres} 米；如不对请用 --units 指定",
    ),
    "layer_empty": (
        "the layer is there, but holds nothing; name another if something should come",
        "图层存在但为空；如有遗漏请另指定",
    ),
    "wall_made": ("an open line; made a wall of {width} m", "未闭合的线；作为 {width} 米厚的墙"),
    "height_from_floors": ("{floors} floors by the text inside; {metres} m", "按图内注记 {floors} 层；高 {metres} 米"),
    "floors_not_a_number": ("not a number of floors; not used", "不是层数；未采用"),
    "already_there": (
        "the map has this id already and stays as it is; say --replace to replace it",
        "地图中已有此编号，保持原样；如需替换请加 --replace",
    ),
}

LEDGERS: Mapping[str, tuple[str, str]] = {
    "old_or_locked_workbook": (
        "an old .xls workbook, or one locked by a password; save it as .xlsx without a password",
        "这是旧版 .xls 或加了密码的工作簿；请另存为不加密的 .xlsx",
    ),
    "no_such_sheet": ("there is no such sheet; there are: {sheets}", "没有这张表；现有：{sheets}"),
    "no_ids": (
        "no column of ids is found; name it by --id-column (headers: {headers})",
        "找不到编号列；请用 --id-column 指定（表头：{headers}）",
    ),
    "not_to_be_assumed": (
        "cannot be assumed; write COLUMN=VALUE with one of {columns}",
        "不能假定；请写 列=值，列为 {columns}",
    ),
    "unknown_datum": (
        "not a coordinate system; give wgs84, cgcs2000, gcj02, bd09, an EPSG code, auto or asis",
        "不是坐标系；请写 wgs84、cgcs2000、gcj02、bd09、EPSG 代码、auto 或 asis",
    ),
    "mixed_systems": (
        "rows {rows} lie about {metres} m from the rest of the site, and among it when read as {system}; say --datum auto to convert these {count}, --datum {system} when the whole ledger is so, or --datum asis to keep them",
        "第 {rows} 行的位置与站点相距约 {metres} 米，按 {system} 读取则吻合；换算这 {count} 行请写 --datum auto，整本台账都是该坐标系请写 --datum {system}，保持原样请写 --datum asis",
    ),
    "position_converted": (
        "rows {rows} lay about {metres} m from the rest of the site; read as {system}, compare them with the map",
        "第 {rows} 行的位置与站点相距约 {metres} 米；已按 {system} 换算，请与地图核对",
    ),
    "positions_have_no_place": (
        'degrees, or another system, on a map in local metres: the positions of {rows} rows are left out; set crs in site.toml, for example "EPSG:4490"',
        '地图是本地米坐标，经纬度或其他坐标系的位置无处可放：{rows} 行的位置未导入；请在 site.toml 写 crs，例如 "EPSG:4490"',
    ),
    "half_a_position": ("only one of x and y is there; give both", "x、y 只有其一；请补全"),
    "not_a_pair": ("not two coordinates; write them as 113.1, 40.05", "不是两个坐标；请写成 113.1, 40.05"),
    "site_ledger_is_a_workbook": (
        "the site's own ledger is cameras.xlsx, which is not written to; save it as cameras.csv first",
        "站点台账是 cameras.xlsx，不会改写；请先另存为 cameras.csv",
    ),
    "secret_column": (
        "passwords are never taken over; name the login in the column credential and [credentials.NAME] in site.toml",
        "密码一律不导入；请用 credential 列和 site.toml 的 [credentials.名称]",
    ),
    "user_column": (
        "user names are not taken over; they belong to [credentials.NAME] in site.toml",
        "用户名不导入；请写入 site.toml 的 [credentials.名称]",
    ),
    "login_in_address": (
        "the login in this address was cut off; name it in the column credential",
        "地址中的登录信息已去除；请用 credential 列指定",
    ),
    "id_lost_digits": (
        "the spreadsheet cut the digits of this id; format the column as text and type the ids anew",
        "表格软件截断了编号的数字；请把该列设为文本后重新填写",
    ),
    "row_without_id": (
        "no id, so that it is no camera; give it one if it is",
        "没有编号，不作为摄像机；如是摄像机请补编号",
    ),
    "removed_camera": (
        "no longer in use; change this cell if it is",
        "已停用；如仍在用请更正此格",
    ),
    "port_of_no_use": (
        "neither a port of a stream nor of a web page; give rtsp_port or onvif_port where they differ from 554 and 80",
        "既不是视频端口也不是网页端口；如非默认请填 rtsp_port 或 onvif_port",
    ),
    "sheet_without_cameras": (
        "no header with ids of cameras, not read; name the column by --id-column if there are some",
        "没有摄像机编号的表头，未读取；如有请用 --id-column 指定",
    ),
    "pose_not_whole": (
        "{cameras} cameras say where they look, but have no whole pose; fill these columns in, or say --assume lens_height_m=6,tilt_deg=15,hfov_deg=60,resolution=1080p",
        "{cameras} 台摄像机有朝向但位姿不完整；请补填这些列，或写 --assume lens_height_m=6,tilt_deg=15,hfov_deg=60,resolution=1080p",
    ),
    "camera_differs": (
        "the ledger says otherwise in these columns and stays as it is; say --replace to replace it",
        "台账中这些列的内容不同，保持原样；如需替换请加 --replace",
    ),
    "camera_there": ("the ledger says the same already; nothing to do", "台账中已有相同内容；无需处理"),
}

TEMPLATES: dict[str, tuple[str, str]] = {**OF_SITE_FILES, **REFUSED, **DROPPED, **PUT_RIGHT, **LEDGERS}

OUTCOMES = {
    Outcome.DROPPED: ("dropped", "未导入"),
    Outcome.REPAIRED: ("repaired", "已修复"),
    Outcome.KEPT: ("kept", "已存在"),
    Outcome.NOTE: ("note", "提示"),
}


def sentence(problem: Problem, language: str) -> str:
    """One line: file, place, value, what is so, and what would help."""
    return site_sentence(problem, language, TEMPLATES)


def lines(report: Report, language: str) -> Iterator[str]:
    """The report for a terminal: the counts, then a line for everything that was not simply taken."""
    chinese = language == "zh"
    written, replaced = sum(report.written.values()), sum(report.replaced.values())
    of_kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(report.written.items()))
    of_kinds = (f"（{of_kinds}）" if chinese else f" ({of_kinds})") if of_kinds else ""
    counts = ", ".join(f"{_count(report, outcome)} {OUTCOMES[outcome][0]}" for outcome in Outcome)
    if chinese:
        counts = "，".join(f"{OUTCOMES[outcome][1]} {_count(report, outcome)}" for outcome in Outcome)
        wrote = "试运行，未写入" if report.dry_run else report.into
        yield f"{report.file} → {wrote}：新增 {written}{of_kinds}，替换 {replaced}，{counts}"
    else:
        wrote = "nothing written (dry run)" if report.dry_run else report.into
        yield f"{report.file} -> {wrote}: {written} new{of_kinds}, {replaced} replaced, {counts}"
    for outcome in Outcome:
        for note in report.notes:
            if note.outcome is outcome:
                yield f"{OUTCOMES[outcome][chinese]}: {sentence(note.problem, language)}"


def as_object(report: Report, language: str) -> dict[str, Any]:
    """The report as docs/import.md describes its JSON."""
    return {
        "file": report.file,
        "into": report.into,
        "dry_run": report.dry_run,
        "written": dict(report.written),
        "replaced": dict(report.replaced),
        "counts": {outcome.value: _count(report, outcome) for outcome in Outcome},
        "notes": [_note(note, language) for note in report.notes],
    }


def _count(report: Report, outcome: Outcome) -> int:
    return sum(note.outcome is outcome for note in report.notes)


def _note(note: Note, language: str) -> dict[str, Any]:
    problem = note.problem
    return {
        "outcome": note.outcome.value,
        "code": problem.code,
        "file": problem.file,
        "where": problem.where,
        "column": problem.column,
        "value": problem.value,
        "params": dict(problem.params),
        "text": sentence(problem, language),
    }
