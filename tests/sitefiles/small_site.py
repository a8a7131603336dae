"""The files of a small site without a mistake."""

from collections.abc import Mapping

# ruff: noqa: E501 one feature, one line

SITE = """\
name = "小矿 Small mine"
time_zone = "Asia/Shanghai"
latitude = 40.0
longitude = 113.0

[credentials.gate]
env = "GATE_LOGIN"

[contacts."保卫科"]
name = "Ann"
phone = "000-0000-1"
"""
CAMERAS = """\
id,name,model,x,y,lens_height_m,azimuth_deg,tilt_deg,hfov_deg,resolution,projection,night_range_m,address,credential,installed_on
C1,大门 Gate,M1,10,10,6,0,10,60,1920x1080,rectilinear,30,10.0.0.1,gate,2021-05-03
C2,煤场 Yard,M1,90,10,6,315,20,90,2560x1440,,,10.0.0.2,gate,
C3,车间顶 Ceiling,M2,50,60,5,0,90,180,2048x2048,fisheye,15,10.0.0.3,gate,2022-01-31
"""
MAP = """\
{"type": "FeatureCollection", "features": [
{"type": "Feature", "properties": {"kind": "boundary"}, "geometry": {"type": "Polygon", "coordinates": [[[0,0],[100,0],[100,100],[0,100],[0,0]]]}},
{"type": "Feature", "properties": {"kind": "obstacle", "id": "B1", "base_m": 0, "top_m": 8}, "geometry": {"type": "Polygon", "coordinates": [[[20,20],[30,20],[30,40],[20,40],[20,20]]]}},
{"type": "Feature", "properties": {"kind": "key_place", "id": "K1", "name": "大门", "level": "recognise", "priority": 1, "owner": "保卫科"}, "geometry": {"type": "Point", "coordinates": [10, 25]}},
{"type": "Feature", "properties": {"kind": "key_place", "id": "K2", "name": "煤场", "level": 25, "z0_m": 0, "z1_m": 1.8}, "geometry": {"type": "Polygon", "coordinates": [[[60,60],[80,60],[80,80],[60,80],[60,60]]]}},
{"type": "Feature", "properties": {"kind": "lit_area", "id": "L1"}, "geometry": {"type": "Polygon", "coordinates": [[[55,55],[85,55],[85,85],[55,85],[55,55]]]}},
{"type": "Feature", "properties": {"kind": "mounting_place", "id": "M1", "height_m": 6}, "geometry": {"type": "Point", "coordinates": [95, 95]}}
]}
"""
DECLARED = "place,camera\nK1,C1\n"
PRESETS = "camera,preset,azimuth_deg,tilt_deg,hfov_deg,home\nC1,北 north,0,10,60,yes\nC1,东 east,90,10,30,no\n"
MASKS = 'camera,name,points,size\nC1,宿舍窗 windows,0.1 0.1; 0.3 0.1; 0.3 0.2; 0.1 0.2,\nC2,,"0,0; 640,0; 640,360",2560x1440\n'
CATALOG = (
    "model,maker,resolution,hfov_min_deg,hfov_max_deg,night_range_m,price,end_of_life,available\n"
    'M1,Northstar,1920x1080,28,98,40,"1,980",2029-12-31,yes\n'
    "M2,Northstar,2048x2048,180,180,15,2280,,yes\n"
)
FILES: Mapping[str, str] = {
    "site.toml": SITE,
    "cameras.csv": CAMERAS,
    "map.geojson": MAP,
    "declared.csv": DECLARED,
    "presets.csv": PRESETS,
    "catalog.csv": CATALOG,
}
