"""The table of mistakes: each a small change to the small site, and what must be said of it."""

# ruff: noqa: E501 one mistake, one line
from dataclasses import dataclass

from small_site import CAMERAS, CATALOG, MAP, MASKS, PRESETS, SITE

from cammon.sitefiles import Severity
from cammon.sitefiles.limits import MAX_CELL_CHARACTERS

FATAL, ROW, WARNING = Severity.FATAL, Severity.ROW, Severity.WARNING


@dataclass(frozen=True)
class Case:
    """A mistake: the file's new content, and what must be said of it."""

    id: str
    file: str
    content: bytes | str
    severity: Severity
    where: str
    column: str
    value: str
    code: str
    remedy: str


def camera(old: str, new: str) -> str:
    assert CAMERAS.count(old) == 1, old
    return CAMERAS.replace(old, new)


def on_map(old: str, new: str) -> str:
    assert MAP.count(old) == 1, old
    return MAP.replace(old, new)


def mask(points: str, size: str = "") -> str:
    """masks.csv with one mask of C1."""
    return f'camera,points,size\nC1,"{points}",{size}\n'


def setting(line: str) -> str:
    """site.toml with one more line before its first section."""
    head, mark, tail = SITE.partition("[credentials")
    return f"{head}{line}\n{mark}{tail}"


def section(text: str) -> str:
    return f"{SITE}\n{text}\n"


C1 = "C1,大门 Gate,M1,10,10,6,0,10,60,1920x1080,rectilinear,30,10.0.0.1,gate,2021-05-03"
C3 = "C3,车间顶 Ceiling,M2,50,60,5,0,90,180,2048x2048,fisheye,15,10.0.0.3,gate,2022-01-31"
HEADER, ROWS = CAMERAS.split("\n", 1)
SQUARE = "[[[60,60],[80,60],[80,80],[60,80],[60,60]]]"
HOUSE = "[[[20,20],[30,20],[30,40],[20,40],[20,20]]]"
BOW_TIE = "[[[60,60],[80,80],[80,60],[60,80],[60,60]]]"


def c1(column: str, value: str) -> str:
    cells = C1.split(",")
    cells[HEADER.split(",").index(column)] = value
    return CAMERAS.replace(C1, ",".join(cells))


# fmt: off
CELLS = [
    Case("azimuth-north", "cameras.csv", c1("azimuth_deg", "north"), ROW, "row 2", "azimuth_deg", "north", "not_a_number", "degrees clockwise from north, 0 to 360 (north = 0)"),
    Case("azimuth-400", "cameras.csv", c1("azimuth_deg", "400"), ROW, "row 2", "azimuth_deg", "400", "out_of_range", "0 to 360"),
    Case("azimuth-nan", "cameras.csv", c1("azimuth_deg", "NaN"), ROW, "row 2", "azimuth_deg", "NaN", "not_finite", "0 to 360"),
    Case("tilt-95", "cameras.csv", c1("tilt_deg", "95"), ROW, "row 2", "tilt_deg", "95", "out_of_range", "straight down = 90"),
    Case("resolution-4K", "cameras.csv", c1("resolution", "4K"), ROW, "row 2", "resolution", "4K", "bad_resolution", "3840x2160"),
    Case("resolution-4MP", "cameras.csv", c1("resolution", "400万"), ROW, "row 2", "resolution", "400万", "bad_resolution", "1920x1080"),
    Case("resolution-zero", "cameras.csv", c1("resolution", "0x0"), ROW, "row 2", "resolution", "0x0", "out_of_range", "1920x1080"),
    Case("hfov-0", "cameras.csv", c1("hfov_deg", "0"), ROW, "row 2", "hfov_deg", "0", "out_of_range", "more than 0 and less than 180"),
    Case("hfov-180-without-fisheye", "cameras.csv", c1("hfov_deg", "180"), ROW, "row 2", "hfov_deg", "180", "out_of_range", "set projection to fisheye"),
    Case("hfov-fisheye-361", "cameras.csv", camera(C3, C3.replace(",180,", ",361,")), ROW, "row 4", "hfov_deg", "361", "out_of_range", "at most 360"),
    Case("hfov-negative", "cameras.csv", c1("hfov_deg", "-90"), ROW, "row 2", "hfov_deg", "-90", "out_of_range", "more than 0"),
    Case("height-below-ground", "cameras.csv", c1("lens_height_m", "-3"), ROW, "row 2", "lens_height_m", "-3", "out_of_range", "0 to 500"),
    Case("comma-as-decimal-point", "cameras.csv", c1("x", '"10,5"'), ROW, "row 2", "x", "10,5", "not_a_number", "position east"),
    Case("x-infinite", "cameras.csv", c1("x", "1e999"), ROW, "row 2", "x", "1e999", "not_finite", "position east"),
    Case("projection-unknown", "cameras.csv", c1("projection", "wide"), ROW, "row 2", "projection", "wide", "not_one_of", "rectilinear or fisheye"),
    Case("date-30-february", "cameras.csv", c1("installed_on", "2021-02-30"), ROW, "row 2", "installed_on", "2021-02-30", "no_such_day", "2021-05-03"),
    Case("date-in-words", "cameras.csv", c1("installed_on", "last spring"), ROW, "row 2", "installed_on", "last spring", "bad_date", "2021-05-03"),
    Case("date-of-1900", "cameras.csv", c1("installed_on", "1900-01-01"), ROW, "row 2", "installed_on", "1900-01-01", "out_of_range", "1980 to 2100"),
    Case("address-256", "cameras.csv", c1("address", "10.0.0.256"), ROW, "row 2", "address", "10.0.0.256", "bad_address", "IP address"),
    Case("address-everyone", "cameras.csv", c1("address", "0.0.0.0"), ROW, "row 2", "address", "0.0.0.0", "no_camera_address", "IP address"),
    Case("address-port-99999", "cameras.csv", c1("address", "10.0.0.1:99999"), ROW, "row 2", "address", "10.0.0.1:99999", "bad_address", ":port"),
    Case("address-with-login", "cameras.csv", c1("address", "rtsp://admin:s3cret@10.0.0.1/"), ROW, "row 2", "address", "", "password_in_address", "credential"),
    Case("id-empty", "cameras.csv", c1("id", ""), ROW, "row 2", "id", "", "required_empty", "different for each"),
    Case("id-twice", "cameras.csv", camera("C2,煤场", "C1,煤场"), ROW, "row 3", "id", "C1", "duplicate_id", "give each its own"),
    Case("pose-half-empty", "cameras.csv", c1("tilt_deg", ""), ROW, "row 2", "tilt_deg", "", "pose_incomplete", "fill it in"),
    Case("cell-with-NUL", "cameras.csv", c1("name", "Ga\0te"), ROW, "row 2", "name", "Ga\\x00te", "control_character", "type the value anew"),
    Case("cell-too-long", "cameras.csv", c1("name", "门" * (MAX_CELL_CHARACTERS + 1)), ROW, "row 2", "name", "门" * 80 + "…", "cell_too_long", "shorten it"),
    Case("cell-is-formula", "cameras.csv", c1("x", "=A1+5"), ROW, "row 2", "x", "=A1+5", "formula", "paste it as a value"),
    Case("cell-is-spreadsheet-error", "cameras.csv", c1("x", "#REF!"), ROW, "row 2", "x", "#REF!", "spreadsheet_error", "correct the formula"),
    Case("quote-not-closed", "cameras.csv", c1("name", '"Gate'), ROW, "row 2", "", "C1", "broken_quotes", "double it"),
    Case("camera-outside-boundary", "cameras.csv", c1("x", "150"), ROW, "row 2", "x, y", "150, 10", "outside_boundary", "correct x and y, or the boundary"),
    Case("camera-on-another-continent", "cameras.csv", c1("y", "4400000"), ROW, "row 2", "x, y", "10, 4.4e+06", "too_far", "correct the coordinates"),
    Case("camera-inside-building", "cameras.csv", c1("x", "25").replace(",25,10,6,", ",25,30,6,"), ROW, "row 2", "x, y", "25, 30", "inside_obstacle", "put it on the roof"),
    Case("credential-unknown", "cameras.csv", c1("credential", "gaet"), ROW, "row 2", "credential", "gaet", "unknown_credential", "[credentials.NAME]"),
    Case("address-twice", "cameras.csv", camera("10.0.0.2", "10.0.0.1"), WARNING, "row 3", "address", "10.0.0.1", "duplicate_address", "correct the address"),
]
HEADERS = [
    Case("column-id-missing", "cameras.csv", camera("id,name", "nr,name"), FATAL, "row 1", "id", "", "missing_column", "add it"),
    Case("column-azimuth-missing", "cameras.csv", camera("azimuth_deg", "azm"), ROW, "row 1", "azimuth_deg", "", "missing_pose_column", "add it"),
    Case("column-misspelt", "cameras.csv", camera("night_range_m", "nigth_range_m"), WARNING, "row 1", "nigth_range_m", "", "misspelt_column", "did you mean night_range_m?"),
    Case("column-twice", "cameras.csv", camera("installed_on", "name"), ROW, "row 1", "name", "", "duplicate_column", "keep one"),
    Case("column-password", "cameras.csv", camera("installed_on", "密码"), ROW, "row 1", "密码", "", "password_column", "credentials.NAME"),
    Case("rows-missing", "cameras.csv", HEADER + "\n", WARNING, "", "", "", "no_rows", "one row for each camera"),
]
WHOLE_FILES = [
    Case("neither-utf8-nor-gb18030", "cameras.csv", HEADER.encode() + b"\nC1,\xff\xfe\xff\n", FATAL, "line 2", "", r"\xff\xfe\xff\n", "bad_encoding", "save the file as UTF-8"),
    Case("utf16", "cameras.csv", CAMERAS.encode("utf-16"), FATAL, "", "", "", "utf16", "CSV UTF-8"),
    Case("empty-ledger", "cameras.csv", b"", FATAL, "", "", "", "file_empty", "fill it in or remove it"),
    Case("only-blanks", "cameras.csv", b" \r\n \n", FATAL, "", "", "", "file_empty", "fill it in or remove it"),
    Case("only-a-byte-order-mark", "cameras.csv", b"\xef\xbb\xbf", FATAL, "", "", "", "file_empty", "fill it in or remove it"),
    Case("empty-map", "map.geojson", b"", FATAL, "", "", "", "file_empty", "fill it in or remove it"),
    Case("empty-settings", "site.toml", b"", FATAL, "", "", "", "file_empty", "fill it in or remove it"),
    Case("map-truncated", "map.geojson", MAP[:500], FATAL, "line 4", "", "", "json_broken", "as GeoJSON"),
    Case("map-nested-too-deep", "map.geojson", "[" * 100_000, FATAL, "", "", "", "json_broken", "as GeoJSON"),
    Case("map-is-a-list", "map.geojson", "[1, 2]", FATAL, "", "", "", "not_a_feature_collection", "export the layer"),
    Case("settings-not-toml", "site.toml", 'name = "x', FATAL, "", "", "", "toml_broken", "correct this line"),
]
FEATURES = [
    Case("level-unknown", "map.geojson", on_map('"recognise"', '"recognize"'), ROW, "feature 3 (K1)", "level", "recognize", "unknown_level", "recognise"),
    Case("level-negative", "map.geojson", on_map('"level": 25', '"level": -25'), ROW, "feature 4 (K2)", "level", "-25", "unknown_level", "above 0"),
    Case("level-missing", "map.geojson", on_map('"level": 25, ', ""), ROW, "feature 4 (K2)", "level", "", "required_empty", "px/m above 0"),
    Case("place-id-twice", "map.geojson", on_map('"id": "K2"', '"id": "K1"'), ROW, "feature 4 (K1)", "id", "K1", "duplicate_id", "give each its own"),
    Case("outline-crosses-itself", "map.geojson", on_map(SQUARE, BOW_TIE), ROW, "feature 4 (K2)", "geometry", "", "self_crossing", "(70, 70)"),
    Case("outline-without-area", "map.geojson", on_map(HOUSE, "[[[20,20],[30,20],[40,20],[20,20]]]"), ROW, "feature 2 (B1)", "geometry", "", "zero_area", "draw it anew"),
    Case("outline-of-two-points", "map.geojson", on_map(HOUSE, "[[[20,20],[30,20],[20,20]]]"), ROW, "feature 2 (B1)", "geometry", "", "too_few_points", "at least 3"),
    Case("outline-with-hole-outside", "map.geojson", on_map(SQUARE, SQUARE[:-1] + ",[[0,0],[1,0],[1,1],[0,0]]]"), ROW, "feature 4 (K2)", "geometry", "", "rings_wrong", "inside its outline"),
    Case("coordinate-NaN", "map.geojson", on_map("[10, 25]", "[NaN, 25]"), ROW, "feature 3 (K1)", "geometry", "", "not_finite", "finite"),
    Case("coordinate-text", "map.geojson", on_map("[10, 25]", '["10", "25"]'), ROW, "feature 3 (K1)", "geometry", "", "bad_coordinates", "[x, y]"),
    Case("coordinate-huge", "map.geojson", on_map("[10, 25]", "[1e300, 25]"), ROW, "feature 3 (K1)", "geometry", "", "coordinate_too_large", "[x, y]"),
    Case("boundary-enormous", "map.geojson", on_map("[[[0,0],[100,0],[100,100],[0,100],[0,0]]]", "[[[-1e7,-1e7],[1e7,-1e7],[1e7,1e7],[-1e7,1e7],[-1e7,-1e7]]]"), ROW, "feature 1", "geometry", "", "too_far", "correct the coordinates"),
    Case("coordinate-far", "map.geojson", on_map("[10, 25]", "[1e7, 25]"), ROW, "feature 3 (K1)", "geometry", "", "too_far", "correct the coordinates"),
    Case("obstacle-is-a-line", "map.geojson", on_map(f'"Polygon", "coordinates": {HOUSE}', '"LineString", "coordinates": [[20,20],[30,20]]'), ROW, "feature 2 (B1)", "geometry", "", "wrong_geometry", "Polygon or MultiPolygon"),
    Case("obstacle-without-top", "map.geojson", on_map(', "top_m": 8', ""), ROW, "feature 2 (B1)", "top_m", "", "required_empty", "height of its top"),
    Case("obstacle-upside-down", "map.geojson", on_map('"base_m": 0, "top_m": 8', '"base_m": 8, "top_m": 2'), ROW, "feature 2 (B1)", "top_m", "2.0", "top_below_base", "higher than the base"),
    Case("target-upside-down", "map.geojson", on_map('"z0_m": 0, "z1_m": 1.8', '"z0_m": 2, "z1_m": 1'), ROW, "feature 4 (K2)", "z0_m", "2.0", "ends_swapped", "swap the two"),
    Case("priority-7", "map.geojson", on_map('"priority": 1', '"priority": 7'), ROW, "feature 3 (K1)", "priority", "7", "out_of_range", "1 (highest), 2 or 3"),
    Case("kind-unknown", "map.geojson", on_map('"kind": "lit_area"', '"kind": "lamp"'), ROW, "feature 5 (L1)", "kind", "lamp", "unknown_kind", "lit_area"),
    Case("kind-missing", "map.geojson", on_map('"kind": "lit_area", ', ""), ROW, "feature 5 (L1)", "kind", "", "unknown_kind", "lit_area"),
    Case("geometry-null", "map.geojson", on_map('{"type": "Point", "coordinates": [10, 25]}', "null"), ROW, "feature 3 (K1)", "", "", "no_geometry", "draw it"),
    Case("property-is-a-list", "map.geojson", on_map('"owner": "保卫科"', '"owner": ["a", "b"]'), ROW, "feature 3 (K1)", "owner", "['a', 'b']", "not_one_value", "list or table"),
    Case("property-misspelt", "map.geojson", on_map('"z1_m": 1.8', '"redundency": 2'), WARNING, "feature 4 (K2)", "redundency", "", "misspelt_column", "did you mean redundancy?"),
    Case("place-inside-building", "map.geojson", on_map("[10, 25]", "[25, 30]"), WARNING, "feature 3 (K1)", "geometry", "", "place_inside_obstacle", "B1"),
    Case("outline-touches-itself", "map.geojson", on_map(SQUARE, "[[[60,60],[80,60],[80,80],[60,80],[60,60],[65,70],[65,65],[60,60]]]"), WARNING, "feature 4 (K2)", "geometry", "", "ring_touches_itself", "draw it anew"),
    Case("outline-not-closed", "map.geojson", on_map(SQUARE, SQUARE.replace(",[60,60]]]", "]]")), WARNING, "feature 4 (K2)", "geometry", "", "ring_closed", "repeat that point"),
]
SETTINGS = [
    Case("name-missing", "site.toml", SITE.replace('name = "小矿 Small mine"\n', ""), FATAL, "name", "", "", "key_missing", 'name = "…"'),
    Case("name-is-a-number", "site.toml", SITE.replace('"小矿 Small mine"', "7"), FATAL, "name", "", "7", "not_text", 'name = "…"'),
    Case("key-unknown", "site.toml", setting('langauge = "zh"'), FATAL, "langauge", "", "zh", "unknown_key", "correct its spelling"),
    Case("language-unknown", "site.toml", setting('language = "fr"'), FATAL, "language", "", "fr", "not_one_of", "zh or en"),
    Case("time-zone-unknown", "site.toml", SITE.replace("Asia/Shanghai", "Asia/Beijing2"), FATAL, "time_zone", "", "Asia/Beijing2", "unknown_time_zone", "Asia/Shanghai"),
    Case("crs-unknown", "site.toml", setting('crs = "EPSG:999999"'), FATAL, "crs", "", "EPSG:999999", "unknown_crs", "EPSG:4546"),
    Case("crs-does-not-fit", "site.toml", setting('crs = "EPSG:4546"'), FATAL, "crs", "", "EPSG:4546", "crs_does_not_fit", "in which it was drawn"),
    Case("latitude-of-longitude", "site.toml", SITE.replace("40.0", "113.0", 1), FATAL, "latitude", "", "113.0", "out_of_range", "-90 to 90"),
    Case("sun-without-position", "site.toml", 'name = "x"\n[day]\nrule = "sun"\n', FATAL, "day.rule", "", "", "sun_without_position", "latitude and longitude"),
    Case("clock-25-hours", "site.toml", section('[day]\nsunrise = "25:00"'), FATAL, "day.sunrise", "", "25:00", "bad_clock", "06:30"),
    Case("interval-in-words", "site.toml", section('[probing]\nliveness_s = "fast"'), FATAL, "probing.liveness_s", "", "fast", "not_a_number", "seconds"),
    Case("interval-0", "site.toml", section("[probing]\nliveness_s = 0"), FATAL, "probing.liveness_s", "", "0", "out_of_range", "seconds, 1 to"),
    Case("limit-0", "site.toml", section("[limits.recorder.N1]\nsessions = 0"), FATAL, "limits.recorder.N1.sessions", "", "0", "out_of_range", "1 to 10000"),
    Case("limit-of-nothing", "site.toml", section("[limits.link.R9]\nmbit_s = 20"), WARNING, "limits.link", "link", "R9", "limit_of_nothing", "column link"),
    Case("reference-without-port", "site.toml", section('[self_check]\nreference = "10.0.0.1"'), FATAL, "self_check.reference", "", "10.0.0.1", "bad_host_and_port", "10.0.0.1:80"),
    Case("own-camera-in-words", "site.toml", section('[self_check]\nown_camera = "no"'), FATAL, "self_check.own_camera", "", "no", "not_one_of", "true or false"),
    Case("fault-unknown", "site.toml", section("[probing.faults.blak]\nconfirm_after = 3"), FATAL, "probing.faults", "", "blak", "unknown_fault", "black"),
    Case("check-unknown", "site.toml", section("[thresholds.timeout]\nx = 3"), FATAL, "thresholds", "", "timeout", "unknown_check", "blur"),
    Case("fingerprint-broken", "site.toml", section('[tls]\ntrusted = ["3F:5A"]'), FATAL, "tls.trusted.0", "", "3F:5A", "bad_fingerprint", "64 hexadecimal"),
    Case("login-of-two-sources", "site.toml", section('[credentials.x]\nenv = "A"\nfile = "b"'), FATAL, "credentials.x", "", "", "one_login_source", "either env or file"),
    Case("login-password-in-file", "site.toml", section('[credentials.x]\npassword = "s3cret"'), FATAL, "credentials.x.password", "", "", "password_in_settings", "env ="),
    Case("pose-grade-unknown", "site.toml", section("[pose.guessed]\nazimuth_sd_deg = 5"), FATAL, "pose.guessed", "", "", "unknown_key", "correct its spelling"),
    Case("pose-key-unknown", "site.toml", section("[pose.ledger]\nazimuth_sd = 5"), FATAL, "pose.ledger.azimuth_sd", "", "5", "unknown_key", "correct its spelling"),
    Case("pose-grade-is-a-number", "site.toml", section("[pose]\nledger = 5"), FATAL, "pose.ledger", "", "5", "not_a_section", "[pose.GRADE]"),
    Case("pose-deviation-negative", "site.toml", section("[pose.ledger]\nazimuth_sd_deg = -1"), FATAL, "pose.ledger.azimuth_sd_deg", "", "-1", "out_of_range", "0 to 180"),
    Case("pose-deviation-91-degrees-of-tilt", "site.toml", section("[pose.walked]\ntilt_sd_deg = 91"), FATAL, "pose.walked.tilt_sd_deg", "", "91", "out_of_range", "0 to 90"),
    Case("pose-deviation-in-words", "site.toml", section('[pose.declared]\nhfov_sd_pct = "10 %"'), FATAL, "pose.declared.hfov_sd_pct", "", "10 %", "not_a_number", "0 to 100"),
    Case("pose-deviation-infinite", "site.toml", section("[pose.ledger]\nroll_sd_deg = inf"), FATAL, "pose.ledger.roll_sd_deg", "", "inf", "not_finite", "0 to 180"),
    Case("cost-negative", "site.toml", section("[lifecycle.cost]\nclean = -1"), FATAL, "lifecycle.cost.clean", "", "-1", "out_of_range", "0 or more"),
    Case("plan-upside-down", "site.toml", section("[plan]\nbounds = [0, 0, -5, 5]"), FATAL, "plan", "", "", "bad_bounds", "min x, min y"),
]
LISTS = [
    Case("declared-camera-unknown", "declared.csv", "place,camera\nK1,c1\n", ROW, "row 2", "camera", "c1", "unknown_camera", 'did you mean "C1"?'),
    Case("declared-place-unknown", "declared.csv", "place,camera\nK9,C1\n", ROW, "row 2", "place", "K9", "unknown_place", "map.geojson"),
    Case("declared-column-missing", "declared.csv", "place\nK1\n", FATAL, "row 1", "camera", "", "missing_column", "id of a camera"),
    Case("preset-two-homes", "presets.csv", PRESETS.replace("30,no", "30,yes"), ROW, "row 3", "home", "东 east", "second_home", "mark one only"),
    Case("mask-camera-unknown", "masks.csv", MASKS.replace("C2", "c2"), ROW, "row 3", "camera", "c2", "unknown_camera", 'did you mean "C2"?'),
    Case("mask-column-missing", "masks.csv", "camera,name\nC1,x\n", FATAL, "row 1", "points", "", "missing_column", "at least three points"),
    Case("mask-without-points", "masks.csv", mask(""), ROW, "row 2", "points", "", "required_empty", "0.1 0.2; 0.4 0.2; 0.4 0.5"),
    Case("mask-two-points", "masks.csv", mask("0.1 0.1; 0.2 0.2"), ROW, "row 2", "points", "0.1 0.1; 0.2 0.2", "too_few_points", "at least 3"),
    Case("mask-one-point-thrice", "masks.csv", mask("0.1 0.1; 0.1 0.1; 0.2 0.2; 0.1 0.1"), ROW, "row 2", "points", "0.1 0.1; 0.1 0.1; 0.2 0.2; 0.1 0.1", "too_few_points", "at least 3"),
    Case("mask-of-too-many-points", "masks.csv", mask(";".join(f"0.5 .{n:03}" for n in range(201))), ROW, "row 2", "points", ";".join(f"0.5 .{n:03}" for n in range(201))[:80] + "…", "too_many_points", "more than 200"),
    Case("mask-in-letters", "masks.csv", mask("a b; c d; e f"), ROW, "row 2", "points", "a b; c d; e f", "not_a_number", "shares of its width and height"),
    Case("mask-not-finite", "masks.csv", mask("nan 0; 0 1; 1 1"), ROW, "row 2", "points", "nan 0; 0 1; 1 1", "not_a_number", "at least three points"),
    Case("mask-three-numbers-a-point", "masks.csv", mask("0.1 0.1 0.2; 0.2 0.2; 0.3 0.1"), ROW, "row 2", "points", "0.1 0.1 0.2; 0.2 0.2; 0.3 0.1", "not_a_pair", '"0.1 0.1 0.2" is not one point'),
    Case("mask-outside", "masks.csv", mask("0.1 0.1; 1.2 0.1; 0.3 0.3"), ROW, "row 2", "points", "0.1 0.1; 1.2 0.1; 0.3 0.3", "outside_picture_shares", "(1.2, 0.1) is outside"),
    Case("mask-left-of-picture", "masks.csv", mask("-5 0; 9 0; 9 9", "1920x1080"), ROW, "row 2", "points", "-5 0; 9 0; 9 9", "outside_picture", "1920x1080 pixels"),
    Case("mask-pixels-without-size", "masks.csv", mask("100 100; 400 100; 400 300"), ROW, "row 2", "points", "100 100; 400 100; 400 300", "outside_picture_shares", "for pixels fill in the column size"),
    Case("mask-shares-with-size", "masks.csv", mask("0.1 0.1; 0.4 0.1; 0.4 0.3", "1920x1080"), ROW, "row 2", "points", "0.1 0.1; 0.4 0.1; 0.4 0.3", "shares_with_size", "clear size"),
    Case("mask-size-is-a-name", "masks.csv", mask("100 100; 400 100; 400 300", "4K"), ROW, "row 2", "size", "4K", "bad_resolution", "1920x1080"),
    Case("mask-crossing", "masks.csv", mask("0 0; 0.4 0.4; 0.4 0; 0 0.4"), ROW, "row 2", "points", "0 0; 0.4 0.4; 0.4 0; 0 0.4", "self_crossing", "(0.2, 0.2)"),
    Case("mask-touching-itself", "masks.csv", mask("0.1 0.1; 0.3 0.1; 0.2 0.2; 0.3 0.3; 0.1 0.3; 0.2 0.2"), WARNING, "row 2", "points", "0.1 0.1; 0.3 0.1; 0.2 0.2; 0.3 0.3; 0.1 0.3; 0.2 0.2", "ring_touches_itself", "repaired"),
    Case("mask-flat", "masks.csv", mask("0.1 0.1; 0.2 0.1; 0.3 0.1"), ROW, "row 2", "points", "0.1 0.1; 0.2 0.1; 0.3 0.1", "zero_area", "no area"),
    Case("mask-twice", "masks.csv", MASKS.replace("C2,", "C1,").replace('"0,0; 640,0; 640,360",2560x1440', "0.3 0.2; 0.1 0.2; 0.1 0.1; 0.3 0.1,"), WARNING, "row 3", "points", "0.3 0.2; 0.1 0.2; 0.1 0.1; 0.3 0.1", "duplicate_row", "said twice"),
    Case("mask-over-all", "masks.csv", mask("0 0; 1 0; 1 1; 0 1"), WARNING, "row 2", "camera", "C1", "picture_all_masked", "covers no place"),
    Case("mask-without-pose", "masks.csv", MASKS + "C4,,0 0; 1 0; 1 0.5,\n", ROW, "row 4", "camera", "C4", "unknown_camera", "camera list"),
    Case("catalog-price-in-words", "catalog.csv", CATALOG.replace('"1,980"', "cheap"), ROW, "row 2", "price", "cheap", "not_a_number", "price"),
    Case("catalog-angles-swapped", "catalog.csv", CATALOG.replace("28,98", "98,28"), ROW, "row 2", "hfov_min_deg", "98", "ends_swapped", "hfov_max_deg"),
    Case("catalog-model-twice", "catalog.csv", CATALOG.replace("\nM2", "\nM1"), ROW, "row 3", "model", "M1", "duplicate_id", "row 2"),
]
# fmt: on
CASES = CELLS + HEADERS + WHOLE_FILES + FEATURES + SETTINGS + LISTS
