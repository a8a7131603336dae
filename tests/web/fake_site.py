"""A coal mine's surface as the pages might show it: 18 key places, 24 cameras, buildings, and who sees what."""

from dataclasses import dataclass

OBSTACLES = (
    ("B-01", "主井井塔 Main shaft tower", (250, 210, 270, 232)),
    ("B-02", "绞车房 Hoist house", (205, 208, 232, 230)),
    ("B-03", "副井井口房 Auxiliary shaft house", (320, 205, 345, 228)),
    ("B-04", "风井 Ventilation shaft", (470, 320, 486, 336)),
    ("B-05", "主扇风机房 Main fan house", (495, 318, 525, 340)),
    ("B-06", "瓦斯抽放站 Gas drainage station", (530, 270, 560, 295)),
    ("B-07", "变电所 Substation", (400, 330, 435, 360)),
    ("B-08", "洗煤厂 Washing plant", (110, 250, 170, 300)),
    ("B-09", "装车站 Loading station", (40, 240, 66, 262)),
    ("B-10", "原煤仓 Silo 1", (180, 300, 196, 316)),
    ("B-11", "精煤仓 Silo 2", (200, 300, 216, 316)),
    ("B-12", "皮带走廊 Conveyor gallery", (170, 262, 250, 268)),
    ("B-13", "机修车间 Workshop", (300, 90, 360, 120)),
    ("B-14", "综采车间 Longwall workshop", (370, 90, 430, 120)),
    ("B-15", "材料库 Cable store", (450, 100, 490, 125)),
    ("B-16", "油库 Oil depot", (530, 60, 555, 80)),
    ("B-17", "办公楼 Offices", (300, 30, 370, 48)),
    ("B-18", "灯房 Lamp room", (360, 200, 385, 222)),
    ("B-19", "宿舍 Dormitory", (430, 30, 500, 46)),
    ("B-20", "民爆物品库 Magazine", (1330, 470, 1346, 482)),
)

PLACES = (
    # id, name, priority, level, geometry (ring, line or point), cameras by design, owner, phone
    (
        "KP-01",
        "主井口 Main shaft mouth",
        1,
        125,
        [(246, 206), (274, 206), (274, 236), (246, 236)],
        ("C-01", "C-02"),
        "机电队 Hoist crew",
        "0351-5550101",
    ),
    (
        "KP-02",
        "副井口 Auxiliary shaft mouth",
        1,
        250,
        [(316, 201), (349, 201), (349, 232), (316, 232)],
        ("C-03",),
        "运搬队 Transport",
        "0351-5550102",
    ),
    (
        "KP-03",
        "民爆物品储存库 Explosives magazine",
        1,
        125,
        [(1322, 462), (1354, 462), (1354, 490), (1322, 490)],
        ("C-24",),
        "保卫科 Security",
        "0351-5550110",
    ),
    (
        "KP-04",
        "风井口 Ventilation shaft mouth",
        1,
        62.5,
        [(466, 316), (490, 316), (490, 340), (466, 340)],
        ("C-05", "C-06"),
        "通风队 Ventilation",
        "0351-5550103",
    ),
    (
        "KP-05",
        "主扇风机房 Main fan house",
        1,
        125,
        [(492, 314), (528, 314), (528, 344), (492, 344)],
        ("C-06",),
        "通风队 Ventilation",
        "0351-5550103",
    ),
    (
        "KP-06",
        "瓦斯抽放站 Gas drainage station",
        1,
        62.5,
        [(526, 266), (564, 266), (564, 299), (526, 299)],
        ("C-07",),
        "通风队 Ventilation",
        "0351-5550103",
    ),
    (
        "KP-07",
        "变电所 Substation",
        1,
        125,
        [(396, 326), (439, 326), (439, 364), (396, 364)],
        ("C-08", "C-09"),
        "机电队 Electrical",
        "0351-5550104",
    ),
    ("KP-08", "绞车房门口 Hoist house door", 2, 250, [(218, 206)], ("C-02",), "机电队 Hoist crew", "0351-5550101"),
    (
        "KP-09",
        "储煤场 Coal yard",
        3,
        25,
        [(70, 310), (175, 310), (175, 370), (70, 370)],
        ("C-10", "C-11"),
        "运销科 Sales",
        "",
    ),
    ("KP-10", "地磅 Weighbridge", 2, 250, [(60, 180)], ("C-12",), "运销科 Sales", "0351-5550120"),
    ("KP-11", "运煤大门 Coal gate", 2, 250, [(20, 170), (20, 186)], ("C-13",), "保卫科 Security", "0351-5550110"),
    (
        "KP-12",
        "装车站 Loading station",
        2,
        62.5,
        [(36, 236), (70, 236), (70, 266), (36, 266)],
        ("C-14",),
        "运销科 Sales",
        "",
    ),
    ("KP-13", "检身房门口 Search room door", 2, 250, [(388, 210)], ("C-15",), "安监科 Safety", "0351-5550130"),
    (
        "KP-14",
        "废旧电缆库 Scrap and cable store",
        2,
        62.5,
        [(446, 96), (494, 96), (494, 129), (446, 129)],
        ("C-18",),
        "物资科 Stores",
        "",
    ),
    (
        "KP-15",
        "油库 Oil depot",
        1,
        125,
        [(524, 54), (561, 54), (561, 86), (524, 86)],
        ("C-19", "C-20"),
        "物资科 Stores",
        "0351-5550140",
    ),
    ("KP-16", "财务室门口 Finance office door", 2, 250, [(335, 50)], ("C-21",), "财务科 Finance", ""),
    ("KP-17", "南围墙 South fence", 3, 25, [(10, 10), (590, 10)], (), "保卫科 Security", "0351-5550110"),
    ("KP-18", "宿舍入口 Dormitory entrance", 3, 62.5, [(465, 48)], (), "后勤科 Welfare", ""),
)

CAMERAS = (
    # id, name, x, y, azimuth, range, hfov, switch, recorder, zone
    ("C-01", "主井口东 Main shaft east", 290, 235, 250, 60, 80, "SW-1", "NVR-1", "主井 Main shaft"),
    ("C-02", "主井口西 Main shaft west", 236, 200, 45, 60, 90, "SW-1", "NVR-1", "主井 Main shaft"),
    ("C-03", "副井口 Auxiliary shaft", 352, 240, 215, 50, 80, "SW-1", "NVR-1", "副井 Aux. shaft"),
    ("C-04", "井口广场球机 Shaft square PTZ", 300, 195, 0, 90, 60, "SW-1", "NVR-1", "主井 Main shaft"),
    ("C-05", "风井北 Vent shaft north", 462, 345, 130, 50, 80, "SW-2", "NVR-1", "风井 Vent shaft"),
    ("C-06", "风机房 Fan house", 530, 348, 235, 70, 90, "SW-2", "NVR-1", "风井 Vent shaft"),
    ("C-07", "抽放站 Gas drainage", 566, 302, 225, 60, 90, "SW-2", "NVR-1", "风井 Vent shaft"),
    ("C-08", "变电所东 Substation east", 445, 366, 240, 60, 80, "SW-2", "NVR-1", "变电所 Substation"),
    ("C-09", "变电所西 Substation west", 390, 322, 45, 60, 80, "SW-2", "NVR-1", "变电所 Substation"),
    ("C-10", "煤场北 Coal yard north", 60, 380, 130, 130, 80, "SW-3", "NVR-2", "煤场 Coal yard"),
    ("C-11", "煤场南 Coal yard south", 182, 305, 300, 130, 80, "SW-3", "NVR-2", "煤场 Coal yard"),
    ("C-12", "地磅 Weighbridge", 72, 186, 240, 30, 60, "SW-3", "NVR-2", "大门 Gate"),
    ("C-13", "运煤大门 Coal gate", 34, 178, 270, 30, 70, "SW-3", "NVR-2", "大门 Gate"),
    ("C-14", "装车站 Loading station", 76, 270, 230, 60, 80, "SW-3", "NVR-2", "装车 Loading"),
    ("C-15", "检身房 Search room", 396, 216, 235, 25, 80, "SW-1", "NVR-1", "副井 Aux. shaft"),
    ("C-16", "灯房走廊 Lamp room corridor", 384, 226, 180, 25, 90, "SW-1", "NVR-1", "副井 Aux. shaft"),
    ("C-17", "机修车间 Workshop", 365, 124, 200, 60, 80, "SW-4", "NVR-2", "车间 Workshops"),
    ("C-18", "电缆库 Cable store", 498, 133, 235, 70, 80, "SW-4", "NVR-2", "车间 Workshops"),
    ("C-19", "油库北 Oil depot north", 566, 92, 225, 60, 90, "SW-4", "NVR-2", "油库 Oil depot"),
    ("C-20", "油库南 Oil depot south", 520, 50, 50, 60, 90, "SW-4", "NVR-2", "油库 Oil depot"),
    ("C-21", "财务室 Finance office", 342, 58, 215, 20, 80, "SW-4", "NVR-2", "办公楼 Offices"),
    ("C-22", "洗煤厂 Washing plant", 176, 246, 320, 80, 80, "SW-3", "NVR-2", "洗煤厂 Washery"),
    ("C-23", "皮带走廊 Conveyor gallery", 252, 270, 265, 80, 40, "SW-3", "NVR-2", "洗煤厂 Washery"),
    ("C-24", "民爆库 Magazine", 1358, 496, 232, 60, 80, "SW-R", "NVR-2", "民爆库 Magazine"),
)


@dataclass(frozen=True)
class Placed:
    """A camera of the table above by its fields."""

    id: str
    name: str
    x: float
    y: float
    azimuth_deg: float
    range_m: float
    hfov_deg: float
    switch: str
    recorder: str
    zone: str


ALL_CAMERAS = tuple(Placed(*row) for row in CAMERAS)
BY_ID = {camera.id: camera for camera in ALL_CAMERAS}
