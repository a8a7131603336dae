"""A drawing and a ledger become a site that `cammon check` accepts and `cammon coverage` answers for."""

import json
import subprocess
import sys

import ezdxf


def cammon(*arguments):
    return subprocess.run([sys.executable, "-m", "cammon", *map(str, arguments)], capture_output=True, text=True)


def test_from_a_drawing_and_a_ledger_to_coverage(tmp_path, make_folder):
    site = make_folder("EPSG:4546", cameras="id\n")
    drawing = ezdxf.new("R2010")
    drawing.header["$INSUNITS"] = 6
    space = drawing.modelspace()
    x, y = 508_532.0, 4_435_000.0
    for layer, left, right in (("墙", 40, 42), ("门", 10, 14), ("后", 60, 64)):
        corners = [(x + left, y - 5), (x + right, y - 5), (x + right, y + 5), (x + left, y + 5)]
        space.add_lwpolyline(corners, close=True, dxfattribs={"layer": layer})
    drawing.saveas(tmp_path / "plan.dxf")
    layers = "墙=obstacle:0,12,门=key_place,后=key_place"
    done = cammon("import", "dxf", tmp_path / "plan.dxf", "--into", site, "--layers", layers, "--level", "detect")
    assert (done.returncode, done.stderr) == (0, "")
    ledger = tmp_path / "ledger.csv"
    ledger.write_bytes(f"编号,横坐标,纵坐标,安装高度(米),监控方位,密码\nC1,{x},{y},6,东,s3cret\n".encode("gbk"))
    done = cammon("import", "cameras", ledger, "--into", site, "--assume", "tilt_deg=15,hfov_deg=90,resolution=1080p")
    assert (done.returncode, done.stderr) == (0, "")
    done = cammon("check", site)
    assert done.returncode == 0, done.stderr
    done = cammon("coverage", site, "--json")
    places = {place["id"]: place for place in json.loads(done.stdout)["key_places"]}
    shares = {name.split("-")[0]: place["design"]["day"]["share"] for name, place in places.items()}
    assert shares == {"门": 1.0, "后": 0.0}
