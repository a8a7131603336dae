"""What the locks pin, and that every dependency has its reason on paper."""

import configparser
import re
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def named(repository):
    """Names in setup.cfg: at run time, for development, beside ours in benchmarks."""
    config = configparser.ConfigParser()
    config.read(repository / "setup.cfg", encoding="utf-8")
    return {
        "run": names(config["options"]["install_requires"]),
        "dev": names(config["options.extras_require"]["dev"]),
        "bench": names(config["options.extras_require"]["bench"]),
    }


def names(lines: str) -> list[str]:
    return [re.match(r"[A-Za-z0-9._-]+", line)[0] for line in lines.strip().splitlines()]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lock: Path) -> dict[str, list[str]]:
    """Name -> hashes of each pinned requirement."""
    found: dict[str, list[str]] = {}
    current = ""
    for line in lock.read_text("utf-8").splitlines():
        if match := re.match(r"([A-Za-z0-9._-]+)==\S+", line):
            current = normal(match[1])
            found[current] = []
        if match := re.search(r"--hash=(sha256:[0-9a-f]{64})", line):
            found[current].append(match[1])
    return found


@pytest.mark.parametrize("lock", ["run.txt", "dev.txt"])
def test_locks_carry_no_address_and_a_hash_for_everything(repository, lock):
    text = (repository / "locks" / lock).read_text("utf-8")
    assert not re.findall(r"https?://|--index-url|--find-links|git\+", text)
    pinned = pins(repository / "locks" / lock)
    assert pinned
    assert not [name for name, hashes in pinned.items() if not hashes]


def test_locks_pin_everything_that_setup_cfg_names(repository, named):
    run, dev = (pins(repository / "locks" / name) for name in ("run.txt", "dev.txt"))
    assert not [name for name in named["run"] if normal(name) not in run]
    assert not [name for name in named["dev"] if normal(name) not in dev]


def test_both_locks_agree(repository):
    def versions(name):
        text = (repository / "locks" / name).read_text("utf-8")
        return dict(re.findall(r"(?m)^([A-Za-z0-9._-]+)==([^\s;\\]+)", text))

    run, dev = versions("run.txt"), versions("dev.txt")
    assert not {name for name in run.keys() & dev.keys() if run[name] != dev[name]}


@pytest.mark.parametrize(
    ("section", "heading"),
    [("run", "At run time"), ("dev", "For tests and development"), ("bench", "Peers of a benchmark")],
)
def test_every_dependency_has_reason_licence_and_upkeep(repository, named, section, heading):
    page = (repository / "docs" / "dependencies.md").read_text("utf-8")
    table = page.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("|")
    ]
    assert sorted(row[0] for row in rows[2:]) == sorted(named[section])
    assert all(len(row) == 4 and all(row) for row in rows)
