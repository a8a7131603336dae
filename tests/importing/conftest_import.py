"""Sites to import into, and running `cammon import` as a person would."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from cammon.cli.import_ import import_
from cammon.problem import UserError

LEDGER_HEADER = "id,name,x,y,lens_height_m,azimuth_deg,tilt_deg,hfov_deg,resolution\nC0,,,,,,,,\n"


@dataclass(frozen=True)
class Ran:
    """What a command printed and how it ended: the lines on standard error only where the input was wrong."""

    status: int
    out: str
    errors: tuple[str, ...]

    @property
    def report(self):
        return json.loads(self.out)


def run(*arguments) -> Ran:
    done = CliRunner().invoke(import_, [str(argument) for argument in arguments])
    if isinstance(done.exception, UserError):
        return Ran(2, done.stdout, done.exception.lines)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Ran(done.exit_code, done.stdout, tuple(done.stderr.splitlines()))


@pytest.fixture
def make_folder(tmp_path: Path):
    """A site folder: its coordinate system, the features of its map, its ledger."""

    def make(crs: str = "local", features=(), cameras: str = LEDGER_HEADER, name: str = "site") -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / "site.toml").write_text(f'name = "Site"\ncrs = "{crs}"\n', "utf-8")
        (folder / "cameras.csv").write_text(cameras, "utf-8")
        if features:
            collection = {"type": "FeatureCollection", "features": list(features)}
            (folder / "map.geojson").write_text(json.dumps(collection), "utf-8")
        return folder

    return make


def feature(kind: str, geometry: dict, **properties) -> dict:
    return {"type": "Feature", "properties": {"kind": kind, **properties}, "geometry": geometry}


def features_of(folder: Path) -> list[dict]:
    return json.loads((folder / "map.geojson").read_text("utf-8"))["features"]
