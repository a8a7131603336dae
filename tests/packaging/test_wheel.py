"""The wheel holds everything that a running cammon needs."""

import shutil
import subprocess
import sys
import zipfile

import pytest

ROOMS = {"cammon": "cammon", "coverage/cammon_coverage": "cammon_coverage", "probes/cammon_probes": "cammon_probes"}
ROOMS |= {"web/cammon_web": "cammon_web", "config": "cammon_config"}
KINDS = {
    ".py",
    ".html",
    ".css",
    ".js",
    ".svg",
    ".po",
    ".mako",
    ".typed",
    ".toml",
    ".csv",
    ".geojson",
    ".yml",
    ".ico",
    ".png",
}


@pytest.fixture(scope="module")
def wheel(repository, tmp_path_factory):
    """The files of a wheel that was built from a copy of what git tracks or would track."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    for name in tracked(repository):
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(repository / name, target)
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return frozenset(archive.namelist())


def tracked(repository):
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in done.stdout.splitlines() if (repository / name).is_file()]


def test_every_module_template_and_data_file_is_in_the_wheel(repository, wheel):
    missing = []
    for name in tracked(repository):
        for folder, package in ROOMS.items():
            wanted = name.removeprefix(f"{folder}/")
            if wanted != name and any(name.endswith(kind) for kind in KINDS):
                if f"{package}/{wanted}" not in wheel:
                    missing.append(name)
                break
    assert not missing


@pytest.mark.parametrize(
    "name",
    [
        "cammon/cli/__init__.py",
        "cammon/upgrades/export.py",
        "cammon_config/demo-mine/site.toml",
        "cammon_config/demo-mine/map.geojson",
        "cammon_config/prometheus/alerts.rules.yml",
        "cammon_config/alertmanager/alertmanager.yml",
        "cammon_web/templates/base.html",
        "cammon_web/translations/zh/LC_MESSAGES/messages.po",
    ],
)
def test_wheel_holds(wheel, name):
    assert name in wheel


def test_wheel_installs_nothing_of_another_name(wheel):
    tops = {name.split("/")[0] for name in wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(ROOMS.values())
