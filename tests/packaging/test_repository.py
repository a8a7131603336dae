"""What must never be committed, and which room may import which."""

import os
import re
import subprocess
import sys

import pytest

MOST_BYTES = 1_500_000
# Written in pieces so that this file does not find itself.
HOSTS = re.compile(
    "|".join(["py" + r"pi\.org", r"files\.python" + "hosted", r"registry\." + "npmjs", r"proxy\.golang" + r"\.org"])
)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:home|Users|" + "work" + r"/main|" + "root)" + r"/[\w.]+")


@pytest.fixture(scope="module")
def files(repository):
    done = subprocess.run(["git", "ls-files"], cwd=repository, capture_output=True, text=True, check=True)
    return [repository / name for name in done.stdout.splitlines() if (repository / name).is_file()]


@pytest.mark.parametrize(
    ("pattern", "excepted"),
    [
        pytest.param(HOSTS, (), id="package registries"),
        pytest.param(MACHINE_PATHS, (), id="paths of one machine"),
        pytest.param(
            re.compile(r"BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY"), ("test_repository.py",), id="private keys"
        ),
    ],
)
def test_no_file_holds(files, repository, pattern, excepted):
    found = [
        f"{file.relative_to(repository)}: {match.group(0)}"
        for file in files
        if file.name not in excepted
        for match in pattern.finditer(file.read_text("utf-8", errors="ignore"))
    ]
    assert not found


def test_no_file_is_large(files, repository):
    large = [str(file.relative_to(repository)) for file in files if file.stat().st_size > MOST_BYTES]
    assert not large


def test_nothing_that_runs_leave_behind_is_tracked(files, repository):
    left = re.compile(r"\.sqlite|\.pyc$|\.egg-info/|^build/|^dist/|\.log$")
    assert not [str(file) for file in files if left.search(str(file.relative_to(repository)))]


def test_import_contracts_hold(repository):
    rooms = os.pathsep.join(str(repository / name) for name in (".", "coverage", "probes", "web"))
    done = subprocess.run(
        [os.path.join(os.path.dirname(sys.executable), "lint-imports"), "--no-cache"],  # noqa: PTH118, PTH120
        cwd=repository,
        env={**os.environ, "PYTHONPATH": rooms},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "0 broken" in done.stdout
